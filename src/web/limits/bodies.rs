//! The limit on the memory that all incoming request bodies may use together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The maximum memory that all incoming bodies may use together, in bytes.
pub const BODIES_BYTES: usize = 128 * 1024 * 1024;
/// The memory use, in bytes, above which slow clients get less time to send their bodies.
pub(in crate::web) const CROWD_BYTES: usize = BODIES_BYTES / 2;

/// The number of bytes that all incoming bodies use.
#[derive(Clone, Debug, Default)]
pub struct Bodies(pub(in crate::web) Arc<AtomicUsize>);

impl Bodies {
    /// Whether the bodies use so much memory that slow clients get less time.
    pub(in crate::web) fn is_crowd(&self) -> bool {
        self.0.load(Ordering::Relaxed) > CROWD_BYTES
    }
}

/// The bytes that one body uses. They are released when the share is dropped.
pub(in crate::web) struct Share {
    pub(in crate::web) bodies: Bodies,
    bytes: usize,
}

impl Share {
    /// Creates a share of zero bytes.
    pub(in crate::web) fn of(bodies: Bodies) -> Self {
        Self { bodies, bytes: 0 }
    }

    /// Grows the share to `bytes`, the size of the body's buffer. Returns false if all bodies
    /// together now exceed [`BODIES_BYTES`].
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
