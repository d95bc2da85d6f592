//! The desk's rules: what the configuration says about roles, and the AWS clients built from it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

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

/// How long one attempt at STS or the sign-in endpoint may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Why no rules can be built from the configuration.
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
    /// The client of the sign-in endpoint could not be built.
    #[error(transparent)]
    Signin(#[from] SigninError),
    /// The signing keys of the issuer could not be loaded.
    #[error(transparent)]
    Issuer(#[from] KeyError),
}

/// The durations that a request may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Durations {
    /// The duration of a request that names none.
    pub default: SessionDuration,
    /// The longest duration.
    pub max: SessionDuration,
}

/// What the configuration says about roles. Only the desk can use its AWS clients.
#[derive(Debug)]
pub struct DeskRules {
    digest: Digest,
    /// The settings that the AWS clients were built from.
    made_of: MadeOf,
    pub(super) sts: Arc<Sts>,
    pub(super) signin: Arc<Signin>,
    pub(super) users: Arc<Users>,
    /// Display names by account ID.
    accounts: BTreeMap<AccountId, String>,
    /// Rules that give roles or sessions beyond the assertion.
    grants: Arc<Grants>,
    /// The partitions that the configuration serves.
    partitions: Vec<Partition>,
    /// The OpenID Connect issuer of the tokens that AWS accepts.
    pub(super) issuer: Option<Arc<Issuer>>,
    /// The session policies that people can choose from.
    policies: Vec<NamedPolicy>,
    durations: Durations,
    /// Who may use AWS's tools, such as decoding an authorization failure.
    tools: Option<Tools>,
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

    /// Builds rules that replace `before`. Keeps the AWS clients, with their connections and
    /// caches, if their settings have not changed; always keeps the issuer.
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
            public_url: config.public_url.clone(),
        })
    }

    /// Whether these rules share the AWS clients of `other`: then AWS is called with the same
    /// identities at the same addresses.
    pub(super) fn has_clients_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.sts, &other.sts)
            && Arc::ptr_eq(&self.signin, &other.signin)
            && Arc::ptr_eq(&self.users, &other.users)
    }

    /// The digest of the configuration, which distinguishes these rules from others.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Works out the rights of the person of a session.
    pub fn rights(&self, session: &Session) -> Rights {
        Rights::new(&self.grants, &self.accounts, session)
    }

    /// Display names by account ID.
    pub fn accounts(&self) -> &BTreeMap<AccountId, String> {
        &self.accounts
    }

    /// The grants, which give roles or sessions beyond the assertion.
    pub fn grants(&self) -> &Arc<Grants> {
        &self.grants
    }

    /// Whether there is an issuer of tokens that AWS accepts. Only the desk creates tokens.
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

    /// Reloads signing keys that have changed on disk: see [`Issuer::reload`].
    pub fn reload_signing_keys(&self) -> Result<bool, KeyError> {
        let issuer = self.issuer.as_ref();
        issuer.map_or(Ok(false), |issuer| issuer.reload())
    }

    /// The session policies that people can choose from.
    pub fn policies(&self) -> &[NamedPolicy] {
        &self.policies
    }

    /// The default and the longest duration.
    pub fn durations(&self) -> Durations {
        self.durations
    }

    /// Whether the person may use AWS's tools.
    pub fn has_tools(&self, session: &Session) -> bool {
        let tools = self.tools.as_ref();
        tools.is_some_and(|tools| tools.are_for(&session.facts()))
    }

    /// The grant that gives a role; `None` if the assertion gives it.
    pub fn grant_of(&self, role: &Role) -> Option<&Grant> {
        match &role.through {
            Through::Grant(name) => self.grants.find(name),
            Through::ProviderArn(_) => None,
        }
    }

    /// The longest lifetime of a role's credentials, as far as it is known.
    pub fn longest(&self, role: &Role) -> Option<TokenDuration> {
        let of_grant = self.grant_of(role).and_then(Grant::longest);
        let of_role = role.arn.role().and_then(|arn| self.sts.longest(arn));
        [of_grant, of_role.map(TokenDuration::from)]
            .into_iter()
            .flatten()
            .min()
    }

    /// The longest duration that a request may ask for with this role. Only a grant of a user's
    /// session may exceed the maximum that applies to all.
    pub fn longest_of(&self, role: &Role) -> TokenDuration {
        let max = self.durations.max.into();
        match self.grant_of(role) {
            Some(grant) if grant.is_of_user() => grant.longest().unwrap_or(max),
            Some(grant) => grant.longest().map_or(max, |longest| longest.min(max)),
            None => max,
        }
    }

    /// What AWS is sent when a role is used, including what it keeps of the role that a chain
    /// begins at. If the grant requires a reason, the reason is left out.
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
        // A hub is never itself given by a chain, so this recursion ends.
        match rights.hub(hub) {
            Some(hub) => Ok(parameters.after(&self.session_parameters(rights, session, hub)?)),
            None => Ok(parameters),
        }
    }

    /// Whether roles in this role's partition can be used.
    pub fn serves(&self, role: &Role) -> bool {
        self.partitions.contains(&role.partition)
    }

    /// Whether AWS accepts a console sign-in with this role.
    pub fn has_console(&self, role: &Role) -> bool {
        self.grant_of(role)
            .is_none_or(|grant| grant.via.has_console())
    }

    /// Where the console sends people when their session there has ended: back to the same role
    /// here, with no more permissions than before.
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

    /// The session policy that the request names. An unknown one is an error, because ignoring it
    /// would give more permissions.
    pub fn policy(&self, request: &RoleRequest) -> Result<Option<&NamedPolicy>, DeskError> {
        let Some(id) = &request.policy else {
            return Ok(None);
        };
        let known = self.policies.iter().find(|known| known.id == *id);
        known.map(Some).ok_or(DeskError::Policy)
    }

    /// The requested duration, or the configured default. The role may allow less.
    pub fn duration(
        &self,
        rights: &Rights,
        request: &RoleRequest,
    ) -> Result<TokenDuration, DeskError> {
        let Some(seconds) = request.duration_seconds else {
            return Ok(self.durations.default.into());
        };
        let duration = TokenDuration::try_from(seconds).ok();
        // What is allowed for all roles needs no look at the person's own.
        if let Some(duration) = duration.filter(|duration| *duration <= self.durations.max.into()) {
            return Ok(duration);
        }
        let max = self.longest_of_all(rights);
        duration
            .filter(|duration| *duration <= max)
            .ok_or(DeskError::Duration { max: max.seconds() })
    }

    /// The longest duration that the person may request with any of their roles.
    fn longest_of_all(&self, rights: &Rights) -> TokenDuration {
        let max = self.durations.max.into();
        let roles = rights.entitlements().roles();
        let longest = roles.map(|role| self.longest_of(role));
        longest.max().unwrap_or(max).max(max)
    }

    /// Replaces the issuer, for tests.
    #[cfg(test)]
    pub(crate) fn with_issuer(self, issuer: Issuer) -> Self {
        Self {
            issuer: Some(Arc::new(issuer)),
            ..self
        }
    }
}

/// The settings that the AWS clients are built from. If they are unchanged, a reload keeps the
/// clients.
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

/// The clients of STS and the sign-in endpoint, and the IAM users.
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
