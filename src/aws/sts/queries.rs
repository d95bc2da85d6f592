//! Queries: STS operations that issue no credentials. They identify a caller, decode the
//! authorization message of a denied request, and find the account that an access key belongs to.

use aws_sdk_sts::Client;
use aws_sdk_sts::operation::RequestId as _;

use super::call::Call;
use super::signing::Signer;
use super::{AccessKeyId, IamUser, Sts, StsError, StsRefusal};
use crate::aws::credentials::Credentials;
use crate::aws::partition::Partition;

/// The maximum length of an encoded message that we send, in characters. Messages from AWS are far
/// shorter. The STS API reference (DecodeAuthorizationMessage) specifies only a minimum, 1.
pub const MESSAGE_MAXIMUM: usize = 10_240;

/// The identity of a caller, as reported by AWS (GetCallerIdentity).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerIdentity {
    /// The ARN, such as `arn:aws:sts::123456789012:assumed-role/role/session`.
    pub arn: String,
    /// The account ID: twelve digits.
    pub account: String,
}

impl Sts {
    /// The identity that `credentials` belong to. No policy can deny GetCallerIdentity.
    pub async fn caller_identity(
        &self,
        credentials: &Credentials,
        partition: Partition,
    ) -> Result<CallerIdentity, StsError> {
        self.whose(Call::new(partition, Signer::Session(credentials)))
            .await
    }

    /// The identity that an IAM user's keys belong to.
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

    /// Decodes the authorization message of a denied request. The result is JSON. The credentials
    /// must belong to the account in which the request was denied, and must have the permission
    /// `sts:DecodeAuthorizationMessage`.
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

    /// The ID of the account that an access key belongs to.
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
    StsError::incomplete(StsRefusal {
        message: format!("the response lacks {what}"),
        request_id,
    })
}
