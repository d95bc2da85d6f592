//! A verified login that is stored for its browser, and the marks that let it happen only once.

use smallvec::{SmallVec, smallvec};

use super::response::{PostedResponse, Verified};
use super::undo::{Step, Undo};
use super::{SignIn, SignInError, limit};
use crate::saml::Refusal;
use crate::session::arrival::{Accepted, Arrival, Follows};
use crate::session::pending::{InProgress, RequestKey};
use crate::session::{AssertionField, AssertionKey, Browser, BrowserKey, Prepared, Session};
use crate::store::{Operation, Outcome};

/// A verified login that is about to be stored for its browser.
pub(super) struct Arriving {
    session: Session,
    pub arrival: Arrival,
    pub carrier: Option<Browser>,
    /// The request that the message responds to.
    request: Option<RequestKey>,
}

/// The browser that may finish a login, and what follows the login.
struct Destination {
    browser: BrowserKey,
    follows: Follows,
    carrier: Option<Browser>,
}

impl Destination {
    fn of_login(login: &InProgress) -> Self {
        let pending = &login.pending;
        Self {
            browser: pending.browser,
            follows: if pending.is_followed {
                Follows::Slot(login.request)
            } else {
                Follows::portal()
            },
            carrier: None,
        }
    }

    /// No browser started this login. The browser that posted the response gets a cookie, and the
    /// code in the URL is useless without that cookie.
    fn unsolicited(posted: &PostedResponse<'_>) -> Result<Self, SignInError> {
        let browser = Browser::new()?;
        Ok(Self {
            browser: browser.key(),
            follows: Follows::Page((posted.landing)(posted.relay_state)),
            carrier: Some(browser),
        })
    }
}

impl Arriving {
    pub(super) fn new(
        sign_in: &SignIn<'_>,
        verified: Verified,
        posted: &PostedResponse<'_>,
        login: Option<&InProgress>,
    ) -> Result<Self, SignInError> {
        let Destination {
            browser,
            follows,
            carrier,
        } = match login {
            Some(login) => Destination::of_login(login),
            None => Destination::unsolicited(posted)?,
        };
        let Verified {
            login: mut verified,
            entity,
        } = verified;
        let rules = sign_in.rules;
        // The assertion ID is moved out of the login, because the session does not need it.
        let assertion_id = std::mem::take(&mut verified.assertion_id);
        let key = AssertionKey::new()?;
        let now = sign_in.now();
        let (max_age, wanted) = (rules.session_max_age, &rules.attributes);
        let session = Session::new(verified, entity, key, now, max_age, wanted);
        let held = rules.grants.summary(&session.aws.roles, &session.facts());
        let accepted = Accepted {
            person: session.person.clone(),
            assertion_id,
            unsolicited: login.is_none(),
            roles: held.roles,
            grants: held.grants,
            dropped: session.aws.dropped.clone(),
            dropped_beyond: session.aws.dropped_beyond,
        };
        let arrival = Arrival {
            session: Prepared::new(&session)?,
            entity,
            browser,
            accepted,
            follows,
        };
        Ok(Self {
            session,
            arrival,
            carrier,
            request: login.map(|login| login.request),
        })
    }

    /// Whether the person cannot be recognized at another login.
    pub(super) fn is_unrecognizable(&self) -> bool {
        self.session.recognizable_key().is_none()
    }

    /// Stores the login, marks the request and the assertion as used, counts the login, and returns
    /// the one-time code. If one of these steps fails, undoes the previous ones.
    pub(super) async fn arrive(
        &self,
        sign_in: &SignIn<'_>,
        field: AssertionField<'_>,
    ) -> Result<String, SignInError> {
        let mut undo = Undo::default();
        match self.keep(sign_in, field, &mut undo).await {
            Ok(code) => Ok(code),
            Err(error) => Err(undo.take_back(&sign_in.state.store, error).await),
        }
    }

    /// Runs the steps of [`Self::arrive`]. They run only for a verified message, so that an invalid
    /// message cannot use up a login in progress. A replayed message does not count toward the rate
    /// limit. If the login cannot be stored, the message may be posted again, unless the outcome of
    /// an operation is unknown.
    async fn keep(
        &self,
        sign_in: &SignIn<'_>,
        field: AssertionField<'_>,
        undo: &mut Undo,
    ) -> Result<String, SignInError> {
        let (state, rules, now) = (sign_in.state, sign_in.rules, sign_in.now());
        let accepted = &self.arrival.accepted;
        let assertion = self.session.keeping_assertion(field, now)?;
        let (arrival, code) = self.arrival.keeping()?;
        let mut marks = self.marks().into_iter();
        let mut steps = smallvec![Step::write(assertion), Step::write(arrival)];
        steps.extend(marks.next().map(Step::mark));
        let mut written = undo.run(&state.store, steps).await?;
        // Each mark is written only after the one before. If two requests wrote both marks at the
        // same time, each could get one of them, and both would fail.
        loop {
            if !written.last().is_some_and(Outcome::is_written) {
                return Err(Refusal::Replay.into());
            }
            let Some(mark) = marks.next() else { break };
            written = undo.run(&state.store, smallvec![Step::mark(mark)]).await?;
        }
        let counted = limit::count(&state.store, &accepted.person, rules.logins_per_minute);
        counted.await.inspect_err(|error| undo.note(error))?;
        Ok(code)
    }

    /// The marks that only the first response can write: of two responses to the same request, and
    /// of two messages with the same assertion, only one is accepted.
    fn marks(&self) -> SmallVec<[Operation; 2]> {
        let request = self.request.iter().map(RequestKey::marking_as_used);
        let marks = request.chain([self.arrival.marking_as_used()]);
        marks.collect()
    }
}
