//! Verification of the signatures that passed the policy, with the IdP's own keys.

use bergshamra_c14n::{C14nMode, canonicalize_doc};
use bergshamra_dsig::{DsigContext, VerifyResult};
use bergshamra_keys::KeysManager;
use bergshamra_xml::nodeset::NodeSet;
use openssl::pkey::Id;
use openssl::x509::X509;
use thiserror::Error;
use uppsala::{Document, NodeId};

use super::Refusal;
use super::policy::{Signed, Structure};

/// The smallest RSA modulus of a signing key, in bits (NIST SP 800-131A).
const MIN_RSA_BITS: u32 = 2048;
/// The smallest elliptic curve of a signing key, in bits.
const MIN_EC_BITS: u32 = 256;

/// The keys that may sign for one IdP, and whether SHA-1 is good enough for it.
#[derive(Debug)]
pub struct Trust {
    dsig: DsigContext,
    allow_sha1: bool,
}

/// A certificate that cannot be trusted.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TrustError {
    /// There is none.
    #[error("no signing certificate")]
    NoCertificate,
    /// It does not read as an X.509 certificate with a key.
    #[error("a signing certificate cannot be read")]
    Unreadable,
    /// Its key is too small.
    #[error(
        "a signing key of {0} bits: RSA needs at least {MIN_RSA_BITS}, elliptic curves {MIN_EC_BITS}"
    )]
    Weak(u32),
    /// Its key is neither RSA nor on an elliptic curve.
    #[error("a signing key that is neither RSA nor on an elliptic curve")]
    KeyType,
}

impl Trust {
    /// Trusts the keys in these X.509 certificates (DER). The certificates' own validity and
    /// issuer do not matter: the metadata that carries them is what is trusted
    /// (saml-metadata 2.4.1.1, saml2int).
    pub fn new(certificates: &[Vec<u8>], allow_sha1: bool) -> Result<Self, TrustError> {
        if certificates.is_empty() {
            return Err(TrustError::NoCertificate);
        }
        let mut keys = KeysManager::new();
        for certificate in certificates {
            strong_enough(certificate)?;
            let key = bergshamra_keys::loader::load_x509_cert_der(certificate)
                .map_err(|_| TrustError::Unreadable)?;
            keys.add_key(key);
        }
        Ok(Self {
            dsig: DsigContext::new(keys),
            allow_sha1,
        })
    }
}

fn strong_enough(certificate: &[u8]) -> Result<(), TrustError> {
    let certificate = X509::from_der(certificate).map_err(|_| TrustError::Unreadable)?;
    let key = certificate
        .public_key()
        .map_err(|_| TrustError::Unreadable)?;
    let least = match key.id() {
        Id::RSA => MIN_RSA_BITS,
        Id::EC => MIN_EC_BITS,
        _ => return Err(TrustError::KeyType),
    };
    if key.bits() < least {
        Err(TrustError::Weak(key.bits()))
    } else {
        Ok(())
    }
}

/// Requires at least one signature, and that every signature verifies and covers its parent.
pub fn verify(
    document: &Document<'_>,
    structure: &Structure,
    trust: &Trust,
) -> Result<(), Refusal> {
    if structure.signed.is_empty() {
        return Err(Refusal::NotSigned);
    }
    if structure.signed.iter().any(|signed| signed.sha1) && !trust.allow_sha1 {
        return Err(Refusal::Algorithm("SHA-1".to_owned()));
    }
    let results = bergshamra_dsig::verify::verify_all_document(&trust.dsig, document)
        .map_err(|_| Refusal::Signature)?;
    if results.len() != structure.signed.len() {
        return Err(Refusal::Signature);
    }
    results
        .iter()
        .try_for_each(|result| verified(result, &structure.signed))
}

fn verified(result: &VerifyResult, expected: &[Signed]) -> Result<(), Refusal> {
    let VerifyResult::Valid {
        signature_node,
        references,
        ..
    } = result
    else {
        return Err(Refusal::Signature);
    };
    let parent = expected
        .iter()
        .find(|signed| signed.signature == *signature_node);
    match (parent, references.as_slice()) {
        (Some(signed), [reference])
            if reference.digest_verified && reference.resolved_node == Some(signed.element) =>
        {
            Ok(())
        }
        _ => Err(Refusal::SignatureTarget),
    }
}

/// The octets of `element`, which is or lies in a verified element, without the nodes that are
/// not read (at least the signatures, as their transforms take them out of the digest too).
pub fn signed_octets(
    document: &Document<'_>,
    element: NodeId,
    unread: &[NodeId],
) -> Result<String, Refusal> {
    let mut visible = NodeSet::tree_without_comments(element, document);
    for &node in unread {
        hide(document, node, &mut visible);
    }
    let octets = canonicalize_doc::<&str>(document, C14nMode::Exclusive, Some(&visible), &[])
        .map_err(|error| Refusal::Unreadable(error.to_string()))?;
    String::from_utf8(octets).map_err(|_| Refusal::Utf8)
}

/// The recursion ends at [`super::xml::MAX_DEPTH`], which the parser enforces.
fn hide(document: &Document<'_>, node: NodeId, visible: &mut NodeSet) {
    visible.remove_id(node);
    for child in document.children_iter(node) {
        hide(document, child, visible);
    }
}
