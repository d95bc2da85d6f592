//! What STS answers without giving credentials: who somebody is, what a refusal was about, whose a key is.

use aws_sdk_sts::Client;
use aws_sdk_sts::operation::RequestId as _;

use super::call::Call;
use super::signing::Signer;
use super::{AccessKeyId, IamUser, Refusal, Sts, StsError};
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
        self.whose(Call::new(partition, Signer::Session(credentials)))
            .await
    }

    /// Who the holder of an IAM user's keys is.
    pub async fn user_identity(&self, user: &IamUser) -> Result<CallerIdentity, StsError> {
        self.whose(Call::new(user.arn.partition(), Signer::User(user)))
            .await
    }

    async fn whose(&self, call: Call<'_>) -> Result<CallerIdentity, StsError> {
        let output = self.clients.call(call, Client::get_caller_identity).await?;
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
        let call = Call::new(partition, Signer::Session(credentials)).carrying(message);
        let ask = |sts: &Client| sts.decode_authorization_message().encoded_message(message);
        let output = self.clients.call(call, ask).await?;
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
        let call = Call::new(partition, Signer::Session(credentials));
        let ask = |sts: &Client| sts.get_access_key_info().access_key_id(key.as_str());
        let output = self.clients.call(call, ask).await?;
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
