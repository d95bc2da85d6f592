//! The configured bounds on connections, and whose connections they count.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::config::{Config, Limit};
use crate::web::limits::counted_address;

/// If `limits.connections` is below this number, the clients are presumably few and known to the
/// administrator: none of their connections are closed to make room for others.
const FEW: usize = 100;

/// The bounds in effect.
pub(super) struct Bounds<'a>(&'a Config);

impl<'a> Bounds<'a> {
    pub(super) fn of(config: &'a Config) -> Self {
        Self(config)
    }

    /// The address under which the connections of `peer` are counted; `None` if they are not
    /// counted, because the address is unknown or a trusted proxy's.
    pub(super) fn origin(&self, peer: Option<SocketAddr>) -> Option<IpAddr> {
        let peer = peer?.ip().to_canonical();
        let mut proxies = self.0.http.proxies().iter();
        let is_proxy = proxies.any(|network| network.contains(&peer));
        let is_counted = self.0.knows_addresses() && !is_proxy;
        is_counted.then(|| counted_address(peer))
    }

    /// The maximum number of connections; further ones wait.
    pub(super) fn all(&self) -> Option<usize> {
        size(self.0.limits.connections)
    }

    /// The number of connections from which on connections are closed to make room for others. The
    /// rest is for connections that are being accepted or closed.
    pub(super) fn before_closing_any(&self) -> Option<usize> {
        self.many().map(|most| most - most / 16)
    }

    /// The maximum number of connections of one address.
    pub(super) fn of_one_address(&self) -> Option<usize> {
        self.many().map(|most| most / 4)
    }

    fn many(&self) -> Option<usize> {
        self.all().filter(|most| *most >= FEW)
    }

    /// The maximum number of connections of one address that wait for their client.
    pub(super) fn unfinished(&self) -> Option<usize> {
        size(self.0.limits.unfinished_per_address)
    }

    /// How long a request head may take.
    pub(super) fn head(&self) -> Option<Duration> {
        let seconds = self.0.limits.header_seconds?;
        Some(Duration::from_secs(seconds.get().into()))
    }
}

fn size(limit: Limit) -> Option<usize> {
    limit.map(|limit| usize::try_from(limit.get()).unwrap_or(usize::MAX))
}
