//! `POST /saml/acs`: the assertion consumer service.

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use actix_web::http::header;

use crate::audit::{Event, Who};
use crate::printable::reason;
use crate::saml::check;
use crate::saml::explanation::{Against, explain};
use crate::saml::idp::Published;
use crate::saml::response::{self, Unverified};
use crate::saml::summary::Summary;
use crate::saml::{Asked, IdentityProvider, Login, Refusal};
use crate::session::arrival::{self, Accepted, Arrival};
use crate::session::pending::Next;
use crate::session::{AssertionKey, Browser, Pending, Prepared, Session};
use crate::web::body::Body;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::local_page::local_page;

/// Takes an IdP's POST.
///
/// It is cross-site, so that no cookie of ours comes with it. A good login is kept under a
/// one-time code, and the browser is sent to fetch it with its cookies.
pub async fn acs(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    let mut told = Told::default();
    match consume(&context, body, &mut told).await {
        Err(error) => Err(told.record_refusal(&context, error)),
        accepted => accepted,
    }
}

/// What the audit trail is told of a login that is refused, as far as it came.
#[derive(Default)]
struct Told {
    who: Who,
    detail: Option<String>,
    message: Option<Box<Summary>>,
}

impl Told {
    /// Notes why a message was refused.
    fn explain(&mut self, refusal: Refusal, message: Summary, against: Against<'_>) -> WebError {
        self.detail = Some(explain(&refusal, &message, against));
        self.message = Some(Box::new(message));
        refusal.into()
    }

    fn record_refusal(self, context: &Context, error: WebError) -> WebError {
        let event = Event::LoginRefused {
            check: error.code(),
            detail: self.detail.unwrap_or_else(|| reason(&error)),
            message: self.message,
        };
        let recorded = context.record_for(&event, &self.who, None);
        recorded.err().unwrap_or(error)
    }
}

async fn consume(context: &Context, body: Body, told: &mut Told) -> Result<HttpResponse, WebError> {
    let form = Form::parse(body)?;
    let field = form.required("SAMLResponse")?;
    let relay_state = form.optional("RelayState");
    let pending = match relay_state {
        Some(relay_state) => Pending::peek(&context.store, relay_state).await?,
        None => None,
    };
    let text = response::decode(field)?;
    let message = Unverified::parse(&text)?;
    let idp = idp_of(context, &message, pending.as_ref())
        .map_err(|refusal| told.explain(refusal, message.summary(), whom(context)))?;
    told.who.idp = Some(idp.id.clone());
    if !pending.as_ref().is_some_and(|pending| pending.is_renewal) {
        context.sessions.have_room()?;
    }
    let published = idp.published(context.now())?;
    let login = verify(context, &message, (idp, &published), pending.as_ref(), told)?;
    told.who.name_id = Some(login.person.name_id.clone());
    let used = relay_state.filter(|_| pending.is_some());
    let arriving = Arriving::new(context, login, relay_state, pending)?;
    arriving
        .arrive(context, (field, &text), used)
        .await
        .inspect_err(|_| told.message = Some(Box::new(message.summary())))
}

/// Before it is known whose message it is.
fn whom(context: &Context) -> Against<'_> {
    Against {
        idps: context.saml.idps(),
        ..Against::default()
    }
}

/// The IdP of the login in progress, from our own record; without one, the IdP that the message
/// names, if it may start a login.
fn idp_of<'a>(
    context: &'a Context,
    message: &Unverified<'_>,
    pending: Option<&Pending>,
) -> Result<&'a IdentityProvider, Refusal> {
    if let Some(pending) = pending {
        return context
            .saml
            .idp(&pending.idp)
            .map(|idp| &**idp)
            .ok_or(Refusal::UnknownIdp);
    }
    let issuer = message.claimed_issuer().ok_or(Refusal::UnknownIdp)?;
    let idp = context
        .saml
        .idp_by_entity_id(issuer)
        .ok_or(Refusal::UnknownIdp)?;
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
    context: &Context,
    message: &Unverified<'_>,
    (idp, published): (&IdentityProvider, &Published),
    pending: Option<&Pending>,
    told: &mut Told,
) -> Result<Login, WebError> {
    let asked = pending.map(|pending| Asked {
        id: &pending.request_id,
        at: pending.asked_at,
        anew: pending.anew,
    });
    let expected = context.saml.expected(idp, published, asked, context.now());
    let against = Against {
        expected: Some(expected),
        certificates: &published.certificates,
        ..whom(context)
    };
    let mut opened = message
        .open(&published.trust, &context.saml.decryption(idp))
        .map_err(|refusal| told.explain(refusal, message.summary(), against))?;
    let decrypted = opened.decrypted.take();
    check::check(opened, &expected).map_err(|refusal| {
        let summary = message.summary().with_decrypted(decrypted);
        told.explain(refusal, summary, against)
    })
}

/// Only now, so that junk cannot burn a login, nor a message that was used before count as one.
async fn use_up(
    context: &Context,
    login: &Accepted,
    relay_state: Option<&str>,
) -> Result<(), WebError> {
    if !arrival::mark_used(&context.store, login, context.now(), context.saml.skew).await? {
        return Err(Refusal::Replay.into());
    }
    if let Some(relay_state) = relay_state
        && !Pending::finish(&context.store, relay_state).await?
    {
        return Err(Refusal::UnknownLogin.into());
    }
    Ok(context.sessions.admit(&login.person)?)
}

/// A login on its way to the browser that started it.
struct Arriving<'a> {
    session: Session,
    arrival: Arrival,
    /// What the browser gets that brought a login of the IdP's.
    cookie: Option<Cookie<'a>>,
}

impl Arriving<'_> {
    fn new(
        context: &Context,
        login: Login,
        relay_state: Option<&str>,
        pending: Option<Pending>,
    ) -> Result<Self, WebError> {
        let mut cookie = None;
        let unsolicited = pending.is_none();
        let (browser, next) = if let Some(pending) = pending {
            (pending.browser, pending.next)
        } else {
            // No browser started this login: the one that brought it gets a cookie, so that the code
            // in the URL alone is worth nothing.
            let browser = Browser::new()?;
            cookie = Some(context.sessions.arrival_cookie(&browser));
            (browser.fingerprint(), Next::Page(local_page(relay_state)))
        };
        let (now, max_age) = (context.now(), context.session_max_age);
        let assertion_id = login.assertion_id.clone();
        let key = AssertionKey::new()?;
        let session = Session::new(login, key, now, max_age, &context.attributes);
        let (roles, grants) = context.broker.grants.counted(&session);
        let accepted = Accepted {
            person: session.person.clone(),
            assertion_id,
            unsolicited,
            roles,
            grants,
            dropped: session.aws.dropped.clone(),
            dropped_beyond: session.aws.dropped_beyond,
        };
        let arrival = Arrival {
            session: Prepared::new(&session)?,
            browser,
            accepted,
            next,
        };
        Ok(Self {
            session,
            arrival,
            cookie,
        })
    }

    /// Keeps the login, uses the message up, and sends the browser on.
    ///
    /// In this order: whoever finds no room may post the same message once more.
    async fn arrive(
        self,
        context: &Context,
        field: (&str, &str),
        relay_state: Option<&str>,
    ) -> Result<HttpResponse, WebError> {
        let (code, error) = match self.keep(context, field).await {
            Ok(code) => match use_up(context, &self.arrival.accepted, relay_state).await {
                Ok(()) => return Ok(self.send_on(&code)),
                Err(error) => (Some(code), error),
            },
            Err(error) => (None, error),
        };
        if let Some(code) = code {
            Arrival::finish(&context.store, &code).await?;
        }
        context.sessions.forget_assertion(&self.session).await?;
        Err(error)
    }

    /// Keeps it, with the form field as it was received and decoded; returns the one-time code.
    async fn keep(
        &self,
        context: &Context,
        (field, text): (&str, &str),
    ) -> Result<String, WebError> {
        let decoded = text.as_bytes();
        let sessions = &context.sessions;
        sessions
            .keep_assertion(&self.session, (field, decoded), context.now())
            .await?;
        Ok(self.arrival.keep(&context.store).await?)
    }

    fn send_on(self, code: &str) -> HttpResponse {
        let mut response = HttpResponse::SeeOther();
        response
            .insert_header((header::LOCATION, format!("/login/finish?code={code}")))
            .insert_header((header::REFERRER_POLICY, "no-referrer"));
        if let Some(cookie) = self.cookie {
            response.cookie(cookie);
        }
        response.finish()
    }
}
