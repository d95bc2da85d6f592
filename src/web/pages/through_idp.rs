//! Through the identity provider and back again, to what a form has asked for.

use actix_web::HttpResponse;

use super::login;
use crate::session::pending::Next;
use crate::session::{Action, Session};
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::redirect;

/// The form's fields, which a new login repeats.
pub const FIELDS: [&str; 7] = [
    "policy",
    "role_arn",
    "provider_arn",
    "grant",
    "duration_seconds",
    "region",
    "destination",
];
/// Says that the request is a repetition, so that a clock which is wrong everywhere does not send
/// people round and round.
const REPEATED: &str = "repeated";

/// Through the IdP again, and then on with the same request: these fields of the form.
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
    let mut fields = form.kept(names)?;
    fields.push((REPEATED.to_owned(), "1".to_owned()));
    let person = session.map(|session| session.person.clone());
    let action = Action {
        path: path.to_owned(),
        fields,
        anew,
        person,
    };
    login::begin(context, idp, Next::Action(Box::new(action)), anew).await
}

/// Whether a form is the repetition after a new sign-in.
pub fn is_repeated(form: &Form) -> bool {
    form.optional(REPEATED).is_some()
}
