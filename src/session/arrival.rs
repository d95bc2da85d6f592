//! An arrival: a verified login that waits for its browser. That browser is the one that started
//! the login or, if the IdP started the login, the one that posted the response. The POST itself
//! cannot finish the login, because a cross-site POST carries no cookie that could identify the
//! browser.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::cookies::BrowserKey;
use super::pending::RequestKey;
use super::{Browser, Prepared, SessionError};
use crate::aws::attribute::Dropped;
use crate::config::Saml;
use crate::crypto;
use crate::saml::idp::EntityKey;
use crate::saml::{Person, check};
use crate::store::sealed::{self, Opened};
use crate::store::{Key, Kind, Operation, Store};

/// How long the one-time code is valid: long enough for two redirects, or for the person to decide
/// whether to replace the current session.
pub const TIME_TO_LIVE: Duration = Duration::from_mins(2);

/// How long the mark of a used assertion is kept. The checks accept an assertion until `MAX_AGE`
/// plus the clock skew after its IssueInstant. The IssueInstant may itself be ahead of our clock by
/// up to the clock skew. The calculation uses the maximum skew, because a reload may raise the skew
/// while the mark exists, and adds a margin of one minute.
const MARKED: Duration = Duration::from_secs(
    check::MAX_AGE.num_seconds().unsigned_abs() + 2 * Saml::MAX_CLOCK_SKEW_SECONDS as u64 + 60,
);

const LABEL: &str = "arrival";

/// A verified login that waits for its browser. Its record can be found and opened only with the
/// one-time code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Arrival {
    /// The session that begins when the browser presents the code.
    pub session: Prepared,
    /// The digest of the entity ID that the IdP had at the time of the login. It is stored because
    /// the IdP's configured ID may later refer to another entity.
    pub entity: EntityKey,
    /// The browser that may finish the login.
    pub browser: BrowserKey,
    /// The facts about the login for its audit line.
    pub accepted: Accepted,
    /// Where the browser goes after the login.
    pub follows: Follows,
}

/// Where to find out what follows a login.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Follows {
    /// Our page with this path.
    Page(String),
    /// The content of the slot that the browser filled when it started the login with this request.
    Slot(RequestKey),
}

impl Follows {
    /// The portal, where a login ends if nothing else was requested.
    pub fn portal() -> Self {
        Self::Page("/".to_owned())
    }
}

/// The facts about an accepted login for its audit line. They are stored separately from the
/// session, because the session's record is opened only when the session is used.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Accepted {
    /// The person who signed in.
    pub person: Person,
    /// The assertion's ID, which is also used to detect a replay.
    pub assertion_id: String,
    /// Whether the login was IdP-initiated.
    pub unsolicited: bool,
    /// The number of roles and sessions that the person may use.
    pub roles: usize,
    /// The names of the grants that provide these roles and sessions, or the hubs of role chains.
    pub grants: Vec<String>,
    /// The first 100 invalid values of AWS attributes.
    pub dropped: Vec<Dropped>,
    /// The number of further invalid values, which are not in `dropped`.
    pub dropped_beyond: usize,
}

impl Arrival {
    /// Creates a one-time code. Returns the operation that stores the login under this code, and
    /// the code itself.
    pub fn keeping(&self) -> Result<(Operation, String), SessionError> {
        let code = crypto::random_token()?;
        let record = sealed::seal(&code, LABEL, self)?;
        Ok((Operation::put(key(&code), record, TIME_TO_LIVE), code))
    }

    /// Returns the operation that marks the assertion as used, unless it is already marked. The
    /// mark expires only after the assertion can no longer pass the checks. The mark's key is derived
    /// from the issuer's entity ID and the assertion's ID, so the mark is found even if the IdP's
    /// configured ID has changed.
    pub fn marking_as_used(&self) -> Operation {
        let parts = [self.entity.octets(), self.accepted.assertion_id.as_bytes()];
        let key = Key::new(Kind::Replay, crypto::derive_of("rolecall replay", parts));
        Operation::put_if_absent(key, [], MARKED)
    }

    /// Reads the login with this code. The code stays valid.
    pub async fn peek(store: &Store, code: &str) -> Result<Opened<Self>, SessionError> {
        let record = store.get(key(code)).await?;
        Ok(sealed::open(code, LABEL, record.as_deref()))
    }

    /// Whether a login is waiting under this code.
    pub async fn is_waiting(store: &Store, code: &str) -> Result<bool, SessionError> {
        Ok(store.get(key(code)).await?.is_some())
    }

    /// Whether one of these cookies identifies the browser that may finish this login.
    pub fn is_for<'a>(&self, cookies: impl IntoIterator<Item = &'a Browser>) -> bool {
        cookies
            .into_iter()
            .any(|browser| browser.key() == self.browser)
    }
}

/// The remaining lifetime of the one-time code for this session.
pub fn time_left(session: &Prepared, now: DateTime<Utc>) -> Duration {
    let age = (now - session.began_at).to_std().unwrap_or_default();
    TIME_TO_LIVE.saturating_sub(age)
}

/// The store key of the login with this one-time code.
pub fn key(code: &str) -> Key {
    Key::new(Kind::Arrived, sealed::name(code))
}
