//! Room: how many bytes of records there may be.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A number of bytes, of which records take theirs and give them back. Clones share it.
#[derive(Clone, Debug)]
pub struct Room {
    bytes: u64,
    taken: Arc<AtomicU64>,
}

impl Room {
    /// So many bytes.
    pub fn new(bytes: u64) -> Self {
        Self {
            bytes,
            taken: Arc::default(),
        }
    }

    /// Takes so many; false, and takes none, where there are not as many left.
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

    /// Takes so many, whether or not there are as many left.
    pub fn take_anyway(&self, bytes: u64) {
        self.taken.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Gives so many back.
    pub fn give_back(&self, bytes: u64) {
        self.taken.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// How many are taken.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// How many there are.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}
