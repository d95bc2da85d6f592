//! Issuing: from a session and a role to credentials or a console sign-in.
//!
//! Knows nothing of pages, cookies or requests, so that every way in uses the same one.

mod asked;
mod grants;
mod guesses;
mod issuing;
mod tool;
mod users;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use thiserror::Error;
use url::Url;

pub use self::asked::Asks;
pub use self::grants::{Grants, WithoutHub};
pub use self::guesses::Guesses;
pub use self::tool::Tool;
pub use self::users::Users;
use crate::aws::arn::{AccountId, RoleArn};
use crate::aws::duration::{SessionDuration, TokenDuration};
use crate::aws::entitlement::{Entitlements, NotEntitled, Role, Through};
use crate::aws::partition::Partition;
use crate::aws::region::Region;
use crate::aws::signin::{
    ConsoleSignIn, DestinationError, Signin, SigninError, SigninSettings, SigninUrl,
};
use crate::aws::sts::{Identity, Issued, Sts, StsError, StsSettings};
use crate::clock::Clock;
use crate::config::{self, Config, NamedPolicy};
use crate::grant::{Grant, Told, ToldError, Via};
use crate::oidc::Issuer;
use crate::session::Session;

/// How long one attempt at STS or the sign-in endpoint may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What a person asks for.
#[derive(Clone, Debug, Default)]
pub struct RoleRequest {
    /// The role's ARN.
    pub role_arn: String,
    /// What gives the role to the person: the SAML provider's ARN or the grant's name; needed where
    /// the role comes with several.
    pub through: Option<String>,
    /// How long, in seconds; the configured default if not given.
    pub duration_seconds: Option<u32>,
    /// The region of the console, and for the credentials' user; none if not given.
    pub region: Option<Region>,
    /// The id of a configured session policy; none if not given.
    pub policy: Option<String>,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// What an MFA device shows.
    pub token_code: Option<String>,
}

impl RoleRequest {
    /// Why, on one line; none if there is nothing that can be read.
    pub fn reason(&self) -> Option<String> {
        asked::reason(self)
    }
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
    #[error(
        "the duration must be between {} and {max} seconds",
        SessionDuration::MINIMUM.seconds()
    )]
    Duration {
        /// The most, in seconds.
        max: u32,
    },
    /// The grant wants something of the person first.
    #[error(transparent)]
    Asks(#[from] Asks),
    /// The person has typed too many wrong codes.
    #[error("too many wrong codes of the MFA device")]
    TooManyCodes,
    /// AWS finds the code of the MFA device wrong.
    #[error(transparent)]
    MfaCode(StsError),
    /// What AWS has to be told is not there, or not as AWS takes it.
    #[error("what AWS has to be told: {0}")]
    Told(#[from] ToldError),
    /// STS refused to answer a question.
    #[error(transparent)]
    Tool(StsError),
    /// AWS answers such questions to roles only.
    #[error("AWS answers roles only")]
    ToolRole,
    /// A token could not be made.
    #[error("a token could not be made: {0}")]
    Token(String),
    /// The grant has a session policy of its own.
    #[error("the grant has a session policy of its own")]
    PolicyFixed,
    /// The role is in a partition that is not served here.
    #[error("the partition {0} is not served here")]
    Partition(Partition),
    /// AWS signs nobody in to the console with such credentials.
    #[error("such credentials open no console")]
    NoConsole,
    /// There is no session policy of this id.
    #[error("there is no such session policy")]
    Policy,
    /// Not a page of the role's console.
    #[error(transparent)]
    Destination(#[from] DestinationError),
    /// STS refused what the assertion asks for.
    #[error(transparent)]
    Sts(StsError),
    /// STS refused what a grant asks for.
    #[error("{1}")]
    Granting(Giver, StsError),
    /// The sign-in endpoint refused, after STS had given credentials.
    #[error("{error}")]
    Signin {
        /// The reason.
        error: SigninError,
        /// STS's ID of the request that gave them.
        sts_request_id: Option<String>,
    },
}

impl BrokerError {
    /// A stable name: in the API's answers and in audit lines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Stale(None) => "login_required",
            Self::NotEntitled(_) => "not_entitled",
            Self::Duration { .. } => "invalid_duration",
            Self::Asks(asks) => asks.code(),
            Self::MfaCode(_) => "mfa_code_refused",
            Self::TooManyCodes => "too_many_mfa_codes",
            Self::Told(_) => "grant_incomplete",
            Self::ToolRole => "not_a_role",
            Self::Token(_) => "internal",
            Self::PolicyFixed => "policy_fixed",
            Self::Policy => "invalid_policy",
            Self::NoConsole | Self::Destination(DestinationError::NoConsole(_)) => "no_console",
            Self::Partition(_) => "partition_not_served",
            Self::Destination(_) => "invalid_destination",
            Self::Stale(Some(error))
            | Self::Sts(error)
            | Self::Granting(_, error)
            | Self::Tool(error) => error.code(),
            Self::Signin { error, .. } => error.code(),
        }
    }

    /// STS's request ID, where it gave one.
    pub fn sts_request_id(&self) -> Option<&str> {
        match self {
            Self::Stale(Some(error))
            | Self::Sts(error)
            | Self::Granting(_, error)
            | Self::Tool(error)
            | Self::MfaCode(error) => error.request_id(),
            Self::Signin { sts_request_id, .. } => sts_request_id.as_deref(),
            _ => None,
        }
    }
}

/// Whom a grant's credentials are had from: what has to be set up in AWS differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Giver {
    /// A role that trusts us, our issuer or a hub.
    Role,
    /// An IAM user whose keys we have.
    User,
    /// The organisation, for a root user.
    Organization,
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
    /// What it was told of the person.
    pub told: Told,
    /// Whether they live shorter than was asked for: because of the role's or the grant's maximum, of
    /// role chaining or of the assertion's `SessionNotOnOrAfter`.
    pub is_shortened: bool,
    /// What a chain began at.
    pub hub: Option<Hub>,
}

/// The role that a chain began at, with credentials that nobody gets to see.
#[derive(Debug)]
pub struct Hub {
    /// The role.
    pub arn: RoleArn,
    issued: Issued,
}

impl Hub {
    /// STS's ID of the request that gave it.
    pub fn sts_request_id(&self) -> Option<&str> {
        self.issued.request_id.as_deref()
    }
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
    /// Roles beside those of the assertions.
    pub grants: Grants,
    /// The IAM users whose keys we have.
    pub users: Users,
    /// The partitions whose roles can be used.
    pub partitions: Vec<Partition>,
    /// The issuer that AWS takes tokens of.
    pub issuer: Option<Issuer>,
    /// The wrong codes of MFA devices that were typed lately.
    pub guesses: Guesses,
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
            identity: match &config.aws.identity {
                config::Identity::DefaultChain { profile } => {
                    Identity::default_chain(region.clone(), profile.clone())
                }
                config::Identity::Keys {
                    access_key_id,
                    secret_access_key,
                } => Identity::keys(access_key_id.clone(), secret_access_key.0.clone()),
            },
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
            issuer: config
                .oidc
                .as_ref()
                .map(|oidc| {
                    let (uri, files) = (Config::jwks_uri(oidc), oidc.signing_key_files.clone());
                    Issuer::read(&oidc.issuer, uri, files)
                })
                .transpose()
                .map_err(|error| error.to_string())?,
            users: Users::new(&config.iam_users),
            partitions: config.aws.partitions.clone(),
            guesses: Guesses::default(),
            grants: Grants::new(config.grants.clone(), config.aws.prefer_grants),
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
        Entitlements::new(self.grants.held(session).roles, &self.accounts)
    }

    /// Gets credentials for a role.
    pub async fn credentials(
        &self,
        session: &Session,
        request: &RoleRequest,
        now: DateTime<Utc>,
    ) -> Result<Granted, BrokerError> {
        let role = self.role(session, request)?;
        self.issue(session, role, request, now).await
    }

    /// May this person use this role now?
    fn role(&self, session: &Session, request: &RoleRequest) -> Result<Role, NotEntitled> {
        self.entitlements(session)
            .find(&request.role_arn, request.through.as_deref())
            .cloned()
    }

    /// The grant that gives a role, if it is one.
    pub fn grant_of(&self, role: &Role) -> Option<&Grant> {
        match &role.through {
            Through::Grant(name) => self.grants.find(name),
            Through::ProviderArn(_) => None,
        }
    }

    /// The longest that credentials of a role live, as far as it is known.
    pub fn longest(&self, role: &Role) -> Option<TokenDuration> {
        let of_grant = self.grant_of(role).and_then(Grant::longest);
        let of_role = role.arn.role().and_then(|arn| self.sts.longest(arn));
        [of_grant, of_role.map(TokenDuration::from)]
            .into_iter()
            .flatten()
            .min()
    }

    /// The longest that may be asked for with a role. Only for users' sessions a grant may go beyond what
    /// holds for all.
    pub fn longest_of(&self, role: &Role) -> TokenDuration {
        let max = self.durations.max.into();
        match self.grant_of(role) {
            Some(grant) if grant.is_of_user() => grant.longest().unwrap_or(max),
            Some(grant) => grant.longest().map_or(max, |longest| longest.min(max)),
            None => max,
        }
    }

    /// What AWS is told when a role is used, and what it keeps of the role that a chain begins at; for
    /// a grant that asks for a reason, without it.
    pub fn told(&self, session: &Session, role: &Role) -> Result<Told, ToldError> {
        let Some(grant) = self.grant_of(role) else {
            return Ok(Told::of_assertion(&session.aws));
        };
        let told = grant.told(&session.facts(), None)?;
        let Via::Chain { hub, .. } = &grant.via else {
            return Ok(told);
        };
        // A hub is never a chain's.
        match self.grants.held(session).hub(hub) {
            Some(hub) => Ok(told.after(&self.told(session, hub)?)),
            None => Ok(told),
        }
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
        if !self.has_console(&role) {
            return Err(BrokerError::NoConsole);
        }
        let issuer = self.link(&role, destination, request.policy.as_deref());
        // Before STS is asked: a wrong destination must not cost a set of credentials.
        let region = request.region.as_ref();
        let destination = self
            .signin
            .destination(destination, role.partition, region)?;
        let granted = self.issue(session, role, request, now).await?;
        let sign_in = ConsoleSignIn {
            partition: granted.role.partition,
            destination: &destination,
            // AWS refuses one for role chaining, which AssumeRole with the credentials of a role is:
            // without it the console session lasts as long as the credentials.
            duration: match granted.role.through {
                Through::ProviderArn(_) => session.aws.session_duration,
                Through::Grant(_) => None,
            },
            issuer: &issuer,
        };
        let url = self
            .signin
            .sign_in_url(&granted.issued.credentials, sign_in, now)
            .await
            .map_err(|error| BrokerError::Signin {
                error,
                sts_request_id: granted.issued.request_id.clone(),
            })?;
        Ok((granted, url))
    }

    /// Whether roles of its partition can be used.
    pub fn serves(&self, role: &Role) -> bool {
        self.partitions.contains(&role.partition)
    }

    /// Whether AWS signs people in to the console with a role.
    pub fn has_console(&self, role: &Role) -> bool {
        self.grant_of(role)
            .is_none_or(|grant| grant.via.has_console())
    }

    /// Where the console sends people whose session there has ended: to the same role, here, with no
    /// more permissions than it had.
    fn link(&self, role: &Role, destination: Option<&str>, policy: Option<&str>) -> Url {
        let mut url = self.public_url.clone();
        url.set_path("/go");
        url.query_pairs_mut()
            .append_pair("account", role.arn.account().as_str())
            .append_pair("role", role.arn.as_str())
            .extend_pairs(role.grant_in_links().map(|grant| ("grant", grant)))
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

    /// The duration that is asked for, or the configured one. That of a role may be shorter.
    pub fn duration(
        &self,
        session: &Session,
        request: &RoleRequest,
    ) -> Result<TokenDuration, BrokerError> {
        let Some(seconds) = request.duration_seconds else {
            return Ok(self.durations.default.into());
        };
        let duration = TokenDuration::try_from(seconds).ok();
        // What holds for all roles needs no look at the person's.
        if let Some(duration) = duration.filter(|duration| *duration <= self.durations.max.into()) {
            return Ok(duration);
        }
        let max = self.longest_of_all(session);
        duration
            .filter(|duration| *duration <= max)
            .ok_or(BrokerError::Duration { max: max.seconds() })
    }

    /// The longest that the person may ask for with any of their roles.
    fn longest_of_all(&self, session: &Session) -> TokenDuration {
        let max = self.durations.max.into();
        let held = self.grants.held(session).roles;
        let longest = held.iter().map(|role| self.longest_of(role));
        longest.max().unwrap_or(max).max(max)
    }
}
