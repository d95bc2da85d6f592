//! The same-origin guard: no other site makes a browser do anything here.

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::web::Data;

use crate::web::App;
use crate::web::context::Context;
use crate::web::error::WebError;

/// Where IdPs send browsers with messages, across sites.
const FROM_IDPS: [&str; 2] = ["/saml/acs", "/saml/slo"];

/// Refuses a request that changes something and comes from another site.
///
/// Browsers tell where a request comes from, in `Sec-Fetch-Site` or at least in `Origin`, and pages
/// cannot forge either. A client that sends neither is not a browser, and nobody's cookies ride
/// along with it. An IdP's POST is cross-site by its nature, and brings its own proof.
pub async fn same_origin(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    let reads_only = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if reads_only || FROM_IDPS.contains(&request.path()) || is_ours(&request) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let context = request.extract::<Context>().await?;
    let response = WebError::CrossOrigin.answer(&context, request.path());
    Ok(request.into_response(response).map_into_right_body())
}

fn is_ours(request: &ServiceRequest) -> bool {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap_or(""))
    };
    match (header("sec-fetch-site"), header(header::ORIGIN.as_str())) {
        (Some("same-origin" | "none"), None | Some("null")) | (None, None) => true,
        (Some("same-origin" | "none") | None, Some(origin)) => {
            let app = request.app_data::<Data<App>>();
            app.is_some_and(|app| app.public_url.origin().ascii_serialization() == origin)
        }
        _ => false,
    }
}
