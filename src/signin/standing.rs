//! Whether a session still stands under the terms of now, which may be newer than it is.

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{SignIn, SignInError, Terms};
use crate::audit::Event;
use crate::saml::idp::EntityKey;
use crate::saml::{Person, Refusal};
use crate::session::{Session, SessionToken};

/// Why a session is over before its time: its IdP is not the one that it began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Over {
    /// The configuration has no such IdP any more.
    #[error("the identity provider of this session is no longer configured")]
    IdpRemoved,
    /// Another IdP has its name.
    #[error("the identity provider of this session has been replaced by another one")]
    IdpReplaced,
}

impl Over {
    /// A stable name: in the API's answers and in audit lines.
    pub fn code(self) -> &'static str {
        match self {
            Self::IdpRemoved => "idp_removed",
            Self::IdpReplaced => "idp_replaced",
        }
    }
}

/// A login there is refused for the same reason.
impl From<Over> for Refusal {
    fn from(over: Over) -> Self {
        match over {
            Over::IdpRemoved => Self::IdpRemoved,
            Over::IdpReplaced => Self::IdpReplaced,
        }
    }
}

impl Terms {
    /// Whether the IdP with this configured id is there, and still the same entity. One of which nothing
    /// is known yet is believed to be, so that nobody is signed out for it.
    pub fn still_has(&self, idp: &str, entity: EntityKey) -> Result<(), Over> {
        let idp = self.saml.idp(idp).ok_or(Over::IdpRemoved)?;
        match idp.entity_key() {
            Some(known) if known != entity => Err(Over::IdpReplaced),
            _ => Ok(()),
        }
    }

    /// Whether a session goes on at `now`: `false` once its time is up, an error where its IdP is gone.
    pub fn holds(&self, session: &Session, now: DateTime<Utc>) -> Result<bool, Over> {
        self.still_has(&session.person.idp, session.entity)?;
        Ok(now < session.ends_at(self.max_age) && !self.ended.has(session))
    }

    /// Whether the sign-in that a session began with would do today: as the IdP is to be asked now
    /// (`authn_contexts`, `force_authn`), and where it is known which entity the IdP is. Where it would
    /// not, the person goes through the IdP before they get anything.
    pub fn would_accept(&self, session: &Session) -> bool {
        let Some(idp) = self.saml.idp(&session.person.idp) else {
            return false;
        };
        let has_context = session
            .authn_contexts
            .are_wanted(&idp.wishes.authn_contexts);
        let is_known = idp.entity_key() == Some(session.entity);
        is_known && has_context && (session.asked_anew || !idp.wishes.force_authn)
    }
}

impl SignIn<'_> {
    /// The browser's session, if there is one that still holds. One that has expired is removed. One whose
    /// IdP was removed or replaced is an error; it is removed once its audit line is written.
    pub async fn session(&self) -> Result<Option<Session>, SignInError> {
        let Some(token) = self.visitor.token else {
            return Ok(None);
        };
        let now = self.now();
        let Some(session) = self.state.sessions.load(token, now).await? else {
            return Ok(None);
        };
        match self.terms.holds(&session, now) {
            Ok(true) => return Ok(Some(session)),
            Ok(false) => self.forget(token, &session).await,
            Err(over) => {
                let recorded = self.record(&ended(over), &session.person);
                // Without its line it stays, and is refused again at the next use.
                if recorded.is_ok() {
                    self.forget(token, &session).await;
                }
                return Err(SignInError::from(over).even_if(recorded));
            }
        }
        Ok(None)
    }

    /// The same for a step that replaces or ends the session: a session whose IdP is gone counts as none.
    pub(super) async fn session_so_far(&self) -> Result<Option<Session>, SignInError> {
        match self.session().await {
            Err(SignInError::Over(_)) => Ok(None),
            other => other,
        }
    }

    /// Removes a session that is over. If this fails, the session stays refused as long as the rules stay.
    async fn forget(&self, token: &SessionToken, session: &Session) {
        if let Err(error) = self.state.sessions.end(token, session).await {
            tracing::warn!(%error, "a session that is over could not be removed");
        }
    }

    /// Refuses a login that is under way at an IdP that is gone.
    pub(super) fn still_has(&self, person: &Person, entity: EntityKey) -> Result<(), Over> {
        self.terms.still_has(&person.idp, entity)
    }
}

fn ended(over: Over) -> Event {
    Event::SessionEnded {
        cause: over.code(),
        detail: over.to_string(),
    }
}
