//! AssumeRole: a role for whoever signs the request: us, or the holder of another role.

use aws_sdk_sts::config::Builder;
use aws_sdk_sts::config::retry::RetryConfig;
use aws_sdk_sts::operation::RequestId as _;
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};
use secrecy::ExposeSecret as _;
use tracing::Dispatch;
use tracing::instrument::WithSubscriber as _;

use super::answer::{Answer, answer};
use super::{ExternalId, Issued, MfaSerial, Sts, StsError, TokenCode};
use crate::aws::arn::RoleArn;
use crate::aws::attribute::{RoleSessionName, SourceIdentity, TagKey, TagValue};
use crate::aws::credentials::Credentials;
use crate::aws::duration::SessionDuration;
use crate::aws::session_policy::SessionPolicy;

/// What to ask for (STS API reference, AssumeRole).
#[derive(Clone, Copy, Debug)]
pub struct AssumeRole<'a> {
    /// Who asks.
    pub caller: Caller<'a>,
    /// The role.
    pub role: &'a RoleArn,
    /// The session's name.
    pub session_name: &'a RoleSessionName,
    /// Who is behind the session.
    pub source_identity: Option<&'a SourceIdentity>,
    /// The session tags.
    pub tags: &'a [(TagKey, TagValue)],
    /// The keys of the tags that go along to further roles.
    pub transitive_tags: &'a [TagKey],
    /// What the role's trust policy asks third parties for.
    pub external_id: Option<&'a ExternalId>,
    /// What a second factor shows.
    pub mfa: Option<MfaCode<'a>>,
    /// Contexts that somebody else vouches for.
    pub contexts: &'a [ProvidedContext],
    /// What the session may do at most.
    pub policy: Option<&'a SessionPolicy>,
    /// How long the credentials should live. Credentials of a role get an hour at most.
    pub duration: SessionDuration,
}

/// Whose credentials sign a request.
#[derive(Clone, Copy, Debug)]
pub enum Caller<'a> {
    /// Our own.
    Ourselves,
    /// Those of a role: role chaining.
    Role(&'a Credentials),
}

/// What an MFA device shows.
#[derive(Clone, Copy, Debug)]
pub struct MfaCode<'a> {
    /// The device.
    pub serial: &'a MfaSerial,
    /// Its six digits.
    pub code: &'a TokenCode,
}

/// A context that a trusted token issuer vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvidedContext {
    /// The ARN of the context provider.
    pub provider_arn: String,
    /// What it says, signed by it.
    pub assertion: String,
}

impl Sts {
    /// Gets credentials of a role.
    pub async fn assume_role(&self, request: AssumeRole<'_>) -> Result<Issued, StsError> {
        let wanted = match request.caller {
            Caller::Ourselves => request.duration,
            Caller::Role(_) => request.duration.min(SessionDuration::HOUR),
        };
        // A code is good for one call: what is known of the role is all that can be done beforehand.
        if request.mfa.is_some() {
            let known = self.limits.get(request.role);
            let asked = known.map_or(wanted, |limit| limit.cap(wanted));
            let answer = self.assume(request, asked).await?;
            return answer.issued(request.duration, asked, self.clock.now());
        }
        let call = |duration| self.assume(request, duration);
        let issued = self.granting(request.role, wanted, call).await?;
        let is_shorter = issued.duration_seconds < request.duration.seconds();
        Ok(Issued {
            shortened: is_shorter.then_some(request.duration),
            ..issued
        })
    }

    async fn assume(
        &self,
        request: AssumeRole<'_>,
        duration: SessionDuration,
    ) -> Result<Answer, StsError> {
        let tags = request.tags.iter().map(|(key, value)| {
            let tag = Tag::builder().key(key.as_str()).value(value.as_str());
            tag.build().map_err(|error| StsError::not_sent(&error))
        });
        let tags = tags.collect::<Result<Vec<_>, _>>()?;
        let contexts = request.contexts.iter().map(|context| {
            aws_sdk_sts::types::ProvidedContext::builder()
                .provider_arn(&context.provider_arn)
                .context_assertion(&context.assertion)
                .build()
        });
        // What must not come back in an error's words.
        let secret = request
            .contexts
            .iter()
            .map(|context| context.assertion.as_str());
        let secret = secret.collect::<Vec<_>>().join(" ");
        let transitive = request.transitive_tags.iter().map(ToString::to_string);
        let policy = request.policy;
        let call = self
            .client(request.role.partition())
            .assume_role()
            .role_arn(request.role.as_str())
            .role_session_name(request.session_name.as_str())
            .duration_seconds(duration.seconds().cast_signed())
            .set_source_identity(request.source_identity.map(ToString::to_string))
            .set_tags(some(tags))
            .set_transitive_tag_keys(some(transitive.collect()))
            .set_external_id(request.external_id.map(ToString::to_string))
            .set_serial_number(request.mfa.map(|mfa| mfa.serial.to_string()))
            .set_token_code(request.mfa.map(|mfa| mfa.code.to_string()))
            .set_provided_contexts(some(contexts.collect()))
            .set_policy(policy.and_then(SessionPolicy::document).map(str::to_owned))
            .set_policy_arns(policy.map(|policy| policy_arns(policy, request.role)))
            .customize();
        let call = match request.caller {
            Caller::Ourselves if request.mfa.is_some() => {
                call.config_override(Builder::default().retry_config(RetryConfig::disabled()))
            }
            Caller::Ourselves => call,
            Caller::Role(credentials) => call.config_override(signed_by(credentials)),
        };
        let output = call
            .send()
            // As AssumeRoleWithSAML: the answer has credentials in it.
            .with_subscriber(Dispatch::none())
            .await
            .map_err(|error| StsError::from_sdk(error, &secret).of_signed())?;
        Ok(answer!(output))
    }
}

/// A list that is left out where it is empty, as botocore does.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

pub(super) fn signed_by(credentials: &Credentials) -> Builder {
    Builder::default().credentials_provider(aws_sdk_sts::config::Credentials::new(
        credentials.access_key_id(),
        credentials.secret_access_key().expose_secret(),
        Some(credentials.session_token().expose_secret().to_owned()),
        Some(credentials.expiration().into()),
        "rolecall",
    ))
}

pub(super) fn policy_arns(policy: &SessionPolicy, role: &RoleArn) -> Vec<PolicyDescriptorType> {
    let arns = policy.arns_for(role).into_iter();
    arns.map(|arn| PolicyDescriptorType::builder().arn(arn).build())
        .collect()
}
