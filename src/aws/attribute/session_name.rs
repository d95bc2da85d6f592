//! Role session name and source identity: they identify a session and its person in CloudTrail.

use std::str::FromStr;

use serde::Deserialize;

use crate::aws::arn::{checked_text, is_name_character};

/// The name of a session, `[\w+=,.@-]{2,64}`. The name is the last part of the session's ARN.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct RoleSessionName {
    text: String,
}

/// Identifies the person behind a session and persists through role chaining. A source identity has
/// the form of a [`RoleSessionName`] and must not begin with `aws:`, which AWS reserves.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct SourceIdentity {
    text: String,
}

/// The error for a string that is not a valid [`RoleSessionName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 2 to 64 characters long and contain only A-Z a-z 0-9 _ + = , . @ -")]
pub struct SessionNameError;

/// The error for a string that is not a valid [`SourceIdentity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be 2 to 64 characters long, contain only A-Z a-z 0-9 _ + = , . @ - and not begin with \
     aws:"
)]
pub struct SourceIdentityError;

fn is_session_name(text: &str) -> bool {
    (2..=64).contains(&text.len()) && text.chars().all(is_name_character)
}

impl FromStr for RoleSessionName {
    type Err = SessionNameError;

    fn from_str(text: &str) -> Result<Self, SessionNameError> {
        if is_session_name(text) {
            Ok(Self {
                text: text.to_owned(),
            })
        } else {
            Err(SessionNameError)
        }
    }
}

impl FromStr for SourceIdentity {
    type Err = SourceIdentityError;

    /// `aws:` needs no separate check, because colons are not allowed.
    fn from_str(text: &str) -> Result<Self, SourceIdentityError> {
        if is_session_name(text) {
            Ok(Self {
                text: text.to_owned(),
            })
        } else {
            Err(SourceIdentityError)
        }
    }
}

checked_text!(RoleSessionName, SessionNameError);
checked_text!(SourceIdentity, SourceIdentityError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_2_to_64_allowed_characters() {
        for text in [
            "ab",
            "ada.lovelace@example.com",
            "a_b+c=d,e-f",
            &"x".repeat(64),
        ] {
            assert_eq!(
                text.parse::<RoleSessionName>().expect("a name").as_str(),
                text
            );
            assert_eq!(
                text.parse::<SourceIdentity>()
                    .expect("an identity")
                    .as_str(),
                text
            );
        }
        for text in [
            "",
            "a",
            "a b",
            "a/b",
            "a:b",
            "aws:ab",
            "ä1",
            "ab\n",
            &"x".repeat(65),
        ] {
            assert_eq!(
                text.parse::<RoleSessionName>(),
                Err(SessionNameError),
                "{text:?}"
            );
            assert_eq!(
                text.parse::<SourceIdentity>(),
                Err(SourceIdentityError),
                "{text:?}"
            );
        }
    }
}
