//! STS: temporary credentials, by whichever operation gives them.

mod answer;
mod asking;
mod assume_role;
mod assume_root;
mod call;
mod error;
mod federation_token;
mod identity;
mod limit;
mod parameters;
mod refusal;
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

use self::answer::Answer;
pub use self::asking::{CallerIdentity, MESSAGE_MAXIMUM};
pub use self::assume_role::{AssumeRole, CONTEXTS_MAXIMUM, Caller, MfaCode, ProvidedContext};
pub use self::assume_root::{AssumeRoot, RootTask};
use self::call::Clients;
pub use self::error::StsError;
pub use self::federation_token::GetFederationToken;
pub use self::identity::{IamUser, Identity};
use self::limit::Limit;
pub use self::refusal::Refusal;
pub use self::session_token::GetSessionToken;
pub use self::value::{AccessKeyId, ExternalId, FederatedName, MfaSerial, TokenCode, ValueError};
pub use self::with_saml::{ASSERTION_MAXIMUM, AssumeRoleWithSaml, REDEEMABLE_FOR};
pub use self::with_web_identity::AssumeRoleWithWebIdentity;
use super::arn::RoleArn;
pub use super::credentials::{Credentials, CredentialsError};
use super::duration::SessionDuration;
use super::region::Region;
use crate::clock::Clock;

/// How many roles' maximum durations are remembered, and how long: an administrator who raises
/// one is believed the next day.
const LIMITS_KEPT: u64 = 10_000;
const LIMIT_LIFETIME: Duration = Duration::from_hours(24);

/// How to reach STS.
#[derive(Clone, Debug)]
pub struct StsSettings {
    /// The Region whose STS is asked for roles of its partition; other partitions have their own
    /// (see [`Partition::sts_region`](super::partition::Partition::sts_region)).
    pub region: Region,
    /// An STS instead of AWS's, for every partition: for emulators.
    pub endpoint: Option<Url>,
    /// How long one attempt may take, from connecting to the end of the answer. There are three.
    pub timeout: Duration,
    /// Who we are for AWS, where an operation is signed.
    pub identity: Identity,
}

/// Credentials, and what STS says about them.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The credentials.
    pub credentials: Credentials,
    /// `arn:aws:sts::123456789012:assumed-role/role/session`, or `…:federated-user/name`, where STS says so.
    pub session_arn: Option<String>,
    /// How much of the room for session policies and tags is taken, in percent.
    pub packed_policy_size: Option<i32>,
    /// The source identity that was set.
    pub source_identity: Option<String>,
    /// How long the credentials live from now, in seconds. It may be under 900, when the IdP's
    /// session ends before.
    pub duration_seconds: u32,
    /// STS's ID of the request, for AWS's support and for CloudTrail.
    pub request_id: Option<String>,
}

/// STS in every partition.
///
/// AssumeRoleWithSAML needs no AWS credentials: those requests are not signed. Our own identity is
/// looked for when an operation needs it, and not before. Connections are kept and shared by all calls.
pub struct Sts {
    clients: Clients,
    limits: Cache<RoleArn, Limit>,
    clock: Clock,
}

impl Sts {
    /// Clients for all partitions. Nothing is connected before the first request.
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

    /// The longest that STS is known to grant for a role that it has refused more for.
    pub fn longest(&self, role: &RoleArn) -> Option<SessionDuration> {
        self.limits.get(role).map(|limit| limit.granted)
    }

    /// Calls an operation for a role. A duration over the role's maximum is shortened to what the
    /// role grants, and the next call for this role asks for that at once.
    async fn granting<F>(
        &self,
        role: &RoleArn,
        wanted: SessionDuration,
        call: impl Fn(SessionDuration) -> F,
    ) -> Result<Issued, StsError>
    where
        F: Future<Output = Result<Answer, StsError>>,
    {
        let known = self.limits.get(role);
        let mut duration = known.map_or(wanted, |limit| limit.cap(wanted));
        let mut refused = None;
        loop {
            match call(duration).await {
                Ok(answer) => {
                    if let Some(limit) = Limit::learned(known, duration, refused) {
                        self.limits.insert(role.clone(), limit);
                    }
                    return answer.issued(duration.into(), self.clock.now());
                }
                // That is about who asks, and not about the role: nothing is learned of it.
                Err(error) if error.is_about_chaining() && duration > SessionDuration::HOUR => {
                    let answer = call(SessionDuration::HOUR).await?;
                    return answer.issued(SessionDuration::HOUR.into(), self.clock.now());
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
