//! AssumeRoleWithWebIdentity: exchanges a token from an OpenID Connect issuer for a role's
//! credentials. The request is not signed, because the token authenticates it.

use aws_sdk_sts::Client;
use aws_sdk_sts::operation::RequestId as _;
use secrecy::{ExposeSecret as _, SecretString};

use super::answer::{Answer, answer};
use super::call::Call;
use super::signing::Signer;
use super::{Issued, Sts, StsError, parameters};
use crate::aws::arn::RoleArn;
use crate::aws::attribute::RoleSessionName;
use crate::aws::duration::SessionDuration;
use crate::aws::session_policy::SessionPolicy;

/// The parameters of the request (STS API reference, AssumeRoleWithWebIdentity).
#[derive(Clone, Copy, Debug)]
pub struct AssumeRoleWithWebIdentity<'a> {
    /// The role to assume.
    pub role: &'a RoleArn,
    /// The role session name, which is the last part of the session's ARN.
    pub session_name: &'a RoleSessionName,
    /// The token, 4 to 20,000 characters long. It contains the session tags and the source
    /// identity.
    pub token: &'a SecretString,
    /// The session policy, which limits what the session may do.
    pub policy: Option<&'a SessionPolicy>,
    /// The requested lifetime of the credentials.
    pub duration: SessionDuration,
}

impl Sts {
    /// Exchanges a token for a role's credentials. The SDK retries the request if AWS temporarily
    /// cannot get the issuer's keys. A duration over the role's maximum is shortened.
    pub async fn assume_role_with_web_identity(
        &self,
        request: AssumeRoleWithWebIdentity<'_>,
    ) -> Result<Issued, StsError> {
        let call = |duration| self.redeem_token(request, duration);
        self.granting(request.role, request.duration, call).await
    }

    async fn redeem_token(
        &self,
        request: AssumeRoleWithWebIdentity<'_>,
        duration: SessionDuration,
    ) -> Result<Answer, StsError> {
        let role = request.role;
        let (document, arns) = parameters::policy(request.policy, role.partition(), role.account());
        let token = request.token.expose_secret();
        let call = Call::new(role.partition(), Signer::Nobody).carrying(token);
        let ask = |sts: &Client| {
            sts.assume_role_with_web_identity()
                .role_arn(role.as_str())
                .role_session_name(request.session_name.as_str())
                .web_identity_token(token)
                .duration_seconds(duration.seconds().cast_signed())
                .set_policy(document)
                .set_policy_arns(arns)
        };
        let output = self.clients.call(call, ask).await?;
        Ok(answer!(output))
    }
}
