//! Account ID: the twelve-digit number of an AWS account.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const DIGITS: usize = 12;

/// The ID of an AWS account: exactly twelve digits, including leading zeros.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId {
    digits: [u8; DIGITS],
}

/// The error for a string that is not a valid [`AccountId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("the account ID is not twelve digits")]
pub struct AccountIdError;

impl FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, AccountIdError> {
        let digits = text.as_bytes().try_into().map_err(|_| AccountIdError)?;
        let id = Self { digits };
        let is_number = digits.iter().all(u8::is_ascii_digit);
        is_number.then_some(id).ok_or(AccountIdError)
    }
}

impl AccountId {
    /// The account ID as twelve digits.
    pub fn as_str(&self) -> &str {
        // ASCII digits are valid UTF-8.
        std::str::from_utf8(&self.digits).unwrap_or_default()
    }
}

impl TryFrom<String> for AccountId {
    type Error = AccountIdError;

    fn try_from(text: String) -> Result<Self, AccountIdError> {
        text.parse()
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.as_str().to_owned()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "AccountId({self})")
    }
}

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
    fn is_validated_when_read_from_json() {
        let account: AccountId = serde_json::from_str("\"012345678901\"").expect("an account");
        assert_eq!(
            serde_json::to_string(&account).expect("json"),
            "\"012345678901\""
        );
        assert!(serde_json::from_str::<AccountId>("\"1\"").is_err());
        assert!(serde_json::from_str::<AccountId>("123456789012").is_err());
    }
}
