//! GetSessionToken: issues temporary credentials for an IAM user.

use aws_sdk_sts::Client;
use aws_sdk_sts::operation::RequestId as _;

use super::call::Call;
use super::response::StsResponse;
use super::signing::Signer;
use super::{IamUser, Issued, MfaCode, Sts, StsError};
use crate::aws::duration::TokenDuration;

/// The parameters of the request (STS API reference, GetSessionToken).
#[derive(Clone, Copy, Debug)]
pub struct GetSessionToken<'a> {
    /// The IAM user. The request is signed with the user's long-term keys.
    pub user: &'a IamUser,
    /// The code from the user's MFA device. Without a code, the session cannot call IAM.
    pub mfa: Option<MfaCode<'a>>,
    /// The requested lifetime of the credentials.
    pub duration: TokenDuration,
}

impl Sts {
    /// Gets temporary credentials for an IAM user.
    pub async fn session_token(&self, request: GetSessionToken<'_>) -> Result<Issued, StsError> {
        let GetSessionToken {
            user,
            mfa,
            duration,
        } = request;
        let call = Call::new(user.arn.partition(), Signer::User(user)).with(mfa);
        let ask = |sts: &Client| {
            sts.get_session_token()
                .duration_seconds(duration.seconds().cast_signed())
                .set_serial_number(mfa.map(|mfa| mfa.serial.to_string()))
                .set_token_code(mfa.map(|mfa| mfa.code.to_string()))
        };
        let output = self.clients.call(call, ask).await?;
        let response = StsResponse {
            request_id: output.request_id().map(str::to_owned),
            packed_policy_size: None,
            credentials: output.credentials,
            session_arn: None,
            source_identity: None,
        };
        response.issued(duration, self.clock.now())
    }
}
