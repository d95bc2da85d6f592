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
}

impl Clock {
    /// The system's time.
    pub fn system() -> Self {
        Self::default()
    }

    /// The time now, in UTC.
    #[expect(clippy::disallowed_methods, reason = "this is the one caller")]
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::milliseconds(self.offset_milliseconds.load(Ordering::Relaxed))
    }

    /// Moves this clock and all its clones by `by`, forward or (negative) back.
    pub fn advance(&self, by: TimeDelta) {
        self.offset_milliseconds
            .fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }
}
