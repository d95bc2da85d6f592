//! AssumeRole: a role for whoever signs the request: us, or the holder of another role.

use std::ops::RangeInclusive;

use aws_sdk_sts::Client;
use aws_sdk_sts::operation::RequestId as _;

use super::answer::{Answer, answer};
use super::call::Call;
use super::parameters::{self, some};
use super::signing::Signer;
use super::{ExternalId, Issued, MfaSerial, Sts, StsError, TokenCode};
use crate::aws::arn::RoleArn;
use crate::aws::attribute::{RoleSessionName, SourceIdentity, TagKey, TagValue};
use crate::aws::credentials::Credentials;
use crate::aws::duration::SessionDuration;
use crate::aws::session_policy::SessionPolicy;

/// The most contexts that STS takes (STS API reference, AssumeRole, `ProvidedContexts`).
pub const CONTEXTS_MAXIMUM: usize = 5;

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

impl<'a> AssumeRole<'a> {
    /// A request that says no more than it must.
    pub fn new(
        caller: Caller<'a>,
        role: &'a RoleArn,
        session_name: &'a RoleSessionName,
        duration: SessionDuration,
    ) -> Self {
        Self {
            caller,
            role,
            session_name,
            source_identity: None,
            tags: &[],
            transitive_tags: &[],
            external_id: None,
            mfa: None,
            contexts: &[],
            policy: None,
            duration,
        }
    }
}

/// Whose credentials sign a request.
#[derive(Clone, Copy, Debug)]
pub enum Caller<'a> {
    /// Our own.
    Ourselves,
    /// Those of a role: role chaining.
    Role(&'a Credentials),
}

impl<'a> Caller<'a> {
    fn signer(self) -> Signer<'a> {
        match self {
            Self::Ourselves => Signer::Ourselves,
            Self::Role(credentials) => Signer::Session(credentials),
        }
    }
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

impl ProvidedContext {
    /// How many characters a provider's ARN has (STS API reference, `ProvidedContext`).
    pub const PROVIDER_LENGTHS: RangeInclusive<usize> = 20..=2048;
    /// How many characters an assertion has (the same).
    pub const ASSERTION_LENGTHS: RangeInclusive<usize> = 4..=2048;
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
            return answer.issued(asked.into(), self.clock.now());
        }
        let call = |duration| self.assume(request, duration);
        self.granting(request.role, wanted, call).await
    }

    async fn assume(
        &self,
        request: AssumeRole<'_>,
        duration: SessionDuration,
    ) -> Result<Answer, StsError> {
        let role = request.role;
        let (document, arns) = parameters::policy(request.policy, role.partition(), role.account());
        let tags = parameters::tags(request.tags)?;
        let transitive = request.transitive_tags.iter().map(ToString::to_string);
        let ask = |sts: &Client| {
            sts.assume_role()
                .role_arn(role.as_str())
                .role_session_name(request.session_name.as_str())
                .duration_seconds(duration.seconds().cast_signed())
                .set_source_identity(request.source_identity.map(ToString::to_string))
                .set_tags(tags)
                .set_transitive_tag_keys(some(transitive.collect()))
                .set_external_id(request.external_id.map(ToString::to_string))
                .set_serial_number(request.mfa.map(|mfa| mfa.serial.to_string()))
                .set_token_code(request.mfa.map(|mfa| mfa.code.to_string()))
                .set_provided_contexts(contexts(request.contexts))
                .set_policy(document)
                .set_policy_arns(arns)
        };
        let secret = assertions(request.contexts);
        let call = Call::new(role.partition(), request.caller.signer());
        let call = call.carrying(&secret).with(request.mfa);
        let output = self.clients.call(call, ask).await?;
        Ok(answer!(output))
    }
}

/// `ProvidedContexts`.
fn contexts(contexts: &[ProvidedContext]) -> Option<Vec<aws_sdk_sts::types::ProvidedContext>> {
    let contexts = contexts.iter().map(|context| {
        aws_sdk_sts::types::ProvidedContext::builder()
            .provider_arn(&context.provider_arn)
            .context_assertion(&context.assertion)
            .build()
    });
    some(contexts.collect())
}

/// What of the contexts must not come back in an error's words.
fn assertions(contexts: &[ProvidedContext]) -> String {
    let assertions = contexts.iter().map(|context| context.assertion.as_str());
    assertions.collect::<Vec<_>>().join(" ")
}
