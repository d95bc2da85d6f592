//! `POST /logout`: ends the session here, and at the IdP where that can be.

use actix_web::HttpResponse;
use actix_web::http::header;

use crate::audit::Event;
use crate::config::Binding;
use crate::saml::logout::OurRequest;
use crate::saml::request;
use crate::session::{Session, SessionError};
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::redirect;
use crate::web::saml::to_idp;
use crate::web::view::SignedOut;

/// Ends the session and removes its cookie, also when there is none left to end.
pub async fn logout(context: Context) -> Result<HttpResponse, WebError> {
    end(&context).await
}

async fn end(context: &Context) -> Result<HttpResponse, WebError> {
    let mut response = redirect::to(&SignedOut::Here.href());
    if let (Some(session), Some(token)) = (context.session().await?, &context.token) {
        context.sessions.end(token).await?;
        context.record(&Event::Logout, &session.person)?;
        // Whatever becomes of it at the IdP, the session here is over.
        match at_the_idp(context, &session).await {
            Ok(Some(to_idp)) => response = to_idp,
            Ok(None) => {}
            Err(error) => {
                let request_id = &*context.request_id;
                tracing::warn!(%error, request_id, "nobody told the identity provider");
            }
        }
    }
    let headers = response.headers_mut();
    let cleared = header::HeaderValue::from_static("\"cache\", \"storage\"");
    headers.insert(header::HeaderName::from_static("clear-site-data"), cleared);
    // And logins that wait for this browser: whoever comes after does not get in by the back button.
    for cookie in context.sessions.removals() {
        response
            .add_cookie(&cookie)
            .map_err(|_| WebError::Internal("the cookie cannot be removed"))?;
    }
    Ok(response)
}

/// A LogoutRequest on its way to the IdP, where both sides can do that.
async fn at_the_idp(
    context: &Context,
    session: &Session,
) -> Result<Option<HttpResponse>, WebError> {
    let (Some(key), Some(idp)) = (&context.saml.key, context.saml.idp(&session.person.idp)) else {
        return Ok(None);
    };
    let published = idp.published(context.now())?;
    let Some(service) = &published.single_logout else {
        return Ok(None);
    };
    let id = request::new_id().map_err(SessionError::from)?;
    context.sessions.expect_logout(&idp.id, &id).await?;
    let request = OurRequest {
        id: &id,
        entity_id: &context.saml.entity_id,
        destination: &service.location,
        name_id: &session.name_id,
        session_index: session.session_index.as_deref(),
        now: context.now(),
    };
    Ok(Some(match service.binding {
        Binding::Redirect => to_idp::redirect(&request.redirect_url(key)?),
        Binding::Post => to_idp::form(
            context,
            idp,
            "to-idp-sign-out",
            &service.location,
            request.post_fields(key)?,
        ),
    }))
}
