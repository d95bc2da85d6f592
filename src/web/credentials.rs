//! `POST /credentials`: the page with credentials in all forms.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};

use super::body::Body;
use super::context::Context;
use super::error::WebError;
use super::form::Form;
use super::page::{self, Choices, CredentialsPage, FormatView, MASK, ReducedView};
use super::{ask, go, login};
use crate::aws::entitlement;
use crate::aws::format::{Format, ProfileName};
use crate::aws::partition::Partition;
use crate::aws::region::Region;
use crate::aws::sts::CallerIdentity;
use crate::desk::{DeskError, Granted, Rights, RoleRequest};
use crate::session::pending::Next;
use crate::session::{Action, Session};

/// The form's fields, which a new login repeats.
pub const FIELDS: [&str; 7] = [
    "policy",
    "role_arn",
    "provider_arn",
    "grant",
    "duration_seconds",
    "region",
    "destination",
];
/// Says that the request is a repetition, so that a clock which is wrong everywhere does not send
/// people round and round.
const REPEATED: &str = "repeated";

/// From how many percent on it is worth a word.
const NEARLY_FULL: i32 = 80;

/// The page.
pub async fn credentials(context: Context, body: Body) -> HttpResponse {
    let result = async {
        let form = Form::parse(body)?;
        let request = form.role_request()?;
        let Some(session) = context.session_to_use().await? else {
            return sign_in_first(&context, &form, &FIELDS, "/credentials", None, false).await;
        };
        let (desk, asker) = (context.desk(), context.asker(&session));
        let granted = desk.credentials(&asker, &request).await;
        let rights = desk.rights(&asker);
        match granted {
            Err(error) => {
                ask::first(&context, &session, &rights, &form, "/credentials", error).await
            }
            Ok(granted) => {
                let seen = desk.seen_as(&granted).await;
                let page = model(&context, &session, &rights, &request, &granted, seen);
                Ok(page::respond(StatusCode::OK, &page))
            }
        }
    };
    let result = result.await;
    context.page(result)
}

/// An error of the desk's, with who and which role it is about; where the person goes on by themselves,
/// nobody is asked.
pub fn about(session: &Session, role: &str, error: DeskError) -> WebError {
    let is_about_nobody = error.goes_on() || matches!(error, DeskError::Audit(_));
    let error = WebError::from(error);
    if is_about_nobody {
        error
    } else {
        error.about(session, role)
    }
}

/// Through the IdP again, and then on with the same request: these fields of the form.
pub async fn sign_in_first(
    context: &Context,
    form: &Form,
    names: &[&str],
    path: &str,
    session: Option<&Session>,
    anew: bool,
) -> Result<HttpResponse, WebError> {
    let idp = match (session, context.saml.idps()) {
        (Some(session), _) => context
            .saml
            .idp(&session.person.idp)
            .ok_or(WebError::UnknownIdp)?,
        (None, [only]) => only,
        (None, _) => {
            return Ok(HttpResponse::SeeOther()
                .insert_header((header::LOCATION, "/"))
                .finish());
        }
    };
    let mut fields = form.kept(names)?;
    fields.push((REPEATED.to_owned(), "1".to_owned()));
    let person = session.map(|session| session.person.clone());
    let action = Action {
        path: path.to_owned(),
        fields,
        anew,
        person,
    };
    login::to_idp(context, idp, Next::Action(Box::new(action))).await
}

/// Whether a form is the repetition after a new sign-in.
pub fn is_repeated(form: &Form) -> bool {
    form.optional(REPEATED).is_some()
}

/// What the page shows.
pub(super) fn model(
    context: &Context,
    session: &Session,
    rights: &Rights,
    request: &RoleRequest,
    granted: &Granted,
    seen: Option<CallerIdentity>,
) -> CredentialsPage {
    let Granted {
        role, issued, told, ..
    } = granted;
    let region = region(request, role.partition);
    let account = context.terms().accounts().get(role.arn.account());
    let profile = profile(context, role);
    let entitled = rights.entitlements().account(role.arn.account());
    let default = context.terms().durations().default;
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
        reduced: reduced(context, request, role),
        has_console: context.terms().has_console(role),
        policy_size: issued
            .packed_policy_size
            .filter(|percent| request.policy.is_some() || *percent >= NEARLY_FULL)
            .map(|percent| policy_size(context, percent)),
        link: entitled.map(|account| {
            let asked = RoleRequest {
                duration_seconds: request
                    .duration_seconds
                    .filter(|seconds| *seconds != default.seconds()),
                ..request.clone()
            };
            go::link_to_credentials(account, role, &asked, region)
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
    let account = context.terms().accounts().get(role.arn.account());
    let template = &context.portal.profile_name;
    ProfileName::from_template(template, account.map(String::as_str), role)
}

/// The region that is asked for; one of another partition would lead nowhere.
pub fn region(request: &RoleRequest, partition: Partition) -> Option<&Region> {
    let region = request.region.as_ref();
    region.filter(|region| region.partition() == partition)
}

/// The session policy that is asked for, as people see it.
pub fn reduced(
    context: &Context,
    request: &RoleRequest,
    role: &entitlement::Role,
) -> Option<ReducedView> {
    let named = context.terms().policy(request).ok().flatten()?;
    Some(ReducedView {
        name: named.name.clone(),
        arns: named.policy.arns_for(role.partition, role.arn.account()),
        document: named.policy.document().map(str::to_owned),
    })
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
