//! The store: small records that expire, and the few operations that logins, sessions, counters and
//! lists are built from.
//!
//! [`Backend`] is the interface of an implementation; [`Store`] is what the other modules use. Each
//! operation is atomic, asynchronous and fallible. Operations that do not depend on each other's
//! results can be sent as one batch, which takes one round trip.
//!
//! # Changing a record only once
//!
//! There is no compare-and-swap, and none is needed. A change that may happen only once is a *new*
//! record under a numbered name, written with put-if-absent: of several writers one wins, on one
//! node or many. Attempts use numbered names today; refresh tokens and approvals will.
//!
//! - A refresh token of generation `n` is used by putting the record `family/n+1`. The losers read
//!   what the winner put. The family's own record never changes. The family ends with a mark that
//!   is checked each time.
//! - An approval request is a list of events: event `n` is put under `request/n`, and the events
//!   together give the state of the request. Of two simultaneous decisions, one gets the number;
//!   the other reads the events again and decides again.
//! - If somebody has `n` attempts, each attempt occupies a slot: the records `0` to `n - 1`.

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

/// What a record is for. The kind is part of the key, so a one-time code never opens a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A login in progress, under a name derived from its RelayState.
    Pending,
    /// A verified login that waits for its browser, under a name derived from its one-time code.
    Arrived,
    /// A session, under a name derived from its cookie.
    Session,
    /// A session's assertion, for as long as STS redeems it.
    Assertion,
    /// A mark that an assertion or a LogoutRequest was used.
    Replay,
    /// A logout that waits for the IdP's answer, under a name derived from the request's ID.
    LogoutPending,
    /// A mark that an IdP has ended sessions.
    LoggedOut,
    /// How often a person has signed in recently.
    Logins,
    /// An MFA attempt.
    MfaAttempt,
    /// The list of what a person has open.
    Open,
}

/// Why an operation was not done, or why that is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The store cannot be reached. Nothing was done.
    #[error("the store is not available")]
    Unavailable,
    /// The store did not answer in time. It is unknown whether the operation was done.
    #[error("the store did not answer in time")]
    TimedOut,
    /// The memory for people's records is used up. No existing record is dropped for a new one.
    #[error("the store is full (limits.session_megabytes)")]
    Full,
    /// The memory for marks of used assertions, of logouts or of MFA attempts is used up.
    #[error("there is no room to note another used assertion, logout or MFA attempt")]
    NoMarks,
}

impl StoreError {
    /// Whether it is certain that nothing was done.
    pub fn is_known(self) -> bool {
        self != Self::TimedOut
    }
}

/// A name that does not reveal what it was derived from: see [`crate::crypto::derive`].
pub type Name = [u8; 32];

/// A record's key: its kind and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    kind: Kind,
    name: Name,
}

impl Key {
    /// The key of the record `name` of this kind.
    pub fn new(kind: Kind, name: Name) -> Self {
        Self { kind, name }
    }

    /// What the record is for.
    pub fn kind(self) -> Kind {
        self.kind
    }
}

/// How long a record lives, from now.
pub type TimeToLive = Duration;

/// The bytes of a record, which the store does not interpret.
pub type Octets = Arc<[u8]>;

/// A request to the store.
#[derive(Clone, Debug)]
pub enum Operation {
    /// Writes a record, or replaces it.
    Put {
        /// The record's key.
        key: Key,
        /// The record's bytes.
        value: Octets,
        /// How long the record lives.
        time_to_live: TimeToLive,
    },
    /// Writes a record unless one exists.
    PutIfAbsent {
        /// The record's key.
        key: Key,
        /// The record's bytes.
        value: Octets,
        /// How long the record lives.
        time_to_live: TimeToLive,
    },
    /// Reads a record.
    Get(Key),
    /// Removes a record and returns it. Of several simultaneous callers, one gets it.
    Take(Key),
    /// Adds one to a counter, which begins at 0. The counter ends `time_to_live` after its first
    /// count, and later counts do not extend that.
    Count {
        /// The counter's key.
        key: Key,
        /// How long the counter lives, from its first count.
        time_to_live: TimeToLive,
    },
    /// Adds a member to a set, or extends its life. If the set already has `at_most` other members,
    /// the one that expires first is dropped.
    Add {
        /// The set's key.
        set: Key,
        /// The member's bytes.
        member: Octets,
        /// How long the member lives.
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
    /// The key of the record, counter or set that the operation is about.
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
    /// The operation was done and returns nothing.
    Done,
    /// Whether put-if-absent wrote its record.
    Written(bool),
    /// The record that was read or taken, if there was one.
    Record(Option<Octets>),
    /// The value of the counter, including this count.
    Counted(u64),
    /// The members of a set, in the order in which they expire.
    Members(Vec<Octets>),
}

impl Outcome {
    /// Whether put-if-absent wrote its record; `false` for any other operation.
    pub fn is_written(&self) -> bool {
        *self == Self::Written(true)
    }

    /// The record that was read or taken, if there was one.
    pub fn record(self) -> Option<Octets> {
        match self {
            Self::Record(record) => record,
            _ => None,
        }
    }
}

/// Operations that are sent together. There are usually few, so they need no heap allocation.
pub type Batch = SmallVec<[Operation; 4]>;

/// The result of each operation of a batch, in the same order.
pub type Outcomes = SmallVec<[Result<Outcome, StoreError>; 4]>;

/// Whether a new person may sign in, and how full the store is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// Whether somebody new may sign in. The remaining memory is reserved for people who are signed
    /// in already and need a new assertion.
    pub has_room: bool,
    /// How full the store is, if it knows.
    pub taken: Option<Taken>,
}

/// How full the store is with records that may not be dropped, in percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Records of people who are signed in, or about to be.
    pub sessions: u64,
    /// Marks of used assertions.
    pub used_assertions: u64,
    /// Marks of logouts by an IdP.
    pub logouts: u64,
}

/// The interface of a store implementation.
pub trait Backend: fmt::Debug + Send + Sync {
    /// Runs one operation, atomically.
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome, StoreError>>;

    /// Runs several operations in order, in one round trip. Each is atomic and has its own result,
    /// in the same order. The batch is not atomic, and a failed operation does not prevent the
    /// others.
    fn run_all(&self, operations: Batch) -> BoxFuture<'_, Outcomes>;

    /// Whether somebody new may sign in. This is called at each login and every few seconds, so a
    /// store that must remove expired records does it here.
    fn admission(&self) -> Admission;
}

/// The store. Clones share the same backend.
#[derive(Clone, Debug)]
pub struct Store(Arc<dyn Backend>);

/// A store in this process's memory, which is lost when the process ends. The records of people who
/// are signed in, or on the way from the IdP to their session, take at most this many megabytes;
/// `None` means no limit.
pub fn in_memory(megabytes: Option<u32>) -> Store {
    Store::new(memory::MemoryStore::with_megabytes(megabytes))
}

impl Default for Store {
    fn default() -> Self {
        Self::new(memory::MemoryStore::default())
    }
}

impl Store {
    /// A store on top of `backend`.
    pub fn new(backend: impl Backend + 'static) -> Self {
        Self(Arc::new(backend))
    }

    /// A memory store that has no room to note what an IdP has ended.
    #[cfg(test)]
    pub fn without_room_for_logouts() -> Self {
        Self::new(memory::MemoryStore::without_room_for_logouts())
    }

    /// Whether somebody new may sign in: see [`Backend::admission`].
    pub fn admission(&self) -> Admission {
        self.0.admission()
    }

    /// Writes a record, or replaces it.
    pub async fn put(
        &self,
        key: Key,
        value: impl Into<Octets>,
        time_to_live: TimeToLive,
    ) -> Result<(), StoreError> {
        let operation = Operation::put(key, value, time_to_live);
        self.0.run(operation).await.map(drop)
    }

    /// Writes a record unless one exists, and returns whether it did.
    pub async fn put_if_absent(
        &self,
        key: Key,
        value: impl Into<Octets>,
        time_to_live: TimeToLive,
    ) -> Result<bool, StoreError> {
        let operation = Operation::put_if_absent(key, value, time_to_live);
        Ok(self.0.run(operation).await?.is_written())
    }

    /// Reads a record.
    pub async fn get(&self, key: Key) -> Result<Option<Octets>, StoreError> {
        Ok(self.0.run(Operation::Get(key)).await?.record())
    }

    /// Removes a record and returns it, if there is one.
    pub async fn take(&self, key: Key) -> Result<Option<Octets>, StoreError> {
        Ok(self.0.run(Operation::Take(key)).await?.record())
    }

    /// Adds one to a counter and returns its value: see [`Operation::Count`].
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

    /// Runs several operations in one round trip and returns the result of each: see
    /// [`Backend::run_all`].
    pub async fn each(&self, operations: impl IntoIterator<Item = Operation>) -> Outcomes {
        self.0.run_all(operations.into_iter().collect()).await
    }

    /// The same if all must succeed: returns the first error, if there is one.
    pub async fn all(
        &self,
        operations: impl IntoIterator<Item = Operation>,
    ) -> Result<SmallVec<[Outcome; 4]>, StoreError> {
        self.each(operations).await.into_iter().collect()
    }
}

#[cfg(test)]
pub(crate) mod faults;
