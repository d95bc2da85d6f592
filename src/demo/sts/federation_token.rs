//! GetFederationToken (STS API reference), which issues credentials for a federated user at the
//! request of an IAM user.

use std::sync::Arc;

use askama::Template;
use chrono::{SubsecRound as _, TimeDelta};
use secrecy::ExposeSecret as _;

use super::Sts;
use super::caller_identity::Caller;
use super::fault::Fault;
use super::parameters::{Parameters, pattern};
use super::policy::SessionPolicies;
use super::session::{Seconds, seconds, user_may};
use super::tags;
use crate::aws::sts::FederatedName;
use crate::demo::credentials::{Holder, IssuedCredentials, Origin, Session};

const ACTION: &str = "sts:GetFederationToken";

/// The template for the response to a GetFederationToken request.
#[derive(Debug, Template)]
#[template(path = "demo/sts/get_federation_token.xml")]
pub(super) struct FederationToken<'a> {
    pub credentials: Arc<IssuedCredentials>,
    pub packed_policy_size: Option<usize>,
    pub request_id: &'a str,
}

impl Sts {
    pub(super) fn federation_token<'a>(
        &self,
        parameters: &Parameters,
        caller: &Caller,
        request_id: &'a str,
    ) -> Result<FederationToken<'a>, Fault> {
        let Caller::User(user) = caller else {
            return Err(Fault::session_credentials("GetFederationToken"));
        };
        let name = parameters.required("Name", "name", 2, 32)?;
        pattern::<FederatedName>(Some(name), "name", "[\\w+=,.@-]*")?;
        let seconds = seconds(parameters, Seconds::OF_USERS)?;
        let policies = SessionPolicies::read(parameters)?;
        let tags = tags::of_request(parameters)?;
        let arn = format!(
            "arn:{}:sts::{}:federated-user/{name}",
            user.partition, user.account
        );
        user_may(user, ACTION, &arn)?;
        if !tags.is_empty() {
            user_may(user, "sts:TagSession", &arn)?;
        }
        let packed_policy_size = policies.packed_size(&tags)?;
        let session = Session {
            partition: user.partition.clone(),
            account: user.account.clone(),
            holder: Holder::FederatedUser {
                name: name.to_owned(),
                policies: policies.texts(),
            },
            source_identity: None,
            tags,
            transitive_tags: Vec::new(),
            origin: Origin::FederationToken,
        };
        let expires = (self.clock.now() + TimeDelta::seconds(seconds)).trunc_subsecs(0);
        let credentials = self.register.issue(session, expires);
        Ok(FederationToken {
            credentials: credentials.map_err(|e| Fault::internal_failure(e.to_string()))?,
            packed_policy_size,
            request_id,
        })
    }
}
