//! The texts about errors. Errors that people resolve in the same way share one text. If a SAML
//! message is refused, only the log and the audit trail show exactly which check failed.

use std::borrow::Cow;

use fluent_bundle::FluentValue;

use super::{Texts, Value};
use crate::aws::entitlement::NotEntitled;
use crate::aws::partition::NoConsole;
use crate::aws::signin::{DestinationError, SigninError};
use crate::aws::sts::StsError;
use crate::desk::{DeskError, Giver, MfaLimit, Requirement};
use crate::printable::printable;
use crate::saml::Refusal;
use crate::session::SessionError;
use crate::signin::Over;
use crate::store::StoreError;
use crate::web::bad_request::BadRequest;
use crate::web::error::WebError;
use crate::web::limits::MAX_ROLES;

/// The title and the text of an error page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The heading, without a final period.
    pub title: String,
    /// What happened, with AWS's message if there is one.
    pub happened: String,
    /// What the person can do now, and what their administrator may have to change.
    pub to_do: String,
}

/// The maximum length of a value in a text, in characters.
const MAX_VALUE: usize = 1_024;

/// The ID of a message, and the values of its placeholders. The message has the attributes `title`,
/// `happened` and `to-do`.
struct Said<'a> {
    id: Cow<'static, str>,
    values: Vec<Value<'a>>,
}

impl Texts {
    /// Explains what happened, and what the person can do about it.
    pub fn error(&self, error: &WebError) -> Words {
        let error = error.cause();
        let Said { id, mut values } = said(error);
        if let WebError::BadRequest(problem) = error {
            values.push(("problem", self.problem(problem).into()));
        }
        if let WebError::Desk(DeskError::SessionParameters(error)) = error {
            values.push(("error", self.session_parameters(error).into()));
        }
        // A value can be a text from an identity provider, such as its reason for a refusal.
        for (_, value) in &mut values {
            if let FluentValue::String(text) = value {
                *text = printable(text, MAX_VALUE).into();
            }
        }
        let part = |part| self.part(&id, part, &values);
        let mut happened = part("happened");
        if let WebError::Desk(
            DeskError::Sts(error)
            | DeskError::Granting(_, error)
            | DeskError::Tool(error)
            | DeskError::MfaCode(error),
        ) = error
            && let Some(message) = error.aws_message()
        {
            happened.push(' ');
            happened.push_str(&self.with(
                "aws-says",
                &[("message", printable(message, MAX_VALUE).into())],
            ));
        }
        Words {
            title: part("title"),
            happened,
            to_do: part("to-do"),
        }
    }

    /// Explains why a request is invalid, as the end of a sentence.
    fn problem(&self, problem: &BadRequest) -> String {
        use BadRequest as B;
        let about = |id, field: &str| self.with(id, &[("field", field.into())]);
        let plain = |id| self.text(id).into_owned();
        match problem {
            B::NotAForm => plain("problem-not-a-form"),
            B::NotWellFormed => plain("problem-not-well-formed"),
            B::Twice(field) => about("problem-twice", field),
            B::Unknown(field) => about("problem-unknown", field),
            B::Missing(field) => about("problem-missing", field),
            B::TooLong(field) => about("problem-too-long", field),
            B::NameTooLong => plain("problem-name-too-long"),
            B::LinkTooLong => plain("problem-link-too-long"),
            B::TooManyFields => plain("problem-too-many-fields"),
            B::Switch => plain("problem-switch"),
            B::Duration => plain("problem-duration"),
            B::Region => plain("problem-region"),
            B::Action => plain("problem-action"),
            B::Slow => plain("problem-slow"),
            B::Unreadable => plain("problem-unreadable"),
            B::NoRole => plain("problem-no-role"),
            B::TooManyRoles => self.with("problem-too-many-roles", &[("most", MAX_ROLES.into())]),
            B::RoleTwice => plain("problem-role-twice"),
            B::ToolJson => plain("problem-tool-json"),
            B::AccessKeyId => plain("problem-access-key-id"),
            B::Json => plain("problem-json"),
        }
    }
}

fn plain(id: &'static str) -> Said<'static> {
    Said {
        id: Cow::Borrowed(id),
        values: Vec::new(),
    }
}

fn with<'a>(id: &'static str, value: Value<'a>) -> Said<'a> {
    Said {
        id: Cow::Borrowed(id),
        values: vec![value],
    }
}

fn said(error: &WebError) -> Said<'_> {
    match error {
        WebError::Refused(refusal) => refused(refusal),
        WebError::LogoutRefused(_) => plain("error-logout"),
        WebError::Desk(error) => desk(error),
        WebError::About { error, .. } => said(error),
        WebError::BadRequest(_) => plain("error-bad-request"),
        WebError::TooLarge => plain("error-too-large"),
        WebError::TooOften {
            retry_after_seconds,
        } => with(
            "error-too-often",
            ("seconds", (*retry_after_seconds).into()),
        ),
        WebError::AheadOfTime => plain("error-ahead-of-time"),
        WebError::NotSignedIn => plain("error-not-signed-in"),
        WebError::Over(Over::IdpRemoved) => plain("error-idp-removed"),
        WebError::Over(Over::IdpReplaced) => plain("error-idp-replaced"),
        WebError::LoginRequired { .. } => plain("error-login-required"),
        WebError::UnknownIdp => plain("error-unknown-idp"),
        WebError::IdpUnavailable(_) => plain("error-idp-unavailable"),
        WebError::UnknownEmail => plain("error-unknown-email"),
        WebError::NotFound => plain("error-not-found"),
        WebError::MethodNotAllowed => plain("error-wrong-method"),
        WebError::CrossOrigin => plain("error-cross-origin"),
        WebError::Busy {
            retry_after_seconds,
        } => with("error-busy", ("seconds", (*retry_after_seconds).into())),
        WebError::Session(SessionError::Store(StoreError::Full)) => plain("error-full"),
        WebError::Session(SessionError::Store(StoreError::NoMarks)) => plain("error-no-marks"),
        WebError::Session(SessionError::TooOften {
            retry_after_seconds,
        }) => with(
            "error-too-many-logins",
            ("seconds", (*retry_after_seconds).into()),
        ),
        WebError::Session(_) => plain("error-store"),
        WebError::Audit(_) => plain("error-audit"),
        WebError::Message(_) | WebError::Internal(_) => plain("error-internal"),
    }
}

fn refused(refusal: &Refusal) -> Said<'_> {
    use Refusal as R;
    plain(match refusal {
        R::Status {
            message: Some(message),
            ..
        } => return with("error-idp-said-no", ("message", message.as_str().into())),
        R::Status { message: None, .. } => "error-idp-said-no-reason",
        R::IssuedInFuture
        | R::IssuedTooLongAgo
        | R::NotYetValid
        | R::Expired
        | R::ConfirmationExpired
        | R::SessionEnded => "error-too-late",
        R::UnknownLogin => "error-over",
        R::IdpRemoved => "error-idp-removed",
        R::IdpReplaced => "error-idp-replaced",
        R::Replay => "error-replay",
        R::OtherBrowser => "error-other-browser",
        R::NoDecryptionKey
        | R::Decryption
        | R::EncryptionProfile(_)
        | R::EncryptionAlgorithm(_) => "error-encryption",
        R::NotAskedAgain => "error-not-asked-again",
        R::AuthnContext(_) => "error-authn-context",
        R::UnknownIdp => "error-unknown-issuer",
        R::UnsolicitedNotAllowed => "error-unsolicited",
        R::Audience | R::NoAudience => "error-audience",
        R::Recipient | R::Destination => "error-recipient",
        R::Signature | R::NotSigned => "error-signature",
        _ => "error-unverified",
    })
}

fn desk(error: &DeskError) -> Said<'_> {
    match error {
        DeskError::Stale(_) => plain("error-stale"),
        DeskError::SignInOutdated => plain("error-sign-in-outdated"),
        DeskError::NotEntitled(NotEntitled::NotYours) => plain("error-not-entitled"),
        DeskError::NotEntitled(NotEntitled::OtherProvider) => plain("error-other-provider"),
        DeskError::NotEntitled(NotEntitled::NameTheProvider { .. }) => plain("error-name-provider"),
        DeskError::Duration { max } => with("error-duration", ("max", (*max).into())),
        DeskError::Policy => plain("error-policy"),
        DeskError::PolicyFixed => plain("error-policy-fixed"),
        DeskError::Partition(partition) => with(
            "error-partition",
            ("partition", partition.to_string().into()),
        ),
        DeskError::NoConsole => plain("error-console-never"),
        DeskError::Requires(Requirement::FreshLogin) => plain("error-fresh-login"),
        DeskError::Requires(Requirement::Reason) => plain("error-reason"),
        DeskError::MfaCode(_) => plain("error-mfa-refused"),
        DeskError::TooManyCodes(counted) => plain(match counted {
            MfaLimit::Person => "error-too-many-codes",
            MfaLimit::Device => "error-too-many-codes-device",
            MfaLimit::Address => "error-too-many-codes-address",
        }),
        DeskError::Requires(Requirement::MfaCode) => plain("error-mfa-code"),
        DeskError::SessionParameters(_) => plain("error-session-parameters"),
        DeskError::Destination(DestinationError::NoConsole(no_console))
        | DeskError::Signin {
            error: SigninError::NoConsole(no_console),
            ..
        } => console(no_console),
        DeskError::Destination(_) => plain("error-destination"),
        DeskError::Granting(_, StsError::InvalidIdentityToken(_)) => plain("error-grant-token"),
        DeskError::Token(_) => plain("error-internal"),
        DeskError::Granting(giver, StsError::AccessDenied(_)) => plain(match giver {
            Giver::Role => "error-grant-access-denied",
            Giver::User => "error-user-access-denied",
            Giver::Organization => "error-root-access-denied",
        }),
        DeskError::Changing => plain("error-changing"),
        DeskError::SessionOver => plain("error-not-signed-in"),
        DeskError::SessionEnded { .. } => plain("error-session-ended"),
        DeskError::Session(_) | DeskError::Attempts(_) => plain("error-store"),
        DeskError::Audit(_) => plain("error-audit"),
        DeskError::NoTools => plain("error-not-found"),
        DeskError::ToolRole => plain("error-tool-role"),
        DeskError::Tool(StsError::AccessDenied(_)) => plain("error-tool-denied"),
        DeskError::Sts(error) | DeskError::Granting(_, error) | DeskError::Tool(error) => {
            sts(error)
        }
        DeskError::Signin {
            error: SigninError::Refused { status },
            ..
        } => with(
            "error-signin-refused",
            ("status", status.to_string().into()),
        ),
        DeskError::Signin { error, .. } => named(error.code()),
    }
}

fn console(NoConsole(partition): &NoConsole) -> Said<'_> {
    with(
        "error-no-console",
        ("partition", partition.to_string().into()),
    )
}

fn sts(error: &StsError) -> Said<'_> {
    if error.is_about_duration() {
        plain("error-sts-duration")
    } else {
        named(error.code())
    }
}

/// Selects the message about an AWS error. The message's ID is derived from the error's code.
fn named(code: &str) -> Said<'static> {
    Said {
        id: Cow::Owned(format!("error-{}", code.replace('_', "-"))),
        values: Vec::new(),
    }
}
