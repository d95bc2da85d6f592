//! The store: small sealed records with an expiry, and two operations that matter, both atomic:
//! put-if-absent and take.

pub mod memory;
pub mod sealed;

use std::time::Duration;

use thiserror::Error;

pub use memory::MemoryStore;

/// What a record is for; it becomes part of its key, so that a code never opens a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A login in progress, under its RelayState.
    Pending,
    /// A verified login that waits for its browser, under its one-time code.
    Arrived,
    /// A session, under a value derived from its cookie.
    Session,
    /// An assertion or a LogoutRequest that was used.
    Replay,
    /// A logout that waits for the IdP's answer, under the request's ID.
    LogoutPending,
    /// Sessions that the IdP has ended.
    LoggedOut,
}

/// The store cannot be used.
#[derive(Clone, Debug, Error)]
#[error("the store is not available")]
pub struct StoreError;

/// A record's key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    kind: Kind,
    name: String,
}

impl Key {
    /// The record `name` of this kind.
    pub fn new(kind: Kind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
        }
    }
}

/// How long a record lives, from now.
pub type TimeToLive = Duration;
