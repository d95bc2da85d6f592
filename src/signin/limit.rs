//! Limits how often a person signs in.
//!
//! Each login takes memory, even if its browser never fetches the session, and a person who is
//! signed in at the IdP can get any number of valid responses. So the number of logins per person
//! is limited. When the store has no room for new people, the remaining memory is reserved for
//! people who are signed in and need a new assertion. A lower limit then ensures that no single
//! person can use up the reserved memory.

use std::time::Duration;

use crate::config::Limit;
use crate::crypto;
use crate::saml::Person;
use crate::session::SessionError;
use crate::store::{Key, Kind, Store};

/// The period of `limits.logins_per_minute`.
const MINUTE: Duration = Duration::from_mins(1);
/// The maximum number of logins per person within `RENEWALS_PERIOD` when there is no room for new
/// people. This is enough for five tabs that need a new assertion.
const RENEWALS: u64 = 5;
/// The time over which these logins are counted.
const RENEWALS_PERIOD: Duration = Duration::from_mins(5);

/// A counter with its limit.
struct Counter {
    /// The part of the counter's name that distinguishes this counter from the person's other
    /// counter.
    label: &'static str,
    limit: u64,
    period: Duration,
}

/// Counts a login that is about to be accepted. Returns an error if the person exceeds the limit.
///
/// A count cannot be undone, so a login is counted only after its records have been written. Each
/// login is counted by at most one of the two counters.
pub(super) async fn count(
    store: &Store,
    person: &Person,
    logins_per_minute: Limit,
) -> Result<(), SessionError> {
    let limit = logins_per_minute.map(|limit| u64::from(limit.get()));
    if !store.admission().has_room {
        let limit = limit.map_or(RENEWALS, |limit| limit.min(RENEWALS));
        let renewals = Counter {
            label: "rolecall renewals",
            limit,
            period: RENEWALS_PERIOD,
        };
        return renewals.count(store, person).await;
    }
    let Some(limit) = limit else {
        return Ok(());
    };
    let logins = Counter {
        label: "rolecall logins",
        limit,
        period: MINUTE,
    };
    logins.count(store, person).await
}

impl Counter {
    async fn count(&self, store: &Store, person: &Person) -> Result<(), SessionError> {
        let name = crypto::derive_of(self.label, [person.key().octets()]);
        let key = Key::new(Kind::Logins, name);
        if store.count(key, self.period).await? <= self.limit {
            return Ok(());
        }
        Err(SessionError::TooOften {
            retry_after_seconds: self.period.as_secs(),
        })
    }
}
