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

    /// For the person: what happened.
    pub fn what_happened(&self) -> String {
        match self {
            Self::NoConsole(NoConsole(partition)) => {
                format!("The console of the partition {partition} cannot be opened from here.")
            }
            Self::Unreachable { .. } => "AWS's sign-in service could not be reached.".to_owned(),
            Self::Refused { status } => {
                format!("AWS's sign-in service did not open a console session (status {status}).")
            }
            Self::UnexpectedAnswer => {
                "AWS's sign-in service gave an answer that this service does not understand."
                    .to_owned()
            }
            Self::Client { .. } => "This service cannot connect to AWS.".to_owned(),
        }
    }

    /// For the person and the administrator: what to do now.
    pub fn what_to_do(&self) -> String {
        let to_do = match self {
            Self::NoConsole(_) => "Get credentials for the command line instead: they do work.",
            Self::Unreachable { .. } => {
                "Try again in a minute. If it goes on, tell your administrator: this service must reach the partition's AWS sign-in host over HTTPS."
            }
            Self::Refused { .. } | Self::UnexpectedAnswer => {
                "Try again. If it goes on, tell your administrator; credentials for the command line may still work."
            }
            Self::Client { .. } => {
                "Tell your administrator: the system's CA certificates may be missing."
            }
        };
        to_do.to_owned()
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
