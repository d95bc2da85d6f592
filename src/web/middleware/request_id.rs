//! A random ID for every request: on its log line, its audit lines and its error page.

use std::io::Write as _;
use std::ops::Deref;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};

use crate::crypto;

/// The request's ID: 16 hexadecimal digits.
#[derive(Clone, Copy, Debug)]
pub struct RequestId([u8; 16]);

impl RequestId {
    /// Without random bytes there is no signing in either; the ID is then the same for all.
    fn new() -> Self {
        let number = u64::from_be_bytes(crypto::random::<8>().unwrap_or_default());
        let mut id = Self::default();
        // The digits fit.
        let _ = write!(&mut id.0[..], "{number:016x}");
        id
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self([b'0'; 16])
    }
}

impl Deref for RequestId {
    type Target = str;

    fn deref(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

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
