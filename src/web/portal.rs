//! `GET /`: the portal, or the sign-in page.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::context::Context;
use super::error::WebError;
use super::form::Form;
use super::login;
use super::logout::SignedOut;
use super::page::{
    self, AccountView, DurationOption, IdpLink, NoRolesPage, PortalPage, RoleView, SignInPage,
};
use crate::aws::entitlement::{Account, Role};
use crate::aws::partition::Partition;
use crate::session::Session;
use crate::session::pending::Next;

/// The page.
pub async fn portal(context: Context, request: HttpRequest) -> HttpResponse {
    let result = async {
        let query = Form::of_query(&request)?;
        if let Some(session) = context.session().await? {
            let chosen = query.optional("duration_seconds").map(str::parse);
            Ok(roles(&context, &session, chosen.and_then(Result::ok)))
        } else {
            let signed_out = query.optional("signed-out").and_then(SignedOut::from_word);
            sign_in(&context, signed_out).await
        }
    };
    let result = result.await;
    context.page(result)
}

/// A single IdP is gone to straight away, except just after signing out: the person would be
/// signed in again at once.
async fn sign_in(
    context: &Context,
    signed_out: Option<SignedOut>,
) -> Result<HttpResponse, WebError> {
    if let ([only], None) = (context.saml.idps(), signed_out) {
        return login::to_idp(context, only, Next::Page("/".to_owned())).await;
    }
    let link = |id: &str| format!("/login?idp={}", utf8_percent_encode(id, NON_ALPHANUMERIC));
    let last = context.last_idp().map(|idp| idp.id.as_str());
    let idps = context.saml.idps().iter();
    let mut idps: Vec<_> = idps
        .map(|idp| IdpLink {
            name: idp.name.clone(),
            href: link(&idp.id),
            is_last: last == Some(&idp.id),
        })
        .collect();
    idps.sort_by_key(|idp| !idp.is_last);
    let page = SignInPage {
        frame: context.frame(),
        idps,
        asks_for_email: context
            .saml
            .idps()
            .iter()
            .any(|idp| !idp.email_domains.is_empty()),
        signed_out,
    };
    Ok(page::respond(StatusCode::OK, &page))
}

fn roles(context: &Context, session: &Session, chosen: Option<u32>) -> HttpResponse {
    let entitlements = context.broker.entitlements(session);
    let idp_name = context
        .saml
        .idp(&session.person.idp)
        .map(|idp| idp.name.clone());
    if entitlements.role_count() == 0 {
        let page = NoRolesPage {
            frame: context.frame(),
            name_id: session.person.name_id.clone(),
            idp_name: idp_name.unwrap_or_default(),
            request_id: context.request_id.clone(),
            dropped: session.aws.dropped_roles(),
        };
        return page::respond(StatusCode::OK, &page);
    }
    let page = PortalPage {
        frame: context.frame(),
        name_id: session.person.name_id.clone(),
        idp_name: idp_name.unwrap_or_default(),
        session_expires: context.texts.timestamp(session.expires_at),
        durations: durations(context, chosen),
        accounts: entitlements
            .accounts
            .iter()
            .map(|of_account| account(context, of_account))
            .collect(),
    };
    page::respond(StatusCode::OK, &page)
}

fn account(context: &Context, account: &Account) -> AccountView {
    let is_twice = |role: &Role| account.roles.iter().filter(|r| r.arn == role.arn).count() > 1;
    AccountView {
        id: account.id.to_string(),
        name: account.name.clone(),
        label: context.account_labels.get(account.id.as_str()).cloned(),
        partition: partition_label(account),
        roles: account
            .roles
            .iter()
            .map(|role| view(role, is_twice(role)))
            .collect(),
    }
}

/// An account is of one partition; that of almost everybody goes without saying.
fn partition_label(account: &Account) -> Option<String> {
    let partition = account.roles.first()?.partition;
    (partition != Partition::Aws).then(|| partition.to_string())
}

fn view(role: &Role, is_twice: bool) -> RoleView {
    RoleView {
        name: role.name.clone(),
        arn: role.arn.to_string(),
        provider_arn: role.provider_arn.to_string(),
        show_provider: is_twice,
    }
}

/// The hours that are offered, between the shortest that STS knows and the configured most.
///
/// Without the script, choosing another one asks for this page with `chosen`.
fn durations(context: &Context, chosen: Option<u32>) -> Vec<DurationOption> {
    const OFFERED: [u32; 7] = [900, 1800, 3600, 7200, 14400, 28800, 43200];
    let bounds = context.broker.durations;
    let (default, max) = (bounds.default.seconds(), bounds.max.seconds());
    let mut seconds: Vec<u32> = OFFERED.into_iter().chain([default, max]).collect();
    seconds.retain(|seconds| *seconds <= max);
    seconds.sort_unstable();
    seconds.dedup();
    let selected = chosen
        .filter(|chosen| seconds.contains(chosen))
        .unwrap_or(default);
    let option = |seconds| DurationOption {
        seconds,
        label: context.texts.duration(seconds),
        selected: seconds == selected,
    };
    seconds.into_iter().map(option).collect()
}
