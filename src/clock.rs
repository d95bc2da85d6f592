//! The only place that asks for the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// The system clock, and an offset that tests move.
///
/// Clones share the offset: a test that advances its clone moves the whole application's time.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_milliseconds: Arc<AtomicI64>,
    stopped_at: Option<DateTime<Utc>>,
}

impl Clock {
    /// The system's time.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands at this moment and goes only when it is moved: for tests of what happens
    /// to the millisecond.
    pub fn stopped(at: DateTime<Utc>) -> Self {
        Self {
            stopped_at: Some(at),
            ..Self::default()
        }
    }

    /// The time now, in UTC.
    #[expect(clippy::disallowed_methods, reason = "this is the one caller")]
    pub fn now(&self) -> DateTime<Utc> {
        self.stopped_at.unwrap_or_else(Utc::now)
            + TimeDelta::milliseconds(self.offset_milliseconds.load(Ordering::Relaxed))
    }

    /// Moves this clock and all its clones by `by`, forward or (negative) back.
    pub fn advance(&self, by: TimeDelta) {
        self.offset_milliseconds
            .fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }
}
