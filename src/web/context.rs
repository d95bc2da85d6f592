//! What a handler knows of its request.

use std::future::{Ready, ready};
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{self, AcceptLanguage, Header as _};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use chrono::{DateTime, Utc};

use super::error::WebError;
use super::request_id::RequestId;
use super::texts::Texts;
use super::view::Frame;
use super::{App, client};
use crate::audit::{Event, Origin, Who};
use crate::config::ForwardedHeader;
use crate::printable::printable;
use crate::saml::IdentityProvider;
use crate::saml::Person;
use crate::session::{Browser, Session, SessionToken};

/// The longest User-Agent that is kept, in characters.
const MAX_USER_AGENT: usize = 200;

/// The application and the request's own facts.
pub struct Context {
    app: Data<App>,
    /// The request's ID.
    pub request_id: RequestId,
    /// The texts, in the reader's language.
    pub texts: &'static Texts,
    /// The session's token, if the browser sent one.
    pub token: Option<SessionToken>,
    /// The browser, if it has started a login here.
    pub browser: Option<Browser>,
    /// The browser, if it has brought a login that the IdP started.
    pub carrier: Option<Browser>,
    last_idp: Option<String>,
    ip: Option<IpAddr>,
    user_agent: Option<String>,
}

impl Deref for Context {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl FromRequest for Context {
    type Error = WebError;
    type Future = Ready<Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

impl Context {
    /// What is known of `request`.
    pub fn of(request: &HttpRequest) -> Result<Self, WebError> {
        Self::new(request).ok_or(WebError::Internal("the application is not configured"))
    }

    fn new(request: &HttpRequest) -> Option<Self> {
        let app = request.app_data::<Data<App>>()?.clone();
        let token = cookie(request, app.sessions.cookie_name()).and_then(SessionToken::from_cookie);
        let browser = |name| cookie(request, name).and_then(Browser::from_cookie);
        let (login, arrival) = (
            app.sessions.login_cookie_name(),
            app.sessions.arrival_cookie_name(),
        );
        let last_idp = app.sessions.idp_cookie_name();
        let request_id = request.extensions().get::<RequestId>().copied();
        let user_agent = request.headers().get(header::USER_AGENT);
        let accepted = AcceptLanguage::parse(request).ok();
        let ip = client_address(request, &app);
        Some(Self {
            app,
            request_id: request_id.unwrap_or_default(),
            texts: accepted.map_or(Texts::english(), |accepted| Texts::for_reader(&accepted)),
            token,
            browser: browser(login),
            carrier: browser(arrival),
            last_idp: cookie(request, last_idp).map(ToOwned::to_owned),
            ip,
            user_agent: user_agent
                .map(|value| printable(&String::from_utf8_lossy(value.as_bytes()), MAX_USER_AGENT)),
        })
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// What every page has.
    pub fn frame(&self) -> Frame {
        Frame {
            texts: self.texts,
            brand: Arc::clone(&self.app.brand),
        }
    }

    /// The IdP that this browser signed in with last, if it is still configured.
    pub fn last_idp(&self) -> Option<&IdentityProvider> {
        let id = self.last_idp.as_deref()?;
        self.saml.idp(id).map(|idp| &**idp)
    }

    /// The name of the IdP that a person has signed in with.
    pub fn idp_name(&self, session: &Session) -> String {
        let idp = self.saml.idp(&session.person.idp);
        idp.map(|idp| idp.name.clone()).unwrap_or_default()
    }

    /// The session, unless there is none or it has ended.
    pub async fn session(&self) -> Result<Option<Session>, WebError> {
        let Some(token) = &self.token else {
            return Ok(None);
        };
        Ok(self.sessions.load(token, self.now()).await?)
    }

    /// The session, with its assertion where STS still redeems it: for who asks for credentials.
    pub async fn session_to_use(&self) -> Result<Option<Session>, WebError> {
        match self.session().await? {
            Some(session) => Ok(Some(self.sessions.with_assertion(session).await?)),
            None => Ok(None),
        }
    }

    /// The same, of who must be signed in.
    pub async fn signed_in_to_use(&self) -> Result<Session, WebError> {
        let session = self.session_to_use().await?;
        session.ok_or(WebError::NotSignedIn)
    }

    /// The session.
    pub async fn signed_in(&self) -> Result<Session, WebError> {
        self.session().await?.ok_or(WebError::NotSignedIn)
    }

    /// Writes an audit line about `person`.
    pub fn record(&self, event: &Event, person: &Person) -> Result<(), WebError> {
        let who = Who {
            idp: Some(person.idp.clone()),
            name_id: Some(person.name_id.clone()),
        };
        self.record_for(event, &who, self.token.as_ref())
    }

    /// Writes an audit line about `who`, in the session of `token`.
    pub fn record_for(
        &self,
        event: &Event,
        who: &Who,
        token: Option<&SessionToken>,
    ) -> Result<(), WebError> {
        let origin = Origin {
            request_id: &self.request_id,
            ip: self.ip,
            user_agent: self.user_agent.as_deref(),
            session: token.map(SessionToken::audit_name),
        };
        Ok(self.audit.record(self.now(), event, who, &origin)?)
    }
}

/// The value of the cookie `name`, compared octet for octet.
///
/// actix decodes percent signs in names and trims Unicode's white space, so that a cookie which
/// another host of our domain may set (`%5F%5FHost-…`) would pass for one that it may not
/// (`__Host-…`); and one cookie that is not UTF-8 would hide all others.
pub fn cookie<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request
        .headers()
        .get_all(header::COOKIE)
        .flat_map(|value| value.as_bytes().split(|octet| *octet == b';'))
        .map(|pair| pair.strip_prefix(b" ").unwrap_or(pair))
        .filter_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
        .find_map(|value| std::str::from_utf8(value).ok())
}

/// The address of the client, where the connection has one.
pub fn client_address(request: &HttpRequest, app: &App) -> Option<IpAddr> {
    let name = match app.forwarded_header {
        ForwardedHeader::XForwardedFor => header::X_FORWARDED_FOR,
        ForwardedHeader::Forwarded => header::FORWARDED,
    };
    // A proxy appends to what the client sent: a line is not dropped for what stands in front.
    let lines: Vec<_> = request
        .headers()
        .get_all(name)
        .map(|line| String::from_utf8_lossy(line.as_bytes()))
        .collect();
    let lines = lines.iter().map(|line| &**line);
    let peer = request.peer_addr()?.ip();
    Some(client::address(
        peer,
        lines,
        app.forwarded_header,
        &app.trusted_proxies,
    ))
}
