//! Everything that can go wrong on the way to an answer, and the one place that turns it into a
//! page or into JSON. The cause goes to the log and the audit trail; people get fixed texts.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use thiserror::Error;

use super::bad_request::BadRequest;
use super::context::Context;
use super::page::{self, AboutView, ErrorPage, HelpButton};
use super::texts::{Texts, Words};
use crate::audit::AuditError;
use crate::desk::{DeskError, MAX_ARN};
use crate::printable::{printable, reason};
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
            Self::Desk(error) => error.code(),
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
            Self::Desk(error) => desk_status(error),
            Self::About { error, .. } => error.status(),
            Self::Busy { .. } | Self::Session(_) | Self::Audit(_) | Self::IdpUnavailable(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Message(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The page, or the API's JSON, by where the request went.
    pub fn answer(&self, context: &Context, path: &str) -> HttpResponse {
        if path.starts_with("/api/") {
            self.json(context)
        } else {
            self.page(context)
        }
    }

    /// When the same may be tried again, in seconds, where that is known.
    fn retry_after(&self) -> Option<u64> {
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

    fn say_when(&self, response: &mut HttpResponse) {
        if let Some(seconds) = self.retry_after() {
            let seconds = HeaderValue::from(seconds);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
    }

    /// The API's answer.
    pub fn json(&self, context: &Context) -> HttpResponse {
        self.note(context);
        self.json_of(&context.request_id, context.texts)
    }

    fn json_of(&self, request_id: &str, texts: &Texts) -> HttpResponse {
        let login_url = match self {
            Self::LoginRequired { login_url } => Some(login_url.as_str()),
            _ => None,
        };
        let words = texts.error(self);
        let message = format!("{} {}", words.happened, words.to_do);
        let error = JsonError {
            code: self.code(),
            message: &message,
            request_id,
            login_url,
        };
        let mut response =
            HttpResponse::build(self.status()).json(serde_json::json!({ "error": error }));
        self.say_when(&mut response);
        response
    }

    /// The page.
    pub fn page(&self, context: &Context) -> HttpResponse {
        self.note(context);
        let mut response = page::respond(self.status(), &self.model(context));
        self.say_when(&mut response);
        response
    }

    /// What the page shows.
    pub(super) fn model(&self, context: &Context) -> ErrorPage {
        let Words {
            title,
            happened,
            to_do,
        } = context.texts.error(self);
        ErrorPage {
            frame: context.frame(),
            title,
            what_happened: happened,
            what_to_do: to_do,
            about: match self {
                Self::About { name_id, role, .. } => Some(AboutView {
                    name_id: name_id.clone(),
                    role: role.clone(),
                }),
                _ => None,
            },
            request_id: context.request_id.to_string(),
            button: HelpButton::Link {
                label: context.texts.text(self.button()).into_owned(),
                href: "/".to_owned(),
            },
            signed_in: context.token.is_some(),
        }
    }

    /// For the log.
    pub(super) fn note(&self, context: &Context) {
        match self {
            Self::Busy { .. } => context.turned_away.busy(),
            Self::Session(SessionError::Store(StoreError::Full)) => context.turned_away.no_room(),
            _ => {}
        }
        self.log(&context.request_id);
    }

    fn log(&self, request_id: &str) {
        if self.retry_after().is_some() && !self.is_for_the_administrator() {
            // A flood of requests is not to be one of log lines: what limits them tells now and then.
            tracing::debug!(request_id, code = self.code(), "request refused");
        } else if self.status().is_server_error() {
            tracing::error!(
                request_id,
                code = self.code(),
                error = reason(self),
                "request failed"
            );
        } else {
            tracing::info!(
                request_id,
                code = self.code(),
                error = reason(self),
                "request refused"
            );
        }
    }

    /// What nobody else tells the administrator of.
    fn is_for_the_administrator(&self) -> bool {
        matches!(
            self,
            Self::Session(SessionError::Store(StoreError::NoMarks) | SessionError::TooOften { .. })
        )
    }

    /// The name of the button's text.
    fn button(&self) -> &'static str {
        match self {
            Self::Refused(_) | Self::NotSignedIn | Self::LoginRequired { .. } => "sign-in-again",
            Self::Busy { .. } | Self::Session(SessionError::Store(StoreError::Full)) => "try-again",
            Self::UnknownIdp | Self::UnknownEmail => "to-sign-in",
            _ => "back-to-roles",
        }
    }
}

/// What STS refuses, the person may not have; what STS fails at, the person cannot help.
fn desk_status(error: &DeskError) -> StatusCode {
    match error {
        DeskError::Stale(_) | DeskError::SessionOver => StatusCode::UNAUTHORIZED,
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

#[derive(Serialize)]
struct JsonError<'a> {
    code: &'a str,
    message: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    login_url: Option<&'a str>,
}

/// For errors before there is a context; everything else goes through [`WebError::page`].
impl ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.log("");
        self.json_of("", Texts::english())
    }
}
