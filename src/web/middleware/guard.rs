//! The guard in front of every URL: it checks requests to public URLs, and formats errors for the
//! URL's surface.

use actix_web::Error;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;

use super::load_shedding::shed_load;
use super::prefetch::in_its_time;
use super::rate_limit::limit_rate;
use super::same_origin::same_origin;
use crate::web::error::WebError;
use crate::web::error_response::respond;
use crate::web::surface::Line;

/// Checks a request to a public URL before it reaches its handler, and formats any error for the
/// URL's surface.
///
/// The rate limit comes first, so that a request over the limit does not cause a store lookup.
pub async fn guarded(
    line: Line,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, Error> {
    if line.surface.is_public()
        && let Err(error) = admit(line, &mut request).await
    {
        let refusal = respond(&error, line.surface, request.request());
        return Ok(request.into_response(refusal));
    }
    let response = next.call(request).await?;
    Ok(in_shape(line, response))
}

async fn admit(line: Line, request: &mut ServiceRequest) -> Result<(), WebError> {
    limit_rate(request.request())?;
    if !line.is_only_data {
        in_its_time(request.request())?;
    }
    shed_load(request, line.in_progress).await?;
    same_origin(request.request(), line.takes_posts_of_idps)
}

/// Formats an error for the URL's surface. Adds the surface's cache header, if it has one, to a
/// successful response.
fn in_shape(line: Line, mut response: ServiceResponse) -> ServiceResponse {
    let error = response.response().error();
    if let Some(error) = error.and_then(|error| error.as_error::<WebError>()) {
        let refusal = respond(error, line.surface, response.request());
        return response.into_response(refusal);
    }
    if response.status().is_success()
        && let Some(cache_control) = line.surface.cache_control()
    {
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, cache_control);
    }
    response
}
