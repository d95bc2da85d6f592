//! An identity provider with fully configurable messages. The demo uses the default messages. Tests
//! change a detail of a message and sign the result.
//!
//! The steps are separate, so that a test can intervene between any two of them:
//!
//! ```text
//! EmbeddedIdp::response ─► ResponseSpec ─► xml_unsigned ─► sign (Assertion, then Response) ─► encode
//! ```

pub mod authn_request;
pub mod encryption;
pub mod key;
pub mod response;
pub mod signing;
pub mod sso;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use thiserror::Error;
use url::Url;

pub use self::encryption::{EncryptionError, EncryptionOptions, encrypt, encrypted};
pub use self::key::{Curve, SigningKey, SigningKeyError};
pub use self::response::{RelyingParty, ResponseSpec, xml_unsigned};
pub use self::signing::{Signed, SigningError, SigningOptions, sign};
use super::people::Person;
use crate::saml::{Trust, TrustError};

/// NameID formats (saml-core 8.3).
pub mod name_id_format {
    /// An opaque identifier that is the same at every sign-in. AWS recommends this format.
    pub const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
    /// An identifier that differs at every sign-in.
    pub const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
    /// An e-mail address.
    pub const EMAIL: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
}

/// Why the IdP, its metadata or a message could not be created.
#[derive(Debug, Error)]
pub enum IdpError {
    /// The template for a message or for the metadata could not be rendered.
    #[error("rendering the XML failed: {0}")]
    Template(#[from] askama::Error),
    /// The key could not be generated.
    #[error(transparent)]
    Key(#[from] SigningKeyError),
    /// The message could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The assertion could not be encrypted.
    #[error(transparent)]
    Encryption(#[from] EncryptionError),
}

/// An identity provider with its own signing key.
#[derive(Debug)]
pub struct EmbeddedIdp {
    entity_id: String,
    sso_url: Url,
    key: SigningKey,
}

impl EmbeddedIdp {
    /// Creates an IdP with this entity ID, this single sign-on URL, a new 2048-bit RSA key, and a
    /// self-signed certificate that is valid from `now`.
    pub fn new(entity_id: &str, sso_url: Url, now: DateTime<Utc>) -> Result<Self, IdpError> {
        Ok(Self::with_key(
            entity_id,
            sso_url,
            SigningKey::rsa(2048, now)?,
        ))
    }

    /// An IdP that signs with `key`.
    pub fn with_key(entity_id: &str, sso_url: Url, key: SigningKey) -> Self {
        Self {
            entity_id: entity_id.to_owned(),
            sso_url,
            key,
        }
    }

    /// The entity ID, which is the issuer of responses.
    pub fn entity_id(&self) -> &str {
        &self.entity_id
    }

    /// The URL to which AuthnRequests are sent with HTTP-Redirect.
    pub fn sso_url(&self) -> &Url {
        &self.sso_url
    }

    /// The key with which this IdP signs its messages.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// This IdP's metadata (saml-metadata 2.4.3).
    pub fn metadata_xml(&self) -> Result<String, IdpError> {
        let metadata = Metadata {
            entity_id: &self.entity_id,
            sso_url: self.sso_url.as_str(),
            certificate: STANDARD.encode(self.key.certificate_der()),
            name_id_format: name_id_format::PERSISTENT,
        };
        Ok(metadata.render()?)
    }

    /// The settings with which a service provider accepts this IdP's signatures, except those with
    /// SHA-1.
    pub fn trust(&self) -> Result<Trust, TrustError> {
        Trust::new(&[self.key.certificate_der().to_vec()], false)
    }

    /// A valid response, issued at `now`, that signs `person` in to `relying_party`. Without
    /// `in_response_to`, the response is unsolicited.
    pub fn response(
        &self,
        person: &Person,
        relying_party: &RelyingParty,
        in_response_to: Option<&str>,
        now: DateTime<Utc>,
    ) -> ResponseSpec {
        ResponseSpec::success(&self.entity_id, person, relying_party, in_response_to, now)
    }

    /// The XML of `spec`, with the signatures that `signed` selects.
    pub fn signed_xml(
        &self,
        spec: &ResponseSpec,
        signed: Signed,
        options: &SigningOptions,
    ) -> Result<String, IdpError> {
        let mut xml = xml_unsigned(spec)?;
        if let Some(assertion) = spec.assertion.as_ref().filter(|_| signed.assertion()) {
            xml = sign(&xml, &assertion.id, &self.key, options)?;
        }
        if signed.response() {
            xml = sign(&xml, &spec.id, &self.key, options)?;
        }
        Ok(xml)
    }

    /// The XML of `spec`, with the signatures that `signed` selects. The assertion is signed first,
    /// then encrypted with the public key in `certificate` (DER). The Response is signed last.
    pub fn encrypted_xml(
        &self,
        spec: &ResponseSpec,
        signed: Signed,
        signing: &SigningOptions,
        certificate: &[u8],
        encryption: &EncryptionOptions,
    ) -> Result<String, IdpError> {
        let inner = if signed.assertion() {
            Signed::Assertion
        } else {
            Signed::Neither
        };
        let xml = self.signed_xml(spec, inner, signing)?;
        let xml = encrypt(&xml, certificate, encryption)?;
        if signed.response() {
            Ok(sign(&xml, &spec.id, &self.key, signing)?)
        } else {
            Ok(xml)
        }
    }

    /// The form field `SAMLResponse` for `spec`. The Assertion and the Response are signed with the
    /// default [`SigningOptions`].
    pub fn form_field(&self, spec: &ResponseSpec) -> Result<String, IdpError> {
        Ok(encode(&self.signed_xml(
            spec,
            Signed::Both,
            &SigningOptions::default(),
        )?))
    }
}

/// Encodes `xml` as the form field `SAMLResponse` (saml-bindings 3.5.4).
pub fn encode(xml: &str) -> String {
    STANDARD.encode(xml)
}

#[derive(Template)]
#[template(path = "demo/idp/metadata.xml")]
struct Metadata<'a> {
    entity_id: &'a str,
    sso_url: &'a str,
    certificate: String,
    name_id_format: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Binding;
    use crate::demo::people;
    use crate::saml::Refusal;
    use crate::saml::check::{self, Expected};
    use crate::saml::metadata::IdpMetadata;
    use crate::second_opinion::open;
    use chrono::TimeDelta;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    fn idp() -> EmbeddedIdp {
        let sso_url = Url::parse("http://127.0.0.1:1/idp/sso?a=1&b=2").unwrap();
        EmbeddedIdp::new("http://127.0.0.1:1/idp/metadata?a&b", sso_url, now()).unwrap()
    }

    fn relying_party() -> RelyingParty {
        RelyingParty {
            entity_id: "https://sp.example.com/metadata".to_owned(),
            acs_url: "https://sp.example.com/acs".to_owned(),
        }
    }

    fn person() -> Person {
        people::Person::new("o'hara", "Ó <Hara> & \"Co\"")
    }

    #[test]
    fn metadata_reads_back() {
        let idp = idp();
        let read = IdpMetadata::parse(&idp.metadata_xml().unwrap(), None).unwrap();
        assert_eq!(read.entity_id, idp.entity_id());
        assert_eq!(
            read.single_sign_on,
            [(Binding::Redirect, idp.sso_url().clone())]
        );
        assert_eq!(read.signing_certificates, [idp.key().certificate_der()]);
    }

    #[test]
    fn every_combination_of_signatures_verifies() {
        let (idp, sp) = (idp(), relying_party());
        let spec = idp.response(&person(), &sp, Some("_request"), now());
        for signed in [Signed::Assertion, Signed::Response, Signed::Both] {
            let xml = idp
                .signed_xml(&spec, signed, &SigningOptions::default())
                .unwrap();
            let opened = open(&xml, &[idp.key().certificate_der().to_vec()]).unwrap();
            assert_eq!(opened.envelope.signed, signed.response());
            let expected = Expected {
                idp: "demo",
                idp_entity_id: idp.entity_id(),
                issuer_format: None,
                person_attribute: None,
                acs_url: &sp.acs_url,
                audiences: std::slice::from_ref(&sp.entity_id),
                request_id: Some("_request"),
                authenticated_since: None,
                authn_contexts: &[],
                now: now(),
                skew: TimeDelta::zero(),
            };
            let login = check::check(opened, &expected).unwrap();
            assert_eq!(login.person.name_id, person().name_id, "{signed:?}");
            let attributes: Vec<_> = login.attribute_pairs().collect();
            let sent: Vec<_> = spec
                .assertion
                .as_ref()
                .unwrap()
                .attributes
                .iter()
                .map(|attribute| (attribute.name.as_str(), attribute.values.as_slice()))
                .collect();
            assert_eq!(attributes, sent);
        }
    }

    #[test]
    fn an_unsigned_response_is_refused() {
        let idp = idp();
        let spec = idp.response(&person(), &relying_party(), None, now());
        let xml = idp
            .signed_xml(&spec, Signed::Neither, &SigningOptions::default())
            .unwrap();
        let opened = open(&xml, &[idp.key().certificate_der().to_vec()]);
        assert_eq!(opened.unwrap_err(), Refusal::NotSigned);
    }
}
