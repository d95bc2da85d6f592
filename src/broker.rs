//! Issuing: from a session and a role to credentials or a console sign-in.
//!
//! Knows nothing of pages, cookies or requests, so that every way in uses the same one.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use thiserror::Error;
use url::Url;

use crate::aws::arn::AccountId;
use crate::aws::duration::SessionDuration;
use crate::aws::entitlement::{Entitlements, NotEntitled, Role};
use crate::aws::region::Region;
use crate::aws::signin::{
    ConsoleSignIn, DestinationError, Signin, SigninError, SigninSettings, SigninUrl,
};
use crate::aws::sts::{AssumeRole, Issued, Sts, StsError, StsSettings};
use crate::clock::Clock;
use crate::config::{Config, NamedPolicy};
use crate::session::Session;

/// How long one attempt at STS or the sign-in endpoint may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What a person asks for.
#[derive(Clone, Debug, Default)]
pub struct RoleRequest {
    /// The role's ARN.
    pub role_arn: String,
    /// The SAML provider's ARN; needed where the role comes with several.
    pub provider_arn: Option<String>,
    /// How long, in seconds; the configured default if not given.
    pub duration_seconds: Option<u32>,
    /// The region of the console, and for the credentials' user; none if not given.
    pub region: Option<Region>,
    /// The id of a configured session policy; none if not given.
    pub policy: Option<String>,
}

/// Why there are no credentials or no console.
#[derive(Debug, Error)]
pub enum BrokerError {
    /// The assertion is too old: by our clock, or by what STS says.
    #[error("the assertion can no longer be redeemed{}", .0.as_ref().map(|e| format!(": {e}")).unwrap_or_default())]
    Stale(Option<StsError>),
    /// Not a role of this session.
    #[error(transparent)]
    NotEntitled(#[from] NotEntitled),
    /// Outside what the configuration allows.
    #[error("the duration must be between 900 and {max} seconds")]
    Duration {
        /// The most, in seconds.
        max: u32,
    },
    /// There is no session policy of this id.
    #[error("there is no such session policy")]
    Policy,
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

impl BrokerError {
    /// A stable name: in the API's answers and in audit lines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Stale(None) => "login_required",
            Self::NotEntitled(_) => "not_entitled",
            Self::Duration { .. } => "invalid_duration",
            Self::Policy => "invalid_policy",
            Self::Destination(DestinationError::NoConsole(_)) => "no_console",
            Self::Destination(_) => "invalid_destination",
            Self::Stale(Some(error)) | Self::Sts(error) => error.code(),
            Self::Signin(error) => error.code(),
        }
    }

    /// STS's request ID, where it gave one.
    pub fn sts_request_id(&self) -> Option<&str> {
        match self {
            Self::Stale(Some(error)) | Self::Sts(error) => error.request_id(),
            _ => None,
        }
    }
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
    /// The session policies to choose from.
    pub policies: Vec<NamedPolicy>,
    /// The bounds of durations.
    pub durations: Durations,
    /// Where people reach us.
    pub public_url: Url,
}

impl Broker {
    /// Made from the configuration, which was checked.
    pub fn from_config(config: &Config, clock: Clock) -> Result<Self, String> {
        let accounts = config.accounts.iter().map(|account| {
            let id: AccountId = account.id.parse().map_err(|error| format!("{error}"))?;
            Ok::<_, String>((id, account.name.clone()))
        });
        let duration =
            |seconds| SessionDuration::try_from(seconds).map_err(|error| format!("{error}"));
        let region = &config.aws.region;
        let sts = StsSettings {
            region: region.clone(),
            endpoint: config.aws.sts_endpoint.clone(),
            timeout: TIMEOUT,
        };
        Ok(Self {
            sts: Sts::new(&sts, clock),
            signin: Signin::new(SigninSettings {
                endpoint: config.aws.signin_endpoint.clone(),
                region: region.clone(),
                timeout: TIMEOUT,
            })
            .map_err(|error| error.to_string())?,
            accounts: accounts.collect::<Result<_, _>>()?,
            policies: config.session_policies.clone(),
            durations: Durations {
                default: duration(config.aws.default_duration_seconds)?,
                max: duration(config.aws.max_duration_seconds)?,
            },
            public_url: config.public_url.clone(),
        })
    }

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
        let role = self.role(session, request)?;
        self.redeem(session, role, request, now).await
    }

    /// May this person use this role now?
    fn role(&self, session: &Session, request: &RoleRequest) -> Result<Role, NotEntitled> {
        self.entitlements(session)
            .find(&request.role_arn, request.provider_arn.as_deref())
            .cloned()
    }

    async fn redeem(
        &self,
        session: &Session,
        role: Role,
        request: &RoleRequest,
        now: DateTime<Utc>,
    ) -> Result<Granted, BrokerError> {
        let duration = self.duration(request)?;
        let policy = self.policy(request)?;
        if !session.is_redeemable(now) {
            return Err(BrokerError::Stale(None));
        }
        let issued = self
            .sts
            .assume_role_with_saml(AssumeRole {
                role: &role.arn,
                provider: &role.provider_arn,
                assertion: &session.assertion,
                duration,
                policy: policy.map(|named| &named.policy),
            })
            .await
            .map_err(|error| match error {
                StsError::ExpiredToken(_) => BrokerError::Stale(Some(error)),
                other => BrokerError::Sts(other),
            })?;
        Ok(Granted { role, issued })
    }

    /// Signs in to the console with a role.
    pub async fn console(
        &self,
        session: &Session,
        request: &RoleRequest,
        destination: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(Granted, SigninUrl), BrokerError> {
        let role = self.role(session, request)?;
        let issuer = self.link(&role, destination, request.policy.as_deref());
        // Before STS is asked: a wrong destination must not cost a set of credentials.
        let region = request.region.as_ref();
        let destination = self
            .signin
            .destination(destination, role.partition, region)?;
        let granted = self.redeem(session, role, request, now).await?;
        let sign_in = ConsoleSignIn {
            partition: granted.role.partition,
            destination: &destination,
            duration: session.aws.session_duration,
            issuer: &issuer,
        };
        let url = self
            .signin
            .sign_in_url(&granted.issued.credentials, sign_in, now)
            .await?;
        Ok((granted, url))
    }

    /// Where the console sends people whose session there has ended: to the same role, here, with no
    /// more permissions than it had.
    fn link(&self, role: &Role, destination: Option<&str>, policy: Option<&str>) -> Url {
        let mut url = self.public_url.clone();
        url.set_path("/go");
        url.query_pairs_mut()
            .append_pair("account", role.arn.account().as_str())
            .append_pair("role", role.arn.as_str())
            .extend_pairs(destination.map(|destination| ("destination", destination)))
            .extend_pairs(policy.map(|policy| ("policy", policy)));
        url
    }

    /// The session policy that is asked for: one that is not there is no reason to give more.
    pub fn policy(&self, request: &RoleRequest) -> Result<Option<&NamedPolicy>, BrokerError> {
        let Some(id) = &request.policy else {
            return Ok(None);
        };
        let known = self.policies.iter().find(|known| known.id == *id);
        known.map(Some).ok_or(BrokerError::Policy)
    }

    /// The duration that is asked for, or the configured one.
    pub fn duration(&self, request: &RoleRequest) -> Result<SessionDuration, BrokerError> {
        let Some(seconds) = request.duration_seconds else {
            return Ok(self.durations.default);
        };
        SessionDuration::try_from(seconds)
            .ok()
            .filter(|duration| *duration <= self.durations.max)
            .ok_or(BrokerError::Duration {
                max: self.durations.max.seconds(),
            })
    }
}
