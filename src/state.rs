//! State that lives as long as the process and is not replaced by reloads: the clock, the store,
//! which contains the sessions, and the audit trail.

use crate::audit::Audit;
use crate::clock::Clock;
use crate::session::Sessions;
use crate::store::Store;

/// State that lives as long as the process.
#[derive(Debug)]
pub struct State {
    /// The source of the current time.
    pub clock: Clock,
    /// The store, which contains all records.
    pub store: Store,
    /// The sessions in the store.
    pub sessions: Sessions,
    /// The audit trail, which all surfaces share.
    pub audit: Audit,
}

impl State {
    /// Creates the state with this store. `secure` means that the public URL uses HTTPS, so cookies
    /// are marked `Secure`.
    pub fn new(clock: Clock, store: Store, audit: Audit, secure: bool) -> Self {
        Self {
            clock,
            sessions: Sessions::new(store.clone(), secure),
            store,
            audit,
        }
    }
}
