//! Reads the cookies of a request.

use actix_web::HttpRequest;
use actix_web::http::header;

/// Returns the value of the cookie `name`. Names are compared byte for byte.
///
/// actix's own parser percent-decodes names and trims Unicode whitespace. Another host in our
/// domain cannot set a cookie `__Host-…`, but it can set `%5F%5FHost-…`, which actix would decode
/// to `__Host-…`. actix's parser would also reject all cookies if one of them were not UTF-8.
pub fn cookie<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request
        .headers()
        .get_all(header::COOKIE)
        .flat_map(|value| value.as_bytes().split(|octet| *octet == b';'))
        .map(|pair| pair.strip_prefix(b" ").unwrap_or(pair))
        .filter_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
        .find_map(|value| std::str::from_utf8(value).ok())
}
