//! STS: the client for the AWS Security Token Service, which issues temporary credentials.

mod assume_role;
mod assume_root;
mod call;
mod error;
mod federation_token;
mod identity;
mod limit;
mod parameters;
mod queries;
mod refusal;
mod response;
mod session_token;
mod signing;
mod value;
mod with_saml;
mod with_web_identity;

use std::fmt;
use std::future::Future;
use std::time::Duration;

use moka::sync::Cache;
use url::Url;

pub use self::assume_role::{AssumeRole, CONTEXTS_MAXIMUM, Caller, MfaCode, ProvidedContext};
pub use self::assume_root::{AssumeRoot, RootTask};
use self::call::Clients;
pub use self::error::StsError;
pub use self::federation_token::GetFederationToken;
pub use self::identity::{IamUser, Identity};
use self::limit::Limit;
pub use self::queries::{CallerIdentity, MESSAGE_MAXIMUM};
pub use self::refusal::StsRefusal;
use self::response::StsResponse;
pub use self::session_token::GetSessionToken;
pub use self::value::{AccessKeyId, ExternalId, FederatedName, MfaSerial, TokenCode, ValueError};
pub use self::with_saml::{ASSERTION_MAXIMUM, AssumeRoleWithSaml, REDEEMABLE_FOR};
pub use self::with_web_identity::AssumeRoleWithWebIdentity;
use super::arn::RoleArn;
pub use super::credentials::{Credentials, CredentialsError};
use super::duration::SessionDuration;
use super::region::Region;
use crate::clock::Clock;

/// The maximum number of roles for which a limit is cached, and how long each limit is kept. If an
/// administrator raises a role's maximum duration, the change takes full effect only when the
/// cached limit expires.
const LIMITS_KEPT: u64 = 10_000;
const LIMIT_LIFETIME: Duration = Duration::from_hours(24);

/// How to reach STS and sign requests.
#[derive(Clone, Debug)]
pub struct StsSettings {
    /// The Region of the STS endpoint in this Region's partition. For other partitions, see
    /// [`Partition::sts_region`](super::partition::Partition::sts_region).
    pub region: Region,
    /// An STS endpoint that replaces those of AWS in every partition, for emulators.
    pub endpoint: Option<Url>,
    /// The timeout of one attempt, which includes connecting and reading the response. There are up
    /// to three attempts.
    pub timeout: Duration,
    /// Our own AWS identity. Its credentials are used to sign requests for AssumeRoot and, without
    /// role chaining, for AssumeRole.
    pub identity: Identity,
}

/// Credentials from STS, with the other data in the response.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The temporary credentials and the time when they expire.
    pub credentials: Credentials,
    /// The ARN of the session, `arn:aws:sts::123456789012:assumed-role/role/session` or
    /// `…:federated-user/name`, if STS returns it.
    pub session_arn: Option<String>,
    /// How much of the space for session policies and tags is used, in percent.
    pub packed_policy_size: Option<i32>,
    /// The source identity of the session, if STS returns it.
    pub source_identity: Option<String>,
    /// The lifetime of the credentials, in seconds. It can be less than 900, the minimum that can
    /// be requested, because the session at the IdP may end before the requested time.
    pub duration_seconds: u32,
    /// The request ID from STS, for AWS Support and CloudTrail.
    pub request_id: Option<String>,
}

/// A client for STS in every partition.
///
/// AssumeRoleWithSAML and AssumeRoleWithWebIdentity need no AWS credentials, because their requests
/// are not signed. The credentials of our own identity are looked up only when an operation needs
/// them. Calls to the same partition share kept-alive connections.
pub struct Sts {
    clients: Clients,
    limits: Cache<RoleArn, Limit>,
    clock: Clock,
}

impl Sts {
    /// Creates clients for all partitions. No connection is opened before the first request.
    pub fn new(settings: &StsSettings, clock: Clock) -> Self {
        Self {
            clients: Clients::new(settings, &clock),
            limits: Cache::builder()
                .max_capacity(LIMITS_KEPT)
                .time_to_live(LIMIT_LIFETIME)
                .build(),
            clock,
        }
    }

    /// The longest duration that STS is known to grant for a role, or `None` if no duration is
    /// known to be too long.
    pub fn longest(&self, role: &RoleArn) -> Option<SessionDuration> {
        self.limits.get(role).map(|limit| limit.granted)
    }

    /// Calls an operation for a role. A duration over the role's maximum is shortened until STS
    /// accepts it. A later call for this role starts with the accepted duration instead of a
    /// duration that is known to be too long.
    async fn granting<F>(
        &self,
        role: &RoleArn,
        wanted: SessionDuration,
        call: impl Fn(SessionDuration) -> F,
    ) -> Result<Issued, StsError>
    where
        F: Future<Output = Result<StsResponse, StsError>>,
    {
        let known = self.limits.get(role);
        let mut duration = known.map_or(wanted, |limit| limit.cap(wanted));
        let mut refused = None;
        loop {
            match call(duration).await {
                Ok(response) => {
                    if let Some(limit) = Limit::learned(known, duration, refused) {
                        self.limits.insert(role.clone(), limit);
                    }
                    return response.issued(duration.into(), self.clock.now());
                }
                // The limit for role chaining depends on the caller, not on the role, so it is not
                // cached.
                Err(error) if error.is_about_chaining() && duration > SessionDuration::HOUR => {
                    let response = call(SessionDuration::HOUR).await?;
                    return response.issued(SessionDuration::HOUR.into(), self.clock.now());
                }
                Err(error) => {
                    let shorter = error.shorter_than(duration).ok_or(error)?;
                    refused = Some(duration);
                    duration = shorter;
                }
            }
        }
    }
}

impl fmt::Debug for Sts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sts").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
