//! Counters of the requests that are turned away because of overload or lack of memory.
//!
//! The totals are logged periodically. A log line for each request would turn a flood of requests
//! into a flood of log lines.

use std::sync::atomic::{AtomicU64, Ordering};

/// The numbers of requests that have been turned away since the last report.
#[derive(Debug, Default)]
pub struct ShedCounters {
    busy: AtomicU64,
    no_room: AtomicU64,
}

impl ShedCounters {
    /// Counts a request that was turned away because of overload.
    pub fn busy(&self) {
        self.busy.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a request that was turned away because the store had no memory left for a new record.
    pub fn no_room(&self) {
        self.no_room.fetch_add(1, Ordering::Relaxed);
    }

    /// Logs the totals and resets them.
    pub fn tell(&self) {
        let requests = self.busy.swap(0, Ordering::Relaxed);
        if requests > 0 {
            tracing::warn!(
                requests,
                "requests were turned away: waits exceeded limits.waiting_milliseconds, or the \
                 memory for request bodies was used up"
            );
        }
        let requests = self.no_room.swap(0, Ordering::Relaxed);
        if requests > 0 {
            tracing::error!(
                requests,
                "sign-ins and other requests were turned away: the store is full \
                 (limits.session_megabytes)"
            );
        }
    }
}
