//! `POST /console`: to the AWS console.

use actix_web::HttpResponse;
use actix_web::http::header;
use secrecy::ExposeSecret as _;

use super::ask;
use super::credentials::{audited, refused};
use super::through_idp::{FIELDS, sign_in_first};
use crate::audit::Event;
use crate::aws::signin::SigninUrl;
use crate::broker::RoleRequest;
use crate::session::Session;
use crate::web::body::Body;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;

/// Answers 303 to the sign-in URL, which appears nowhere else.
pub async fn console(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    let form = Form::parse(body)?;
    let request = form.role_request()?;
    let Some(session) = context.session_to_use().await? else {
        return sign_in_first(&context, &form, &FIELDS, "/console", None, false).await;
    };
    match open(&context, &session, &request, form.optional("destination")).await {
        Err(WebError::Broker(error)) => {
            ask::first(&context, &session, &form, "/console", error).await
        }
        Err(error) => Err(error),
        Ok(signin) => Ok(HttpResponse::SeeOther()
            .insert_header((header::LOCATION, signin.url.expose_secret()))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .finish()),
    }
}

/// Gets a sign-in URL, and writes the audit line that must stand before anybody sees it.
pub async fn open(
    context: &Context,
    session: &Session,
    request: &RoleRequest,
    destination: Option<&str>,
) -> Result<SigninUrl, WebError> {
    match context
        .broker
        .console(session, request, destination, context.now())
        .await
    {
        Ok((granted, signin)) => {
            let event = Event::ConsoleOpened(audited(context, request, &granted));
            context.record(&event, &session.person)?;
            Ok(signin)
        }
        Err(error) => Err(refused(context, session, request, "console", error)?),
    }
}
