//! Remembers which sessions ended under earlier rules, so that no reload revives them: sessions
//! that had expired before a reload, and sessions of IdPs that a reload removed or replaced.
//!
//! Sessions cannot be enumerated, because a session's record can be found only with its cookie. So
//! this module identifies the ended sessions by the time at which they began.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::SignInRules;
use crate::config;
use crate::session::Session;

/// The sessions that ended under earlier rules.
#[derive(Clone, Debug, Default)]
pub(super) struct Ended {
    /// All sessions that began at or before this time have ended.
    before: Option<DateTime<Utc>>,
    /// The corresponding times for the sessions of individual IdPs, by the IdP's configured ID.
    of_idps: BTreeMap<String, DateTime<Utc>>,
}

impl Ended {
    /// Whether this session ended under earlier rules.
    pub fn has(&self, session: &Session) -> bool {
        let of_idp = self.of_idps.get(&session.person.idp);
        let mut ends = self.before.iter().chain(of_idp);
        ends.any(|end| session.began_at <= *end)
    }

    /// Adds the sessions that have expired under `old` at `now`, and the sessions of IdPs that
    /// `new` removes or replaces.
    pub fn and(&self, old: &SignInRules, new: &SignInRules, now: DateTime<Utc>) -> Self {
        // No session lasts longer than this, so older entries are not needed.
        let longest = TimeDelta::seconds(config::Session::LONGEST_SECONDS.into());
        let forgotten = now - longest;
        let mut ended = self.clone();
        ended.before = ended.before.max(Some(now - old.session_max_age));
        for idp in old.saml.idps() {
            let is_gone = idp
                .entity_key()
                .is_some_and(|entity| new.still_has(&idp.id, entity).is_err());
            if is_gone || new.saml.idp(&idp.id).is_none() {
                ended.of_idps.insert(idp.id.clone(), now);
            }
        }
        ended.of_idps.retain(|_, end| *end > forgotten);
        ended
    }
}
