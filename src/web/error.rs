//! The errors that the surfaces return: everything that can go wrong while a request is handled.
//!
//! The `error_response` module formats them for people and programs.

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

/// How long clients should wait if the store is full, in seconds. Space is freed when sessions end.
const FULL_SECONDS: u64 = 60;

/// Why a request was refused or failed.
#[derive(Debug, Error)]
pub enum WebError {
    /// A SAML response or a one-time code was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A LogoutRequest or LogoutResponse was refused.
    #[error("{0}")]
    LogoutRefused(Refusal),
    /// The request's form, query or JSON body was refused.
    #[error("bad request: {0}")]
    BadRequest(#[from] BadRequest),
    /// The body is too large.
    #[error("the request is too large")]
    TooLarge,
    /// The client exceeded its rate limit.
    #[error("too many requests")]
    TooOften {
        /// How long the client must wait, in seconds.
        retry_after_seconds: u64,
    },
    /// A browser sent the request before the person followed the link.
    #[error("the request was sent ahead of time")]
    AheadOfTime,
    /// The service is overloaded.
    #[error("the service is overloaded")]
    Busy {
        /// How long the client should wait, in seconds.
        retry_after_seconds: u64,
    },
    /// The request has no valid session.
    #[error("not signed in")]
    NotSignedIn,
    /// The session is over because its IdP was removed or replaced.
    #[error(transparent)]
    Over(#[from] Over),
    /// The session is valid, but the request requires a new sign-in.
    #[error("a new sign-in is needed")]
    LoginRequired {
        /// The URL at which the person can sign in.
        login_url: String,
    },
    /// The requested IdP, or the session's IdP, is not configured.
    #[error("no such identity provider")]
    UnknownIdp,
    /// No usable metadata of the IdP is available.
    #[error(transparent)]
    IdpUnavailable(#[from] Unavailable),
    /// No IdP is configured for the domain of the e-mail address that the person entered.
    #[error("no identity provider for this e-mail address")]
    UnknownEmail,
    /// There is no such page, or the person may not learn that it exists.
    #[error("no such page")]
    NotFound,
    /// The URL exists, but does not support this method.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// Another site made the browser send this request.
    #[error("the request comes from another site")]
    CrossOrigin,
    /// The desk refused the request or could not fulfill it.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// Another `WebError`, with the person who is signed in and the role that they requested.
    #[error("{error}")]
    About {
        /// The name of the person who is signed in.
        person: String,
        /// The requested role, shortened and with invisible characters escaped.
        role: String,
        /// The error without the person and the role.
        error: Box<WebError>,
    },
    /// A session or login could not be read or stored, or the person has signed in too often.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The audit line could not be written.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// A message to the IdP could not be created.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// A bug in rolecall, or a message from AWS in an unknown format.
    #[error("internal error: {0}")]
    Internal(&'static str),
}

impl WebError {
    /// The service is overloaded. A wait of five seconds is long enough that people do not all
    /// return at once, and short enough that they do not give up.
    pub const BUSY: Self = Self::Busy {
        retry_after_seconds: 5,
    };

    /// Adds the person and the role. An administrator who is asked for help needs both.
    #[must_use]
    pub fn about(self, session: &Session, role: &str) -> Self {
        Self::About {
            person: session.person.shown(),
            role: printable(role, MAX_ARN),
            error: Box::new(self),
        }
    }

    /// Converts a desk error. Adds the person and the role, unless the person can continue without
    /// an administrator's help or the audit line could not be written.
    pub fn of_desk(error: DeskError, session: &Session, role: &str) -> Self {
        let is_about_nobody = error.goes_on() || matches!(error, DeskError::Audit(_));
        let error = Self::from(error);
        if is_about_nobody {
            error
        } else {
            error.about(session, role)
        }
    }

    /// The error without the person and the role.
    pub fn cause(&self) -> &Self {
        match self {
            Self::About { error, .. } => error.cause(),
            other => other,
        }
    }

    /// A stable code, for API responses, audit lines and the log.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) | Self::LogoutRefused(refusal) => refusal.name(),
            Self::BadRequest(_) => "bad_request",
            Self::TooLarge => "too_large",
            Self::TooOften { .. } => "too_many_requests",
            Self::AheadOfTime => "ahead_of_time",
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

    /// The HTTP status of the response.
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
            Self::AheadOfTime
            | Self::Busy { .. }
            | Self::Session(_)
            | Self::Audit(_)
            | Self::IdpUnavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Message(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// How many seconds the client should wait before it retries the request, if this is known.
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
            // The person may follow the link at any time.
            Self::AheadOfTime => Some(1),
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
            SignInError::Refused(refusal) | SignInError::Used { refusal, .. } => refusal.into(),
            SignInError::LogoutRefused(refusal) => Self::LogoutRefused(refusal),
            // Handlers that can send the person to the IdP again do so before they convert the
            // error.
            SignInError::Again => Refusal::UnknownLogin.into(),
            SignInError::Over(over) => over.into(),
            SignInError::UnknownIdp => Self::UnknownIdp,
            SignInError::IdpUnavailable(unavailable) => unavailable.into(),
            SignInError::Session(error) => error.into(),
            SignInError::Audit(error) => error.into(),
            SignInError::Message(error) => error.into(),
        }
    }
}

/// The HTTP status for a desk error. If STS refused the request, the status is 403, unless the
/// person can resolve the error by signing in again or entering another MFA code. If a call to AWS
/// failed for another reason, the status is 502, because the request may succeed later.
fn desk_status(error: &DeskError) -> StatusCode {
    match error {
        DeskError::Stale(_)
        | DeskError::SignInOutdated
        | DeskError::SessionOver
        | DeskError::SessionEnded { .. } => StatusCode::UNAUTHORIZED,
        DeskError::NotEntitled(_) | DeskError::SessionParameters(_) | DeskError::Partition(_) => {
            StatusCode::FORBIDDEN
        }
        DeskError::NoTools => StatusCode::NOT_FOUND,
        DeskError::Changing
        | DeskError::Session(_)
        | DeskError::Attempts(_)
        | DeskError::Audit(_) => StatusCode::SERVICE_UNAVAILABLE,
        DeskError::TooManyCodes(_) => StatusCode::TOO_MANY_REQUESTS,
        DeskError::Requires(_) | DeskError::MfaCode(_) => StatusCode::UNPROCESSABLE_ENTITY,
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

/// actix keeps the error in the response. The guard in front of every URL then formats the error
/// for the URL's surface.
impl ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status())
    }
}
