//! `/saml/slo`: the single logout service (saml-profiles 4.4).

use actix_web::{HttpRequest, HttpResponse};

use super::to_idp;
use crate::audit::{Event, Who};
use crate::config::Binding;
use crate::printable::reason;
use crate::saml::binding::{Incoming, MessageKind};
use crate::saml::idp::Published;
use crate::saml::logout::{Expected, LogoutRequest, OurResponse, Unverified};
use crate::saml::{IdentityProvider, Person, Refusal, request};
use crate::session::SessionError;
use crate::web::body::Body;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::redirect;
use crate::web::view::SignedOut;

/// `GET /saml/slo`: a message by HTTP-Redirect.
pub async fn redirected(context: Context, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let incoming = Incoming::from_query(request.query_string());
    let incoming = incoming.map_err(WebError::LogoutRefused);
    answer(&context, incoming).await
}

/// `POST /saml/slo`: a message by HTTP-POST.
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
    answer(&context, incoming).await
}

async fn answer(
    context: &Context,
    incoming: Result<Incoming, WebError>,
) -> Result<HttpResponse, WebError> {
    let mut who = Who::default();
    let result = match incoming {
        Ok(incoming) => obey(context, &incoming, &mut who).await,
        Err(error) => Err(error),
    };
    result.map_err(|error| record_refusal(context, error, &who))
}

fn record_refusal(context: &Context, error: WebError, who: &Who) -> WebError {
    let event = Event::LogoutRefused {
        check: error.code(),
        detail: reason(&error),
    };
    context.record_for(&event, who, None).err().unwrap_or(error)
}

async fn obey(
    context: &Context,
    incoming: &Incoming,
    who: &mut Who,
) -> Result<HttpResponse, WebError> {
    let message = Unverified::parse(incoming).map_err(WebError::LogoutRefused)?;
    let idp = message
        .claimed_issuer()
        .and_then(|issuer| context.saml.idp_by_entity_id(issuer))
        .ok_or(WebError::LogoutRefused(Refusal::UnknownIdp))?;
    who.idp = Some(idp.id.clone());
    let published = idp.published(context.now())?;
    let expected = Expected {
        slo_url: &context.saml.slo_url,
        idp_entity_id: &published.entity_id,
        now: context.now(),
        skew: context.saml.skew,
    };
    match message.kind() {
        MessageKind::Request => {
            let request = message.request(&published.trust, &expected);
            let request = request.map_err(WebError::LogoutRefused)?;
            who.name_id = Some(request.name_id.value.clone());
            end_sessions(context, idp, &request).await?;
            let relay_state = incoming.relay_state.as_deref();
            let mut response = confirm(context, idp, &published, &request, relay_state)?;
            // A cookie that came along and opens nothing any more.
            if context.token.is_some() && context.session().await?.is_none() {
                response
                    .add_cookie(&context.sessions.removal())
                    .map_err(|_| WebError::Internal("the cookie cannot be removed"))?;
            }
            Ok(response)
        }
        MessageKind::Response => {
            let response = message.response(&published.trust, &expected);
            let response = response.map_err(WebError::LogoutRefused)?;
            let answered = context
                .sessions
                .take_logout(&idp.id, &response.in_response_to);
            if !answered.await? {
                return Err(WebError::LogoutRefused(Refusal::UnknownLogout));
            }
            let outcome = match response.refused {
                None => SignedOut::Everywhere,
                Some(refusal) => {
                    tracing::warn!(idp = idp.id, %refusal, "the identity provider did not sign somebody out");
                    SignedOut::Partly
                }
            };
            Ok(redirect::to(&outcome.href()))
        }
    }
}

/// The IdP's word ends sessions, once for each message.
async fn end_sessions(
    context: &Context,
    idp: &IdentityProvider,
    request: &LogoutRequest,
) -> Result<(), WebError> {
    if !context.sessions.obey_once(&idp.id, &request.id).await? {
        return Err(WebError::LogoutRefused(Refusal::Replay));
    }
    let person = Person {
        idp: idp.id.clone(),
        name_id: request.name_id.value.clone(),
    };
    let indexes = &request.session_indexes;
    let ended = context.sessions.log_out(&person, indexes, context.now());
    if let Err(error) = ended.await {
        context.sessions.not_obeyed(&idp.id, &request.id).await?;
        return Err(error.into());
    }
    let event = Event::LogoutByIdp {
        session_indexes: indexes.clone(),
    };
    context.record(&event, &person)
}

/// Tells the IdP, through the browser, that it is done.
fn confirm(
    context: &Context,
    idp: &IdentityProvider,
    published: &Published,
    request: &LogoutRequest,
    relay_state: Option<&str>,
) -> Result<HttpResponse, WebError> {
    let (Some(key), Some(service)) = (&context.saml.key, &published.single_logout) else {
        return Err(WebError::LogoutRefused(Refusal::NoSingleLogout));
    };
    let id = request::new_id().map_err(SessionError::from)?;
    let response = OurResponse {
        id: &id,
        entity_id: &context.saml.entity_id,
        destination: &service.response_location,
        in_response_to: &request.id,
        relay_state,
        now: context.now(),
    };
    Ok(match service.binding {
        Binding::Redirect => to_idp::redirect(&response.redirect_url(key)?),
        Binding::Post => to_idp::form(
            context,
            idp,
            "to-idp-confirm-sign-out",
            &service.response_location,
            response.post_fields(key)?,
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saml::NameId;
    use crate::session::Sessions;
    use crate::store::{MemoryStore, StoreError};
    use crate::web::App;
    use crate::web::tests::{app, context_of};

    /// Otherwise the person stays signed in, and the IdP's next try would be a replay.
    #[actix_web::test]
    async fn a_logout_that_could_not_be_kept_may_come_again() {
        let store = MemoryStore::without_room_for_logouts();
        let sessions = Sessions::new(store.clone(), true);
        let app = App {
            store,
            sessions,
            ..app()
        };
        let context = context_of(app, &[]);
        let idp = context.saml.idp("corp").expect("it is configured");
        let request = LogoutRequest {
            id: "_logout".to_owned(),
            name_id: NameId::default(),
            session_indexes: Vec::new(),
        };
        for _ in 0..2 {
            let ended = end_sessions(&context, idp, &request).await;
            assert!(
                matches!(
                    ended,
                    Err(WebError::Session(SessionError::Store(StoreError::NoMarks)))
                ),
                "{ended:?}"
            );
        }
    }
}
