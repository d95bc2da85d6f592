//! The tools, with which people ask AWS about refused requests and access keys. The pages and the
//! API share this code.

use super::bad_request::BadRequest;
use super::context::Context;
use super::error::WebError;
use crate::aws::authorization::Refused;
use crate::aws::entitlement::Role;
use crate::aws::sts::AccessKeyId;
use crate::desk::{Asker, Desk, RoleRequest, Tool};
use crate::grant::Grant;
use crate::session::Session;

/// A query that a tool sends to AWS.
#[derive(Clone, Copy)]
pub enum Query {
    /// Decodes AWS's message about a refused request (`sts:DecodeAuthorizationMessage`).
    Refusal,
    /// Finds the account that an access key belongs to (`sts:GetAccessKeyInfo`).
    Key,
}

impl Query {
    /// The path to which the query's form is posted.
    pub fn path(self) -> &'static str {
        match self {
            Self::Refusal => "/tools/refusal",
            Self::Key => "/tools/key",
        }
    }

    /// The name of the form field that contains the encoded message or the access key ID.
    pub fn field(self) -> &'static str {
        match self {
            Self::Refusal => "message",
            Self::Key => "access_key_id",
        }
    }
}

/// A query, and the role that it is sent with.
pub struct ToolRequest<'a> {
    pub query: Query,
    /// The message to decode, or the access key ID.
    pub text: &'a str,
    pub role: &'a RoleRequest,
}

/// The answer from AWS.
pub enum QueryResult {
    /// The decoded message, which describes the refused request.
    Refusal(Refused),
    /// The ID of the account that the key belongs to.
    Account(String),
}

/// Whether the configuration allows the person to use the tools.
pub fn may_ask(context: &Context, session: &Session) -> bool {
    context.desk_rules().has_tools(session)
}

/// Whether the tools can query AWS with this role. The role must be an IAM role, and its grant must
/// not require a reason, an MFA code or a fresh sign-in.
pub fn may_ask_with(context: &Context, role: &Role) -> bool {
    let grant = context.desk_rules().grant_of(role);
    role.arn.role().is_some() && !grant.is_some_and(Grant::asks_something)
}

/// Returns the session, or a 404 error if the person may not use the tools.
pub fn require_access(context: &Context, session: Session) -> Result<Session, WebError> {
    if may_ask(context, &session) {
        Ok(session)
    } else {
        Err(WebError::NotFound)
    }
}

/// Sends the query to AWS, with one of the person's roles. Errors from the desk are converted with
/// [`WebError::of_desk`].
pub async fn ask(
    desk: &Desk<'_>,
    asker: &Asker<'_>,
    session: &Session,
    request: &ToolRequest<'_>,
) -> Result<QueryResult, WebError> {
    let text = request.text;
    let tool = match request.query {
        Query::Refusal => Tool::DecodeAuthorizationMessage(text),
        Query::Key => {
            let key = text.parse::<AccessKeyId>();
            Tool::GetAccessKeyInfo(key.map_err(|_| BadRequest::AccessKeyId)?)
        }
    };
    let response = desk.tool(asker, request.role, tool).await;
    let response =
        response.map_err(|error| WebError::of_desk(error, session, &request.role.role_arn))?;
    match request.query {
        Query::Key => Ok(QueryResult::Account(response)),
        Query::Refusal => Refused::read(&response)
            .map(QueryResult::Refusal)
            .map_err(|_| WebError::Internal("AWS's message has an unknown format")),
    }
}
