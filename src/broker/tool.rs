//! What AWS is asked with the credentials of a person's role, which nobody gets to see.

use chrono::{DateTime, Utc};

use super::{Broker, BrokerError, RoleRequest};
use crate::aws::duration::SessionDuration;
use crate::aws::sts::AccessKeyId;
use crate::session::Session;

/// A question.
#[derive(Clone, Debug)]
pub enum Tool<'a> {
    /// What the encoded message of a refusal says; answered with JSON.
    DecodeAuthorizationMessage(&'a str),
    /// Which account an access key belongs to; answered with the account's number.
    GetAccessKeyInfo(AccessKeyId),
}

impl Tool<'_> {
    /// A stable name, for audit lines: that of the permission.
    pub fn name(&self) -> &'static str {
        match self {
            Self::DecodeAuthorizationMessage(_) => "sts:DecodeAuthorizationMessage",
            Self::GetAccessKeyInfo(_) => "sts:GetAccessKeyInfo",
        }
    }
}

impl RoleRequest {
    /// The same role, for a question: as short as can be, and with nothing that was chosen beside it.
    pub fn for_a_question(&self) -> Self {
        Self {
            role_arn: self.role_arn.clone(),
            through: self.through.clone(),
            duration_seconds: Some(SessionDuration::MINIMUM.seconds()),
            ..Self::default()
        }
    }
}

impl Broker {
    /// Asks with a role of the person's.
    pub async fn tool(
        &self,
        session: &Session,
        request: &RoleRequest,
        tool: Tool<'_>,
        now: DateTime<Utc>,
    ) -> Result<String, BrokerError> {
        let role = self.role(session, request)?;
        if role.arn.role().is_none() {
            return Err(BrokerError::ToolRole);
        }
        let granted = self.issue(session, role, request, now).await?;
        let (credentials, partition) = (&granted.issued.credentials, granted.role.partition);
        let sts = &self.sts;
        let answer = match tool {
            Tool::DecodeAuthorizationMessage(message) => {
                sts.decode_authorization_message(credentials, partition, message)
                    .await
            }
            Tool::GetAccessKeyInfo(key) => {
                sts.access_key_account(credentials, partition, &key).await
            }
        };
        answer.map_err(BrokerError::Tool)
    }
}
