//! The rate limit for each client address.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter as Limiter};
use moka::sync::Cache;

use crate::tally::counted_address;

/// The maximum number of addresses that are remembered. If there are more, those that send the most
/// requests are kept.
const MAX_ADDRESSES: u64 = 100_000;
/// An address that has been idle for this long is forgotten. Its quota is full again by then.
const FORGET_AFTER: Duration = Duration::from_secs(90);
/// For each address, one in this many refusals is logged, starting with the first.
const LOGGED: u64 = 10_000;

/// A client exceeded its rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften {
    /// How long the client must wait, in seconds.
    pub retry_after_seconds: u64,
    /// The number of requests from this client that have been refused. `None` if this refusal is
    /// not to be logged.
    pub logged: Option<u64>,
}

/// Limits the rate of requests from each address, with the generic cell rate algorithm.
#[derive(Debug)]
pub struct RateLimiter {
    quota: Quota,
    clock: DefaultClock,
    by_address: Cache<IpAddr, Arc<Client>>,
}

#[derive(Debug)]
struct Client {
    limiter: DefaultDirectRateLimiter,
    refused: AtomicU64,
}

impl RateLimiter {
    /// Allows each address this many requests a minute, and the same number in one burst.
    pub fn new(requests_per_minute: NonZeroU32) -> Self {
        Self {
            quota: Quota::per_minute(requests_per_minute),
            clock: DefaultClock::default(),
            by_address: Cache::builder()
                .max_capacity(MAX_ADDRESSES)
                .time_to_idle(FORGET_AFTER)
                .build(),
        }
    }

    /// Counts a request, and refuses it if the address has used up its quota.
    pub fn admit(&self, address: IpAddr) -> Result<(), TooOften> {
        let address = counted_address(address);
        let entry = self.by_address.entry_by_ref(&address);
        let entry = entry.or_insert_with(|| {
            Arc::new(Client {
                limiter: Limiter::direct(self.quota),
                refused: AtomicU64::new(0),
            })
        });
        let client = entry.into_value();
        client.limiter.check().map_err(|not_until| {
            let refused = client.refused.fetch_add(1, Ordering::Relaxed);
            let wait = not_until.wait_time_from(self.clock.now());
            TooOften {
                retry_after_seconds: wait.as_secs() + 1,
                logged: refused.is_multiple_of(LOGGED).then_some(refused + 1),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(requests_per_minute: u32) -> RateLimiter {
        RateLimiter::new(NonZeroU32::new(requests_per_minute).unwrap())
    }

    fn admitted(limiter: &RateLimiter, address: &str) -> bool {
        limiter.admit(address.parse().unwrap()).is_ok()
    }

    #[test]
    fn each_address_has_its_own_limit() {
        let limiter = limiter(3);
        for _ in 0..3 {
            assert!(admitted(&limiter, "192.0.2.1"));
        }
        assert!(!admitted(&limiter, "192.0.2.1"));
        assert!(!admitted(&limiter, "::ffff:192.0.2.1"));
        assert!(admitted(&limiter, "192.0.2.2"));
    }

    #[test]
    fn an_ipv6_64_prefix_counts_as_one_address() {
        let limiter = limiter(1);
        assert!(admitted(&limiter, "2001:db8::1"));
        assert!(!admitted(&limiter, "2001:db8::ffff:ffff:ffff:ffff"));
        assert!(admitted(&limiter, "2001:db8:0:1::1"));
    }

    #[test]
    fn sends_retry_after_and_is_logged_only_occasionally() {
        let limiter = limiter(6);
        let address = "192.0.2.1".parse().unwrap();
        let answers: Vec<_> = (0..10_100).map(|_| limiter.admit(address)).collect();
        let refused: Vec<_> = answers
            .iter()
            .filter_map(|response| response.err())
            .collect();
        assert_eq!(refused[0].logged, Some(1));
        assert!((1..=11).contains(&refused[0].retry_after_seconds));
        let logged = refused.iter().filter(|refused| refused.logged.is_some());
        assert_eq!(logged.count(), 2);
    }
}
