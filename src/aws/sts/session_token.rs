//! GetSessionToken: a session of an IAM user itself.

use aws_sdk_sts::operation::RequestId as _;
use tracing::Dispatch;
use tracing::instrument::WithSubscriber as _;

use super::answer::Answer;
use super::{IamUser, Issued, MfaCode, Sts, StsError, signing};
use crate::aws::duration::TokenDuration;

/// What to ask for (STS API reference, GetSessionToken).
#[derive(Clone, Copy, Debug)]
pub struct GetSessionToken<'a> {
    /// The IAM user, whose long-term keys sign the request.
    pub user: &'a IamUser,
    /// What the user's MFA device shows. Without it the session cannot call IAM.
    pub mfa: Option<MfaCode<'a>>,
    /// How long the credentials should live.
    pub duration: TokenDuration,
}

impl Sts {
    /// Gets temporary credentials of an IAM user.
    pub async fn session_token(&self, request: GetSessionToken<'_>) -> Result<Issued, StsError> {
        let GetSessionToken {
            user,
            mfa,
            duration,
        } = request;
        let output = self
            .client(user.arn.partition())
            .get_session_token()
            .duration_seconds(duration.seconds().cast_signed())
            .set_serial_number(mfa.map(|mfa| mfa.serial.to_string()))
            .set_token_code(mfa.map(|mfa| mfa.code.to_string()))
            .customize()
            .config_override(signing::once_with(signing::by_user(user), mfa))
            .send()
            // The answer has credentials in it.
            .with_subscriber(Dispatch::none())
            .await
            .map_err(|error| StsError::from_sdk(error, "").of_signed())?;
        let answer = Answer {
            request_id: output.request_id().map(str::to_owned),
            packed_policy_size: None,
            credentials: output.credentials,
            session_arn: None,
            source_identity: None,
        };
        answer.issued(duration, self.clock.now())
    }
}
