//! A login in progress: our AuthnRequest, the browser that started the login, and the page or
//! request that follows the login.

use std::time::Duration;

use chrono::serde::ts_microseconds;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::SessionError;
use crate::crypto;
use crate::saml::Person;
use crate::saml::idp::EntityKey;
use crate::saml::request::RESPONSE_DEADLINE;
use crate::store::sealed::{self, Opened};
use crate::store::{Key, Kind, Operation, Store};

/// How long a person may take to sign in at the IdP.
pub const TIME_TO_LIVE: Duration =
    Duration::from_secs(RESPONSE_DEADLINE.num_seconds().unsigned_abs());

const LABEL: &str = "pending";

/// A login in progress. Its record can be found and opened only with its RelayState.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// The ID of our AuthnRequest.
    pub request_id: String,
    /// When we sent the AuthnRequest.
    #[serde(with = "ts_microseconds")]
    pub asked_at: DateTime<Utc>,
    /// The configured ID of the IdP that we sent the AuthnRequest to.
    pub idp: String,
    /// The digest of the entity ID that the IdP had when we sent the AuthnRequest. It is stored
    /// because the IdP's configured ID may later refer to another entity.
    pub entity: EntityKey,
    /// The fingerprint of the browser that started the login.
    pub browser: String,
    /// Whether the person must sign in again for this login, even if our configuration does not
    /// require this.
    pub anew: bool,
    /// Whether the browser had a session when the login began. If so, the login is accepted even
    /// when the store has no room for new people.
    pub is_renewal: bool,
    /// Where the browser goes after the login.
    pub next: Next,
}

/// Where the browser goes after a login.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Next {
    /// Opens our page with this path.
    Page(String),
    /// Follows a link to a role (`/go`).
    Link {
        /// The query string of `/go`.
        query: String,
        /// Whether the page submits its form as soon as it loads, because the person typed the URL
        /// or used a bookmark.
        at_once: bool,
    },
    /// Repeats a request that required a session, a newer assertion or a newer sign-in.
    Action(Box<Action>),
}

/// A request for credentials, a console sign-in or the result of an AWS tool. The request is
/// repeated after a new login.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Action {
    /// The path to which the request is sent, such as `/credentials`.
    pub path: String,
    /// The names and values of the request's form fields.
    pub fields: Vec<(String, String)>,
    /// The person who made the request. If someone else signs in, the request is not repeated.
    /// `None` if there was no valid session when the request was made.
    pub person: Option<Person>,
}

impl Pending {
    /// Creates a RelayState. Returns the operation that stores the login under this RelayState, and
    /// the RelayState itself.
    pub fn keeping(&self) -> Result<(Operation, String), SessionError> {
        let relay_state = crypto::random_token()?;
        let record = sealed::seal(&relay_state, LABEL, self)?;
        let operation = Operation::put(key(&relay_state), record, TIME_TO_LIVE);
        Ok((operation, relay_state))
    }

    /// Reads the login with this RelayState. The login stays in progress.
    pub async fn peek(store: &Store, relay_state: &str) -> Result<Opened<Self>, SessionError> {
        let record = store.get(key(relay_state)).await?;
        Ok(sealed::open(relay_state, LABEL, record.as_deref()))
    }

    /// The time until the login expires.
    pub fn time_left(&self, now: DateTime<Utc>) -> Duration {
        let gone = (now - self.asked_at).to_std().unwrap_or_default();
        TIME_TO_LIVE.saturating_sub(gone)
    }
}

/// The store key of the login in progress with this RelayState.
pub fn key(relay_state: &str) -> Key {
    Key::new(Kind::Pending, sealed::name(relay_state))
}
