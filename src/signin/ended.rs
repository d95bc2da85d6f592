//! Remembers which sessions a reload has ended, so that they stay over even if a later reload would
//! allow them again. The sessions cannot be enumerated, because only their cookies lead to their
//! records. So this module identifies them by the time at which they began.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::SignInRules;
use crate::config;
use crate::session::Session;

/// The sessions that reloads have ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Ended {
    /// All sessions that began at or before this time.
    before: Option<DateTime<Utc>>,
    /// For each configured ID of an IdP: all sessions from that IdP that began at or before this
    /// time.
    of_idps: BTreeMap<String, DateTime<Utc>>,
}

impl Ended {
    /// Whether a reload has ended this session.
    pub fn has(&self, session: &Session) -> bool {
        let of_idp = self.of_idps.get(&session.person.idp);
        let mut ends = self.before.iter().chain(of_idp);
        ends.any(|end| session.began_at <= *end)
    }

    /// Returns these sessions, and those that end because `new` replaces `old` at `now`.
    pub fn and(&self, old: &SignInRules, new: &SignInRules, now: DateTime<Utc>) -> Self {
        // No session lasts longer than this.
        let longest = TimeDelta::seconds(config::Session::LONGEST_SECONDS.into());
        let forgotten = now - longest;
        let mut ended = self.clone();
        ended.before = ended.before.max(Some(now - old.max_age));
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
