//! Undo: what a step has written, to be taken back where the step fails.
//!
//! Every record is of one step alone, so that removing it twice does no harm. A mark that something was used
//! is another matter. Where it is not known what became of the step, somebody may already go on with it,
//! and without the mark the same message would get in once more. So a mark is taken back only where every
//! outcome is known. What cannot be taken back, because the store is gone, opens nothing and ends by its
//! time.

use smallvec::SmallVec;

use super::SignInError;
use crate::session::SessionError;
use crate::store::{Batch, Key, Operation, Outcome, Store, StoreError, TimeToLive};

/// An operation, and what takes it back.
#[derive(Debug)]
pub(super) struct Step {
    operation: Operation,
    key: Key,
    way_back: WayBack,
}

/// Steps that go together: few, and so without memory of their own.
pub(super) type Steps = SmallVec<[Step; 4]>;

#[derive(Clone, Copy, Debug)]
enum WayBack {
    /// Remove the record.
    Remove,
    /// Remove the mark, if every outcome is known.
    Unmark,
    /// Write the record again that was removed, for so long.
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

    /// Removes a record, which would live for `time_left`.
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
    /// Does these steps in one round trip, and remembers them. An error is that of the first that failed.
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
            // It is somebody else's.
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

    /// Notes a failure of something that cannot be taken back.
    pub(super) fn note(&mut self, error: &SessionError) {
        if let SessionError::Store(error) = error {
            self.is_unknown |= !error.is_known();
        }
    }

    /// Takes everything back, and returns the error that led here: that is the one to be told.
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
            tracing::warn!(%error, "what a failed login or logout wrote could not be removed; it expires by itself");
        }
        because
    }
}
