//! Everything that can go wrong on the way to an answer. What people and programs get of it is made
//! elsewhere.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use thiserror::Error;

use super::bad_request::BadRequest;
use crate::audit::AuditError;
use crate::desk::{DeskError, MAX_ARN};
use crate::printable::printable;
use crate::saml::Refusal;
use crate::saml::binding::MessageError;
use crate::saml::idp::Unavailable;
use crate::session::{Session, SessionError};
use crate::signin::{Over, SignInError};
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
    /// A session that is over because its IdP is.
    #[error(transparent)]
    Over(#[from] Over),
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
    Desk(#[from] DeskError),
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

    /// An error of the desk's, with who and which role it is about. Where the person goes on by
    /// themselves, nobody is asked.
    pub fn of_desk(error: DeskError, session: &Session, role: &str) -> Self {
        let is_about_nobody = error.goes_on() || matches!(error, DeskError::Audit(_));
        let error = Self::from(error);
        if is_about_nobody {
            error
        } else {
            error.about(session, role)
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
            Self::Desk(error) => error.code(),
            Self::Over(over) => over.code(),
            Self::About { error, .. } => error.code(),
            Self::Session(error) => error.code(),
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
            Self::NotSignedIn | Self::Over(_) | Self::LoginRequired { .. } => {
                StatusCode::UNAUTHORIZED
            }
            Self::UnknownIdp | Self::UnknownEmail | Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Desk(error) => desk_status(error),
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

impl From<SignInError> for WebError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Refused(refusal) => refusal.into(),
            SignInError::LogoutRefused(refusal) => Self::LogoutRefused(refusal),
            // Who can send the person through the IdP again does so instead.
            SignInError::Again { .. } => Refusal::UnknownLogin.into(),
            SignInError::Over(over) => over.into(),
            SignInError::UnknownIdp => Self::UnknownIdp,
            SignInError::IdpUnavailable(unavailable) => unavailable.into(),
            SignInError::Session(error) => error.into(),
            SignInError::Audit(error) => error.into(),
            SignInError::Message(error) => error.into(),
        }
    }
}

/// What STS refuses, the person may not have; what STS fails at, the person cannot help.
fn desk_status(error: &DeskError) -> StatusCode {
    match error {
        DeskError::Stale(_) | DeskError::SignInOutdated | DeskError::SessionOver => {
            StatusCode::UNAUTHORIZED
        }
        DeskError::NotEntitled(_) | DeskError::Told(_) | DeskError::Partition(_) => {
            StatusCode::FORBIDDEN
        }
        DeskError::NoTools => StatusCode::NOT_FOUND,
        DeskError::Changing | DeskError::Attempts(_) | DeskError::Audit(_) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        DeskError::TooManyCodes => StatusCode::TOO_MANY_REQUESTS,
        DeskError::Asks(_) | DeskError::MfaCode(_) => StatusCode::UNPROCESSABLE_ENTITY,
        DeskError::Duration { .. }
        | DeskError::Policy
        | DeskError::PolicyFixed
        | DeskError::NoConsole
        | DeskError::ToolRole
        | DeskError::Destination(_) => StatusCode::BAD_REQUEST,
        DeskError::Sts(error) | DeskError::Granting(_, error) | DeskError::Tool(error)
            if error.is_refusal() =>
        {
            StatusCode::FORBIDDEN
        }
        DeskError::Token(_) => StatusCode::INTERNAL_SERVER_ERROR,
        DeskError::Sts(_)
        | DeskError::Granting(..)
        | DeskError::Tool(_)
        | DeskError::Signin { .. } => StatusCode::BAD_GATEWAY,
    }
}

/// actix keeps the error in its answer; the guard in front of every URL gives it the shape of the
/// URL's surface.
impl ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status())
    }
}
