//! Limits how often a person signs in.
//!
//! Each login takes memory, even if its browser never fetches the session, and a person who is
//! signed in at the IdP can get any number of valid responses. So the number of logins per person
//! is limited. When the store has no room for new people, the remaining memory is reserved for
//! people who are signed in and need a new assertion. A lower limit then ensures that no single
//! person can use up the reserved memory. The counters are in the store, so the limits apply across
//! all nodes.

use std::time::Duration;

use crate::config::Limit;
use crate::crypto;
use crate::saml::Person;
use crate::session::SessionError;
use crate::store::{Key, Kind, Store};

/// The period of `limits.logins_per_minute`.
const MINUTE: Duration = Duration::from_mins(1);
/// The maximum number of logins per person within `OF_RENEWALS` when there is no room for new
/// people. This is enough for five tabs that need a new assertion.
const RENEWALS: u64 = 5;
const OF_RENEWALS: Duration = Duration::from_mins(5);

/// Counts a login that is about to be accepted. Returns an error if the person exceeds the limit.
///
/// A count cannot be undone, so a login is counted last and with only one of the two counters.
pub(super) async fn count(
    store: &Store,
    person: &Person,
    logins_per_minute: Limit,
) -> Result<(), SessionError> {
    let limit = logins_per_minute.map(|limit| u64::from(limit.get()));
    if !store.admission().has_room {
        let limit = limit.map_or(RENEWALS, |limit| limit.min(RENEWALS));
        return at_most(limit, store, ("rolecall renewals", person), OF_RENEWALS).await;
    }
    match limit {
        Some(limit) => at_most(limit, store, ("rolecall logins", person), MINUTE).await,
        None => Ok(()),
    }
}

async fn at_most(
    limit: u64,
    store: &Store,
    (label, person): (&str, &Person),
    time: Duration,
) -> Result<(), SessionError> {
    let parts = [person.idp.as_bytes(), person.name_id.as_bytes()];
    let name = crypto::derive_of(label, parts);
    let counted = store.count(Key::new(Kind::Logins, name), time).await?;
    if counted <= limit {
        return Ok(());
    }
    Err(SessionError::TooOften {
        retry_after_seconds: time.as_secs(),
    })
}
