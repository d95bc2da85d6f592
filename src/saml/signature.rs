//! Verifies the signatures that passed the structural policy. Only trusted keys are used.

use bergshamra_c14n::{C14nMode, canonicalize_doc_to};
use bergshamra_dsig::VerifyResult;
use bergshamra_xml::nodeset::NodeSet;
use uppsala::{Document, NodeId};

use super::Refusal;
use super::policy::Signed;
use super::trust::Trust;

/// Requires at least one signature. Every signature must be valid and cover its parent.
pub fn verify(document: &Document<'_>, signed: &[Signed], trust: &Trust) -> Result<(), Refusal> {
    if signed.is_empty() {
        return Err(Refusal::NotSigned);
    }
    allowed(signed, trust)?;
    let mut methods: Vec<_> = signed.iter().map(|signed| signed.method).collect();
    methods.dedup();
    for method in methods {
        let context = trust.context(method).ok_or(Refusal::Signature)?;
        let results = bergshamra_dsig::verify::verify_all_document(context, document)
            .map_err(|_| Refusal::Signature)?;
        if results.len() != signed.len() {
            return Err(Refusal::Signature);
        }
        // Signatures made with a different method are invalid in this context; another iteration
        // checks them.
        let mut of_method = signed.iter().filter(|signed| signed.method == method);
        of_method.try_for_each(|signed| verified(&results, signed))?;
    }
    Ok(())
}

/// Requires this signature, which must be the first in the document, to be valid and to cover its
/// parent. Other signatures are not verified: nobody may read what only they cover.
pub fn verify_first(
    document: &Document<'_>,
    signed: &Signed,
    trust: &Trust,
) -> Result<(), Refusal> {
    allowed(std::slice::from_ref(signed), trust)?;
    let context = trust.context(signed.method).ok_or(Refusal::Signature)?;
    let result = bergshamra_dsig::verify::verify_document(context, document)
        .map_err(|_| Refusal::Signature)?;
    verified(&[result], signed)
}

fn allowed(signed: &[Signed], trust: &Trust) -> Result<(), Refusal> {
    if signed.iter().any(|signed| signed.sha1) && !trust.allows_sha1() {
        return Err(Refusal::Algorithm("SHA-1".to_owned()));
    }
    Ok(())
}

fn verified(results: &[VerifyResult], signed: &Signed) -> Result<(), Refusal> {
    let references = results.iter().find_map(|result| match result {
        VerifyResult::Valid {
            signature_node,
            references,
            ..
        } if *signature_node == signed.signature => Some(references.as_slice()),
        _ => None,
    });
    match references.ok_or(Refusal::Signature)? {
        [reference]
            if reference.digest_verified && reference.resolved_node == Some(signed.element) =>
        {
            Ok(())
        }
        _ => Err(Refusal::SignatureTarget),
    }
}

/// The canonical bytes of `element`, which must have been verified. The `unread` nodes are left
/// out. They must include the element's own signature, which the digest does not cover.
pub fn signed_octets(
    document: &Document<'_>,
    element: NodeId,
    unread: &[NodeId],
) -> Result<String, Refusal> {
    let mut visible = NodeSet::tree_without_comments(element, document);
    for &node in unread {
        hide(document, node, &mut visible);
    }
    // The capacity is the message's length: reallocation would cost more than the unused space.
    let mut octets = Vec::with_capacity(document.input_text().len());
    canonicalize_doc_to::<&str, _>(
        document,
        C14nMode::Exclusive,
        Some(&visible),
        &[],
        &mut octets,
    )
    .map_err(|error| Refusal::Unreadable(error.to_string()))?;
    String::from_utf8(octets).map_err(|_| Refusal::Utf8)
}

/// Removes a node and its descendants from `visible`. The recursion is limited by
/// [`super::xml::MAX_DEPTH`], which the parser enforces.
fn hide(document: &Document<'_>, node: NodeId, visible: &mut NodeSet) {
    visible.remove_id(node);
    for child in document.children_iter(node) {
        hide(document, child, visible);
    }
}
