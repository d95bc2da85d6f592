//! The clock: the only module that reads the system time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// The system clock plus an offset that tests can change.
///
/// Clones share the offset: a test that advances its clone moves the time for the whole
/// application.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_milliseconds: Arc<AtomicI64>,
    stopped_at: Option<DateTime<Utc>>,
}

impl Clock {
    /// A clock that follows the system time.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that is stopped at `at` and that only [`Clock::advance`] moves, for tests that
    /// depend on the exact millisecond.
    pub fn stopped(at: DateTime<Utc>) -> Self {
        Self {
            stopped_at: Some(at),
            ..Self::default()
        }
    }

    /// The current time in UTC.
    #[expect(clippy::disallowed_methods, reason = "only the clock reads the time")]
    pub fn now(&self) -> DateTime<Utc> {
        self.stopped_at.unwrap_or_else(Utc::now)
            + TimeDelta::milliseconds(self.offset_milliseconds.load(Ordering::Relaxed))
    }

    /// Moves this clock and all its clones by `by`: forward, or backward if `by` is negative.
    pub fn advance(&self, by: TimeDelta) {
        self.offset_milliseconds
            .fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }
}
