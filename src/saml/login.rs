//! Who signed in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uppsala::{Document, NodeId};

use super::xml;

/// A person: known by IdP and `NameID` together, never by the `NameID` alone, since two IdPs may
/// both know an `alice`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The configured id of the identity provider.
    pub idp: String,
    /// The subject's `NameID`.
    pub name_id: String,
}

/// A subject's name as the IdP says it (saml-core 2.2.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameId {
    /// The name.
    pub value: String,
    /// The format's URI.
    pub format: Option<String>,
    /// Whose name it is.
    pub name_qualifier: Option<String>,
    /// For whom it was made.
    pub sp_name_qualifier: Option<String>,
}

impl NameId {
    /// Reads a `saml:NameID` of a tree that was verified; `None` if it has no text.
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

/// How a person signed in at the IdP (saml-core 2.7.2.2, AuthnContextClassRef). With several
/// AuthnStatements, each has its own class.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthnContexts {
    /// The class of the first.
    pub first: Option<String>,
    /// Other classes, each once; mostly there are none.
    pub others: Vec<Option<String>>,
}

impl AuthnContexts {
    /// Whether every class is in `wanted`. If `wanted` is empty, any class will do.
    pub fn are_wanted(&self, wanted: &[String]) -> bool {
        let mut classes = std::iter::once(&self.first).chain(&self.others);
        classes.all(|class| Self::is_wanted(class.as_deref(), wanted))
    }

    /// Whether a class is one of the `wanted`.
    pub(super) fn is_wanted(class: Option<&str>, wanted: &[String]) -> bool {
        wanted.is_empty() || class.is_some_and(|class| wanted.iter().any(|other| other == class))
    }
}

/// A verified sign-in: everything in it was signed by the identity provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Who.
    pub person: Person,
    /// Whether the IdP had to ask the person anew: by our request, or by the configuration.
    pub asked_anew: bool,
    /// The `NameID` in full, as it goes into a LogoutRequest.
    pub name_id: NameId,
    /// The IdP's name for its session.
    pub session_index: Option<String>,
    /// All attributes, in the order of the message.
    pub attributes: Vec<Attribute>,
    /// The assertion's ID, unique at the IdP.
    pub assertion_id: String,
    /// When the person last signed in at the IdP, where it says so (saml-core 2.7.2, AuthnInstant).
    pub authenticated_at: Option<DateTime<Utc>>,
    /// How the person signed in there.
    pub authn_contexts: AuthnContexts,
    /// When the IdP issued the assertion.
    pub issued_at: DateTime<Utc>,
    /// When the assertion stops being good, by its conditions and its confirmation.
    pub not_on_or_after: DateTime<Utc>,
    /// When the IdP wants our session to end at the latest.
    pub session_not_on_or_after: Option<DateTime<Utc>>,
}

impl Login {
    /// The attributes as pairs of name and values.
    pub fn attribute_pairs(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.attributes
            .iter()
            .map(|attribute| (attribute.name.as_str(), attribute.values.as_slice()))
    }
}

/// A SAML attribute, known by its Name; a FriendlyName is for people only (saml-core 2.7.3.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Name.
    pub name: String,
    /// The values that are text.
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
