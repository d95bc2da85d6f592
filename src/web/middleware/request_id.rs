//! A random ID for every request: on its log line, its audit lines and its error page.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};

use crate::crypto;

/// The request's ID: 16 hexadecimal digits.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Gives the request its ID, answers it in `X-Request-Id`, and logs one line.
///
/// The line names method, path and status: never the query, which may hold a one-time code.
pub async fn with_request_id(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let id = new_id();
    request.extensions_mut().insert(RequestId(id.clone()));
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let mut response = next.call(request).await?;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), value);
    }
    let status = response.status();
    // A flood is not to become one of lines; what is told to come back has said why, where it matters.
    if response.headers().contains_key(header::RETRY_AFTER) {
        tracing::debug!(request_id = id, %method, path, "request");
    } else {
        let status = status.as_u16();
        tracing::info!(request_id = id, %method, path, status, "request");
    }
    Ok(response)
}

/// Without random bytes there is no signing in either; the ID is then the same for all.
fn new_id() -> String {
    let bytes = crypto::random::<8>().unwrap_or_default();
    format!("{:016x}", u64::from_be_bytes(bytes))
}
