//! Redirects to rolecall's own pages.

use actix_web::HttpResponse;
use actix_web::http::header;

/// Redirects to one of our paths with 303, so that the browser uses GET.
pub fn to(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .finish()
}

/// Redirects to one of our paths, which contains a code for this browser only. No referrer is sent.
pub fn privately(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .finish()
}
