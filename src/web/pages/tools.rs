//! `GET /tools`, `POST /tools/refusal`, `POST /tools/key`: what a refusal of AWS's
//! was about, and whose an access key is.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::aws::authorization::Refused;
use crate::aws::entitlement::{Account, Role};
use crate::aws::sts::AccessKeyId;
use crate::desk::{Asker, Desk, DeskError, Rights, RoleRequest, Tool};
use crate::grant::Grant;
use crate::session::Session;
use crate::web::bad_request::BadRequest;
use crate::web::body::Body;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::view::{self, ChoiceOption, RefusedRequestView, ToolsPage};

/// The page.
pub async fn tools(context: Context) -> Result<HttpResponse, WebError> {
    let session = may(&context, context.signed_in().await?)?;
    let rights = context.terms().rights(&session);
    let page = model(&context, &session, &rights, &Asked::default(), None);
    Ok(view::respond(StatusCode::OK, &page))
}

/// What a refusal was about.
pub async fn refusal(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    answer(&context, body, Question::Refusal).await
}

/// Whose an access key is.
pub async fn key(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    answer(&context, body, Question::Key).await
}

async fn answer(
    context: &Context,
    body: Body,
    question: Question,
) -> Result<HttpResponse, WebError> {
    let session = may(context, context.signed_in_to_use().await?)?;
    let form = Form::parse(body)?;
    let request = form.role_request()?;
    let asked = Asked {
        role: Some(form.required("role_arn")?.to_owned()),
        text: form.required(question.field())?.trim().to_owned(),
    };
    let (desk, person) = (context.desk(), context.asker(&session));
    let asking = (question, asked.text.as_str());
    let answer = ask(&desk, &person, &session, &request, asking).await?;
    let rights = desk.rights(&person);
    let page = model(context, &session, &rights, &asked, Some(answer));
    Ok(view::respond(StatusCode::OK, &page))
}

/// What may be asked.
#[derive(Clone, Copy)]
pub(in crate::web) enum Question {
    Refusal,
    Key,
}

impl Question {
    /// The field that holds it.
    pub(in crate::web) fn field(self) -> &'static str {
        match self {
            Self::Refusal => "message",
            Self::Key => "access_key_id",
        }
    }
}

/// What was asked, to be shown again.
#[derive(Default)]
pub(in crate::web) struct Asked {
    role: Option<String>,
    text: String,
}

/// What AWS says.
pub(in crate::web) enum Answer {
    Refusal(Refused),
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
pub(in crate::web) fn may(context: &Context, session: Session) -> Result<Session, WebError> {
    if are_for(context, &session) {
        Ok(session)
    } else {
        Err(WebError::NotFound)
    }
}

/// Asks AWS with a role of the person's.
pub(in crate::web) async fn ask(
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
    let answer = answer.map_err(|error| match error {
        DeskError::Audit(error) => error.into(),
        error => WebError::from(error).about(session, &request.role_arn),
    })?;
    match question {
        Question::Key => Ok(Answer::Account(answer)),
        Question::Refusal => Refused::read(&answer)
            .map(Answer::Refusal)
            .map_err(|_| WebError::Internal("AWS's message is of an unknown form")),
    }
}

/// What the page shows.
pub(in crate::web) fn model(
    context: &Context,
    session: &Session,
    rights: &Rights,
    asked: &Asked,
    answer: Option<Answer>,
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
    match answer {
        Some(Answer::Refusal(answer)) => {
            message.clone_from(&asked.text);
            refused = Some(RefusedRequestView {
                verdict: context
                    .texts
                    .text(if answer.is_explicit {
                        "tools-explicit"
                    } else {
                        "tools-implicit"
                    })
                    .into_owned(),
                principal: answer.principal,
                action: answer.action,
                resource: answer.resource,
                conditions: answer.conditions,
                statements: answer.statements,
            });
        }
        Some(Answer::Account(number)) => {
            key.clone_from(&asked.text);
            let names = &context.terms().accounts();
            let name = number.parse().ok().and_then(|id| names.get(&id).cloned());
            account = Some((number, name));
        }
        None => {}
    }
    ToolsPage {
        frame: context.frame(),
        name_id: session.person.name_id.clone(),
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
