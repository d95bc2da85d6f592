//! Counts what unauthenticated clients cause, such as audit lines about refused logins, by address
//! and kind within a minute. A flood causes only a few lines, and the rest is counted.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

/// The time over which lines are counted.
const MINUTE: TimeDelta = TimeDelta::minutes(1);
/// The maximum number of causes that are counted separately within a minute. Further addresses
/// share one count for each kind, so that many addresses cannot fill the memory.
const MAX_CAUSES: usize = 20_000;
/// The maximum number of causes that a summary lists.
const MAX_LISTED: usize = 50;

/// Reduces an IPv6 address to its /64 prefix, since a client usually controls the whole prefix
/// (RFC 6177). Converts an IPv4 address that is written as an IPv6 address to IPv4. Limits by
/// address count the result.
pub fn counted_address(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & (u128::MAX << 64);
            Ipv6Addr::from_bits(network).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// What was refused, and why. Both are names from the program, never from a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Kind {
    /// The name of the event.
    pub event: &'static str,
    /// The name of the check that failed, or the code of another error.
    pub check: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Cause {
    /// `None` if the address is unknown, or if too many addresses are counted already.
    address: Option<IpAddr>,
    kind: Kind,
}

#[derive(Debug, Default)]
struct Count {
    admitted: u32,
    beyond: u64,
}

/// The number of lines of one kind that one address caused beyond its limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BeyondOf {
    /// The address, or the /64 prefix of an IPv6 address. `None` stands for all addresses that were
    /// not counted separately.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// What was refused, and why.
    #[serde(flatten)]
    pub kind: Kind,
    /// The number of lines that were not written.
    pub count: u64,
}

/// The lines that were not written within a minute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Beyond {
    /// When the minute began.
    pub since: DateTime<Utc>,
    /// The number of lines that were not written.
    pub total: u64,
    /// The causes of most of them.
    pub counts: Vec<BeyondOf>,
    /// The number of lines whose causes are not listed.
    pub others: u64,
}

#[derive(Debug, Default)]
struct Window {
    began: Option<DateTime<Utc>>,
    counts: HashMap<Cause, Count>,
    /// What was counted in minutes that have ended.
    ended: Option<Beyond>,
}

/// Counts lines by address and kind.
#[derive(Debug, Default)]
pub struct Tally(Mutex<Window>);

impl Tally {
    /// Counts a line. Returns whether it is among the first `limit` lines of this kind from this
    /// address within the current minute.
    pub fn admit(
        &self,
        now: DateTime<Utc>,
        address: Option<IpAddr>,
        kind: Kind,
        limit: NonZeroU32,
    ) -> bool {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        window.turn(now);
        window.began.get_or_insert(now);
        let address = address.map(counted_address);
        let count = window.count(Cause { address, kind });
        let is_admitted = count.admitted < limit.get();
        if is_admitted {
            count.admitted += 1;
        } else {
            count.beyond += 1;
        }
        is_admitted
    }

    /// Returns the lines that were not written in minutes that have ended, once.
    pub fn due(&self, now: DateTime<Utc>) -> Option<Beyond> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        window.turn(now);
        window.ended.take()
    }

    /// Returns all lines that were not written, also those of the current minute.
    pub fn rest(&self) -> Option<Beyond> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        window.end();
        window.ended.take()
    }
}

impl Window {
    /// Ends the minute if its time is over, or if the clock was set back.
    fn turn(&mut self, now: DateTime<Utc>) {
        let is_over = |began| now - began >= MINUTE || now < began;
        if self.began.is_some_and(is_over) {
            self.end();
        }
    }

    fn end(&mut self) {
        let Some(since) = self.began.take() else {
            return;
        };
        let counts = std::mem::take(&mut self.counts).into_iter();
        let mut counts: Vec<_> = counts.filter(|(_, count)| count.beyond > 0).collect();
        if counts.is_empty() {
            return;
        }
        counts.sort_by_key(|(cause, count)| (std::cmp::Reverse(count.beyond), *cause));
        let counts = counts.into_iter().map(|(cause, count)| BeyondOf {
            ip: cause.address,
            kind: cause.kind,
            count: count.beyond,
        });
        self.add(since, counts.collect());
    }

    /// Adds what a minute has left to what nobody has taken yet.
    fn add(&mut self, since: DateTime<Utc>, mut counts: Vec<BeyondOf>) {
        let sum = |counts: &[BeyondOf]| counts.iter().map(|beyond| beyond.count).sum::<u64>();
        let total = sum(&counts);
        if let Some(ended) = &mut self.ended {
            ended.total += total;
            ended.others += total;
            return;
        }
        let others = sum(&counts.split_off(MAX_LISTED.min(counts.len())));
        self.ended = Some(Beyond {
            since,
            total,
            counts,
            others,
        });
    }

    fn count(&mut self, cause: Cause) -> &mut Count {
        let is_full = self.counts.len() >= MAX_CAUSES && !self.counts.contains_key(&cause);
        let address = cause.address.filter(|_| !is_full);
        self.counts.entry(Cause { address, ..cause }).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUDIENCE: Kind = Kind {
        event: "login_refused",
        check: "audience",
    };
    const BASE64: Kind = Kind {
        check: "base64",
        ..AUDIENCE
    };

    fn now() -> DateTime<Utc> {
        "2026-03-02T08:00:00Z".parse().unwrap()
    }

    fn admitted(tally: &Tally, address: &str, kind: Kind) -> bool {
        let limit = NonZeroU32::new(2).unwrap();
        tally.admit(now(), Some(address.parse().unwrap()), kind, limit)
    }

    #[test]
    fn each_address_and_kind_has_a_limit_of_its_own() {
        let tally = Tally::default();
        for (address, kind, expected) in [
            ("192.0.2.1", AUDIENCE, true),
            ("192.0.2.1", AUDIENCE, true),
            ("192.0.2.1", AUDIENCE, false),
            ("::ffff:192.0.2.1", AUDIENCE, false),
            ("192.0.2.1", BASE64, true),
            ("192.0.2.2", AUDIENCE, true),
            ("2001:db8::1", AUDIENCE, true),
            ("2001:db8::2", AUDIENCE, true),
            ("2001:db8::3", AUDIENCE, false),
            ("2001:db8:0:1::3", AUDIENCE, true),
        ] {
            assert_eq!(admitted(&tally, address, kind), expected, "{address}");
        }
    }

    #[test]
    fn what_was_not_written_is_summarized_once_the_minute_is_over() {
        let tally = Tally::default();
        for _ in 0..5 {
            admitted(&tally, "192.0.2.1", AUDIENCE);
        }
        admitted(&tally, "192.0.2.2", BASE64);
        assert_eq!(tally.due(now() + TimeDelta::seconds(59)), None);
        let due = tally.due(now() + MINUTE).expect("a summary");
        let of = BeyondOf {
            ip: Some("192.0.2.1".parse().unwrap()),
            kind: AUDIENCE,
            count: 3,
        };
        assert_eq!((due.since, due.total, due.others), (now(), 3, 0));
        assert_eq!(due.counts, [of]);
        assert_eq!(tally.due(now() + MINUTE), None);
        // A new minute has begun.
        assert!(admitted(&tally, "192.0.2.1", AUDIENCE));
    }

    /// Otherwise, an address that has reached its limit would have to wait for as long as the clock
    /// was wrong.
    #[test]
    fn a_clock_that_is_set_back_begins_a_new_minute() {
        let tally = Tally::default();
        let limit = NonZeroU32::new(1).unwrap();
        let earlier = now() - TimeDelta::seconds(1);
        assert!(tally.admit(now(), None, AUDIENCE, limit));
        assert!(!tally.admit(now(), None, AUDIENCE, limit));
        assert!(tally.admit(earlier, None, AUDIENCE, limit));
        let due = tally.due(earlier).expect("a summary");
        assert_eq!((due.since, due.total), (now(), 1));
    }

    #[test]
    fn a_summary_lists_the_causes_of_most_lines() {
        let tally = Tally::default();
        let limit = NonZeroU32::new(1).unwrap();
        for number in 1..=80 {
            let address = Some(IpAddr::from([192, 0, 2, number]));
            for _ in 0..=number {
                tally.admit(now(), address, AUDIENCE, limit);
            }
        }
        let due = tally.rest().expect("a summary");
        let counts: Vec<_> = due.counts.iter().map(|beyond| beyond.count).collect();
        assert_eq!(counts, (31..=80).rev().collect::<Vec<_>>());
        assert_eq!((due.total, due.others), (80 * 81 / 2, 30 * 31 / 2));
    }

    #[test]
    fn nothing_is_lost_if_nobody_takes_the_summary_or_the_program_ends() {
        let tally = Tally::default();
        let flood = |minutes: i64| {
            let at = now() + TimeDelta::minutes(minutes);
            let limit = NonZeroU32::new(1).unwrap();
            for _ in 0..4 {
                tally.admit(at, None, AUDIENCE, limit);
            }
        };
        flood(0);
        flood(1);
        flood(2);
        let rest = tally.rest().expect("a summary");
        assert_eq!((rest.total, rest.others), (9, 6));
        assert_eq!(tally.rest(), None);
    }

    #[test]
    fn many_addresses_share_one_count_and_fill_no_memory() {
        let tally = Tally::default();
        let limit = NonZeroU32::new(1).unwrap();
        let address = |number: usize| {
            let number = u32::try_from(number).unwrap();
            Some(IpAddr::from(std::net::Ipv4Addr::from_bits(number)))
        };
        let mut written = 0;
        for number in 0..3 * MAX_CAUSES {
            written += usize::from(tally.admit(now(), address(number), AUDIENCE, limit));
        }
        assert_eq!(written, MAX_CAUSES + 1);
        let due = tally.due(now() + MINUTE).expect("a summary");
        assert_eq!(due.counts.len(), 1);
        assert_eq!(due.total, 2 * MAX_CAUSES as u64 - 1);
        assert!(tally.0.lock().unwrap().counts.is_empty());
    }
}
