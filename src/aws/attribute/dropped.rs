//! Dropped: an attribute value that was no good, kept for the administrator.

use serde::{Deserialize, Serialize};

use super::{TAGS_MAXIMUM, TagKey, TagValue};
use crate::aws::arn::ArnError;
use crate::aws::duration::SessionDurationError;
use crate::printable::printable;

/// The most characters of a value that are kept.
const SHOWN_MAXIMUM: usize = 200;

/// A value that was dropped, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// The attribute's name, made printable as the value.
    pub attribute: String,
    /// The value, at most 200 characters of it and then `…`; control characters and characters
    /// that change the direction of text are shown as `\u{…}`.
    pub value: String,
    /// Why it was dropped.
    pub reason: DropReason,
}

/// Why an attribute value was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropReason {
    /// `Role` is not two ARNs with a comma between.
    #[error("not one role ARN and one SAML provider ARN with a comma between them")]
    NotAPair,
    /// The role's ARN in `Role`.
    #[error("the role: {0}")]
    Role(ArnError),
    /// The provider's ARN in `Role`.
    #[error("the SAML provider: {0}")]
    Provider(ArnError),
    /// Role and provider are in different partitions, which share no identities.
    #[error("the role and the SAML provider are in different partitions")]
    TwoPartitions,
    /// `RoleSessionName` is not one.
    #[error("not 2 to 64 of the characters A-Z a-z 0-9 _ + = , . @ -")]
    SessionName,
    /// `SessionDuration` is not one.
    #[error("{}", SessionDurationError)]
    SessionDuration,
    /// `SourceIdentity` is not one.
    #[error("not 2 to 64 of the characters A-Z a-z 0-9 _ + = , . @ -, or beginning with aws:")]
    SourceIdentity,
    /// The key of a tag.
    #[error(
        "the tag's key is not 1 to {} of the characters IAM allows, or begins with aws:",
        TagKey::LENGTH_MAXIMUM
    )]
    TagKey,
    /// The value of a tag.
    #[error(
        "the tag's value is not up to {} of the characters that IAM allows",
        TagValue::LENGTH_MAXIMUM
    )]
    TagValue,
    /// A tag of the same key, but for case, is there already.
    #[error("a tag with the same key is there already; keys differ by more than case")]
    TagRepeated,
    /// One tag more than STS takes.
    #[error("there are {TAGS_MAXIMUM} tags already")]
    TooManyTags,
    /// Another value of an attribute that has one.
    #[error("the attribute has one value, and there is another already")]
    SecondValue,
    /// AWS's prefix with a name that AWS does not document; names are case-sensitive.
    #[error("no such AWS attribute; names are case-sensitive")]
    UnknownAttribute,
}

impl DropReason {
    /// A stable name, for audit lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotAPair => "not_a_pair",
            Self::Role(_) => "role",
            Self::Provider(_) => "provider",
            Self::TwoPartitions => "two_partitions",
            Self::SessionName => "session_name",
            Self::SessionDuration => "session_duration",
            Self::SourceIdentity => "source_identity",
            Self::TagKey => "tag_key",
            Self::TagValue => "tag_value",
            Self::TagRepeated => "tag_repeated",
            Self::TooManyTags => "too_many_tags",
            Self::SecondValue => "second_value",
            Self::UnknownAttribute => "unknown_attribute",
        }
    }

    /// Whether it is a value of `Role` that was dropped.
    pub(super) fn is_about_a_role(self) -> bool {
        matches!(
            self,
            Self::NotAPair | Self::Role(_) | Self::Provider(_) | Self::TwoPartitions
        )
    }
}

impl Dropped {
    pub(super) fn new(attribute: &str, value: &str, reason: DropReason) -> Self {
        Self {
            attribute: printable(attribute, SHOWN_MAXIMUM),
            value: printable(value, SHOWN_MAXIMUM),
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_printable_and_bounded() {
        let dropped = |attribute, value| Dropped::new(attribute, value, DropReason::NotAPair);
        assert_eq!(dropped("Role", "a\nb").value, "a\\u{a}b");
        assert_eq!(dropped("a\0", "").attribute, "a\\u{0}");
        let long = dropped("Role", &"é".repeat(201)).value;
        assert_eq!(long, format!("{}…", "é".repeat(200)));
    }

    #[test]
    fn reasons_survive_the_session_record() {
        for reason in [
            DropReason::NotAPair,
            DropReason::Role(ArnError::Name { maximum: 64 }),
            DropReason::TooManyTags,
        ] {
            let json = serde_json::to_string(&reason).expect("json");
            assert_eq!(
                serde_json::from_str::<DropReason>(&json).expect("a reason"),
                reason
            );
        }
    }
}
