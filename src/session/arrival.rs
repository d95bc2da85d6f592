//! An arrival: a verified login on its way from the IdP's POST to the browser that started it. The
//! POST is cross-site and so carries no cookie.

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

/// How long the one-time code is valid: enough for two redirects, or for a person's answer to
/// "switch?".
const TIME_TO_LIVE: Duration = Duration::from_mins(2);

const LABEL: &str = "arrival";

/// A verified login that waits for its browser. The one-time code is the only way to its record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Arrival {
    /// The session that the login becomes.
    pub session: Prepared,
    /// The entity that the IdP was at the login: the same ID may later refer to another IdP.
    pub entity: EntityKey,
    /// The fingerprint of the browser that may finish the login.
    pub browser: String,
    /// What the audit line says about the login.
    pub accepted: Accepted,
    /// What the browser does after the login.
    pub next: Next,
}

/// What the audit line says about a login that becomes a session. It is kept separately, because
/// the session's record is opened only when the session is used.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Accepted {
    /// The person who signed in.
    pub person: Person,
    /// The ID of the assertion, also used to detect a replay.
    pub assertion_id: String,
    /// Whether the IdP started the login.
    pub unsolicited: bool,
    /// How many roles the person may use.
    pub roles: usize,
    /// The names of the grants that give some of the roles.
    pub grants: Vec<String>,
    /// Malformed values of AWS attributes.
    pub dropped: Vec<Dropped>,
    /// How many more malformed values there were.
    pub dropped_beyond: usize,
}

impl Arrival {
    /// The operation that stores the login under a new one-time code, and the code.
    pub fn keeping(&self) -> Result<(Operation, String), SessionError> {
        let code = crypto::random_token()?;
        let record = sealed::seal(&code, LABEL, self)?;
        Ok((Operation::put(key(&code), record, TIME_TO_LIVE), code))
    }

    /// The operation that marks the assertion as used, unless it was used before. The mark outlives
    /// every moment at which the assertion would still pass the checks. It names the entity that
    /// issued the assertion, whatever ID the configuration gives that entity.
    pub fn marking_as_used(&self, skew: TimeDelta) -> Operation {
        let parts = [self.entity.octets(), self.accepted.assertion_id.as_bytes()];
        let key = Key::new(Kind::Replay, crypto::derive_of("rolecall replay", parts));
        // `check` refuses the assertion `MAX_AGE + skew` after its issuance, which may be up to
        // `skew` in the future.
        let time_to_live = (check::MAX_AGE + skew + skew).to_std().unwrap_or_default();
        Operation::put_if_absent(key, [], time_to_live)
    }

    /// Reads the login with this code, which stays valid.
    pub async fn peek(store: &Store, code: &str) -> Result<Opened<Self>, SessionError> {
        let record = store.get(key(code)).await?;
        Ok(sealed::open(code, LABEL, record.as_deref()))
    }

    /// Whether a login is waiting under this code.
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

/// How much longer the one-time code of the login with this session is valid.
pub fn time_left(session: &Prepared, now: DateTime<Utc>) -> Duration {
    let age = (now - session.began_at).to_std().unwrap_or_default();
    TIME_TO_LIVE.saturating_sub(age)
}

/// The key of the login with this one-time code.
pub fn key(code: &str) -> Key {
    Key::new(Kind::Arrived, sealed::name(code))
}
