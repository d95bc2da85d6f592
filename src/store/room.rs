//! A limit on how many bytes of records there may be.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A number of bytes that records take from and give back to. Clones share it.
#[derive(Clone, Debug)]
pub struct Room {
    bytes: u64,
    taken: Arc<AtomicU64>,
}

impl Room {
    /// A limit of this many bytes.
    pub fn new(bytes: u64) -> Self {
        Self {
            bytes,
            taken: Arc::default(),
        }
    }

    /// Takes this many bytes and returns `true`. If fewer are left, takes none and returns `false`.
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

    /// Takes this many bytes, even if fewer are left.
    pub fn take_anyway(&self, bytes: u64) {
        self.taken.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Gives this many bytes back.
    pub fn give_back(&self, bytes: u64) {
        self.taken.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// How many bytes are taken.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// How many bytes there are in total.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}
