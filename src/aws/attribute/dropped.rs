//! Dropped: an attribute value that has no effect, recorded so that the administrator can see why.

use serde::{Deserialize, Serialize};

use super::{TAGS_MAXIMUM, TagKey, TagValue};
use crate::aws::arn::ArnError;
use crate::aws::duration::SessionDurationError;
use crate::printable::printable;

/// The maximum length of a recorded name or value, in characters.
const SHOWN_MAXIMUM: usize = 200;

/// A dropped value and the reason for dropping it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// The attribute's name, truncated and escaped like `value`.
    pub attribute: String,
    /// At most 200 characters of the value, followed by `…` if it is longer. Control characters,
    /// invisible characters and characters that change the direction of text are escaped as
    /// `\u{…}`.
    pub value: String,
    /// Why the value was dropped.
    pub reason: DropReason,
}

/// Why an attribute value was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropReason {
    /// The value of `Role` is not two ARNs separated by a comma.
    #[error("must be one role ARN and one SAML provider ARN, separated by a comma")]
    NotAPair,
    /// The role ARN in the value of `Role` is invalid.
    #[error("the role: {0}")]
    Role(ArnError),
    /// The SAML provider ARN in the value of `Role` is invalid.
    #[error("the SAML provider: {0}")]
    Provider(ArnError),
    /// The role and the provider are in different partitions, which share no identities.
    #[error("the role and the SAML provider are in different partitions")]
    TwoPartitions,
    /// `RoleSessionName` is not a valid session name.
    #[error("must be 2 to 64 characters long and contain only A-Z a-z 0-9 _ + = , . @ -")]
    SessionName,
    /// `SessionDuration` is not a valid duration.
    #[error("{}", SessionDurationError)]
    SessionDuration,
    /// `SourceIdentity` is not a valid source identity.
    #[error(
        "must be 2 to 64 characters long, contain only A-Z a-z 0-9 _ + = , . @ - and not begin \
         with aws:"
    )]
    SourceIdentity,
    /// The key of a tag is empty, too long or reserved, or contains a character that IAM does not
    /// allow.
    #[error(
        "the tag key must be 1 to {} characters long, contain only characters that IAM allows and \
         not begin with aws:",
        TagKey::LENGTH_MAXIMUM
    )]
    TagKey,
    /// The value of a tag is too long or contains a character that IAM does not allow.
    #[error(
        "the tag value must be at most {} characters long and contain only characters that IAM \
         allows",
        TagValue::LENGTH_MAXIMUM
    )]
    TagValue,
    /// An earlier tag has the same key. The case of letters is ignored.
    #[error("there is already a tag with the same key; tag keys are not case-sensitive")]
    TagRepeated,
    /// There are more than 50 session tags, or more than 50 transitive tag keys.
    #[error("there are already {TAGS_MAXIMUM} tags or transitive tag keys")]
    TooManyTags,
    /// A second, different value of an attribute that allows only one.
    #[error("the attribute can have only one value, and it already has one")]
    SecondValue,
    /// The value contains elements or is nil, so it has no text. `value` is empty.
    #[error("the value contains elements or is nil, so it is not text")]
    NotText,
    /// The attribute's name has AWS's prefix, but AWS documents no attribute with this name. Names
    /// are case-sensitive.
    #[error("no such AWS attribute; names are case-sensitive")]
    UnknownAttribute,
}

impl DropReason {
    /// A stable name for audit lines.
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
            Self::NotText => "not_text",
            Self::UnknownAttribute => "unknown_attribute",
        }
    }

    /// Whether the dropped value is a value of `Role`.
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
