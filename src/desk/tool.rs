//! AWS tools: STS operations that are called with a role's credentials, which never leave the desk.

use crate::aws::sts::AccessKeyId;

/// An AWS tool and its input.
#[derive(Clone, Debug)]
pub enum Tool<'a> {
    /// Decodes the encoded message of an authorization failure; returns JSON.
    DecodeAuthorizationMessage(&'a str),
    /// Looks up the account that an access key belongs to; returns the account ID.
    GetAccessKeyInfo(AccessKeyId),
}

impl Tool<'_> {
    /// The stable name for audit lines: the name of the required IAM permission.
    pub fn name(&self) -> &'static str {
        match self {
            Self::DecodeAuthorizationMessage(_) => "sts:DecodeAuthorizationMessage",
            Self::GetAccessKeyInfo(_) => "sts:GetAccessKeyInfo",
        }
    }

    /// The ID of the access key to look up, if the tool looks one up.
    pub(super) fn access_key_id(&self) -> Option<&str> {
        match self {
            Self::DecodeAuthorizationMessage(_) => None,
            Self::GetAccessKeyInfo(key) => Some(key.as_str()),
        }
    }
}
