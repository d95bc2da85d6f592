//! `POST /api/console`: a URL that signs the person in to the AWS console.

use actix_web::HttpResponse;
use actix_web::http::header;
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::login_required::refused;
use super::role_body::read;
use crate::web::body::Body;
use crate::web::context::Context;
use crate::web::error::WebError;

/// Returns the sign-in URL and the time at which it expires.
pub async fn console(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    let session = context.signed_in_to_use().await?;
    let (request, destination) = read(body)?;
    let (desk, asker) = (context.desk(), context.asker(&session));
    let signin = desk.console(&asker, &request, destination.as_deref()).await;
    let signin = signin.map_err(|error| refused(&context, &session, &request, error))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .json(json!({ "url": signin.url.expose_secret(), "expires_at": signin.expires_at })))
}
