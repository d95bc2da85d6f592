//! Starts a login by sending the browser to the IdP, and finishes it by beginning a session.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::{link, sign_in};
use crate::saml::{IdentityProvider, Person};
use crate::session::{Action, Next, SessionToken};
use crate::signin::{Finished, Outcome, SignInError};
use crate::web::body::Body;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::local_page::local_page;
use crate::web::redirect;
use crate::web::set_cookie::set_cookie;
use crate::web::to_idp::to_idp;
use crate::web::view::{self, AskAgainPage, ContinuePage, HiddenField, ReplaceSessionPage};

/// The query parameter that requires the IdP to authenticate the person again.
pub const ANEW: &str = "anew";

/// `GET /login?idp=ID&return_to=/path`: starts a login at this IdP. Without `idp`, uses the only
/// IdP or shows the sign-in page.
pub async fn start(context: Context, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let query = Form::of_query(&request)?;
    let page = local_page(query.optional("return_to"));
    let Some(id) = query.optional("idp") else {
        return and_then(&context, &page).await;
    };
    let idp = context.saml().idp(id).ok_or(WebError::UnknownIdp)?;
    let next = Next::Page(page);
    match query.optional(ANEW) {
        None => begin(&context, idp, &next, false).await,
        Some(_) => begin(&context, idp, &next, true).await,
    }
}

/// `POST /login`: starts a login at the IdP that is configured for the domain of an e-mail address.
pub async fn by_email(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    let form = Form::parse(body)?;
    let address = form.required("email")?;
    let idp = context.saml().idp_by_email(address);
    let idp = idp.ok_or(WebError::UnknownEmail)?;
    begin(&context, idp, &Next::portal(), false).await
}

/// Starts a login at the only IdP, or shows the sign-in page if there is not exactly one IdP.
/// After the login, the browser goes to `page`.
pub async fn and_then(context: &Context, page: &str) -> Result<HttpResponse, WebError> {
    match context.saml().idps() {
        [only] => begin(context, only, &Next::Page(page.to_owned()), false).await,
        _ => Ok(sign_in::choose_idp(context, None, page)),
    }
}

/// Sends the browser to the IdP. The browser keeps `next` until the login is complete. With `anew`,
/// the IdP must authenticate the person again (ForceAuthn).
pub async fn begin(
    context: &Context,
    idp: &IdentityProvider,
    next: &Next,
    anew: bool,
) -> Result<HttpResponse, WebError> {
    let begun = context.sign_in().begin(idp, next, anew).await?;
    let mut response = to_idp(context, begun.to_idp, "to-idp-sign-in");
    let sessions = &context.state().sessions;
    set_cookie(&mut response, &sessions.login_cookie(&begun.browser))?;
    if let Some(cookie) = begun.slot.and_then(|slot| sessions.slot_cookie(slot)) {
        set_cookie(&mut response, &cookie)?;
    }
    Ok(response)
}

/// `GET /login/finish?code=…`: finishes a login. The ACS redirects the browser to this URL, because
/// the browser does not send its cookies with the IdP's cross-site POST.
pub async fn finish(context: Context, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let query = Form::of_query(&request)?;
    finish_with(&context, query.required("code")?, false).await
}

/// `POST /login/replace`: finishes a login after the person has confirmed that it may replace the
/// current session.
pub async fn replace(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    let form = Form::parse(body)?;
    finish_with(&context, form.required("code")?, true).await
}

async fn finish_with(
    context: &Context,
    code: &str,
    may_replace: bool,
) -> Result<HttpResponse, WebError> {
    match context.sign_in().finish(code, may_replace).await {
        Ok(Outcome::Finished(finished)) => signed_in(context, finished).await,
        Ok(Outcome::Ask { current, new }) => Ok(ask(context, code, &current, &new)),
        Err(SignInError::Again) => Ok(redirect::to("/login")),
        Err(error) => Err(error.into()),
    }
}

fn ask(context: &Context, code: &str, current: &Person, new: &Person) -> HttpResponse {
    view::respond(
        StatusCode::OK,
        &ReplaceSessionPage {
            frame: context.frame(),
            current: current.shown(),
            new: new.shown(),
            code: code.to_owned(),
        },
    )
}

async fn signed_in(context: &Context, finished: Finished) -> Result<HttpResponse, WebError> {
    let Finished {
        token,
        person,
        following,
    } = finished;
    let mut response = match following.next {
        Some(next) => go_on(context, next, &person, &token).await?,
        None => ask_again(context, "ask-again-lede"),
    };
    let sessions = &context.state().sessions;
    let emptied = following.used_slot;
    if let Some(cookie) = emptied.and_then(|number| sessions.slot_removal(number)) {
        set_cookie(&mut response, &cookie)?;
    }
    set_cookie(&mut response, &sessions.cookie(&token))?;
    if context.saml().idps().len() > 1 {
        set_cookie(&mut response, &sessions.idp_cookie(&person.idp))?;
    }
    Ok(response)
}

/// Continues with the requested page, link or action. If the person who requested the action can be
/// recognized, it is repeated only for that person.
async fn go_on(
    context: &Context,
    next: Next,
    person: &Person,
    token: &SessionToken,
) -> Result<HttpResponse, WebError> {
    Ok(match next {
        Next::Action(action) if action.person.is_none_or(|who| who == person.key()) => {
            repeat(context, *action)
        }
        Next::Action(_) => ask_again(context, "ask-again-other"),
        Next::Page(path) => redirect::to(&path),
        Next::Link { query, at_once } => {
            // If the session cannot be loaded, the browser is redirected to `/go`, which tries to
            // load it again.
            let session = context.state().sessions.load(token, context.now()).await;
            let session = session.unwrap_or_else(|error| {
                tracing::warn!(%error, "a new session could not be loaded");
                None
            });
            let shown =
                session.map(|session| link::after_login(context, &session, &query, at_once));
            // If the link is invalid, `/go` shows the error in the new session.
            let shown = shown.transpose().unwrap_or_default();
            shown.unwrap_or_else(|| redirect::to(&format!("/go?{query}")))
        }
    })
}

/// Shows a page that asks the person to request again what the browser could not keep during the
/// login, or what another person requested. `lede` is the name of the text.
fn ask_again(context: &Context, lede: &'static str) -> HttpResponse {
    let frame = context.frame();
    view::respond(StatusCode::OK, &AskAgainPage { frame, lede })
}

/// Shows a page with a form that repeats the request, since a GET never issues credentials.
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
