//! Checks whether a session is still valid under the current sign-in rules, which may have changed
//! since the session began.

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{SignIn, SignInError, SignInRules};
use crate::audit::Event;
use crate::saml::idp::EntityKey;
use crate::saml::{IdentityProvider, Person, Refusal};
use crate::session::pending::AskedIdp;
use crate::session::{Session, SessionToken};

/// Why a session or login is no longer accepted: its IdP was removed or replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Over {
    /// The IdP is no longer configured.
    #[error("the identity provider of this session is no longer configured")]
    IdpRemoved,
    /// The IdP's configured ID now refers to another entity.
    #[error("the identity provider of this session has been replaced by another one")]
    IdpReplaced,
}

impl Over {
    /// The stable code in API responses and audit lines.
    pub fn code(self) -> &'static str {
        match self {
            Self::IdpRemoved => "idp_removed",
            Self::IdpReplaced => "idp_replaced",
        }
    }
}

/// The refusal of a login at an IdP that has been removed or replaced.
impl From<Over> for Refusal {
    fn from(over: Over) -> Self {
        match over {
            Over::IdpRemoved => Self::IdpRemoved,
            Over::IdpReplaced => Self::IdpReplaced,
        }
    }
}

impl SignInRules {
    /// Checks whether an IdP with this configured ID exists and is still this entity. While the
    /// IdP's entity is unknown, the check passes, so that missing metadata signs nobody out.
    pub fn still_has(&self, idp: &str, entity: EntityKey) -> Result<(), Over> {
        let idp = self.saml.idp(idp).ok_or(Over::IdpRemoved)?;
        match idp.entity_key() {
            Some(known) if known != entity => Err(Over::IdpReplaced),
            _ => Ok(()),
        }
    }

    /// The IdP that a login in progress was sent to. It must still be configured and be the same
    /// entity. While the IdP's entity is unknown, the check passes.
    pub(super) fn idp_of_login(&self, asked: AskedIdp) -> Result<&IdentityProvider, Over> {
        let idps = self.saml.idps().iter();
        let mut idps = idps.filter(|idp| idp.id_key == asked.id).peekable();
        if idps.peek().is_none() {
            return Err(Over::IdpRemoved);
        }
        let is_same = |idp: &IdentityProvider| idp.entity_key().is_none_or(|key| asked.had(key));
        let idp = idps.find(|idp| is_same(idp));
        idp.map(|idp| &**idp).ok_or(Over::IdpReplaced)
    }

    /// Whether a session is valid at `now`. Returns `false` if the session has expired or a reload
    /// has ended it. Returns an error if the session's IdP has been removed or replaced.
    pub fn holds(&self, session: &Session, now: DateTime<Utc>) -> Result<bool, Over> {
        self.still_has(&session.person.idp, session.entity)?;
        Ok(now < session.ends_at(self.session_max_age) && !self.ended.has(session))
    }

    /// Whether the sign-in that began a session would satisfy the current rules. The sign-in must
    /// meet the configured `authn_contexts` and `force_authn`, the person must be identified by the
    /// configured `person_attribute`, and the IdP must be known to still be the same entity. If the sign-in would not satisfy the rules, the person must sign in
    /// again at the IdP before credentials are issued.
    pub fn would_accept(&self, session: &Session) -> bool {
        let Some(idp) = self.saml.idp(&session.person.idp) else {
            return false;
        };
        let has_context = session
            .authn_contexts
            .are_wanted(&idp.wishes.authn_contexts);
        let is_known = idp.entity_key() == Some(session.entity);
        let stable_id = session.person.stable_id.as_ref();
        let is_identified = stable_id.map(|id| &id.attribute) == idp.person_attribute.as_ref();
        let is_forced = session.requested_force_authn || !idp.wishes.force_authn;
        is_known && is_identified && has_context && is_forced
    }
}

impl SignIn<'_> {
    /// Returns the browser's session, if it has a valid one. Removes a session that is not valid
    /// under the current rules. If the session's IdP was removed or replaced, writes an audit line
    /// and returns an error. The session is then removed only if the audit line could be written.
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
                let recorded = self.record(&ended(over), &session.person).await;
                // If the audit line cannot be written, the session's record stays, and the session
                // is refused again when it is next used.
                if recorded.is_ok() {
                    self.forget(token, &session).await;
                }
                return Err(SignInError::from(over).even_if(recorded));
            }
        }
        Ok(None)
    }

    /// Returns the browser's session, for steps that replace or end it. If the session's IdP was
    /// removed or replaced, returns `None` instead of an error.
    pub(super) async fn session_so_far(&self) -> Result<Option<Session>, SignInError> {
        match self.session().await {
            Err(SignInError::Over(_)) => Ok(None),
            other => other,
        }
    }

    /// Removes a session that is over. If this fails, the session is still refused, because the
    /// rules are checked on each request.
    async fn forget(&self, token: &SessionToken, session: &Session) {
        if let Err(error) = self.state.sessions.end(token, session).await {
            tracing::warn!(%error, "the record of an ended session could not be removed");
        }
    }

    /// Checks whether the IdP of a verified login still exists and is still the same entity.
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
