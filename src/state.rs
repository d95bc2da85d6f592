//! The state that lives as long as the process and survives reloads: the clock, the store with the
//! sessions in it, and the audit trail.

use crate::audit::Audit;
use crate::clock::Clock;
use crate::session::Sessions;
use crate::store::Store;

/// The state that lives as long as the process.
#[derive(Debug)]
pub struct State {
    /// The source of the current time.
    pub clock: Clock,
    /// The store of all records.
    pub store: Store,
    /// The sessions in the store.
    pub sessions: Sessions,
    /// The audit trail, which every surface writes to.
    pub audit: Audit,
}

impl State {
    /// Keeps the sessions in `store`. `secure` means that people reach us over HTTPS.
    pub fn new(clock: Clock, store: Store, audit: Audit, secure: bool) -> Self {
        Self {
            clock,
            sessions: Sessions::new(store.clone(), secure),
            store,
            audit,
        }
    }
}
