//! Reads cookies.

use actix_web::HttpRequest;
use actix_web::http::header;

/// The value of the cookie `name`, compared byte for byte.
///
/// actix percent-decodes names and trims Unicode whitespace. With it, a cookie that another host of
/// our domain may set (`%5F%5FHost-…`) would pass for one that it may not set (`__Host-…`), and one
/// cookie that is not UTF-8 would hide all others.
pub fn cookie<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request
        .headers()
        .get_all(header::COOKIE)
        .flat_map(|value| value.as_bytes().split(|octet| *octet == b';'))
        .map(|pair| pair.strip_prefix(b" ").unwrap_or(pair))
        .filter_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
        .find_map(|value| std::str::from_utf8(value).ok())
}
