//! The IAM users whose long-term keys we have.

use std::collections::BTreeMap;

use tokio::sync::OnceCell;

use crate::aws::arn::UserArn;
use crate::aws::sts::{IamUser, Identity, Sts, StsError};
use crate::config;

/// The users, by ARN.
#[derive(Debug, Default)]
pub(super) struct Users(BTreeMap<UserArn, Known>);

#[derive(Debug)]
struct Known {
    user: IamUser,
    /// Whether AWS has said that the keys are this user's.
    verified: OnceCell<()>,
}

impl Users {
    /// Those of the configuration.
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

    /// Whether there is a user with this ARN.
    pub fn know(&self, arn: &UserArn) -> bool {
        self.0.contains_key(arn)
    }

    /// The user with this ARN, if there is one. AWS is asked once whose the keys are: what it gives for
    /// them does not say.
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
