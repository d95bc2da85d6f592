//! The store backend in this process's memory.

mod table;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, FutureExt as _, ready};

use self::table::{Member, Record, Table};
use super::room::Room;
use super::{
    Admission, Backend, Batch, Key, Kind, Operation, Outcome, Outcomes, StoreError, Taken,
};

/// The default limit, in bytes, for sessions, assertions and verified logins.
const USUAL_BYTES: u64 = 1024 * MEGABYTE;
const MEGABYTE: u64 = 1024 * 1024;

/// The limit, in bytes, for the marks of our LogoutRequests, which only people with a session can
/// cause. When the limit is reached, the least recently used mark is dropped: the IdP's response is
/// then refused, but the person is signed out. The limit is separate from the others, so that many
/// logouts take no memory away from sessions or replay marks.
const LOGOUT_PENDING_BYTES: u64 = 16 * MEGABYTE;
/// The limits, in bytes, for marks that are written only after an IdP's message has been verified.
/// If a mark were dropped, the message would be accepted again, or the sessions that the message
/// ended would become valid again.
const REPLAY_BYTES: u64 = 256 * MEGABYTE;
const LOGGED_OUT_BYTES: u64 = 128 * MEGABYTE;
/// The limit, in bytes, for the counters of people's logins. If a counter is dropped, counting
/// starts again at 0 for that person.
const LOGINS_BYTES: u64 = 32 * MEGABYTE;
/// The limit, in bytes, for MFA attempts. If an attempt were dropped, one more guess would be
/// possible.
const MFA_ATTEMPTS_BYTES: u64 = 16 * MEGABYTE;
/// The limit, in bytes, for records of kind [`Kind::Open`]. Such records are meant only for display
/// and will grant no access, so they may be dropped.
const OPEN_BYTES: u64 = 32 * MEGABYTE;

/// The total limit, in bytes, for all records other than those limited by
/// `limits.session_megabytes`.
pub const OTHER_TABLES_BYTES: u64 = LOGOUT_PENDING_BYTES
    + REPLAY_BYTES
    + LOGGED_OUT_BYTES
    + LOGINS_BYTES
    + MFA_ATTEMPTS_BYTES
    + OPEN_BYTES;

/// How often calls to `admission` remove expired records. While there is no room for new people,
/// every call removes them.
const TIDY_EVERY: Duration = Duration::from_millis(4_500);

/// A store backend in memory. Its records are lost when the process ends.
pub(super) struct MemoryStore {
    /// The memory for sessions, assertions and verified logins.
    people: Room,
    /// The memory for marks of used assertions and LogoutRequests.
    used: Room,
    /// The memory for marks of sessions that an IdP has ended.
    ended: Room,
    tables: Tables,
    /// The number of records that were dropped to make room for others.
    evicted: Arc<AtomicU64>,
    started: Instant,
    /// When the last regular removal of expired records began, in milliseconds since `started`.
    tidied: AtomicU64,
}

/// One table for each kind of record.
struct Tables {
    arrived: Table,
    session: Table,
    assertion: Table,
    replay: Table,
    logout_pending: Table,
    logged_out: Table,
    logins: Table,
    mfa_attempts: Table,
    open: Table,
}

impl Tables {
    fn of(&self, kind: Kind) -> &Table {
        match kind {
            Kind::Arrived => &self.arrived,
            Kind::Session => &self.session,
            Kind::Assertion => &self.assertion,
            Kind::Replay => &self.replay,
            Kind::LogoutPending => &self.logout_pending,
            Kind::LoggedOut => &self.logged_out,
            Kind::Logins => &self.logins,
            Kind::MfaAttempt => &self.mfa_attempts,
            Kind::Open => &self.open,
        }
    }

    /// All tables. Because `self` is destructured, the compiler reports a table that is missing
    /// from this list.
    fn all(&self) -> [&Table; 9] {
        let Self {
            arrived,
            session,
            assertion,
            replay,
            logout_pending,
            logged_out,
            logins,
            mfa_attempts,
            open,
        } = self;
        [
            arrived,
            session,
            assertion,
            replay,
            logout_pending,
            logged_out,
            logins,
            mfa_attempts,
            open,
        ]
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new(USUAL_BYTES)
    }
}

impl MemoryStore {
    /// A store with this limit, in megabytes, for sessions, assertions and verified logins. `None`
    /// means no limit.
    pub(super) fn with_megabytes(megabytes: Option<u32>) -> Self {
        Self::new(megabytes.map_or(u64::MAX, |megabytes| u64::from(megabytes) * MEGABYTE))
    }

    /// A store with this limit, in bytes, for sessions, assertions and verified logins.
    fn new(bytes: u64) -> Self {
        Self::of_rooms([bytes, REPLAY_BYTES, LOGGED_OUT_BYTES])
    }

    /// A store with three limits, in bytes: for sessions, assertions and verified logins; for marks
    /// of used assertions and LogoutRequests; and for marks of sessions that an IdP has ended.
    fn of_rooms(bytes: [u64; 3]) -> Self {
        let [people, used, ended] = bytes.map(Room::new);
        let attempts = Room::new(MFA_ATTEMPTS_BYTES);
        let evicted = Arc::default();
        let tables = Tables {
            arrived: Table::keeping(&people, StoreError::Full),
            session: Table::keeping(&people, StoreError::Full),
            assertion: Table::keeping(&people, StoreError::Full),
            replay: Table::keeping(&used, StoreError::NoMarks),
            logout_pending: Table::giving_up(LOGOUT_PENDING_BYTES, &evicted),
            logged_out: Table::keeping(&ended, StoreError::NoMarks),
            logins: Table::giving_up(LOGINS_BYTES, &evicted),
            mfa_attempts: Table::keeping(&attempts, StoreError::NoMarks),
            open: Table::giving_up(OPEN_BYTES, &evicted),
        };
        Self {
            people,
            used,
            ended,
            tables,
            evicted,
            started: Instant::now(),
            tidied: AtomicU64::new(0),
        }
    }

    /// A store with no room for marks of sessions that an IdP has ended.
    #[cfg(test)]
    pub(super) fn without_room_for_logouts() -> Self {
        Self::of_rooms([USUAL_BYTES, REPLAY_BYTES, 0])
    }

    /// Whether a record, a counter or a set with this key exists.
    #[cfg(test)]
    pub(super) fn holds(&self, key: Key) -> bool {
        self.of(key).records.get(&key.name).is_some()
    }

    pub(super) fn one(&self, operation: Operation) -> Result<Outcome, StoreError> {
        Ok(match operation {
            Operation::Put {
                key,
                value,
                time_to_live,
            } => {
                let record = Record::new(value, time_to_live);
                self.of(key).put(key.name, record)?;
                Outcome::Done
            }
            Operation::PutIfAbsent {
                key,
                value,
                time_to_live,
            } => {
                let record = Record::new(value, time_to_live);
                Outcome::Written(self.of(key).put_if_absent(key.name, record)?)
            }
            Operation::Get(key) => {
                let record = self.of(key).records.get(&key.name);
                Outcome::Record(record.and_then(Record::octets))
            }
            Operation::Take(key) => {
                let record = self.of(key).records.remove(&key.name);
                Outcome::Record(record.and_then(Record::octets))
            }
            Operation::Count { key, time_to_live } => {
                Outcome::Counted(self.of(key).count(key.name, time_to_live)?)
            }
            Operation::Add {
                set,
                member,
                time_to_live,
                at_most,
            } => {
                let ends = Instant::now() + time_to_live;
                let member = Member {
                    octets: member,
                    ends,
                };
                self.of(set).add(set.name, member, at_most)?;
                Outcome::Done
            }
            Operation::Remove { set, member } => {
                let is_other = |known: &Member| known.octets != member;
                let remove = |members: &mut Vec<Member>| members.retain(is_other);
                self.of(set).change(set.name, remove)?;
                Outcome::Done
            }
            Operation::List(set) => Outcome::Members(self.of(set).members(&set.name)),
        })
    }

    /// Whether new people may sign in. The last sixteenth of the memory is reserved for people who
    /// are signed in and need a new assertion.
    fn has_room(&self) -> bool {
        self.people.taken() < self.people.bytes() / 16 * 15
    }

    fn taken(&self) -> Taken {
        let percent = |room: &Room| room.taken().saturating_mul(100) / room.bytes().max(1);
        Taken {
            sessions: percent(&self.people),
            used_assertions: percent(&self.used),
            logouts: percent(&self.ended),
        }
    }

    /// Whether it is time to remove expired records. Of several simultaneous callers, only one gets
    /// `true`.
    fn is_untidy(&self) -> bool {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let last = self.tidied.load(Ordering::Relaxed);
        let is_due = u128::from(now.saturating_sub(last)) >= TIDY_EVERY.as_millis();
        let (kept, read) = (Ordering::Relaxed, Ordering::Relaxed);
        let claim = || self.tidied.compare_exchange(last, now, kept, read);
        is_due && claim().is_ok()
    }

    /// Removes expired records from all tables now. Without this call, moka would remove them from
    /// a table only when that table is accessed.
    fn tidy(&self) {
        for table in self.tables.all() {
            table.records.run_pending_tasks();
        }
    }

    fn of(&self, key: Key) -> &Table {
        self.tables.of(key.kind)
    }
}

/// No operation waits: each operation is executed before its future is returned.
impl Backend for MemoryStore {
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome, StoreError>> {
        ready(self.one(operation)).boxed()
    }

    fn run_all(&self, operations: Batch) -> BoxFuture<'_, Outcomes> {
        let outcomes = operations.into_iter().map(|one| self.one(one));
        ready(outcomes.collect()).boxed()
    }

    fn admission(&self) -> Admission {
        if self.is_untidy() || !self.has_room() {
            self.tidy();
        }
        Admission {
            has_room: self.has_room(),
            taken: Some(self.taken()),
            evicted: self.evicted.load(Ordering::Relaxed),
        }
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("MemoryStore");
        shown.field("taken", &self.taken()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
