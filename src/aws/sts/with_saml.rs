//! AssumeRoleWithSAML: exchanges a SAML assertion for a role's credentials. The request is not
//! signed, because the assertion authenticates it.

use aws_sdk_sts::Client;
use aws_sdk_sts::operation::RequestId as _;
use chrono::TimeDelta;
use secrecy::{ExposeSecret as _, SecretString};

use super::answer::{Answer, answer};
use super::call::Call;
use super::signing::Signer;
use super::{Issued, Sts, StsError, parameters};
use crate::aws::arn::{ProviderArn, RoleArn};
use crate::aws::duration::SessionDuration;
use crate::aws::session_policy::SessionPolicy;

/// The maximum length of an assertion in base64, in characters (STS API reference,
/// AssumeRoleWithSAML, `SAMLAssertion`).
pub const ASSERTION_MAXIMUM: usize = 100_000;

/// How long STS accepts an assertion after the IdP has issued it. Later requests fail with
/// ExpiredTokenException: "Token must be redeemed within 5 minutes of issuance".
pub const REDEEMABLE_FOR: TimeDelta = TimeDelta::minutes(5);

/// The parameters of the request (STS API reference, AssumeRoleWithSAML).
#[derive(Clone, Copy, Debug)]
pub struct AssumeRoleWithSaml<'a> {
    /// The role to assume.
    pub role: &'a RoleArn,
    /// The SAML provider through which the role may be assumed.
    pub provider: &'a ProviderArn,
    /// The IdP's response in base64, byte for byte as received, because STS verifies the signature
    /// itself.
    pub assertion: &'a SecretString,
    /// The requested lifetime of the credentials.
    pub duration: SessionDuration,
    /// The session policy, which limits what the session may do.
    pub policy: Option<&'a SessionPolicy>,
}

impl Sts {
    /// Exchanges an assertion for a role's credentials. A duration over the role's maximum is
    /// shortened.
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
        let role = request.role;
        let (document, arns) = parameters::policy(request.policy, role.partition(), role.account());
        let assertion = request.assertion.expose_secret();
        let call = Call::new(role.partition(), Signer::Nobody).carrying(assertion);
        let ask = |sts: &Client| {
            sts.assume_role_with_saml()
                .role_arn(role.as_str())
                .principal_arn(request.provider.as_str())
                .saml_assertion(assertion)
                .duration_seconds(duration.seconds().cast_signed())
                .set_policy(document)
                .set_policy_arns(arns)
        };
        let output = self.clients.call(call, ask).await?;
        Ok(answer!(output))
    }
}
