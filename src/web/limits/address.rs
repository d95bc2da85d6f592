//! The unit in which limits count addresses.

use std::net::{IpAddr, Ipv6Addr};

/// Reduces an IPv6 address to its /64 prefix, since a client usually controls the whole prefix
/// (RFC 6177). Converts an IPv4 address that is written as an IPv6 address to IPv4.
pub fn counted_address(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & (u128::MAX << 64);
            Ipv6Addr::from_bits(network).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}
