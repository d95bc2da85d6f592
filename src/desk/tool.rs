//! What AWS is asked with the credentials of a person's role, which nobody gets to see.

use crate::aws::sts::AccessKeyId;

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

    /// The access key that is asked about.
    pub(super) fn access_key_id(&self) -> Option<&str> {
        match self {
            Self::DecodeAuthorizationMessage(_) => None,
            Self::GetAccessKeyInfo(key) => Some(key.as_str()),
        }
    }
}
