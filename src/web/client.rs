//! The client's address: the peer's, or an address that trusted reverse proxies report.

use std::net::{IpAddr, SocketAddr};

use actix_web::HttpRequest;
use actix_web::http::header;
use ipnet::IpNet;

use super::limits::counted_address;
use crate::config::{Config, ForwardedHeader, Http};

/// Returns the client's address, or `None` if the connection has no peer address.
pub fn client_address(request: &HttpRequest, config: &Http) -> Option<IpAddr> {
    let name = match config.forwarded_header {
        ForwardedHeader::XForwardedFor => header::X_FORWARDED_FOR,
        ForwardedHeader::Forwarded => header::FORWARDED,
    };
    // A proxy may append its entry to a header line from the client. So even a line that is not
    // UTF-8 must be kept.
    let lines: Vec<_> = request
        .headers()
        .get_all(name)
        .map(|line| String::from_utf8_lossy(line.as_bytes()))
        .collect();
    let lines = lines.iter().map(|line| &**line);
    let peer = request.peer_addr()?.ip();
    Some(address(
        peer,
        lines,
        config.forwarded_header,
        config.proxies(),
    ))
}

/// Returns the address under which the client of this request counts for limits: see [`counted`].
/// `None` if the address is unknown.
pub fn counted_client(request: &HttpRequest, config: &Config) -> Option<IpAddr> {
    counted(client_address(request, &config.http)?, config)
}

/// Returns the address under which a client with this address counts for limits. `None` if limits
/// by address are off, or if the address is a trusted proxy's.
pub fn counted(address: IpAddr, config: &Config) -> Option<IpAddr> {
    let mut proxies = config.http.proxies().iter();
    let is_proxy = proxies.any(|network| network.contains(&address));
    let is_counted = config.knows_addresses() && !is_proxy;
    is_counted.then(|| counted_address(address))
}

/// Returns the client's address: `peer`, or an address that trusted proxies report in `lines`.
///
/// Each proxy appends the address from which it received the request. So the entries are read from
/// the end, up to the first address that is not a trusted proxy's. All entries before that address
/// may be forged. Reading also ends at an invalid entry.
pub fn address<'a>(
    peer: IpAddr,
    lines: impl DoubleEndedIterator<Item = &'a str>,
    header: ForwardedHeader,
    trusted: &[IpNet],
) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut address = peer.to_canonical();
    let parse = match header {
        ForwardedHeader::XForwardedFor => plain,
        ForwardedHeader::Forwarded => forwarded,
    };
    let mut said = lines
        .flat_map(|line| line.split(','))
        .rev()
        .map(str::trim)
        .map(parse);
    while is_trusted(&address) {
        match said.next().flatten() {
            Some(next) => address = next,
            None => break,
        }
    }
    address
}

/// Parses one element of `Forwarded` (RFC 7239, 4). Returns `None` if the element is malformed or
/// contains no client address.
fn forwarded(element: &str) -> Option<IpAddr> {
    let element = rfc7239::parse(element).next()?.ok()?;
    let address = element.forwarded_for?.ip()?.to_canonical();
    Some(address)
}

/// Parses an address from `X-Forwarded-For`. Some proxies add the port.
fn plain(text: &str) -> Option<IpAddr> {
    let address = text.parse().ok().or_else(|| {
        let with_port: SocketAddr = text.parse().ok()?;
        Some(with_port.ip())
    });
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, lines: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<IpNet> = trusted
            .iter()
            .map(|network| network.parse().unwrap())
            .collect();
        let header = ForwardedHeader::XForwardedFor;
        address(
            peer.parse().unwrap(),
            lines.iter().copied(),
            header,
            &trusted,
        )
        .to_string()
    }

    #[test]
    fn forwarded_headers_from_untrusted_peers_are_ignored() {
        assert_eq!(from("192.0.2.1", &["198.51.100.1"], &[]), "192.0.2.1");
        assert_eq!(
            from("192.0.2.1", &["198.51.100.1"], &["10.0.0.0/8"]),
            "192.0.2.1"
        );
    }

    #[test]
    fn only_the_address_added_by_a_trusted_proxy_is_used() {
        let trusted = ["10.0.0.0/8", "::1/128"];
        assert_eq!(
            from("10.0.0.1", &["198.51.100.1"], &trusted),
            "198.51.100.1"
        );
        assert_eq!(
            from("10.0.0.1", &["203.0.113.9, 198.51.100.1"], &trusted),
            "198.51.100.1"
        );
        let through_two = ["203.0.113.9", "198.51.100.1, 10.0.0.2"];
        assert_eq!(from("::1", &through_two, &trusted), "198.51.100.1");
        assert_eq!(
            from("::ffff:10.0.0.1", &["2001:db8::1"], &trusted),
            "2001:db8::1"
        );
        assert_eq!(
            from("10.0.0.1", &["[2001:db8::1]:443"], &trusted),
            "2001:db8::1"
        );
        assert_eq!(
            from("10.0.0.1", &["198.51.100.1:5000"], &trusted),
            "198.51.100.1"
        );
    }

    #[test]
    fn the_forwarded_header_is_parsed_as_strictly() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        for (lines, client) in [
            (&["for=198.51.100.1"][..], "198.51.100.1"),
            (
                &["for=203.0.113.9, for=198.51.100.1;proto=https"],
                "198.51.100.1",
            ),
            (&["For=\"198.51.100.1:5000\";by=10.0.0.1"], "198.51.100.1"),
            (&["for=\"[2001:db8::1]:443\""], "2001:db8::1"),
            (&["for=203.0.113.9", "for=10.0.0.2"], "203.0.113.9"),
            (&["for=_hidden"], "10.0.0.1"),
            (&["for=unknown"], "10.0.0.1"),
            (&["198.51.100.1"], "10.0.0.1"),
            (&["for=203.0.113.9, nonsense"], "10.0.0.1"),
            (&["proto=https"], "10.0.0.1"),
            (&[""], "10.0.0.1"),
        ] {
            let peer = "10.0.0.1".parse().unwrap();
            let lines_of = lines.iter().copied();
            let found = address(peer, lines_of, ForwardedHeader::Forwarded, &trusted);
            assert_eq!(found.to_string(), client, "{lines:?}");
        }
    }

    #[test]
    fn an_invalid_entry_ends_the_list_of_addresses() {
        let trusted = ["10.0.0.0/8"];
        for said in ["", "unknown", "198.51.100.1, ", "<script>", ","] {
            assert_eq!(from("10.0.0.1", &[said], &trusted), "10.0.0.1", "{said}");
        }
        assert_eq!(from("10.0.0.1", &[], &trusted), "10.0.0.1");
        assert_eq!(
            from("10.0.0.1", &["10.0.0.3, 10.0.0.2"], &trusted),
            "10.0.0.3"
        );
    }
}
