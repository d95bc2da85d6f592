//! A store for tests. It can fail on demand, and it can vary how concurrent operations interleave.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::future::{BoxFuture, FutureExt as _};

use super::memory::MemoryStore;
use super::{
    Admission, Backend, Batch, Key, Kind, Operation, Outcome, Outcomes, Store, StoreError,
};

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The operation is not executed and returns this error.
    Fails(StoreError),
    /// The operation is executed, but reports a timeout.
    DoneInSilence,
    /// The operation is not executed, and reports a timeout.
    LostInSilence,
    /// The operation and all later ones are not executed. They report that the store is
    /// unavailable.
    GoneFromHere,
}

/// A memory store in which a chosen operation fails.
#[derive(Clone, Debug)]
pub(crate) struct Faulty {
    inner: Arc<MemoryStore>,
    plan: Arc<Mutex<Option<(usize, Fault)>>>,
    done: Arc<AtomicUsize>,
    /// Whether the store reports that there is no room for new people.
    is_full: Arc<AtomicBool>,
    /// The state of the pseudo-random generator that determines how many times (at most three) an
    /// operation yields before it is executed. If the state is 0, no operation yields.
    random: Arc<AtomicU64>,
    written: Arc<Mutex<BTreeMap<String, Key>>>,
}

impl Faulty {
    /// A store without faults.
    pub(crate) fn new() -> Self {
        Self {
            inner: Arc::default(),
            plan: Arc::default(),
            done: Arc::default(),
            is_full: Arc::default(),
            random: Arc::default(),
            written: Arc::default(),
        }
    }

    /// Returns a [`Store`] that shares the records, the fault and the settings of `self`.
    pub(crate) fn store(&self) -> Store {
        Store::new(self.clone())
    }

    /// Restarts the numbering of operations at 0 and makes the operation with number `at` fail.
    pub(crate) fn fail(&self, at: usize, fault: Fault) {
        self.done.store(0, Ordering::SeqCst);
        *self.plan.lock().unwrap() = Some((at, fault));
    }

    /// From now on, interleaves concurrent operations in an order that depends on `seed`.
    pub(crate) fn interleave(&self, seed: u64) {
        self.random.store(seed, Ordering::SeqCst);
    }

    /// The number of records that exist, of any kind.
    pub(crate) fn records(&self) -> usize {
        let written = self.written.lock().unwrap();
        written
            .values()
            .filter(|key| self.inner.holds(**key))
            .count()
    }

    /// Sets whether the store reports that there is room for new people.
    pub(crate) fn set_room(&self, has_room: bool) {
        self.is_full.store(!has_room, Ordering::SeqCst);
    }

    /// Yields a pseudo-random number of times, so that other tasks can run first.
    async fn pause(&self) {
        let random = self.random.load(Ordering::SeqCst);
        if random == 0 {
            return;
        }
        // Knuth's MMIX generator. Only its high bits are sufficiently random.
        let next = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.random.store(next.max(1), Ordering::SeqCst);
        for _ in 0..next >> 62 {
            tokio::task::yield_now().await;
        }
    }

    /// Removes the fault. Returns the number of operations since [`Self::fail`].
    pub(crate) fn recover(&self) -> usize {
        *self.plan.lock().unwrap() = None;
        self.done.load(Ordering::SeqCst)
    }

    /// The number of existing records of this kind.
    pub(crate) fn left(&self, kind: Kind) -> usize {
        let written = self.written.lock().unwrap();
        let keys = written.values().filter(|key| key.kind() == kind);
        keys.filter(|key| self.inner.holds(**key)).count()
    }

    fn one(&self, operation: Operation) -> Result<Outcome, StoreError> {
        let key = operation.key();
        let number = self.done.fetch_add(1, Ordering::SeqCst);
        let plan = *self.plan.lock().unwrap();
        let fault = plan.and_then(|(at, fault)| match fault {
            Fault::GoneFromHere if number >= at => Some(fault),
            _ if number == at => Some(fault),
            _ => None,
        });
        let name = format!("{key:?}");
        self.written.lock().unwrap().insert(name, key);
        match fault {
            None => self.inner.one(operation),
            Some(Fault::Fails(error)) => Err(error),
            Some(Fault::GoneFromHere) => Err(StoreError::Unavailable),
            Some(Fault::LostInSilence) => Err(StoreError::TimedOut),
            Some(Fault::DoneInSilence) => {
                let _ = self.inner.one(operation);
                Err(StoreError::TimedOut)
            }
        }
    }
}

impl Backend for Faulty {
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome, StoreError>> {
        let run = async {
            self.pause().await;
            self.one(operation)
        };
        run.boxed()
    }

    fn run_all(&self, operations: Batch) -> BoxFuture<'_, Outcomes> {
        let run = async {
            let mut outcomes = Outcomes::new();
            for operation in operations {
                self.pause().await;
                outcomes.push(self.one(operation));
            }
            outcomes
        };
        run.boxed()
    }

    fn admission(&self) -> Admission {
        let admission = self.inner.admission();
        let is_full = self.is_full.load(Ordering::SeqCst);
        Admission {
            has_room: admission.has_room && !is_full,
            ..admission
        }
    }
}
