//! Our own metadata, which samael serializes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use samael::metadata::{
    EncryptionMethod, Endpoint, EntityDescriptor, IndexedEndpoint, KeyDescriptor, SpSsoDescriptor,
};
use samael::traits::ToXml as _;

use super::PROTOCOL;
use crate::saml::binding::{POST_BINDING, REDIRECT_BINDING};
use crate::saml::encryption::{Cipher, KeyTransport};
use crate::saml::key::SpKey;

/// The content of our metadata.
#[derive(Clone, Copy, Debug)]
pub struct OurMetadata<'a> {
    /// Our entity ID.
    pub entity_id: &'a str,
    /// The URL of our assertion consumer service.
    pub acs_url: &'a str,
    /// The URL of our single logout service. It is left out of the metadata if [`Self::key`] is
    /// `None`, because logout messages must be signed.
    pub slo_url: &'a str,
    /// The key that signs our messages, if one is configured.
    pub key: Option<&'a SpKey>,
    /// The key with which IdPs may encrypt assertions, if one is configured.
    pub encryption_key: Option<&'a SpKey>,
    /// Whether at least one IdP may use AES-CBC.
    pub allow_cbc: bool,
}

impl OurMetadata<'_> {
    /// Serializes the metadata. If there is an encryption key, the metadata lists the encryption
    /// algorithms that we accept from at least one IdP.
    pub fn to_xml(self) -> Result<String, Box<dyn std::error::Error>> {
        let mut keys = Vec::new();
        if let Some(key) = self.key {
            keys.push(key_descriptor(key, "signing", None)?);
        }
        if let Some(key) = self.encryption_key {
            let methods = Some(encryption_methods(self.allow_cbc));
            keys.push(key_descriptor(key, "encryption", methods)?);
        }
        let role = SpSsoDescriptor {
            protocol_support_enumeration: Some(PROTOCOL.to_owned()),
            authn_requests_signed: Some(self.key.is_some()),
            want_assertions_signed: Some(true),
            key_descriptors: (!keys.is_empty()).then_some(keys),
            single_logout_services: self.key.map(|_| self.single_logout_services()),
            assertion_consumer_services: vec![IndexedEndpoint {
                binding: POST_BINDING.to_owned(),
                location: self.acs_url.to_owned(),
                index: 0,
                is_default: Some(true),
                response_location: None,
            }],
            ..SpSsoDescriptor::default()
        };
        EntityDescriptor {
            entity_id: Some(self.entity_id.to_owned()),
            sp_sso_descriptors: Some(vec![role]),
            ..EntityDescriptor::default()
        }
        .to_string()
    }

    fn single_logout_services(self) -> Vec<Endpoint> {
        let by = |binding: &str| Endpoint {
            binding: binding.to_owned(),
            location: self.slo_url.to_owned(),
            response_location: None,
        };
        vec![by(REDIRECT_BINDING), by(POST_BINDING)]
    }
}

fn encryption_methods(allow_cbc: bool) -> Vec<EncryptionMethod> {
    let ciphers = Cipher::ALL
        .into_iter()
        .filter(|cipher| allow_cbc || matches!(cipher, Cipher::Gcm(_)))
        .map(Cipher::uri);
    ciphers
        .chain(KeyTransport::URIS)
        .map(|algorithm| EncryptionMethod {
            algorithm: algorithm.to_owned(),
        })
        .collect()
}

fn key_descriptor(
    key: &SpKey,
    key_use: &str,
    encryption_methods: Option<Vec<EncryptionMethod>>,
) -> Result<KeyDescriptor, openssl::error::ErrorStack> {
    let certificate = STANDARD.encode(key.certificate_der()?);
    Ok(KeyDescriptor {
        key_use: Some(key_use.to_owned()),
        key_info: samael::key_info::KeyInfo {
            id: None,
            x509_data: Some(samael::key_info::X509Data {
                certificates: vec![certificate],
            }),
        },
        encryption_methods,
    })
}
