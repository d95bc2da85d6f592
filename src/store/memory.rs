//! The embedded store, in this process's memory.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::future::Cache;
use moka::ops::compute::{CompResult, Op};

use super::{Key, Kind, StoreError, TimeToLive};

/// The most that one kind of record may hold, in bytes. Kinds do not share room: a flood of
/// started logins must not push out sessions, nor replay marks.
const PENDING_BYTES: u64 = 64 * 1024 * 1024;
const ARRIVED_BYTES: u64 = 128 * 1024 * 1024;
const SESSION_BYTES: u64 = 1024 * 1024 * 1024;
const REPLAY_BYTES: u64 = 256 * 1024 * 1024;
const LOGOUT_PENDING_BYTES: u64 = 16 * 1024 * 1024;
const LOGGED_OUT_BYTES: u64 = 128 * 1024 * 1024;

/// What moka, the key and its hash table entry take beside the value, roughly, in bytes.
const OVERHEAD: usize = 250;

#[derive(Clone)]
struct Record {
    value: Arc<[u8]>,
    time_to_live: TimeToLive,
}

struct RecordExpiry;

impl Expiry<Key, Record> for RecordExpiry {
    fn expire_after_create(&self, _: &Key, record: &Record, _: Instant) -> Option<Duration> {
        Some(record.time_to_live)
    }

    fn expire_after_update(
        &self,
        _: &Key,
        record: &Record,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(record.time_to_live)
    }
}

/// Records in memory: gone with the process.
#[derive(Clone)]
pub struct MemoryStore {
    pending: Cache<Key, Record>,
    arrived: Cache<Key, Record>,
    session: Cache<Key, Record>,
    replay: Cache<Key, Record>,
    logout_pending: Cache<Key, Record>,
    logged_out: Cache<Key, Record>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self {
            pending: cache(PENDING_BYTES),
            arrived: cache(ARRIVED_BYTES),
            session: cache(SESSION_BYTES),
            replay: cache(REPLAY_BYTES),
            logout_pending: cache(LOGOUT_PENDING_BYTES),
            logged_out: cache(LOGGED_OUT_BYTES),
        }
    }
}

fn cache(bytes: u64) -> Cache<Key, Record> {
    Cache::builder()
        .max_capacity(bytes)
        .weigher(|key: &Key, record: &Record| {
            u32::try_from(key.name.len() + record.value.len() + OVERHEAD).unwrap_or(u32::MAX)
        })
        // Least recently used, not least frequently: a new session must not lose its place to
        // old ones that were used more often.
        .eviction_policy(moka::policy::EvictionPolicy::lru())
        .expire_after(RecordExpiry)
        .build()
}

impl MemoryStore {
    /// Stores a record, or replaces it.
    pub async fn put(
        &self,
        key: Key,
        value: Vec<u8>,
        time_to_live: TimeToLive,
    ) -> Result<(), StoreError> {
        self.of(&key)
            .insert(
                key,
                Record {
                    value: value.into(),
                    time_to_live,
                },
            )
            .await;
        Ok(())
    }

    /// Stores a record unless there is one; tells whether it did. Atomic.
    pub async fn put_if_absent(
        &self,
        key: Key,
        value: Vec<u8>,
        time_to_live: TimeToLive,
    ) -> Result<bool, StoreError> {
        let record = Record {
            value: value.into(),
            time_to_live,
        };
        let result = self
            .of(&key)
            .entry(key)
            .and_compute_with(|existing| {
                std::future::ready(if existing.is_some() {
                    Op::Nop
                } else {
                    Op::Put(record)
                })
            })
            .await;
        Ok(matches!(result, CompResult::Inserted(_)))
    }

    /// Reads a record.
    pub async fn get(&self, key: &Key) -> Result<Option<Arc<[u8]>>, StoreError> {
        Ok(self.of(key).get(key).await.map(|record| record.value))
    }

    /// Removes a record and returns it; of several callers at once, one gets it. Atomic.
    pub async fn take(&self, key: &Key) -> Result<Option<Arc<[u8]>>, StoreError> {
        Ok(self.of(key).remove(key).await.map(|record| record.value))
    }

    fn of(&self, key: &Key) -> &Cache<Key, Record> {
        match key.kind {
            Kind::Pending => &self.pending,
            Kind::Arrived => &self.arrived,
            Kind::Session => &self.session,
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

    fn key(kind: Kind) -> Key {
        Key::new(kind, "name")
    }

    #[actix_web::test]
    async fn a_record_is_taken_once() {
        let store = MemoryStore::default();
        store
            .put(key(Kind::Arrived), vec![1], MINUTE)
            .await
            .unwrap();
        let arrived = key(Kind::Arrived);
        let both = futures_util::future::join(store.take(&arrived), store.take(&arrived));
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
                .put_if_absent(key(Kind::Replay), vec![1], MINUTE)
                .await
                .unwrap()
        );
        assert!(
            !store
                .put_if_absent(key(Kind::Replay), vec![2], MINUTE)
                .await
                .unwrap()
        );
        assert_eq!(
            store.get(&key(Kind::Replay)).await.unwrap().as_deref(),
            Some(&[1][..])
        );
    }

    #[actix_web::test]
    async fn a_record_expires() {
        let store = MemoryStore::default();
        store
            .put(key(Kind::Session), vec![1], Duration::from_millis(20))
            .await
            .unwrap();
        assert!(store.get(&key(Kind::Session)).await.unwrap().is_some());
        tokio::time::sleep(Duration::from_millis(40)).await;
        assert!(store.get(&key(Kind::Session)).await.unwrap().is_none());
        assert!(
            store
                .put_if_absent(key(Kind::Session), vec![2], MINUTE)
                .await
                .unwrap()
        );
    }

    #[actix_web::test]
    async fn kinds_do_not_share_names() {
        let store = MemoryStore::default();
        store
            .put(key(Kind::Arrived), vec![1], MINUTE)
            .await
            .unwrap();
        assert!(store.get(&key(Kind::Session)).await.unwrap().is_none());
    }
}
