//! Checks whether a session is still valid under the current sign-in rules, which may be newer than
//! the session.

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{SignIn, SignInError, SignInRules};
use crate::audit::Event;
use crate::saml::idp::EntityKey;
use crate::saml::{Person, Refusal};
use crate::session::{Session, SessionToken};

/// Why a session ended early: its IdP is not the one that it began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Over {
    /// The IdP is no longer configured.
    #[error("the identity provider of this session is no longer configured")]
    IdpRemoved,
    /// Another IdP now has its configured ID.
    #[error("the identity provider of this session has been replaced by another one")]
    IdpReplaced,
}

impl Over {
    /// The stable name that API answers and audit lines use.
    pub fn code(self) -> &'static str {
        match self {
            Self::IdpRemoved => "idp_removed",
            Self::IdpReplaced => "idp_replaced",
        }
    }
}

/// A login at that IdP is refused for the same reason.
impl From<Over> for Refusal {
    fn from(over: Over) -> Self {
        match over {
            Over::IdpRemoved => Self::IdpRemoved,
            Over::IdpReplaced => Self::IdpReplaced,
        }
    }
}

impl SignInRules {
    /// Checks whether the IdP with this configured ID exists and is still the same entity. While
    /// its entity is unknown, the check passes, so that nobody is signed out because of that.
    pub fn still_has(&self, idp: &str, entity: EntityKey) -> Result<(), Over> {
        let idp = self.saml.idp(idp).ok_or(Over::IdpRemoved)?;
        match idp.entity_key() {
            Some(known) if known != entity => Err(Over::IdpReplaced),
            _ => Ok(()),
        }
    }

    /// Whether a session is valid at `now`: `false` once its time is up, an error if its IdP has
    /// been removed or replaced.
    pub fn holds(&self, session: &Session, now: DateTime<Utc>) -> Result<bool, Over> {
        self.still_has(&session.person.idp, session.entity)?;
        Ok(now < session.ends_at(self.max_age) && !self.ended.has(session))
    }

    /// Whether the sign-in that a session began with would satisfy the current rules: what the IdP
    /// is to be asked now (`authn_contexts`, `force_authn`), and that the IdP is known to be the
    /// same entity. If not, the person must go through the IdP before they get anything.
    pub fn would_accept(&self, session: &Session) -> bool {
        let Some(idp) = self.saml.idp(&session.person.idp) else {
            return false;
        };
        let has_context = session
            .authn_contexts
            .are_wanted(&idp.wishes.authn_contexts);
        let is_known = idp.entity_key() == Some(session.entity);
        is_known && has_context && (session.requested_force_authn || !idp.wishes.force_authn)
    }
}

impl SignIn<'_> {
    /// The browser's session, if it has a valid one. An expired session is removed. If the
    /// session's IdP was removed or replaced, that is an error, and the session is removed once its
    /// audit line is written.
    pub async fn session(&self) -> Result<Option<Session>, SignInError> {
        let Some(token) = self.visitor.token else {
            return Ok(None);
        };
        let now = self.now();
        let Some(session) = self.state.sessions.load(token, now).await? else {
            return Ok(None);
        };
        match self.rules.holds(&session, now) {
            Ok(true) => return Ok(Some(session)),
            Ok(false) => self.forget(token, &session).await,
            Err(over) => {
                let recorded = self.record(&ended(over), &session.person);
                // Without its audit line the session stays, and is refused again when it is next
                // used.
                if recorded.is_ok() {
                    self.forget(token, &session).await;
                }
                return Err(SignInError::from(over).even_if(recorded));
            }
        }
        Ok(None)
    }

    /// The same for a step that replaces or ends the session. If the session's IdP was removed or
    /// replaced, it counts as none.
    pub(super) async fn session_so_far(&self) -> Result<Option<Session>, SignInError> {
        match self.session().await {
            Err(SignInError::Over(_)) => Ok(None),
            other => other,
        }
    }

    /// Removes a session that is over. If this fails, the session stays refused as long as the
    /// rules do not change.
    async fn forget(&self, token: &SessionToken, session: &Session) {
        if let Err(error) = self.state.sessions.end(token, session).await {
            tracing::warn!(%error, "a session that is over could not be removed");
        }
    }

    /// Refuses a login that is under way at an IdP that has been removed or replaced.
    pub(super) fn still_has(&self, person: &Person, entity: EntityKey) -> Result<(), Over> {
        self.rules.still_has(&person.idp, entity)
    }
}

fn ended(over: Over) -> Event {
    Event::SessionEnded {
        cause: over.code(),
        detail: over.to_string(),
    }
}
