//! `POST /credentials`: the page with credentials in all forms.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::through_idp::{FIELDS, sign_in_first};
use super::{ask, roles};
use crate::audit::{Event, Role};
use crate::aws::entitlement::{self, Through};
use crate::aws::format::{Format, ProfileName};
use crate::aws::partition::Partition;
use crate::aws::region::Region;
use crate::aws::sts::{CallerIdentity, RootTask};
use crate::broker::{BrokerError, Granted, Hub, RoleRequest};
use crate::grant::Grant;
use crate::printable::{printable, reason};
use crate::session::Session;
use crate::web::body::Body;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::limits::MAX_ARN;
use crate::web::view::{self, Choices, CredentialsPage, FormatView, MASK};

/// How long the page waits for AWS to say who the credentials are.
const SEEN_WITHIN: Duration = Duration::from_secs(2);
/// From how many percent on it is worth a word.
const NEARLY_FULL: i32 = 80;

/// The page.
pub async fn credentials(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    let form = Form::parse(body)?;
    let request = form.role_request()?;
    let Some(session) = context.session_to_use().await? else {
        return sign_in_first(&context, &form, &FIELDS, "/credentials", None, false).await;
    };
    match issue(&context, &session, &request).await {
        Err(WebError::Broker(error)) => {
            ask::first(&context, &session, &form, "/credentials", error).await
        }
        Err(error) => Err(error),
        Ok(granted) => {
            let seen = seen(&context, &granted).await;
            let page = model(&context, &session, &request, &granted, seen);
            Ok(view::respond(StatusCode::OK, &page))
        }
    }
}

/// Who the credentials are for AWS: nothing waits long for it, and nothing hangs on it.
async fn seen(context: &Context, granted: &Granted) -> Option<CallerIdentity> {
    let Granted { role, issued, .. } = granted;
    let asked = context
        .broker
        .sts
        .caller_identity(&issued.credentials, role.partition);
    tokio::time::timeout(SEEN_WITHIN, asked).await.ok()?.ok()
}

/// Gets credentials, and writes the audit line that must stand before anybody sees them.
pub async fn issue(
    context: &Context,
    session: &Session,
    request: &RoleRequest,
) -> Result<Granted, WebError> {
    match context
        .broker
        .credentials(session, request, context.now())
        .await
    {
        Ok(granted) => {
            let event = Event::CredentialsIssued(audited(context, request, &granted));
            context.record(&event, &session.person)?;
            Ok(granted)
        }
        Err(error) => Err(refused(context, session, request, "credentials", error)?),
    }
}

/// The role, for an audit line.
pub fn audited(context: &Context, request: &RoleRequest, granted: &Granted) -> Role {
    let Granted {
        role,
        issued,
        told,
        hub,
        ..
    } = granted;
    let grant = context.broker.grant_of(role);
    let provider = match &role.through {
        Through::ProviderArn(arn) => Some(arn.to_string()),
        Through::Grant(_) => None,
    };
    Role {
        role_arn: role.arn.to_string(),
        provider_arn: provider,
        grant: grant.map(|grant| grant.name.clone()),
        via: grant.map(|grant| grant.via.name()),
        root_task: grant.and_then(Grant::root_task).map(RootTask::name),
        hub_role_arn: hub.as_ref().map(|hub| hub.arn.to_string()),
        hub_sts_request_id: hub
            .as_ref()
            .and_then(Hub::sts_request_id)
            .map(str::to_owned),
        reason: grant
            .and_then(|grant| grant.reason.as_ref())
            .and(request.reason())
            .map(|reason| printable(&reason, MAX_ARN)),
        session_name: told.session_name.as_ref().map(ToString::to_string),
        source_identity: issued.source_identity.clone(),
        session_policy: request.policy.clone(),
        duration_seconds: Some(issued.duration_seconds),
        sts_request_id: issued.request_id.clone(),
    }
}

/// Writes the audit line of a refusal. An assertion that we find too old is no refusal, nor is what a
/// grant wants first: the person goes on after a new sign-in, or after an answer. One that STS finds too old is, though the person goes on as well:
/// one of the clocks is wrong, and only this line tells.
pub fn refused(
    context: &Context,
    session: &Session,
    request: &RoleRequest,
    action: &'static str,
    error: BrokerError,
) -> Result<WebError, WebError> {
    if !matches!(error, BrokerError::Stale(None) | BrokerError::Asks(_)) {
        let role = asked_for(context, session, request, error.sts_request_id());
        let code = error.code().to_owned();
        let event = Event::RoleRefused {
            action,
            code,
            detail: reason(&error),
            role,
        };
        context.record(&event, &session.person)?;
    }
    let goes_on = matches!(
        error,
        BrokerError::Stale(_) | BrokerError::Asks(_) | BrokerError::MfaCode(_)
    );
    let error = WebError::from(error);
    Ok(if goes_on {
        error
    } else {
        error.about(session, &request.role_arn)
    })
}

/// A role that was refused, for an audit line: of one that the person has, what gives it and what AWS is
/// told; of another, what was asked for.
pub fn asked_for(
    context: &Context,
    session: &Session,
    request: &RoleRequest,
    sts_request_id: Option<&str>,
) -> Role {
    let broker = &context.broker;
    let entitlements = broker.entitlements(session);
    let role = entitlements.find(&request.role_arn, request.through.as_deref());
    let role_of = role.as_ref().ok().copied();
    let session_name = match role_of {
        Some(role) => broker
            .told(session, role)
            .ok()
            .and_then(|told| told.session_name),
        None => session.aws.session_name.clone(),
    };
    let through = match role {
        Ok(role) => Some(role.through.as_str().to_owned()),
        Err(_) => request
            .through
            .as_ref()
            .map(|word| printable(word, MAX_ARN)),
    };
    let (provider_arn, grant) = match through {
        Some(word) if word.starts_with("arn:") => (Some(word), None),
        word => (None, word),
    };
    // Of what is not the person's nothing is known but what they wrote.
    let known = role_of.and_then(|role| broker.grant_of(role));
    Role {
        role_arn: printable(&request.role_arn, MAX_ARN),
        provider_arn,
        via: known.map(|grant| grant.via.name()),
        root_task: known.and_then(Grant::root_task).map(RootTask::name),
        hub_role_arn: known.and_then(Grant::hub).map(ToString::to_string),
        hub_sts_request_id: None,
        reason: known
            .and_then(|grant| grant.reason.as_ref())
            .and(request.reason())
            .map(|reason| printable(&reason, MAX_ARN)),
        grant,
        session_name: session_name.map(|name| name.to_string()),
        source_identity: None,
        session_policy: request.policy.as_ref().map(|id| printable(id, 64)),
        duration_seconds: request.duration_seconds,
        sts_request_id: sts_request_id.map(str::to_owned),
    }
}

/// What the page shows.
pub(in crate::web) fn model(
    context: &Context,
    session: &Session,
    request: &RoleRequest,
    granted: &Granted,
    seen: Option<CallerIdentity>,
) -> CredentialsPage {
    let Granted {
        role, issued, told, ..
    } = granted;
    let region = region(request, role.partition);
    let account = context.broker.accounts.get(role.arn.account());
    let profile = profile(context, role);
    let entitlements = context.broker.entitlements(session);
    let mut accounts = entitlements.accounts.iter();
    let entitled = accounts.find(|account| account.id == *role.arn.account());
    let view = |format: Format| FormatView {
        id: format.id(),
        profile: (format == Format::CredentialsFile).then(|| profile.to_string()),
        file_name: format.file_name(),
        text: format.render(&issued.credentials, region, &profile),
        masked: format.masked(&issued.credentials, MASK, region, &profile),
    };
    CredentialsPage {
        frame: context.frame(),
        name_id: session.person.name_id.clone(),
        idp_name: context.idp_name(session),
        role_name: role.name.clone(),
        kind: context.texts.kind(&role.arn),
        role_arn: role.arn.to_string(),
        through: role.through.as_str().to_owned(),
        choices: Choices {
            duration_seconds: issued.duration_seconds.to_string(),
            region: region.map(ToString::to_string),
            destination: None,
            policy: request.policy.clone(),
        },
        reduced: roles::reduced(context, request, role),
        has_console: context.broker.has_console(role),
        policy_size: issued
            .packed_policy_size
            .filter(|percent| request.policy.is_some() || *percent >= NEARLY_FULL)
            .map(|percent| policy_size(context, percent)),
        link: entitled.map(|account| {
            let asked = RoleRequest {
                duration_seconds: request
                    .duration_seconds
                    .filter(|seconds| *seconds != context.broker.durations.default.seconds()),
                ..request.clone()
            };
            roles::link_to_credentials(account, role, &asked, region)
        }),
        account_id: role.arn.account().to_string(),
        account_name: account.cloned(),
        session_name: told.session_name.as_ref().map(ToString::to_string),
        seen_as: seen.map(|seen| seen.arn),
        expires: context.texts.timestamp(issued.credentials.expiration()),
        // The seconds that the answer took are nobody's.
        shortened: granted.is_shortened.then(|| {
            let seconds = issued.duration_seconds.div_ceil(60) * 60;
            context.texts.duration(seconds)
        }),
        formats: Format::ALL.into_iter().map(view).collect(),
    }
}

/// The name of a role's profile.
pub fn profile(context: &Context, role: &entitlement::Role) -> ProfileName {
    let account = context.broker.accounts.get(role.arn.account());
    let template = &context.portal.profile_name;
    ProfileName::from_template(template, account.map(String::as_str), role)
}

/// The region that is asked for; one of another partition would lead nowhere.
pub fn region(request: &RoleRequest, partition: Partition) -> Option<&Region> {
    let region = request.region.as_ref();
    region.filter(|region| region.partition() == partition)
}

/// How much of AWS's room for session policies and tags is taken.
fn policy_size(context: &Context, percent: i32) -> String {
    let id = if percent < NEARLY_FULL {
        "policy-size-taken"
    } else {
        "policy-size-warning"
    };
    context.texts.with(id, &[("percent", percent.into())])
}
