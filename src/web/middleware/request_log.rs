//! A random ID and a line in the log for every request.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};

use crate::web::request_id::RequestId;

/// Gives the request its ID, answers it in `X-Request-Id`, and logs one line.
///
/// The line names method, path and status: never the query, which may hold a one-time code.
pub async fn with_request_id(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let id = RequestId::new();
    request.extensions_mut().insert(id);
    let mut response = next.call(request).await?;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), value);
    }
    let (request, status) = (response.request(), response.status());
    let (method, path) = (request.method(), request.path());
    // A flood is not to become one of lines; what is told to come back has said why, where it matters.
    if response.headers().contains_key(header::RETRY_AFTER) {
        tracing::debug!(request_id = &*id, %method, path, "request");
    } else {
        let status = status.as_u16();
        tracing::info!(request_id = &*id, %method, path, status, "request");
    }
    Ok(response)
}
