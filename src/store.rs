//! The store: small records, counters and sets that expire, and the few operations on them.
//!
//! Other modules use [`Store`], and each kind of store implements [`Backend`]. Each operation is
//! atomic, asynchronous and fallible. Operations that do not depend on each other's results can be
//! sent as one batch, which takes a single round trip.
//!
//! # Changing a record only once
//!
//! There is no compare-and-swap operation, because none is needed. To make a change that may happen
//! only once, the code writes a *new* record under a numbered name with put-if-absent. Of several
//! writers, exactly one succeeds, even if they are on different nodes.
//!
//! MFA attempts use this pattern: if a person is allowed `n` attempts, there are `n` slots, which
//! are the records `0` to `n - 1`. Each attempt occupies one slot. Two future features will use the
//! same pattern:
//!
//! - Refresh tokens: using the token of generation `n` writes the record `family/n+1`. If the token
//!   is used several times at once, one use writes the record, and the others read it. The record
//!   of the token family never changes. To end the family, a mark is written, which is checked on
//!   each use.
//! - Approvals: an approval request is a list of events. Event `n` is written as `request/n`, and
//!   the state of the request is computed from all its events. If two decisions are made at the
//!   same time, one gets the next number. The other must be made again, based on the events that
//!   then exist.

mod memory;
mod room;
pub mod sealed;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Serialize;
use smallvec::SmallVec;
use thiserror::Error;

pub use memory::OTHER_TABLES_BYTES;

/// The purpose of a record. The kind is part of the record's key, so a one-time code, for example,
/// can never open a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A verified login that waits for its browser, under a name derived from its one-time code.
    Arrived,
    /// A session, under a name derived from the token in its cookie.
    Session,
    /// A session's assertion, kept for as long as STS accepts it.
    Assertion,
    /// A mark, which records that an assertion, an AuthnRequest or a LogoutRequest has been used.
    Replay,
    /// A mark, which records that our LogoutRequest waits for the IdP's response. The name of the
    /// mark is derived from the request's ID and the IdP's entity ID.
    LogoutPending,
    /// A mark, which records that an IdP has ended one or all of a person's sessions.
    LoggedOut,
    /// The number of a person's recent logins.
    Logins,
    /// An MFA attempt, which occupies one of a few slots.
    MfaAttempt,
    /// Reserved for a set of items per person. Only the readiness check writes a record of this kind
    /// today.
    Open,
}

/// Why an operation failed, or why its outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The store cannot be reached. The operation was not executed.
    #[error("the store is not available")]
    Unavailable,
    /// The store did not respond in time. It is unknown whether the operation was executed.
    #[error("the store did not respond in time")]
    TimedOut,
    /// The memory for sessions, assertions and verified logins (`limits.session_megabytes`) is used
    /// up, or the rest is reserved for renewals. No existing record is dropped to make room for a
    /// new one.
    #[error("the store is full (limits.session_megabytes)")]
    Full,
    /// The memory for marks of used messages, for marks of ended sessions or for MFA attempts is
    /// used up.
    #[error("there is no room to record another used assertion, logout or MFA attempt")]
    NoMarks,
}

impl StoreError {
    /// Whether it is certain that the operation was not executed.
    pub fn is_known(self) -> bool {
        self != Self::TimedOut
    }
}

/// The name of a record. The name does not reveal the value from which it was derived (see
/// [`crate::crypto::derive`]).
pub type Name = [u8; 32];

/// The key of a record: its kind and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    kind: Kind,
    name: Name,
}

impl Key {
    /// Builds the key of the record with this kind and name.
    pub fn new(kind: Kind, name: Name) -> Self {
        Self { kind, name }
    }

    /// The purpose of the record.
    pub fn kind(self) -> Kind {
        self.kind
    }
}

/// The time after which a record, a counter or a member of a set expires.
pub type TimeToLive = Duration;

/// The bytes of a record or of a member of a set. The store does not interpret them.
pub type Octets = Arc<[u8]>;

/// An operation for the store to execute.
#[derive(Clone, Debug)]
pub enum Operation {
    /// Writes a record. An existing record with the same key is replaced.
    Put {
        /// The key under which the record is written.
        key: Key,
        /// The content of the record.
        value: Octets,
        /// The time after which the record expires.
        time_to_live: TimeToLive,
    },
    /// Writes a record, unless a record with the same key exists.
    PutIfAbsent {
        /// The key under which the record is written.
        key: Key,
        /// The content of the record.
        value: Octets,
        /// The time after which the record expires.
        time_to_live: TimeToLive,
    },
    /// Reads a record.
    Get(Key),
    /// Removes a record and returns it. Of several simultaneous callers, only one gets the record.
    Take(Key),
    /// Adds one to a counter, which starts at 0. The counter expires `time_to_live` after its first
    /// count. Later counts do not extend the counter's lifetime.
    Count {
        /// The counter's key.
        key: Key,
        /// The lifetime of the counter, measured from its first count.
        time_to_live: TimeToLive,
    },
    /// Adds a member to a set, or resets the lifetime of an existing member. If the set contains
    /// `at_most` other members, the member that expires first is dropped.
    Add {
        /// The set's key.
        set: Key,
        /// The member's bytes.
        member: Octets,
        /// The time after which the member expires.
        time_to_live: TimeToLive,
        /// The maximum number of members in the set.
        at_most: usize,
    },
    /// Removes a member from a set.
    Remove {
        /// The set's key.
        set: Key,
        /// The member's bytes.
        member: Octets,
    },
    /// Reads the members of a set, in the order in which they expire.
    List(Key),
}

impl Operation {
    /// The key of the record, counter or set that the operation applies to.
    pub fn key(&self) -> Key {
        match self {
            Self::Put { key, .. }
            | Self::PutIfAbsent { key, .. }
            | Self::Get(key)
            | Self::Take(key)
            | Self::Count { key, .. }
            | Self::Add { set: key, .. }
            | Self::Remove { set: key, .. }
            | Self::List(key) => *key,
        }
    }

    /// Builds an [`Operation::Put`].
    pub fn put(key: Key, value: impl Into<Octets>, time_to_live: TimeToLive) -> Self {
        let value = value.into();
        Self::Put {
            key,
            value,
            time_to_live,
        }
    }

    /// Builds an [`Operation::PutIfAbsent`].
    pub fn put_if_absent(key: Key, value: impl Into<Octets>, time_to_live: TimeToLive) -> Self {
        let value = value.into();
        Self::PutIfAbsent {
            key,
            value,
            time_to_live,
        }
    }
}

/// The result of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The operation was executed and returned no value.
    Done,
    /// Whether [`Operation::PutIfAbsent`] wrote the record.
    Written(bool),
    /// The record that was read or taken, if there was one.
    Record(Option<Octets>),
    /// The new value of the counter, including this count.
    Counted(u64),
    /// The members of a set, in the order in which they expire.
    Members(Vec<Octets>),
}

impl Outcome {
    /// Whether put-if-absent wrote its record; `false` for any other operation.
    pub fn is_written(&self) -> bool {
        *self == Self::Written(true)
    }

    /// The record that was read or taken. `None` if there was no record; also `None` for any other
    /// operation.
    pub fn record(self) -> Option<Octets> {
        match self {
            Self::Record(record) => record,
            _ => None,
        }
    }
}

/// Operations that are sent together. There are usually few, so they need no heap allocation.
pub type Batch = SmallVec<[Operation; 4]>;

/// The results of a batch, in the order of its operations.
pub type Outcomes = SmallVec<[Result<Outcome, StoreError>; 4]>;

/// Whether new people may sign in, and how full the store is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// Whether new people may sign in. If not, the remaining memory is reserved for people who are
    /// signed in and need a new assertion.
    pub has_room: bool,
    /// How full the store is, if the backend can report it.
    pub taken: Option<Taken>,
    /// How many records have been dropped to make room for others since the store was created. Only
    /// marks of our own LogoutRequests and counts of logins may be dropped.
    pub evicted: u64,
}

/// The percentage of memory in use, for each of three groups of records that must not be dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// The memory for sessions, assertions and verified logins.
    pub sessions: u64,
    /// The memory for marks of used assertions and LogoutRequests.
    pub used_assertions: u64,
    /// The memory for marks of sessions that an IdP has ended.
    pub logouts: u64,
}

/// The interface of a store implementation.
pub trait Backend: fmt::Debug + Send + Sync {
    /// Executes one operation, atomically.
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome, StoreError>>;

    /// Executes several operations in order, in one round trip, and returns their results in the
    /// same order. Each operation is atomic, but the batch is not. If an operation fails, the
    /// others are still executed.
    fn run_all(&self, operations: Batch) -> BoxFuture<'_, Outcomes>;

    /// Whether new people may sign in, and how full the store is. This method is called during each
    /// login and every few seconds. A backend that must remove expired records itself can do so
    /// here.
    fn admission(&self) -> Admission;
}

/// The store. Clones share the same backend.
#[derive(Clone, Debug)]
pub struct Store(Arc<dyn Backend>);

/// Creates a store in this process's memory. The records are lost when the process ends.
/// `megabytes` limits the memory for sessions, assertions and verified logins. `None` means no
/// limit.
pub fn in_memory(megabytes: Option<u32>) -> Store {
    Store::new(memory::MemoryStore::with_megabytes(megabytes))
}

impl Default for Store {
    fn default() -> Self {
        Self::new(memory::MemoryStore::default())
    }
}

impl Store {
    /// Creates a store with this backend.
    pub fn new(backend: impl Backend + 'static) -> Self {
        Self(Arc::new(backend))
    }

    /// A memory store with no room for marks of sessions that an IdP has ended.
    #[cfg(test)]
    pub fn without_room_for_logouts() -> Self {
        Self::new(memory::MemoryStore::without_room_for_logouts())
    }

    /// Whether new people may sign in, and how full the store is: see [`Backend::admission`].
    pub fn admission(&self) -> Admission {
        self.0.admission()
    }

    /// Writes a record. An existing record with the same key is replaced.
    pub async fn put(
        &self,
        key: Key,
        value: impl Into<Octets>,
        time_to_live: TimeToLive,
    ) -> Result<(), StoreError> {
        let operation = Operation::put(key, value, time_to_live);
        self.0.run(operation).await.map(drop)
    }

    /// Writes a record, unless a record with the same key exists. Returns whether the record was
    /// written.
    pub async fn put_if_absent(
        &self,
        key: Key,
        value: impl Into<Octets>,
        time_to_live: TimeToLive,
    ) -> Result<bool, StoreError> {
        let operation = Operation::put_if_absent(key, value, time_to_live);
        Ok(self.0.run(operation).await?.is_written())
    }

    /// Reads a record. Returns `None` if there is no record with this key.
    pub async fn get(&self, key: Key) -> Result<Option<Octets>, StoreError> {
        Ok(self.0.run(Operation::Get(key)).await?.record())
    }

    /// Removes a record and returns it. Returns `None` if there is no record with this key.
    pub async fn take(&self, key: Key) -> Result<Option<Octets>, StoreError> {
        Ok(self.0.run(Operation::Take(key)).await?.record())
    }

    /// Adds one to a counter and returns its new value: see [`Operation::Count`].
    pub async fn count(&self, key: Key, time_to_live: TimeToLive) -> Result<u64, StoreError> {
        match self.0.run(Operation::Count { key, time_to_live }).await? {
            Outcome::Counted(count) => Ok(count),
            _ => Err(StoreError::Unavailable),
        }
    }

    /// Adds a member to a set: see [`Operation::Add`].
    pub async fn add(
        &self,
        set: Key,
        member: impl Into<Octets>,
        time_to_live: TimeToLive,
        at_most: usize,
    ) -> Result<(), StoreError> {
        let operation = Operation::Add {
            set,
            member: member.into(),
            time_to_live,
            at_most,
        };
        self.0.run(operation).await.map(drop)
    }

    /// Removes a member from a set.
    pub async fn remove(&self, set: Key, member: impl Into<Octets>) -> Result<(), StoreError> {
        let member = member.into();
        let removed = self.0.run(Operation::Remove { set, member });
        removed.await.map(drop)
    }

    /// Reads the members of a set, in the order in which they expire.
    pub async fn list(&self, set: Key) -> Result<Vec<Octets>, StoreError> {
        match self.0.run(Operation::List(set)).await? {
            Outcome::Members(members) => Ok(members),
            _ => Err(StoreError::Unavailable),
        }
    }

    /// Executes several operations in one round trip and returns the result of each: see
    /// [`Backend::run_all`].
    pub async fn each(&self, operations: impl IntoIterator<Item = Operation>) -> Outcomes {
        self.0.run_all(operations.into_iter().collect()).await
    }

    /// Executes several operations in one round trip, as [`Store::each`] does. If any of them fail,
    /// returns the error from the first of them.
    pub async fn all(
        &self,
        operations: impl IntoIterator<Item = Operation>,
    ) -> Result<SmallVec<[Outcome; 4]>, StoreError> {
        self.each(operations).await.into_iter().collect()
    }
}

#[cfg(test)]
pub(crate) mod faults;
