//! Errors as pages, for people.

use actix_web::HttpResponse;

use crate::session::SessionError;
use crate::store::StoreError;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::texts::Words;
use crate::web::view::{self, AboutView, ErrorPage, HelpButton};

/// Renders the error page.
pub(super) fn respond(error: &WebError, context: &Context) -> HttpResponse {
    view::respond(error.status(), &model(error, context))
}

/// The view model of the error page.
pub fn model(error: &WebError, context: &Context) -> ErrorPage {
    let Words {
        title,
        happened,
        to_do,
    } = context.texts.error(error);
    ErrorPage {
        frame: context.frame(),
        title,
        what_happened: happened,
        what_to_do: to_do,
        about: match error {
            WebError::About { person, role, .. } => Some(AboutView {
                person: person.clone(),
                role: role.clone(),
            }),
            _ => None,
        },
        request_id: context.request_id.to_string(),
        button: HelpButton::Link {
            label: context.texts.text(button(error)).into_owned(),
            href: "/".to_owned(),
        },
        signed_in: context.token.is_some(),
    }
}

/// The Fluent ID of the button's label.
fn button(error: &WebError) -> &'static str {
    match error {
        WebError::Refused(_)
        | WebError::NotSignedIn
        | WebError::Over(_)
        | WebError::LoginRequired { .. } => "sign-in-again",
        WebError::Busy { .. } | WebError::Session(SessionError::Store(StoreError::Full)) => {
            "try-again"
        }
        WebError::UnknownIdp | WebError::UnknownEmail => "to-sign-in",
        _ => "back-to-roles",
    }
}
