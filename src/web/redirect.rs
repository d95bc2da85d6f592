//! Redirects to rolecall's own pages.

use actix_web::HttpResponse;
use actix_web::http::header;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Redirects to one of our paths with 303, so that the browser uses GET.
pub fn to(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .finish()
}

/// Redirects to the start of a login. `idp` is the ID of the IdP, if the IdP is known.
pub fn to_sign_in(idp: Option<&str>) -> HttpResponse {
    match idp {
        Some(id) => {
            let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
            to(&format!("/login?idp={id}"))
        }
        None => to("/login"),
    }
}
