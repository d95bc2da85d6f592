//! The end of a login: the browser that started it fetches its session.

use smallvec::smallvec;

use super::undo::{Step, Undo};
use super::{SignIn, SignInError};
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
    Finished(Finished),
    /// The browser has somebody else's session, and the IdP started this login: the person has to say
    /// whether one replaces the other.
    Ask {
        /// Whose session it is.
        current: Person,
        /// The person whose login is waiting.
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
        Ok(Outcome::Finished(finished))
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
            match self.still_has(person, arrival.entity) {
                Ok(()) => return Ok(()),
                Err(over) => over.into(),
            }
        };
        if let Err(error) = self.state.store.take(arrival::key(code)).await {
            tracing::warn!(%error, "a login that is over could not be removed; it expires by itself");
        }
        self.refused(person, refusal)
    }

    fn refused<T>(&self, person: &Person, refusal: Refusal) -> Result<T, SignInError> {
        let event = Event::LoginRefused {
            check: refusal.name(),
            detail: refusal.to_string(),
            message: None,
        };
        let recorded = self.record(&event, person);
        Err(SignInError::from(refusal).even_if(recorded))
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
        let begun = self.begin_session(code, &session, &mut undo).await;
        let token = session.into_token();
        let person = match begun.and_then(|()| self.accepted(accepted, &token)) {
            Ok(person) => person,
            // Nobody will ever have its cookie.
            Err(error) => return Err(undo.take_back(&self.state.store, error).await),
        };
        if let Some(current) = current {
            self.end_replaced(&current).await;
        }
        Ok(Finished {
            token,
            person,
            next,
        })
    }

    /// Whoever takes the code begins the session. If the session cannot be written, the code is good again.
    /// The session before is not touched.
    async fn begin_session(
        &self,
        code: &str,
        session: &Prepared,
        undo: &mut Undo,
    ) -> Result<(), SignInError> {
        let (kept, now) = (&self.state.store, self.now());
        let time_left = arrival::time_left(session, now);
        let taken = undo.run(kept, smallvec![Step::remove(arrival::key(code), time_left)]);
        let code = taken.await?.into_iter().next();
        let was_waiting = code.and_then(store::Outcome::record);
        was_waiting.ok_or(Refusal::UnknownLogin)?;
        let beginning = smallvec![Step::write(session.beginning(now))];
        undo.run(kept, beginning).await?;
        Ok(())
    }

    /// Writes it down, and returns who it is.
    fn accepted(&self, accepted: Accepted, token: &SessionToken) -> Result<Person, SignInError> {
        let event = Event::LoginAccepted {
            unsolicited: accepted.unsolicited,
            assertion_id: accepted.assertion_id,
            roles: accepted.roles,
            grants: accepted.grants,
            dropped: accepted.dropped.iter().map(DroppedValue::from).collect(),
            dropped_beyond: accepted.dropped_beyond,
        };
        let who = Who::from(&accepted.person);
        self.record_in(&event, &who, Some(token))?;
        Ok(accepted.person)
    }

    /// Last, when the new session holds: a session that was put back could be one that somebody has ended
    /// meanwhile. The browser has another cookie now, so that nobody uses what is left.
    async fn end_replaced(&self, current: &Current<'_>) {
        let ended = self.state.sessions.end(current.token, &current.session);
        if let Err(error) = ended.await {
            tracing::warn!(%error, "a replaced session could not be removed; it expires by itself");
        }
    }
}
