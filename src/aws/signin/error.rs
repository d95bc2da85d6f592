//! Sign-in error: why there is no sign-in URL, in words for people.

use crate::aws::partition::NoConsole;
use crate::causes::causes;

/// Why there is no sign-in URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigninError {
    /// The partition's console cannot be signed in to from here.
    #[error(transparent)]
    NoConsole(#[from] NoConsole),
    /// No answer: no connection, or none in time.
    #[error("the federation endpoint cannot be reached: {reason}")]
    Unreachable {
        /// What failed, for the administrator.
        reason: String,
    },
    /// The endpoint refused the credentials or failed.
    #[error("the federation endpoint answered with status {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// The answer holds no sign-in token.
    #[error("the federation endpoint gave an answer without a sign-in token")]
    UnexpectedAnswer,
    /// The HTTP client cannot be made, as where the system has no CA certificates.
    #[error("the HTTP client cannot be made: {reason}")]
    Client {
        /// What failed.
        reason: String,
    },
}

impl SigninError {
    /// A stable name, for the API's answers and for audit lines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoConsole(_) => "no_console",
            Self::Unreachable { .. } => "signin_unreachable",
            Self::Refused { .. } => "signin_refused",
            Self::UnexpectedAnswer => "signin_unexpected",
            Self::Client { .. } => "signin_client",
        }
    }
}

/// Without the request's URL, so that nobody has to think about what it holds.
impl From<reqwest::Error> for SigninError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Unreachable {
                reason: "no answer in time".to_owned(),
            };
        }
        Self::Unreachable {
            reason: causes(&error.without_url()),
        }
    }
}
