//! The same-origin check, which prevents other sites from changing anything in rolecall through a
//! person's browser (CSRF).

use actix_web::HttpRequest;
use actix_web::http::{Method, header};

use crate::web::error::WebError;
use crate::web::request::RequestFacts;

/// Refuses a request that may change something and comes from another site.
///
/// Browsers send `Sec-Fetch-Site`, or at least `Origin`, with such requests, and pages cannot forge
/// these headers. A client that sends neither header is not a browser, so it does not automatically
/// add a person's cookies. An IdP's POST comes from another origin and is allowed, because the SAML
/// message in it is verified.
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
