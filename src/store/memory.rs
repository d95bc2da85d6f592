//! The embedded store, in this process's memory.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::ops::compute::{CompResult, Op};
use moka::policy::EvictionPolicy;
use moka::sync::{Cache, CacheBuilder};
use serde::Serialize;

use super::room::Room;
use super::{Key, Kind, Name, StoreError, TimeToLive};

/// What records of people who are signed in, or on the way from the IdP to their session, may hold
/// in bytes, unless the configuration says otherwise.
const USUAL_BYTES: u64 = 1024 * MEGABYTE;
const MEGABYTE: u64 = 1024 * 1024;

/// What anybody may write who only asks, in bytes: where it is too much, the oldest goes. A flood of
/// started logins must not push out sessions, nor replay marks, and has room of its own.
const PENDING_BYTES: u64 = 64 * MEGABYTE;
const LOGOUT_PENDING_BYTES: u64 = 16 * MEGABYTE;
/// What only a message of an IdP writes: a mark that is given up would let it in once more.
const REPLAY_BYTES: u64 = 256 * MEGABYTE;
const LOGGED_OUT_BYTES: u64 = 128 * MEGABYTE;

/// What may be taken beside what people have, in bytes.
pub const BESIDE_PEOPLE_BYTES: u64 =
    PENDING_BYTES + LOGOUT_PENDING_BYTES + REPLAY_BYTES + LOGGED_OUT_BYTES;

/// What a record takes beside its value, in bytes: its key and its places in moka's tables, queues and
/// timers (`cargo bench --bench sessions` measures it).
const OVERHEAD: usize = 512;

/// How much is taken, in hundredths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// By people who are signed in, or about to be.
    pub sessions: u64,
    /// By marks of used assertions.
    pub used_assertions: u64,
    /// By marks of logouts that an IdP has asked for.
    pub logouts: u64,
}

#[derive(Clone)]
struct Record {
    value: Arc<[u8]>,
    time_to_live: TimeToLive,
}

impl Record {
    fn new(value: impl Into<Arc<[u8]>>, time_to_live: TimeToLive) -> Self {
        Self {
            value: value.into(),
            time_to_live,
        }
    }

    fn bytes(&self) -> u32 {
        u32::try_from(self.value.len() + OVERHEAD).unwrap_or(u32::MAX)
    }
}

struct RecordExpiry;

impl Expiry<Name, Record> for RecordExpiry {
    fn expire_after_create(&self, _: &Name, record: &Record, _: Instant) -> Option<Duration> {
        Some(record.time_to_live)
    }

    fn expire_after_update(
        &self,
        _: &Name,
        record: &Record,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(record.time_to_live)
    }
}

/// Records of one kind, and the room that they share with others, where they may not be given up.
#[derive(Clone)]
struct Table {
    records: Cache<Name, Record>,
    room: Option<Room>,
    full: StoreError,
}

impl Table {
    /// Where it is full, the least recently used record goes; not the least frequently used, or a
    /// new one would lose its place to old ones.
    fn giving_up(bytes: u64) -> Self {
        let records = builder()
            .max_capacity(bytes)
            .weigher(|_: &Name, record: &Record| record.bytes())
            .eviction_policy(EvictionPolicy::lru());
        Self {
            records: records.build(),
            room: None,
            full: StoreError::Full,
        }
    }

    /// Where it is full, nothing more gets in.
    fn keeping(room: &Room, full: StoreError) -> Self {
        let of_records = room.clone();
        let records = builder().eviction_listener(move |_, record: Record, _| {
            of_records.give_back(record.bytes().into());
        });
        Self {
            records: records.build(),
            room: Some(room.clone()),
            full,
        }
    }

    /// Takes the room that a record needs.
    fn take_room(&self, record: &Record) -> Result<(), StoreError> {
        let bytes = u64::from(record.bytes());
        match &self.room {
            Some(room) if !room.take(bytes) => {
                // What is over may still be there.
                self.records.run_pending_tasks();
                room.take(bytes).then_some(()).ok_or(self.full)
            }
            _ => Ok(()),
        }
    }

    fn give_room_back(&self, bytes: u32) {
        if let Some(room) = &self.room {
            room.give_back(bytes.into());
        }
    }
}

fn builder() -> CacheBuilder<Name, Record, Cache<Name, Record>> {
    Cache::builder().expire_after(RecordExpiry)
}

/// Records in memory: gone with the process.
#[derive(Clone)]
pub struct MemoryStore {
    /// The room of people who are signed in, or about to be.
    people: Room,
    /// The room of marks.
    used: Room,
    ended: Room,
    pending: Table,
    arrived: Table,
    session: Table,
    assertion: Table,
    replay: Table,
    logout_pending: Table,
    logged_out: Table,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new(USUAL_BYTES)
    }
}

#[expect(
    clippy::unused_async,
    reason = "a store elsewhere has to be waited for"
)]
impl MemoryStore {
    /// The same, in megabytes.
    pub fn with_megabytes(megabytes: u32) -> Self {
        Self::new(u64::from(megabytes) * MEGABYTE)
    }

    /// A store in which they may take whatever there is.
    pub fn unlimited() -> Self {
        Self::new(u64::MAX)
    }

    /// A store in which the records of people who are signed in, or on the way from the IdP to their
    /// session, take at most so many bytes.
    pub fn new(bytes: u64) -> Self {
        Self::of_rooms([bytes, REPLAY_BYTES, LOGGED_OUT_BYTES])
    }

    /// With so many bytes for people, for marks of used assertions and for those of logouts.
    fn of_rooms(bytes: [u64; 3]) -> Self {
        let [people, used, ended] = bytes.map(Room::new);
        Self {
            pending: Table::giving_up(PENDING_BYTES),
            arrived: Table::keeping(&people, StoreError::Full),
            session: Table::keeping(&people, StoreError::Full),
            assertion: Table::keeping(&people, StoreError::Full),
            replay: Table::keeping(&used, StoreError::NoMarks),
            logout_pending: Table::giving_up(LOGOUT_PENDING_BYTES),
            logged_out: Table::keeping(&ended, StoreError::NoMarks),
            people,
            used,
            ended,
        }
    }

    /// A store in which there is no room to note what an IdP has ended.
    #[cfg(test)]
    pub fn without_room_for_logouts() -> Self {
        Self::of_rooms([USUAL_BYTES, REPLAY_BYTES, 0])
    }

    /// Stores a record, or replaces it.
    pub async fn put(
        &self,
        key: Key,
        value: impl Into<Arc<[u8]>>,
        time_to_live: TimeToLive,
    ) -> Result<(), StoreError> {
        let (table, record) = (self.of(key), Record::new(value, time_to_live));
        table.take_room(&record)?;
        table.records.insert(key.name, record);
        Ok(())
    }

    /// Stores a record unless there is one; tells whether it did. Atomic.
    pub async fn put_if_absent(
        &self,
        key: Key,
        value: impl Into<Arc<[u8]>>,
        time_to_live: TimeToLive,
    ) -> Result<bool, StoreError> {
        let (table, record) = (self.of(key), Record::new(value, time_to_live));
        let bytes = record.bytes();
        table.take_room(&record)?;
        let entry = table.records.entry(key.name);
        let result = entry.and_compute_with(|existing| match existing {
            Some(_) => Op::Nop,
            None => Op::Put(record),
        });
        let is_new = matches!(result, CompResult::Inserted(_));
        if !is_new {
            table.give_room_back(bytes);
        }
        Ok(is_new)
    }

    /// Reads a record.
    pub async fn get(&self, key: Key) -> Result<Option<Arc<[u8]>>, StoreError> {
        let record = self.of(key).records.get(&key.name);
        Ok(record.map(|record| record.value))
    }

    /// Removes a record and returns it; of several callers at once, one gets it. Atomic.
    pub async fn take(&self, key: Key) -> Result<Option<Arc<[u8]>>, StoreError> {
        let record = self.of(key).records.remove(&key.name);
        Ok(record.map(|record| record.value))
    }

    /// Whether somebody more may sign in. The last sixteenth of the room is for those who are signed in
    /// already, and need a new assertion.
    pub fn has_room(&self) -> bool {
        let most = self.people.bytes() / 16 * 15;
        self.people.taken() < most || {
            self.tidy();
            self.people.taken() < most
        }
    }

    /// How much is taken of what may not be given up, in hundredths.
    pub fn taken(&self) -> Taken {
        let percent = |room: &Room| room.taken().saturating_mul(100) / room.bytes().max(1);
        Taken {
            sessions: percent(&self.people),
            used_assertions: percent(&self.used),
            logouts: percent(&self.ended),
        }
    }

    /// Forgets what is over now, and not only when somebody comes by.
    pub fn tidy(&self) {
        for table in [
            &self.pending,
            &self.arrived,
            &self.session,
            &self.assertion,
            &self.replay,
            &self.logout_pending,
            &self.logged_out,
        ] {
            table.records.run_pending_tasks();
        }
    }

    fn of(&self, key: Key) -> &Table {
        match key.kind {
            Kind::Pending => &self.pending,
            Kind::Arrived => &self.arrived,
            Kind::Session => &self.session,
            Kind::Assertion => &self.assertion,
            Kind::Replay => &self.replay,
            Kind::LogoutPending => &self.logout_pending,
            Kind::LoggedOut => &self.logged_out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);
    /// What is kept for so long may be gone when it is looked at.
    const MOMENT: Duration = Duration::from_millis(20);

    /// Looks until it is so.
    async fn until(mut is_so: impl AsyncFnMut() -> bool) {
        let look = async {
            while !is_so().await {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(MINUTE, look).await.unwrap();
    }

    fn key(kind: Kind) -> Key {
        numbered(kind, 0)
    }

    fn numbered(kind: Kind, number: u8) -> Key {
        Key::new(kind, [number; 32])
    }

    /// Room for so many records of 100 bytes.
    fn with_room_for(records: u64) -> MemoryStore {
        let bytes = Record::new([0; 100], MINUTE).bytes();
        MemoryStore::new(records * u64::from(bytes))
    }

    #[actix_web::test]
    async fn a_record_is_taken_once() {
        let store = MemoryStore::default();
        store.put(key(Kind::Arrived), [1], MINUTE).await.unwrap();
        let arrived = key(Kind::Arrived);
        let both = futures_util::future::join(store.take(arrived), store.take(arrived));
        let (first, second) = both.await;
        assert_eq!(
            u8::from(first.unwrap().is_some()) + u8::from(second.unwrap().is_some()),
            1
        );
    }

    #[actix_web::test]
    async fn the_second_put_if_absent_is_refused() {
        let store = MemoryStore::default();
        assert!(
            store
                .put_if_absent(key(Kind::Replay), [1], MINUTE)
                .await
                .unwrap()
        );
        assert!(
            !store
                .put_if_absent(key(Kind::Replay), [2], MINUTE)
                .await
                .unwrap()
        );
        assert_eq!(
            store.get(key(Kind::Replay)).await.unwrap().as_deref(),
            Some(&[1][..])
        );
    }

    #[actix_web::test]
    async fn a_record_expires() {
        let store = MemoryStore::default();
        let other = numbered(Kind::Session, 1);
        store.put(other, [1], MINUTE).await.unwrap();
        let short = store.put(key(Kind::Session), [1], MOMENT);
        short.await.unwrap();
        until(async || store.get(key(Kind::Session)).await.unwrap().is_none()).await;
        assert!(store.get(other).await.unwrap().is_some());
        assert!(
            store
                .put_if_absent(key(Kind::Session), [2], MINUTE)
                .await
                .unwrap()
        );
    }

    #[actix_web::test]
    async fn kinds_do_not_share_names() {
        let store = MemoryStore::default();
        store.put(key(Kind::Arrived), [1], MINUTE).await.unwrap();
        assert!(store.get(key(Kind::Session)).await.unwrap().is_none());
    }

    #[actix_web::test]
    async fn where_it_is_full_nothing_gets_in_and_nothing_is_given_up() {
        let store = with_room_for(3);
        let kinds = [Kind::Session, Kind::Assertion, Kind::Arrived];
        for kind in kinds {
            assert!(store.has_room());
            assert_eq!(store.put(key(kind), [1; 100], MINUTE).await, Ok(()));
        }
        assert!(!store.has_room());
        for kind in kinds {
            let another = numbered(kind, 1);
            let refused = store.put(another, [2; 100], MINUTE).await;
            assert_eq!(refused, Err(StoreError::Full), "{kind:?}");
            assert_eq!(store.get(another).await, Ok(None), "{kind:?}");
            store.tidy();
            assert!(store.get(key(kind)).await.unwrap().is_some(), "{kind:?}");
        }
    }

    #[actix_web::test]
    async fn what_is_full_is_told() {
        let bytes = u64::from(Record::new([0; 100], MINUTE).bytes());
        let store = MemoryStore::of_rooms([10 * bytes, 4 * bytes, 2 * bytes]);
        for (kind, error) in [
            (Kind::Session, StoreError::Full),
            (Kind::Replay, StoreError::NoMarks),
            (Kind::LoggedOut, StoreError::NoMarks),
        ] {
            assert_eq!(store.put(key(kind), [1; 100], MINUTE).await, Ok(()));
            let large = store.put(numbered(kind, 1), [1; 10_000], MINUTE).await;
            assert_eq!(large, Err(error), "{kind:?}");
        }
        let taken = Taken {
            sessions: 10,
            used_assertions: 25,
            logouts: 50,
        };
        assert_eq!(store.taken(), taken);
    }

    #[actix_web::test]
    async fn whatever_goes_gives_its_room_back() {
        let store = with_room_for(1);
        let put = |number, time_to_live| {
            let key = numbered(Kind::Session, number);
            store.put(key, [1; 100], time_to_live)
        };
        // Taken.
        put(1, MINUTE).await.unwrap();
        assert_eq!(put(2, MINUTE).await, Err(StoreError::Full));
        assert!(!store.has_room());
        let one = numbered(Kind::Session, 1);
        assert!(store.take(one).await.unwrap().is_some());
        // Over, and nobody has looked; moka's timers go by the second.
        put(2, MOMENT).await.unwrap();
        until(async || put(3, MINUTE).await.is_ok()).await;
        assert!(!store.has_room());
        assert!(
            store
                .take(numbered(Kind::Session, 3))
                .await
                .unwrap()
                .is_some()
        );
        store.tidy();
        assert_eq!(store.people.taken(), 0);
    }

    #[actix_web::test]
    async fn what_is_replaced_or_there_already_is_counted_once() {
        let store = with_room_for(2);
        let session = key(Kind::Session);
        for _ in 0..5 {
            assert_eq!(store.put(session, [1; 100], MINUTE).await, Ok(()));
            store.tidy();
            let is_new = store.put_if_absent(session, [1; 100], MINUTE).await;
            assert_eq!(is_new, Ok(false));
        }
        assert!(store.take(session).await.unwrap().is_some());
        store.tidy();
        assert_eq!(store.people.taken(), 0);
    }

    #[actix_web::test]
    async fn what_anybody_may_write_gives_up_the_oldest() {
        let table = Table::giving_up(4_000);
        for number in 0..100 {
            table
                .records
                .insert([number; 32], Record::new([0; 100], MINUTE));
        }
        table.records.run_pending_tasks();
        assert!(table.records.get(&[0; 32]).is_none());
        assert!(table.records.get(&[99; 32]).is_some());
    }

    #[actix_web::test]
    async fn what_is_over_is_forgotten_at_once_however_much_it_is() {
        let store = MemoryStore::default();
        for number in 0..20_000_u32 {
            let mut name = [0; 32];
            name[..4].copy_from_slice(&number.to_be_bytes());
            let key = Key::new(Kind::Assertion, name);
            store.put(key, [0; 100], MOMENT).await.unwrap();
            assert!(number > 0 || store.people.taken() > 0);
        }
        // All are over then, by moka's timers too, which go by the second; longer would do no harm.
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        store.tidy();
        assert_eq!(store.people.taken(), 0);
    }
}
