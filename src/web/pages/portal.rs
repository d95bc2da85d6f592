//! `GET /`: the portal, or the sign-in page.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::{login, roles, sign_in};
use crate::aws::duration::TokenDuration;
use crate::aws::entitlement::{Account, Role};
use crate::desk::Rights;
use crate::session::Session;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::local_page::local_page;
use crate::web::tools;
use crate::web::view::{self, AccountView, ChoiceOption, NoRolesPage, PortalPage, SignedOut};

/// Shows the portal, or an explanation if the person has no roles. If nobody is signed in, starts a
/// login or shows the sign-in page.
pub async fn portal(context: Context, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let query = Form::of_query(&request)?;
    if let Some(session) = context.session().await? {
        // An invalid session policy in the URL is an error. If it were ignored, the portal would
        // silently offer the full permissions of each role.
        context.desk_rules().policy(&query.choices()?)?;
        let rights = context.desk_rules().rights(&session);
        Ok(match model(&context, &session, &rights, &query) {
            Some(page) => view::respond_compressed(&request, &page),
            None => view::respond(StatusCode::OK, &no_roles(&context, &session)),
        })
    } else {
        let signed_out = query.optional("signed-out").and_then(SignedOut::from_word);
        sign_in(&context, request.query_string(), signed_out).await
    }
}

/// Starts a login if there is only one IdP, and shows the sign-in page otherwise. The URL's
/// parameters, such as a session policy, are kept during the login.
///
/// Right after a sign-out, always shows the sign-in page: a login could sign the person in again at
/// once.
async fn sign_in(
    context: &Context,
    query: &str,
    signed_out: Option<SignedOut>,
) -> Result<HttpResponse, WebError> {
    let asked = format!("/?{query}");
    let asked = Some(asked.as_str()).filter(|_| !query.is_empty() && signed_out.is_none());
    let next = local_page(asked);
    match signed_out {
        None => login::and_then(context, &next).await,
        Some(_) => Ok(sign_in::choose_idp(context, signed_out, &next)),
    }
}

pub(in crate::web) fn no_roles(context: &Context, session: &Session) -> NoRolesPage {
    NoRolesPage {
        frame: context.frame(),
        person: session.person.shown(),
        idp_name: context.idp_name(session),
        request_id: context.request_id.to_string(),
        dropped: session.aws.dropped_roles(),
    }
}

/// The view model of the portal, or `None` if the person has no roles.
pub(in crate::web) fn model(
    context: &Context,
    session: &Session,
    rights: &Rights,
    query: &Form,
) -> Option<PortalPage> {
    let entitlements = rights.entitlements();
    if entitlements.role_count() == 0 {
        return None;
    }
    let desk_rules = context.desk_rules();
    // If a role's maximum is known from STS, it limits the offered durations only if the person
    // has no other role. If there are several roles, each role shows its own maximum.
    let known = |role| match desk_rules.longest(role) {
        Some(longest) if entitlements.role_count() == 1 => longest.min(desk_rules.longest_of(role)),
        _ => desk_rules.longest_of(role),
    };
    let most = entitlements.roles().map(known).max();
    Some(PortalPage {
        frame: context.frame(),
        person: session.person.shown(),
        idp_name: context.idp_name(session),
        session_expires: context.session_ends(session),
        durations: durations(context, most?, query.optional("duration_seconds")),
        console_duration: session
            .aws
            .session_duration
            .map(|duration| context.texts.duration(duration.seconds())),
        regions: regions(context, query.optional("region")),
        destinations: destinations(context, query.optional("destination")),
        // Session policies are not offered if no role accepts one.
        policies: if entitlements
            .roles()
            .any(|role| !roles::fixes_policy(context, role))
        {
            policies(context, query.optional("policy"))
        } else {
            Vec::new()
        },
        switch: switch(context, query.optional("policy")),
        has_tools: tools::may_ask(context, session)
            && entitlements
                .roles()
                .any(|role| tools::may_ask_with(context, role)),
        accounts: entitlements
            .accounts
            .iter()
            .map(|of_account| account(context, of_account))
            .collect(),
    })
}

fn account(context: &Context, account: &Account) -> AccountView {
    let is_twice = |role: &Role| account.roles.iter().filter(|r| r.arn == role.arn).count() > 1;
    let views = account.roles.iter();
    AccountView {
        roles: views
            .map(|role| roles::view(context, account, role, is_twice(role)))
            .collect(),
        ..roles::head(context, account)
    }
}

/// The durations to choose from, between the shortest that STS accepts and the longest that any of
/// the person's roles allows.
fn durations(context: &Context, most: TokenDuration, chosen: Option<&str>) -> Vec<ChoiceOption> {
    const OFFERED: [u32; 9] = [
        900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400, 129_600,
    ];
    let default = TokenDuration::from(context.desk_rules().durations().default);
    let (default, max) = (default.min(most).seconds(), most.seconds());
    let mut seconds: Vec<u32> = OFFERED.into_iter().chain([default, max]).collect();
    seconds.retain(|seconds| *seconds <= max);
    seconds.sort_unstable();
    seconds.dedup();
    let options = seconds
        .into_iter()
        .map(|seconds| (seconds.to_string(), context.texts.duration(seconds)));
    selected(options.collect(), chosen, &default.to_string())
}

/// The configured regions, and an option for no region.
fn regions(context: &Context, chosen: Option<&str>) -> Vec<ChoiceOption> {
    let configured = context.rules.config.portal.regions.iter();
    let regions = configured.map(|region| (region.to_string(), region.to_string()));
    with_none(context, "region-none", regions, chosen)
}

/// The configured console pages, and the console's home page.
fn destinations(context: &Context, chosen: Option<&str>) -> Vec<ChoiceOption> {
    let configured = context.rules.config.portal.destinations.iter();
    let pages = configured.map(|destination| (destination.path.clone(), destination.name.clone()));
    with_none(context, "console-home", pages, chosen)
}

/// The configured session policies, and an option for no policy. The policy for which roles have a
/// switch is left out.
fn policies(context: &Context, chosen: Option<&str>) -> Vec<ChoiceOption> {
    let configured = context.desk_rules().policies().iter();
    let policies = configured
        .filter(|policy| !policy.on_each_role)
        .map(|policy| (policy.id.clone(), policy.name.clone()));
    with_none(context, "permissions-all", policies, chosen)
}

/// The session policy for which roles have a switch, if one is configured.
fn switch(context: &Context, chosen: Option<&str>) -> Option<ChoiceOption> {
    let mut configured = context.desk_rules().policies().iter();
    let policy = configured.find(|policy| policy.on_each_role)?;
    Some(ChoiceOption {
        value: policy.id.clone(),
        label: policy.name.clone(),
        selected: chosen == Some(&policy.id),
    })
}

/// Builds options from values and labels, and puts an option with an empty value first. `none` is
/// the message ID of that option's label. If `options` is empty, the result is empty.
fn with_none(
    context: &Context,
    none: &'static str,
    options: impl Iterator<Item = (String, String)>,
    chosen: Option<&str>,
) -> Vec<ChoiceOption> {
    let mut options: Vec<_> = options.collect();
    if !options.is_empty() {
        let none = context.texts.text(none).into_owned();
        options.insert(0, (String::new(), none));
    }
    selected(options, chosen, "")
}

/// Builds options from values and labels. Selects `chosen`, or `usual` if `chosen` is not an
/// option.
fn selected(
    options: Vec<(String, String)>,
    chosen: Option<&str>,
    usual: &str,
) -> Vec<ChoiceOption> {
    let is_there = |value: &&str| options.iter().any(|(known, _)| known == value);
    let selected = chosen.filter(is_there).unwrap_or(usual).to_owned();
    let option = |(value, label): (String, String)| ChoiceOption {
        selected: value == selected,
        value,
        label,
    };
    options.into_iter().map(option).collect()
}
