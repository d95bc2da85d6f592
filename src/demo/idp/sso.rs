//! The single sign-on service of the embedded IdP: a page on which people choose an identity, and
//! the response that signs them in.

use std::sync::Arc;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::web::{Data, Form, Query};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use url::Url;

use super::authn_request::AuthnRequest;
use super::response::{RelyingParty, ResponseSpec, StatusSpec};
use super::{EmbeddedIdp, IdpError};
use crate::clock::Clock;
use crate::demo::pages;
use crate::demo::people::Person;
use crate::demo::shelf::Shelf;

const COOKIE: &str = "demo_idp";
const SIGN_IN: &str = "/idp/sign-in";
const SESSIONS: usize = 1_000;
const SESSION: TimeDelta = TimeDelta::hours(8);
/// If the last response in the browser's session is at least this old, the IdP does not ask who the
/// person is. The service provider probably needs a new assertion, because STS would soon refuse
/// the old one. If the response is newer, the IdP asks. The person has probably signed out of the
/// service provider and may want to sign in as someone else. ForceAuthn and IsPassive take
/// precedence.
const RENEWAL_AFTER: TimeDelta = TimeDelta::minutes(4);
const NO_PASSIVE: &str = "urn:oasis:names:tc:SAML:2.0:status:NoPassive";

/// The IdP with its sessions, and the people who can sign in to it.
pub struct IdpSite {
    idp: Arc<EmbeddedIdp>,
    relying_party: RelyingParty,
    people: Vec<Person>,
    sessions: Shelf<Session>,
    clock: Clock,
}

/// The session of one browser: the person who signed in, the time of the sign-in, and the time of
/// the IdP's last response.
#[derive(Clone, Debug)]
struct Session {
    person: String,
    signed_in: DateTime<Utc>,
    answered: DateTime<Utc>,
}

/// The parameters of the HTTP-Redirect binding.
#[derive(Debug, Deserialize)]
pub struct RedirectBinding {
    #[serde(rename = "SAMLRequest")]
    saml_request: String,
    #[serde(rename = "RelayState")]
    relay_state: Option<String>,
}

/// The parameters of a request for an IdP-initiated login.
#[derive(Debug, Deserialize)]
pub struct Unsolicited {
    #[serde(rename = "RelayState")]
    relay_state: Option<String>,
}

/// The submitted form: the chosen person, and the parameters of the original request.
#[derive(Debug, Deserialize)]
pub struct Choice {
    person: String,
    #[serde(rename = "SAMLRequest")]
    saml_request: Option<String>,
    #[serde(rename = "RelayState")]
    relay_state: Option<String>,
}

impl IdpSite {
    /// An IdP that signs `people` in to `relying_party`.
    pub fn new(
        idp: Arc<EmbeddedIdp>,
        relying_party: RelyingParty,
        people: Vec<Person>,
        clock: Clock,
    ) -> Self {
        Self {
            idp,
            relying_party,
            people,
            sessions: Shelf::new(SESSIONS),
            clock,
        }
    }

    /// The URL of the service provider's home page.
    fn front_door(&self) -> String {
        let url = Url::parse(&self.relying_party.acs_url);
        url.and_then(|url| url.join("/"))
            .map_or_else(|_| "/".to_owned(), String::from)
    }

    fn person(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    fn request(&self, parameter: &str) -> Result<AuthnRequest, Box<HttpResponse>> {
        AuthnRequest::read(parameter)
            .and_then(|request| request.check(&self.relying_party).map(|()| request))
            .map_err(|error| Box::new(self.refuse(&error.to_string())))
    }

    fn refuse(&self, reason: &str) -> HttpResponse {
        let (title, label) = ("This sign-in request is not valid", "Start again");
        pages::notice(
            StatusCode::BAD_REQUEST,
            title,
            reason,
            label,
            &self.front_door(),
        )
    }

    fn choose(&self, saml_request: Option<&str>, relay_state: Option<&str>) -> HttpResponse {
        let fields = [("SAMLRequest", saml_request), ("RelayState", relay_state)];
        let fields: Vec<_> = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        pages::choose_person(SIGN_IN, &fields, &self.people)
    }

    /// The browser's token and session, if the IdP can respond to the request without asking who
    /// the person is.
    fn silent(&self, request: &HttpRequest, asked: &AuthnRequest) -> Option<(String, Session)> {
        let token = request.cookie(COOKIE)?.value().to_owned();
        let now = self.clock.now();
        let session = self.sessions.find_valid(&token, now)?;
        let asks_anew = asked.force_authn || now - session.answered < RENEWAL_AFTER;
        (!asks_anew || asked.is_passive && !asked.force_authn).then_some((token, session))
    }

    /// A page that posts a response about the person in `session` to the service provider, or an
    /// error page if there is no such person.
    fn respond(
        &self,
        session: &Session,
        asked: Option<&AuthnRequest>,
        relay_state: Option<&str>,
    ) -> Result<HttpResponse, IdpError> {
        let Some(person) = self.person(&session.person) else {
            return Ok(self.refuse("nobody with that name can sign in here"));
        };
        let in_response_to = asked.map(|asked| asked.id.as_str());
        let now = self.clock.now();
        let mut spec = self
            .idp
            .response(person, &self.relying_party, in_response_to, now);
        let authn = spec
            .assertion
            .as_mut()
            .and_then(|assertion| assertion.authn.as_mut());
        if let Some(authn) = authn {
            authn.instant = session.signed_in;
        }
        self.post(&spec, relay_state)
    }

    fn post(
        &self,
        spec: &ResponseSpec,
        relay_state: Option<&str>,
    ) -> Result<HttpResponse, IdpError> {
        let field = self.idp.form_field(spec)?;
        let mut fields = vec![("SAMLResponse", field.as_str())];
        fields.extend(relay_state.map(|state| ("RelayState", state)));
        Ok(pages::post_on(&self.relying_party.acs_url, &fields))
    }

    fn no_passive(
        &self,
        asked: &AuthnRequest,
        relay_state: Option<&str>,
    ) -> Result<HttpResponse, IdpError> {
        let spec = ResponseSpec::failure(
            self.idp.entity_id(),
            &self.relying_party,
            Some(&asked.id),
            StatusSpec::failure(NO_PASSIVE, "the person cannot be signed in passively"),
            self.clock.now(),
        );
        self.post(&spec, relay_state)
    }
}

/// `GET /idp/metadata`: the metadata of the IdP.
pub async fn metadata(site: Data<IdpSite>) -> HttpResponse {
    match site.idp.metadata_xml() {
        Ok(xml) => HttpResponse::Ok()
            .content_type("application/samlmetadata+xml")
            .body(xml),
        Err(error) => failed(&error),
    }
}

/// `GET /idp/sso`: receives an AuthnRequest, and either responds to it or asks who the person is.
pub async fn sso(
    request: HttpRequest,
    parameters: Query<RedirectBinding>,
    site: Data<IdpSite>,
) -> HttpResponse {
    let asked = match site.request(&parameters.saml_request) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    let relay_state = parameters.relay_state.as_deref();
    match site.silent(&request, &asked) {
        Some((token, session)) => {
            let response = site.respond(&session, Some(&asked), relay_state);
            let answered = site.clock.now();
            let until = session.signed_in + SESSION;
            site.sessions.put(
                &token,
                until,
                Session {
                    answered,
                    ..session
                },
            );
            response.unwrap_or_else(|error| failed(&error))
        }
        None if asked.is_passive => site
            .no_passive(&asked, relay_state)
            .unwrap_or_else(|error| failed(&error)),
        None => site.choose(Some(&parameters.saml_request), relay_state),
    }
}

/// `GET /idp/unsolicited`: starts a login that the service provider did not request. People can
/// also open this URL to sign in as someone else.
pub async fn unsolicited(parameters: Query<Unsolicited>, site: Data<IdpSite>) -> HttpResponse {
    site.choose(None, parameters.relay_state.as_deref())
}

/// `POST /idp/sign-in`: signs in the chosen person.
pub async fn sign_in(choice: Form<Choice>, site: Data<IdpSite>) -> HttpResponse {
    let asked = choice
        .saml_request
        .as_deref()
        .map(|parameter| site.request(parameter));
    let asked = match asked.transpose() {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    let now = site.clock.now();
    let session = Session {
        person: choice.person.clone(),
        signed_in: now,
        answered: now,
    };
    let response = site.respond(&session, asked.as_ref(), choice.relay_state.as_deref());
    let mut response = response.unwrap_or_else(|error| failed(&error));
    if response.status() == StatusCode::OK {
        match crate::crypto::random_token() {
            Ok(token) => {
                site.sessions.put(&token, now + SESSION, session);
                set_cookie(&mut response, &cookie(token));
            }
            Err(error) => tracing::warn!(%error, "the demo IdP could not start a session"),
        }
    }
    response
}

/// `GET /idp/sign-out`: ends the browser's session at the IdP.
pub async fn sign_out(request: HttpRequest, site: Data<IdpSite>) -> HttpResponse {
    if let Some(token) = request.cookie(COOKIE) {
        site.sessions.remove(token.value());
    }
    let text =
        "You are signed out of the demo identity provider. Next time, it will ask who you are.";
    let (title, label) = ("Signed out", "Go to the sign-in page");
    let mut response = pages::notice(StatusCode::OK, title, text, label, &site.front_door());
    let mut removal = cookie(String::new());
    removal.make_removal();
    set_cookie(&mut response, &removal);
    response
}

fn cookie(token: String) -> Cookie<'static> {
    Cookie::build(COOKIE, token)
        .path("/idp")
        .http_only(true)
        .same_site(SameSite::Lax)
        .finish()
}

fn set_cookie(response: &mut HttpResponse, cookie: &Cookie<'_>) {
    if let Err(error) = response.add_cookie(cookie) {
        tracing::warn!(%error, "the demo IdP could not set its cookie");
    }
}

fn failed(error: &IdpError) -> HttpResponse {
    tracing::error!(%error, "the demo IdP could not create a message or its metadata");
    HttpResponse::InternalServerError()
        .content_type(ContentType::plaintext())
        .body("the demo identity provider failed: see the log")
}
