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
    /// What a refusal of AWS's was about.
    Refusal,
    /// Whose an access key is.
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

    /// The field that holds it.
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
    /// The number of the account that the key is of.
    Account(String),
}

/// Whether the configuration lets the person ask.
pub fn are_for(context: &Context, session: &Session) -> bool {
    context.terms().has_tools(session)
}

/// Whether AWS can be asked with a role: what wants an answer first is used by itself, and AWS answers
/// nobody but roles.
pub fn may_ask_with(context: &Context, role: &Role) -> bool {
    let grant = context.terms().grant_of(role);
    role.arn.role().is_some() && !grant.is_some_and(Grant::asks_something)
}

/// Who may not has no such page.
pub fn may(context: &Context, session: Session) -> Result<Session, WebError> {
    if are_for(context, &session) {
        Ok(session)
    } else {
        Err(WebError::NotFound)
    }
}

/// Asks AWS with a role of the person's. An error that a new sign-in mends is about nobody.
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
