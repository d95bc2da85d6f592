//! The store: small records with an expiry, and the few operations that logins, sessions, counters and
//! lists are built from.
//!
//! [`Backend`] is the interface that an implementation has; [`Store`] is what the other rooms use. Each
//! operation is atomic, asynchronous and fallible. Several that need no answer of each other go as one
//! batch, which is one round trip.
//!
//! # Changing a record once only
//!
//! There is no compare-and-swap, and none is needed. A change that may happen only once is a *new* record
//! under a numbered name, written with put-if-absent: of several writers one wins, on one node or many.
//! Attempts use numbered names today; refresh tokens and approvals will.
//!
//! - A refresh token of generation `n` is used by putting the record `family/n+1`. Who loses reads what
//!   the winner put. The family's own record never changes; its end is a mark that is looked at each time.
//! - A request for approval is a list of events: event `n` is put under `request/n`, and what the request
//!   has come to is what its events add up to. Of two decisions at once one gets the number; the other
//!   reads the events again and decides anew.
//! - Of `n` attempts that somebody has, each takes a slot: the records `0` to `n - 1`.

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

pub use memory::BESIDE_PEOPLE_BYTES;

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
    /// An assertion, a login in progress or a LogoutRequest that was used.
    Replay,
    /// A logout that waits for the IdP's answer, under the request's ID.
    LogoutPending,
    /// Sessions that the IdP has ended.
    LoggedOut,
    /// How often a person has signed in lately.
    Logins,
    /// An attempt at the code of an MFA device.
    MfaAttempt,
    /// What a person has open.
    Open,
}

/// The store did not do it, or did not say whether it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// It cannot be used, and has done nothing.
    #[error("the store is not available")]
    Unavailable,
    /// It did not answer in time: nobody knows whether it was done.
    #[error("the store did not answer in time")]
    TimedOut,
    /// The room for people's records is used up; nobody's record is given up for a new one.
    #[error("the store is full (limits.session_megabytes)")]
    Full,
    /// The same of marks of used assertions, of logouts and of MFA attempts.
    #[error("there is no room to note another used assertion, logout or MFA attempt")]
    NoMarks,
}

impl StoreError {
    /// Whether it is known that nothing was done.
    pub fn is_known(self) -> bool {
        self != Self::TimedOut
    }
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

    /// What the record is for.
    pub fn kind(self) -> Kind {
        self.kind
    }
}

/// How long a record lives, from now.
pub type TimeToLive = Duration;

/// What a record holds: octets that the store does not look into.
pub type Octets = Arc<[u8]>;

/// One thing that the store is asked to do.
#[derive(Clone, Debug)]
pub enum Operation {
    /// Writes a record, or replaces it.
    Put {
        /// Its key.
        key: Key,
        /// What it holds.
        value: Octets,
        /// How long it lives.
        time_to_live: TimeToLive,
    },
    /// Writes a record unless there is one.
    PutIfAbsent {
        /// Its key.
        key: Key,
        /// What it holds.
        value: Octets,
        /// How long it lives.
        time_to_live: TimeToLive,
    },
    /// Reads a record.
    Get(Key),
    /// Removes a record and returns it: of several callers at once, one gets it.
    Take(Key),
    /// Adds one to a counter, which begins at 0. It ends `time_to_live` after its first count, and not
    /// later because more is counted.
    Count {
        /// Its key.
        key: Key,
        /// How long it lives from its first count.
        time_to_live: TimeToLive,
    },
    /// Adds a member to a set, or makes it live longer. Where there are `at_most` others, the one that
    /// ends first goes.
    Add {
        /// The set's key.
        set: Key,
        /// The member.
        member: Octets,
        /// How long the member lives.
        time_to_live: TimeToLive,
        /// How many members the set has at most.
        at_most: usize,
    },
    /// Removes a member of a set.
    Remove {
        /// The set's key.
        set: Key,
        /// The member.
        member: Octets,
    },
    /// Reads the members of a set, the one that ends first in front.
    List(Key),
}

impl Operation {
    /// The key of the record that it is about.
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

    /// [`Operation::Put`].
    pub fn put(key: Key, value: impl Into<Octets>, time_to_live: TimeToLive) -> Self {
        let value = value.into();
        Self::Put {
            key,
            value,
            time_to_live,
        }
    }

    /// [`Operation::PutIfAbsent`].
    pub fn put_if_absent(key: Key, value: impl Into<Octets>, time_to_live: TimeToLive) -> Self {
        let value = value.into();
        Self::PutIfAbsent {
            key,
            value,
            time_to_live,
        }
    }
}

/// What came of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done, and there is nothing to tell.
    Done,
    /// Whether put-if-absent wrote its record.
    Written(bool),
    /// The record that was read or taken, if there was one.
    Record(Option<Octets>),
    /// How often was counted, this time included.
    Counted(u64),
    /// The members of a set.
    Members(Vec<Octets>),
}

impl Outcome {
    /// Whether a record was written; false of what wrote none.
    pub fn is_written(&self) -> bool {
        *self == Self::Written(true)
    }

    /// The record that was read or taken.
    pub fn record(self) -> Option<Octets> {
        match self {
            Self::Record(record) => record,
            _ => None,
        }
    }
}

/// Operations that go together: mostly few, and so without memory of their own.
pub type Batch = SmallVec<[Operation; 4]>;

/// What came of each operation of a batch, in its order.
pub type Outcomes = SmallVec<[Result<Outcome, StoreError>; 4]>;

/// Whether a new person may come in, and how full it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// Whether somebody new may sign in. The last of the room is kept for people who are signed in
    /// already and need a new assertion.
    pub has_room: bool,
    /// How much is taken, where the store knows.
    pub taken: Option<Taken>,
}

/// How much is taken of what may not be given up, in hundredths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// By people who are signed in, or about to be.
    pub sessions: u64,
    /// By marks of used assertions.
    pub used_assertions: u64,
    /// By marks of logouts that an IdP has asked for.
    pub logouts: u64,
}

/// What an implementation of the store does.
pub trait Backend: fmt::Debug + Send + Sync {
    /// Does one operation, atomically.
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome, StoreError>>;

    /// Does several in their order, in one round trip. Each is atomic and has an outcome of its own, in
    /// the same order; all together are not atomic, and one that fails keeps no other from being done.
    fn run_all(&self, operations: Batch) -> BoxFuture<'_, Outcomes>;

    /// Whether somebody new may come in. It is asked at each login and every few seconds: a store that
    /// has to tidy up does so here.
    fn admission(&self) -> Admission;
}

/// The store. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Store(Arc<dyn Backend>);

/// In this process's memory: people who are signed in, or on the way from the IdP to their session,
/// take at most so many megabytes; without a number, whatever there is. It is gone with the process.
pub fn in_memory(megabytes: Option<u32>) -> Store {
    Store::new(memory::MemoryStore::with_megabytes(megabytes))
}

impl Default for Store {
    fn default() -> Self {
        Self::new(memory::MemoryStore::default())
    }
}

impl Store {
    /// The store that `backend` keeps.
    pub fn new(backend: impl Backend + 'static) -> Self {
        Self(Arc::new(backend))
    }

    /// In memory, without room to note what an IdP has ended.
    #[cfg(test)]
    pub fn without_room_for_logouts() -> Self {
        Self::new(memory::MemoryStore::without_room_for_logouts())
    }

    /// Whether somebody new may come in.
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

    /// Writes a record unless there is one, and says whether it did.
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

    /// Removes a record and returns it.
    pub async fn take(&self, key: Key) -> Result<Option<Octets>, StoreError> {
        Ok(self.0.run(Operation::Take(key)).await?.record())
    }

    /// Adds one to a counter, and says how often was counted.
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

    /// Removes a member of a set.
    pub async fn remove(&self, set: Key, member: impl Into<Octets>) -> Result<(), StoreError> {
        let member = member.into();
        let removed = self.0.run(Operation::Remove { set, member });
        removed.await.map(drop)
    }

    /// Reads the members of a set, the one that ends first in front.
    pub async fn list(&self, set: Key) -> Result<Vec<Octets>, StoreError> {
        match self.0.run(Operation::List(set)).await? {
            Outcome::Members(members) => Ok(members),
            _ => Err(StoreError::Unavailable),
        }
    }

    /// Does several operations in one round trip, and tells what came of each: see
    /// [`Backend::run_all`].
    pub async fn each(&self, operations: impl IntoIterator<Item = Operation>) -> Outcomes {
        self.0.run_all(operations.into_iter().collect()).await
    }

    /// The same where all must be done: the first error is told.
    pub async fn all(
        &self,
        operations: impl IntoIterator<Item = Operation>,
    ) -> Result<SmallVec<[Outcome; 4]>, StoreError> {
        self.each(operations).await.into_iter().collect()
    }
}

#[cfg(test)]
pub(crate) mod faults;
