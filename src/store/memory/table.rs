//! A table of the memory store. Each table contains the records of one kind.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use moka::notification::RemovalCause;
use moka::ops::compute::{CompResult, Op};
use moka::policy::EvictionPolicy;
use moka::sync::{Cache, CacheBuilder};
use moka::{Entry, Expiry};

use crate::store::room::Room;
use crate::store::{Name, Octets, StoreError, TimeToLive};

/// The memory that a record takes in addition to its value, in bytes: its key and its entries in
/// moka's tables, queues and timers (measured with `cargo bench --bench sessions`).
const OVERHEAD: usize = 512;
/// The memory that a member of a set takes in addition to its content, in bytes.
const MEMBER_OVERHEAD: usize = 48;

/// Locks for creating counters. The index is the first byte of a counter's name.
static BEGINNINGS: [Mutex<()>; 256] = [const { Mutex::new(()) }; 256];

/// A value, and the lifetime with which it was written.
#[derive(Clone)]
pub struct Record {
    value: Value,
    pub time_to_live: TimeToLive,
}

#[derive(Clone)]
enum Value {
    Octets(Octets),
    /// The counter is in an `Arc`, so that it can be incremented without rewriting the record.
    /// Rewriting would extend the record's lifetime.
    Count(Arc<AtomicU64>),
    Set(Arc<[Member]>),
}

/// A member of a set, and the time at which it expires.
#[derive(Clone)]
pub struct Member {
    pub octets: Octets,
    pub ends: Instant,
}

impl Record {
    pub fn new(value: Octets, time_to_live: TimeToLive) -> Self {
        Self {
            value: Value::Octets(value),
            time_to_live,
        }
    }

    pub fn bytes(&self) -> u32 {
        let bytes = match &self.value {
            Value::Octets(octets) => octets.len(),
            Value::Count(_) => 0,
            Value::Set(members) => {
                let bytes = members.iter();
                bytes
                    .map(|member| member.octets.len() + MEMBER_OVERHEAD)
                    .sum()
            }
        };
        u32::try_from(bytes + OVERHEAD).unwrap_or(u32::MAX)
    }

    pub fn octets(self) -> Option<Octets> {
        match self.value {
            Value::Octets(octets) => Some(octets),
            Value::Count(_) | Value::Set(_) => None,
        }
    }

    /// The members that have not expired.
    fn members(&self, now: Instant) -> Vec<Member> {
        match &self.value {
            Value::Set(members) => {
                let members = members.iter().filter(|member| member.ends > now);
                members.cloned().collect()
            }
            Value::Octets(_) | Value::Count(_) => Vec::new(),
        }
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

/// The records of one kind. If none of them may be dropped to free memory, their memory is reserved
/// from `room`, which several tables may share.
#[derive(Clone)]
pub struct Table {
    pub records: Cache<Name, Record>,
    room: Option<Room>,
    full: StoreError,
}

impl Table {
    /// A table that drops the least recently used record when the table is full, and counts the
    /// dropped records in `evicted`. With moka's
    /// default policy, which considers frequency of use, a new record could be dropped in favor of
    /// old records.
    pub fn giving_up(bytes: u64, evicted: &Arc<AtomicU64>) -> Self {
        let evicted = Arc::clone(evicted);
        let count = move |_, _, cause| {
            if cause == RemovalCause::Size {
                evicted.fetch_add(1, Ordering::Relaxed);
            }
        };
        let records = builder()
            .eviction_listener(count)
            .max_capacity(bytes)
            .weigher(|_: &Name, record: &Record| record.bytes())
            .eviction_policy(EvictionPolicy::lru());
        Self {
            records: records.build(),
            room: None,
            full: StoreError::Full,
        }
    }

    /// A table that refuses new records, with the error `full`, when `room` has too few bytes left.
    pub fn keeping(room: &Room, full: StoreError) -> Self {
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

    /// Reserves the memory that a record needs. If too little memory is free, removes expired
    /// records from this table and tries again.
    fn take_room(&self, record: &Record) -> Result<(), StoreError> {
        self.try_take_room(record).or_else(|_| {
            self.records.run_pending_tasks();
            self.try_take_room(record)
        })
    }

    fn try_take_room(&self, record: &Record) -> Result<(), StoreError> {
        let take = |room: &Room| room.take(record.bytes().into());
        let is_taken = self.room.as_ref().is_none_or(take);
        is_taken.then_some(()).ok_or(self.full)
    }

    /// Reserves the memory that a record needs, even if this briefly exceeds the limit.
    fn take_room_anyway(&self, record: &Record) {
        if let Some(room) = &self.room {
            room.take_anyway(record.bytes().into());
        }
    }

    fn give_room_back(&self, bytes: u32) {
        if let Some(room) = &self.room {
            room.give_back(bytes.into());
        }
    }

    pub fn put(&self, name: Name, record: Record) -> Result<(), StoreError> {
        self.take_room(&record)?;
        self.records.insert(name, record);
        Ok(())
    }

    pub fn put_if_absent(&self, name: Name, record: Record) -> Result<bool, StoreError> {
        let bytes = record.bytes();
        self.take_room(&record)?;
        let entry = self.records.entry(name);
        let result = entry.and_compute_with(|existing| match existing {
            Some(_) => Op::Nop,
            None => Op::Put(record),
        });
        let is_new = matches!(result, CompResult::Inserted(_));
        if !is_new {
            self.give_room_back(bytes);
        }
        Ok(is_new)
    }

    pub fn count(&self, name: Name, time_to_live: TimeToLive) -> Result<u64, StoreError> {
        let counter = |record: Record| match record.value {
            Value::Count(counter) => Some(counter),
            Value::Octets(_) | Value::Set(_) => None,
        };
        // The lock ensures that a counter is created only once.
        let begin = &BEGINNINGS[usize::from(name[0])];
        let _begin = begin.lock().unwrap_or_else(PoisonError::into_inner);
        let counter = match self.records.get(&name).and_then(counter) {
            Some(known) => known,
            None => self.begin_counter(name, time_to_live)?,
        };
        Ok(counter.fetch_add(1, Ordering::Relaxed).saturating_add(1))
    }

    fn begin_counter(
        &self,
        name: Name,
        time_to_live: TimeToLive,
    ) -> Result<Arc<AtomicU64>, StoreError> {
        let counter = Arc::new(AtomicU64::new(0));
        let value = Value::Count(Arc::clone(&counter));
        let record = Record {
            value,
            time_to_live,
        };
        self.put(name, record)?;
        Ok(counter)
    }

    /// Changes the members of a set. If no members are left, the set is removed.
    pub fn change(
        &self,
        name: Name,
        change: impl FnOnce(&mut Vec<Member>),
    ) -> Result<(), StoreError> {
        let now = Instant::now();
        let mut changed = Ok(());
        self.records.entry(name).and_compute_with(|known| {
            let known = known.map(Entry::into_value);
            let bytes_before = known.as_ref().map_or(0, Record::bytes);
            let mut members = known.map_or_else(Vec::new, |known| known.members(now));
            change(&mut members);
            members.sort_by_key(|member| member.ends);
            match members.last() {
                None => Op::Remove,
                Some(last) => {
                    let record = Record {
                        time_to_live: last.ends.saturating_duration_since(now),
                        value: Value::Set(members.into()),
                    };
                    // The eviction listener releases the memory of the old set afterward. So a set
                    // that does not grow can be written even if no memory is free.
                    changed = if record.bytes() <= bytes_before {
                        self.take_room_anyway(&record);
                        Ok(())
                    } else {
                        self.try_take_room(&record)
                    };
                    changed.map_or(Op::Nop, |()| Op::Put(record))
                }
            }
        });
        changed
    }

    pub fn add(&self, name: Name, new: Member, at_most: usize) -> Result<(), StoreError> {
        self.change(name, |members| {
            members.retain(|member| member.octets != new.octets);
            members.sort_by_key(|member| member.ends);
            let too_many = (members.len() + 1).saturating_sub(at_most.max(1));
            members.drain(..too_many);
            members.push(new);
        })
    }

    pub fn members(&self, name: &Name) -> Vec<Octets> {
        let record = self.records.get(name);
        let members = record.map_or_else(Vec::new, |record| record.members(Instant::now()));
        members.into_iter().map(|member| member.octets).collect()
    }
}

fn builder() -> CacheBuilder<Name, Record, Cache<Name, Record>> {
    Cache::builder().expire_after(RecordExpiry)
}
