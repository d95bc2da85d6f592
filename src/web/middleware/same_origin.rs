//! The same-origin check: no other site can make a browser change anything here (CSRF).

use actix_web::HttpRequest;
use actix_web::http::{Method, header};

use crate::web::error::WebError;
use crate::web::request::RequestFacts;

/// Refuses a request that may change something and comes from another site.
///
/// Browsers say where a request comes from, in `Sec-Fetch-Site` or at least in `Origin`, and pages
/// cannot forge either. A client that sends neither is not a browser, so it sends no cookies on a
/// person's behalf. An IdP's POST is always cross-site, and brings its own proof.
pub(super) fn same_origin(
    request: &HttpRequest,
    takes_posts_of_idps: bool,
) -> Result<(), WebError> {
    let reads_only = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if reads_only || takes_posts_of_idps || is_ours(request) {
        Ok(())
    } else {
        Err(WebError::CrossOrigin)
    }
}

fn is_ours(request: &HttpRequest) -> bool {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap_or(""))
    };
    match (header("sec-fetch-site"), header(header::ORIGIN.as_str())) {
        (Some("same-origin" | "none"), None | Some("null")) | (None, None) => true,
        (Some("same-origin" | "none") | None, Some(origin)) => {
            let facts = RequestFacts::of(request);
            facts.is_some_and(|facts| {
                facts.rules.config.public_url.origin().ascii_serialization() == origin
            })
        }
        _ => false,
    }
}
