//! Where a program's person has to sign in first.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::broker::{Asks, BrokerError};
use crate::session::Session;
use crate::web::context::Context;
use crate::web::error::WebError;

/// An error that a new sign-in mends says where; any other is given back.
pub(super) fn login_required(context: &Context, session: &Session, error: WebError) -> WebError {
    let anew = match error {
        WebError::Broker(BrokerError::Stale(_)) => "",
        WebError::Broker(BrokerError::Asks(Asks::FreshLogin)) => "&anew=1",
        other => return other,
    };
    let idp = utf8_percent_encode(&session.person.idp, NON_ALPHANUMERIC);
    let mut login_url = context.public_url.clone();
    login_url.set_path("/login");
    login_url.set_query(Some(&format!("idp={idp}&return_to=%2F{anew}")));
    WebError::LoginRequired {
        login_url: login_url.to_string(),
    }
}
