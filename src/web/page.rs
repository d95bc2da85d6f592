//! What the pages show: one struct a page, filled by the handlers. No logic, and no knowledge of
//! the other rooms. What every page has is here, each kind of page in a file of its own.
//!
//! Every string is escaped where it is written. Addresses (`href`, `action`) are the handlers'
//! responsibility: they are paths of ours or addresses from the configuration, never a person's
//! input.

mod ask;
mod credentials;
mod demo;
mod error;
mod markup;
mod me;
mod portal;
mod sign_in;
#[cfg(test)]
mod tests;
mod tools;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody as _};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

pub use self::ask::{AskPage, CodeView, ReasonView};
pub use self::credentials::{
    Choices, CredentialsPage, FormatView, MASK, ProfileView, ReducedView, RefusedView, SeveralPage,
};
pub use self::demo::{DemoConsolePage, DemoIdpPage, DemoNoticePage, DemoPostPage, PersonView};
pub use self::error::{AboutView, ErrorPage, HelpButton};
pub use self::me::{DroppedView, MePage, TagView};
pub use self::portal::{
    AccountLabel, AccountView, BehindView, ChoiceOption, FactView, GoPage, GoRole, GoodFor,
    NoRolesPage, PortalPage, RoleView, account_labels,
};
pub use self::sign_in::{ContinuePage, IdpLink, ReplaceSessionPage, SignInPage, ToIdpPage};
pub use self::tools::{RefusedRequestView, ToolsPage};
use super::brand::Brand;
use super::compression;
use super::texts::Texts;

/// The page as an answer.
pub fn respond(status: StatusCode, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(html) => HttpResponse::build(status)
            .content_type(ContentType::html())
            .body(html),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// A page without a secret as an answer: compressed, for who takes that.
pub fn respond_compressed(request: &HttpRequest, page: &impl Template) -> HttpResponse {
    let response = respond(StatusCode::OK, page);
    let (mut response, body) = response.into_parts();
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        Err(body) => return response.set_body(body),
    };
    let compressed = compression::is_accepted(request).then(|| compression::quickly(&body));
    let Some(compressed) = compressed.flatten() else {
        return response.set_body(BoxBody::new(body));
    };
    response
        .headers_mut()
        .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response.set_body(BoxBody::new(compressed))
}

/// What every page has.
#[derive(Clone)]
pub struct Frame {
    /// The texts, in the reader's language.
    pub texts: &'static Texts,
    /// Whose service it is.
    pub brand: Arc<Brand>,
}

/// Pages are compared by what is theirs.
impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame({}, {})", self.brand.name, self.texts.tag())
    }
}

impl Frame {
    /// A text without values.
    fn t(&self, id: &str) -> Cow<'_, str> {
        self.texts.text(id)
    }

    /// A text in which `value` stands for `name`.
    fn with(&self, id: &str, name: &'static str, value: &str) -> String {
        self.texts.with(id, &[(name, value.into())])
    }

    /// A text that depends on a number, which stands for `name`.
    fn count(&self, id: &str, name: &'static str, number: usize) -> String {
        self.texts.with(id, &[(name, number.into())])
    }
}

/// A point in time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Timestamp {
    /// For programs: RFC 3339, in UTC, to the second.
    pub rfc3339: String,
    /// For people, in UTC. The script replaces it by the browser's own time.
    pub text: String,
}

/// A field that a form carries along.
#[derive(Clone, Debug)]
pub struct HiddenField {
    /// The field's name.
    pub name: String,
    /// The field's value.
    pub value: String,
}
