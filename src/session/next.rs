//! Where the browser goes after a login.

use serde::{Deserialize, Serialize};

use crate::crypto;
use crate::saml::Person;

/// The path of the portal, where a login ends if nothing else was requested.
const PORTAL: &str = "/";

/// Where the browser goes after a login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

impl Next {
    /// The portal, where a login ends if nothing else was requested.
    pub fn portal() -> Self {
        Self::Page(PORTAL.to_owned())
    }

    /// Whether the login ends at the portal.
    pub fn is_portal(&self) -> bool {
        matches!(self, Self::Page(path) if path == PORTAL)
    }
}

/// A request for credentials, a console sign-in or the result of an AWS tool. The request is
/// repeated after a new login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// The path to which the request is sent, such as `/credentials`.
    pub path: String,
    /// The names and values of the request's form fields.
    pub fields: Vec<(String, String)>,
    /// The person who made the request. If someone else signs in, the request is not repeated.
    /// `None` if there was no valid session when the request was made.
    pub person: Option<PersonKey>,
}

/// A short digest of a person: of the IdP's configured ID and the NameID. A browser may keep the
/// digest longer than the person's session lasts, so it does not contain the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonKey([u8; 16]);

impl PersonKey {
    /// Computes the digest of this person.
    pub fn of(person: &Person) -> Self {
        let parts = [person.idp.as_bytes(), person.name_id.as_bytes()];
        let digest = crypto::derive_of("rolecall person", parts);
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        Self(key)
    }
}
