//! Principal ARN: the ARN of the principal that temporary credentials belong to.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::{AccountId, ArnError, RoleArn, RootArn, UserArn};
use crate::aws::partition::Partition;

/// A principal that temporary credentials can belong to: a role, an IAM user or a root user.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalArn {
    /// A role: `…:role/path/name`.
    Role(RoleArn),
    /// An IAM user: `…:user/path/name`.
    User(UserArn),
    /// An account's root user: `…:root`.
    Root(RootArn),
}

impl PrincipalArn {
    /// The ARN exactly as it was parsed.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Role(arn) => arn.as_str(),
            Self::User(arn) => arn.as_str(),
            Self::Root(arn) => arn.as_str(),
        }
    }

    /// The partition, from the ARN's second field.
    pub fn partition(&self) -> Partition {
        match self {
            Self::Role(arn) => arn.partition(),
            Self::User(arn) => arn.partition(),
            Self::Root(arn) => arn.partition(),
        }
    }

    /// The account, from the ARN's fifth field.
    pub fn account(&self) -> &AccountId {
        match self {
            Self::Role(arn) => arn.account(),
            Self::User(arn) => arn.account(),
            Self::Root(arn) => arn.account(),
        }
    }

    /// The name: the last segment of the resource, without a path.
    pub fn name(&self) -> &str {
        match self {
            Self::Role(arn) => arn.name(),
            Self::User(arn) => arn.name(),
            Self::Root(arn) => arn.name(),
        }
    }

    /// The role's ARN, or `None` if the principal is not a role.
    pub fn role(&self) -> Option<&RoleArn> {
        match self {
            Self::Role(arn) => Some(arn),
            Self::User(_) | Self::Root(_) => None,
        }
    }
}

/// Parses the ARN of a role, an IAM user or a root user. If the string is none of these, the error
/// is the one for an invalid role ARN.
impl FromStr for PrincipalArn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        let not_a_role = match text.parse() {
            Ok(role) => return Ok(Self::Role(role)),
            Err(error) => error,
        };
        if let Ok(user) = text.parse() {
            return Ok(Self::User(user));
        }
        text.parse().map(Self::Root).map_err(|_| not_a_role)
    }
}

impl fmt::Display for PrincipalArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for PrincipalArn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl From<RoleArn> for PrincipalArn {
    fn from(arn: RoleArn) -> Self {
        Self::Role(arn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_principal_type_follows_from_the_resource() {
        let parsed = |resource: &str| {
            let text = format!("arn:aws-cn:iam::123456789012:{resource}");
            let parsed: PrincipalArn = text.parse().expect("a principal");
            assert_eq!(parsed.as_str(), text);
            assert_eq!(parsed.partition(), Partition::Cn);
            assert_eq!(parsed.account().as_str(), "123456789012");
            let name = parsed.name().to_owned();
            (parsed.role().is_some(), name)
        };
        assert_eq!(parsed("role/team/Admin"), (true, "Admin".to_owned()));
        assert_eq!(parsed("user/apps/robot"), (false, "robot".to_owned()));
        assert_eq!(parsed("root"), (false, "root".to_owned()));
        let group = "arn:aws:iam::123456789012:group/a".parse::<PrincipalArn>();
        assert_eq!(group, Err(ArnError::NotARole));
    }
}
