//! `GET /me`: the person's identity, and the AWS attributes from the assertion.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::login;
use crate::aws::attribute::Dropped;
use crate::desk::Rights;
use crate::grant::WithoutHub;
use crate::printable::shown;
use crate::session::Session;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::local_page::ME;
use crate::web::view::{self, DroppedView, MePage, TagView};

/// Shows the page `/me`. If nobody is signed in, the person must sign in first.
pub async fn me(context: Context) -> Result<HttpResponse, WebError> {
    let Some(session) = context.session().await? else {
        return login::and_then(&context, ME).await;
    };
    let rights = context.desk_rules().rights(&session);
    let page = model(&context, &session, &rights);
    Ok(view::respond(StatusCode::OK, &page))
}

/// Fills in the page `/me` from the session and the person's rights.
pub(in crate::web) fn model(context: &Context, session: &Session, rights: &Rights) -> MePage {
    let aws = &session.aws;
    let tags = aws.principal_tags.iter().map(|(key, value)| TagView {
        name: shown(&key.to_string()),
        value: shown(&value.to_string()),
        is_transitive: aws.transitive_tag_keys.contains(key),
    });
    let dropped = aws.dropped.iter();
    let is_another_name = session.person.stable_id.is_some();
    MePage {
        frame: context.frame(),
        person: session.person.shown(),
        name_id: is_another_name.then(|| shown(&session.person.name_id)),
        idp_name: context.idp_name(session),
        name_id_format: session.name_id.format.as_deref().map(shown),
        began: context.texts.timestamp(session.began_at),
        session_expires: context.session_ends(session),
        roles: rights.entitlements().role_count(),
        grants: rights.grants().to_vec(),
        without_hub: rights
            .without_hub()
            .iter()
            .map(|chain| without_hub(context, chain))
            .collect(),
        // If all roles come from grants, the assertion's session name is not needed.
        lacks_session_name: aws.session_name.is_none()
            && (!aws.roles.is_empty() || rights.grants().is_empty()),
        session_name: aws.session_name.as_ref().map(ToString::to_string),
        source_identity: aws.source_identity.as_ref().map(ToString::to_string),
        console_duration: aws
            .session_duration
            .map(|duration| context.texts.duration(duration.seconds())),
        tags: tags.collect(),
        dropped: dropped.map(|value| view(context, value)).collect(),
        dropped_beyond: aws.dropped_beyond,
    }
}

/// Explains that the roles of a chain are not available, because the person does not have the
/// chain's hub role.
fn without_hub(context: &Context, chain: &WithoutHub) -> String {
    let (grant, hub) = (chain.grant.as_str(), chain.hub.as_str());
    let values = [("grant", grant.into()), ("hub", hub.into())];
    context.texts.with("me-without-hub", &values)
}

fn view(context: &Context, dropped: &Dropped) -> DroppedView {
    DroppedView {
        attribute: dropped.attribute.clone(),
        value: dropped.value.clone(),
        reason: context.texts.dropped(dropped.reason),
    }
}
