//! The audit trail: one JSON line per event.
//!
//! A line never contains an assertion, a credential, a sign-in URL or a cookie. A session is
//! identified only by its audit name, which is derived from the session's secret and serves only to
//! find all lines of one session.
//!
//! A thread of its own writes the lines, because a write can block for as long as a reader likes: a
//! pipe whose reader stands still, or a terminal that is paused. A request waits for its line only
//! until a deadline. Past it, nothing is handed out.

mod event;
mod sink;
mod writer;

use std::io;
use std::path::Path;

use chrono::{DateTime, Utc};
use thiserror::Error;

use self::event::Line;
pub use self::event::{DroppedValue, Event, Origin, Role, Who};
use self::sink::Sink;
use self::writer::Queue;

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
    /// A line could not be written.
    #[error("the audit trail cannot be written: {0}")]
    Write(String),
    /// The line was not written before the deadline.
    #[error("the audit trail was not written in time; its reader may be standing still")]
    Late,
    /// Too many lines are waiting to be written.
    #[error("too many audit lines are waiting to be written; their reader may be standing still")]
    Backlog,
}

/// Writes audit lines to standard output or to a file.
#[derive(Debug)]
pub struct Audit {
    queue: Queue,
}

impl Audit {
    /// An audit trail that is written to standard output.
    pub fn to_standard_output() -> Result<Self, AuditError> {
        let sink = Sink::standard_output().map_err(AuditError::Start)?;
        Self::writing_to(sink)
    }

    /// An audit trail that is appended to a file. If the file does not exist, it is created; on
    /// Unix, only its owner can then access it.
    pub fn to_file(path: &Path) -> Result<Self, AuditError> {
        Self::writing_to(Sink::file(path)?)
    }

    fn writing_to(sink: Sink) -> Result<Self, AuditError> {
        let queue = Queue::start(sink).map_err(AuditError::Start)?;
        Ok(Self { queue })
    }

    /// Writes one audit line. If this fails, the caller must not issue credentials.
    ///
    /// Waits for at most two seconds. If the line has not been begun by then, it is taken back. A
    /// line that reports what has already happened stays in the queue instead, and is written when
    /// the trail works again.
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
mod tests {
    use super::*;

    #[test]
    fn an_unopenable_file_is_reported_with_its_configuration_key() {
        let folder = tempfile::tempdir().unwrap();
        let error = Audit::to_file(folder.path()).unwrap_err().to_string();
        let named = format!("audit.file: cannot open {}: ", folder.path().display());
        assert!(error.starts_with(&named), "{error}");
    }
}
