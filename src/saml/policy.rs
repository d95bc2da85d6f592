//! The structural policy: what a message must look like before any cryptography.
//!
//! Signature wrapping works because one reader finds the signed element and another finds a
//! different one. So everything that two readers could resolve differently is refused here, on
//! the one tree that verification and reading use as well: a second assertion anywhere, an ID
//! that stands twice or in an odd form, a signature in an odd place or of an odd shape, an
//! element of the wrong namespace where a namespace-blind reader would take it.

mod attributes;
mod schema;
mod signature;

use std::collections::HashSet;
use std::rc::Rc;

use uppsala::{Document, Element, NodeId};

use super::Refusal;
use super::trust::SignatureMethod;
use super::xml::{self, ns};

/// The most prefixes bound in one element; real messages have up to a dozen.
/// Canonicalisation looks through all of them at every element, before any signature is verified.
pub const MAX_NAMESPACES: usize = 32;

/// The parts of a message that passed the policy.
#[derive(Debug)]
pub struct Structure {
    /// `samlp:Response`, the root.
    pub response: NodeId,
    /// The one `saml:Assertion`, a child of the Response; error responses have none.
    pub assertion: Option<NodeId>,
    /// The elements that carry a signature, in document order: at most Response and Assertion.
    pub signed: Vec<Signed>,
    /// What reading leaves out: signatures, extensions, markup inside attribute values.
    pub unread: Vec<NodeId>,
}

/// An element and the one signature in it.
#[derive(Clone, Copy, Debug)]
pub struct Signed {
    /// The Response or the Assertion.
    pub element: NodeId,
    /// Its `ds:Signature` child.
    pub signature: NodeId,
    /// How it was made.
    pub method: SignatureMethod,
    /// Whether the signature's method or digest is SHA-1.
    pub sha1: bool,
}

/// Holds `document` against the policy.
pub fn check(document: &Document<'_>) -> Result<Structure, Refusal> {
    let response = document
        .document_element()
        .filter(|&root| xml::is(document, root, ns::PROTOCOL, "Response"))
        .ok_or(Refusal::NotAResponse)?;
    version(document, response, "the response")?;
    let found = Census::take(document, response)?;
    if found.encrypted {
        return Err(Refusal::EncryptedAssertion);
    }
    let assertion = single_assertion(document, response, &found.assertions)?;
    if let Some(assertion) = assertion {
        version(document, assertion, "the assertion")?;
    }
    let signed = signature_sites(document, &found.signatures, response, assertion)?;
    let unread = schema::check_response(document, response)?;
    Ok(Structure {
        response,
        assertion,
        signed,
        unread,
    })
}

fn version(document: &Document<'_>, node: NodeId, what: &'static str) -> Result<(), Refusal> {
    match xml::attribute(document, node, "Version") {
        Some("2.0") => Ok(()),
        _ => Err(Refusal::Version(what)),
    }
}

/// Every element of the document is looked at once.
#[derive(Default)]
struct Census {
    assertions: Vec<NodeId>,
    signatures: Vec<NodeId>,
    encrypted: bool,
}

impl Census {
    fn take(document: &Document<'_>, root: NodeId) -> Result<Self, Refusal> {
        let mut census = Self::default();
        let mut attributes = attributes::Checker::default();
        let mut pending = vec![(root, Rc::default())];
        while let Some((node, outside)) = pending.pop() {
            let Some(element) = document.element(node) else {
                continue;
            };
            let in_scope = prefixes_in_scope(element, outside)?;
            attributes.check(element)?;
            match (
                element.name.namespace_uri.as_deref(),
                &*element.name.local_name,
            ) {
                // By local name alone: a reader that is blind to namespaces must not find a
                // second one either.
                (_, "Assertion") => census.assertions.push(node),
                (_, "EncryptedAssertion") => census.encrypted = true,
                (Some(ns::SIGNATURE), "Signature") => census.signatures.push(node),
                (_, "Signature") => return Err(Refusal::MisplacedSignature),
                _ => {}
            }
            let children = xml::child_elements(document, node);
            pending.extend(children.map(|child| (child, Rc::clone(&in_scope))));
        }
        Ok(census)
    }
}

/// The prefixes that are bound in `element`, when those of `outside` are bound around it.
fn prefixes_in_scope<'d>(
    element: &'d Element<'_>,
    outside: Rc<HashSet<&'d str>>,
) -> Result<Rc<HashSet<&'d str>>, Refusal> {
    if element.namespace_declarations.is_empty() {
        return Ok(outside);
    }
    let declared = element.namespace_declarations.iter();
    let mut prefixes = HashSet::clone(&outside);
    prefixes.extend(declared.map(|(prefix, _)| &**prefix));
    if prefixes.len() > MAX_NAMESPACES {
        return Err(Refusal::TooManyNamespaces);
    }
    Ok(Rc::new(prefixes))
}

fn single_assertion(
    document: &Document<'_>,
    response: NodeId,
    assertions: &[NodeId],
) -> Result<Option<NodeId>, Refusal> {
    match assertions {
        [] => Ok(None),
        &[assertion]
            if document.parent(assertion) == Some(response)
                && xml::is(document, assertion, ns::ASSERTION, "Assertion") =>
        {
            Ok(Some(assertion))
        }
        _ => Err(Refusal::SeveralAssertions),
    }
}

fn signature_sites(
    document: &Document<'_>,
    signatures: &[NodeId],
    response: NodeId,
    assertion: Option<NodeId>,
) -> Result<Vec<Signed>, Refusal> {
    let mut sites: Vec<Signed> = Vec::with_capacity(2);
    for &signature in signatures {
        let element = document
            .parent(signature)
            .filter(|&parent| parent == response || Some(parent) == assertion)
            .ok_or(Refusal::MisplacedSignature)?;
        if sites.iter().any(|site| site.element == element) {
            return Err(Refusal::SeveralSignatures);
        }
        sites.push(signature::check(document, signature, element)?);
    }
    Ok(sites)
}
