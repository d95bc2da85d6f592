//! A verified login on its way from the IdP's POST, which is cross-site and so brings no cookie,
//! to the browser that started it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::pending::Next;
use super::{Browser, Prepared, SessionError, until};
use crate::aws::attribute::Dropped;
use crate::crypto;
use crate::saml::{Person, check};
use crate::store::sealed;
use crate::store::{Key, Kind, MemoryStore};

/// How long the one-time code is good: two redirects, or a person's answer to "switch?".
const TIME_TO_LIVE: Duration = Duration::from_mins(2);

const LABEL: &str = "arrival";

/// A verified login that waits for its browser; the one-time code is the only way to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Arrival {
    /// The session that it becomes.
    pub session: Prepared,
    /// The fingerprint of the browser that may finish it.
    pub browser: String,
    /// What is told of it.
    pub accepted: Accepted,
    /// What comes after.
    pub next: Next,
}

/// What is told of a login that becomes a session, which itself is opened only by who uses it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Accepted {
    /// Who.
    pub person: Person,
    /// The assertion's ID.
    pub assertion_id: String,
    /// Whether the IdP started it by itself.
    pub unsolicited: bool,
    /// How many roles the person may use.
    pub roles: usize,
    /// The names of the grants that give some of them.
    pub grants: Vec<String>,
    /// Values of AWS attributes that were malformed.
    pub dropped: Vec<Dropped>,
    /// How many more there were.
    pub dropped_beyond: usize,
}

impl Arrival {
    /// Keeps it, and returns its one-time code.
    pub async fn keep(&self, store: &MemoryStore) -> Result<String, SessionError> {
        let code = crypto::random_token()?;
        let record = sealed::seal(&code, LABEL, self)?;
        store.put(key(&code), record, TIME_TO_LIVE).await?;
        Ok(code)
    }

    /// The login of this code, which stays good.
    pub async fn peek(store: &MemoryStore, code: &str) -> Result<Option<Self>, SessionError> {
        let Some(record) = store.get(key(code)).await? else {
            return Ok(None);
        };
        Ok(Some(sealed::open(code, LABEL, &record)?))
    }

    /// Whether there is a login under this code.
    pub async fn is_waiting(store: &MemoryStore, code: &str) -> Result<bool, SessionError> {
        Ok(store.get(key(code)).await?.is_some())
    }

    /// Uses the code up; false if it was used before.
    pub async fn finish(store: &MemoryStore, code: &str) -> Result<bool, SessionError> {
        Ok(store.take(key(code)).await?.is_some())
    }

    /// Whether the browser that sent one of these cookies may finish this login.
    pub fn is_for<'a>(&self, cookies: impl IntoIterator<Item = &'a Browser>) -> bool {
        cookies
            .into_iter()
            .any(|browser| browser.fingerprint() == self.browser)
    }
}

fn key(code: &str) -> Key {
    Key::new(Kind::Arrived, sealed::name(code))
}

/// Marks an assertion as used; false if it was used before. The mark outlives every moment at
/// which the assertion would still pass the checks.
pub async fn mark_used(
    store: &MemoryStore,
    login: &Accepted,
    now: DateTime<Utc>,
    skew: TimeDelta,
) -> Result<bool, SessionError> {
    let key = Key::new(
        Kind::Replay,
        crypto::derive_of("rolecall replay", [&*login.person.idp, &login.assertion_id]),
    );
    // `check` refuses it `MAX_AGE + skew` after its issuance, which is at most `skew` ahead.
    let end = now + check::MAX_AGE + skew + skew;
    Ok(store.put_if_absent(key, [], until(end, now)).await?)
}
