//! Issuing: from a session and a role to credentials or a console sign-in.
//!
//! Knows nothing of pages, cookies or requests, so that every way in uses the same one.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use chrono::{DateTime, Utc};
use thiserror::Error;
use url::Url;

use crate::aws::arn::AccountId;
use crate::aws::attribute::SessionDuration;
use crate::aws::entitlement::{Entitlements, NotEntitled, Role};
use crate::aws::signin::{ConsoleSignIn, DestinationError, Signin, SigninError, SigninUrl};
use crate::aws::sts::{AssumeRole, Issued, Sts, StsError};
use crate::config::Config;
use crate::session::Session;

/// What a person asks for.
#[derive(Clone, Debug, Default)]
pub struct RoleRequest {
    /// The role's ARN.
    pub role_arn: String,
    /// The SAML provider's ARN; needed where the role comes with several.
    pub provider_arn: Option<String>,
    /// How long, in seconds; the configured default if not given.
    pub duration_seconds: Option<u32>,
}

/// Why there are no credentials or no console.
#[derive(Debug, Error)]
pub enum BrokerError {
    /// The assertion is too old for STS, or STS says so.
    #[error("the assertion can no longer be redeemed")]
    Stale,
    /// Not a role of this session.
    #[error(transparent)]
    NotEntitled(#[from] NotEntitled),
    /// Outside what the configuration allows.
    #[error("the duration must be between 900 and {max} seconds")]
    Duration {
        /// The most, in seconds.
        max: u32,
    },
    /// Not a page of the role's console.
    #[error(transparent)]
    Destination(#[from] DestinationError),
    /// STS refused.
    #[error(transparent)]
    Sts(#[from] StsError),
    /// The sign-in endpoint refused.
    #[error(transparent)]
    Signin(#[from] SigninError),
}

/// Durations that may be asked for.
#[derive(Clone, Copy, Debug)]
pub struct Durations {
    /// If nothing is said.
    pub default: SessionDuration,
    /// The most.
    pub max: SessionDuration,
}

/// Credentials, and the role they are for.
#[derive(Debug)]
pub struct Granted {
    /// The role.
    pub role: Role,
    /// What STS gave.
    pub issued: Issued,
}

/// Talks to AWS on behalf of sessions.
#[derive(Debug)]
pub struct Broker {
    /// STS.
    pub sts: Sts,
    /// The sign-in endpoint.
    pub signin: Signin,
    /// Names for account IDs.
    pub accounts: BTreeMap<AccountId, String>,
    /// The bounds of durations.
    pub durations: Durations,
    /// Where the console sends people whose session has ended: us.
    pub issuer: Url,
}

impl Broker {
    /// The roles of a session, by account.
    pub fn entitlements(&self, session: &Session) -> Entitlements {
        Entitlements::new(&session.aws, &self.accounts)
    }

    /// Gets credentials for a role.
    pub async fn credentials(
        &self,
        session: &Session,
        request: &RoleRequest,
        now: DateTime<Utc>,
    ) -> Result<Granted, BrokerError> {
        let entitlements = self.entitlements(session);
        let role = entitlements.find(&request.role_arn, request.provider_arn.as_deref())?;
        let duration = self.duration(request)?;
        if !session.is_redeemable(now) {
            return Err(BrokerError::Stale);
        }
        let issued = self
            .sts
            .assume_role_with_saml(AssumeRole {
                role: &role.arn,
                provider: &role.provider_arn,
                assertion: &session.assertion,
                duration,
            })
            .await
            .map_err(|error| match error {
                StsError::ExpiredToken { .. } => BrokerError::Stale,
                other => BrokerError::Sts(other),
            })?;
        Ok(Granted { role: role.clone(), issued })
    }

    /// Signs in to the console with a role.
    pub async fn console(
        &self,
        session: &Session,
        request: &RoleRequest,
        destination: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(Granted, SigninUrl), BrokerError> {
        todo!()
    }

    fn duration(&self, request: &RoleRequest) -> Result<SessionDuration, BrokerError> {
        let Some(seconds) = request.duration_seconds else { return Ok(self.durations.default) };
        SessionDuration::try_from(seconds)
            .ok()
            .filter(|duration| *duration <= self.durations.max)
            .ok_or(BrokerError::Duration { max: self.durations.max.seconds() })
    }
}
