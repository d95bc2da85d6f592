//! Errors as JSON, for the API.

use actix_web::HttpResponse;
use serde::Serialize;

use crate::web::context::Context;
use crate::web::error::WebError;

#[derive(Serialize)]
struct JsonError<'a> {
    code: &'a str,
    message: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    login_url: Option<&'a str>,
}

/// Builds the API's error response.
pub(super) fn respond(error: &WebError, context: &Context) -> HttpResponse {
    let login_url = match error {
        WebError::LoginRequired { login_url } => Some(login_url.as_str()),
        _ => None,
    };
    let words = context.texts.error(error);
    let message = format!("{} {}", words.happened, words.to_do);
    let body = JsonError {
        code: error.code(),
        message: &message,
        request_id: &context.request_id,
        login_url,
    };
    HttpResponse::build(error.status()).json(serde_json::json!({ "error": body }))
}
