//! The pages of the embedded parts, built from the page models in [`crate::web::view`].

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use chrono::{DateTime, Utc};

use super::credentials::{Holder, Session};
use super::people::Person;
use crate::web::texts::Texts;
use crate::web::view::{
    self, DemoConsolePage, DemoIdpPage, DemoNoticePage, DemoPostPage, Frame, HiddenField,
    PersonView, TagView,
};

/// The page on which people choose an identity. The form posts the choice to `action`, together
/// with `fields`.
pub fn choose_person(action: &str, fields: &[(&str, &str)], people: &[Person]) -> HttpResponse {
    let page = DemoIdpPage {
        frame: Frame::of_demo(),
        action: action.to_owned(),
        fields: hidden(fields),
        people: people
            .iter()
            .map(|person| PersonView {
                id: person.id.clone(),
                name: person.name.clone(),
                description: person.summary.clone(),
            })
            .collect(),
    };
    view::respond(StatusCode::OK, &page)
}

/// A page that automatically posts `fields` to `action`.
pub fn post_on(action: &str, fields: &[(&str, &str)]) -> HttpResponse {
    let page = DemoPostPage {
        frame: Frame::of_demo(),
        action: action.to_owned(),
        fields: hidden(fields),
    };
    view::respond(StatusCode::OK, &page)
}

/// A console session, and the page that was requested in it.
pub struct ConsoleVisit<'a> {
    /// The session of the credentials that opened the console.
    pub session: &'a Session,
    /// The name of the account, if it has one.
    pub account_name: Option<&'a str>,
    /// The end of the console session.
    pub expires: DateTime<Utc>,
    /// The URL of the console page that was requested.
    pub destination: &'a str,
    /// The URL of the broker, where people can sign in again.
    pub back: &'a str,
}

/// The page that replaces the AWS console in the demo.
pub fn console(visit: &ConsoleVisit<'_>) -> HttpResponse {
    let session = visit.session;
    let tag = |(name, value): &(String, String)| TagView {
        name: name.clone(),
        value: value.clone(),
        is_transitive: false,
    };
    let page = DemoConsolePage {
        frame: Frame::of_demo(),
        account_id: session.account.clone(),
        account_name: visit.account_name.map(str::to_owned),
        role_name: session.name().to_owned(),
        role_arn: session.principal(),
        session_name: session.session_name().map(str::to_owned),
        policies: match &session.holder {
            Holder::FederatedUser { policies, .. } => policies.clone(),
            _ => Vec::new(),
        },
        source_identity: session.source_identity.clone(),
        tags: session.tags.iter().map(tag).collect(),
        expires: Texts::english().timestamp(visit.expires),
        destination: visit.destination.to_owned(),
        back_href: visit.back.to_owned(),
    };
    view::respond(StatusCode::OK, &page)
}

/// A page with a message and a link.
pub fn notice(
    status: StatusCode,
    title: &str,
    text: &str,
    label: &str,
    href: &str,
) -> HttpResponse {
    let page = DemoNoticePage {
        frame: Frame::of_demo(),
        title: title.to_owned(),
        text: text.to_owned(),
        label: label.to_owned(),
        href: href.to_owned(),
    };
    view::respond(status, &page)
}

fn hidden(fields: &[(&str, &str)]) -> Vec<HiddenField> {
    fields
        .iter()
        .map(|&(name, value)| HiddenField {
            name: name.to_owned(),
            value: value.to_owned(),
        })
        .collect()
}
