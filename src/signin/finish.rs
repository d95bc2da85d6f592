//! The end of a login: the browser exchanges the one-time code for a session.

use smallvec::smallvec;

use super::undo::{Step, Undo};
use super::{SignIn, SignInError};
use crate::audit::{DroppedValue, Event, Who};
use crate::printable::reason;
use crate::saml::{Person, Refusal};
use crate::session::arrival::{self, Accepted, Arrival, Follows};
use crate::session::slots::Owner;
use crate::session::{Next, Prepared, Session, SessionToken};
use crate::store;
use crate::store::sealed::Opened;

/// The result of presenting a one-time code.
#[derive(Debug)]
pub enum Outcome {
    /// A session has begun.
    Finished(Finished),
    /// The login is IdP-initiated, and the browser has another person's session. The person in
    /// front of the browser must decide whether to replace that session.
    Ask {
        /// The person who is currently signed in.
        current: Person,
        /// The person whose login is waiting.
        new: Person,
    },
}

/// A session that has just begun.
#[derive(Debug)]
pub struct Finished {
    /// The token for the session cookie.
    pub token: SessionToken,
    /// The person whose session began.
    pub person: Person,
    /// What follows the login.
    pub following: Following,
}

/// What follows a login.
#[derive(Debug, Default)]
pub struct Following {
    /// Where the browser goes next. `None` if the browser does not have what the person requested
    /// before the login, so the person must request it again.
    pub next: Option<Next>,
    /// The number of the slot that the browser must empty, if there is one.
    pub used_slot: Option<usize>,
}

impl From<Next> for Following {
    fn from(next: Next) -> Self {
        Self {
            next: Some(next),
            used_slot: None,
        }
    }
}

/// The session that the browser had before this login.
struct Current<'a> {
    token: &'a SessionToken,
    session: Session,
}

impl SignIn<'_> {
    /// Finishes the login that waits under this one-time code. If the login is IdP-initiated and
    /// the browser has another person's session, that session is replaced only if `may_replace` is
    /// set. If it is not set, returns [`Outcome::Ask`].
    pub async fn finish(&self, code: &str, may_replace: bool) -> Result<Outcome, SignInError> {
        let arrival = match Arrival::peek(&self.state.store, code).await? {
            Opened::Record(arrival) => arrival,
            Opened::Unreadable => return Err(SignInError::Again),
            Opened::Nothing => return Err(Refusal::UnknownLogin.into()),
        };
        let visitor = self.visitor;
        if !arrival.is_for(visitor.browser.into_iter().chain(visitor.carrier)) {
            let person = &arrival.accepted.person;
            return self.refused(person, Refusal::OtherBrowser).await;
        }
        let current = self.current().await?;
        if let Some(current) = &current {
            let person = &arrival.accepted.person;
            let is_other = current.session.person.key() != person.key();
            if arrival.accepted.unsolicited && is_other && !may_replace {
                return Ok(Outcome::Ask {
                    current: current.session.person.clone(),
                    new: person.clone(),
                });
            }
        }
        // This check precedes `open`: if it fails, the current session must not be replaced.
        self.still_good(code, &arrival).await?;
        let finished = self.open(code, arrival, current).await?;
        Ok(Outcome::Finished(finished))
    }

    async fn current(&self) -> Result<Option<Current<'_>>, SignInError> {
        let session = self.session_so_far().await?;
        let current = self.visitor.token.zip(session);
        Ok(current.map(|(token, session)| Current { token, session }))
    }

    /// Checks that the session may still begin: it must not have expired, the IdP must not have
    /// ended it, and the IdP must not have been removed or replaced. If the check fails, removes
    /// the login and returns an error.
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
            tracing::warn!(%error, "the record of a refused login could not be removed; it will expire by itself");
        }
        self.refused(person, refusal).await
    }

    async fn refused<T>(&self, person: &Person, refusal: Refusal) -> Result<T, SignInError> {
        let event = Event::LoginRefused {
            check: refusal.name(),
            detail: reason(&refusal),
            message: None,
        };
        let recorded = self.record(&event, person).await;
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
            follows,
            ..
        } = arrival;
        let following = self.what_follows(follows)?;
        let mut undo = Undo::default();
        let begun = self.begin_session(code, &session, &mut undo).await;
        let token = session.into_token();
        let recorded = match begun {
            Ok(()) => self.accepted(accepted, &token).await,
            Err(error) => Err(error),
        };
        let person = match recorded {
            Ok(person) => person,
            // The session must be removed, because no browser will ever get its cookie.
            Err(error) => return Err(undo.take_back(&self.state.store, error).await),
        };
        if let Some(current) = current {
            self.end_replaced(&current).await;
        }
        Ok(Finished {
            token,
            person,
            following,
        })
    }

    /// What follows the login, and the slot that it is from.
    fn what_follows(&self, follows: Follows) -> Result<Following, SignInError> {
        let request = match follows {
            Follows::Page(path) => return Ok(Next::Page(path).into()),
            Follows::Slot(request) => request,
        };
        let Some(browser) = self.visitor.browser else {
            return Ok(Following::default());
        };
        let owner = Owner {
            request: &request,
            browser,
        };
        let found = self.visitor.slots.find(&self.state.keys, owner)?;
        Ok(found.map_or_else(Following::default, |found| Following {
            next: Some(found.next),
            used_slot: Some(found.number),
        }))
    }

    /// Begins the session. Of several simultaneous requests, only the one that takes the code
    /// succeeds. If the session cannot be written, the caller can restore the code with `undo`. The
    /// previous session is left unchanged.
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

    /// Writes the audit line for the accepted login and returns the person.
    async fn accepted(
        &self,
        accepted: Accepted,
        token: &SessionToken,
    ) -> Result<Person, SignInError> {
        let event = Event::LoginAccepted {
            unsolicited: accepted.unsolicited,
            assertion_id: accepted.assertion_id,
            roles: accepted.roles,
            grants: accepted.grants,
            dropped: accepted.dropped.iter().map(DroppedValue::from).collect(),
            dropped_beyond: accepted.dropped_beyond,
        };
        let who = Who::from(&accepted.person);
        self.record_in(&event, &who, Some(token)).await?;
        Ok(accepted.person)
    }

    /// Ends the replaced session. This must be the last step: if another step followed and failed,
    /// the old session would have to be restored, but the person may have signed out in the
    /// meantime. Even if the old session cannot be removed, it is no longer used, because the
    /// browser gets a new cookie.
    async fn end_replaced(&self, current: &Current<'_>) {
        let ended = self.state.sessions.end(current.token, &current.session);
        if let Err(error) = ended.await {
            tracing::warn!(%error, "a replaced session could not be removed; it will expire by itself");
        }
    }
}
