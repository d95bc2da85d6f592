//! Metadata: reading an IdP's, writing ours (saml-metadata 2).
//!
//! An IdP's document is read from the tree, not through samael's types: those go by local names
//! and refuse what ADFS and others publish beside the SAML 2.0 role. Ours is written by samael.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use samael::metadata::{
    EncryptionMethod, EntityDescriptor, IndexedEndpoint, KeyDescriptor, SpSsoDescriptor,
};
use samael::traits::ToXml as _;
use thiserror::Error;
use uppsala::{Document, NodeId};
use url::{Host, Url};

use super::encryption::{Cipher, KeyTransport};
use super::key::SpKey;
use super::xml::{self, ns};
use crate::config::Binding;

/// The largest metadata document that is read, in bytes; one IdP's has a few thousand.
pub const MAX_BYTES: usize = 1024 * 1024;

const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const REDIRECT_BINDING: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const POST_BINDING: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// What an IdP's metadata says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdpMetadata {
    /// The entity ID.
    pub entity_id: String,
    /// Where AuthnRequests go, by the bindings that it offers and we speak; at least one.
    pub single_sign_on: Vec<(Binding, Url)>,
    /// The certificates of the keys that may sign, DER.
    pub signing_certificates: Vec<Vec<u8>>,
}

/// A metadata document that cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum MetadataError {
    /// Larger than [`MAX_BYTES`].
    #[error("the document is larger than {MAX_BYTES} bytes")]
    TooLarge,
    /// Not XML, or with a document type declaration.
    #[error("the document is not well-formed XML without a DTD: {0}")]
    Xml(String),
    /// No or more than one entity with an IDPSSODescriptor for SAML 2.0.
    #[error("the document must hold exactly one SAML 2.0 identity provider; it holds {0}")]
    Entities(usize),
    /// No entity ID.
    #[error("the identity provider has no entityID")]
    NoEntityId,
    /// No usable single sign-on service.
    #[error(
        "the identity provider has no SingleSignOnService with the HTTP-Redirect or HTTP-POST binding"
    )]
    NoSingleSignOn,
    /// The location is not one to send people to.
    #[error("the SingleSignOnService is not an https URL (http only on a loopback address): {0}")]
    Location(String),
    /// No key to verify signatures with.
    #[error("the identity provider has no signing certificate")]
    NoSigningCertificate,
    /// A certificate is not base64.
    #[error("a signing certificate is not base64")]
    Certificate,
}

impl IdpMetadata {
    /// Reads a document that holds one IdP.
    pub fn parse(text: &str) -> Result<Self, MetadataError> {
        if text.len() > MAX_BYTES {
            return Err(MetadataError::TooLarge);
        }
        let document = uppsala::parser::Parser::new()
            .with_max_depth(xml::MAX_DEPTH)
            .with_forbid_dtd(true)
            .parse(text.trim_start_matches('\u{feff}'))
            .map_err(|error| MetadataError::Xml(error.to_string()))?;
        let roles = idp_roles(&document);
        let &[role] = roles.as_slice() else {
            return Err(MetadataError::Entities(roles.len()));
        };
        let entity_id = document
            .parent(role)
            .and_then(|entity| xml::attribute(&document, entity, "entityID"))
            .filter(|id| !id.is_empty())
            .ok_or(MetadataError::NoEntityId)?;
        Ok(Self {
            entity_id: entity_id.to_owned(),
            single_sign_on: single_sign_on(&document, role)?,
            signing_certificates: signing_certificates(&document, role)?,
        })
    }
}

fn idp_roles(document: &Document<'_>) -> Vec<NodeId> {
    document
        .get_elements_by_tag_name_ns(ns::METADATA, "IDPSSODescriptor")
        .into_iter()
        .filter(|&role| {
            let protocols = xml::attribute(document, role, "protocolSupportEnumeration");
            protocols.is_some_and(|list| list.split_whitespace().any(|name| name == PROTOCOL))
        })
        .collect()
}

fn single_sign_on(
    document: &Document<'_>,
    role: NodeId,
) -> Result<Vec<(Binding, Url)>, MetadataError> {
    let mut found = Vec::new();
    for (binding, name) in [
        (Binding::Redirect, REDIRECT_BINDING),
        (Binding::Post, POST_BINDING),
    ] {
        let service = xml::children_named(document, role, ns::METADATA, "SingleSignOnService")
            .find(|&service| xml::attribute(document, service, "Binding") == Some(name));
        let location = service.and_then(|service| xml::attribute(document, service, "Location"));
        if let Some(location) = location {
            found.push((binding, self::location(location)?));
        }
    }
    if found.is_empty() {
        Err(MetadataError::NoSingleSignOn)
    } else {
        Ok(found)
    }
}

fn location(text: &str) -> Result<Url, MetadataError> {
    let refused = || MetadataError::Location(text.chars().take(200).collect());
    let url = Url::parse(text).map_err(|_| refused())?;
    if is_safe(&url) {
        Ok(url)
    } else {
        Err(refused())
    }
}

/// `https:`, or `http:` to this machine: people are sent there, and requests with them.
fn is_safe(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" && url.host().is_some() || url.scheme() == "http" && loopback
}

/// The certificates of keys for signing or for any use.
fn signing_certificates(
    document: &Document<'_>,
    role: NodeId,
) -> Result<Vec<Vec<u8>>, MetadataError> {
    let mut certificates = Vec::new();
    for key in xml::children_named(document, role, ns::METADATA, "KeyDescriptor") {
        if xml::attribute(document, key, "use") == Some("encryption") {
            continue;
        }
        for info in xml::children_named(document, key, ns::SIGNATURE, "KeyInfo") {
            for data in xml::children_named(document, info, ns::SIGNATURE, "X509Data") {
                for node in xml::children_named(document, data, ns::SIGNATURE, "X509Certificate") {
                    certificates.push(certificate(document, node)?);
                }
            }
        }
    }
    if certificates.is_empty() {
        Err(MetadataError::NoSigningCertificate)
    } else {
        Ok(certificates)
    }
}

fn certificate(document: &Document<'_>, node: NodeId) -> Result<Vec<u8>, MetadataError> {
    let text: String = document
        .text_content_deep(node)
        .split_whitespace()
        .collect();
    STANDARD
        .decode(text)
        .map_err(|_| MetadataError::Certificate)
}

/// What our metadata says.
#[derive(Clone, Copy, Debug)]
pub struct OurMetadata<'a> {
    /// The entity ID.
    pub entity_id: &'a str,
    /// The assertion consumer service.
    pub acs_url: &'a str,
    /// The key that signs requests.
    pub key: Option<&'a SpKey>,
    /// The key that assertions may be encrypted to.
    pub encryption_key: Option<&'a SpKey>,
    /// Whether some IdP may use AES-CBC.
    pub allow_cbc: bool,
}

impl OurMetadata<'_> {
    /// Writes it. It names exactly the algorithms that can be decrypted.
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

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: &str = "AQID";

    fn document(role: &str) -> String {
        format!(
            r#"<!-- ours --><md:EntityDescriptor xmlns:md="{}" xmlns:ds="{}" entityID="urn:idp">{role}</md:EntityDescriptor>"#,
            ns::METADATA,
            ns::SIGNATURE
        )
    }

    fn role(key: &str, location: &str) -> String {
        format!(
            r#"<md:IDPSSODescriptor protocolSupportEnumeration="{PROTOCOL}">{key}<md:SingleSignOnService Binding="{REDIRECT_BINDING}" Location="{location}"/></md:IDPSSODescriptor>"#
        )
    }

    fn key(attributes: &str) -> String {
        format!(
            "<md:KeyDescriptor {attributes}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n {CERTIFICATE}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        )
    }

    #[test]
    fn reads_entity_location_and_signing_keys() {
        let keys = format!("{}{}", key(""), key(r#"use="encryption""#));
        let read = IdpMetadata::parse(&document(&role(&keys, "https://idp.example.com/sso")));
        let expected = IdpMetadata {
            entity_id: "urn:idp".to_owned(),
            single_sign_on: vec![(
                Binding::Redirect,
                Url::parse("https://idp.example.com/sso").unwrap(),
            )],
            signing_certificates: vec![vec![1, 2, 3]],
        };
        assert_eq!(read, Ok(expected));
    }

    #[test]
    fn refuses_a_document_without_a_signing_key() {
        let only_encryption = role(&key(r#"use="encryption""#), "https://idp.example.com/");
        for role in [role("", "https://idp.example.com/"), only_encryption] {
            let read = IdpMetadata::parse(&document(&role));
            assert_eq!(read, Err(MetadataError::NoSigningCertificate));
        }
    }

    #[test]
    fn refuses_locations_that_people_must_not_be_sent_to() {
        for location in [
            "javascript:alert(1)",
            "http://idp.example.com/",
            "//x",
            "https:",
            "ftp://127.0.0.1/",
        ] {
            let read = IdpMetadata::parse(&document(&role(&key(""), location)));
            assert_eq!(
                read,
                Err(MetadataError::Location(location.to_owned())),
                "{location}"
            );
        }
        for location in [
            "http://127.0.0.1:8081/sso",
            "http://[::1]/sso",
            "http://localhost/sso",
        ] {
            let read = IdpMetadata::parse(&document(&role(&key(""), location)));
            assert!(read.is_ok(), "{location}: {read:?}");
        }
    }

    #[test]
    fn refuses_a_dtd_several_entities_and_five_megabytes() {
        let good = document(&role(&key(""), "https://idp.example.com/"));
        let dtd = format!("<!DOCTYPE x>{good}");
        assert!(matches!(
            IdpMetadata::parse(&dtd),
            Err(MetadataError::Xml(_))
        ));
        let two = format!(
            "<r>{0}{0}</r>",
            document(&role(&key(""), "https://idp.example.com/")).replace("<!-- ours -->", "")
        );
        assert_eq!(IdpMetadata::parse(&two), Err(MetadataError::Entities(2)));
        assert_eq!(IdpMetadata::parse("<r/>"), Err(MetadataError::Entities(0)));
        let large = format!("{good}<!--{}-->", "x".repeat(5 * 1024 * 1024));
        assert_eq!(IdpMetadata::parse(&large), Err(MetadataError::TooLarge));
    }
}
