//! The structural policy, which a message must satisfy before any signature is verified or anything
//! is decrypted.
//!
//! Signature wrapping works because one reader finds the signed element and another reader finds a
//! different element. This module therefore refuses everything that two readers could resolve
//! differently: a second assertion anywhere, a duplicate ID, an ID in an unusual form, a signature
//! in an unusual place or form, and an element in the wrong namespace that a namespace-blind reader
//! would accept. The tree that is checked is also the tree whose signatures are verified. The
//! content of a Response is read from that tree too; a logout message is parsed again from its
//! signed bytes.

mod attributes;
mod encryption;
mod schema;
mod signature;

pub use encryption::EncryptedAssertion;

use uppsala::{Document, Element, NodeId};

use super::Refusal;
use super::binding::MessageKind;
use super::trust::SignatureMethod;
use super::xml::{self, ns};

/// The maximum number of namespace prefixes in scope at one element; real messages have up to a
/// dozen. The number is limited because, at every element, canonicalization searches all prefixes
/// in scope. This happens before any signature is verified.
pub const MAX_NAMESPACES: usize = 32;

/// A message, or a decrypted assertion, that passed the policy.
#[derive(Debug)]
pub struct Structure {
    /// The root: a `samlp:Response`, a decrypted `saml:Assertion`, or a logout message.
    pub root: NodeId,
    /// The only assertion; error responses and logout messages have none.
    pub assertion: Option<Carried>,
    /// The signed elements, in document order: at most the root and its Assertion.
    pub signed: Vec<Signed>,
    /// The nodes that are not read, such as signatures, extensions, and markup inside
    /// AttributeValues.
    pub unread: Vec<NodeId>,
}

/// How a message contains its assertion: in plain text or encrypted.
#[derive(Clone, Copy, Debug)]
pub enum Carried {
    /// A `saml:Assertion`: the root, or a child of the Response.
    Plain(NodeId),
    /// A `saml:EncryptedAssertion`, a child of the Response.
    Encrypted(EncryptedAssertion),
}

/// An element and its only signature.
#[derive(Clone, Copy, Debug)]
pub struct Signed {
    /// The signed element.
    pub element: NodeId,
    /// The element's `ds:Signature` child.
    pub signature: NodeId,
    /// The signature's method.
    pub method: SignatureMethod,
    /// Whether the signature's method or digest uses SHA-1.
    pub sha1: bool,
}

/// Checks a Response against the policy.
pub fn check(document: &Document<'_>) -> Result<Structure, Refusal> {
    let response = document
        .document_element()
        .filter(|&root| xml::is(document, root, ns::PROTOCOL, "Response"))
        .ok_or(Refusal::NotAResponse)?;
    version(document, response, "the response")?;
    let found = Census::take(document, response)?;
    let assertion = single_assertion(document, response, &found)?;
    let plain = match assertion {
        Some(Carried::Plain(assertion)) => Some(assertion),
        _ => None,
    };
    if let Some(assertion) = plain {
        version(document, assertion, "the assertion")?;
    }
    let signed = signature_sites(document, &found.signatures, response, plain)?;
    let unread = schema::check_response(document, response)?;
    Ok(Structure {
        root: response,
        assertion,
        signed,
        unread,
    })
}

/// Checks a decrypted assertion, which is a separate document, against the same policy.
pub fn check_decrypted(document: &Document<'_>) -> Result<Structure, Refusal> {
    let root = document
        .document_element()
        .filter(|&root| xml::is(document, root, ns::ASSERTION, "Assertion"))
        .ok_or(Refusal::NotAnAssertion)?;
    version(document, root, "the assertion")?;
    let found = Census::take(document, root)?;
    if found.assertions != [root] || !found.encrypted.is_empty() {
        return Err(Refusal::SeveralAssertions);
    }
    let signed = signature_sites(document, &found.signatures, root, None)?;
    let unread = schema::check_assertion(document, root)?;
    Ok(Structure {
        root,
        assertion: Some(Carried::Plain(root)),
        signed,
        unread,
    })
}

/// Checks a LogoutRequest or LogoutResponse against the policy.
pub fn check_logout(document: &Document<'_>, kind: MessageKind) -> Result<Structure, Refusal> {
    let name = match kind {
        MessageKind::Request => "LogoutRequest",
        MessageKind::Response => "LogoutResponse",
    };
    let root = document
        .document_element()
        .filter(|&root| xml::is(document, root, ns::PROTOCOL, name))
        .ok_or(Refusal::NotALogoutMessage)?;
    version(document, root, "the message")?;
    let found = Census::take(document, root)?;
    if !found.assertions.is_empty() || !found.encrypted.is_empty() {
        return Err(Refusal::SeveralAssertions);
    }
    let signed = signature_sites(document, &found.signatures, root, None)?;
    let unread = match kind {
        MessageKind::Request => schema::check_logout_request(document, root)?,
        MessageKind::Response => schema::check_logout_response(document, root)?,
    };
    Ok(Structure {
        root,
        assertion: None,
        signed,
        unread,
    })
}

/// Checks the form of `signature`, a child of `element`.
pub fn check_signature(
    document: &Document<'_>,
    signature: NodeId,
    element: NodeId,
) -> Result<Signed, Refusal> {
    signature::check(document, signature, element)
}

fn version(document: &Document<'_>, node: NodeId, what: &'static str) -> Result<(), Refusal> {
    match xml::attribute(document, node, "Version") {
        Some("2.0") => Ok(()),
        _ => Err(Refusal::Version(what)),
    }
}

/// The results of a single walk over all elements of the document.
#[derive(Default)]
struct Census<'d> {
    assertions: Vec<NodeId>,
    signatures: Vec<NodeId>,
    encrypted: Vec<NodeId>,
    attributes: attributes::Checker<'d>,
    /// The prefixes in scope at the current element.
    in_scope: Vec<&'d str>,
}

impl<'d> Census<'d> {
    fn take(document: &'d Document<'_>, root: NodeId) -> Result<Self, Refusal> {
        let mut census = Self::default();
        census.visit(document, root)?;
        Ok(census)
    }

    /// The recursion is limited by [`xml::MAX_DEPTH`], which the parser enforces.
    fn visit(&mut self, document: &'d Document<'_>, node: NodeId) -> Result<(), Refusal> {
        let Some(element) = document.element(node) else {
            return Ok(());
        };
        let outside = self.in_scope.len();
        self.bind(element)?;
        self.attributes.check(element)?;
        match (
            element.name.namespace_uri.as_deref(),
            &*element.name.local_name,
        ) {
            // The namespace is ignored here: even a namespace-blind reader must not find a second
            // assertion.
            (_, "Assertion") => self.assertions.push(node),
            (_, "EncryptedAssertion") => self.encrypted.push(node),
            (Some(ns::SIGNATURE), "Signature") => self.signatures.push(node),
            (_, "Signature") => return Err(Refusal::MisplacedSignature),
            _ => {}
        }
        for child in xml::child_elements(document, node) {
            self.visit(document, child)?;
        }
        self.in_scope.truncate(outside);
        Ok(())
    }

    /// Brings the prefixes that an element declares into scope.
    fn bind(&mut self, element: &'d Element<'_>) -> Result<(), Refusal> {
        for (prefix, _) in &element.namespace_declarations {
            if !self.in_scope.contains(&&**prefix) {
                self.in_scope.push(prefix);
            }
            if self.in_scope.len() > MAX_NAMESPACES {
                return Err(Refusal::TooManyNamespaces);
            }
        }
        Ok(())
    }
}

fn single_assertion(
    document: &Document<'_>,
    response: NodeId,
    found: &Census,
) -> Result<Option<Carried>, Refusal> {
    let is_ours = |node, name| {
        document.parent(node) == Some(response) && xml::is(document, node, ns::ASSERTION, name)
    };
    match (found.assertions.as_slice(), found.encrypted.as_slice()) {
        ([], []) => Ok(None),
        (&[assertion], []) if is_ours(assertion, "Assertion") => {
            Ok(Some(Carried::Plain(assertion)))
        }
        ([], &[encrypted]) if is_ours(encrypted, "EncryptedAssertion") => {
            let encrypted = encryption::check(document, encrypted)?;
            Ok(Some(Carried::Encrypted(encrypted)))
        }
        _ => Err(Refusal::SeveralAssertions),
    }
}

fn signature_sites(
    document: &Document<'_>,
    signatures: &[NodeId],
    root: NodeId,
    assertion: Option<NodeId>,
) -> Result<Vec<Signed>, Refusal> {
    let mut sites: Vec<Signed> = Vec::with_capacity(2);
    for &signature in signatures {
        let element = document
            .parent(signature)
            .filter(|&parent| parent == root || Some(parent) == assertion)
            .ok_or(Refusal::MisplacedSignature)?;
        if sites.iter().any(|site| site.element == element) {
            return Err(Refusal::SeveralSignatures);
        }
        sites.push(signature::check(document, signature, element)?);
    }
    Ok(sites)
}
