//! Signing: whose credentials a request is signed with, where they are not our own, and how often it is
//! sent.

use aws_sdk_sts::config::Builder;
use aws_sdk_sts::config::retry::RetryConfig;
use secrecy::ExposeSecret as _;

use super::{IamUser, MfaCode};
use crate::aws::credentials::Credentials;

/// With temporary credentials.
pub(super) fn by_session(credentials: &Credentials) -> Builder {
    Builder::default().credentials_provider(aws_sdk_sts::config::Credentials::new(
        credentials.access_key_id(),
        credentials.secret_access_key().expose_secret(),
        Some(credentials.session_token().expose_secret().to_owned()),
        Some(credentials.expiration().into()),
        "rolecall",
    ))
}

/// With an IAM user's keys.
pub(super) fn by_user(user: &IamUser) -> Builder {
    Builder::default().credentials_provider(user.identity.clone())
}

/// A code of an MFA device is good for one request.
pub(super) fn once_with(builder: Builder, mfa: Option<MfaCode<'_>>) -> Builder {
    match mfa {
        Some(_) => builder.retry_config(RetryConfig::disabled()),
        None => builder,
    }
}
