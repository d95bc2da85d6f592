//! Root ARN: identifies the root user of an account.

use std::str::FromStr;

use serde::Deserialize;

use super::{AccountId, ArnError, IamArn, checked_text};
use crate::aws::partition::Partition;

/// The ARN of an account's root user: `arn:aws:iam::123456789012:root`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct RootArn {
    text: String,
    partition: Partition,
    account: AccountId,
}

impl RootArn {
    /// The partition, from the ARN's second field.
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The account, from the ARN's fifth field.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// Always `root`, since a root user has no name in IAM.
    pub fn name(&self) -> &'static str {
        "root"
    }
}

impl FromStr for RootArn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        match IamArn::parse(text, "root", ArnError::NotRoot)? {
            IamArn {
                partition,
                account,
                resource: "",
            } => Ok(Self {
                text: text.to_owned(),
                partition,
                account,
            }),
            _ => Err(ArnError::NotRoot),
        }
    }
}

checked_text!(RootArn, ArnError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_only_the_root_user() {
        for partition in Partition::ALL {
            let text = format!("arn:{partition}:iam::123456789012:root");
            let root: RootArn = text.parse().expect("a root user");
            assert_eq!(root.partition(), partition);
            assert_eq!(root.account().as_str(), "123456789012");
            assert_eq!(root.to_string(), text);
        }
        for resource in ["", "user/root", "root/x", "rooted", "Root"] {
            let text = format!("arn:aws:iam::123456789012:{resource}");
            assert_eq!(text.parse::<RootArn>(), Err(ArnError::NotRoot), "{text}");
        }
    }
}
