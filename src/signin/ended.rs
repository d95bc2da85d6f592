//! Remembers the sessions that a reload has ended, so that they stay over when a later reload
//! allows them again. They cannot be looked up, because only their cookies lead to them. So this
//! records which sessions are meant by the time at which they began.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::SignInRules;
use crate::config;
use crate::session::Session;

/// Sessions that earlier sign-in rules have ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Ended {
    /// Sessions that began at or before this time.
    before: Option<DateTime<Utc>>,
    /// Sessions of an IdP, by its configured ID, that began at or before this time.
    of_idps: BTreeMap<String, DateTime<Utc>>,
}

impl Ended {
    /// Whether this session has been ended.
    pub fn has(&self, session: &Session) -> bool {
        let of_idp = self.of_idps.get(&session.person.idp);
        let mut ends = self.before.iter().chain(of_idp);
        ends.any(|end| session.began_at <= *end)
    }

    /// These sessions, and those that end when the rules `new` replace `old` at `now`.
    pub fn and(&self, old: &SignInRules, new: &SignInRules, now: DateTime<Utc>) -> Self {
        // No session lives this long.
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
