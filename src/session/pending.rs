//! Logins in progress: what we asked an IdP, for which browser, and what comes after.

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

/// How long a person may take at the IdP.
pub const TIME_TO_LIVE: Duration = Duration::from_secs(ANSWERABLE_FOR.num_seconds().unsigned_abs());

const LABEL: &str = "pending";

/// A login in progress; its RelayState is the only way to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// The ID of our AuthnRequest.
    pub request_id: String,
    /// When we asked.
    #[serde(with = "ts_microseconds")]
    pub asked_at: DateTime<Utc>,
    /// The configured id of the IdP that we asked.
    pub idp: String,
    /// Which entity it was then: the same id may come to mean another IdP.
    pub entity: EntityKey,
    /// The fingerprint of the browser that started it.
    pub browser: String,
    /// Whether the person was to be asked anew, beyond what the IdP is always asked.
    pub anew: bool,
    /// Whether the browser had a session: it is not turned away where there is no room for new ones.
    pub is_renewal: bool,
    /// What comes after.
    pub next: Next,
}

/// What a finished login goes on with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Next {
    /// A path of ours.
    Page(String),
    /// A link to a role: its query, and whether the person typed or kept it, so that it needs no press.
    Link {
        /// The query of `/go`.
        query: String,
        /// Whether to go on at once.
        at_once: bool,
    },
    /// What the person had asked for when the assertion proved too old.
    Action(Box<Action>),
}

/// A request for credentials or the console, to be finished after a new login.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Action {
    /// The page that does it: `/credentials`, `/credentials/several` or `/console`.
    pub path: String,
    /// Its form.
    pub fields: Vec<(String, String)>,
    /// Whether the person is to be asked anew on the way: a step-up.
    pub anew: bool,
    /// Who asked; somebody else who signs in does not get it. `None` when the session had ended.
    pub person: Option<Person>,
}

impl Pending {
    /// What keeps it under a new RelayState, and the RelayState.
    pub fn keeping(&self) -> Result<(Operation, String), SessionError> {
        let relay_state = crypto::random_token()?;
        let record = sealed::seal(&relay_state, LABEL, self)?;
        let operation = Operation::put(key(&relay_state), record, TIME_TO_LIVE);
        Ok((operation, relay_state))
    }

    /// The login of this RelayState, which stays in progress.
    pub async fn peek(store: &Store, relay_state: &str) -> Result<Opened<Self>, SessionError> {
        let record = store.get(key(relay_state)).await?;
        Ok(sealed::open(relay_state, LABEL, record.as_deref()))
    }

    /// How much longer it is in progress.
    pub fn time_left(&self, now: DateTime<Utc>) -> Duration {
        let gone = (now - self.asked_at).to_std().unwrap_or_default();
        TIME_TO_LIVE.saturating_sub(gone)
    }
}

/// The key of the login in progress with this RelayState.
pub fn key(relay_state: &str) -> Key {
    Key::new(Kind::Pending, sealed::name(relay_state))
}
