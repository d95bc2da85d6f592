//! Everything that can go wrong on the way to an answer. What people and programs get of it is made
//! elsewhere.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use thiserror::Error;

use super::bad_request::BadRequest;
use super::limits::MAX_ARN;
use crate::audit::AuditError;
use crate::broker::BrokerError;
use crate::printable::printable;
use crate::saml::Refusal;
use crate::saml::binding::MessageError;
use crate::saml::idp::Unavailable;
use crate::session::{Session, SessionError};
use crate::store::StoreError;

/// A store that is full is so until sessions end.
const FULL_SECONDS: u64 = 60;

/// What went wrong.
#[derive(Debug, Error)]
pub enum WebError {
    /// A SAML message was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A logout message was refused.
    #[error("{0}")]
    LogoutRefused(Refusal),
    /// The request is not what the form or the API takes.
    #[error("bad request: {0}")]
    BadRequest(#[from] BadRequest),
    /// The body is larger than it may be.
    #[error("the request is too large")]
    TooLarge,
    /// The client asks more often than it may.
    #[error("too many requests")]
    TooOften {
        /// When it may ask again, in seconds.
        retry_after_seconds: u64,
    },
    /// There is too much to do.
    #[error("too much to do")]
    Busy {
        /// When to come back, in seconds.
        retry_after_seconds: u64,
    },
    /// No session.
    #[error("not signed in")]
    NotSignedIn,
    /// A session, but its assertion is too old for STS.
    #[error("a new sign-in is needed")]
    LoginRequired {
        /// Where to get it.
        login_url: String,
    },
    /// The IdP of this name is not configured.
    #[error("no such identity provider")]
    UnknownIdp,
    /// The IdP has no metadata that may be used.
    #[error(transparent)]
    IdpUnavailable(#[from] Unavailable),
    /// No IdP has this e-mail address's domain.
    #[error("no identity provider for this e-mail address")]
    UnknownEmail,
    /// No such page.
    #[error("no such page")]
    NotFound,
    /// The page exists, the method does not.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// Another site sent the browser here.
    #[error("the request comes from another site")]
    CrossOrigin,
    /// No credentials.
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// Any of these, of somebody who is signed in, about a role that was asked for.
    #[error("{error}")]
    About {
        /// Who asked.
        name_id: String,
        /// The role, as it was asked for, made printable.
        role: String,
        /// What went wrong.
        error: Box<WebError>,
    },
    /// The store or a seal.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The audit trail.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// A message to the IdP.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// A defect of ours.
    #[error("internal error: {0}")]
    Internal(&'static str),
}

impl WebError {
    /// Too much to do: people who are turned away are not to return all at once, nor to give up.
    pub const BUSY: Self = Self::Busy {
        retry_after_seconds: 5,
    };

    /// The same, with whom and what it is about: the administrator who is asked has to know both.
    #[must_use]
    pub fn about(self, session: &Session, role: &str) -> Self {
        Self::About {
            name_id: session.person.name_id.clone(),
            role: printable(role, MAX_ARN),
            error: Box::new(self),
        }
    }

    /// What went wrong, whatever it is about.
    pub fn cause(&self) -> &Self {
        match self {
            Self::About { error, .. } => error.cause(),
            other => other,
        }
    }

    /// A stable name: in the API's answers and in audit lines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) | Self::LogoutRefused(refusal) => refusal.name(),
            Self::BadRequest(_) => "bad_request",
            Self::TooLarge => "too_large",
            Self::TooOften { .. } => "too_many_requests",
            Self::Busy { .. } => "overloaded",
            Self::NotSignedIn => "not_signed_in",
            Self::LoginRequired { .. } => "login_required",
            Self::UnknownIdp => "unknown_idp",
            Self::IdpUnavailable(_) => "idp_unavailable",
            Self::UnknownEmail => "unknown_email",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::CrossOrigin => "cross_origin",
            Self::Broker(error) => error.code(),
            Self::About { error, .. } => error.code(),
            Self::Session(SessionError::Store(StoreError::Full)) => "store_full",
            Self::Session(SessionError::Store(StoreError::NoMarks)) => "no_room_for_marks",
            Self::Session(SessionError::TooOften { .. }) => "too_many_logins",
            Self::Session(_) => "store_unavailable",
            Self::Audit(_) => "audit_unavailable",
            Self::Message(_) | Self::Internal(_) => "internal",
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Refused(_) | Self::LogoutRefused(_) | Self::CrossOrigin => StatusCode::FORBIDDEN,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooOften { .. } | Self::Session(SessionError::TooOften { .. }) => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::NotSignedIn | Self::LoginRequired { .. } => StatusCode::UNAUTHORIZED,
            Self::UnknownIdp | Self::UnknownEmail | Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Broker(error) => broker_status(error),
            Self::About { error, .. } => error.status(),
            Self::Busy { .. } | Self::Session(_) | Self::Audit(_) | Self::IdpUnavailable(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Message(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// When the same may be tried again, in seconds, where that is known.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooOften {
                retry_after_seconds,
            }
            | Self::Busy {
                retry_after_seconds,
            }
            | Self::Session(SessionError::TooOften {
                retry_after_seconds,
            }) => Some(*retry_after_seconds),
            Self::Session(SessionError::Store(StoreError::Full | StoreError::NoMarks)) => {
                Some(FULL_SECONDS)
            }
            _ => None,
        }
    }
}

/// What STS refuses, the person may not have; what STS fails at, the person cannot help.
fn broker_status(error: &BrokerError) -> StatusCode {
    match error {
        BrokerError::Stale(_) => StatusCode::UNAUTHORIZED,
        BrokerError::NotEntitled(_) | BrokerError::Told(_) | BrokerError::Partition(_) => {
            StatusCode::FORBIDDEN
        }
        BrokerError::TooManyCodes => StatusCode::TOO_MANY_REQUESTS,
        BrokerError::Asks(_) | BrokerError::MfaCode(_) => StatusCode::UNPROCESSABLE_ENTITY,
        BrokerError::Duration { .. }
        | BrokerError::Policy
        | BrokerError::PolicyFixed
        | BrokerError::NoConsole
        | BrokerError::ToolRole
        | BrokerError::Destination(_) => StatusCode::BAD_REQUEST,
        BrokerError::Sts(error) | BrokerError::Granting(_, error) | BrokerError::Tool(error)
            if error.is_refusal() =>
        {
            StatusCode::FORBIDDEN
        }
        BrokerError::Token(_) => StatusCode::INTERNAL_SERVER_ERROR,
        BrokerError::Sts(_)
        | BrokerError::Granting(..)
        | BrokerError::Tool(_)
        | BrokerError::Signin { .. } => StatusCode::BAD_GATEWAY,
    }
}

/// actix keeps the error in its answer; the guard in front of every URL gives it the shape of the URL's
/// surface.
impl ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status())
    }
}
