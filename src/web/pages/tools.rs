//! `GET /tools`, `POST /tools/refusal` and `POST /tools/key`: a page on which people decode AWS's
//! message about a refused request, or find the account that an access key belongs to.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::through_idp::{is_repeated, sign_in_first};
use crate::aws::entitlement::{Account, Role};
use crate::desk::Rights;
use crate::session::Session;
use crate::web::body::Body;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::tools::{Query, QueryResult, ToolRequest, ask, may_ask_with, require_access};
use crate::web::view::{self, ChoiceOption, RefusedRequestView, ToolsPage};

/// The names of the form fields that are kept during a new login.
const FIELDS: [&str; 5] = [
    "role_arn",
    "provider_arn",
    "grant",
    "message",
    "access_key_id",
];

/// Shows the tools page with empty forms.
pub async fn tools(context: Context) -> Result<HttpResponse, WebError> {
    let session = require_access(&context, context.signed_in().await?)?;
    let rights = context.desk_rules().rights(&session);
    let page = model(&context, &session, &rights, &ToolForm::default(), None);
    Ok(view::respond(StatusCode::OK, &page))
}

/// Decodes AWS's message about a refused request, and shows the details of that request.
pub async fn refusal(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    respond(&context, body, Query::Refusal).await
}

/// Shows the account that an access key belongs to.
pub async fn key(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    respond(&context, body, Query::Key).await
}

async fn respond(context: &Context, body: Body, query: Query) -> Result<HttpResponse, WebError> {
    let session = require_access(context, context.signed_in_to_use().await?)?;
    let form = Form::parse(body)?;
    let request = form.role_request()?;
    let asked = ToolForm {
        role: Some(form.required("role_arn")?.to_owned()),
        text: form.required(query.field())?.trim().to_owned(),
    };
    let (desk, person) = (context.desk(), context.asker(&session));
    let tool_request = ToolRequest {
        query,
        text: &asked.text,
        role: &request,
    };
    let response = match ask(&desk, &person, &session, &tool_request).await {
        Err(WebError::Desk(error)) if error.wants_sign_in() && !is_repeated(&form) => {
            let path = query.path();
            return sign_in_first(context, &form, &FIELDS, path, Some(&session), false).await;
        }
        response => response?,
    };
    let rights = desk.rights(&person);
    let page = model(context, &session, &rights, &asked, Some(response));
    Ok(view::respond(StatusCode::OK, &page))
}

/// The values that the person entered, which the page shows again.
#[derive(Default)]
pub(in crate::web) struct ToolForm {
    role: Option<String>,
    text: String,
}

/// The view model of the tools page.
pub(in crate::web) fn model(
    context: &Context,
    session: &Session,
    rights: &Rights,
    asked: &ToolForm,
    response: Option<QueryResult>,
) -> ToolsPage {
    let accounts = rights.entitlements().accounts.iter();
    let roles = accounts.flat_map(|account| account.roles.iter().map(move |role| (account, role)));
    let option = |(account, role): (&Account, &Role)| {
        let value = format!("{} {}", role.arn, role.through.as_str());
        let account = account.name.as_deref().unwrap_or(account.id.as_str());
        ChoiceOption {
            selected: asked.role.as_ref() == Some(&value),
            label: format!("{account}: {}", role.name),
            value,
        }
    };
    let (mut refused, mut account) = (None, None);
    let (mut message, mut key) = (String::new(), String::new());
    match response {
        Some(QueryResult::Refusal(response)) => {
            message.clone_from(&asked.text);
            refused = Some(RefusedRequestView {
                verdict: context
                    .texts
                    .text(if response.is_explicit {
                        "tools-explicit"
                    } else {
                        "tools-implicit"
                    })
                    .into_owned(),
                principal: response.principal,
                action: response.action,
                resource: response.resource,
                conditions: response.conditions,
                statements: response.statements,
            });
        }
        Some(QueryResult::Account(number)) => {
            key.clone_from(&asked.text);
            let names = &context.desk_rules().accounts();
            let name = number.parse().ok().and_then(|id| names.get(&id).cloned());
            account = Some((number, name));
        }
        None => {}
    }
    ToolsPage {
        frame: context.frame(),
        person: session.person.shown(),
        idp_name: context.idp_name(session),
        roles: roles
            .filter(|(_, role)| may_ask_with(context, role))
            .map(option)
            .collect(),
        message,
        refused,
        access_key_id: key,
        account,
    }
}
