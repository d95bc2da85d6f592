//! `GET /go`: a link to a role, for bookmarks, documents and chats.
//!
//! The link specifies an account, a role and optionally other choices, such as a console page. A
//! GET never issues credentials, and no other site may use a role through a person's browser. So
//! the link leads to a page on which the person presses a button. The script submits the button's
//! form automatically only if the browser reports that no web page caused the request. Browsers
//! report this if the person typed the URL or used a bookmark. They also report it for a link in
//! another program, and for a typed URL that redirects here (Fetch Metadata, 2.4). Even then, the
//! result stays in the person's browser.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::link::model;
use super::{login, sign_in};
use crate::session::Next;
use crate::web::bad_request::BadRequest;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::view;

/// The maximum length of a query that is kept during a login, in bytes.
const MAX_QUERY: usize = 2_048;

/// Shows the link's page. If nobody is signed in, the person must sign in first.
pub async fn go(context: Context, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let query = Form::of_query(&request)?;
    let at_once = is_typed(&request);
    if let Some(session) = context.session().await? {
        let rights = context.desk_rules().rights(&session);
        let page = model(&context, &session, &rights, &query, at_once)?;
        return Ok(view::respond(StatusCode::OK, &page));
    }
    let raw = request.query_string();
    if raw.len() > MAX_QUERY {
        return Err(BadRequest::LinkTooLong.into());
    }
    let known = match context.saml().idps() {
        [only] => Some(&**only),
        _ => context.last_idp(),
    };
    match known {
        Some(idp) => {
            let query = raw.to_owned();
            login::begin(&context, idp, &Next::Link { query, at_once }, false).await
        }
        None => Ok(sign_in::choose_idp(&context, None, &format!("/go?{raw}"))),
    }
}

/// Whether the browser reports that no web page caused the request, for example because the person
/// typed the URL (Fetch Metadata, 2.4: `Sec-Fetch-Site: none`).
fn is_typed(request: &HttpRequest) -> bool {
    let site = request.headers().get("sec-fetch-site");
    site.is_some_and(|site| site == "none")
}
