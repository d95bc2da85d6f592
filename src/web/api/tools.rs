//! `POST /api/tools/refusal` decodes AWS's message about a refused request, and `POST
//! /api/tools/key` finds the account that an access key belongs to.

use actix_web::HttpResponse;
use serde::Deserialize;
use serde_json::json;

use super::login_required::refused;
use super::role_body::given;
use crate::desk::RoleRequest;
use crate::web::bad_request::BadRequest;
use crate::web::body::Body;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::tools::{Query, QueryResult, ToolRequest, ask, require_access};

/// The body of `POST /api/tools/refusal` and `POST /api/tools/key`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolBody {
    role_arn: String,
    provider_arn: Option<String>,
    grant: Option<String>,
    message: Option<String>,
    access_key_id: Option<String>,
}

/// Decodes AWS's message about a refused request.
pub async fn refusal(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    respond(&context, body, Query::Refusal).await
}

/// Returns the account that an access key belongs to.
pub async fn key(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    respond(&context, body, Query::Key).await
}

async fn respond(context: &Context, body: Body, query: Query) -> Result<HttpResponse, WebError> {
    let session = require_access(context, context.signed_in_to_use().await?)?;
    let body: ToolBody =
        serde_json::from_slice(&body.bytes()?).map_err(|_| BadRequest::ToolJson)?;
    let request = RoleRequest {
        role_arn: body.role_arn,
        through: given(body.provider_arn).or(given(body.grant)),
        ..RoleRequest::default()
    };
    let text = match query {
        Query::Refusal => body.message,
        Query::Key => body.access_key_id,
    };
    let text = text.ok_or(BadRequest::Missing(query.field()))?;
    let (desk, asker) = (context.desk(), context.asker(&session));
    let tool_request = ToolRequest {
        query,
        text: text.trim(),
        role: &request,
    };
    let answered = ask(&desk, &asker, &session, &tool_request).await;
    let answered = answered.map_err(|error| match error {
        WebError::Desk(error) => refused(context, &session, &request, error),
        other => other,
    })?;
    Ok(HttpResponse::Ok().json(match answered {
        QueryResult::Refusal(refused) => json!({ "refusal": refused }),
        QueryResult::Account(account) => json!({ "account": account }),
    }))
}
