//! Verifies the signature over a metadata document (saml-metadata 3).
//!
//! Only the signature of the root counts. The members of a federation's document often carry their
//! own, which are not verified: whatever is read is covered by the root's.

use uppsala::{Document, NodeId};

use super::MetadataError;
use crate::saml::policy;
use crate::saml::signature;
use crate::saml::trust::Trust;
use crate::saml::xml::{self, ns};

/// Verifies the root's signature. It covers the whole document, except for the signature itself and
/// comments, which are not read.
pub(super) fn verify(
    document: &Document<'_>,
    root: NodeId,
    trust: &Trust,
) -> Result<(), MetadataError> {
    let mut signatures = xml::children_named(document, root, ns::SIGNATURE, "Signature");
    let signature = signatures.next().ok_or(MetadataError::NotSigned)?;
    let all = document.get_elements_by_tag_name_ns(ns::SIGNATURE, "Signature");
    if all.first() != Some(&signature) {
        return Err(MetadataError::SignatureOrder);
    }
    policy::check_signature(document, signature, root)
        .and_then(|signed| signature::verify_first(document, &signed, trust))
        .map_err(MetadataError::Signature)
}
