//! What all requests share.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::limits::{Bodies, ShedCounters};
use super::rules::Rules;
use crate::desk::{self, DeskError, Newest};
use crate::session::Session;
use crate::state::State;

/// What all requests share: what lives as long as the process, and the rules of now.
#[derive(Debug)]
pub struct App {
    /// The time, the store and the audit trail.
    pub state: State,
    rules: RwLock<Arc<Rules>>,
    reloaded: Mutex<Reloaded>,
    /// Requests' bodies on their way.
    pub bodies: Bodies,
    /// Who was turned away.
    pub shed: ShedCounters,
    /// Whether the service is going down.
    pub stopping: AtomicBool,
}

/// What came of the last reload.
#[derive(Clone, Debug, Default)]
pub struct Reloaded {
    /// What was wrong; the rules before it stay.
    pub problems: Vec<String>,
    /// Keys that have changed and need a restart.
    pub need_restart: Vec<&'static str>,
}

impl App {
    /// A service that begins with these rules.
    pub fn new(state: State, rules: Rules) -> Self {
        Self {
            state,
            rules: RwLock::new(Arc::new(rules)),
            reloaded: Mutex::default(),
            bodies: Bodies::default(),
            shed: ShedCounters::default(),
            stopping: AtomicBool::new(false),
        }
    }

    /// The rules of now. A request asks once, so that they do not change under it.
    pub fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on these rules hold.
    pub fn replace_rules(&self, rules: Rules) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }

    /// What came of the last reload.
    pub fn reloaded(&self) -> Reloaded {
        let reloaded = self.reloaded.lock();
        reloaded.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes what came of a reload.
    pub fn note_reload(&self, reloaded: Reloaded) {
        *self.reloaded.lock().unwrap_or_else(PoisonError::into_inner) = reloaded;
    }
}

/// The terms of now, for a desk that has waited for AWS.
impl Newest for App {
    fn terms(&self, session: &Session) -> Result<Arc<desk::Terms>, DeskError> {
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
