//! Whether the trail can be written, and its newest line.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::chain::Head;
use super::writer::DEADLINE;

/// The state of the audit trail, for readiness and the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Why lines cannot be written. `None` if they can.
    pub problem: Option<String>,
    /// The newest line, if there is one.
    pub head: Option<Head>,
}

/// What the writer reports.
#[derive(Debug, Default)]
pub(super) struct Report(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    problem: Option<String>,
    head: Option<Head>,
    /// When the current write began.
    began: Option<Instant>,
}

impl Report {
    pub(super) fn begin(&self) {
        self.change(|state| state.began = Some(Instant::now()));
    }

    pub(super) fn end(&self, head: Option<Head>, problem: Option<String>) {
        self.change(|state| {
            *state = State {
                problem,
                head,
                began: None,
            };
        });
    }

    pub(super) fn health(&self) -> Health {
        self.change(|state| {
            let stands_still = state.began.is_some_and(|began| began.elapsed() > DEADLINE);
            let problem = "a write does not end; the reader of the trail may have stopped reading";
            Health {
                problem: state
                    .problem
                    .clone()
                    .or_else(|| stands_still.then(|| problem.to_owned())),
                head: state.head,
            }
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
