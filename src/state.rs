//! What lives as long as the process, whatever becomes of the configuration: the time, the store with the
//! sessions in it, and the audit trail.

use crate::audit::Audit;
use crate::clock::Clock;
use crate::session::Sessions;
use crate::store::Store;

/// What lives as long as the process.
#[derive(Debug)]
pub struct State {
    /// The time.
    pub clock: Clock,
    /// The store.
    pub store: Store,
    /// The sessions in the store.
    pub sessions: Sessions,
    /// The audit trail.
    pub audit: Audit,
}

impl State {
    /// The sessions are kept in `store`; `secure` when people reach us over HTTPS.
    pub fn new(clock: Clock, store: Store, audit: Audit, secure: bool) -> Self {
        Self {
            clock,
            sessions: Sessions::new(store.clone(), secure),
            store,
            audit,
        }
    }
}
