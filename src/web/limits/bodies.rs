//! The bodies of requests on their way, all together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the bodies on their way may take together, in bytes.
pub const BODIES_BYTES: usize = 128 * 1024 * 1024;
/// From here on they are a crowd.
pub(in crate::web) const CROWD_BYTES: usize = BODIES_BYTES / 2;

/// The bytes of all bodies on their way.
#[derive(Clone, Debug, Default)]
pub struct Bodies(pub(in crate::web) Arc<AtomicUsize>);

impl Bodies {
    /// Whether there are very many.
    pub(in crate::web) fn is_crowd(&self) -> bool {
        self.0.load(Ordering::Relaxed) > CROWD_BYTES
    }
}

/// A part of them, given back when it is dropped.
pub(in crate::web) struct Share {
    pub(in crate::web) bodies: Bodies,
    bytes: usize,
}

impl Share {
    /// Nothing yet.
    pub(in crate::web) fn of(bodies: Bodies) -> Self {
        Self { bodies, bytes: 0 }
    }

    /// Takes what a larger buffer needs; false where that is too much.
    pub(in crate::web) fn grow(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.bytes);
        let before = self.bodies.0.fetch_add(more, Ordering::Relaxed);
        self.bytes += more;
        before + more <= BODIES_BYTES
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.bodies.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
