//! Adds cookies to responses.

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;

use super::error::WebError;

/// Adds one of our cookies to a response. Fails if the cookie is not a valid header value.
pub fn set_cookie(response: &mut HttpResponse, cookie: &Cookie<'_>) -> Result<(), WebError> {
    let added = response.add_cookie(cookie);
    added.map_err(|_| WebError::Internal("a cookie cannot be set"))
}
