//! `POST /logout`: ends the session here.

use actix_web::HttpResponse;
use actix_web::http::header;

use super::context::Context;
use super::error::WebError;
use crate::audit::Event;

/// Ends the session and removes its cookie, also when there is none left to end.
pub async fn logout(context: Context) -> HttpResponse {
    let result = end(&context).await;
    context.page(result)
}

async fn end(context: &Context) -> Result<HttpResponse, WebError> {
    if let (Some(session), Some(token)) = (context.session().await?, &context.token) {
        context.sessions.end(token).await?;
        context.record(&Event::Logout, &session.person)?;
    }
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, "/?signed-out=1"))
        .insert_header(("Clear-Site-Data", "\"cache\", \"storage\""))
        .cookie(context.sessions.removal())
        .finish())
}
