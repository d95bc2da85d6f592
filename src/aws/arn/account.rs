//! Account ID.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::checked_text;

/// An AWS account's number: exactly twelve digits, leading zeros included.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId {
    text: String,
}

/// Why a text is not an [`AccountId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("the account is not twelve digits")]
pub struct AccountIdError;

impl FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, AccountIdError> {
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self {
                text: text.to_owned(),
            })
        } else {
            Err(AccountIdError)
        }
    }
}

checked_text!(AccountId, AccountIdError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_twelve_digits() {
        let account: AccountId = "012345678901".parse().expect("an account");
        assert_eq!(account.as_str(), "012345678901");
        for text in [
            "",
            "12345678901",
            "1234567890123",
            "12345678901a",
            " 12345678901",
            "１23456789012",
        ] {
            assert_eq!(text.parse::<AccountId>(), Err(AccountIdError), "{text:?}");
        }
    }

    #[test]
    fn is_a_checked_string_in_json() {
        let account: AccountId = serde_json::from_str("\"012345678901\"").expect("an account");
        assert_eq!(
            serde_json::to_string(&account).expect("json"),
            "\"012345678901\""
        );
        assert!(serde_json::from_str::<AccountId>("\"1\"").is_err());
        assert!(serde_json::from_str::<AccountId>("123456789012").is_err());
    }
}
