//! Attribute: one of the AWS attributes in an assertion's attribute statement.
//!
//! The IAM User Guide defines these attributes in "Configure SAML assertions for the authentication
//! response". STS itself checks them when it gets the assertion. An invalid value therefore does
//! not make rolecall refuse the assertion: the value is dropped and recorded with the reason, and
//! the valid values remain.

mod dropped;
mod grant;
mod packed;
mod session_name;
mod tag;

use std::collections::HashSet;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use dropped::{DropReason, Dropped};
pub use grant::RoleGrant;
pub use session_name::{RoleSessionName, SessionNameError, SourceIdentity, SourceIdentityError};
pub use tag::{TagError, TagKey, TagValue};

pub use super::duration::SessionDuration;

/// The prefixes of the attribute names: the general prefix and the prefix for the Regions in China.
const PREFIXES: [&str; 2] = [
    "https://aws.amazon.com/SAML/Attributes/",
    "https://www.amazonaws.cn/SAML/Attributes/",
];

const ROLE: &str = "Role";

/// The maximum number of session tags (STS API reference, `Tags`; IAM User Guide, "Pass session
/// tags in AWS STS").
pub const TAGS_MAXIMUM: usize = 50;

/// The maximum number of dropped values that are recorded with their reasons. There is a limit
/// because the session stores these values.
const DROPPED_MAXIMUM: usize = 100;

/// The AWS attributes of an assertion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwsAttributes {
    /// `Role`: the roles, each with its SAML provider, in the order of the assertion and without
    /// duplicates.
    #[serde(with = "packed")]
    pub roles: Vec<RoleGrant>,
    /// `RoleSessionName`. STS rejects an assertion without it.
    pub session_name: Option<RoleSessionName>,
    /// `SessionDuration`: the lifetime of the console session.
    pub session_duration: Option<SessionDuration>,
    /// `SourceIdentity`: identifies the person behind the session and persists through role
    /// chaining.
    pub source_identity: Option<SourceIdentity>,
    /// `PrincipalTag:{key}`: the session tags, at most 50.
    pub principal_tags: Vec<(TagKey, TagValue)>,
    /// `TransitiveTagKeys`: the keys of tags that persist through role chaining, at most 50,
    /// without duplicates.
    pub transitive_tag_keys: Vec<TagKey>,
    /// At most 100 dropped values, each with the reason.
    pub dropped: Vec<Dropped>,
    /// The number of dropped values that `dropped` does not list.
    pub dropped_beyond: usize,
}

impl AwsAttributes {
    /// Reads the AWS attributes among `attributes` and ignores all others. `attributes` contains
    /// each attribute's `Name` and values. `FriendlyName` is never used, because it must not
    /// identify an attribute (saml-core 2.7.3.1).
    pub fn read<'a>(attributes: impl IntoIterator<Item = (&'a str, &'a [String])>) -> Self {
        let mut reader = AttributeReader::default();
        for (name, values) in attributes {
            if local(name) == Some(ROLE) {
                reader.expect_roles(values.len());
            }
            for value in values {
                reader.value(name, value);
            }
        }
        reader.read
    }

    /// Records a left-out value of the attribute `name`, which has no text. Attributes that are not
    /// AWS's are ignored.
    pub fn leave_out(&mut self, name: &str) {
        if local(name).is_some() {
            self.drop(name, "", DropReason::NotText);
        }
    }

    /// The number of `Role` values in `dropped`.
    pub fn dropped_roles(&self) -> usize {
        let is_role = |dropped: &&Dropped| match dropped.reason {
            DropReason::NotText => local(&dropped.attribute) == Some(ROLE),
            reason => reason.is_about_a_role(),
        };
        self.dropped.iter().filter(is_role).count()
    }

    fn drop(&mut self, name: &str, value: &str, reason: DropReason) {
        if self.dropped.len() < DROPPED_MAXIMUM {
            self.dropped.push(Dropped::new(name, value, reason));
        } else {
            self.dropped_beyond += 1;
        }
    }
}

#[derive(Default)]
struct AttributeReader {
    read: AwsAttributes,
    grants_seen: HashSet<RoleGrant>,
}

impl AttributeReader {
    fn expect_roles(&mut self, count: usize) {
        self.read.roles.reserve(count);
        self.grants_seen.reserve(count);
    }

    fn value(&mut self, name: &str, value: &str) {
        let Some(local) = local(name) else {
            return;
        };
        if let Err(reason) = self.keep(local, value) {
            self.read.drop(name, value, reason);
        }
    }

    fn keep(&mut self, local_name: &str, value: &str) -> Result<(), DropReason> {
        let trimmed = value.trim();
        match local_name {
            ROLE => self.role(trimmed),
            "RoleSessionName" => keep_first(
                &mut self.read.session_name,
                trimmed,
                DropReason::SessionName,
            ),
            "SessionDuration" => keep_first(
                &mut self.read.session_duration,
                trimmed,
                DropReason::SessionDuration,
            ),
            "SourceIdentity" => keep_first(
                &mut self.read.source_identity,
                trimmed,
                DropReason::SourceIdentity,
            ),
            "TransitiveTagKeys" => self.transitive_tag_key(trimmed),
            _ => match local_name.strip_prefix("PrincipalTag:") {
                Some(key) => self.principal_tag(key, value),
                None => Err(DropReason::UnknownAttribute),
            },
        }
    }

    fn role(&mut self, value: &str) -> Result<(), DropReason> {
        let last = self.read.roles.last().map(|grant| &grant.provider);
        let grant = RoleGrant::read(value, last)?;
        if self.grants_seen.insert(grant.clone()) {
            self.read.roles.push(grant);
        }
        Ok(())
    }

    fn principal_tag(&mut self, key: &str, value: &str) -> Result<(), DropReason> {
        let key: TagKey = key.parse().map_err(|_| DropReason::TagKey)?;
        let value: TagValue = value.parse().map_err(|_| DropReason::TagValue)?;
        let tags = &mut self.read.principal_tags;
        if tags.iter().any(|(known, _)| known.is_same_key(&key)) {
            return Err(DropReason::TagRepeated);
        }
        if tags.len() == TAGS_MAXIMUM {
            return Err(DropReason::TooManyTags);
        }
        tags.push((key, value));
        Ok(())
    }

    fn transitive_tag_key(&mut self, key: &str) -> Result<(), DropReason> {
        let key: TagKey = key.parse().map_err(|_| DropReason::TagKey)?;
        let keys = &mut self.read.transitive_tag_keys;
        if keys.contains(&key) {
            return Ok(());
        }
        if keys.len() == TAGS_MAXIMUM {
            return Err(DropReason::TooManyTags);
        }
        keys.push(key);
        Ok(())
    }
}

/// `name` without AWS's prefix, or `None` if `name` has no such prefix.
fn local(name: &str) -> Option<&str> {
    PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix))
}

/// Keeps the first valid value of an attribute that allows only one. Repetitions of this value are
/// ignored. Any other value, valid or invalid, is an error.
fn keep_first<T: FromStr + PartialEq>(
    slot: &mut Option<T>,
    value: &str,
    mistake: DropReason,
) -> Result<(), DropReason> {
    let value = value.parse().map_err(|_| mistake)?;
    match slot {
        None => *slot = Some(value),
        Some(kept) if *kept == value => {}
        Some(_) => return Err(DropReason::SecondValue),
    }
    Ok(())
}

#[cfg(test)]
mod tests;
