//! The page that a link to a role leads to. It shows the role, or several roles to choose from.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::behind;
use super::roles::{self, CREDENTIALS};
use crate::aws::arn::PrincipalArn;
use crate::aws::entitlement::{Account, NotEntitled, Role};
use crate::desk::{DeskError, Rights, RoleRequest};
use crate::session::Session;
use crate::web::bad_request::BadRequest;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::view::{self, Choices, GoPage, GoRole};

/// The parameters that a link may contain.
const PARAMETERS: [&str; 8] = [
    "grant",
    "account",
    "role",
    "destination",
    "action",
    "policy",
    "region",
    "duration_seconds",
];
/// The value of `action` in links to the console. It is the default.
const CONSOLE: &str = "console";
/// The value of `action` in links to a role's details. For such a link, the script submits no form
/// automatically.
const SHOW: &str = "show";

/// Shows the link's page after a login.
pub fn after_login(
    context: &Context,
    session: &Session,
    query: &str,
    at_once: bool,
) -> Result<HttpResponse, WebError> {
    let rights = context.desk_rules().rights(session);
    let query = Form::decode(query.as_bytes())?;
    let page = model(context, session, &rights, &query, at_once)?;
    Ok(view::respond(StatusCode::OK, &page))
}

/// The view model of the link's page.
pub(in crate::web) fn model(
    context: &Context,
    session: &Session,
    rights: &Rights,
    query: &Form,
    at_once: bool,
) -> Result<GoPage, WebError> {
    // If a misspelled `policy` parameter were ignored, the credentials would have more permissions
    // than intended.
    query.only(&PARAMETERS)?;
    let role = query.required("role")?;
    // `account` may be missing if `role` is an ARN, because an ARN contains the account ID.
    let of_arn = role.parse::<PrincipalArn>().ok();
    let account = match (query.optional("account"), &of_arn) {
        (None, Some(arn)) => arn.account().as_str(),
        _ => query.required("account")?,
    };
    let mut meant = rights.entitlements().meant(account, role);
    if let Some(grant) = query.optional("grant") {
        meant.retain(|(_, role)| role.through.as_str() == grant);
    }
    if meant.is_empty() {
        let error: WebError = DeskError::NotEntitled(NotEntitled::NotYours).into();
        let asked = if of_arn.is_some() {
            role.to_owned()
        } else {
            format!("{role} ({account})")
        };
        return Err(error.about(session, &asked));
    }
    let is_fixed = |(_, role): &(&Account, &Role)| roles::fixes_policy(context, role);
    if query.optional("policy").is_some() && meant.iter().any(is_fixed) {
        return Err(WebError::from(DeskError::PolicyFixed).about(session, role));
    }
    let request = RoleRequest {
        role_arn: role.to_owned(),
        ..query.choices()?
    };
    // Report an invalid policy or duration now, not only after a button is pressed.
    context.desk_rules().policy(&request)?;
    let duration = context.desk_rules().duration(rights, &request)?;
    let is_shown = query.optional("action") == Some(SHOW);
    let wants_credentials = match query.optional("action") {
        None | Some(CONSOLE | SHOW) => false,
        Some(CREDENTIALS) => true,
        Some(_) => return Err(BadRequest::Action.into()),
    };
    let first = meant.first();
    let reduced = first.and_then(|(_, role)| roles::reduced(context, &request, role));
    let roles: Vec<_> = meant
        .into_iter()
        .map(|(account, role)| GoRole {
            account: roles::head(context, account),
            role: roles::view(context, account, role, true),
            behind: behind::view(context, session, rights, role),
        })
        .collect();
    Ok(GoPage {
        frame: context.frame(),
        person: session.person.shown(),
        idp_name: context.idp_name(session),
        reduced,
        wants_credentials,
        choices: Choices {
            duration_seconds: duration.seconds().to_string(),
            region: request.region.map(|region| region.to_string()),
            destination: query.optional("destination").map(str::to_owned),
            policy: request.policy,
        },
        // If there are several roles, the person has to press one of the buttons.
        at_once: at_once && roles.len() == 1 && !is_shown,
        roles,
    })
}
