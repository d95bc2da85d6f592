//! The desk's rules: the AWS clients, the OpenID Connect issuer, and the part of the configuration
//! that the desk uses.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;
use thiserror::Error;
use url::Url;

use super::{DeskError, Rights, RoleRequest};
use crate::aws::arn::{AccountId, AccountIdError};
use crate::aws::duration::{SessionDuration, SessionDurationError, TokenDuration};
use crate::aws::entitlement::{Role, Through};
use crate::aws::partition::Partition;
use crate::aws::region::Region;
use crate::aws::signin::{Signin, SigninError, SigninSettings};
use crate::aws::sts::{Identity, Sts, StsSettings};
use crate::clock::Clock;
use crate::config::{self, Config, Digest, NamedPolicy, Tools};
use crate::grant::{Grant, Grants, SessionParameters, SessionParametersError, Via};
use crate::oidc::{Issuer, KeyError};
use crate::session::Session;

use super::users::Users;

/// The timeout for one attempt to call STS or the sign-in endpoint.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Why the rules cannot be built from the configuration.
#[derive(Debug, Error)]
pub enum DeskRulesError {
    /// An account ID is malformed.
    #[error("{id}: {error}")]
    Account {
        /// The ID as configured.
        id: String,
        /// Why it is invalid.
        error: AccountIdError,
    },
    /// A duration is outside the range that STS accepts.
    #[error(transparent)]
    Duration(#[from] SessionDurationError),
    /// The client for the sign-in endpoint could not be built.
    #[error(transparent)]
    Signin(#[from] SigninError),
    /// The signing keys of the OpenID Connect issuer could not be loaded.
    #[error(transparent)]
    Issuer(#[from] KeyError),
}

/// The default and the maximum duration of credentials.
#[derive(Clone, Copy, Debug)]
pub struct Durations {
    /// The duration if the request contains none.
    pub default: SessionDuration,
    /// The maximum, which only grants for IAM user sessions may exceed.
    pub max: SessionDuration,
}

/// The rules that the desk applies. Only the desk can use the AWS clients in them.
#[derive(Debug)]
pub struct DeskRules {
    digest: Digest,
    /// The settings that the AWS clients were built from.
    made_of: MadeOf,
    pub(super) sts: Arc<Sts>,
    pub(super) signin: Arc<Signin>,
    pub(super) users: Arc<Users>,
    /// The display names of accounts, by account ID.
    accounts: BTreeMap<AccountId, String>,
    grants: Arc<Grants>,
    /// The configured partitions. Roles and users in other partitions cannot be used.
    partitions: Vec<Partition>,
    /// The OpenID Connect issuer, if one is configured.
    pub(super) issuer: Option<Arc<Issuer>>,
    /// The session policies that people can choose from.
    policies: Vec<NamedPolicy>,
    durations: Durations,
    /// Who may use AWS tools, if anyone.
    tools: Option<Tools>,
    /// How far an identity provider's clock may be off, in either direction.
    pub(super) skew: TimeDelta,
    /// The base URL of the public listener.
    public_url: Url,
}

impl DeskRules {
    /// Builds rules from a checked configuration and its digest.
    pub fn from_config(
        config: &Config,
        digest: Digest,
        clock: Clock,
    ) -> Result<Self, DeskRulesError> {
        let issuer = config.oidc.as_ref().map(issuer).transpose()?;
        Self::new(config, digest, Clients::new(config, clock)?, issuer)
    }

    /// Builds rules to replace `before`. The issuer is always kept. The AWS clients, with their
    /// connections and caches, are kept if their settings have not changed.
    pub fn renewed(
        config: &Config,
        digest: Digest,
        clock: Clock,
        before: &Self,
    ) -> Result<Self, DeskRulesError> {
        let issuer = before.issuer.clone();
        if before.made_of == MadeOf::new(config) {
            let clients = Clients {
                sts: Arc::clone(&before.sts),
                signin: Arc::clone(&before.signin),
                users: Arc::clone(&before.users),
            };
            return Self::new(config, digest, clients, issuer);
        }
        Self::new(config, digest, Clients::new(config, clock)?, issuer)
    }

    fn new(
        config: &Config,
        digest: Digest,
        clients: Clients,
        issuer: Option<Arc<Issuer>>,
    ) -> Result<Self, DeskRulesError> {
        let Clients { sts, signin, users } = clients;
        Ok(Self {
            digest,
            made_of: MadeOf::new(config),
            sts,
            signin,
            users,
            accounts: accounts(&config.accounts)?,
            grants: Arc::new(Grants::new(config.grants.clone(), config.aws.prefer_grants)),
            partitions: config.aws.partitions.clone(),
            issuer,
            policies: config.session_policies.clone(),
            durations: Durations {
                default: config.aws.default_duration_seconds.try_into()?,
                max: config.aws.max_duration_seconds.try_into()?,
            },
            tools: config.tools.clone(),
            skew: TimeDelta::seconds(config.saml.clock_skew_seconds.into()),
            public_url: config.public_url.clone(),
        })
    }

    /// Whether these rules share the AWS clients of `other`. If so, AWS is called at the same
    /// endpoints and with the same identities.
    pub(super) fn has_clients_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.sts, &other.sts)
            && Arc::ptr_eq(&self.signin, &other.signin)
            && Arc::ptr_eq(&self.users, &other.users)
    }

    /// The digest of the configuration that these rules were built from.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Computes the rights of the person who is signed in with `session`.
    pub fn rights(&self, session: &Session) -> Rights {
        Rights::new(&self.grants, &self.accounts, session)
    }

    /// The display names of accounts, by account ID.
    pub fn accounts(&self) -> &BTreeMap<AccountId, String> {
        &self.accounts
    }

    /// The configured grants, which provide roles or sessions in addition to the assertion's roles.
    pub fn grants(&self) -> &Arc<Grants> {
        &self.grants
    }

    /// Whether an OpenID Connect issuer is configured. Only the desk can create tokens with it.
    pub fn has_issuer(&self) -> bool {
        self.issuer.is_some()
    }

    /// The issuer's discovery document, if there is an issuer.
    pub fn discovery(&self) -> Option<Value> {
        self.issuer.as_ref().map(|issuer| issuer.discovery())
    }

    /// The issuer's public keys as a JWK set, if there is an issuer.
    pub fn jwks(&self) -> Option<Value> {
        self.issuer.as_ref().map(|issuer| issuer.jwks())
    }

    /// Reloads the issuer's signing keys if they have changed on disk: see [`Issuer::reload`].
    pub fn reload_signing_keys(&self) -> Result<bool, KeyError> {
        let issuer = self.issuer.as_ref();
        issuer.map_or(Ok(false), |issuer| issuer.reload())
    }

    /// The session policies that people can choose from.
    pub fn policies(&self) -> &[NamedPolicy] {
        &self.policies
    }

    /// The configured default and maximum duration.
    pub fn durations(&self) -> Durations {
        self.durations
    }

    /// Whether the person may use AWS tools, such as the one that decodes authorization failures.
    pub fn has_tools(&self, session: &Session) -> bool {
        let tools = self.tools.as_ref();
        tools.is_some_and(|tools| tools.are_for(&session.facts()))
    }

    /// The grant that provides a role; `None` if the assertion provides it.
    pub fn grant_of(&self, role: &Role) -> Option<&Grant> {
        match &role.through {
            Through::Grant(name) => self.grants.find(name),
            Through::ProviderArn(_) => None,
        }
    }

    /// The maximum lifetime of a role's credentials: the shorter of the grant's limit and the limit
    /// that earlier STS calls have shown. `None` if neither is known.
    pub fn longest(&self, role: &Role) -> Option<TokenDuration> {
        let of_grant = self.grant_of(role).and_then(Grant::longest);
        let of_role = role.arn.role().and_then(|arn| self.sts.longest(arn));
        [of_grant, of_role.map(TokenDuration::from)]
            .into_iter()
            .flatten()
            .min()
    }

    /// The maximum duration for this role. Only grants for IAM user sessions may exceed the
    /// configured maximum.
    pub fn longest_of(&self, role: &Role) -> TokenDuration {
        let max = self.durations.max.into();
        match self.grant_of(role) {
            Some(grant) if grant.is_of_user() => grant.longest().unwrap_or(max),
            Some(grant) => grant.longest().map_or(max, |longest| longest.min(max)),
            None => max,
        }
    }

    /// The parameters that are sent to AWS when the role is used, including those that a chained
    /// session inherits from its hub. If the grant requires a reason, the reason is left out.
    pub fn session_parameters(
        &self,
        rights: &Rights,
        session: &Session,
        role: &Role,
    ) -> Result<SessionParameters, SessionParametersError> {
        let Some(grant) = self.grant_of(role) else {
            return Ok(SessionParameters::of_assertion(&session.aws));
        };
        let parameters = grant.session_parameters(&session.facts(), None)?;
        let Via::Chain { hub, .. } = &grant.via else {
            return Ok(parameters);
        };
        // A chain never provides another chain's hub, so this recursion ends.
        match rights.hub(hub) {
            Some(hub) => Ok(parameters.after(&self.session_parameters(rights, session, hub)?)),
            None => Ok(parameters),
        }
    }

    /// Whether the role's partition is configured.
    pub fn serves(&self, role: &Role) -> bool {
        self.partitions.contains(&role.partition)
    }

    /// Whether AWS accepts a console sign-in with credentials for this role.
    pub fn has_console(&self, role: &Role) -> bool {
        self.grant_of(role)
            .is_none_or(|grant| grant.via.has_console())
    }

    /// The URL to which the console redirects people once their console session has ended. It leads
    /// back to the same role in rolecall, with the same session policy, so that people do not get
    /// more permissions than before.
    pub(super) fn link(&self, role: &Role, destination: Option<&str>, policy: Option<&str>) -> Url {
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

    /// The session policy that the request specifies. An unknown policy is an error, because
    /// ignoring it would grant more permissions.
    pub fn policy(&self, request: &RoleRequest) -> Result<Option<&NamedPolicy>, DeskError> {
        let Some(id) = &request.policy else {
            return Ok(None);
        };
        let known = self.policies.iter().find(|known| known.id == *id);
        known.map(Some).ok_or(DeskError::Policy)
    }

    /// The requested duration, or the configured default. It may exceed the maximum for the role,
    /// which the decision then applies.
    pub fn duration(
        &self,
        rights: &Rights,
        request: &RoleRequest,
    ) -> Result<TokenDuration, DeskError> {
        let Some(seconds) = request.duration_seconds else {
            return Ok(self.durations.default.into());
        };
        let duration = TokenDuration::try_from(seconds).ok();
        // A duration up to the configured maximum may be requested for every role.
        if let Some(duration) = duration.filter(|duration| *duration <= self.durations.max.into()) {
            return Ok(duration);
        }
        let max = self.longest_of_all(rights);
        duration
            .filter(|duration| *duration <= max)
            .ok_or(DeskError::Duration { max: max.seconds() })
    }

    /// The longest duration that the person may request for at least one of their roles.
    fn longest_of_all(&self, rights: &Rights) -> TokenDuration {
        let max = self.durations.max.into();
        let roles = rights.entitlements().roles();
        let longest = roles.map(|role| self.longest_of(role));
        longest.max().unwrap_or(max).max(max)
    }

    #[cfg(test)]
    pub(crate) fn with_issuer(self, issuer: Issuer) -> Self {
        Self {
            issuer: Some(Arc::new(issuer)),
            ..self
        }
    }
}

/// The settings that the AWS clients are built from. A reload keeps the clients if these settings
/// are unchanged.
#[derive(Debug, PartialEq, Eq)]
struct MadeOf {
    identity: config::Identity,
    region: Region,
    endpoints: [Option<Url>; 2],
    users: Vec<config::IamUser>,
}

impl MadeOf {
    fn new(config: &Config) -> Self {
        let aws = &config.aws;
        Self {
            identity: aws.identity.clone(),
            region: aws.region.clone(),
            endpoints: [aws.sts_endpoint.clone(), aws.signin_endpoint.clone()],
            users: config.iam_users.clone(),
        }
    }
}

/// The clients for STS and the sign-in endpoint, and the IAM users.
struct Clients {
    sts: Arc<Sts>,
    signin: Arc<Signin>,
    users: Arc<Users>,
}

impl Clients {
    fn new(config: &Config, clock: Clock) -> Result<Self, SigninError> {
        let signin = Signin::new(SigninSettings {
            endpoint: config.aws.signin_endpoint.clone(),
            region: config.aws.region.clone(),
            timeout: TIMEOUT,
        })?;
        Ok(Self {
            sts: Arc::new(Sts::new(&sts_settings(&config.aws), clock)),
            signin: Arc::new(signin),
            users: Arc::new(Users::new(&config.iam_users)),
        })
    }
}

fn sts_settings(aws: &config::Aws) -> StsSettings {
    StsSettings {
        region: aws.region.clone(),
        endpoint: aws.sts_endpoint.clone(),
        timeout: TIMEOUT,
        identity: match &aws.identity {
            config::Identity::DefaultChain { profile } => {
                Identity::default_chain(aws.region.clone(), profile.clone())
            }
            config::Identity::Keys {
                access_key_id,
                secret_access_key,
            } => Identity::keys(access_key_id.clone(), secret_access_key.0.clone()),
        },
    }
}

fn accounts(accounts: &[config::Account]) -> Result<BTreeMap<AccountId, String>, DeskRulesError> {
    let named = accounts.iter().map(|account| match account.id.parse() {
        Ok(id) => Ok((id, account.name.clone())),
        Err(error) => Err(DeskRulesError::Account {
            id: account.id.clone(),
            error,
        }),
    });
    named.collect()
}

fn issuer(oidc: &config::Oidc) -> Result<Arc<Issuer>, KeyError> {
    let (uri, files) = (Config::jwks_uri(oidc), oidc.signing_key_files.clone());
    Issuer::read(&oidc.issuer, uri, files).map(Arc::new)
}
