//! Sign-in error: why a sign-in URL could not be created.

use crate::aws::partition::NoConsole;
use crate::causes::causes;

/// Why a sign-in URL could not be created.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigninError {
    /// The partition has no public console hosts.
    #[error(transparent)]
    NoConsole(#[from] NoConsole),
    /// The federation endpoint could not be reached, or did not respond in time.
    #[error("the federation endpoint cannot be reached: {reason}")]
    Unreachable {
        /// The cause, for the administrator.
        reason: String,
    },
    /// The federation endpoint responded with a status other than 200.
    #[error("the federation endpoint answered with status {status}")]
    Refused {
        /// The HTTP status code.
        status: u16,
    },
    /// The response is too long or contains no sign-in token.
    #[error("the federation endpoint's response is too long or contains no sign-in token")]
    UnexpectedResponse,
    /// The HTTP client cannot be created, for example because the system has no CA certificates.
    #[error("the HTTP client cannot be created: {reason}")]
    Client {
        /// The cause, for the administrator.
        reason: String,
    },
}

impl SigninError {
    /// A stable name for API responses and audit lines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoConsole(_) => "no_console",
            Self::Unreachable { .. } => "signin_unreachable",
            Self::Refused { .. } => "signin_refused",
            Self::UnexpectedResponse => "signin_unexpected",
            Self::Client { .. } => "signin_client",
        }
    }
}

/// Removes the request's URL from the error, because the URL could contain secrets.
impl From<reqwest::Error> for SigninError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Unreachable {
                reason: "no response in time".to_owned(),
            };
        }
        Self::Unreachable {
            reason: causes(&error.without_url()),
        }
    }
}
