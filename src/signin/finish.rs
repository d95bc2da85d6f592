//! The end of a login: the browser that started it fetches its session.

use super::undo::{Step, Undo};
use super::{Over, SignIn, SignInError};
use crate::audit::{DroppedValue, Event, Who};
use crate::saml::{Person, Refusal};
use crate::session::arrival::{self, Accepted, Arrival};
use crate::session::pending::Next;
use crate::session::{Prepared, Session, SessionToken};
use crate::store;
use crate::store::sealed::Opened;

/// What comes of a one-time code.
#[derive(Debug)]
pub enum Outcome {
    /// A session.
    Finished(Box<Finished>),
    /// The browser has somebody else's session, and the IdP started this login: the person has to say
    /// whether one replaces the other.
    Ask {
        /// Whose session it is.
        current: Person,
        /// Who would be signed in.
        new: Person,
    },
}

/// A session that has begun.
#[derive(Debug)]
pub struct Finished {
    /// Its token.
    pub token: SessionToken,
    /// Whose it is.
    pub person: Person,
    /// What comes after.
    pub next: Next,
}

/// The session that the browser has had so far.
struct Current<'a> {
    token: &'a SessionToken,
    session: Session,
}

impl SignIn<'_> {
    /// Finishes the login of a one-time code. It silently replaces the session of another person only if
    /// `may_replace`, or if this browser started it.
    pub async fn finish(&self, code: &str, may_replace: bool) -> Result<Outcome, SignInError> {
        let arrival = match Arrival::peek(&self.state.store, code).await? {
            Opened::Record(arrival) => arrival,
            Opened::Unreadable => return Err(SignInError::Again { idp: None }),
            Opened::Nothing => return Err(Refusal::UnknownLogin.into()),
        };
        let visitor = self.visitor;
        if !arrival.is_for(visitor.browser.into_iter().chain(visitor.carrier)) {
            return self.refused(&arrival.accepted.person, Refusal::OtherBrowser);
        }
        let current = self.current().await?;
        if let Some(current) = &current {
            let person = &arrival.accepted.person;
            let is_other = current.session.person != *person;
            if arrival.accepted.unsolicited && is_other && !may_replace {
                return Ok(Outcome::Ask {
                    current: current.session.person.clone(),
                    new: person.clone(),
                });
            }
        }
        // Before it puts out another session, which may be good.
        self.still_good(code, &arrival).await?;
        let finished = self.open(code, arrival, current).await?;
        Ok(Outcome::Finished(Box::new(finished)))
    }

    async fn current(&self) -> Result<Option<Current<'_>>, SignInError> {
        let session = self.session_so_far().await?;
        let current = self.visitor.token.zip(session);
        Ok(current.map(|(token, session)| Current { token, session }))
    }

    /// Whether it may still become a session: it is over where its time is up, where the IdP has ended
    /// it, and where the IdP is gone.
    async fn still_good(&self, code: &str, arrival: &Arrival) -> Result<(), SignInError> {
        let (person, now) = (&arrival.accepted.person, self.now());
        let is_over = self.state.sessions.is_over(&arrival.session, person, now);
        let refusal = if is_over.await? {
            Refusal::SessionEnded
        } else {
            match self.still_has(person, &arrival.idp_entity_id) {
                Ok(()) => return Ok(()),
                Err(Over::IdpRemoved) => Refusal::IdpRemoved,
                Err(Over::IdpReplaced) => Refusal::IdpReplaced,
            }
        };
        self.state.store.take(arrival::key(code)).await?;
        self.refused(person, refusal)
    }

    fn refused<T>(&self, person: &Person, refusal: Refusal) -> Result<T, SignInError> {
        let event = Event::LoginRefused {
            check: refusal.name(),
            detail: refusal.to_string(),
            message: None,
        };
        self.record(&event, person)?;
        Err(refusal.into())
    }

    async fn open(
        &self,
        code: &str,
        arrival: Arrival,
        current: Option<Current<'_>>,
    ) -> Result<Finished, SignInError> {
        let Arrival {
            session,
            accepted,
            next,
            ..
        } = arrival;
        let mut undo = Undo::default();
        let begun = self.begin_session(code, &session, current.as_ref(), &mut undo);
        let begun = begun.await;
        let token = session.into_token();
        let recorded = begun.and_then(|()| self.accepted(&accepted, &token));
        if let Err(error) = recorded {
            // Nobody will ever have its cookie.
            return Err(undo.take_back(&self.state.store, error).await);
        }
        if let Some(current) = current {
            self.forget_assertion(&current.session).await;
        }
        Ok(Finished {
            token,
            person: accepted.person,
            next,
        })
    }

    /// First the new session: where there is no room for it, the code stays good, and so does the
    /// session before.
    async fn begin_session(
        &self,
        code: &str,
        session: &Prepared,
        current: Option<&Current<'_>>,
        undo: &mut Undo,
    ) -> Result<(), SignInError> {
        let (kept, now) = (&self.state.store, self.now());
        let beginning = vec![Step::write(session.beginning(now))];
        let written = undo.run(kept, beginning).await?;
        if !written.iter().all(store::Outcome::is_written) {
            return Err(Refusal::UnknownLogin.into());
        }
        // The code is used up, whatever comes after.
        let mut steps = vec![Step::use_up(arrival::key(code))];
        steps.extend(current.map(|current| {
            let time_left = (current.session.expires_at - now).to_std();
            Step::remove(current.token.key(), time_left.unwrap_or_default())
        }));
        let ended = undo.run(kept, steps).await?;
        let code = ended.into_iter().next();
        let was_waiting = code.and_then(store::Outcome::record);
        was_waiting.map(drop).ok_or(Refusal::UnknownLogin.into())
    }

    fn accepted(&self, accepted: &Accepted, token: &SessionToken) -> Result<(), SignInError> {
        let event = Event::LoginAccepted {
            unsolicited: accepted.unsolicited,
            assertion_id: accepted.assertion_id.clone(),
            roles: accepted.roles,
            grants: accepted.grants.clone(),
            dropped: accepted.dropped.iter().map(DroppedValue::from).collect(),
            dropped_beyond: accepted.dropped_beyond,
        };
        self.record_in(&event, &Who::from(&accepted.person), Some(token))
    }

    /// Without its session it opens nothing, and ends within five minutes.
    async fn forget_assertion(&self, session: &Session) {
        let key = session.assertion_key.record();
        if let Err(error) = self.state.store.take(key).await {
            tracing::warn!(%error, "the assertion of a session that was replaced ends by its time");
        }
    }
}
