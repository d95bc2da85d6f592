//! `POST /credentials`: the page with a role's credentials in all formats.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::through_idp::{FIELDS, sign_in_first};
use super::{ask, roles};
use crate::aws::entitlement;
use crate::aws::format::{Format, ProfileName};
use crate::aws::partition::Partition;
use crate::aws::region::Region;
use crate::aws::sts::CallerIdentity;
use crate::desk::{Granted, Rights, RoleRequest};
use crate::session::Session;
use crate::web::body::Body;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::view::{self, Choices, CredentialsPage, FormatView, MASK};

/// From this percentage upward, the page warns that session policies and tags almost reach AWS's
/// limit.
const NEARLY_FULL: i32 = 80;

/// Issues and shows credentials, or starts a step that is still required, such as a new sign-in.
pub async fn credentials(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    let form = Form::parse(body)?;
    let request = form.role_request()?;
    let Some(session) = context.session_to_use().await? else {
        return sign_in_first(&context, &form, &FIELDS, "/credentials", None, false).await;
    };
    let (desk, asker) = (context.desk(), context.asker(&session));
    let granted = desk.credentials(&asker, &request).await;
    let rights = desk.rights(&asker);
    match granted {
        Err(error) => ask::first(&context, &session, &rights, &form, "/credentials", error).await,
        Ok(granted) => {
            let seen = desk.seen_as(&granted).await;
            let page = model(&context, &session, &rights, &request, &granted, seen);
            Ok(view::respond(StatusCode::OK, &page))
        }
    }
}

/// Builds the credentials page. `seen` is the response to GetCallerIdentity, or `None` if the call
/// failed or took too long.
pub(in crate::web) fn model(
    context: &Context,
    session: &Session,
    rights: &Rights,
    request: &RoleRequest,
    granted: &Granted,
    seen: Option<CallerIdentity>,
) -> CredentialsPage {
    let Granted {
        role,
        issued,
        parameters,
        ..
    } = granted;
    let region = region(request, role.partition);
    let account = context.desk_rules().accounts().get(role.arn.account());
    let profile = profile(context, role);
    let mut accounts = rights.entitlements().accounts.iter();
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
        person: session.person.shown(),
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
        has_console: context.desk_rules().has_console(role),
        policy_size: issued
            .packed_policy_size
            .filter(|percent| request.policy.is_some() || *percent >= NEARLY_FULL)
            .map(|percent| policy_size(context, percent)),
        link: entitled.map(|account| {
            let asked = RoleRequest {
                duration_seconds: request.duration_seconds.filter(|seconds| {
                    *seconds != context.desk_rules().durations().default.seconds()
                }),
                ..request.clone()
            };
            roles::link_to_credentials(account, role, &asked, region)
        }),
        account_id: role.arn.account().to_string(),
        account_name: account.cloned(),
        session_name: parameters.session_name.as_ref().map(ToString::to_string),
        seen_as: seen.map(|seen| seen.arn),
        expires: context.texts.timestamp(issued.credentials.expiration()),
        // Rounded up to whole minutes, to hide the few seconds that AWS took to respond.
        shortened: granted.is_shortened.then(|| {
            let seconds = issued.duration_seconds.div_ceil(60) * 60;
            context.texts.duration(seconds)
        }),
        formats: Format::ALL.into_iter().map(view).collect(),
    }
}

/// The name of a role's profile in the AWS configuration files.
pub fn profile(context: &Context, role: &entitlement::Role) -> ProfileName {
    let account = context.desk_rules().accounts().get(role.arn.account());
    let template = &context.rules.config.portal.profile_name;
    ProfileName::from_template(template, account.map(String::as_str), role)
}

/// The requested region, unless it is outside the role's partition and therefore useless.
pub fn region(request: &RoleRequest, partition: Partition) -> Option<&Region> {
    let region = request.region.as_ref();
    region.filter(|region| region.partition() == partition)
}

/// Describes how much of AWS's limit for session policies and tags is used.
fn policy_size(context: &Context, percent: i32) -> String {
    let id = if percent < NEARLY_FULL {
        "policy-size-taken"
    } else {
        "policy-size-warning"
    };
    context.texts.with(id, &[("percent", percent.into())])
}
