//! Everything that can go wrong on the way to an answer, and the one place that turns it into a
//! page or into JSON. The cause goes to the log and the audit trail; people get fixed texts.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use thiserror::Error;

use super::context::Context;
use super::page::{self, ErrorPage, HelpButton};
use crate::audit::AuditError;
use crate::broker::BrokerError;
use crate::saml::Refusal;
use crate::saml::binding::MessageError;
use crate::saml::idp::Unavailable;
use crate::session::SessionError;

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
    BadRequest(String),
    /// The body is larger than it may be.
    #[error("the request is too large")]
    TooLarge,
    /// The client asks more often than it may.
    #[error("too many requests")]
    TooOften {
        /// When it may ask again, in seconds.
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

/// What a person reads.
struct Words {
    title: &'static str,
    happened: String,
    to_do: String,
}

impl Words {
    fn new(title: &'static str, happened: impl Into<String>, to_do: impl Into<String>) -> Self {
        Self {
            title,
            happened: happened.into(),
            to_do: to_do.into(),
        }
    }
}

const SIGN_IN_AGAIN: &str =
    "Sign in again. If it happens every time, tell your administrator the request ID below.";
const TELL_ADMINISTRATOR: &str = "Tell your administrator, with the request ID below.";

impl WebError {
    /// A stable name: in the API's answers and in audit lines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) | Self::LogoutRefused(refusal) => refusal.name(),
            Self::BadRequest(_) => "bad_request",
            Self::TooLarge => "too_large",
            Self::TooOften { .. } => "too_many_requests",
            Self::NotSignedIn => "not_signed_in",
            Self::LoginRequired { .. } => "login_required",
            Self::UnknownIdp => "unknown_idp",
            Self::IdpUnavailable(_) => "idp_unavailable",
            Self::UnknownEmail => "unknown_email",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::CrossOrigin => "cross_origin",
            Self::Broker(error) => error.code(),
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
            Self::TooOften { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::NotSignedIn | Self::LoginRequired { .. } => StatusCode::UNAUTHORIZED,
            Self::UnknownIdp | Self::UnknownEmail | Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Broker(error) => broker_status(error),
            Self::Session(_) | Self::Audit(_) | Self::IdpUnavailable(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Message(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The page, or the API's JSON, by where the request went.
    pub fn answer(&self, context: &Context, path: &str) -> HttpResponse {
        let mut response = if path.starts_with("/api/") {
            self.json(&context.request_id)
        } else {
            self.page(context)
        };
        if let Self::TooOften {
            retry_after_seconds,
        } = self
        {
            let seconds = HeaderValue::from(*retry_after_seconds);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }

    /// The API's answer.
    pub fn json(&self, request_id: &str) -> HttpResponse {
        self.log(request_id);
        let login_url = match self {
            Self::LoginRequired { login_url } => Some(login_url.as_str()),
            _ => None,
        };
        let words = self.words();
        let message = format!("{} {}", words.happened, words.to_do);
        let error = JsonError {
            code: self.code(),
            message: &message,
            request_id,
            login_url,
        };
        HttpResponse::build(self.status()).json(serde_json::json!({ "error": error }))
    }

    /// The page.
    pub fn page(&self, context: &Context) -> HttpResponse {
        self.log(&context.request_id);
        let words = self.words();
        page::respond(
            self.status(),
            &ErrorPage {
                title: words.title.to_owned(),
                what_happened: words.happened,
                what_to_do: words.to_do,
                request_id: context.request_id.clone(),
                button: HelpButton::Link {
                    label: self.button().to_owned(),
                    href: "/".to_owned(),
                },
                signed_in: context.token.is_some(),
            },
        )
    }

    fn log(&self, request_id: &str) {
        if matches!(self, Self::TooOften { .. }) {
            // A flood of requests is not to be one of log lines: the limit logs it now and then.
            tracing::debug!(request_id, code = self.code(), "request refused");
        } else if self.status().is_server_error() {
            tracing::error!(request_id, code = self.code(), error = %self, "request failed");
        } else {
            tracing::info!(request_id, code = self.code(), error = %self, "request refused");
        }
    }

    fn button(&self) -> &'static str {
        match self {
            Self::Refused(_) | Self::NotSignedIn | Self::LoginRequired { .. } => "Sign in again",
            _ => "Back to your roles",
        }
    }

    fn words(&self) -> Words {
        match self {
            Self::Refused(refusal) => refused(refusal),
            Self::LogoutRefused(_) => Words::new(
                "That sign-out was refused",
                "The message from the identity provider is not one that this service can trust or \
                 use, so that it changed nothing.",
                "To sign out here, use the button on the page with your roles. If it happens every \
                 time, tell your administrator the request ID below.",
            ),
            Self::Broker(error) => Words::new(
                broker_title(error),
                error.what_happened(),
                error.what_to_do(),
            ),
            Self::BadRequest(problem) => Words::new(
                "That request could not be read",
                format!("The request is not complete or not well-formed: {problem}."),
                "Go back to your roles and try again.",
            ),
            Self::TooLarge => Words::new(
                "That request is too large",
                "The request is larger than this service reads.",
                TELL_ADMINISTRATOR,
            ),
            Self::TooOften {
                retry_after_seconds,
            } => Words::new(
                "Too many requests",
                "More requests came from your network than this service takes from one address.",
                format!(
                    "Wait {retry_after_seconds} seconds, then try again. If it goes on, tell your administrator the request ID below."
                ),
            ),
            Self::NotSignedIn => Words::new(
                "You are not signed in",
                "You are not signed in, or your session has ended.",
                "Sign in.",
            ),
            Self::LoginRequired { .. } => Words::new(
                "A new sign-in is needed",
                "AWS accepts a sign-in for five minutes, and yours is older.",
                "Sign in again at login_url, then repeat the request.",
            ),
            Self::UnknownIdp => Words::new(
                "No such identity provider",
                "This service does not know the identity provider that was asked for.",
                "Choose one on the sign-in page.",
            ),
            Self::IdpUnavailable(_) => Words::new(
                "Your company's sign-in cannot be used now",
                "What this service knows of the identity provider is missing or out of date, so \
                 that it cannot verify a sign-in.",
                "Try again in a few minutes. If it stays so, tell your administrator the request \
                 ID below.",
            ),
            Self::UnknownEmail => Words::new(
                "No identity provider for that address",
                "This service knows no identity provider for people with that e-mail address.",
                "Look for a mistake in the address, or choose an identity provider on the sign-in page.",
            ),
            Self::NotFound => Words::new(
                "Page not found",
                "There is no page at this address.",
                "Go to your roles.",
            ),
            Self::MethodNotAllowed => Words::new(
                "That does not work here",
                "This address does not take requests of this kind.",
                "Go to your roles.",
            ),
            Self::CrossOrigin => Words::new(
                "Another site sent you here",
                "Your browser was told by another site to do something here. It was not done.",
                "Go to your roles and do it from there, if you want it.",
            ),
            Self::Session(_) => Words::new(
                "Sessions are not available",
                "The service could not read or keep your session.",
                "Try again in a minute. If it goes on, tell your administrator the request ID below.",
            ),
            Self::Audit(_) => Words::new(
                "Nothing was handed out",
                "The service could not write its audit trail, and without it hands out nothing.",
                TELL_ADMINISTRATOR,
            ),
            Self::Message(_) | Self::Internal(_) => Words::new(
                "Something went wrong here",
                "The service failed at something that should not fail.",
                TELL_ADMINISTRATOR,
            ),
        }
    }
}

/// AWS is named where AWS was asked.
fn broker_title(error: &BrokerError) -> &'static str {
    match error {
        BrokerError::NotEntitled(_) => "That role is not yours",
        BrokerError::Duration { .. } => "That duration cannot be had",
        BrokerError::Destination(_) => "That page cannot be opened",
        BrokerError::Stale(_) | BrokerError::Sts(_) | BrokerError::Signin(_) => {
            "AWS did not give access"
        }
    }
}

/// What STS refuses, the person may not have; what STS fails at, the person cannot help.
fn broker_status(error: &BrokerError) -> StatusCode {
    match error {
        BrokerError::Stale(_) => StatusCode::UNAUTHORIZED,
        BrokerError::NotEntitled(_) => StatusCode::FORBIDDEN,
        BrokerError::Duration { .. } | BrokerError::Destination(_) => StatusCode::BAD_REQUEST,
        BrokerError::Sts(error) if error.is_refusal() => StatusCode::FORBIDDEN,
        BrokerError::Sts(_) | BrokerError::Signin(_) => StatusCode::BAD_GATEWAY,
    }
}

/// A refused message becomes one of a few plain texts; which check refused it stands in the audit
/// trail.
fn refused(refusal: &Refusal) -> Words {
    use Refusal as R;
    match refusal {
        R::Status { message, .. } => Words::new(
            "Your identity provider said no",
            match message {
                Some(message) => {
                    format!("Your identity provider did not sign you in. It says: {message}")
                }
                None => {
                    "Your identity provider did not sign you in, and gave no reason.".to_owned()
                }
            },
            "Ask the people who run your identity provider, or sign in as somebody else.",
        ),
        R::IssuedInFuture
        | R::IssuedTooLongAgo
        | R::NotYetValid
        | R::Expired
        | R::ConfirmationExpired
        | R::SessionEnded => Words::new(
            "That sign-in is no longer valid",
            "The sign-in came too late or too early: it took too long on the way, or a clock is wrong.",
            SIGN_IN_AGAIN,
        ),
        R::UnknownLogin => Words::new(
            "That sign-in is over",
            "This sign-in took too long, or was finished before.",
            "Sign in again.",
        ),
        R::Replay => Words::new(
            "That sign-in was used before",
            "A sign-in is good for one time, and this one was used. Going back in the browser does that.",
            "Sign in again.",
        ),
        R::OtherBrowser => Words::new(
            "That sign-in belongs to another browser",
            "The sign-in was started in another browser or a private window, and can only end there.",
            "Sign in again in this browser.",
        ),
        R::NoDecryptionKey
        | R::Decryption
        | R::EncryptionProfile(_)
        | R::EncryptionAlgorithm(_) => Words::new(
            "That sign-in cannot be decrypted",
            "Your identity provider encrypted the sign-in, and this service cannot read it.",
            "Tell your administrator, with the request ID below: the identity provider must encrypt to this service's present certificate with AES-GCM, or not at all.",
        ),
        R::NotAskedAnew => Words::new(
            "Your identity provider did not ask you again",
            "This service wants you to sign in anew each time, and your identity provider let you in without.",
            "Sign out at your identity provider, and sign in again.",
        ),
        R::AuthnContext(_) => Words::new(
            "You signed in by another way than this service asks for",
            "This service asks your identity provider for certain ways of signing in, such as with a second factor.",
            "Sign in again by such a way; if your identity provider offers none, tell your administrator, with the request ID below.",
        ),
        R::UnknownIdp | R::UnsolicitedNotAllowed => Words::new(
            "That identity provider cannot start a sign-in here",
            "The sign-in was started by an identity provider that may not do so.",
            "Start from this service's own sign-in page.",
        ),
        R::Audience | R::NoAudience | R::Recipient | R::Destination => Words::new(
            "That sign-in is for another service",
            "Your identity provider made the sign-in out to another service.",
            "Tell your administrator, with the request ID below: entity ID or ACS URL do not match at the identity provider.",
        ),
        _ => Words::new(
            "That sign-in could not be verified",
            "What your identity provider sent does not pass this service's checks.",
            SIGN_IN_AGAIN,
        ),
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
        self.json("")
    }
}
