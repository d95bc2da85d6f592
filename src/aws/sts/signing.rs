//! Signing: whose credentials a request is signed with, and how often it is sent.

use aws_sdk_sts::config::Builder;
use aws_sdk_sts::config::retry::RetryConfig;
use secrecy::ExposeSecret as _;

use super::IamUser;
use crate::aws::credentials::Credentials;

/// Who signs a call.
#[derive(Clone, Copy)]
pub(super) enum Signer<'a> {
    /// Nobody: what is sent is the proof.
    Nobody,
    /// We ([`Identity`](super::Identity)).
    Ourselves,
    /// Whoever has these temporary credentials.
    Session(&'a Credentials),
    /// An IAM user, with its keys.
    User(&'a IamUser),
}

impl Signer<'_> {
    /// The same for the SDK. For `Nobody` it says nothing, since such operations take no signature.
    pub(super) fn config(self) -> Builder {
        let config = Builder::default();
        match self {
            Self::Nobody | Self::Ourselves => config,
            Self::Session(credentials) => config.credentials_provider(of_session(credentials)),
            Self::User(user) => config.credentials_provider(user.identity.clone()),
        }
    }
}

fn of_session(credentials: &Credentials) -> aws_sdk_sts::config::Credentials {
    aws_sdk_sts::config::Credentials::new(
        credentials.access_key_id(),
        credentials.secret_access_key().expose_secret(),
        Some(credentials.session_token().expose_secret().to_owned()),
        Some(credentials.expiration().into()),
        "rolecall",
    )
}

/// Without retries.
pub(super) fn once(config: Builder) -> Builder {
    config.retry_config(RetryConfig::disabled())
}
