//! Memory accounting: limits the total size of the records in one or more tables.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A limited number of bytes. A table reserves bytes for each record, and releases them when it
/// removes the record. Clones share one count of reserved bytes.
#[derive(Clone, Debug)]
pub struct Room {
    bytes: u64,
    taken: Arc<AtomicU64>,
}

impl Room {
    /// Creates a room with this many bytes, none of which are reserved.
    pub fn new(bytes: u64) -> Self {
        Self {
            bytes,
            taken: Arc::default(),
        }
    }

    /// Reserves this many bytes and returns `true`. If fewer bytes are left, reserves none and
    /// returns `false`.
    pub fn take(&self, bytes: u64) -> bool {
        let taken = |taken: u64| {
            let sum = taken.checked_add(bytes)?;
            (sum <= self.bytes).then_some(sum)
        };
        let update = self
            .taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken);
        update.is_ok()
    }

    /// Reserves this many bytes, even if fewer bytes are left.
    pub fn take_anyway(&self, bytes: u64) {
        self.taken.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Releases this many reserved bytes.
    pub fn give_back(&self, bytes: u64) {
        self.taken.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// The number of reserved bytes.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// The limit in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}
