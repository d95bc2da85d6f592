//! The IdP's answer: verified, kept under a one-time code for the browser that started the login, and
//! used up.
//!
//! The POST is cross-site, so that no cookie of ours comes with it. Whoever brings it learns the code,
//! which only the right browser can use.

use super::undo::{Step, Undo};
use super::{Over, SignIn, SignInError, limit};
use crate::audit::{Event, Who};
use crate::printable::reason;
use crate::saml::check;
use crate::saml::explanation::{Against, explain};
use crate::saml::idp::Published;
use crate::saml::response::{self, Unverified};
use crate::saml::summary::Summary;
use crate::saml::{Asked, IdentityProvider, Login, Refusal};
use crate::session::arrival::{self, Accepted, Arrival};
use crate::session::pending::{self, Next};
use crate::session::{AssertionKey, Browser, Pending, Prepared, Session};
use crate::store::StoreError;
use crate::store::sealed::Opened;

/// What an IdP had the browser post.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The message, as it stands in the form.
    pub field: &'a str,
    /// What came along with it, which anybody may have written.
    pub relay_state: Option<&'a str>,
    /// Where a login goes that the IdP started, by its RelayState.
    pub landing: fn(Option<&str>) -> String,
}

/// A good login that waits for its browser.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// The one-time code.
    pub code: String,
    /// The browser that brought a login which the IdP started; it needs a cookie.
    pub carrier: Option<Browser>,
}

/// What the audit trail is told of a login that is refused, as far as it came.
#[derive(Default)]
struct Refused {
    who: Who,
    detail: Option<String>,
    message: Option<Box<Summary>>,
}

impl Refused {
    /// Notes why a message was refused.
    fn explain(&mut self, refusal: Refusal, message: Summary, against: Against<'_>) -> SignInError {
        self.detail = Some(explain(&refusal, &message, against));
        self.message = Some(Box::new(message));
        refusal.into()
    }
}

/// A login in progress, and its RelayState.
struct InProgress<'a> {
    relay_state: &'a str,
    pending: Pending,
}

impl SignIn<'_> {
    /// Takes an IdP's answer. Whatever is refused leaves an audit line.
    pub async fn answer(&self, answer: Answer<'_>) -> Result<Arrived, SignInError> {
        let mut refused = Refused::default();
        match self.consume(answer, &mut refused).await {
            Err(again @ SignInError::Again { .. }) => Err(again),
            Err(error) => {
                let detail = refused.detail.unwrap_or_else(|| reason(&error));
                let event = Event::LoginRefused {
                    check: error.code(),
                    detail,
                    message: refused.message,
                };
                let recorded = self.record_in(&event, &refused.who, None);
                Err(error.even_if(recorded))
            }
            accepted => accepted,
        }
    }

    /// Writes down that something was refused which was no message.
    pub fn refuse_request(&self, check: &'static str, detail: String) -> Result<(), SignInError> {
        let event = Event::LoginRefused {
            check,
            detail,
            message: None,
        };
        self.record_in(&event, &Who::default(), None)
    }

    async fn consume(
        &self,
        answer: Answer<'_>,
        refused: &mut Refused,
    ) -> Result<Arrived, SignInError> {
        let in_progress = self.in_progress(&answer).await?;
        let text = response::decode(answer.field)?;
        let message = Unverified::parse(&text)?;
        let Ok(in_progress) = in_progress else {
            return Err(self.again(&message));
        };
        let pending = in_progress.as_ref().map(|login| &login.pending);
        let idp = self
            .idp_of(&message, pending)
            .map_err(|refusal| refused.explain(refusal, message.summary(), self.anybody()))?;
        refused.who.idp = Some(idp.id.clone());
        if !pending.is_some_and(|pending| pending.is_renewal) {
            self.have_room()?;
        }
        let published = idp.published(self.now())?;
        let login = self.verify(&message, (idp, &published), pending, refused)?;
        refused.who.name_id = Some(login.person.name_id.clone());
        let arriving = Arriving::new(self, login, &answer, in_progress.as_ref())?;
        let arrived = arriving.arrive(self, (answer.field, &text), in_progress.as_ref());
        arrived
            .await
            .inspect_err(|_| refused.message = Some(Box::new(message.summary())))
    }

    /// The login in progress that this answers; an inner error where there is a record of it that
    /// cannot be opened.
    async fn in_progress<'a>(
        &self,
        answer: &Answer<'a>,
    ) -> Result<Result<Option<InProgress<'a>>, ()>, SignInError> {
        let Some(relay_state) = answer.relay_state else {
            return Ok(Ok(None));
        };
        Ok(match Pending::peek(&self.state.store, relay_state).await? {
            Opened::Nothing => Ok(None),
            Opened::Unreadable => Err(()),
            Opened::Record(pending) => Ok(Some(InProgress {
                relay_state,
                pending,
            })),
        })
    }

    /// Once more through the IdP that the message names: nothing hangs on whether that is true.
    fn again(&self, message: &Unverified<'_>) -> SignInError {
        let issuer = message.claimed_issuer();
        let idp = issuer.and_then(|issuer| self.terms.saml.idp_by_entity_id(issuer));
        let idp = idp.map(|idp| idp.id.clone());
        SignInError::Again { idp }
    }

    /// Before it is known whose message it is.
    fn anybody(&self) -> Against<'_> {
        Against {
            idps: self.terms.saml.idps(),
            ..Against::default()
        }
    }

    /// The IdP of the login in progress, from our own record; without one, the IdP that the message
    /// names, if it may start a login.
    fn idp_of(
        &self,
        message: &Unverified<'_>,
        pending: Option<&Pending>,
    ) -> Result<&IdentityProvider, Refusal> {
        let saml = &self.terms.saml;
        if let Some(pending) = pending {
            let known = self.terms.still_has(&pending.idp, &pending.idp_entity_id);
            known.map_err(|over| match over {
                Over::IdpRemoved => Refusal::IdpRemoved,
                Over::IdpReplaced => Refusal::IdpReplaced,
            })?;
            let idp = saml.idp(&pending.idp).ok_or(Refusal::UnknownIdp)?;
            return Ok(idp);
        }
        let issuer = message.claimed_issuer().ok_or(Refusal::UnknownIdp)?;
        let idp = saml.idp_by_entity_id(issuer).ok_or(Refusal::UnknownIdp)?;
        if message.claimed_request().is_some() {
            return Err(Refusal::UnknownLogin);
        }
        if idp.allow_unsolicited {
            Ok(idp)
        } else {
            Err(Refusal::UnsolicitedNotAllowed)
        }
    }

    fn verify(
        &self,
        message: &Unverified<'_>,
        (idp, published): (&IdentityProvider, &Published),
        pending: Option<&Pending>,
        refused: &mut Refused,
    ) -> Result<Login, SignInError> {
        let asked = pending.map(|pending| Asked {
            id: &pending.request_id,
            at: pending.asked_at,
            anew: pending.anew,
        });
        let saml = &self.terms.saml;
        let expected = saml.expected(idp, published, asked, self.now());
        let against = Against {
            expected: Some(expected),
            certificates: &published.certificates,
            ..self.anybody()
        };
        let mut opened = message
            .open(&published.trust, &saml.decryption(idp))
            .map_err(|refusal| refused.explain(refusal, message.summary(), against))?;
        let decrypted = opened.decrypted.take();
        check::check(opened, &expected).map_err(|refusal| {
            let summary = message.summary().with_decrypted(decrypted);
            refused.explain(refusal, summary, against)
        })
    }

    /// Whether somebody more may sign in: people who are signed in are not put out for it.
    pub(super) fn have_room(&self) -> Result<(), SignInError> {
        let has_room = self.state.store.admission().has_room;
        has_room.then_some(()).ok_or(StoreError::Full.into())
    }
}

/// A login on its way to the browser that started it.
struct Arriving {
    session: Session,
    arrival: Arrival,
    carrier: Option<Browser>,
}

impl Arriving {
    fn new(
        sign_in: &SignIn<'_>,
        login: Login,
        answer: &Answer<'_>,
        in_progress: Option<&InProgress<'_>>,
    ) -> Result<Self, SignInError> {
        let mut carrier = None;
        let (browser, next) = if let Some(InProgress { pending, .. }) = in_progress {
            (pending.browser.clone(), pending.next.clone())
        } else {
            // No browser started this login: the one that brought it gets a cookie, so that the code
            // in the URL alone is worth nothing.
            let browser = Browser::new()?;
            let landing = (answer.landing)(answer.relay_state);
            let fingerprint = browser.fingerprint();
            carrier = Some(browser);
            (fingerprint, Next::Page(landing))
        };
        let terms = sign_in.terms;
        let assertion_id = login.assertion_id.clone();
        let key = AssertionKey::new()?;
        let now = sign_in.now();
        let session = Session::new(login, key, now, terms.max_age, &terms.attributes);
        let (roles, grants) = terms.grants.counted(&session.aws.roles, &session.facts());
        let accepted = Accepted {
            person: session.person.clone(),
            assertion_id,
            unsolicited: in_progress.is_none(),
            roles,
            grants,
            dropped: session.aws.dropped.clone(),
            dropped_beyond: session.aws.dropped_beyond,
        };
        let arrival = Arrival {
            session: Prepared::new(&session)?,
            idp_entity_id: session.idp_entity_id.clone(),
            browser,
            accepted,
            next,
        };
        Ok(Self {
            session,
            arrival,
            carrier,
        })
    }

    /// Keeps the login, uses the message up and counts it, or leaves nothing of all that.
    async fn arrive(
        self,
        sign_in: &SignIn<'_>,
        field: (&str, &str),
        in_progress: Option<&InProgress<'_>>,
    ) -> Result<Arrived, SignInError> {
        let mut undo = Undo::default();
        match self.keep(sign_in, field, in_progress, &mut undo).await {
            Ok(code) => Ok(Arrived {
                code,
                carrier: self.carrier,
            }),
            Err(error) => Err(undo.take_back(&sign_in.state.store, error).await),
        }
    }

    /// Returns the one-time code.
    ///
    /// Nothing that was refused gets here, so that junk cannot burn a login. A message that was used
    /// before is not counted. What cannot be kept may be posted once more.
    async fn keep(
        &self,
        sign_in: &SignIn<'_>,
        (field, text): (&str, &str),
        in_progress: Option<&InProgress<'_>>,
        undo: &mut Undo,
    ) -> Result<String, SignInError> {
        let (state, terms, now) = (sign_in.state, sign_in.terms, sign_in.now());
        let accepted = &self.arrival.accepted;
        let decoded = text.as_bytes();
        let assertion = self.session.keeping_assertion((field, decoded), now)?;
        let (arrival, code) = self.arrival.keeping()?;
        let mark = arrival::marking_as_used(accepted, terms.saml.skew);
        let mut steps = vec![Step::write(assertion), Step::write(arrival)];
        steps.push(Step::mark(mark));
        steps.extend(in_progress.map(|login| {
            let key = pending::key(login.relay_state);
            Step::remove(key, login.pending.time_left(now))
        }));
        let outcomes = undo.run(&state.store, steps).await?;
        let mut outcomes = outcomes.into_iter().skip(2);
        if !outcomes.next().is_some_and(|mark| mark.is_written()) {
            return Err(Refusal::Replay.into());
        }
        if outcomes
            .next()
            .is_some_and(|login| login.record().is_none())
        {
            return Err(Refusal::UnknownLogin.into());
        }
        let counted = limit::count(&state.store, &accepted.person, terms.logins_per_minute);
        counted.await.inspect_err(|error| undo.note(error))?;
        Ok(code)
    }
}
