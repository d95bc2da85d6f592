//! Logins in progress: what we asked an IdP, for which browser, and what comes next.

use std::time::Duration;

use chrono::serde::ts_microseconds;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::SessionError;
use crate::crypto;
use crate::saml::Person;
use crate::saml::idp::EntityKey;
use crate::saml::request::ANSWERABLE_FOR;
use crate::store::sealed::{self, Opened};
use crate::store::{Key, Kind, Operation, Store};

/// How long a person may take to sign in at the IdP.
pub const TIME_TO_LIVE: Duration = Duration::from_secs(ANSWERABLE_FOR.num_seconds().unsigned_abs());

const LABEL: &str = "pending";

/// A login in progress. Its RelayState is the only way to its record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// The ID of our AuthnRequest.
    pub request_id: String,
    /// When we sent the AuthnRequest.
    #[serde(with = "ts_microseconds")]
    pub asked_at: DateTime<Utc>,
    /// The configured ID of the IdP that we asked.
    pub idp: String,
    /// The entity that the IdP was then: the same ID may later refer to another IdP.
    pub entity: EntityKey,
    /// The fingerprint of the browser that started the login.
    pub browser: String,
    /// Whether this login asked the IdP to make the person sign in again, beyond the configured
    /// wishes.
    pub anew: bool,
    /// Whether the browser had a session. If so, it is not turned away when there is no room for
    /// new people.
    pub is_renewal: bool,
    /// What the browser does after the login.
    pub next: Next,
}

/// What the browser does after the login.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Next {
    /// Opens one of our pages, by its path.
    Page(String),
    /// Follows a link to a role.
    Link {
        /// The query string of `/go`.
        query: String,
        /// Whether to continue without a button press, because the person typed the link or saved
        /// it.
        at_once: bool,
    },
    /// Repeats a request that needed a newer assertion or sign-in.
    Action(Box<Action>),
}

/// A request for credentials or the console, to be completed after a new login.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Action {
    /// The path of the page that handles it: `/credentials`, `/credentials/several` or `/console`.
    pub path: String,
    /// The names and values of the form's fields.
    pub fields: Vec<(String, String)>,
    /// Whether the person must sign in again at the IdP first: a step-up.
    pub anew: bool,
    /// The person who made the request. If somebody else signs in, the request is dropped. `None`
    /// if the session had already ended.
    pub person: Option<Person>,
}

impl Pending {
    /// The operation that stores the login under a new RelayState, and the RelayState.
    pub fn keeping(&self) -> Result<(Operation, String), SessionError> {
        let relay_state = crypto::random_token()?;
        let record = sealed::seal(&relay_state, LABEL, self)?;
        let operation = Operation::put(key(&relay_state), record, TIME_TO_LIVE);
        Ok((operation, relay_state))
    }

    /// Reads the login with this RelayState, which stays in progress.
    pub async fn peek(store: &Store, relay_state: &str) -> Result<Opened<Self>, SessionError> {
        let record = store.get(key(relay_state)).await?;
        Ok(sealed::open(relay_state, LABEL, record.as_deref()))
    }

    /// How much longer the login is in progress.
    pub fn time_left(&self, now: DateTime<Utc>) -> Duration {
        let gone = (now - self.asked_at).to_std().unwrap_or_default();
        TIME_TO_LIVE.saturating_sub(gone)
    }
}

/// The key of the login in progress with this RelayState.
pub fn key(relay_state: &str) -> Key {
    Key::new(Kind::Pending, sealed::name(relay_state))
}
