//! The context that a handler receives with each request.

use std::cell::OnceCell;
use std::future::{Ready, ready};
use std::net::IpAddr;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{self, AcceptLanguage, Header as _};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, Utc};

use super::App;
use super::client::{client_address, counted};
use super::cookie::cookie;
use super::error::WebError;
use super::request::RequestFacts;
use super::request_id::RequestId;
use super::rules::Rules;
use super::texts::{Texts, Timestamp};
use super::view::Frame;
use crate::audit::Origin;
use crate::desk::{Asker, Desk, DeskRules};
use crate::printable::printable;
use crate::saml::{IdentityProvider, ServiceProvider};
use crate::session::{Browser, Session, SessionToken, Slots};
use crate::signin::{SignIn, Visitor};
use crate::state::State;

/// The length to which a User-Agent is truncated, in characters.
const MAX_USER_AGENT: usize = 200;

/// The application, the rules that apply to a request, and facts about the request itself.
pub struct Context {
    app: Data<App>,
    /// The rules that were in effect when the request arrived.
    pub rules: Arc<Rules>,
    /// The request ID, which appears in the log, in audit lines and in responses.
    pub request_id: RequestId,
    /// The texts of pages and error messages, in the reader's language.
    pub texts: &'static Texts,
    /// The session token from the cookie, if the browser sent one.
    pub token: Option<SessionToken>,
    /// The session's name in audit lines, computed when first needed.
    session_name: OnceCell<Option<String>>,
    browser: Option<Browser>,
    carrier: Option<Browser>,
    slots: Slots,
    last_idp: Option<String>,
    ip: Option<IpAddr>,
    user_agent: Option<String>,
}

impl FromRequest for Context {
    type Error = WebError;
    type Future = Ready<Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

impl Context {
    /// Collects the context of `request`. Fails only if no [`App`] is registered with the server.
    pub fn of(request: &HttpRequest) -> Result<Self, WebError> {
        Self::new(request).ok_or(WebError::Internal("the application is not configured"))
    }

    fn new(request: &HttpRequest) -> Option<Self> {
        let app = request.app_data::<Data<App>>()?.clone();
        let RequestFacts { id, rules } = RequestFacts::of(request)?;
        let sessions = &app.state.sessions;
        let token = cookie(request, sessions.cookie_name()).and_then(SessionToken::from_cookie);
        let browser = |name| cookie(request, name).and_then(Browser::from_cookie);
        let last_idp = cookie(request, sessions.idp_cookie_name());
        let user_agent = request.headers().get(header::USER_AGENT);
        let user_agent = user_agent.map(|value| String::from_utf8_lossy(value.as_bytes()));
        let accepted = AcceptLanguage::parse(request).ok();
        Some(Self {
            request_id: id,
            texts: accepted.map_or(Texts::english(), |accepted| Texts::for_reader(&accepted)),
            token,
            session_name: OnceCell::new(),
            browser: browser(sessions.login_cookie_name()),
            carrier: browser(sessions.arrival_cookie_name()),
            slots: Slots::read(|number| {
                let name = sessions.slot_cookie_names().get(number).copied();
                name.and_then(|name| cookie(request, name))
            }),
            last_idp: last_idp.map(ToOwned::to_owned),
            ip: client_address(request, &rules.config.http),
            user_agent: user_agent.map(|value| printable(&value, MAX_USER_AGENT)),
            rules,
            app,
        })
    }

    /// The application, which all requests share.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The clock, the store and the audit trail.
    pub fn state(&self) -> &State {
        &self.app.state
    }

    /// The SAML service provider and its IdPs.
    pub fn saml(&self) -> &ServiceProvider {
        &self.rules.sign_in.saml
    }

    /// The configured rules for roles and credentials.
    pub fn desk_rules(&self) -> &Arc<DeskRules> {
        &self.rules.desk
    }

    /// The desk, with the rules that were in effect when the request arrived.
    pub fn desk(&self) -> Desk<'_> {
        Desk::new(Arc::clone(self.desk_rules()), self.state(), self.app())
    }

    /// The person in a session and the origin of this request, in the form that the desk expects.
    pub fn asker<'a>(&'a self, session: &'a Session) -> Asker<'a> {
        let name = self.session_name.get_or_init(|| {
            let token = self.token.as_ref();
            token.map(SessionToken::audit_name)
        });
        let origin = self.origin().in_session(name.as_deref());
        let address = self.ip.and_then(|ip| counted(ip, &self.rules.config));
        Asker::new(session, self.token.as_ref(), origin, address)
    }

    /// The sign-in module, with the cookies and the origin of this request.
    pub fn sign_in(&self) -> SignIn<'_> {
        let visitor = Visitor {
            origin: self.origin(),
            token: self.token.as_ref(),
            browser: self.browser.as_ref(),
            carrier: self.carrier.as_ref(),
            slots: &self.slots,
        };
        SignIn::new(self.state(), &self.rules.sign_in, visitor)
    }

    /// The client's address, if the connection has one.
    pub fn address(&self) -> Option<IpAddr> {
        self.ip
    }

    /// The origin of the request, for audit lines.
    fn origin(&self) -> Origin<'_> {
        Origin {
            request_id: &self.request_id,
            ip: self.ip,
            user_agent: self.user_agent.as_deref(),
            session: None,
            rules: self.rules.digest.as_str(),
        }
    }

    /// The current time, from the application's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.state().clock.now()
    }

    /// The texts and the brand, which every page needs.
    pub fn frame(&self) -> Frame {
        Frame {
            texts: self.texts,
            brand: Arc::clone(&self.rules.brand),
        }
    }

    /// The slots that the browser sent.
    pub fn slots(&self) -> &Slots {
        &self.slots
    }

    /// The IdP that was last used to sign in with this browser, if it is still configured.
    pub fn last_idp(&self) -> Option<&IdentityProvider> {
        let id = self.last_idp.as_deref()?;
        self.saml().idp(id).map(|idp| &**idp)
    }

    /// The name of the session's IdP, or an empty string if that IdP is no longer configured.
    pub fn idp_name(&self, session: &Session) -> String {
        let idp = self.saml().idp(&session.person.idp);
        idp.map(|idp| idp.name.clone()).unwrap_or_default()
    }

    /// The time at which a session ends, in the reader's language.
    pub fn session_ends(&self, session: &Session) -> Timestamp {
        let ends = session.ends_at(self.rules.sign_in.session_max_age);
        self.texts.timestamp(ends)
    }

    /// Loads the session. Returns `None` if there is no session or it has ended.
    pub async fn session(&self) -> Result<Option<Session>, WebError> {
        Ok(self.sign_in().session().await?)
    }

    /// Loads the session, for a request that uses a role. The result includes the session's
    /// assertion if the assertion is still stored.
    pub async fn session_to_use(&self) -> Result<Option<Session>, WebError> {
        match self.session().await? {
            Some(session) => Ok(Some(self.state().sessions.with_assertion(session).await?)),
            None => Ok(None),
        }
    }

    /// Loads the session and its assertion like [`Self::session_to_use`], or returns an error if
    /// nobody is signed in.
    pub async fn signed_in_to_use(&self) -> Result<Session, WebError> {
        let session = self.session_to_use().await?;
        session.ok_or(WebError::NotSignedIn)
    }

    /// Loads the session, or returns an error if nobody is signed in.
    pub async fn signed_in(&self) -> Result<Session, WebError> {
        self.session().await?.ok_or(WebError::NotSignedIn)
    }
}
