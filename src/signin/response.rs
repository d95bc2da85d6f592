//! Processes the IdP's response: verifies the response and stores the login under a one-time code.
//!
//! The response arrives in a cross-site POST, which carries none of our cookies. Any browser that
//! posts the response learns the one-time code, but if a browser started the login, only that
//! browser can use the code.

use chrono::{DateTime, Utc};

use super::arriving::Arriving;
use super::{SignIn, SignInError};
use crate::audit::{Event, Who};
use crate::printable::reason;
use crate::saml::check;
use crate::saml::explanation::{Against, explain};
use crate::saml::idp::{EntityKey, Published};
use crate::saml::response::{self, Unverified};
use crate::saml::summary::Summary;
use crate::saml::{IdentityProvider, Login, Person, Refusal, SentRequest};
use crate::session::pending::InProgress;
use crate::session::used::Because;
use crate::session::{AssertionField, Browser, Pending};
use crate::store::StoreError;

/// The form that the browser posts on behalf of the IdP.
#[derive(Clone, Copy)]
pub struct PostedResponse<'a> {
    /// The value of the `SAMLResponse` field, exactly as it was received.
    pub field: &'a str,
    /// The RelayState as it was received. Anybody may have written it.
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
struct Refused {
    who: Who,
    detail: Option<String>,
    message: Option<Box<Summary>>,
    /// When we sent the request that the message responds to.
    asked_at: Option<DateTime<Utc>>,
    /// The person in a message with a valid signature that was refused because it was used before
    /// or is too old.
    person: Option<Person>,
    /// Whether the IdP has signed the message.
    is_signed: bool,
}

impl Refused {
    /// Keeps the explanation of a refusal and the summary of the message for the audit line, and
    /// returns the refusal as an error.
    fn explain(&mut self, refusal: Refusal, message: Summary, against: Against<'_>) -> SignInError {
        self.detail = Some(explain(&refusal, &message, against));
        self.message = Some(Box::new(message));
        refusal.into()
    }
}

/// The IdP that sent a message, and the metadata with which the message is verified.
#[derive(Clone, Copy)]
struct Sender<'a> {
    idp: &'a IdentityProvider,
    published: &'a Published,
}

/// The login from a message that passed all checks.
pub(super) struct Verified {
    pub login: Login,
    /// The digest of the entity ID of the IdP that signed the message.
    pub entity: EntityKey,
}

impl SignIn<'_> {
    /// Processes an IdP's response. Writes an audit line for every error.
    pub async fn receive(&self, response: PostedResponse<'_>) -> Result<Arrived, SignInError> {
        let mut refused = Refused::default();
        match self.consume(response, &mut refused).await {
            Err(error) => {
                let detail = refused.detail.unwrap_or_else(|| reason(&error));
                let event = Event::LoginRefused {
                    check: error.code(),
                    detail,
                    message: refused.message,
                };
                let recorded = self.record_refusal(&event, &refused.who, refused.is_signed);
                let recorded = recorded.await;
                let error = error.even_if(recorded);
                Err(match &refused.person {
                    Some(person) => self.with_notice(error, person, refused.asked_at),
                    None => error,
                })
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
        self.record_refusal(&event, &Who::default(), false).await
    }

    async fn consume(
        &self,
        posted: PostedResponse<'_>,
        refused: &mut Refused,
    ) -> Result<Arrived, SignInError> {
        let login = self.login_of(&posted)?;
        let text = response::decode(posted.field)?;
        let message = Unverified::parse(&text)?;
        refused.asked_at = login.as_ref().map(|login| login.pending.asked_at);
        let is_over = |login: &InProgress| login.pending.is_over(self.now());
        let (over, in_progress) = match login {
            Some(login) if is_over(&login) => (Some(login), None),
            login => (None, login),
        };
        let pending = in_progress.as_ref().map(|login| &login.pending);
        let idp = self.idp_of(&message, pending).map_err(|refusal| {
            refused.person = over.and_then(|login| self.person_in(&message, &login));
            refused.is_signed = refused.person.is_some() || self.has_signed(&message, &refusal);
            refused.explain(refusal, message.summary(), self.anybody())
        })?;
        refused.who.idp = Some(idp.id.clone());
        if !pending.is_some_and(|pending| pending.is_renewal) {
            self.have_room()?;
        }
        let published = idp.published(self.now())?;
        let sender = Sender {
            idp,
            published: &published,
        };
        let login = in_progress.as_ref();
        let verified = self.verify(&message, sender, login, refused)?;
        let arriving = Arriving::new(self, verified, &posted, login)?;
        let field = AssertionField {
            field: posted.field,
            decoded: text.as_bytes(),
        };
        let arrived = arriving.arrive(self, field).await.inspect_err(|_| {
            let person = arriving.arrival.accepted.person.clone();
            refused.who = Who::from(&person);
            refused.person = Some(person);
            refused.message = Some(Box::new(message.summary()));
        });
        let code = arrived?;
        if arriving.is_unrecognizable() {
            self.warn_of_transient(idp);
        }
        Ok(Arrived {
            code,
            carrier: arriving.carrier,
        })
    }

    /// Logs a warning at the first transient NameID from this IdP.
    fn warn_of_transient(&self, idp: &IdentityProvider) {
        if !idp.note_transient() {
            return;
        }
        let with_code: Vec<_> = self.rules.grants.with_code_at(&idp.id).collect();
        tracing::warn!(
            idp = idp.id,
            grants_with_mfa_code = with_code.join(", "),
            "the identity provider sends transient NameIDs and person_attribute is not set, so people \
             cannot be recognized at their next login: limits.logins_per_minute has no effect, and \
             each login starts a new count of the person's wrong MFA codes"
        );
    }

    /// The login that the response belongs to, which may be over. A RelayState that the program did
    /// not make belongs to no login.
    fn login_of(&self, response: &PostedResponse<'_>) -> Result<Option<InProgress>, SignInError> {
        let Some(relay_state) = response.relay_state else {
            return Ok(None);
        };
        Ok(Pending::read(&self.state.keys, relay_state)?)
    }

    /// Whether a configured IdP has signed a message that was refused for the reason `refusal`.
    fn has_signed(&self, message: &Unverified<'_>, refusal: &Refusal) -> bool {
        let issuer = message.claimed_issuer();
        let idp = issuer.and_then(|issuer| self.rules.saml.idp_by_entity_id(issuer));
        let published = idp.and_then(|idp| idp.published(self.now()).ok());
        published.is_some_and(|published| message.is_signed_by(&published.trust, refusal))
    }

    /// The values with which every message is compared, even if its issuer is unknown.
    fn anybody(&self) -> Against<'_> {
        Against {
            idps: self.rules.saml.idps(),
            ..Against::default()
        }
    }

    /// Returns the IdP of the login in progress, according to its RelayState. Without a login in
    /// progress, returns the issuer of the message. The message must then be unsolicited, and
    /// IdP-initiated logins must be allowed for the issuer.
    fn idp_of(
        &self,
        message: &Unverified<'_>,
        pending: Option<&Pending>,
    ) -> Result<&IdentityProvider, Refusal> {
        let saml = &self.rules.saml;
        if let Some(pending) = pending {
            return Ok(self.rules.idp_of_login(pending.idp)?);
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

    /// The person in the response to a login that is over, if the message passes all checks except
    /// those of its age.
    fn person_in(&self, message: &Unverified<'_>, over: &InProgress) -> Option<Person> {
        let idp = self.rules.idp_of_login(over.pending.idp).ok()?;
        let published = idp.published(self.now()).ok()?;
        let sender = Sender {
            idp,
            published: &published,
        };
        let mut refused = Refused::default();
        match self.verify(message, sender, Some(over), &mut refused) {
            Ok(verified) => Some(verified.login.person),
            Err(_) => refused.person,
        }
    }

    fn verify(
        &self,
        message: &Unverified<'_>,
        sender: Sender<'_>,
        login: Option<&InProgress>,
        refused: &mut Refused,
    ) -> Result<Verified, SignInError> {
        let Sender { idp, published } = sender;
        let request_id = login.map(|login| login.request.id());
        let pending = login.map(|login| &login.pending);
        let asked = pending.zip(request_id.as_deref());
        let asked = asked.map(|(pending, id)| SentRequest {
            id,
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
            .map_err(|refusal| {
                refused.is_signed = message.is_signed_by(&published.trust, &refusal);
                refused.explain(refusal, message.summary(), against)
            })?;
        refused.is_signed = true;
        let decrypted = opened.decrypted.take();
        let person = check::person(&opened, &expected).ok();
        let login = check::check(opened, &expected).map_err(|refusal| {
            refused.person = person.filter(|_| Because::of(&refusal).is_some());
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
