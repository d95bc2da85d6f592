//! Reads cookies.

use actix_web::HttpRequest;
use actix_web::http::header;

/// Returns the value of the cookie `name`. The name is compared byte for byte.
///
/// actix percent-decodes names and trims Unicode whitespace. So it would take a cookie
/// `%5F%5FHost-…`, which another host in our domain may set, for a cookie `__Host-…`, which that
/// host may not set. In addition, a single cookie that is not UTF-8 would hide all others.
pub fn cookie<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request
        .headers()
        .get_all(header::COOKIE)
        .flat_map(|value| value.as_bytes().split(|octet| *octet == b';'))
        .map(|pair| pair.strip_prefix(b" ").unwrap_or(pair))
        .filter_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
        .find_map(|value| std::str::from_utf8(value).ok())
}
