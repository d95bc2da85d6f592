//! STS: temporary credentials for an assertion.

mod error;
mod limit;
mod refusal;

use std::fmt;
use std::time::Duration;

use aws_sdk_sts::config::retry::{RetryConfig, RetryPartition};
use aws_sdk_sts::config::timeout::TimeoutConfig;
use aws_sdk_sts::config::{BehaviorVersion, Config};
use aws_sdk_sts::operation::RequestId;
use aws_sdk_sts::operation::assume_role_with_saml::AssumeRoleWithSamlOutput;
use aws_sdk_sts::types::PolicyDescriptorType;
use chrono::{DateTime, Utc};
use moka::sync::Cache;
use secrecy::{ExposeSecret, SecretString};
use tracing::Dispatch;
use tracing::instrument::WithSubscriber;
use url::Url;

pub use self::error::StsError;
use self::limit::Limit;
pub use self::refusal::Refusal;
use super::arn::{ProviderArn, RoleArn};
pub use super::credentials::{Credentials, CredentialsError};
use super::duration::SessionDuration;
use super::partition::Partition;
use super::region::Region;
use super::session_policy::SessionPolicy;
use crate::clock::Clock;

/// One try and two retries.
const ATTEMPTS: u32 = 3;

/// The most characters of an assertion that STS takes (STS API reference, AssumeRoleWithSAML).
const ASSERTION_MAXIMUM: usize = 100_000;

/// How many roles' maximum durations are remembered, and how long: an administrator who raises
/// one is believed the next day.
const LIMITS_KEPT: u64 = 10_000;
const LIMIT_LIFETIME: Duration = Duration::from_hours(24);

/// How far AWS's clock may be from ours before a difference counts as a shorter session.
const CLOCK_TOLERANCE_SECONDS: i64 = 300;

/// How to reach STS.
#[derive(Clone, Debug)]
pub struct StsSettings {
    /// The Region whose STS is asked for roles of its partition; other partitions have their own
    /// (see [`Partition::sts_region`]).
    pub region: Region,
    /// An STS instead of AWS's, for every partition: for emulators.
    pub endpoint: Option<Url>,
    /// How long one attempt may take, from connecting to the end of the answer. There are three.
    pub timeout: Duration,
}

/// What to ask for.
#[derive(Clone, Copy, Debug)]
pub struct AssumeRole<'a> {
    /// The role.
    pub role: &'a RoleArn,
    /// The SAML provider that vouches for it.
    pub provider: &'a ProviderArn,
    /// The IdP's response in base64, byte for byte as it was received: STS verifies it itself.
    pub assertion: &'a SecretString,
    /// How long the credentials should live.
    pub duration: SessionDuration,
    /// What the session may do at most.
    pub policy: Option<&'a SessionPolicy>,
}

/// Credentials, and what STS says about them.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The credentials.
    pub credentials: Credentials,
    /// `arn:aws:sts::123456789012:assumed-role/role/session`, where STS says so.
    pub assumed_role_arn: Option<String>,
    /// How much of the room for session policies and tags is taken, in percent.
    pub packed_policy_size: Option<i32>,
    /// The source identity that was set.
    pub source_identity: Option<String>,
    /// How long the credentials live from now, in seconds. It may be under 900, when the IdP's
    /// session ends before.
    pub duration_seconds: u32,
    /// The duration that was asked for, if it was longer than what was granted: because of the
    /// role's maximum session duration or of the assertion's `SessionNotOnOrAfter`.
    pub shortened: Option<SessionDuration>,
    /// STS's ID of the request, for AWS's support and for CloudTrail.
    pub request_id: Option<String>,
}

/// STS in every partition.
///
/// AssumeRoleWithSAML needs no AWS credentials and none are looked for: the requests are not
/// signed. Connections are kept and shared by all calls.
pub struct Sts {
    clients: Vec<(Partition, aws_sdk_sts::Client)>,
    limits: Cache<RoleArn, Limit>,
    clock: Clock,
}

impl Sts {
    /// Clients for all partitions. Nothing is connected before the first request.
    pub fn new(settings: &StsSettings, clock: Clock) -> Self {
        let client = |partition| (partition, client(settings, partition));
        Self {
            clients: Partition::ALL.map(client).into(),
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

    /// Redeems an assertion for credentials of a role.
    ///
    /// A duration over the role's maximum is shortened to what the role grants, and the next
    /// call for this role asks for that at once.
    pub async fn assume_role_with_saml(&self, request: AssumeRole<'_>) -> Result<Issued, StsError> {
        let characters = request.assertion.expose_secret().len();
        if characters > ASSERTION_MAXIMUM {
            return Err(StsError::AssertionTooLong { characters });
        }
        let known = self.limits.get(request.role);
        let mut duration = known.map_or(request.duration, |limit| limit.cap(request.duration));
        let mut refused = None;
        loop {
            match self.call(request, duration).await {
                Ok(output) => {
                    if let Some(limit) = Limit::learned(known, duration, refused) {
                        self.limits.insert(request.role.clone(), limit);
                    }
                    return issued(output, request.duration, duration, self.clock.now());
                }
                Err(error) => {
                    let shorter = error.shorter_than(duration).ok_or(error)?;
                    refused = Some(duration);
                    duration = shorter;
                }
            }
        }
    }

    async fn call(
        &self,
        request: AssumeRole<'_>,
        duration: SessionDuration,
    ) -> Result<AssumeRoleWithSamlOutput, StsError> {
        let assertion = request.assertion.expose_secret();
        self.client(request.role.partition())
            .assume_role_with_saml()
            .role_arn(request.role.as_str())
            .principal_arn(request.provider.as_str())
            .saml_assertion(assertion)
            .duration_seconds(duration.seconds().cast_signed())
            .set_policy(
                request
                    .policy
                    .and_then(SessionPolicy::document)
                    .map(str::to_owned),
            )
            .set_policy_arns(
                request
                    .policy
                    .map(|policy| policy_arns(policy, request.role)),
            )
            .send()
            // At its trace level the SDK logs requests and answers. It leaves the secrets out only
            // by default, unless LOG_SENSITIVE_BODIES is set.
            .with_subscriber(Dispatch::none())
            .await
            .map_err(|error| StsError::from_sdk(error, assertion))
    }

    fn client(&self, partition: Partition) -> &aws_sdk_sts::Client {
        self.clients
            .iter()
            .find_map(|(of, client)| (*of == partition).then_some(client))
            .expect("there is a client for each partition")
    }
}

impl fmt::Debug for Sts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sts").finish_non_exhaustive()
    }
}

fn policy_arns(policy: &SessionPolicy, role: &RoleArn) -> Vec<PolicyDescriptorType> {
    let arns = policy.arns_for(role).into_iter();
    arns.map(|arn| PolicyDescriptorType::builder().arn(arn).build())
        .collect()
}

fn client(settings: &StsSettings, partition: Partition) -> aws_sdk_sts::Client {
    let region = partition.sts_region(&settings.region);
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(settings.timeout)
        .operation_attempt_timeout(settings.timeout)
        .operation_timeout(settings.timeout * ATTEMPTS + Duration::from_secs(2))
        .build();
    let retries = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(Duration::from_millis(100))
        .with_max_backoff(Duration::from_secs(1));
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(aws_sdk_sts::config::Region::new(region.to_string()))
        .timeout_config(timeouts)
        .retry_config(retries)
        // A quota of its own: a partition that is down must not use up the others' retries.
        .retry_partition(RetryPartition::custom(format!("rolecall-{partition}")).build());
    if let Some(endpoint) = &settings.endpoint {
        config = config.endpoint_url(endpoint.as_str());
    }
    aws_sdk_sts::Client::from_conf(config.build())
}

#[expect(
    deprecated,
    reason = "PackedPolicySize is what STS answers with, and what emulators know"
)]
fn packed_policy_size(output: &AssumeRoleWithSamlOutput) -> Option<i32> {
    output.packed_policy_size
}

/// Reads STS's answer. `asked` is what STS was asked for, `requested` what the person wanted.
fn issued(
    output: AssumeRoleWithSamlOutput,
    requested: SessionDuration,
    asked: SessionDuration,
    now: DateTime<Utc>,
) -> Result<Issued, StsError> {
    let request_id = output.request_id().map(str::to_owned);
    let packed_policy_size = packed_policy_size(&output);
    let incomplete = |message: String| {
        StsError::incomplete(Refusal {
            message,
            request_id: request_id.clone(),
        })
    };
    let credentials = output
        .credentials
        .ok_or_else(|| incomplete("the answer has no credentials".to_owned()))
        .and_then(|credentials| read(credentials).map_err(|error| incomplete(error.to_string())))?;
    let duration_seconds = granted(asked, credentials.expiration(), now);
    Ok(Issued {
        assumed_role_arn: output.assumed_role_user.map(|user| user.arn),
        packed_policy_size,
        source_identity: output.source_identity,
        duration_seconds,
        shortened: (duration_seconds < requested.seconds()).then_some(requested),
        request_id,
        credentials,
    })
}

/// How long the credentials live: what was asked for, unless they expire clearly before that.
fn granted(asked: SessionDuration, expiration: DateTime<Utc>, now: DateTime<Utc>) -> u32 {
    let asked = asked.seconds();
    let left = (expiration - now).num_seconds();
    if left.saturating_add(CLOCK_TOLERANCE_SECONDS) < i64::from(asked) {
        u32::try_from(left).unwrap_or(0)
    } else {
        asked
    }
}

fn read(credentials: aws_sdk_sts::types::Credentials) -> Result<Credentials, ReadError> {
    let expiration = credentials.expiration;
    let expiration = DateTime::from_timestamp(expiration.secs(), expiration.subsec_nanos())
        .ok_or(ReadError::Expiration)?;
    Ok(Credentials::new(
        credentials.access_key_id,
        credentials.secret_access_key.into(),
        credentials.session_token.into(),
        expiration,
    )?)
}

/// Why the credentials in an answer are none.
#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error("the expiration is out of range")]
    Expiration,
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
}

#[cfg(test)]
mod tests;
