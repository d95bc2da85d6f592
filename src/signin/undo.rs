//! Takes back what a step has written if the step fails.
//!
//! Each record belongs to a single step, so removing it twice does no harm. A mark that something
//! was used is different. If the outcome of the step is unknown, somebody may already be continuing
//! with it, and without the mark the same message would be accepted again. So a mark is taken back
//! only if every outcome is known. If the store is down, the remains cannot be removed, but they
//! give access to nothing and expire by themselves.

use smallvec::SmallVec;

use super::SignInError;
use crate::session::SessionError;
use crate::store::{Batch, Key, Operation, Outcome, Store, StoreError, TimeToLive};

/// An operation, and how to take it back.
#[derive(Debug)]
pub(super) struct Step {
    operation: Operation,
    key: Key,
    way_back: WayBack,
}

/// The steps of one batch. There are few, so they need no heap allocation.
pub(super) type Steps = SmallVec<[Step; 4]>;

#[derive(Clone, Copy, Debug)]
enum WayBack {
    /// Remove the record.
    Remove,
    /// Remove the mark, if every outcome is known.
    Unmark,
    /// Write the removed record again, with this lifetime.
    Restore(TimeToLive),
}

impl Step {
    /// Writes a record.
    pub(super) fn write(operation: Operation) -> Self {
        Self::new(operation, WayBack::Remove)
    }

    /// Marks something as used.
    pub(super) fn mark(operation: Operation) -> Self {
        Self::new(operation, WayBack::Unmark)
    }

    /// Removes a record that has `time_left` to live.
    pub(super) fn remove(key: Key, time_left: TimeToLive) -> Self {
        Self::new(Operation::Take(key), WayBack::Restore(time_left))
    }

    fn new(operation: Operation, way_back: WayBack) -> Self {
        Self {
            key: operation.key(),
            operation,
            way_back,
        }
    }
}

/// What has been done so far.
#[derive(Debug, Default)]
pub(super) struct Undo {
    records: SmallVec<[Key; 4]>,
    marks: SmallVec<[Key; 2]>,
    removed: SmallVec<[Operation; 2]>,
    is_unknown: bool,
}

impl Undo {
    /// Runs these steps in one round trip and remembers them. Returns the error of the first step
    /// that failed.
    pub(super) async fn run(
        &mut self,
        store: &Store,
        steps: Steps,
    ) -> Result<SmallVec<[Outcome; 4]>, StoreError> {
        let back = |step: &Step| (step.key, step.way_back);
        let back: SmallVec<[_; 4]> = steps.iter().map(back).collect();
        let operations = steps.into_iter().map(|step| step.operation);
        let outcomes = store.each(operations).await;
        for ((key, way_back), outcome) in back.into_iter().zip(&outcomes) {
            self.remember(key, way_back, outcome);
        }
        outcomes.into_iter().collect()
    }

    fn remember(&mut self, key: Key, way_back: WayBack, outcome: &Result<Outcome, StoreError>) {
        match (way_back, outcome) {
            // The existing record belongs to somebody else.
            (_, Ok(Outcome::Written(false))) => {}
            (WayBack::Remove, Ok(_)) => self.records.push(key),
            (WayBack::Unmark, Ok(_)) => self.marks.push(key),
            (WayBack::Restore(time_left), Ok(Outcome::Record(Some(record)))) => {
                let restored = Operation::put(key, record.clone(), time_left);
                self.removed.push(restored);
            }
            (way_back, Err(error)) if !error.is_known() => {
                self.is_unknown = true;
                if matches!(way_back, WayBack::Remove) {
                    self.records.push(key);
                }
            }
            (WayBack::Restore(_), Ok(_)) | (_, Err(_)) => {}
        }
    }

    /// Notes the failure of something that cannot be taken back.
    pub(super) fn note(&mut self, error: &SessionError) {
        if let SessionError::Store(error) = error {
            self.is_unknown |= !error.is_known();
        }
    }

    /// Takes everything back and returns the error that caused this, because that is the one to
    /// report.
    pub(super) async fn take_back(self, store: &Store, because: SignInError) -> SignInError {
        let marks = if self.is_unknown {
            SmallVec::new()
        } else {
            self.marks
        };
        let written = self.records.into_iter().chain(marks);
        let operations: Batch = written.map(Operation::Take).chain(self.removed).collect();
        if !operations.is_empty()
            && let Err(error) = store.all(operations).await
        {
            tracing::warn!(%error, "the records of a failed login or logout could not be removed; they expire by themselves");
        }
        because
    }
}
