//! The application, which all requests share.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::limits::{Bodies, ShedCounters};
use super::rules::Rules;
use crate::desk::{self, DeskError, Newest};
use crate::session::Session;
use crate::state::State;
use crate::tally::Tally;

/// The data that all requests share: the state that lives as long as the process, and the current
/// rules.
#[derive(Debug)]
pub struct App {
    /// The clock, the store and the audit trail.
    pub state: State,
    rules: RwLock<Arc<Rules>>,
    reloaded: Mutex<Reloaded>,
    /// The request bodies that are being received.
    pub bodies: Bodies,
    /// Counts the requests that are turned away because of overload or a full store.
    pub shed: ShedCounters,
    /// The number of connections of the public listener.
    pub open_connections: AtomicUsize,
    /// Counts the log lines about requests.
    pub log_lines: Tally,
    /// Whether the service is shutting down.
    pub stopping: AtomicBool,
}

/// The outcome of the last reload.
#[derive(Clone, Debug, Default)]
pub struct Reloaded {
    /// Why the reload failed; empty if it succeeded. After a failure, the previous rules stay in
    /// effect.
    pub problems: Vec<String>,
    /// The changed configuration keys that take effect only after a restart.
    pub need_restart: Vec<&'static str>,
}

impl App {
    /// Creates an application that starts with these rules.
    pub fn new(state: State, rules: Rules) -> Self {
        let bodies = Bodies::on(rules.config.limits.connections);
        Self {
            state,
            rules: RwLock::new(Arc::new(rules)),
            reloaded: Mutex::default(),
            bodies,
            shed: ShedCounters::default(),
            open_connections: AtomicUsize::new(0),
            log_lines: Tally::default(),
            stopping: AtomicBool::new(false),
        }
    }

    /// The current rules. The middleware calls this once for each request, and the request keeps
    /// the result. Only the desk checks its decisions against newer rules.
    pub fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts these rules into effect.
    pub fn replace_rules(&self, rules: Rules) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }

    /// The outcome of the last reload.
    pub fn reloaded(&self) -> Reloaded {
        let reloaded = self.reloaded.lock();
        reloaded.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether further connections have to wait, because `limits.connections` is reached and none
    /// of the open ones can be closed.
    pub fn is_full(&self) -> bool {
        let most = self.rules().config.limits.connections;
        let most = most.and_then(|most| usize::try_from(most.get()).ok());
        most.is_some_and(|most| self.open_connections.load(Ordering::Relaxed) >= most)
    }

    /// Records the outcome of a reload.
    pub fn note_reload(&self, reloaded: Reloaded) {
        *self.reloaded.lock().unwrap_or_else(PoisonError::into_inner) = reloaded;
    }
}

/// Checks a session against the current rules, and returns the rules for the desk. The desk calls
/// this method before it decides, and again when AWS has responded.
impl Newest for App {
    fn desk_rules(&self, session: &Session) -> Result<Arc<desk::DeskRules>, DeskError> {
        let rules = self.rules();
        let now = self.state.clock.now();
        if !matches!(rules.sign_in.holds(session, now), Ok(true)) {
            return Err(DeskError::SessionOver);
        }
        if !rules.sign_in.would_accept(session) {
            return Err(DeskError::SignInOutdated);
        }
        Ok(Arc::clone(&rules.desk))
    }
}
