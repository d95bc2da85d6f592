//! Undoes the store operations of a login or logout that fails.
//!
//! Each record is written by only one step, so removing it does no harm, even if it does not exist.
//! Marks, which record that a message has been used, are different. If the outcome of an operation
//! is unknown, the operation may have succeeded, and the message must not be accepted again. So a
//! mark is removed only if the outcome of every operation is known. If the store is unavailable,
//! the records cannot be removed, but they grant no access and will expire.

use smallvec::SmallVec;

use super::SignInError;
use crate::session::SessionError;
use crate::store::{Batch, Key, Operation, Outcome, Store, StoreError, TimeToLive};

/// An operation, and how to undo it.
#[derive(Debug)]
pub(super) struct Step {
    operation: Operation,
    key: Key,
    way_back: WayBack,
}

/// The steps of one batch. There are usually few, so they need no heap allocation.
pub(super) type Steps = SmallVec<[Step; 4]>;

#[derive(Clone, Copy, Debug)]
enum WayBack {
    Remove,
    /// Remove the mark, but only if the outcome of every operation is known.
    Unmark,
    /// Write the removed record again, with this lifetime.
    Restore(TimeToLive),
}

impl Step {
    pub(super) fn write(operation: Operation) -> Self {
        Self::new(operation, WayBack::Remove)
    }

    pub(super) fn mark(operation: Operation) -> Self {
        Self::new(operation, WayBack::Unmark)
    }

    /// A step that removes a record. Undoing the step restores the record, with the lifetime
    /// `time_left`.
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

/// The operations to undo if a later step fails.
#[derive(Debug, Default)]
pub(super) struct Undo {
    records: SmallVec<[Key; 4]>,
    marks: SmallVec<[Key; 2]>,
    removed: SmallVec<[Operation; 2]>,
    is_unknown: bool,
}

impl Undo {
    /// Runs these steps in one round trip and remembers how to undo them. If any steps fail,
    /// returns the error from the first of them.
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
            // The record existed before, so it is not ours to remove.
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

    /// For a failed operation that cannot be undone, notes whether its outcome is unknown.
    pub(super) fn note(&mut self, error: &SessionError) {
        if let SessionError::Store(error) = error {
            self.is_unknown |= !error.is_known();
        }
    }

    /// Undoes the steps and returns `because`, the original error, which is the one to report.
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
            tracing::warn!(%error, "not all store operations of a failed login or logout could be undone; records that remain will expire by themselves");
        }
        because
    }
}
