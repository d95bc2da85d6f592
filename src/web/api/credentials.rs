//! `POST /api/credentials`: credentials for a role.

use actix_web::HttpResponse;
use actix_web::http::header;
use secrecy::ExposeSecret as _;

use super::login_required::refused;
use super::role_body::read;
use crate::aws::format;
use crate::web::body::Body;
use crate::web::context::Context;
use crate::web::error::WebError;

/// Returns the credentials in exactly the format that `credential_process` expects.
pub async fn credentials(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    let session = context.signed_in_to_use().await?;
    let (request, _) = read(body)?;
    let (desk, asker) = (context.desk(), context.asker(&session));
    let granted = desk.credentials(&asker, &request).await;
    let granted = granted.map_err(|error| refused(&context, &session, &request, error))?;
    let text = format::credential_process(&granted.issued.credentials);
    Ok(HttpResponse::Ok()
        .insert_header(header::ContentType::json())
        .body(text.expose_secret().to_owned()))
}
