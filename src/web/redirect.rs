//! Sending the browser to another page of ours.

use actix_web::HttpResponse;
use actix_web::http::header;

/// With GET (303).
pub fn to(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .finish()
}
