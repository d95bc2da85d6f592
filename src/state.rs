//! The state that lives as long as the process: the clock, the store with the sessions, the
//! program's keys and the audit trail. Reloads do not replace it.

use crate::audit::Audit;
use crate::clock::Clock;
pub use crate::session::ProgramKeys;
use crate::session::Sessions;
use crate::store::Store;
use crate::tally::Tally;

/// The state that lives as long as the process. Reloads do not replace it.
#[derive(Debug)]
pub struct State {
    /// The source of the current time.
    pub clock: Clock,
    /// The store, which contains all records.
    pub store: Store,
    /// The sessions in the store.
    pub sessions: Sessions,
    /// The keys that only the program has, for what browsers keep for it.
    pub keys: ProgramKeys,
    /// The audit trail, which all surfaces share.
    pub audit: Audit,
    /// Counts the audit lines about refused logins and logouts.
    pub refusals: Tally,
}

impl State {
    /// Creates the state. `secure` means that the public URL uses HTTPS, so cookies are marked
    /// `Secure`.
    pub fn new(clock: Clock, store: Store, keys: ProgramKeys, audit: Audit, secure: bool) -> Self {
        Self {
            clock,
            sessions: Sessions::new(store.clone(), secure),
            store,
            keys,
            audit,
            refusals: Tally::default(),
        }
    }
}
