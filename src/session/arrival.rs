//! A verified login on its way from the IdP's POST, which is cross-site and so brings no cookie,
//! to the browser that started it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::pending::Next;
use super::{Browser, Prepared, SessionError};
use crate::aws::attribute::Dropped;
use crate::crypto;
use crate::saml::idp::EntityKey;
use crate::saml::{Person, check};
use crate::store::sealed::{self, Opened};
use crate::store::{Key, Kind, Operation, Store};

/// How long the one-time code is good: two redirects, or a person's answer to "switch?".
const TIME_TO_LIVE: Duration = Duration::from_mins(2);

const LABEL: &str = "arrival";

/// A verified login that waits for its browser; the one-time code is the only way to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Arrival {
    /// The session that it becomes.
    pub session: Prepared,
    /// Which entity its IdP was: the same id may come to mean another IdP.
    pub entity: EntityKey,
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
    /// What keeps it under a new one-time code, and the code.
    pub fn keeping(&self) -> Result<(Operation, String), SessionError> {
        let code = crypto::random_token()?;
        let record = sealed::seal(&code, LABEL, self)?;
        Ok((Operation::put(key(&code), record, TIME_TO_LIVE), code))
    }

    /// What marks its assertion as used, unless it was used before. The mark outlives every moment at which
    /// the assertion would still pass the checks. It is for the entity that issued the assertion, by
    /// whatever id the configuration knows that.
    pub fn marking_as_used(&self, skew: TimeDelta) -> Operation {
        let parts = [self.entity.octets(), self.accepted.assertion_id.as_bytes()];
        let key = Key::new(Kind::Replay, crypto::derive_of("rolecall replay", parts));
        // `check` refuses it `MAX_AGE + skew` after its issuance, which is at most `skew` ahead.
        let time_to_live = (check::MAX_AGE + skew + skew).to_std().unwrap_or_default();
        Operation::put_if_absent(key, [], time_to_live)
    }

    /// The login of this code, which stays good.
    pub async fn peek(store: &Store, code: &str) -> Result<Opened<Self>, SessionError> {
        let record = store.get(key(code)).await?;
        Ok(sealed::open(code, LABEL, record.as_deref()))
    }

    /// Whether there is a login under this code.
    pub async fn is_waiting(store: &Store, code: &str) -> Result<bool, SessionError> {
        Ok(store.get(key(code)).await?.is_some())
    }

    /// Whether the browser that sent one of these cookies may finish this login.
    pub fn is_for<'a>(&self, cookies: impl IntoIterator<Item = &'a Browser>) -> bool {
        cookies
            .into_iter()
            .any(|browser| browser.fingerprint() == self.browser)
    }
}

/// How long the one-time code of a login is good still, whose session this is.
pub fn time_left(session: &Prepared, now: DateTime<Utc>) -> Duration {
    let age = (now - session.began_at).to_std().unwrap_or_default();
    TIME_TO_LIVE.saturating_sub(age)
}

/// The key of the login with this one-time code.
pub fn key(code: &str) -> Key {
    Key::new(Kind::Arrived, sealed::name(code))
}
