//! The JSON API: the same as the pages, for programs.

use actix_web::HttpResponse;
use actix_web::http::header;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::bad_request::BadRequest;
use super::body::Body;
use super::context::Context;
use super::error::WebError;
use super::form;
use super::{console, credentials};
use crate::aws::entitlement::Role;
use crate::aws::format;
use crate::broker::{Asks, BrokerError, RoleRequest};
use crate::session::Session;

/// The body of `POST /api/credentials` and `POST /api/console`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleBody {
    role_arn: String,
    provider_arn: Option<String>,
    grant: Option<String>,
    duration_seconds: Option<u32>,
    region: Option<String>,
    policy: Option<String>,
    destination: Option<String>,
    reason: Option<String>,
    token_code: Option<String>,
}

/// `GET /api/roles`.
pub async fn roles(context: Context) -> Result<HttpResponse, WebError> {
    let session = context.signed_in().await?;
    let entitlements = context.broker.entitlements(&session);
    Ok(HttpResponse::Ok().json(json!({
        "name_id": session.person.name_id,
        "idp": session.person.idp,
        "expires_at": session.expires_at,
        "accounts": entitlements.accounts.iter().map(|account| json!({
            "id": account.id,
            "name": account.name,
            "roles": account.roles.iter().map(|role| described(&context, role)).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })))
}

/// A role, and what a program has to know before it uses it.
#[derive(Serialize)]
struct DescribedRole<'a> {
    #[serde(flatten)]
    role: &'a Role,
    /// What has to be sent along, or done before.
    needs: Vec<&'static str>,
    /// The longest that may be asked for, as far as it is known.
    max_duration_seconds: u32,
    /// Whether AWS opens its console with it.
    console: bool,
    /// Whether it can be used here at all.
    served: bool,
}

fn described<'a>(context: &Context, role: &'a Role) -> DescribedRole<'a> {
    let broker = &context.broker;
    let most = broker.longest_of(role);
    let longest = broker.longest(role).map_or(most, |known| known.min(most));
    let needs = broker.grant_of(role).map(Asks::of).unwrap_or_default();
    DescribedRole {
        role,
        needs: needs.into_iter().map(Asks::code).collect(),
        max_duration_seconds: longest.seconds(),
        console: broker.has_console(role),
        served: broker.serves(role),
    }
}

/// `POST /api/credentials`: exactly what `credential_process` takes.
pub async fn credentials(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    let session = context.signed_in_to_use().await?;
    let (request, _) = read(body)?;
    let granted = credentials::issue(&context, &session, &request).await;
    let granted = granted.map_err(|error| login_required(&context, &session, error))?;
    let text = format::credential_process(&granted.issued.credentials);
    Ok(HttpResponse::Ok()
        .insert_header(header::ContentType::json())
        .body(text.expose_secret().to_owned()))
}

/// `POST /api/console`.
pub async fn console(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    let session = context.signed_in_to_use().await?;
    let (request, destination) = read(body)?;
    let signin = console::open(&context, &session, &request, destination.as_deref()).await;
    let signin = signin.map_err(|error| login_required(&context, &session, error))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .json(json!({ "url": signin.url.expose_secret(), "expires_at": signin.expires_at })))
}

fn read(body: Body) -> Result<(RoleRequest, Option<String>), WebError> {
    let body: RoleBody = serde_json::from_slice(&body.bytes()?).map_err(|_| BadRequest::Json)?;
    let request = RoleRequest {
        role_arn: body.role_arn,
        through: given(body.provider_arn).or(given(body.grant)),
        duration_seconds: body.duration_seconds,
        region: form::region(body.region.as_deref())?,
        policy: body.policy,
        reason: body.reason,
        token_code: body.token_code,
    };
    Ok((request, body.destination))
}

/// As in forms, what is empty is not there.
pub(super) fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn login_required(context: &Context, session: &Session, error: WebError) -> WebError {
    let anew = match error {
        WebError::Broker(BrokerError::Stale(_)) => "",
        WebError::Broker(BrokerError::Asks(Asks::FreshLogin)) => "&anew=1",
        other => return other,
    };
    let idp = utf8_percent_encode(&session.person.idp, NON_ALPHANUMERIC);
    let mut login_url = context.public_url.clone();
    login_url.set_path("/login");
    login_url.set_query(Some(&format!("idp={idp}&return_to=%2F{anew}")));
    WebError::LoginRequired {
        login_url: login_url.to_string(),
    }
}
