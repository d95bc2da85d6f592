//! The configured IAM users, with their long-term keys.

use std::collections::BTreeMap;

use tokio::sync::OnceCell;

use crate::aws::arn::UserArn;
use crate::aws::sts::{IamUser, Identity, Sts, StsError};
use crate::config;

/// The configured IAM users by ARN.
#[derive(Debug, Default)]
pub(super) struct Users(BTreeMap<UserArn, Known>);

#[derive(Debug)]
struct Known {
    user: IamUser,
    /// Set once AWS has confirmed that the keys belong to this user.
    verified: OnceCell<()>,
}

impl Users {
    /// Reads the users and their keys from the configuration.
    pub fn new(users: &[config::IamUser]) -> Self {
        let user = |user: &config::IamUser| {
            let secret = user.secret_access_key.0.clone();
            let known = IamUser {
                arn: user.arn.clone(),
                identity: Identity::keys(user.access_key_id.clone(), secret),
            };
            let verified = OnceCell::new();
            let user = known;
            (user.arn.clone(), Known { user, verified })
        };
        Self(users.iter().map(user).collect())
    }

    /// Whether a user with this ARN is configured.
    pub fn know(&self, arn: &UserArn) -> bool {
        self.0.contains_key(arn)
    }

    /// The user with this ARN, if it is configured. On first use, this method calls
    /// GetCallerIdentity to verify that the keys belong to the user, because STS responses with
    /// credentials do not identify the user.
    pub async fn find(&self, arn: &UserArn, sts: &Sts) -> Result<Option<&IamUser>, StsError> {
        let Some(Known { user, verified }) = self.0.get(arn) else {
            return Ok(None);
        };
        let verify = async || {
            let found = sts.user_identity(user).await?.arn;
            let expected = user.arn.to_string();
            if found == expected {
                Ok(())
            } else {
                Err(StsError::OtherIdentity { expected, found })
            }
        };
        verified.get_or_try_init(verify).await?;
        Ok(Some(user))
    }
}
