//! Refuses requests that a browser sends before the person follows a link.
//!
//! A browser may fetch a page ahead of time (prefetch), or even open it in the background with its
//! scripts (prerender), because another site suggests it or because the person is typing. Several
//! of our URLs act on a GET: they begin or finish a login, or show a form that submits itself. None
//! of that may happen before the person decides. A browser takes 503 as "not ahead of time", drops
//! the response, and sends the request again when the person follows the link.

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;

use crate::web::error::WebError;

/// Refuses a request that was sent ahead of time, before anything is looked up.
pub(super) fn in_its_time(request: &HttpRequest) -> Result<(), WebError> {
    if is_ahead(request.headers()) {
        Err(WebError::AheadOfTime)
    } else {
        Ok(())
    }
}

/// Whether the browser says that nobody has followed the link yet. Browsers send `Sec-Purpose`
/// (Fetch, 2.2.5: `prefetch`; for prerendering, `prefetch;prerender`). Older ones send `Purpose`,
/// `X-Purpose` or `X-Moz`.
fn is_ahead(headers: &HeaderMap) -> bool {
    let names = ["sec-purpose", "purpose", "x-purpose", "x-moz"];
    let values = names.into_iter().flat_map(|name| headers.get_all(name));
    values.into_iter().any(|value| {
        let value = value.as_bytes().to_ascii_lowercase();
        let mut words = value.split(|octet| !octet.is_ascii_alphanumeric());
        words.any(|word| matches!(word, b"prefetch" | b"prerender" | b"preview"))
    })
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn every_browser_s_words_are_understood() {
        for (name, value, expected) in [
            ("sec-purpose", "prefetch", true),
            ("sec-purpose", "prefetch;prerender", true),
            ("sec-purpose", "prefetch;anonymous-client-ip", true),
            ("sec-purpose", "Prefetch", true),
            ("sec-purpose", "PREFETCH ; PRERENDER", true),
            ("sec-purpose", "prerender", true),
            ("purpose", "prefetch", true),
            ("x-purpose", "preview", true),
            ("x-moz", "prefetch", true),
            ("sec-purpose", "", false),
            ("sec-purpose", "prefetched", false),
            ("sec-fetch-purpose", "prefetch", false),
        ] {
            let mut headers = HeaderMap::new();
            let name = HeaderName::from_static(name);
            headers.insert(name.clone(), HeaderValue::from_static(value));
            assert_eq!(is_ahead(&headers), expected, "{name}: {value}");
            // A second line does not hide the first.
            headers.append(name, HeaderValue::from_static("nothing"));
            assert_eq!(is_ahead(&headers), expected, "{value}");
        }
    }
}
