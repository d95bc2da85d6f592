//! Processes the IdP's response: verifies the response, stores the login under a one-time code, and
//! marks the assertion as used.
//!
//! The response arrives in a cross-site POST, which carries none of our cookies. Any browser that
//! posts the response learns the one-time code, but if a browser started the login, only that
//! browser can use the code.

use chrono::{DateTime, Utc};
use smallvec::smallvec;

use super::undo::{Step, Undo};
use super::{SignIn, SignInError, limit};
use crate::audit::{Event, Who};
use crate::printable::reason;
use crate::saml::check;
use crate::saml::explanation::{Against, explain};
use crate::saml::idp::{EntityKey, Published};
use crate::saml::response::{self, Unverified};
use crate::saml::summary::Summary;
use crate::saml::{IdentityProvider, Login, Refusal, SentRequest};
use crate::session::arrival::{Accepted, Arrival};
use crate::session::pending::{self, Next};
use crate::session::{AssertionField, AssertionKey, Browser, Pending, Prepared, Session};
use crate::store::sealed::Opened;
use crate::store::{self, Key, StoreError, TimeToLive};

/// The form that the browser posts on behalf of the IdP.
#[derive(Clone, Copy)]
pub struct PostedResponse<'a> {
    /// The value of the `SAMLResponse` field, exactly as it was received.
    pub field: &'a str,
    /// The RelayState, which is not authenticated: anybody may have written it.
    pub relay_state: Option<&'a str>,
    /// Returns the path of the page that follows an IdP-initiated login with this RelayState.
    pub landing: fn(Option<&str>) -> String,
}

/// A verified login that waits for its browser.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// The one-time code, which only the login's browser can use.
    pub code: String,
    /// If the login is IdP-initiated, the new identity of the browser that posted the SAML
    /// response. The HTTP response must set the arrival cookie to this identity.
    pub carrier: Option<Browser>,
}

/// The known facts about a refused login, for its audit line.
#[derive(Default)]
struct Refused<'a> {
    /// The configured ID of the identity provider.
    idp: Option<&'a str>,
    name_id: Option<String>,
    detail: Option<String>,
    message: Option<Box<Summary>>,
}

impl Refused<'_> {
    /// Keeps the explanation of a refusal and the summary of the message for the audit line, and
    /// returns the refusal as an error.
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

/// The record of a login in progress: its key and its remaining lifetime.
struct Waiting {
    key: Key,
    time_left: TimeToLive,
}

/// The IdP that sent a message, and the metadata with which the message is verified.
#[derive(Clone, Copy)]
struct Sender<'a> {
    idp: &'a IdentityProvider,
    published: &'a Published,
}

/// The login from a message that passed all checks.
struct Verified {
    login: Login,
    /// The digest of the entity ID of the IdP that signed the message.
    entity: EntityKey,
}

/// Splits a login in progress: returns the key and the remaining lifetime of its record, and the
/// record itself.
fn split(
    in_progress: Option<InProgress<'_>>,
    now: DateTime<Utc>,
) -> (Option<Waiting>, Option<Pending>) {
    match in_progress {
        None => (None, None),
        Some(InProgress {
            relay_state,
            pending,
        }) => {
            let time_left = pending.time_left(now);
            let waiting = Waiting {
                key: pending::key(relay_state),
                time_left,
            };
            (Some(waiting), Some(pending))
        }
    }
}

impl SignIn<'_> {
    /// Processes an IdP's response. Writes an audit line for every error except `Again`.
    pub async fn receive(&self, response: PostedResponse<'_>) -> Result<Arrived, SignInError> {
        let mut refused = Refused::default();
        match self.consume(response, &mut refused).await {
            Err(again @ SignInError::Again { .. }) => Err(again),
            Err(error) => {
                let detail = refused.detail.unwrap_or_else(|| reason(&error));
                let event = Event::LoginRefused {
                    check: error.code(),
                    detail,
                    message: refused.message,
                };
                let who = Who {
                    idp: refused.idp.map(str::to_owned),
                    name_id: refused.name_id,
                };
                let recorded = self.record_in(&event, &who, None).await;
                Err(error.even_if(recorded))
            }
            accepted => accepted,
        }
    }

    /// Writes the audit line for a request that was refused because no SAML response could be read
    /// from it.
    pub async fn refuse_request(
        &self,
        check: &'static str,
        detail: String,
    ) -> Result<(), SignInError> {
        let event = Event::LoginRefused {
            check,
            detail,
            message: None,
        };
        self.record_in(&event, &Who::default(), None).await
    }

    async fn consume<'s>(
        &'s self,
        posted: PostedResponse<'_>,
        refused: &mut Refused<'s>,
    ) -> Result<Arrived, SignInError> {
        let in_progress = self.in_progress(&posted).await?;
        let text = response::decode(posted.field)?;
        let message = Unverified::parse(&text)?;
        let Ok(in_progress) = in_progress else {
            return Err(self.again(&message));
        };
        let pending = in_progress.as_ref().map(|login| &login.pending);
        let idp = self
            .idp_of(&message, pending)
            .map_err(|refusal| refused.explain(refusal, message.summary(), self.anybody()))?;
        refused.idp = Some(&idp.id);
        if !pending.is_some_and(|pending| pending.is_renewal) {
            self.have_room()?;
        }
        let published = idp.published(self.now())?;
        let sender = Sender {
            idp,
            published: &published,
        };
        let verified = self.verify(&message, sender, pending, refused)?;
        let (waiting, pending) = split(in_progress, self.now());
        let arriving = Arriving::new(self, verified, &posted, pending)?;
        let field = AssertionField {
            field: posted.field,
            decoded: text.as_bytes(),
        };
        let arrived = arriving.arrive(self, field, waiting);
        let arrived = arrived.await.inspect_err(|_| {
            refused.name_id = Some(arriving.arrival.accepted.person.name_id.clone());
            refused.message = Some(Box::new(message.summary()));
        });
        Ok(Arrived {
            code: arrived?,
            carrier: arriving.carrier,
        })
    }

    /// The login in progress that the response belongs to. The inner result is an error if the
    /// record exists but cannot be opened.
    async fn in_progress<'a>(
        &self,
        response: &PostedResponse<'a>,
    ) -> Result<Result<Option<InProgress<'a>>, ()>, SignInError> {
        let Some(relay_state) = response.relay_state else {
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

    /// The error that sends the person back to the IdP that issued the message. The issuer is not
    /// verified. This is safe, because the issuer only determines where the person signs in again.
    fn again(&self, message: &Unverified<'_>) -> SignInError {
        let issuer = message.claimed_issuer();
        let idp = issuer.and_then(|issuer| self.rules.saml.idp_by_entity_id(issuer));
        let idp = idp.map(|idp| idp.id.clone());
        SignInError::Again { idp }
    }

    /// The values with which every message is compared, even if its issuer is unknown.
    fn anybody(&self) -> Against<'_> {
        Against {
            idps: self.rules.saml.idps(),
            ..Against::default()
        }
    }

    /// Returns the IdP of the login in progress, according to our own record. Without a login in
    /// progress, returns the issuer of the message. The message must then be unsolicited, and
    /// IdP-initiated logins must be allowed for the issuer.
    fn idp_of(
        &self,
        message: &Unverified<'_>,
        pending: Option<&Pending>,
    ) -> Result<&IdentityProvider, Refusal> {
        let saml = &self.rules.saml;
        if let Some(pending) = pending {
            let known = self.rules.still_has(&pending.idp, pending.entity);
            known?;
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
        sender: Sender<'_>,
        pending: Option<&Pending>,
        refused: &mut Refused<'_>,
    ) -> Result<Verified, SignInError> {
        let Sender { idp, published } = sender;
        let asked = pending.map(|pending| SentRequest {
            id: &pending.request_id,
            at: pending.asked_at,
            anew: pending.anew,
        });
        let saml = &self.rules.saml;
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
        let login = check::check(opened, &expected).map_err(|refusal| {
            let summary = message.summary().with_decrypted(decrypted);
            refused.explain(refusal, summary, against)
        })?;
        Ok(Verified {
            login,
            entity: published.entity_key,
        })
    }

    /// Checks whether there is room for one more session. Nobody is signed out to make room.
    pub(super) fn have_room(&self) -> Result<(), SignInError> {
        let has_room = self.state.store.admission().has_room;
        has_room.then_some(()).ok_or(StoreError::Full.into())
    }
}

/// A verified login that is about to be stored for its browser.
struct Arriving {
    session: Session,
    arrival: Arrival,
    carrier: Option<Browser>,
}

impl Arriving {
    fn new(
        sign_in: &SignIn<'_>,
        verified: Verified,
        posted: &PostedResponse<'_>,
        pending: Option<Pending>,
    ) -> Result<Self, SignInError> {
        let Verified { mut login, entity } = verified;
        let mut carrier = None;
        let unsolicited = pending.is_none();
        let (browser, next) = if let Some(pending) = pending {
            (pending.browser, pending.next)
        } else {
            // No browser started this login. The browser that posted the response gets a cookie,
            // and the code in the URL is useless without that cookie.
            let browser = Browser::new()?;
            let landing = (posted.landing)(posted.relay_state);
            let fingerprint = browser.fingerprint();
            carrier = Some(browser);
            (fingerprint, Next::Page(landing))
        };
        let rules = sign_in.rules;
        // The assertion ID is moved out of the login, because the session does not need it.
        let assertion_id = std::mem::take(&mut login.assertion_id);
        let key = AssertionKey::new()?;
        let now = sign_in.now();
        let (max_age, wanted) = (rules.session_max_age, &rules.attributes);
        let session = Session::new(login, entity, key, now, max_age, wanted);
        let held = rules.grants.summary(&session.aws.roles, &session.facts());
        let accepted = Accepted {
            person: session.person.clone(),
            assertion_id,
            unsolicited,
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
            next,
        };
        Ok(Self {
            session,
            arrival,
            carrier,
        })
    }

    /// Stores the login, marks the assertion as used, removes the login in progress, counts the
    /// login, and returns the one-time code. If one of these steps fails, undoes the previous ones.
    async fn arrive(
        &self,
        sign_in: &SignIn<'_>,
        field: AssertionField<'_>,
        waiting: Option<Waiting>,
    ) -> Result<String, SignInError> {
        let mut undo = Undo::default();
        match self.keep(sign_in, field, waiting, &mut undo).await {
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
        waiting: Option<Waiting>,
        undo: &mut Undo,
    ) -> Result<String, SignInError> {
        let (state, rules, now) = (sign_in.state, sign_in.rules, sign_in.now());
        let accepted = &self.arrival.accepted;
        let assertion = self.session.keeping_assertion(field, now)?;
        let (arrival, code) = self.arrival.keeping()?;
        let mark = self.arrival.marking_as_used();
        let mut steps = smallvec![Step::write(assertion), Step::write(arrival)];
        steps.push(Step::mark(mark));
        let written = undo.run(&state.store, steps).await?;
        if !written.last().is_some_and(store::Outcome::is_written) {
            return Err(Refusal::Replay.into());
        }
        // The login in progress is removed only now, so that a replayed message cannot remove it.
        // Of two simultaneous requests for the same login, only the one that removes it succeeds.
        if let Some(Waiting { key, time_left }) = waiting {
            let taken = undo.run(&state.store, smallvec![Step::remove(key, time_left)]);
            let login = taken.await?.into_iter().next();
            let was_waiting = login.and_then(store::Outcome::record);
            was_waiting.ok_or(Refusal::UnknownLogin)?;
        }
        let counted = limit::count(&state.store, &accepted.person, rules.logins_per_minute);
        counted.await.inspect_err(|error| undo.note(error))?;
        Ok(code)
    }
}
