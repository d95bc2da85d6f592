//! Logs what the audit trail's writer cannot log while it is blocked: whether the trail
//! can be written. Also logs the hash of its newest line, so that anyone who keeps the log can find
//! out later whether the end of the trail was cut off.

use std::time::{Duration, Instant};

use crate::audit::Audit;
use crate::audit::chain::Head;

/// How often the newest line's hash is logged, if there are new lines.
const EVERY: Duration = Duration::from_mins(1);

/// What has been logged about the audit trail.
#[derive(Debug, Default)]
pub(super) struct TrailLog {
    problem: Option<String>,
    head: Option<Head>,
    at: Option<Instant>,
}

impl TrailLog {
    /// Logs what has changed.
    pub(super) fn log(&mut self, audit: &Audit) {
        let health = audit.health();
        if health.problem != self.problem {
            if let Some(problem) = &health.problem {
                tracing::error!(
                    problem,
                    "the audit trail cannot be written, so nothing is issued"
                );
            } else {
                tracing::info!("the audit trail can be written again");
            }
            self.problem = health.problem;
        }
        if self.at.is_none_or(|at| at.elapsed() >= EVERY) {
            self.log_head(health.head);
        }
    }

    /// Logs the hash of the newest line at the end of the process.
    pub(super) fn log_end(&mut self, audit: &Audit) {
        self.log_head(audit.health().head);
    }

    fn log_head(&mut self, head: Option<Head>) {
        if let Some(newest) = head
            && head != self.head
        {
            let Head { chain, seq, hash } = newest;
            tracing::info!(%chain, seq, %hash, "the newest audit line");
            self.head = head;
            self.at = Some(Instant::now());
        }
    }
}
