//! User ARN.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{AccountId, ArnError, IamArn, checked_text, name_behind_path};
use crate::aws::partition::Partition;

/// The ARN of an IAM user: `arn:aws:iam::123456789012:user/path/name`.
///
/// The path has at most 512 characters of `!` to `~` with the slashes around it, the name is
/// `[\w+=,.@-]{1,64}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserArn {
    text: String,
    partition: Partition,
    account: AccountId,
    name_length: usize,
}

impl UserArn {
    /// The partition.
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The account that the user is in.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The user's name: the last segment, without the path.
    pub fn name(&self) -> &str {
        let (_, name) = self.text.split_at(self.text.len() - self.name_length);
        name
    }
}

impl FromStr for UserArn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        let IamArn {
            partition,
            account,
            resource,
        } = IamArn::parse(text, "user/", ArnError::NotAUser)?;
        Ok(Self {
            name_length: name_behind_path(resource)?.len(),
            text: text.to_owned(),
            partition,
            account,
        })
    }
}

checked_text!(UserArn, ArnError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_users_and_nothing_else() {
        for partition in Partition::ALL {
            let text = format!("arn:{partition}:iam::123456789012:user/apps/rolecall@x");
            let user: UserArn = text.parse().expect("a user");
            assert_eq!(user.partition(), partition);
            assert_eq!(user.account().as_str(), "123456789012");
            assert_eq!(user.name(), "rolecall@x");
            assert_eq!(user.to_string(), text);
        }
        let refused = |text: &str| text.parse::<UserArn>().expect_err(text);
        let role = refused("arn:aws:iam::123456789012:role/a");
        assert_eq!(role, ArnError::NotAUser);
        let path = refused("arn:aws:iam::123456789012:user//a");
        assert_eq!(path, ArnError::Path);
        let long = format!("arn:aws:iam::123456789012:user/{}", "x".repeat(65));
        assert_eq!(refused(&long), ArnError::Name { maximum: 64 });
    }
}
