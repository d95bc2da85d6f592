//! A store that fails or interleaves operations differently on demand, for tests of failures and of
//! concurrent requests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::future::{BoxFuture, FutureExt as _};

use super::memory::MemoryStore;
use super::{
    Admission, Backend, Batch, Key, Kind, Operation, Outcome, Outcomes, Store, StoreError,
};

/// A fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// One operation is not done and reports this error.
    Fails(StoreError),
    /// One operation is done, but times out.
    DoneInSilence,
    /// One operation is not done, and times out.
    LostInSilence,
    /// Neither this operation nor any later one is done.
    GoneFromHere,
}

/// A memory store in which one operation goes wrong.
#[derive(Clone, Debug)]
pub(crate) struct Faulty {
    inner: Arc<MemoryStore>,
    plan: Arc<Mutex<Option<(usize, Fault)>>>,
    done: Arc<AtomicUsize>,
    /// Whether it reports that there is no room for new people.
    is_full: Arc<AtomicBool>,
    /// The state of a pseudo-random generator. Each operation first yields up to three times; 0
    /// turns this off.
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

    /// This store as a [`Store`]; it shares the faults.
    pub(crate) fn store(&self) -> Store {
        Store::new(self.clone())
    }

    /// From now on the operation with this number, counted from 0, goes wrong.
    pub(crate) fn fail(&self, at: usize, fault: Fault) {
        self.done.store(0, Ordering::SeqCst);
        *self.plan.lock().unwrap() = Some((at, fault));
    }

    /// From now on each `seed` gives a different interleaving.
    pub(crate) fn interleave(&self, seed: u64) {
        self.random.store(seed, Ordering::SeqCst);
    }

    /// Sets whether there is room for new people.
    pub(crate) fn set_room(&self, has_room: bool) {
        self.is_full.store(!has_room, Ordering::SeqCst);
    }

    /// Gives other tasks a chance to run first.
    async fn pause(&self) {
        let random = self.random.load(Ordering::SeqCst);
        if random == 0 {
            return;
        }
        // Knuth's MMIX generator; its high bits are the good ones.
        let next = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.random.store(next.max(1), Ordering::SeqCst);
        for _ in 0..next >> 62 {
            tokio::task::yield_now().await;
        }
    }

    /// Removes the fault. Returns how many operations there were since [`Self::fail`].
    pub(crate) fn recover(&self) -> usize {
        *self.plan.lock().unwrap() = None;
        self.done.load(Ordering::SeqCst)
    }

    /// How many records of this kind exist.
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
