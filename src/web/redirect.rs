//! Sending the browser to another page of ours.

use actix_web::HttpResponse;
use actix_web::http::header;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// With GET (303).
pub fn to(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .finish()
}

/// To sign in once more, at this IdP if it is known.
pub fn to_sign_in(idp: Option<&str>) -> HttpResponse {
    match idp {
        Some(id) => {
            let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
            to(&format!("/login?idp={id}"))
        }
        None => to("/login"),
    }
}
