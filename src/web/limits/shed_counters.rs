//! Who is turned away where there is too much to do, or no room: counted, for the log to tell now and
//! then. A line each would be a flood when there is one already.

use std::sync::atomic::{AtomicU64, Ordering};

/// How many since it was last told.
#[derive(Debug, Default)]
pub struct ShedCounters {
    busy: AtomicU64,
    no_room: AtomicU64,
}

impl ShedCounters {
    /// Somebody would have had to wait too long.
    pub fn busy(&self) {
        self.busy.fetch_add(1, Ordering::Relaxed);
    }

    /// Somebody found no room.
    pub fn no_room(&self) {
        self.no_room.fetch_add(1, Ordering::Relaxed);
    }

    /// Writes to the log how many they were.
    pub fn tell(&self) {
        let requests = self.busy.swap(0, Ordering::Relaxed);
        if requests > 0 {
            tracing::warn!(
                requests,
                "turned away: they would have waited longer than limits.waiting_milliseconds"
            );
        }
        let requests = self.no_room.swap(0, Ordering::Relaxed);
        if requests > 0 {
            tracing::error!(
                requests,
                "turned away: limits.session_megabytes are used up, and nobody else can sign in"
            );
        }
    }
}
