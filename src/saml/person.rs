//! A person at an identity provider, and how the person is recognized at another login.

use serde::{Deserialize, Serialize};

use super::Refusal;
use super::xml::WHITE_SPACE;
use crate::crypto;
use crate::printable::shown;

/// A person at an IdP. The IdP is part of the person's identity, because two IdPs may each have an
/// `alice`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The configured ID of the identity provider.
    pub idp: String,
    /// The value of the subject's `NameID`, without its qualifiers.
    pub name_id: String,
    /// What identifies the person in place of the `NameID`, which may change at each login; `None`
    /// if `idp.person_attribute` is not set.
    pub stable_id: Option<StableId>,
}

/// The value of the attribute that `idp.person_attribute` names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StableId {
    /// The Name of the attribute. A reload may change the setting, and equal values of different
    /// attributes do not mean the same person.
    pub attribute: String,
    /// The value, without surrounding white space.
    pub value: String,
}

impl Person {
    /// The person with this `NameID` at an IdP, without a `stable_id`.
    pub fn with_name_id(idp: &str, name_id: &str) -> Self {
        Self {
            idp: idp.to_owned(),
            name_id: name_id.to_owned(),
            stable_id: None,
        }
    }

    /// The person's name for a page or a line, with invisible characters escaped: the `stable_id`
    /// if there is one, and otherwise the `NameID`.
    pub fn shown(&self) -> String {
        shown(self.stable_id().unwrap_or(&self.name_id))
    }

    /// The value of the `stable_id`, if there is one.
    pub fn stable_id(&self) -> Option<&str> {
        self.stable_id.as_ref().map(|id| id.value.as_str())
    }

    /// The digest by which the person is recognized at another login.
    pub fn key(&self) -> PersonKey {
        let idp = self.idp.as_bytes();
        let digest = match &self.stable_id {
            Some(StableId { attribute, value }) => {
                let parts = [idp, attribute.as_bytes(), value.as_bytes()];
                crypto::derive_of("rolecall person with a stable ID", parts)
            }
            None => crypto::derive_of("rolecall person", [idp, self.name_id.as_bytes()]),
        };
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        PersonKey(key)
    }
}

/// A short digest of a person: of the IdP's configured ID, and of the `stable_id` or else the
/// `NameID`. A browser may keep the digest longer than the person's session lasts, so it does not
/// contain the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonKey([u8; 16]);

impl PersonKey {
    /// The digest, as a part of the name of a record.
    pub fn octets(&self) -> &[u8] {
        &self.0
    }
}

impl StableId {
    /// Reads the only value of the attribute from its `values`. A value may be repeated, and values
    /// without text do not count. The attribute must have a value: otherwise, a person could appear
    /// as somebody new at each login. It must not have several values: otherwise, a person could
    /// appear as any of several people.
    pub(super) fn read<'v>(
        attribute: &str,
        values: impl Iterator<Item = &'v str>,
    ) -> Result<Self, Refusal> {
        let values = values.map(|value| value.trim_matches(WHITE_SPACE));
        let mut values = values.filter(|value| !value.is_empty());
        let first = values.next().ok_or(Refusal::NoPersonAttribute)?;
        if values.any(|other| other != first) {
            return Err(Refusal::SeveralPersonValues);
        }
        Ok(Self {
            attribute: attribute.to_owned(),
            value: first.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stable_id_takes_the_place_of_the_name_id() {
        let with_attribute = |attribute: &str, name_id, value: Option<&str>| Person {
            stable_id: value.map(|value| StableId {
                attribute: attribute.to_owned(),
                value: value.to_owned(),
            }),
            ..Person::with_name_id("corp", name_id)
        };
        let with = |name_id, value| with_attribute("uid", name_id, value);
        assert_ne!(with("_1", None).key(), with("_2", None).key());
        assert_eq!(with("_1", Some("a")).key(), with("_2", Some("a")).key());
        assert_ne!(with("_1", Some("a")).key(), with("_1", Some("b")).key());
        // A person cannot get the stable ID of another by means of the NameID.
        assert_ne!(with("a", None).key(), with("_1", Some("a")).key());
        // The attribute counts too, since a reload may name another one.
        let other = with_attribute("mail", "_1", Some("a"));
        assert_ne!(with("_1", Some("a")).key(), other.key());
        assert_eq!(with("_1", None).shown(), "_1");
        assert_eq!(with("_1", Some("a\u{202e}")).shown(), shown("a\u{202e}"));
    }

    #[test]
    fn a_stable_id_is_the_only_value_of_its_attribute() {
        let read = |values: &[&'static str]| {
            let id = StableId::read("uid", values.iter().copied());
            id.map(|id| id.value)
        };
        let alice = Ok("alice".to_owned());
        assert_eq!(read(&["alice"]), alice);
        assert_eq!(read(&["alice", "", " \n", " alice\t"]), alice);
        assert_eq!(read(&[]), Err(Refusal::NoPersonAttribute));
        assert_eq!(read(&["", "\t"]), Err(Refusal::NoPersonAttribute));
        assert_eq!(read(&["alice", "Alice"]), Err(Refusal::SeveralPersonValues));
    }
}
