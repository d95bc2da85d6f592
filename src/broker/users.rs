//! The IAM users whose long-term keys we have.

use std::collections::BTreeMap;

use crate::aws::arn::UserArn;
use crate::aws::sts::{IamUser, Identity};
use crate::config;

/// The users, by ARN.
#[derive(Debug, Default)]
pub struct Users(BTreeMap<UserArn, IamUser>);

impl Users {
    /// Those of the configuration.
    pub fn new(users: &[config::IamUser]) -> Self {
        let user = |user: &config::IamUser| {
            let secret = user.secret_access_key.0.clone();
            let known = IamUser {
                arn: user.arn.clone(),
                identity: Identity::keys(user.access_key_id.clone(), secret),
            };
            (user.arn.clone(), known)
        };
        Self(users.iter().map(user).collect())
    }

    /// The user with this ARN.
    pub fn find(&self, arn: &UserArn) -> Option<&IamUser> {
        self.0.get(arn)
    }
}
