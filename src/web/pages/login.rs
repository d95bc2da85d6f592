//! Signing in: to the IdP, and from the ACS to a session in the browser that started it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::{link, sign_in};
use crate::audit::{DroppedValue, Event, Who};
use crate::config::Binding;
use crate::saml::request::{self, Request};
use crate::saml::{IdentityProvider, Person, Refusal};
use crate::session::arrival::Accepted;
use crate::session::pending::Next;
use crate::session::{Action, Arrival, Browser, Pending, SessionError, SessionToken};
use crate::web::body::Body;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::local_page::local_page;
use crate::web::redirect;
use crate::web::saml::to_idp;
use crate::web::view::{self, ContinuePage, HiddenField, ReplaceSessionPage};

/// The field that says that the person is to be asked anew.
pub const ANEW: &str = "anew";

/// `GET /login?idp=ID&return_to=/path`: to the IdP.
pub async fn start(context: Context, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let query = Form::of_query(&request)?;
    let page = local_page(query.optional("return_to"));
    let Some(id) = query.optional("idp") else {
        return and_then(&context, &page).await;
    };
    let idp = context.saml.idp(id).ok_or(WebError::UnknownIdp)?;
    let next = Next::Page(page);
    match query.optional(ANEW) {
        None => to_idp(&context, idp, next).await,
        Some(_) => to_idp_anew(&context, idp, next).await,
    }
}

/// `POST /login`: to the IdP of an e-mail address.
pub async fn by_email(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    let form = Form::parse(body)?;
    let address = form.required("email")?;
    let idp = context.saml.idp_by_email(address);
    let idp = idp.ok_or(WebError::UnknownEmail)?;
    to_idp(&context, idp, Next::Page("/".to_owned())).await
}

/// To the only IdP, or to the sign-in page where there are several; after the login, to this page
/// of ours.
pub async fn and_then(context: &Context, page: &str) -> Result<HttpResponse, WebError> {
    match context.saml.idps() {
        [only] => to_idp(context, only, Next::Page(page.to_owned())).await,
        _ => Ok(sign_in::choose_idp(context, None, page)),
    }
}

/// Sends the browser to the IdP, and remembers what comes after.
pub async fn to_idp(
    context: &Context,
    idp: &IdentityProvider,
    next: Next,
) -> Result<HttpResponse, WebError> {
    let anew = matches!(&next, Next::Action(action) if action.anew);
    ask_idp(context, idp, next, anew).await
}

/// The same, and the person is to be asked anew.
pub async fn to_idp_anew(
    context: &Context,
    idp: &IdentityProvider,
    next: Next,
) -> Result<HttpResponse, WebError> {
    ask_idp(context, idp, next, true).await
}

async fn ask_idp(
    context: &Context,
    idp: &IdentityProvider,
    next: Next,
    anew: bool,
) -> Result<HttpResponse, WebError> {
    let is_renewal = context.session().await?.is_some();
    if !is_renewal {
        context.sessions.have_room()?;
    }
    let published = idp.published(context.now())?;
    let browser = match &context.browser {
        Some(browser) => browser.clone(),
        None => Browser::new()?,
    };
    let wishes = if anew {
        idp.wishes.anew()
    } else {
        idp.wishes.clone()
    };
    let id = request::new_id().map_err(SessionError::from)?;
    let pending = Pending {
        request_id: id.clone(),
        asked_at: context.now(),
        idp: idp.id.clone(),
        browser: browser.fingerprint(),
        anew,
        is_renewal,
        next,
    };
    let relay_state = pending.keep(&context.store).await?;
    let request = Request {
        id: &id,
        entity_id: &context.saml.entity_id,
        acs_url: &context.saml.acs_url,
        destination: &published.sso_url,
        wishes: &wishes,
        relay_state: &relay_state,
        now: context.now(),
    };
    let key = context.saml.key.as_ref();
    let mut response = match published.binding {
        Binding::Redirect => to_idp::redirect(&request.redirect_url(key)?),
        Binding::Post => {
            let fields = request.post_fields(key)?;
            to_idp::form(context, idp, "to-idp-sign-in", &published.sso_url, fields)
        }
    };
    response
        .add_cookie(&context.sessions.login_cookie(&browser))
        .map_err(|_| WebError::Internal("a cookie cannot be written"))?;
    Ok(response)
}

/// `GET /login/finish?code=…`: the ACS sent the browser here, with its cookies this time.
pub async fn finish(context: Context, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let query = Form::of_query(&request)?;
    finish_with(&context, query.required("code")?, false).await
}

/// `POST /login/replace`: the person answered that the new login replaces the session.
pub async fn replace(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    let form = Form::parse(body)?;
    finish_with(&context, form.required("code")?, true).await
}

async fn finish_with(
    context: &Context,
    code: &str,
    may_replace: bool,
) -> Result<HttpResponse, WebError> {
    let arrival = Arrival::peek(&context.store, code)
        .await?
        .ok_or(Refusal::UnknownLogin)?;
    if !arrival.is_for(context.browser.iter().chain(&context.carrier)) {
        return Err(refuse(
            context,
            &arrival.accepted.person,
            Refusal::OtherBrowser,
        )?);
    }
    let Arrival {
        session,
        accepted,
        next,
        ..
    } = arrival;
    if let Some(current) = context.session().await? {
        let is_other = current.person != accepted.person;
        if accepted.unsolicited && is_other && !may_replace {
            return Ok(ask(context, code, current.person, accepted.person));
        }
    }
    // Before it puts out another session, which may be good.
    let is_over = context
        .sessions
        .is_over(&session, &accepted.person, context.now());
    if is_over.await? {
        Arrival::finish(&context.store, code).await?;
        return Err(refuse(context, &accepted.person, Refusal::SessionEnded)?);
    }
    // First the session: where there is no room for it, the code stays good.
    let token = context.sessions.begin(session, context.now()).await?;
    let token = token.ok_or(Refusal::UnknownLogin)?;
    let result = match Arrival::finish(&context.store, code).await {
        Ok(true) => open_session(context, accepted, next, &token).await,
        Ok(false) => Err(Refusal::UnknownLogin.into()),
        Err(error) => Err(error.into()),
    };
    if result.is_err() {
        // Nobody will ever have its cookie.
        context.sessions.withdraw(&token).await?;
    }
    result
}

fn refuse(context: &Context, person: &Person, refusal: Refusal) -> Result<WebError, WebError> {
    let event = Event::LoginRefused {
        check: refusal.name(),
        detail: refusal.to_string(),
        message: None,
    };
    context.record(&event, person)?;
    Ok(refusal.into())
}

fn ask(context: &Context, code: &str, current: Person, new: Person) -> HttpResponse {
    view::respond(
        StatusCode::OK,
        &ReplaceSessionPage {
            frame: context.frame(),
            current: current.name_id,
            new: new.name_id,
            code: code.to_owned(),
        },
    )
}

async fn open_session(
    context: &Context,
    accepted: Accepted,
    next: Next,
    token: &SessionToken,
) -> Result<HttpResponse, WebError> {
    let event = Event::LoginAccepted {
        unsolicited: accepted.unsolicited,
        assertion_id: accepted.assertion_id,
        roles: accepted.roles,
        grants: accepted.grants,
        dropped: accepted.dropped.iter().map(DroppedValue::from).collect(),
        dropped_beyond: accepted.dropped_beyond,
    };
    let person = accepted.person;
    context.record_for(&event, &Who::from(&person), Some(token))?;
    if let Some(old) = &context.token {
        context.sessions.end(old).await?;
    }
    let mut response = go_on(context, next, &person, token).await?;
    let mut cookies = vec![context.sessions.cookie(token)];
    if context.saml.idps().len() > 1 {
        cookies.push(context.sessions.idp_cookie(&person.idp));
    }
    for cookie in &cookies {
        response
            .add_cookie(cookie)
            .map_err(|_| WebError::Internal("the cookie cannot be set"))?;
    }
    Ok(response)
}

/// To the page, or to what the person had asked for. An action belongs to who asked for it.
async fn go_on(
    context: &Context,
    next: Next,
    person: &Person,
    token: &SessionToken,
) -> Result<HttpResponse, WebError> {
    Ok(match next {
        Next::Action(action) if action.person.as_ref().is_none_or(|who| who == person) => {
            repeat(context, *action)
        }
        Next::Action(_) => redirect::to("/"),
        Next::Page(path) => redirect::to(&path),
        Next::Link { query, at_once } => {
            let session = context.sessions.load(token, context.now()).await?;
            let shown =
                session.map(|session| link::after_login(context, &session, &query, at_once));
            // What is wrong with the link is told in the new session.
            let shown = shown.transpose().unwrap_or_default();
            shown.unwrap_or_else(|| redirect::to(&format!("/go?{query}")))
        }
    })
}

/// A page whose form repeats the request: credentials are never made on a GET.
fn repeat(context: &Context, action: Action) -> HttpResponse {
    let fields = action
        .fields
        .into_iter()
        .map(|(name, value)| HiddenField { name, value });
    let page = ContinuePage {
        frame: context.frame(),
        action: action.path,
        fields: fields.collect(),
    };
    view::respond(StatusCode::OK, &page)
}
