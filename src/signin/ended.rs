//! Sessions that a reload has ended stay so when another one allows them again. Nobody finds them, since
//! only their cookies lead to them: so it is remembered which are meant, by when they began.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::Terms;
use crate::config;
use crate::session::Session;

/// Sessions that earlier terms have ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Ended {
    /// Those that began before this.
    before: Option<DateTime<Utc>>,
    /// Those of an IdP, by its configured id, that began before this.
    of_idps: BTreeMap<String, DateTime<Utc>>,
}

impl Ended {
    /// Whether a session is one of them.
    pub fn has(&self, session: &Session) -> bool {
        let of_idp = self.of_idps.get(&session.person.idp);
        let mut ends = self.before.iter().chain(of_idp);
        ends.any(|end| session.began_at <= *end)
    }

    /// These, and those that end when the terms `new` take the place of `old` at `now`.
    pub fn and(&self, old: &Terms, new: &Terms, now: DateTime<Utc>) -> Self {
        // Nothing lives so long.
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
