//! The same-origin guard: no other site makes a browser do anything here.

use actix_web::HttpRequest;
use actix_web::http::{Method, header};
use actix_web::web::Data;

use crate::web::App;
use crate::web::error::WebError;

/// Refuses a request that changes something and comes from another site.
///
/// Browsers tell where a request comes from, in `Sec-Fetch-Site` or at least in `Origin`, and pages
/// cannot forge either. A client that sends neither is not a browser, and nobody's cookies ride
/// along with it. An IdP's POST is cross-site by its nature, and brings its own proof.
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
            let app = request.app_data::<Data<App>>();
            app.is_some_and(|app| app.public_url.origin().ascii_serialization() == origin)
        }
        _ => false,
    }
}
