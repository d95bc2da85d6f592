//! `POST /console`: opens the AWS console.

use actix_web::HttpResponse;
use actix_web::http::header;
use secrecy::ExposeSecret as _;

use super::ask;
use super::through_idp::{FIELDS, sign_in_first};
use crate::web::body::Body;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;

/// Redirects with 303 to AWS's sign-in URL, or starts a step that is still required, such as a new
/// sign-in. The URL is a secret, so no page contains it.
pub async fn console(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    let form = Form::parse(body)?;
    let request = form.role_request()?;
    let Some(session) = context.session_to_use().await? else {
        return sign_in_first(&context, &form, &FIELDS, "/console", None, false).await;
    };
    let (desk, asker) = (context.desk(), context.asker(&session));
    let destination = form.optional("destination");
    match desk.console(&asker, &request, destination).await {
        Err(error) => {
            let rights = desk.rights(&asker);
            ask::first(&context, &session, &rights, &form, "/console", error).await
        }
        Ok(signin) => Ok(HttpResponse::SeeOther()
            .insert_header((header::LOCATION, signin.url.expose_secret()))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .finish()),
    }
}
