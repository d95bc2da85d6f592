//! `POST /logout`: ends the session here and, if rolecall and the IdP support single logout, also
//! at the IdP.

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderName, HeaderValue};

use crate::signin::SignedOut;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::redirect;
use crate::web::set_cookie::set_cookie;
use crate::web::to_idp::to_idp;
use crate::web::view;

/// The data of our origin that the browser must delete (Clear Site Data, 3.1).
const FORGOTTEN: HeaderValue = HeaderValue::from_static("\"cache\", \"storage\"");

/// Ends the session, if it still exists, and removes the cookies.
pub async fn logout(context: Context) -> Result<HttpResponse, WebError> {
    let mut response = match context.sign_in().sign_out().await? {
        SignedOut::Here => redirect::to(&view::SignedOut::Here.href()),
        SignedOut::AndAtTheIdp(message) => to_idp(&context, message, "to-idp-sign-out"),
    };
    let name = HeaderName::from_static("clear-site-data");
    response.headers_mut().insert(name, FORGOTTEN);
    // The cookies of logins that wait for this browser are removed too. Otherwise, the next person
    // who uses the browser could go back and finish such a login.
    let sessions = &context.state().sessions;
    let slots = context.slots().used();
    let slots = slots.filter_map(|number| sessions.slot_removal(number));
    for cookie in sessions.removals().into_iter().chain(slots) {
        set_cookie(&mut response, &cookie)?;
    }
    Ok(response)
}
