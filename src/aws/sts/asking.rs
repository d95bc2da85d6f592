//! What STS answers without giving credentials: who somebody is, what a refusal was about, whose a key is.

use aws_sdk_sts::config::Builder;
use aws_sdk_sts::operation::RequestId as _;
use tracing::Dispatch;
use tracing::instrument::WithSubscriber as _;

use super::{AccessKeyId, IamUser, Refusal, Sts, StsError, signing};
use crate::aws::credentials::Credentials;
use crate::aws::partition::Partition;

/// The most characters of an encoded message that are sent: AWS's own are shorter by far. STS API
/// reference, DecodeAuthorizationMessage, knows no limit but the least, 1.
pub const MESSAGE_MAXIMUM: usize = 10_240;

/// Who somebody is for AWS (GetCallerIdentity).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerIdentity {
    /// `arn:aws:sts::123456789012:assumed-role/role/session`
    pub arn: String,
    /// Twelve digits.
    pub account: String,
}

impl Sts {
    /// Who the holder of these credentials is. No policy can forbid to ask.
    pub async fn caller_identity(
        &self,
        credentials: &Credentials,
        partition: Partition,
    ) -> Result<CallerIdentity, StsError> {
        self.whose(partition, signing::by_session(credentials))
            .await
    }

    /// Who the holder of an IAM user's keys is.
    pub async fn user_identity(&self, user: &IamUser) -> Result<CallerIdentity, StsError> {
        let signing = signing::by_user(user);
        self.whose(user.arn.partition(), signing).await
    }

    async fn whose(
        &self,
        partition: Partition,
        signing: Builder,
    ) -> Result<CallerIdentity, StsError> {
        let call = self.client(partition).get_caller_identity().customize();
        let output = call
            .config_override(signing)
            .send()
            .with_subscriber(Dispatch::none())
            .await
            .map_err(|error| StsError::from_sdk(error, "").of_signed())?;
        let request_id = output.request_id().map(str::to_owned);
        match (output.arn, output.account) {
            (Some(arn), Some(account)) => Ok(CallerIdentity { arn, account }),
            _ => Err(lacking("the caller", request_id)),
        }
    }

    /// What stands in the encoded message of a refusal, as JSON: only for credentials that may
    /// `sts:DecodeAuthorizationMessage`, of the account in which it was refused.
    pub async fn decode_authorization_message(
        &self,
        credentials: &Credentials,
        partition: Partition,
        message: &str,
    ) -> Result<String, StsError> {
        let call = self.client(partition).decode_authorization_message();
        let output = call
            .encoded_message(message)
            .customize()
            .config_override(signing::by_session(credentials))
            .send()
            .with_subscriber(Dispatch::none())
            .await
            .map_err(|error| StsError::from_sdk(error, message).of_signed())?;
        let request_id = output.request_id().map(str::to_owned);
        let decoded = output.decoded_message;
        decoded.ok_or_else(|| lacking("the message", request_id))
    }

    /// The number of the account that an access key belongs to.
    pub async fn access_key_account(
        &self,
        credentials: &Credentials,
        partition: Partition,
        key: &AccessKeyId,
    ) -> Result<String, StsError> {
        let call = self.client(partition).get_access_key_info();
        let output = call
            .access_key_id(key.as_str())
            .customize()
            .config_override(signing::by_session(credentials))
            .send()
            .with_subscriber(Dispatch::none())
            .await
            .map_err(|error| StsError::from_sdk(error, "").of_signed())?;
        let request_id = output.request_id().map(str::to_owned);
        output
            .account
            .ok_or_else(|| lacking("the account", request_id))
    }
}

fn lacking(what: &str, request_id: Option<String>) -> StsError {
    StsError::incomplete(Refusal {
        message: format!("the answer lacks {what}"),
        request_id,
    })
}
