//! AWS's tools, for pages and API: who may ask, what, and with which role.

use super::bad_request::BadRequest;
use super::context::Context;
use super::error::WebError;
use crate::aws::authorization::Refused;
use crate::aws::entitlement::Role;
use crate::aws::sts::AccessKeyId;
use crate::desk::{Asker, Desk, RoleRequest, Tool};
use crate::grant::Grant;
use crate::session::Session;

/// What may be asked.
#[derive(Clone, Copy)]
pub enum Question {
    /// What AWS refused.
    Refusal,
    /// Which account an access key belongs to.
    Key,
}

impl Question {
    /// Where its form is posted.
    pub fn path(self) -> &'static str {
        match self {
            Self::Refusal => "/tools/refusal",
            Self::Key => "/tools/key",
        }
    }

    /// The form field with the question's text.
    pub fn field(self) -> &'static str {
        match self {
            Self::Refusal => "message",
            Self::Key => "access_key_id",
        }
    }
}

/// What AWS says.
pub enum Answer {
    /// What was refused.
    Refusal(Refused),
    /// The key's account ID.
    Account(String),
}

/// Whether the configuration lets the person ask.
pub fn may_ask(context: &Context, session: &Session) -> bool {
    context.terms().has_tools(session)
}

/// Whether AWS can be asked with this role: it must be an IAM role, and its grant must ask the person nothing
/// first.
pub fn may_ask_with(context: &Context, role: &Role) -> bool {
    let grant = context.terms().grant_of(role);
    role.arn.role().is_some() && !grant.is_some_and(Grant::asks_something)
}

/// The session, or 404 for a person who may not ask.
pub fn require_access(context: &Context, session: Session) -> Result<Session, WebError> {
    if may_ask(context, &session) {
        Ok(session)
    } else {
        Err(WebError::NotFound)
    }
}

/// Asks AWS with one of the person's roles. [`WebError::of_desk`] decides which errors name the person.
pub async fn ask(
    desk: &Desk<'_>,
    asker: &Asker<'_>,
    session: &Session,
    request: &RoleRequest,
    (question, text): (Question, &str),
) -> Result<Answer, WebError> {
    let tool = match question {
        Question::Refusal => Tool::DecodeAuthorizationMessage(text),
        Question::Key => {
            let key = text.parse::<AccessKeyId>();
            Tool::GetAccessKeyInfo(key.map_err(|_| BadRequest::AccessKeyId)?)
        }
    };
    let answer = desk.tool(asker, request, tool).await;
    let answer = answer.map_err(|error| WebError::of_desk(error, session, &request.role_arn))?;
    match question {
        Question::Key => Ok(Answer::Account(answer)),
        Question::Refusal => Refused::read(&answer)
            .map(Answer::Refusal)
            .map_err(|_| WebError::Internal("AWS's message is of an unknown form")),
    }
}
