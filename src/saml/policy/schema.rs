//! The schema of the elements that are read, and the check of messages against it.
//!
//! The schema is the part of the SAML schemas (saml-core 2 and 3) that Web Browser SSO responses
//! and logout messages use. Children may appear in any order, since some IdPs put the signature
//! last. Our reader distinguishes namespaces, but a reader such as samael's matches only local
//! names. In a message that passes the check, both kinds of reader find the same elements.

use uppsala::{Document, NodeId, NodeKind};

use crate::saml::Refusal;
use crate::saml::reading::has_no_value;
use crate::saml::xml::{self, ns};

/// The content that an element may have.
enum Content {
    /// Text, and no elements.
    Text,
    /// Text that is not empty, and no elements.
    Name,
    /// Only these elements and white space.
    Elements(&'static [Child]),
    /// Text; any elements in it are not read.
    Mixed,
    /// Text. If it is no value (see [`has_no_value`]), no part of it is read.
    Value,
    /// Anything; the element is not read at all.
    Unread,
}

/// A permitted child element, with its minimum and maximum count.
struct Child {
    namespace: &'static str,
    name: &'static str,
    at_least: usize,
    at_most: usize,
    content: &'static Content,
}

const MANY: usize = usize::MAX;

const fn saml(
    name: &'static str,
    at_least: usize,
    at_most: usize,
    content: &'static Content,
) -> Child {
    Child {
        namespace: ns::ASSERTION,
        name,
        at_least,
        at_most,
        content,
    }
}

const fn samlp(
    name: &'static str,
    at_least: usize,
    at_most: usize,
    content: &'static Content,
) -> Child {
    Child {
        namespace: ns::PROTOCOL,
        name,
        at_least,
        at_most,
        content,
    }
}

const SIGNATURE: Child = Child {
    namespace: ns::SIGNATURE,
    name: "Signature",
    at_least: 0,
    at_most: 1,
    content: &Content::Unread,
};

static RESPONSE: Content = Content::Elements(&[
    saml("Issuer", 0, 1, &Content::Name),
    SIGNATURE,
    samlp("Extensions", 0, 1, &Content::Unread),
    samlp("Status", 1, 1, &STATUS),
    saml("Assertion", 0, 1, &ASSERTION),
    saml("EncryptedAssertion", 0, 1, &Content::Unread),
]);

static LOGOUT_REQUEST: Content = Content::Elements(&[
    saml("Issuer", 1, 1, &Content::Name),
    SIGNATURE,
    samlp("Extensions", 0, 1, &Content::Unread),
    saml("NameID", 1, 1, &Content::Name),
    samlp("SessionIndex", 0, MANY, &Content::Name),
]);

static LOGOUT_RESPONSE: Content = Content::Elements(&[
    saml("Issuer", 1, 1, &Content::Name),
    SIGNATURE,
    samlp("Extensions", 0, 1, &Content::Unread),
    samlp("Status", 1, 1, &STATUS),
]);

static STATUS: Content = Content::Elements(&[
    samlp("StatusCode", 1, 1, &STATUS_CODE),
    samlp("StatusMessage", 0, 1, &Content::Text),
    samlp("StatusDetail", 0, 1, &Content::Unread),
]);

static STATUS_CODE: Content = Content::Elements(&[samlp("StatusCode", 0, 1, &Content::Unread)]);

static ASSERTION: Content = Content::Elements(&[
    saml("Issuer", 1, 1, &Content::Name),
    SIGNATURE,
    saml("Subject", 0, 1, &SUBJECT),
    saml("Conditions", 0, 1, &CONDITIONS),
    saml("Advice", 0, 1, &Content::Unread),
    saml("AuthnStatement", 0, MANY, &AUTHN_STATEMENT),
    saml("AttributeStatement", 0, MANY, &ATTRIBUTE_STATEMENT),
    saml("AuthzDecisionStatement", 0, MANY, &Content::Unread),
]);

static SUBJECT: Content = Content::Elements(&[
    saml("NameID", 0, 1, &Content::Name),
    saml("SubjectConfirmation", 0, MANY, &SUBJECT_CONFIRMATION),
]);

static SUBJECT_CONFIRMATION: Content = Content::Elements(&[
    saml("NameID", 0, 1, &Content::Name),
    saml("SubjectConfirmationData", 0, 1, &Content::Mixed),
]);

/// Any element that is not listed here is a condition that we do not understand: see
/// [`refused_child`].
static CONDITIONS: Content = Content::Elements(&[
    saml("AudienceRestriction", 0, MANY, &AUDIENCE_RESTRICTION),
    saml("OneTimeUse", 0, 1, &Content::Unread),
    saml("ProxyRestriction", 0, 1, &Content::Unread),
]);

static AUDIENCE_RESTRICTION: Content =
    Content::Elements(&[saml("Audience", 1, MANY, &Content::Name)]);

static AUTHN_STATEMENT: Content = Content::Elements(&[
    saml("SubjectLocality", 0, 1, &Content::Unread),
    saml("AuthnContext", 0, 1, &AUTHN_CONTEXT),
]);

static AUTHN_CONTEXT: Content = Content::Elements(&[
    saml("AuthnContextClassRef", 0, 1, &Content::Text),
    saml("AuthnContextDecl", 0, 1, &Content::Unread),
    saml("AuthnContextDeclRef", 0, 1, &Content::Unread),
    saml("AuthenticatingAuthority", 0, MANY, &Content::Unread),
]);

static ATTRIBUTE_STATEMENT: Content = Content::Elements(&[saml("Attribute", 0, MANY, &ATTRIBUTE)]);

static ATTRIBUTE: Content = Content::Elements(&[saml("AttributeValue", 0, MANY, &Content::Value)]);

/// Checks a Response and its content. Returns the nodes that are not read.
pub fn check_response(document: &Document<'_>, response: NodeId) -> Result<Vec<NodeId>, Refusal> {
    let mut unread = Vec::new();
    check(document, response, &RESPONSE, &mut unread)?;
    Ok(unread)
}

/// Checks an Assertion that is the root of its document. Returns the nodes that are not read.
pub fn check_assertion(document: &Document<'_>, root: NodeId) -> Result<Vec<NodeId>, Refusal> {
    let mut unread = Vec::new();
    check(document, root, &ASSERTION, &mut unread)?;
    Ok(unread)
}

/// Checks a LogoutRequest and its content. Returns the nodes that are not read.
pub fn check_logout_request(document: &Document<'_>, root: NodeId) -> Result<Vec<NodeId>, Refusal> {
    let mut unread = Vec::new();
    check(document, root, &LOGOUT_REQUEST, &mut unread)?;
    Ok(unread)
}

/// Checks a LogoutResponse and its content. Returns the nodes that are not read.
pub fn check_logout_response(
    document: &Document<'_>,
    root: NodeId,
) -> Result<Vec<NodeId>, Refusal> {
    let mut unread = Vec::new();
    check(document, root, &LOGOUT_RESPONSE, &mut unread)?;
    Ok(unread)
}

/// Checks the content of an element, and adds the nodes that are not read to `unread`.
///
/// The recursion is only as deep as the nesting of the tables above, no matter how deeply the
/// message is nested.
fn check(
    document: &Document<'_>,
    node: NodeId,
    content: &'static Content,
    unread: &mut Vec<NodeId>,
) -> Result<(), Refusal> {
    match content {
        Content::Unread => unread.push(node),
        Content::Mixed => unread.extend(xml::child_elements(document, node)),
        Content::Value if has_no_value(document, node) => {
            unread.extend(document.children_iter(node));
        }
        Content::Value => {}
        Content::Text => {
            if let Some(child) = xml::child_elements(document, node).next() {
                return Err(refused_child(document, node, child));
            }
        }
        Content::Name => {
            check(document, node, &Content::Text, unread)?;
            if xml::text(document, node).is_none() {
                return Err(missing(document, node, "text"));
            }
        }
        Content::Elements(children) => return elements(document, node, children, unread),
    }
    Ok(())
}

fn elements(
    document: &Document<'_>,
    node: NodeId,
    allowed: &'static [Child],
    unread: &mut Vec<NodeId>,
) -> Result<(), Refusal> {
    let mut counts = [0_usize; 8];
    for child in document.children_iter(node) {
        match document.node_kind(child) {
            Some(NodeKind::Element(element)) => {
                let (rule, count) = allowed
                    .iter()
                    .zip(&mut counts)
                    .find(|(rule, _)| element.matches_name_ns(rule.namespace, rule.name))
                    .ok_or_else(|| refused_child(document, node, child))?;
                *count += 1;
                if *count > rule.at_most {
                    return Err(refused_child(document, node, child));
                }
                check(document, child, rule.content, unread)?;
            }
            Some(NodeKind::Text(text)) if text.trim_matches(xml::WHITE_SPACE).is_empty() => {}
            _ => return Err(unexpected(document, node, "text".to_owned())),
        }
    }
    let lacking = allowed
        .iter()
        .zip(&counts)
        .find(|(rule, count)| **count < rule.at_least);
    lacking.map_or(Ok(()), |(rule, _)| Err(missing(document, node, rule.name)))
}

fn missing(document: &Document<'_>, parent: NodeId, child: &str) -> Refusal {
    Refusal::MissingElement {
        parent: xml::local_name(document, parent),
        child: child.to_owned(),
    }
}

fn refused_child(document: &Document<'_>, parent: NodeId, child: NodeId) -> Refusal {
    let name = xml::local_name(document, child);
    if xml::is(document, parent, ns::ASSERTION, "Conditions") {
        Refusal::UnknownCondition(name)
    } else {
        unexpected(document, parent, name)
    }
}

fn unexpected(document: &Document<'_>, parent: NodeId, child: String) -> Refusal {
    Refusal::UnexpectedElement {
        parent: xml::local_name(document, parent),
        child,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_cover_the_longest_list_of_children() {
        for content in [
            &RESPONSE,
            &LOGOUT_REQUEST,
            &LOGOUT_RESPONSE,
            &STATUS,
            &ASSERTION,
            &SUBJECT,
            &CONDITIONS,
            &AUTHN_CONTEXT,
        ] {
            let Content::Elements(children) = content else {
                panic!("this content is not a list of elements")
            };
            assert!(children.len() <= 8);
        }
    }
}
