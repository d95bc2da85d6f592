//! The audit trail: one JSON line per event.
//!
//! A line never contains an assertion, a credential, a sign-in URL or a cookie. A session is
//! identified only by its audit name, which is derived from the session's secret and serves only to
//! find all lines of one session.
//!
//! A thread of its own writes the lines, because a write can block for as long as a reader likes: a
//! pipe whose reader does not read, or a terminal that is paused. A request waits for its line only
//! until a deadline. Past it, nothing is handed out.
//!
//! The lines form a chain ([`chain`]), so that [`verify`] finds lines that are missing or changed.

pub mod chain;
mod event;
mod fields;
mod health;
mod marker;
mod queue;
mod sink;
mod tail;
pub mod verify;
mod writer;

use std::io;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use openssl::error::ErrorStack;
use thiserror::Error;

use self::chain::Chain;
use self::event::Line;
pub use self::event::{DroppedValue, Event, Origin, Role, Who};
pub use self::health::Health;
use self::health::Report;
use self::queue::Queue;
use self::sink::Sink;
use self::writer::Writer;
use crate::clock::Clock;
use crate::config::Sync;

/// Why the audit trail cannot be written.
#[derive(Debug, Error)]
pub enum AuditError {
    /// The file cannot be opened for appending.
    #[error("audit.file: cannot open {path}: {source}")]
    Open {
        /// The path of the file.
        path: String,
        /// The operating system's error.
        source: io::Error,
    },
    /// The thread that writes the lines cannot be started.
    #[error("the audit trail's writer cannot be started: {0}")]
    Start(io::Error),
    /// The ID of the chain cannot be drawn.
    #[error("the audit trail's ID cannot be drawn: {0}")]
    Random(#[from] ErrorStack),
    /// A line could not be written.
    #[error("the audit trail cannot be written: {0}")]
    Write(String),
    /// The line was not written before the deadline.
    #[error("the audit trail was not written in time; its reader may have stopped reading")]
    Late,
    /// Too many lines are waiting to be written.
    #[error(
        "too many audit lines are waiting to be written; their reader may have stopped reading"
    )]
    Backlog,
}

/// Writes audit lines to standard output or to a file.
#[derive(Debug)]
pub struct Audit {
    queue: Queue,
    report: Arc<Report>,
}

impl Audit {
    /// An audit trail that is written to standard output.
    pub fn to_standard_output(clock: Clock) -> Result<Self, AuditError> {
        let sink = Sink::standard_output().map_err(AuditError::Start)?;
        Self::writing_to(sink, clock)
    }

    /// An audit trail that is appended to a file. If the file does not exist, it is created. Only
    /// its owner can access the file: permissions of group and others are removed.
    pub fn to_file(path: &Path, sync: Sync, clock: Clock) -> Result<Self, AuditError> {
        let sink = Sink::file(path, sync).map_err(|source| AuditError::Open {
            path: path.display().to_string(),
            source,
        })?;
        Self::writing_to(sink, clock)
    }

    fn writing_to(sink: Sink, clock: Clock) -> Result<Self, AuditError> {
        let report = Arc::<Report>::default();
        let writer = Writer::new(sink, Chain::new()?, clock, Arc::clone(&report));
        let queue = Queue::start(writer).map_err(AuditError::Start)?;
        Ok(Self { queue, report })
    }

    /// Whether the trail can be written, and its newest line.
    pub fn health(&self) -> Health {
        self.report.health()
    }

    /// Looks for the file that has the configured name, even if no line is written. A file that was
    /// moved away is closed, so that its space can be freed.
    pub fn reopen(&self) {
        self.queue.reopen();
    }

    /// Writes one audit line. If this fails, the caller must not issue credentials.
    ///
    /// Waits for at most two seconds. If the line has not been begun by then, it is taken back; if
    /// it is written after all, a line `not_handed_over` follows. A line that reports what has
    /// already happened stays in the queue instead, and is written when the trail works again.
    pub async fn record(
        &self,
        time: DateTime<Utc>,
        event: &Event,
        who: &Who,
        origin: &Origin<'_>,
    ) -> Result<(), AuditError> {
        let line = serde_json::to_vec(&Line {
            time,
            event,
            who,
            origin,
        });
        let line = line.map_err(|error| AuditError::Write(error.to_string()))?;
        self.queue.write(line, event.precedes_its_effect()).await
    }
}

#[cfg(test)]
mod tests;
