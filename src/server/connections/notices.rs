//! Log lines about connections that were closed because of a bound: at most one a minute of each
//! kind, so that a flood of connections does not become a flood of lines.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The pause between two lines of the same kind.
const PAUSE: Duration = Duration::from_mins(1);

/// What has happened since the last lines.
#[derive(Debug, Default)]
pub(super) struct Notices(Mutex<[Notice; 3]>);

#[derive(Debug, Default)]
struct Notice {
    closed: usize,
    /// The address that the latest of these connections counted for.
    address: Option<IpAddr>,
    logged_at: Option<Instant>,
}

impl Notices {
    /// An address had more unfinished handshakes, requests and responses than it may have.
    pub(super) fn unfinished(&self, address: IpAddr, closed: usize) {
        self.lock()[0].add(Some(address), closed);
    }

    /// An address had more connections than it may have.
    pub(super) fn of_one_address(&self, address: IpAddr, closed: usize) {
        self.lock()[1].add(Some(address), closed);
    }

    /// All connections together were nearly as many as there may be.
    pub(super) fn full(&self, closed: usize) {
        self.lock()[2].add(None, closed);
    }

    /// Logs what is due. `is_full` tells whether there are as many connections as there may be.
    pub(super) fn log(&self, now: Instant, is_full: bool) {
        let [unfinished, of_one_address, full] = &mut *self.lock();
        if let Some((closed, address)) = unfinished.due(now, false) {
            tracing::warn!(
                closed,
                address = address.map(display),
                hint = HINT,
                "connections were closed: a client had more unfinished TLS handshakes, requests or \
                 responses than limits.unfinished_per_address"
            );
        }
        if let Some((closed, address)) = of_one_address.due(now, false) {
            tracing::warn!(
                closed,
                address = address.map(display),
                hint = HINT,
                "connections were closed: an address had a quarter of limits.connections"
            );
        }
        if let Some((closed, _)) = full.due(now, is_full) {
            tracing::warn!(
                closed,
                waiting = is_full,
                "limits.connections is reached: connections were closed to make room, or new ones \
                 have to wait"
            );
        }
    }

    fn lock(&self) -> MutexGuard<'_, [Notice; 3]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const HINT: &str = "if this is your reverse proxy's address, add it to http.trusted_proxies";

impl Notice {
    fn add(&mut self, address: Option<IpAddr>, closed: usize) {
        self.closed += closed;
        self.address = address;
    }

    /// Returns what has not been logged yet, if the last line is old enough. `is_lasting` tells
    /// that there is something to log even if no connection was closed.
    fn due(&mut self, now: Instant, is_lasting: bool) -> Option<(usize, Option<IpAddr>)> {
        let last = self.logged_at;
        let is_too_soon = last.is_some_and(|at| now.saturating_duration_since(at) < PAUSE);
        if is_too_soon || self.closed == 0 && !is_lasting {
            return None;
        }
        self.logged_at = Some(now);
        Some((std::mem::take(&mut self.closed), self.address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_logged_at_once_and_then_once_a_minute_with_the_total() {
        let mut notice = Notice::default();
        let address: IpAddr = "192.0.2.1".parse().unwrap();
        let now = Instant::now();
        assert_eq!(notice.due(now, false), None);
        notice.add(Some(address), 3);
        assert_eq!(notice.due(now, false), Some((3, Some(address))));
        for _ in 0..1_000 {
            notice.add(Some(address), 2);
            assert_eq!(notice.due(now + PAUSE / 2, true), None);
        }
        assert_eq!(notice.due(now + PAUSE, false), Some((2_000, Some(address))));
        assert_eq!(notice.due(now + 2 * PAUSE, false), None);
        assert_eq!(notice.due(now + 2 * PAUSE, true), Some((0, Some(address))));
    }
}
