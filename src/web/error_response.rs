//! Error responses. Only this module formats a [`WebError`] as a response; the surface of the URL
//! determines the format. The log and the audit trail record the cause; people see predefined
//! messages.

mod json;
mod log;
mod page;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};

use super::context::Context;
use super::error::WebError;
use super::surface::{Shape, Surface};

pub use self::log::note;
#[cfg(test)]
pub(super) use self::page::model;

/// Logs the error and formats it for `surface`.
pub fn respond(error: &WebError, surface: Surface, request: &HttpRequest) -> HttpResponse {
    let Ok(context) = Context::of(request) else {
        log::write(error, "");
        return error.error_response();
    };
    note(error, &context);
    let mut response = match surface.shape() {
        Shape::Page => page::respond(error, &context),
        Shape::Json => json::respond(error, &context),
        Shape::Status => error.error_response(),
    };
    if let Some(seconds) = error.retry_after() {
        let seconds = HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}
