//! A new sign-in at the identity provider, after which the same form is submitted again.

use actix_web::HttpResponse;

use super::login;
use crate::session::{Action, Next, Session};
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::redirect;

/// The names of the form fields that are kept during the login.
pub const FIELDS: [&str; 7] = [
    "policy",
    "role_arn",
    "provider_arn",
    "grant",
    "duration_seconds",
    "region",
    "destination",
];
/// The field that marks a repeated request. It prevents an endless loop of sign-ins if a clock is
/// wrong.
const REPEATED: &str = "repeated";

/// Sends the person to the IdP, and repeats the request with the fields in `names` after the login.
/// If the fields are too large for the browser to keep, the person is asked to request it again.
/// If nobody is signed in and there is not exactly one IdP, redirects to the sign-in page instead.
pub async fn sign_in_first(
    context: &Context,
    form: &Form,
    names: &[&str],
    path: &str,
    session: Option<&Session>,
    anew: bool,
) -> Result<HttpResponse, WebError> {
    let idp = match (session, context.saml().idps()) {
        (Some(session), _) => {
            let idp = context.saml().idp(&session.person.idp);
            idp.ok_or(WebError::UnknownIdp)?
        }
        (None, [only]) => only,
        (None, _) => {
            return Ok(redirect::to("/"));
        }
    };
    let mut fields = form.needed(names);
    fields.push((REPEATED.to_owned(), "1".to_owned()));
    let person = session.and_then(Session::recognizable_key);
    let action = Action {
        path: path.to_owned(),
        fields,
        person,
    };
    let next = Next::Action(Box::new(action));
    login::begin(context, idp, &next, anew).await
}

/// Whether this is a form that is submitted again after a new sign-in.
pub fn is_repeated(form: &Form) -> bool {
    form.optional(REPEATED).is_some()
}
