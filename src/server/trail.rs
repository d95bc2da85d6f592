//! Logs what the audit trail's writer cannot log while it is blocked: whether the trail can be
//! written. Also logs the hash of its newest line, so that anyone who keeps the log can find out
//! later whether the end of the trail was cut off.

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
        let due = self.due(health.head, Instant::now());
        due.inspect(log_head);
    }

    /// Logs the hash of the newest line at the end of the process.
    pub(super) fn log_end(&self, audit: &Audit) {
        let newest = audit.health().head;
        newest.filter(|_| newest != self.head).inspect(log_head);
    }

    /// The newest line, if its hash must be logged now.
    fn due(&mut self, newest: Option<Head>, now: Instant) -> Option<Head> {
        let is_new = newest != self.head;
        let is_due = self
            .at
            .is_none_or(|at| now.saturating_duration_since(at) >= EVERY);
        let due = newest.filter(|_| is_new && is_due)?;
        (self.head, self.at) = (newest, Some(now));
        Some(due)
    }
}

fn log_head(newest: &Head) {
    let Head { chain, seq, hash } = newest;
    tracing::info!(%chain, seq, %hash, "the newest audit line");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::chain::Chain;

    #[test]
    fn the_newest_hash_is_due_once_a_minute_if_there_are_new_lines() {
        let (mut chain, mut log, start) =
            (Chain::new().unwrap(), TrailLog::default(), Instant::now());
        let mut next = || {
            chain.add(
                b"{\"a\":1}",
                crate::audit::chain::Position::default(),
                &mut Vec::new(),
            );
            chain.head()
        };
        assert_eq!(log.due(None, start), None);
        let first = next();
        assert_eq!(log.due(first, start), first);
        let second = next();
        assert_eq!(log.due(second, start + EVERY / 2), None);
        assert_eq!(log.due(second, start + EVERY), second);
        assert_eq!(log.due(second, start + 9 * EVERY), None);
        let third = next();
        assert_eq!(log.due(third, start + 9 * EVERY), third);
    }
}
