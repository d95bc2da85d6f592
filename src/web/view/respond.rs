//! Renders pages as HTTP responses.

use actix_web::body::{BoxBody, MessageBody as _};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::web::compression;

/// Renders a page. The response is not compressed, since the page may contain secrets (BREACH).
pub fn respond(status: StatusCode, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(html) => HttpResponse::build(status)
            .content_type(ContentType::html())
            .body(html),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// Renders a page that contains no secrets. The response is compressed if the client accepts gzip.
pub fn respond_compressed(request: &HttpRequest, page: &impl Template) -> HttpResponse {
    let response = respond(StatusCode::OK, page);
    let (mut response, body) = response.into_parts();
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        Err(body) => return response.set_body(body),
    };
    let compressed = compression::is_accepted(request).then(|| compression::quickly(&body));
    let Some(compressed) = compressed.flatten() else {
        return response.set_body(BoxBody::new(body));
    };
    response
        .headers_mut()
        .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response.set_body(BoxBody::new(compressed))
}
