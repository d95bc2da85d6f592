//! The limit on requests by address.

use actix_web::HttpRequest;
use actix_web::web::Data;

use crate::web::App;
use crate::web::context::client_address;
use crate::web::error::WebError;
use crate::web::limits::rate_limiter::TooOften;

/// Refuses a client that asks more often than `limits.requests_per_minute`, before its body is
/// read or anything is looked up.
pub(super) fn not_too_often(request: &HttpRequest) -> Result<(), WebError> {
    admit(request).map_err(|too_often| WebError::TooOften {
        retry_after_seconds: too_often.retry_after_seconds,
    })
}

fn admit(request: &HttpRequest) -> Result<(), TooOften> {
    let Some(app) = request.app_data::<Data<App>>() else {
        return Ok(());
    };
    let (Some(visitors), Some(address)) = (&app.visitors, client_address(request, app)) else {
        return Ok(());
    };
    visitors.admit(address).inspect_err(|too_often| {
        if let Some(refused) = too_often.logged {
            let is_proxy = request.headers().contains_key("x-forwarded-for")
                || request.headers().contains_key("forwarded");
            let hint = is_proxy.then_some(
                "if this address is your reverse proxy's, http.trusted_proxies must name it",
            );
            tracing::warn!(%address, refused, hint, "limits.requests_per_minute is exceeded");
        }
    })
}
