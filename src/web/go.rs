//! `GET /go`: a link to a role, for bookmarks, documents and chats.
//!
//! It names an account, a role and perhaps a page of the console. Credentials are never made on a GET,
//! and no page of another site may make anybody open anything: so it is a page with a button, which
//! presses itself only where the browser says that no page led here: the person typed the address or
//! has it as a bookmark. A link in a program that is no browser looks the same, and so does a typed
//! address that redirects here (Fetch Metadata, 2.4); what is opened stays in the person's browser.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded;

use super::bad_request::BadRequest;
use super::context::Context;
use super::error::WebError;
use super::form::Form;
use super::page::{self, Choices, GoPage, GoRole};
use super::{behind, credentials, login, portal};
use crate::aws::arn::PrincipalArn;
use crate::aws::entitlement::{Account, NotEntitled, Role};
use crate::aws::region::Region;
use crate::broker::{BrokerError, RoleRequest};
use crate::grant::Grant;
use crate::session::Session;
use crate::session::pending::Next;

/// What a link may say.
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
/// What a link may be for.
const CONSOLE: &str = "console";
const CREDENTIALS: &str = "credentials";
/// To look at what stands behind the role, and press nothing.
const SHOW: &str = "show";
/// The longest query that is kept while the person signs in, in bytes.
const MAX_QUERY: usize = 2_048;

/// The page.
pub async fn go(context: Context, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let query = Form::of_query(&request)?;
    let at_once = is_typed(&request);
    if let Some(session) = context.session().await? {
        let page = model(&context, &session, &query, at_once)?;
        return Ok(page::respond(StatusCode::OK, &page));
    }
    let raw = request.query_string();
    if raw.len() > MAX_QUERY {
        return Err(BadRequest::LinkTooLong.into());
    }
    let known = match context.saml.idps() {
        [only] => Some(&**only),
        _ => context.last_idp(),
    };
    match known {
        Some(idp) => {
            let query = raw.to_owned();
            login::to_idp(&context, idp, Next::Link { query, at_once }).await
        }
        None => Ok(portal::choose_idp(&context, None, &format!("/go?{raw}"))),
    }
}

/// Whether no page led the browser here (Fetch Metadata, 2.4: `Sec-Fetch-Site: none`).
fn is_typed(request: &HttpRequest) -> bool {
    let site = request.headers().get("sec-fetch-site");
    site.is_some_and(|site| site == "none")
}

/// The role that the link means, after a login.
pub fn after_login(
    context: &Context,
    session: &Session,
    query: &str,
    at_once: bool,
) -> Result<HttpResponse, WebError> {
    let page = model(context, session, &Form::decode(query.as_bytes())?, at_once)?;
    Ok(page::respond(StatusCode::OK, &page))
}

/// What the page shows.
pub(super) fn model(
    context: &Context,
    session: &Session,
    query: &Form,
    at_once: bool,
) -> Result<GoPage, WebError> {
    // A word that is spelt wrong would give more than was meant.
    query.only(&PARAMETERS)?;
    let entitlements = context.broker.entitlements(session);
    let role = query.required("role")?;
    // An ARN names its account.
    let of_arn = role.parse::<PrincipalArn>().ok();
    let account = match (query.optional("account"), &of_arn) {
        (None, Some(arn)) => arn.account().as_str(),
        _ => query.required("account")?,
    };
    let mut meant = entitlements.meant(account, role);
    if let Some(grant) = query.optional("grant") {
        meant.retain(|(_, role)| role.through.as_str() == grant);
    }
    if meant.is_empty() {
        let error: WebError = BrokerError::NotEntitled(NotEntitled::NotYours).into();
        let asked = if of_arn.is_some() {
            role.to_owned()
        } else {
            format!("{role} ({account})")
        };
        return Err(error.about(session, &asked));
    }
    let is_fixed = |(_, role): &(&Account, &Role)| {
        let grant = context.broker.grant_of(role);
        grant.is_some_and(Grant::fixes_policy)
    };
    if query.optional("policy").is_some() && meant.iter().any(is_fixed) {
        return Err(WebError::from(BrokerError::PolicyFixed).about(session, role));
    }
    let request = RoleRequest {
        role_arn: role.to_owned(),
        ..query.choices()?
    };
    // What cannot be had is said here, and not behind the button.
    context.broker.policy(&request)?;
    let duration = context.broker.duration(session, &request)?;
    let is_shown = query.optional("action") == Some(SHOW);
    let wants_credentials = match query.optional("action") {
        None | Some(CONSOLE | SHOW) => false,
        Some(CREDENTIALS) => true,
        Some(_) => return Err(BadRequest::Action.into()),
    };
    let first = meant.first();
    let reduced = first.and_then(|(_, role)| credentials::reduced(context, &request, role));
    let roles: Vec<_> = meant
        .into_iter()
        .map(|(account, role)| GoRole {
            account: portal::head(context, account),
            role: portal::view(context, account, role, true),
            behind: behind::view(context, session, role),
        })
        .collect();
    Ok(GoPage {
        frame: context.frame(),
        name_id: session.person.name_id.clone(),
        idp_name: context.idp_name(session),
        reduced,
        wants_credentials,
        choices: Choices {
            duration_seconds: duration.seconds().to_string(),
            region: request.region.map(|region| region.to_string()),
            destination: query.optional("destination").map(str::to_owned),
            policy: request.policy,
        },
        // One role, or the person has to choose.
        at_once: at_once && roles.len() == 1 && !is_shown,
        roles,
    })
}

/// The link to a role of an account.
pub fn link(account: &Account, role: &Role) -> String {
    // The name alone is easier to read, and stays good where the role's path changes.
    let same = account
        .roles
        .iter()
        .filter(|other| other.name.eq_ignore_ascii_case(&role.name));
    let is_unique = same.count() == 1;
    let name = if is_unique {
        &role.name
    } else {
        role.arn.as_str()
    };
    let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let link = format!("/go?account={}&role={name}", account.id.as_str());
    match role.grant_in_links().filter(|_| !is_unique) {
        Some(grant) => format!(
            "{link}&grant={}",
            utf8_percent_encode(grant, NON_ALPHANUMERIC)
        ),
        None => link,
    }
}

/// The link to a role's credentials, with what was asked for beside it.
pub fn link_to_credentials(
    account: &Account,
    role: &Role,
    request: &RoleRequest,
    region: Option<&Region>,
) -> String {
    let seconds = request.duration_seconds.map(|seconds| seconds.to_string());
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("action", CREDENTIALS)
        .extend_pairs(seconds.map(|seconds| ("duration_seconds", seconds)))
        .extend_pairs(request.policy.as_ref().map(|policy| ("policy", policy)))
        .extend_pairs(region.map(|region| ("region", region.as_str())))
        .finish();
    format!("{}&{query}", link(account, role))
}
