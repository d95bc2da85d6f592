//! Who signed in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A person: known by IdP and `NameID` together, never by the `NameID` alone, since two IdPs may
/// both know an `alice`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The configured id of the identity provider.
    pub idp: String,
    /// The subject's `NameID`.
    pub name_id: String,
}

/// A verified sign-in: everything in it was signed by the identity provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Who.
    pub person: Person,
    /// The `NameID`'s format URI.
    pub name_id_format: Option<String>,
    /// The IdP's name for its session.
    pub session_index: Option<String>,
    /// All attributes, in the order of the message.
    pub attributes: Vec<Attribute>,
    /// The assertion's ID, unique at the IdP.
    pub assertion_id: String,
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
