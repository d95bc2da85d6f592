//! Enveloped signatures (saml-core 5.4) with configurable properties.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;
use uppsala::{Document, NodeId};

use super::key::SigningKey;
use crate::saml::xml::{self, ns};

/// Algorithm URIs (xmldsig-core 6, RFC 9231).
pub mod algorithm {
    /// The signature method RSA PKCS #1 v1.5 with SHA-256.
    pub const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    /// The signature method RSA PKCS #1 v1.5 with SHA-384.
    pub const RSA_SHA384: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384";
    /// The signature method RSA PKCS #1 v1.5 with SHA-512.
    pub const RSA_SHA512: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512";
    /// The signature method RSA PKCS #1 v1.5 with SHA-1.
    pub const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
    /// The signature method ECDSA with SHA-256.
    pub const ECDSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    /// The signature method ECDSA with SHA-384.
    pub const ECDSA_SHA384: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384";
    /// The signature method ECDSA with SHA-512.
    pub const ECDSA_SHA512: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512";
    /// The digest method SHA-256.
    pub const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
    /// The digest method SHA-384.
    pub const SHA384: &str = "http://www.w3.org/2001/04/xmldsig-more#sha384";
    /// The digest method SHA-512.
    pub const SHA512: &str = "http://www.w3.org/2001/04/xmlenc#sha512";
    /// The digest method SHA-1.
    pub const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
    /// Exclusive canonicalization 1.0, without comments.
    pub const EXCLUSIVE_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
    /// Inclusive canonicalization 1.0, without comments.
    pub const INCLUSIVE_C14N: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    /// Inclusive canonicalization 1.1, without comments.
    pub const INCLUSIVE_C14N_11: &str = "http://www.w3.org/2006/12/xml-c14n11";
    /// The transform that removes the signature itself from the signed content.
    pub const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
}

/// Which elements of a message are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// Only the Assertion.
    Assertion,
    /// Only the Response.
    Response,
    /// Both elements. The Assertion is signed first, so that the signature of the Response covers
    /// the Assertion's signature.
    Both,
    /// Neither element.
    Neither,
}

impl Signed {
    /// Whether the Assertion is signed.
    pub fn assertion(self) -> bool {
        matches!(self, Self::Assertion | Self::Both)
    }

    /// Whether the Response is signed.
    pub fn response(self) -> bool {
        matches!(self, Self::Response | Self::Both)
    }
}

/// The position of a signature in its parent element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignaturePosition {
    /// After the Issuer, as the schema requires; before all other children if there is no Issuer.
    AfterIssuer,
    /// Before all other children.
    First,
    /// After all other children, which violates the schema but occurs in practice.
    Last,
}

/// The content of a signature's KeyInfo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyInfo {
    /// The signature contains no KeyInfo.
    None,
    /// The KeyInfo contains the X.509 certificate of the signing key.
    Certificate,
}

/// The options for a signature. The defaults are what most IdPs use: RSA-SHA256 signatures,
/// SHA-256 digests, exclusive canonicalization, a position after the Issuer, and the certificate in
/// the KeyInfo.
#[derive(Clone, Debug)]
pub struct SigningOptions {
    /// The URI of the SignatureMethod.
    pub signature_method: String,
    /// The URI of the DigestMethod.
    pub digest_method: String,
    /// The URI of the CanonicalizationMethod of SignedInfo.
    pub canonicalization: String,
    /// The URIs of the Reference's transforms, in order.
    pub transforms: Vec<String>,
    /// The URI of the Reference; `None` means `#` and the ID of the signed element.
    pub reference_uri: Option<String>,
    /// The PrefixList of the exclusive canonicalization transform: namespace prefixes, separated
    /// by spaces. If it is empty, the transform has no PrefixList.
    pub inclusive_prefixes: String,
    /// The namespace prefix of the signature's elements; empty for none.
    pub prefix: &'static str,
    /// The position of the signature in the signed element.
    pub position: SignaturePosition,
    /// Whether the signature contains a KeyInfo with the certificate.
    pub key_info: KeyInfo,
}

impl Default for SigningOptions {
    fn default() -> Self {
        Self::with_canonicalization(algorithm::EXCLUSIVE_C14N)
    }
}

impl SigningOptions {
    /// The default options, except for the canonicalization of SignedInfo and of the signed
    /// element.
    pub fn with_canonicalization(canonicalization: &str) -> Self {
        Self {
            signature_method: algorithm::RSA_SHA256.to_owned(),
            digest_method: algorithm::SHA256.to_owned(),
            canonicalization: canonicalization.to_owned(),
            transforms: vec![algorithm::ENVELOPED.to_owned(), canonicalization.to_owned()],
            reference_uri: None,
            inclusive_prefixes: String::new(),
            prefix: "ds",
            position: SignaturePosition::AfterIssuer,
            key_info: KeyInfo::Certificate,
        }
    }

    /// The default options, except for the signature and digest methods.
    pub fn with_methods(signature_method: &str, digest_method: &str) -> Self {
        Self {
            signature_method: signature_method.to_owned(),
            digest_method: digest_method.to_owned(),
            ..Self::default()
        }
    }
}

/// Why a message could not be signed.
#[derive(Debug, Error)]
pub enum SigningError {
    /// The message is not well-formed XML.
    #[error("the message is not well-formed XML: {0}")]
    NotWellFormed(String),
    /// No element has this ID.
    #[error("no element has the ID {0}")]
    NoSuchId(String),
    /// The template for the signature could not be rendered.
    #[error("writing the signature failed: {0}")]
    Template(#[from] askama::Error),
    /// The signature could not be inserted into the message or could not be computed.
    #[error("signing failed: {0}")]
    Signature(String),
}

/// Signs the element in `xml` that has this `ID`, and returns the whole message.
pub fn sign(
    xml: &str,
    id: &str,
    key: &SigningKey,
    options: &SigningOptions,
) -> Result<String, SigningError> {
    let mut document =
        uppsala::parse(xml).map_err(|error| SigningError::NotWellFormed(error.to_string()))?;
    let element =
        element_by_id(&document, id).ok_or_else(|| SigningError::NoSuchId(id.to_owned()))?;
    let skeleton = skeleton(id, key, options)?;
    let signature = insert(&mut document, element, &skeleton, options.position)?;
    bergshamra_dsig::sign::sign_document_node(
        key.dsig(&options.signature_method),
        &mut document,
        signature,
    )
    .map_err(|error| SigningError::Signature(error.to_string()))?;
    Ok(document.to_xml())
}

/// The first element in document order that has this ID. Tests can therefore sign the first of two
/// elements with the same ID.
fn element_by_id(document: &Document<'_>, id: &str) -> Option<NodeId> {
    let root = document.document_element()?;
    std::iter::once(root)
        .chain(document.descendants(root))
        .find(|&node| xml::attribute(document, node, "ID") == Some(id))
}

fn skeleton(id: &str, key: &SigningKey, options: &SigningOptions) -> Result<String, SigningError> {
    let uri = options.reference_uri.clone();
    let certificate = STANDARD.encode(key.certificate_der());
    let (p, declared) = match options.prefix {
        "" => (String::new(), String::new()),
        prefix => (format!("{prefix}:"), format!(":{prefix}")),
    };
    let skeleton = Skeleton {
        options,
        p,
        declared,
        uri: uri.unwrap_or_else(|| format!("#{id}")),
        certificate: (options.key_info == KeyInfo::Certificate).then_some(certificate),
    };
    Ok(skeleton.render()?)
}

fn insert(
    document: &mut Document<'_>,
    parent: NodeId,
    skeleton: &str,
    position: SignaturePosition,
) -> Result<NodeId, SigningError> {
    let unusable = || SigningError::Signature("the signature template is unusable".to_owned());
    let source = uppsala::parse(skeleton).map_err(|_| unusable())?;
    let root = source.document_element().ok_or_else(unusable)?;
    let signature = document
        .import_subtree(&source, root)
        .ok_or_else(unusable)?;
    let issuer = xml::children_named(document, parent, ns::ASSERTION, "Issuer").next();
    match (position, issuer, document.first_child(parent)) {
        (SignaturePosition::AfterIssuer, Some(issuer), _) => {
            document.insert_after(parent, signature, issuer);
        }
        (SignaturePosition::AfterIssuer | SignaturePosition::First, _, Some(first)) => {
            document.insert_before(parent, signature, first);
        }
        _ => document.append_child(parent, signature),
    }
    Ok(signature)
}

#[derive(Template)]
#[template(path = "demo/idp/signature.xml")]
struct Skeleton<'a> {
    options: &'a SigningOptions,
    /// The namespace prefix of an element name, including the colon; empty for no prefix.
    p: String,
    /// The namespace prefix in the declaration, including the preceding colon; empty for no prefix.
    declared: String,
    uri: String,
    certificate: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::idp::{Curve, EmbeddedIdp, RelyingParty};
    use crate::demo::people::Person;
    use crate::saml::Refusal;
    use crate::second_opinion::open;
    use chrono::{DateTime, Utc};
    use url::Url;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    fn idp(key: SigningKey) -> EmbeddedIdp {
        EmbeddedIdp::with_key("urn:idp", Url::parse("http://127.0.0.1/sso").unwrap(), key)
    }

    fn opened(idp: &EmbeddedIdp, options: &SigningOptions) -> Result<(), Refusal> {
        let relying_party = RelyingParty {
            entity_id: "urn:sp".to_owned(),
            acs_url: "https://sp.example.com/acs".to_owned(),
        };
        let spec = idp.response(&Person::new("alice", "Alice"), &relying_party, None, now());
        let xml = idp.signed_xml(&spec, Signed::Both, options).unwrap();
        open(&xml, &[idp.key().certificate_der().to_vec()]).map(drop)
    }

    #[test]
    fn every_method_verifies() {
        use algorithm::{RSA_SHA256, RSA_SHA384, RSA_SHA512, SHA256, SHA384, SHA512};
        let idp = idp(SigningKey::rsa(2048, now()).unwrap());
        for (signature, digest) in [
            (RSA_SHA256, SHA512),
            (RSA_SHA384, SHA384),
            (RSA_SHA512, SHA256),
        ] {
            let options = SigningOptions::with_methods(signature, digest);
            assert_eq!(opened(&idp, &options), Ok(()), "{signature} {digest}");
        }
    }

    #[test]
    fn an_elliptic_curve_verifies() {
        let idp = idp(SigningKey::ec(Curve::P256, now()).unwrap());
        let options = SigningOptions::with_methods(algorithm::ECDSA_SHA256, algorithm::SHA256);
        assert_eq!(opened(&idp, &options), Ok(()));
    }

    #[test]
    fn sha1_verifies() {
        let idp = idp(SigningKey::rsa(2048, now()).unwrap());
        let options = SigningOptions::with_methods(algorithm::RSA_SHA1, algorithm::SHA1);
        assert_eq!(opened(&idp, &options), Ok(()));
    }

    #[test]
    fn every_canonicalisation_and_position_verifies() {
        use SignaturePosition::{AfterIssuer, First, Last};
        let idp = idp(SigningKey::rsa(2048, now()).unwrap());
        for canonicalization in [
            algorithm::EXCLUSIVE_C14N,
            algorithm::INCLUSIVE_C14N,
            algorithm::INCLUSIVE_C14N_11,
        ] {
            for position in [AfterIssuer, First, Last] {
                let options = SigningOptions {
                    position,
                    key_info: KeyInfo::None,
                    ..SigningOptions::with_canonicalization(canonicalization)
                };
                let opened = opened(&idp, &options);
                assert_eq!(opened, Ok(()), "{canonicalization} {position:?}");
            }
        }
    }

    #[test]
    fn an_unknown_id_is_an_error() {
        let key = SigningKey::rsa(2048, now()).unwrap();
        let signed = sign("<a ID='b'/>", "c", &key, &SigningOptions::default());
        assert!(matches!(signed, Err(SigningError::NoSuchId(id)) if id == "c"));
    }
}
