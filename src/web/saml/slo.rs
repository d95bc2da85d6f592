//! `/saml/slo`: the single logout service (saml-profiles 4.4).

use actix_web::{HttpRequest, HttpResponse};

use crate::printable::reason;
use crate::saml::binding::{Incoming, MessageKind};
use crate::signin::IdpLogout;
use crate::web::body::Body;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::redirect;
use crate::web::set_cookie::set_cookie;
use crate::web::to_idp::to_idp;
use crate::web::view::SignedOut;

/// `GET /saml/slo`: receives a logout message sent with HTTP-Redirect.
pub async fn redirected(context: Context, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let incoming = Incoming::from_query(request.query_string());
    let incoming = incoming.map_err(WebError::LogoutRefused);
    respond(&context, incoming).await
}

/// `POST /saml/slo`: receives a logout message sent with HTTP-POST.
pub async fn posted(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    let incoming = Form::parse(body).and_then(|form| {
        let field = |name| form.optional(name);
        Incoming::from_form(
            field(MessageKind::Request.field()),
            field(MessageKind::Response.field()),
            field("RelayState"),
        )
        .map_err(WebError::LogoutRefused)
    });
    respond(&context, incoming).await
}

async fn respond(
    context: &Context,
    incoming: Result<Incoming, WebError>,
) -> Result<HttpResponse, WebError> {
    let incoming = match incoming {
        Ok(incoming) => incoming,
        Err(error) => return refuse(context, error).await,
    };
    match context.sign_in().idp_logout(&incoming).await? {
        IdpLogout::Confirm {
            to_idp: message,
            remove_cookie,
        } => {
            let mut response = to_idp(context, message, "to-idp-confirm-sign-out");
            if remove_cookie {
                set_cookie(&mut response, &context.state().sessions.removal())?;
            }
            Ok(response)
        }
        IdpLogout::Completed { everywhere } => {
            let outcome = if everywhere {
                SignedOut::Everywhere
            } else {
                SignedOut::Partly
            };
            Ok(redirect::to(&outcome.href()))
        }
    }
}

/// Writes an audit line for a request that is refused because it contains no readable message, and
/// returns the refusal.
async fn refuse<T>(context: &Context, refusal: WebError) -> Result<T, WebError> {
    let sign_in = context.sign_in();
    let recorded = sign_in.refuse_logout(refusal.code(), reason(&refusal));
    if let Err(error) = recorded.await {
        tracing::error!(%error, "the audit line for a refusal could not be written");
    }
    Err(refusal)
}
