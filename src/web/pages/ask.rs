//! The steps before credentials are issued: a new sign-in, or a page that asks for a reason or an
//! MFA code.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::roles;
use super::through_idp::{FIELDS, is_repeated, sign_in_first};
use crate::desk::{DeskError, Requirement, Rights};
use crate::grant::Grant;
use crate::session::Session;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::view::{self, AskPage, CodeView, HiddenField, ReasonView};

/// Sends the person to the IdP again, or asks for a reason or an MFA code. Returns an error if
/// neither can resolve `error`.
pub async fn first(
    context: &Context,
    session: &Session,
    rights: &Rights,
    form: &Form,
    path: &'static str,
    error: DeskError,
) -> Result<HttpResponse, WebError> {
    match error {
        error if error.wants_sign_in() && !is_repeated(form) => {
            sign_in_first(context, form, &FIELDS, path, Some(session), false).await
        }
        DeskError::Requires(Requirement::FreshLogin) if !is_repeated(form) => {
            sign_in_first(context, form, &FIELDS, path, Some(session), true).await
        }
        DeskError::Requires(Requirement::Reason | Requirement::MfaCode) | DeskError::MfaCode(_) => {
            let page = model(context, session, rights, form, path)?;
            Ok(view::respond(StatusCode::OK, &page))
        }
        other => {
            let role = form.role_request()?.role_arn;
            Err(WebError::of_desk(other, session, &role))
        }
    }
}

/// The view model of the page that asks for a reason or an MFA code. An invalid reason is marked as
/// wrong, and so is any code that the person has already entered.
pub(in crate::web) fn model(
    context: &Context,
    session: &Session,
    rights: &Rights,
    form: &Form,
    path: &'static str,
) -> Result<AskPage, WebError> {
    let request = form.role_request()?;
    let entitlements = rights.entitlements();
    let role = entitlements.find(&request.role_arn, request.through.as_deref());
    let role = role.map_err(DeskError::NotEntitled)?;
    let account = entitlements.account(role.arn.account());
    let grant = context.desk_rules().grant_of(role);
    let reason = request.reason();
    let fields = form.kept(&FIELDS)?.into_iter();
    Ok(AskPage {
        frame: context.frame(),
        person: session.person.shown(),
        idp_name: context.idp_name(session),
        account: account.map(|account| roles::head(context, account)),
        role_name: role.name.clone(),
        role_arn: role.arn.to_string(),
        action: path,
        fields: fields
            .map(|(name, value)| HiddenField { name, value })
            .collect(),
        reason: grant
            .and_then(|grant| grant.reason.as_ref())
            .map(|wanted| ReasonView {
                is_wrong: request.reason.is_some() && reason.is_none(),
                given: reason.unwrap_or_default(),
                is_tagged: wanted.tag.is_some(),
            }),
        code: grant.and_then(Grant::mfa_serial).map(|serial| CodeView {
            serial: serial.to_string(),
            is_wrong: request.token_code.is_some(),
        }),
    })
}
