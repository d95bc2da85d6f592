//! The limits that all incoming request bodies share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::config::Limit;

/// The maximum memory that all incoming bodies may use together, in bytes.
pub const BODIES_BYTES: usize = 128 * 1024 * 1024;
/// The memory use, in bytes, above which slow clients get less time to send their bodies.
pub(in crate::web) const CROWD_BYTES: usize = BODIES_BYTES / 2;
/// The number of bodies above which slow clients get less time, if the number of connections has no
/// limit. With a limit, it is at most a sixteenth of the limit.
pub(in crate::web) const CROWD: usize = 256;

/// The number of bodies that are being received, and the number of bytes that they use.
#[derive(Clone, Debug)]
pub struct Bodies(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    bodies: AtomicUsize,
    bytes: AtomicUsize,
    /// The number of bodies that are a crowd.
    crowd: usize,
}

impl Bodies {
    /// No bodies yet, on at most this many connections.
    pub fn on(connections: Limit) -> Self {
        let connections = connections.and_then(|limit| usize::try_from(limit.get()).ok());
        let crowd = connections.map_or(CROWD, |limit| CROWD.min(limit.div_ceil(16)));
        Self(Arc::new(Counts {
            bodies: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            crowd,
        }))
    }

    /// Whether the bodies are so many, or use so much memory, that slow clients get less time.
    pub(in crate::web) fn is_crowd(&self) -> bool {
        self.0.bytes.load(Ordering::Relaxed) > CROWD_BYTES
            || self.0.bodies.load(Ordering::Relaxed) > self.0.crowd
    }

    /// The bytes in use.
    #[cfg(test)]
    pub(in crate::web) fn bytes(&self) -> &AtomicUsize {
        &self.0.bytes
    }
}

/// One body and the bytes that it uses. They are released when the share is dropped.
pub(in crate::web) struct Share {
    pub(in crate::web) bodies: Bodies,
    bytes: usize,
}

impl Share {
    /// Creates a share of zero bytes.
    pub(in crate::web) fn of(bodies: Bodies) -> Self {
        bodies.0.bodies.fetch_add(1, Ordering::Relaxed);
        Self { bodies, bytes: 0 }
    }

    /// Grows the share to `bytes`, the size of the body's buffer. Returns false if all bodies
    /// together now exceed [`BODIES_BYTES`].
    pub(in crate::web) fn grow(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.bytes);
        let before = self.bodies.0.bytes.fetch_add(more, Ordering::Relaxed);
        self.bytes += more;
        before + more <= BODIES_BYTES
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.bodies.0.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        self.bodies.0.bodies.fetch_sub(1, Ordering::Relaxed);
    }
}
