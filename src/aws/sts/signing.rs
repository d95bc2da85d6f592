//! Signing: the credentials used to sign a request, and whether the request is retried.

use aws_sdk_sts::config::Builder;
use aws_sdk_sts::config::retry::RetryConfig;
use secrecy::ExposeSecret as _;

use super::IamUser;
use crate::aws::credentials::Credentials;

/// The credentials used to sign a request.
#[derive(Clone, Copy)]
pub(super) enum Signer<'a> {
    /// No credentials: the request contains an assertion or a token that authenticates it.
    Nobody,
    /// rolecall's own identity ([`Identity`](super::Identity)).
    Ourselves,
    /// Temporary credentials of a session.
    Session(&'a Credentials),
    /// The long-term keys of an IAM user.
    User(&'a IamUser),
}

impl Signer<'_> {
    /// The configuration for the SDK. It is empty for `Nobody`, since the request is not signed,
    /// and for `Ourselves`, since the client already has our identity.
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

/// Turns off retries in `config`.
pub(super) fn once(config: Builder) -> Builder {
    config.retry_config(RetryConfig::disabled())
}
