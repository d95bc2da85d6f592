//! Signing out. A person can sign out here and, if possible, also at their IdP. An IdP can end a
//! person's sessions with a LogoutRequest.

use smallvec::smallvec;

use super::begin::ToIdp;
use super::undo::{Step, Undo};
use super::{SignIn, SignInError};
use crate::audit::{Event, Who};
use crate::config::Binding;
use crate::printable::reason;
use crate::saml::binding::{Incoming, MessageKind};
use crate::saml::idp::{EntityKey, Published};
use crate::saml::logout::{ExpectedLogout, LogoutRequest, OurRequest, OurResponse, Unverified};
use crate::saml::{IdentityProvider, Person, Refusal, request};
use crate::session::{Session, Sessions};
use crate::state::State;
use crate::store::Outcome;

/// The result of signing out.
#[derive(Debug)]
pub enum SignedOut {
    /// The person is signed out here. The IdP is not informed.
    Here,
    /// The person is signed out here, and this LogoutRequest informs the IdP.
    AndAtTheIdp(ToIdp),
}

/// The result of a LogoutRequest or LogoutResponse from an IdP.
#[derive(Debug)]
pub enum IdpLogout {
    /// A LogoutRequest was accepted, and the sessions that it specifies were ended.
    Confirm {
        /// The LogoutResponse, which confirms the logout to the IdP.
        to_idp: ToIdp,
        /// Whether the browser's session is over and the session cookie must be removed.
        remove_cookie: bool,
    },
    /// A LogoutResponse to our LogoutRequest was accepted.
    Completed {
        /// Whether the IdP reported success.
        everywhere: bool,
    },
}

/// The known facts about a refused logout message, for its audit line.
#[derive(Default)]
struct Refused {
    who: Who,
    /// Whether the IdP has signed the message.
    is_signed: bool,
}

/// A LogoutRequest whose signature has been verified.
#[derive(Clone, Copy)]
pub(super) struct VerifiedLogout<'a> {
    /// The configured ID of the IdP that sent the request.
    pub idp: &'a str,
    pub entity: EntityKey,
    pub request: &'a LogoutRequest,
}

impl SignIn<'_> {
    /// Ends the browser's session, if it has one, and builds a LogoutRequest if rolecall and the
    /// IdP support single logout. If no LogoutRequest can be built, the session ends only here.
    pub async fn sign_out(&self) -> Result<SignedOut, SignInError> {
        let session = self.session_so_far().await?;
        let Some((session, token)) = session.zip(self.visitor.token) else {
            return Ok(SignedOut::Here);
        };
        self.state.sessions.end(token, &session).await?;
        self.record(&Event::Logout, &session.person).await?;
        match self.at_the_idp(&session).await {
            Ok(Some(to_idp)) => Ok(SignedOut::AndAtTheIdp(to_idp)),
            Ok(None) => Ok(SignedOut::Here),
            Err(error) => {
                let request_id = self.visitor.origin.request_id;
                tracing::warn!(%error, request_id, "the identity provider was not informed of the sign-out");
                Ok(SignedOut::Here)
            }
        }
    }

    /// Builds a LogoutRequest for the IdP, if rolecall and the IdP support single logout.
    async fn at_the_idp(&self, session: &Session) -> Result<Option<ToIdp>, SignInError> {
        let saml = &self.rules.saml;
        let (Some(key), Some(idp)) = (&saml.key, saml.idp(&session.person.idp)) else {
            return Ok(None);
        };
        let published = idp.published(self.now())?;
        let Some(service) = &published.single_logout else {
            return Ok(None);
        };
        let id = request::new_id()?;
        let entity = published.entity_key;
        self.state.sessions.expect_logout(entity, &id).await?;
        let request = OurRequest {
            id: &id,
            entity_id: &saml.entity_id,
            destination: &service.location,
            name_id: &session.name_id,
            session_index: session.session_index.as_deref(),
            now: self.now(),
        };
        Ok(Some(match service.binding {
            Binding::Redirect => ToIdp::Redirect(request.redirect_url(key)?),
            Binding::Post => ToIdp::Form {
                idp: idp.name.clone(),
                action: service.location.clone(),
                fields: request.post_fields(key)?,
            },
        }))
    }

    /// Processes a LogoutRequest or LogoutResponse from an IdP (saml-profiles 4.4). Writes an audit
    /// line for every error.
    pub async fn idp_logout(&self, incoming: &Incoming) -> Result<IdpLogout, SignInError> {
        let mut refused = Refused::default();
        match self.obey(incoming, &mut refused).await {
            Err(error) => {
                let event = Event::LogoutRefused {
                    check: error.code(),
                    detail: reason(&error),
                };
                let recorded = self.record_refusal(&event, &refused.who, refused.is_signed);
                Err(error.even_if(recorded.await))
            }
            obeyed => obeyed,
        }
    }

    /// Writes the audit line for a request that was refused because no logout message could be read
    /// from it.
    pub async fn refuse_logout(
        &self,
        check: &'static str,
        detail: String,
    ) -> Result<(), SignInError> {
        let event = Event::LogoutRefused { check, detail };
        self.record_refusal(&event, &Who::default(), false).await
    }

    async fn obey(
        &self,
        incoming: &Incoming,
        refused: &mut Refused,
    ) -> Result<IdpLogout, SignInError> {
        let saml = &self.rules.saml;
        let message = Unverified::parse(incoming).map_err(SignInError::LogoutRefused)?;
        let idp = message
            .claimed_issuer()
            .and_then(|issuer| saml.idp_by_entity_id(issuer))
            .ok_or(SignInError::LogoutRefused(Refusal::UnknownIdp))?;
        refused.who.idp = Some(idp.id.clone());
        let published = idp.published(self.now())?;
        let expected = ExpectedLogout {
            slo_url: &saml.slo_url,
            idp_entity_id: &published.entity_id,
            issuer_format: idp.issuer_format.as_deref(),
            now: self.now(),
            skew: saml.skew,
        };
        match message.kind() {
            MessageKind::Request => {
                let request = message.request(&published.trust, &expected);
                refused.is_signed = message.is_signed_by(&published.trust, request.as_ref().err());
                let request = request.map_err(SignInError::LogoutRefused)?;
                refused.who.name_id = Some(request.name_id.value.clone());
                let verified = VerifiedLogout {
                    idp: &idp.id,
                    entity: published.entity_key,
                    request: &request,
                };
                self.end_sessions(verified).await?;
                let relay_state = incoming.relay_state.as_deref();
                Ok(IdpLogout::Confirm {
                    to_idp: self.confirm(idp, &published, &request, relay_state)?,
                    remove_cookie: self.lost_its_session().await?,
                })
            }
            MessageKind::Response => {
                let response = message.response(&published.trust, &expected);
                refused.is_signed = message.is_signed_by(&published.trust, response.as_ref().err());
                let response = response.map_err(SignInError::LogoutRefused)?;
                let (entity, expected) = (published.entity_key, &response.in_response_to);
                if !self.state.sessions.take_logout(entity, expected).await? {
                    return Err(SignInError::LogoutRefused(Refusal::UnknownLogout));
                }
                if let Some(refusal) = &response.refused {
                    let idp = &idp.id;
                    let refusal = reason(refusal);
                    tracing::warn!(
                        idp,
                        refusal,
                        "the identity provider did not sign the person out"
                    );
                }
                let everywhere = response.refused.is_none();
                Ok(IdpLogout::Completed { everywhere })
            }
        }
    }

    /// Whether the browser has a session cookie but no valid session.
    async fn lost_its_session(&self) -> Result<bool, SignInError> {
        Ok(self.visitor.token.is_some() && self.session_so_far().await?.is_none())
    }

    /// Ends the sessions that a LogoutRequest specifies. Each LogoutRequest is processed only once.
    pub(super) async fn end_sessions(&self, logout: VerifiedLogout<'_>) -> Result<(), SignInError> {
        let mut undo = Undo::default();
        match self.end_once(logout, &mut undo).await {
            Ok(()) => Ok(()),
            // Sessions that were already ended stay ended. Unless the outcome of an operation is
            // unknown, the replay mark is removed, so that the IdP can send the request again.
            Err(error) => Err(undo.take_back(&self.state.store, error).await),
        }
    }

    async fn end_once(
        &self,
        logout: VerifiedLogout<'_>,
        undo: &mut Undo,
    ) -> Result<(), SignInError> {
        let request = logout.request;
        let person = Person::with_name_id(logout.idp, &request.name_id.value);
        let State {
            store, sessions, ..
        } = self.state;
        let mark = Sessions::obeying_once(logout.entity, &request.id);
        let marked = undo.run(store, smallvec![Step::mark(mark)]).await?;
        if !marked.iter().all(Outcome::is_written) {
            return Err(SignInError::LogoutRefused(Refusal::Replay));
        }
        let indexes = &request.session_indexes;
        let ended = sessions.log_out(&person, indexes, self.now()).await;
        ended.inspect_err(|error| undo.note(error))?;
        let event = Event::LogoutByIdp {
            session_indexes: indexes.clone(),
        };
        self.record(&event, &person).await
    }

    /// Builds the LogoutResponse that the browser takes to the IdP.
    fn confirm(
        &self,
        idp: &IdentityProvider,
        published: &Published,
        request: &LogoutRequest,
        relay_state: Option<&str>,
    ) -> Result<ToIdp, SignInError> {
        let saml = &self.rules.saml;
        let (Some(key), Some(service)) = (&saml.key, &published.single_logout) else {
            return Err(SignInError::LogoutRefused(Refusal::NoSingleLogout));
        };
        let id = request::new_id()?;
        let response = OurResponse {
            id: &id,
            entity_id: &saml.entity_id,
            destination: &service.response_location,
            in_response_to: &request.id,
            relay_state,
            now: self.now(),
        };
        Ok(match service.binding {
            Binding::Redirect => ToIdp::Redirect(response.redirect_url(key)?),
            Binding::Post => ToIdp::Form {
                idp: idp.name.clone(),
                action: service.response_location.clone(),
                fields: response.post_fields(key)?,
            },
        })
    }
}
