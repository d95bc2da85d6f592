//! ARN: the Amazon Resource Name of a role, an IAM user, a root user or a SAML provider.
//!
//! IAM defines the grammar and the limits of these ARNs (IAM User Guide, "IAM identifiers" and "IAM
//! and AWS STS quotas"; IAM API reference, `CreateRole`, `CreateUser` and `CreateSAMLProvider`).

mod account;
mod principal;
mod provider;
mod role;
mod root;
mod user;

use serde::{Deserialize, Serialize};

pub use account::{AccountId, AccountIdError};
pub use principal::PrincipalArn;
pub use provider::ProviderArn;
pub use role::RoleArn;
pub use root::RootArn;
pub use user::UserArn;

use super::partition::Partition;

/// Why a string is not a valid ARN of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArnError {
    /// The string has fewer than six fields separated by colons, or the first field is not `arn`.
    #[error("not an ARN of the form arn:partition:iam::account:resource")]
    NotAnArn,
    /// The second field is not a known partition.
    #[error(
        "the partition is unknown (known partitions include aws, aws-cn, aws-us-gov, aws-eusc and \
         aws-iso)"
    )]
    Partition,
    /// The third field is not `iam`.
    #[error("the service is not iam")]
    Service,
    /// The fourth field, the Region, is not empty. ARNs in IAM contain no Region.
    #[error("an IAM ARN cannot contain a region")]
    Region,
    /// The fifth field is not an account ID.
    #[error("{0}")]
    Account(AccountIdError),
    /// A role was expected, but the resource is something else, such as `user/…`.
    #[error("the resource does not begin with role/")]
    NotARole,
    /// A SAML provider was expected, but the resource is something else.
    #[error("the resource does not begin with saml-provider/")]
    NotAProvider,
    /// An IAM user was expected, but the resource is something else.
    #[error("the resource does not begin with user/")]
    NotAUser,
    /// A root user was expected, but the resource is something else.
    #[error("the resource is not root")]
    NotRoot,
    /// The path is empty, is longer than 512 characters, or contains a space or a character that is
    /// not printable ASCII.
    #[error(
        "the path is empty, is longer than 512 characters or contains a character that IAM does \
         not allow"
    )]
    Path,
    /// The name is empty, is too long or contains a character that IAM does not allow.
    #[error(
        "the name is empty, is longer than {maximum} characters or contains a character that IAM \
         does not allow"
    )]
    Name {
        /// The maximum length of a name of this kind, in characters.
        maximum: usize,
    },
}

struct IamArn<'a> {
    partition: Partition,
    account: AccountId,
    /// The part after `role/`, `user/`, `root` or `saml-provider/`.
    resource: &'a str,
}

impl<'a> IamArn<'a> {
    /// Parses an ARN. `mistake` is the error if the resource does not begin with `kind`.
    fn parse(text: &'a str, kind: &str, mistake: ArnError) -> Result<Self, ArnError> {
        let mut fields = text.splitn(6, ':');
        let mut field = || fields.next().ok_or(ArnError::NotAnArn);
        let [prefix, partition, service, region, account, resource] =
            [field()?, field()?, field()?, field()?, field()?, field()?];
        if prefix != "arn" {
            return Err(ArnError::NotAnArn);
        }
        let partition = Partition::from_arn_name(partition).ok_or(ArnError::Partition)?;
        if service != "iam" {
            return Err(ArnError::Service);
        }
        if !region.is_empty() {
            return Err(ArnError::Region);
        }
        let account = account.parse().map_err(ArnError::Account)?;
        let resource = resource.strip_prefix(kind).ok_or(mistake)?;
        Ok(Self {
            partition,
            account,
            resource,
        })
    }
}

const PATH_MAXIMUM: usize = 512;
const NAME_MAXIMUM: usize = 64;

/// The name of a role or user. `resource` is the name, or the path followed by the name.
fn name_behind_path(resource: &str) -> Result<&str, ArnError> {
    let name = match resource.rsplit_once('/') {
        None => resource,
        Some((path, name)) if is_path(path) => name,
        Some(_) => return Err(ArnError::Path),
    };
    if name.is_empty() || name.len() > NAME_MAXIMUM || !name.chars().all(is_name_character) {
        return Err(ArnError::Name {
            maximum: NAME_MAXIMUM,
        });
    }
    Ok(name)
}

/// Whether IAM allows a path. `path` is the path without its first and last slash.
fn is_path(path: &str) -> bool {
    !path.is_empty()
        && path.len() + 2 <= PATH_MAXIMUM
        && path.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a role name, user name or session name may contain `character`: `[\w+=,.@-]`.
pub(super) fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_+=,.@-".contains(character)
}

/// Implements the common traits for a type that wraps a validated string.
macro_rules! checked_text {
    ($type:ident, $error:ty) => {
        impl TryFrom<String> for $type {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.text)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.text)
            }
        }

        impl $type {
            /// The string exactly as it was parsed.
            pub fn as_str(&self) -> &str {
                &self.text
            }
        }
    };
}
pub(super) use checked_text;

/// Defines an ARN type for a kind of IAM resource that has a path and a name.
macro_rules! named_arn {
    ($(#[$doc:meta])* $type:ident, $kind:literal, $mistake:expr) => {
        $(#[$doc])*
        ///
        /// The path has at most 512 characters from `!` to `~`, including its first and last slash.
        /// The name is `[\w+=,.@-]{1,64}`.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
        #[serde(try_from = "String")]
        pub struct $type {
            /// Shared, because the role ARNs in a session are cloned often.
            text: std::sync::Arc<str>,
            partition: $crate::aws::partition::Partition,
            account: $crate::aws::arn::AccountId,
            name_length: usize,
        }

        impl $type {
            /// The partition, from the ARN's second field.
            pub fn partition(&self) -> $crate::aws::partition::Partition {
                self.partition
            }

            /// The account, from the ARN's fifth field.
            pub fn account(&self) -> &$crate::aws::arn::AccountId {
                &self.account
            }

            /// The name: the last segment of the resource, without the path.
            pub fn name(&self) -> &str {
                let (_, name) = self.text.split_at(self.text.len() - self.name_length);
                name
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::aws::arn::ArnError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let arn = $crate::aws::arn::IamArn::parse(text, $kind, $mistake)?;
                Ok(Self {
                    name_length: $crate::aws::arn::name_behind_path(arn.resource)?.len(),
                    text: text.into(),
                    partition: arn.partition,
                    account: arn.account,
                })
            }
        }

        $crate::aws::arn::checked_text!($type, $crate::aws::arn::ArnError);
    };
}
use named_arn;
