//! AssumeRole: issues credentials for a role. The request is signed with rolecall's own credentials
//! or with those of another role (role chaining).

use std::ops::RangeInclusive;

use aws_sdk_sts::Client;
use aws_sdk_sts::operation::RequestId as _;

use super::call::Call;
use super::parameters::{self, some};
use super::response::{StsResponse, response};
use super::signing::Signer;
use super::{ExternalId, Issued, MfaSerial, Sts, StsError, TokenCode};
use crate::aws::arn::RoleArn;
use crate::aws::attribute::{RoleSessionName, SourceIdentity, TagKey, TagValue};
use crate::aws::credentials::Credentials;
use crate::aws::duration::SessionDuration;
use crate::aws::session_policy::SessionPolicy;

/// The maximum number of contexts (STS API reference, AssumeRole, `ProvidedContexts`).
pub const CONTEXTS_MAXIMUM: usize = 5;

/// The parameters of the request (STS API reference, AssumeRole).
#[derive(Clone, Copy, Debug)]
pub struct AssumeRole<'a> {
    /// The credentials used to sign the request.
    pub caller: Caller<'a>,
    /// The role to assume.
    pub role: &'a RoleArn,
    /// The role session name, which is the last part of the session's ARN.
    pub session_name: &'a RoleSessionName,
    /// Identifies the person behind the session and persists through role chaining.
    pub source_identity: Option<&'a SourceIdentity>,
    /// The session tags, at most 50.
    pub tags: &'a [(TagKey, TagValue)],
    /// The keys of the tags that persist through role chaining.
    pub transitive_tags: &'a [TagKey],
    /// The external ID that the role's trust policy requires of third parties.
    pub external_id: Option<&'a ExternalId>,
    /// The code from an MFA device, if the role's trust policy requires MFA.
    pub mfa: Option<MfaCode<'a>>,
    /// Contexts from trusted context providers, at most five.
    pub contexts: &'a [ProvidedContext],
    /// The session policy, which limits what the session may do.
    pub policy: Option<&'a SessionPolicy>,
    /// The requested lifetime of the credentials. Role chaining allows at most one hour.
    pub duration: SessionDuration,
}

impl<'a> AssumeRole<'a> {
    /// A request without any of the optional parameters.
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

/// The credentials used to sign a request.
#[derive(Clone, Copy, Debug)]
pub enum Caller<'a> {
    /// rolecall's own credentials.
    Ourselves,
    /// Credentials of another role (role chaining).
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

/// An MFA device and its current code.
#[derive(Clone, Copy, Debug)]
pub struct MfaCode<'a> {
    /// The ARN or serial number of the device.
    pub serial: &'a MfaSerial,
    /// The six digits that the device shows.
    pub code: &'a TokenCode,
}

/// A context from a trusted context provider (STS API reference, `ProvidedContext`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvidedContext {
    /// The ARN of the context provider.
    pub provider_arn: String,
    /// The assertion that the provider has signed.
    pub assertion: String,
}

impl ProvidedContext {
    /// The allowed length of a provider's ARN, in characters (STS API reference,
    /// `ProvidedContext`).
    pub const PROVIDER_LENGTHS: RangeInclusive<usize> = 20..=2048;
    /// The allowed length of an assertion, in characters (STS API reference, `ProvidedContext`).
    pub const ASSERTION_LENGTHS: RangeInclusive<usize> = 4..=2048;
}

impl Sts {
    /// Gets credentials for a role. A duration over the role's maximum is shortened. If the request
    /// has an MFA code, the duration is shortened only to a limit that is already cached.
    pub async fn assume_role(&self, request: AssumeRole<'_>) -> Result<Issued, StsError> {
        let wanted = match request.caller {
            Caller::Ourselves => request.duration,
            Caller::Role(_) => request.duration.min(SessionDuration::HOUR),
        };
        // An MFA code is valid for one call, so there is no second attempt with a shorter duration.
        // Only a cached limit can be applied.
        if request.mfa.is_some() {
            let known = self.limits.get(request.role);
            let asked = known.map_or(wanted, |limit| limit.cap(wanted));
            let response = self.assume(request, asked).await?;
            return response.issued(asked.into(), self.clock.now());
        }
        let call = |duration| self.assume(request, duration);
        self.granting(request.role, wanted, call).await
    }

    async fn assume(
        &self,
        request: AssumeRole<'_>,
        duration: SessionDuration,
    ) -> Result<StsResponse, StsError> {
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
        Ok(response!(output))
    }
}

/// Converts contexts to the SDK's `ProvidedContexts`.
fn contexts(contexts: &[ProvidedContext]) -> Option<Vec<aws_sdk_sts::types::ProvidedContext>> {
    let contexts = contexts.iter().map(|context| {
        aws_sdk_sts::types::ProvidedContext::builder()
            .provider_arn(&context.provider_arn)
            .context_assertion(&context.assertion)
            .build()
    });
    some(contexts.collect())
}

/// The assertions of the contexts. Error messages must not contain these assertions.
fn assertions(contexts: &[ProvidedContext]) -> String {
    let assertions = contexts.iter().map(|context| context.assertion.as_str());
    assertions.collect::<Vec<_>>().join(" ")
}
