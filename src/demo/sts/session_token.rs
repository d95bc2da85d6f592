//! GetSessionToken (STS API reference), which issues temporary credentials to an IAM user.

use std::sync::Arc;

use askama::Template;
use chrono::{SubsecRound as _, TimeDelta};
use secrecy::ExposeSecret as _;

use super::Sts;
use super::caller_identity::Caller;
use super::fault::Fault;
use super::parameters::{Parameters, second_factor};
use super::session::{Seconds, seconds};
use crate::demo::credentials::{Holder, IssuedCredentials, Origin, Session};

/// The template for the response to a GetSessionToken request.
#[derive(Debug, Template)]
#[template(path = "demo/sts/get_session_token.xml")]
pub(super) struct SessionToken<'a> {
    pub credentials: Arc<IssuedCredentials>,
    pub request_id: &'a str,
}

impl Sts {
    /// Issues credentials to the calling user. Users need no permission for this operation.
    pub(super) fn session_token<'a>(
        &self,
        parameters: &Parameters,
        caller: &Caller,
        request_id: &'a str,
    ) -> Result<SessionToken<'a>, Fault> {
        let Caller::User(user) = caller else {
            return Err(Fault::session_credentials("GetSessionToken"));
        };
        let seconds = seconds(parameters, Seconds::OF_USERS)?;
        if let Some((serial, code)) = second_factor(parameters)?
            && !user.has_second_factor(serial, code)
        {
            return Err(Fault::mfa());
        }
        let session = Session {
            partition: user.partition.clone(),
            account: user.account.clone(),
            holder: Holder::User {
                arn: user.arn(),
                name: user.name.clone(),
                id: user.id(),
            },
            source_identity: None,
            tags: Vec::new(),
            transitive_tags: Vec::new(),
            origin: Origin::SessionToken,
        };
        let expires = (self.clock.now() + TimeDelta::seconds(seconds)).trunc_subsecs(0);
        let credentials = self.register.issue(session, expires);
        Ok(SessionToken {
            credentials: credentials.map_err(|e| Fault::internal_failure(e.to_string()))?,
            request_id,
        })
    }
}
