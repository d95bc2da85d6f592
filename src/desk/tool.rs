//! The questions that AWS answers for a person's role. The role's credentials never leave the desk.

use crate::aws::sts::AccessKeyId;

/// A question for AWS.
#[derive(Clone, Debug)]
pub enum Tool<'a> {
    /// Decodes the message of an authorization failure; the answer is JSON.
    DecodeAuthorizationMessage(&'a str),
    /// Looks up the account that an access key belongs to; the answer is the account ID.
    GetAccessKeyInfo(AccessKeyId),
}

impl Tool<'_> {
    /// The stable name in audit lines, which is the name of the IAM permission.
    pub fn name(&self) -> &'static str {
        match self {
            Self::DecodeAuthorizationMessage(_) => "sts:DecodeAuthorizationMessage",
            Self::GetAccessKeyInfo(_) => "sts:GetAccessKeyInfo",
        }
    }

    /// The access key that the question is about.
    pub(super) fn access_key_id(&self) -> Option<&str> {
        match self {
            Self::DecodeAuthorizationMessage(_) => None,
            Self::GetAccessKeyInfo(key) => Some(key.as_str()),
        }
    }
}
