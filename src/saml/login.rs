//! The result of a verified login: who signed in, and how.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uppsala::{Document, NodeId};

use super::person::Person;
use super::xml;

/// A subject's name as the IdP sends it (saml-core 2.2.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameId {
    /// The name itself, without surrounding white space.
    pub value: String,
    /// The URI of the name's format.
    pub format: Option<String>,
    /// NameQualifier: the domain of the name.
    pub name_qualifier: Option<String>,
    /// SPNameQualifier: the service provider that the name is for.
    pub sp_name_qualifier: Option<String>,
}

/// The Format of a name that the IdP makes for one session (saml-core 8.3.8).
pub const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";

impl NameId {
    /// Whether the format says that the IdP makes another name for each session.
    pub fn is_transient(&self) -> bool {
        let format = self.format.as_deref().map(str::trim);
        format == Some(TRANSIENT)
    }

    /// Reads a `saml:NameID`; `None` if it contains no text.
    pub(super) fn read(document: &Document<'_>, node: NodeId) -> Option<Self> {
        let attribute = |name| xml::attribute(document, node, name).map(str::to_owned);
        Some(Self {
            value: xml::text(document, node)?.to_owned(),
            format: attribute("Format"),
            name_qualifier: attribute("NameQualifier"),
            sp_name_qualifier: attribute("SPNameQualifier"),
        })
    }
}

/// How a person signed in at the IdP: the authentication context class in each AuthnStatement
/// (AuthnContextClassRef, saml-core 2.7.2.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthnContexts {
    /// The class of the first AuthnStatement, if it contains one.
    pub first: Option<String>,
    /// The classes of the other AuthnStatements, without duplicates; usually empty. `None`
    /// represents a missing class, or all further classes if there are too many.
    pub others: Vec<Option<String>>,
}

impl AuthnContexts {
    /// Whether every class is in `wanted`. If `wanted` is empty, every class is accepted.
    pub fn are_wanted(&self, wanted: &[String]) -> bool {
        let mut classes = std::iter::once(&self.first).chain(&self.others);
        classes.all(|class| Self::is_wanted(class.as_deref(), wanted))
    }

    /// Whether a class is in `wanted`, or `wanted` is empty.
    pub(super) fn is_wanted(class: Option<&str>, wanted: &[String]) -> bool {
        wanted.is_empty() || class.is_some_and(|class| wanted.iter().any(|other| other == class))
    }
}

/// A person's sign-in at the identity provider, from a verified assertion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The person who signed in.
    pub person: Person,
    /// Whether the IdP had to authenticate the person again, because our request or the
    /// configuration required it.
    pub requested_force_authn: bool,
    /// The full `NameID`, for our LogoutRequest.
    pub name_id: NameId,
    /// The IdP's identifier for its session (SessionIndex).
    pub session_index: Option<String>,
    /// All attributes, in the message's order.
    pub attributes: Vec<Attribute>,
    /// The Name of each attribute value that was left out, because it contains elements or is nil.
    pub left_out: Vec<String>,
    /// The assertion's ID, which is unique among the IdP's assertions.
    pub assertion_id: String,
    /// When the person signed in at the IdP: the earliest AuthnInstant (saml-core 2.7.2). `None` if
    /// an AuthnStatement has no AuthnInstant.
    pub authenticated_at: Option<DateTime<Utc>>,
    /// How the person signed in at the IdP.
    pub authn_contexts: AuthnContexts,
    /// When the IdP issued the assertion.
    pub issued_at: DateTime<Utc>,
    /// When the assertion expires: the NotOnOrAfter of its conditions or of its subject
    /// confirmation, whichever is earlier.
    pub not_on_or_after: DateTime<Utc>,
    /// The time by which the IdP requires our session to end (SessionNotOnOrAfter).
    pub session_not_on_or_after: Option<DateTime<Utc>>,
}

impl Login {
    /// The name and the values of each attribute.
    pub fn attribute_pairs(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.attributes
            .iter()
            .map(|attribute| (attribute.name.as_str(), attribute.values.as_slice()))
    }
}

/// A SAML attribute, identified by its Name. A FriendlyName is only for people (saml-core 2.7.3.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// The attribute's Name.
    pub name: String,
    /// The text of each value. Values without text, with elements or with `xsi:nil` are left out.
    pub values: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_in_must_have_a_wanted_class() {
        let contexts = |first: Option<&str>, others: &[Option<&str>]| AuthnContexts {
            first: first.map(str::to_owned),
            others: others
                .iter()
                .map(|other| other.map(str::to_owned))
                .collect(),
        };
        let wanted = ["mfa".to_owned(), "key".to_owned()];
        for (contexts, expected) in [
            (contexts(Some("mfa"), &[]), true),
            (contexts(Some("mfa"), &[Some("key")]), true),
            (contexts(Some("mfa"), &[Some("password")]), false),
            (contexts(Some("mfa"), &[None]), false),
            (contexts(None, &[]), false),
        ] {
            assert_eq!(contexts.are_wanted(&wanted), expected, "{contexts:?}");
            assert!(contexts.are_wanted(&[]));
        }
    }
}
