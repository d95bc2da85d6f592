//! Where people reach rolecall.

use url::{Host, Url};

use super::kind::{Kind, text};

/// An address of this installation and nothing else: the identity provider and AWS compare what
/// is made from it (the ACS URL, the entity ID) letter by letter.
pub(super) fn kind() -> Kind<Url> {
    text(
        "https:// and a host name, perhaps a port, no path (http:// only for localhost)",
        |text| {
            let url = Url::parse(text).map_err(|error| format!("{text:?} is no URL: {error}"))?;
            match flaw(&url) {
                None => Ok(url),
                Some(flaw) => Err(format!("{text:?} {flaw}")),
            }
        },
    )
}

/// The URL of `path` here.
pub(super) fn at(public_url: &Url, path: &str) -> Url {
    let mut url = public_url.clone();
    url.set_path(path);
    url
}

fn flaw(url: &Url) -> Option<&'static str> {
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(url) => {}
        "http" => return Some("is not https, so assertions and cookies could be read on the way"),
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

/// Browsers never send these over a network (W3C Secure Contexts, 3.1).
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
