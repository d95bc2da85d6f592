//! The rate limit for each client address.

use actix_web::HttpRequest;

use crate::web::client::client_address;
use crate::web::error::WebError;
use crate::web::limits::TooOften;
use crate::web::request::RequestFacts;

/// Refuses a request from a client that exceeds `limits.requests_per_minute`, before the request's
/// body is read or the store is accessed.
pub(super) fn limit_rate(request: &HttpRequest) -> Result<(), WebError> {
    admit(request).map_err(|too_often| WebError::TooOften {
        retry_after_seconds: too_often.retry_after_seconds,
    })
}

fn admit(request: &HttpRequest) -> Result<(), TooOften> {
    let Some(RequestFacts { rules, .. }) = RequestFacts::of(request) else {
        return Ok(());
    };
    let address = client_address(request, &rules.config.http);
    let (Some(limiter), Some(address)) = (&rules.rate_limiter, address) else {
        return Ok(());
    };
    limiter.admit(address).inspect_err(|too_often| {
        if let Some(refused) = too_often.logged {
            let is_proxy = request.headers().contains_key("x-forwarded-for")
                || request.headers().contains_key("forwarded");
            let hint = is_proxy.then_some(
                "if this is your reverse proxy's address, add it to http.trusted_proxies",
            );
            tracing::warn!(%address, refused, hint, "a client exceeded limits.requests_per_minute");
        }
    })
}
