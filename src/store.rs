//! The store: small sealed records with an expiry, and two operations that matter, both atomic:
//! put-if-absent and take.

pub mod memory;
mod room;
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
    /// A session's assertion, for as long as STS redeems it.
    Assertion,
    /// An assertion or a LogoutRequest that was used.
    Replay,
    /// A logout that waits for the IdP's answer, under the request's ID.
    LogoutPending,
    /// Sessions that the IdP has ended.
    LoggedOut,
}

/// The store did not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// It cannot be used.
    #[error("the store is not available")]
    Unavailable,
    /// What it may hold of people, it holds; nobody's record is given up for a new one.
    #[error("the store is full (limits.session_megabytes)")]
    Full,
    /// The same of marks of used assertions, or of logouts.
    #[error("there is no room to note another used assertion or logout")]
    NoMarks,
}

/// A name that does not tell what it was derived from: see [`crate::crypto::derive`].
pub type Name = [u8; 32];

/// A record's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    kind: Kind,
    name: Name,
}

impl Key {
    /// The record `name` of this kind.
    pub fn new(kind: Kind, name: Name) -> Self {
        Self { kind, name }
    }
}

/// How long a record lives, from now.
pub type TimeToLive = Duration;
