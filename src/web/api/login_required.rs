//! The API's error for a request that requires a new sign-in. The error contains the sign-in URL.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::desk::{DeskError, Requirement, RoleRequest};
use crate::session::Session;
use crate::web::context::Context;
use crate::web::error::WebError;

/// Converts a desk error to an error of the API. If a new sign-in would resolve the error, the
/// result contains the sign-in URL.
pub(super) fn refused(
    context: &Context,
    session: &Session,
    request: &RoleRequest,
    error: DeskError,
) -> WebError {
    let anew = match error {
        error if error.wants_sign_in() => "",
        DeskError::Requires(Requirement::FreshLogin) => "&anew=1",
        other => return WebError::of_desk(other, session, &request.role_arn),
    };
    let idp = utf8_percent_encode(&session.person.idp, NON_ALPHANUMERIC);
    let mut login_url = context.rules.config.public_url.clone();
    login_url.set_path("/login");
    login_url.set_query(Some(&format!("idp={idp}&return_to=%2F{anew}")));
    WebError::LoginRequired {
        login_url: login_url.to_string(),
    }
}
