//! The limit on requests by address.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpRequest};

use crate::web::context::{Context, client_address};
use crate::web::error::WebError;
use crate::web::{App, TooOften};

/// Refuses a client that asks more often than `limits.requests_per_minute`, before its body is
/// read or anything is looked up.
pub async fn not_too_often(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    let Err(too_often) = admit(request.request()) else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    let context = request.extract::<Context>().await?;
    let response = WebError::TooOften {
        retry_after_seconds: too_often.retry_after_seconds,
    };
    let response = response.answer(&context, request.path());
    Ok(request.into_response(response).map_into_right_body())
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
