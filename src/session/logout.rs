//! Single logout: the sessions that an IdP has ended, and our LogoutRequests that wait for an IdP's
//! response.
//!
//! An IdP's LogoutRequest usually arrives without our cookie, and a session's record can be found
//! only with the cookie. So the store keeps a mark, which records that one or all of a person's
//! sessions have ended. A mark applies only to sessions that began before the logout.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{SessionError, Sessions};
use crate::config;
use crate::crypto;
use crate::saml::Person;
use crate::saml::idp::EntityKey;
use crate::saml::logout::MAX_AGE;
use crate::store::{Key, Kind, Name, Operation, Outcome};

/// How long we wait for the response to our LogoutRequest.
const PENDING: Duration = Duration::from_mins(15);
/// A LogoutRequest with at least this many session indexes ends all of the person's sessions.
const MAX_INDEXES: usize = 32;
/// How long a mark is kept: one hour longer than the maximum age of any session.
const MARKED: Duration = Duration::from_secs(config::Session::LONGEST_SECONDS as u64 + 3_600);

/// How long a processed LogoutRequest is remembered: one minute longer than it can be valid with
/// the maximum clock skew.
const OBEYED: Duration = Duration::from_secs(
    MAX_AGE.num_seconds().unsigned_abs() + 2 * config::Saml::MAX_CLOCK_SKEW_SECONDS as u64 + 60,
);

const LABEL: &str = "rolecall logged out";

fn all_of(person: &Person) -> Key {
    let parts = [person.idp.as_bytes(), person.name_id.as_bytes()];
    let name = crypto::derive_of(LABEL, parts);
    Key::new(Kind::LoggedOut, name)
}

fn one_of(person: &Person, index: &str) -> Key {
    let (idp, name_id) = (person.idp.as_bytes(), person.name_id.as_bytes());
    let name = crypto::derive_of(LABEL, [idp, name_id, index.as_bytes()]);
    Key::new(Kind::LoggedOut, name)
}

/// The name of the record for a LogoutRequest from or to an IdP. The name is derived from the IdP's
/// entity ID, because the IdP's configured ID may change or later refer to another entity.
fn request(entity: EntityKey, id: &str) -> Name {
    let parts = [entity.octets(), id.as_bytes()];
    crypto::derive_of("rolecall logout request", parts)
}

impl Sessions {
    /// Ends the person's sessions with these indexes. If there are no indexes, or at least
    /// `MAX_INDEXES`, ends all of the person's sessions.
    pub async fn log_out(
        &self,
        person: &Person,
        indexes: &[String],
        now: DateTime<Utc>,
    ) -> Result<(), SessionError> {
        let keys: Vec<_> = match indexes.len() {
            // Nobody has `MAX_INDEXES` sessions, and that many marks would use up memory that
            // others need.
            0 | MAX_INDEXES.. => vec![all_of(person)],
            _ => indexes.iter().map(|index| one_of(person, index)).collect(),
        };
        let mark = now.timestamp_micros().to_be_bytes();
        let marks = keys.into_iter();
        let marks = marks.map(|key| Operation::put(key, mark, MARKED));
        self.store.all(marks).await?;
        Ok(())
    }

    /// Whether the IdP has ended the person's session that began at `began_at`. `index` is the
    /// session's SessionIndex, if it has one.
    pub(super) async fn is_logged_out(
        &self,
        person: &Person,
        index: Option<&str>,
        began_at: DateTime<Utc>,
    ) -> Result<bool, SessionError> {
        let is_over = |mark: &[u8]| {
            let at = <[u8; 8]>::try_from(mark).ok().map(i64::from_be_bytes);
            at.is_some_and(|at| began_at.timestamp_micros() <= at)
        };
        let all = all_of(person);
        let Some(index) = index else {
            return Ok(self.store.get(all).await?.as_deref().is_some_and(is_over));
        };
        let keys = [all, one_of(person, index)].map(Operation::Get);
        let marks = self.store.all(keys).await?;
        let mut marks = marks.into_iter().filter_map(Outcome::record);
        Ok(marks.any(|mark| is_over(&mark)))
    }

    /// Returns the operation that marks an IdP's LogoutRequest as used, unless it is already
    /// marked. Without the mark, somebody could send the LogoutRequest again and end a session that
    /// began in the meantime.
    pub fn obeying_once(entity: EntityKey, id: &str) -> Operation {
        let key = Key::new(Kind::Replay, request(entity, id));
        Operation::put_if_absent(key, [1], OBEYED)
    }

    /// Records that we expect a response from this IdP to our LogoutRequest with this ID.
    pub async fn expect_logout(&self, entity: EntityKey, id: &str) -> Result<(), SessionError> {
        let key = Key::new(Kind::LogoutPending, request(entity, id));
        Ok(self.store.put(key, [1], PENDING).await?)
    }

    /// Whether we expect a response from this IdP to our LogoutRequest with this ID. If so, stops
    /// expecting the response, so that it is accepted only once.
    pub async fn take_logout(&self, entity: EntityKey, id: &str) -> Result<bool, SessionError> {
        let key = Key::new(Kind::LogoutPending, request(entity, id));
        Ok(self.store.take(key).await?.is_some())
    }
}
