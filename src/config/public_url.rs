//! The URL at which people reach rolecall.

use url::{Host, Url};

use super::kind::{Kind, quoted_url, text};

/// A URL that consists of a scheme, a host and an optional port. The ACS URL and the default entity
/// ID begin with this URL. Identity providers and AWS compare both byte for byte.
pub(super) fn kind() -> Kind<Url> {
    text(
        "an https:// URL with a host name, an optional port and no path (http:// only for localhost)",
        |text| {
            let quoted = quoted_url(text);
            let url =
                Url::parse(text).map_err(|error| format!("{quoted} is not a URL: {error}"))?;
            match flaw(&url) {
                None => Ok(url),
                Some(flaw) => Err(format!("{quoted} {flaw}")),
            }
        },
    )
}

/// `public_url` with the path replaced by `path`.
pub(super) fn at(public_url: &Url, path: &str) -> Url {
    let mut url = public_url.clone();
    url.set_path(path);
    url
}

fn flaw(url: &Url) -> Option<&'static str> {
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(url) => {}
        "http" => return Some("is not https, so assertions and cookies could be read in transit"),
        _ => return Some("is not https"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some("has a user name or password");
    }
    if url.path() != "/" {
        return Some("has a path");
    }
    (url.query().is_some() || url.fragment().is_some()).then_some("has a query or fragment")
}

/// Whether browsers keep requests to this host on the machine itself (W3C Secure Contexts, 3.1).
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
