//! The middleware that assigns an ID and the current rules to each request, adds the security
//! headers to each response, and logs each request.

use std::num::NonZeroU32;
use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage as _, HttpRequest};

use crate::tally::Kind;
use crate::web::App;
use crate::web::client::client_address;
use crate::web::error::WebError;
use crate::web::request::RequestFacts;
use crate::web::request_id::RequestId;
use crate::web::rules::Rules;

/// The maximum number of requests from one address that are logged individually within a minute.
/// This is enough for an office in which sixty people sign in. Housekeeping logs how many more there
/// were.
const MAX_LOGGED: NonZeroU32 = NonZeroU32::new(600).expect("not zero");
const REQUEST: Kind = Kind {
    event: "request",
    check: "",
};

/// Assigns an ID and the current rules to the request, adds the ID (`X-Request-Id`) and the
/// security headers to the response, and logs the request.
///
/// The log line never contains the query, which may contain a one-time code.
pub async fn with_request_facts(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let app = request.app_data::<Data<App>>();
    let app = app.ok_or(WebError::Internal("the application is not configured"))?;
    let facts = RequestFacts::new(app);
    let (id, rules) = (facts.id, Arc::clone(&facts.rules));
    request.extensions_mut().insert(facts);
    let mut response = next.call(request).await?;
    rules.headers.apply(response.headers_mut());
    if let Ok(value) = HeaderValue::from_str(&id) {
        let name = HeaderName::from_static("x-request-id");
        response.headers_mut().insert(name, value);
    }
    let is_quiet = is_beyond(&rules, response.request());
    log(id, &response, is_quiet);
    Ok(response)
}

/// Whether the client's address has caused too many log lines within this minute.
fn is_beyond(rules: &Rules, request: &HttpRequest) -> bool {
    let limit = rules.config.by_address(Some(MAX_LOGGED));
    let app = request.app_data::<Data<App>>();
    limit.zip(app).is_some_and(|(limit, app)| {
        let (address, now) = (
            client_address(request, &rules.config.http),
            app.state.clock.now(),
        );
        !app.log_lines.admit(now, address, REQUEST, limit)
    })
}

fn log<B>(id: RequestId, response: &ServiceResponse<B>, is_quiet: bool) {
    let (request, status) = (response.request(), response.status().as_u16());
    let (method, path) = (request.method(), request.path());
    // A flood of refused requests must not become a flood of log lines, so responses with
    // `Retry-After` are logged only at the debug level. Refusals that an administrator needs to see
    // are also logged elsewhere.
    if is_quiet || response.headers().contains_key(header::RETRY_AFTER) {
        tracing::debug!(request_id = &*id, %method, path, "request");
    } else {
        tracing::info!(request_id = &*id, %method, path, status, "request");
    }
}
