//! Where the browser goes after a login.

use serde::{Deserialize, Serialize};

use crate::saml::PersonKey;

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
    /// `None` if nobody was signed in when the request was made, or if the person cannot be
    /// recognized at another login.
    pub person: Option<PersonKey>,
}
