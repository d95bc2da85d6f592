//! AssumeRoleWithSAML: a role for an assertion. Unsigned: the assertion is the proof.

use aws_sdk_sts::operation::RequestId as _;
use secrecy::{ExposeSecret as _, SecretString};
use tracing::Dispatch;
use tracing::instrument::WithSubscriber as _;

use super::answer::{Answer, answer};
use super::{Issued, Sts, StsError, parameters};
use crate::aws::arn::{ProviderArn, RoleArn};
use crate::aws::duration::SessionDuration;
use crate::aws::session_policy::SessionPolicy;

/// The most characters of an assertion that STS takes (STS API reference, AssumeRoleWithSAML).
pub const ASSERTION_MAXIMUM: usize = 100_000;

/// What to ask for.
#[derive(Clone, Copy, Debug)]
pub struct AssumeRoleWithSaml<'a> {
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

impl Sts {
    /// Redeems an assertion for credentials of a role.
    pub async fn assume_role_with_saml(
        &self,
        request: AssumeRoleWithSaml<'_>,
    ) -> Result<Issued, StsError> {
        let characters = request.assertion.expose_secret().len();
        if characters > ASSERTION_MAXIMUM {
            return Err(StsError::AssertionTooLong { characters });
        }
        let call = |duration| self.redeem(request, duration);
        self.granting(request.role, request.duration, call).await
    }

    async fn redeem(
        &self,
        request: AssumeRoleWithSaml<'_>,
        duration: SessionDuration,
    ) -> Result<Answer, StsError> {
        let assertion = request.assertion.expose_secret();
        let output = self
            .client(request.role.partition())
            .assume_role_with_saml()
            .role_arn(request.role.as_str())
            .principal_arn(request.provider.as_str())
            .saml_assertion(assertion)
            .duration_seconds(duration.seconds().cast_signed())
            .set_policy(parameters::document(request.policy))
            .set_policy_arns(parameters::policy_arns(
                request.policy,
                request.role.partition(),
                request.role.account(),
            ))
            .send()
            // At its trace level the SDK logs requests and answers. It leaves the secrets out only
            // by default, unless LOG_SENSITIVE_BODIES is set.
            .with_subscriber(Dispatch::none())
            .await
            .map_err(|error| StsError::from_sdk(error, assertion))?;
        Ok(answer!(output))
    }
}
