//! Verifies the signature over a metadata document (saml-metadata 3).

use super::{MetadataError, parse};
use crate::saml::policy;
use crate::saml::signature;
use crate::saml::trust::Trust;
use crate::saml::xml::{self, ns};

/// Verifies the root's signature and returns the signed bytes. Callers must read only these bytes.
pub fn verified(text: &str, trust: &Trust) -> Result<String, MetadataError> {
    let document = parse(text)?;
    let root = document
        .document_element()
        .ok_or(MetadataError::NotSigned)?;
    let mut signatures = xml::children_named(&document, root, ns::SIGNATURE, "Signature");
    let signature = signatures.next().ok_or(MetadataError::NotSigned)?;
    let signed = policy::check_signature(&document, signature, root);
    let signed = signed.map_err(MetadataError::Signature)?;
    signature::verify(&document, &[signed], trust).map_err(MetadataError::Signature)?;
    signature::signed_octets(&document, root, &[signature]).map_err(MetadataError::Signature)
}
