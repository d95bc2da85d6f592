//! The pages of the embedded identity provider and console. They are served from another origin,
//! with the same style sheet and script at the same paths.

use askama::Template;

use super::frame::{Frame, HiddenField};
use super::me::TagView;
use crate::web::assets;
use crate::web::brand::Brand;
use crate::web::texts::Texts;
use crate::web::texts::Timestamp;

impl Frame {
    /// For pages that stand in for those of others: they are in English.
    pub fn of_demo() -> Self {
        Self {
            texts: Texts::english(),
            brand: Brand::default().into(),
        }
    }
}

/// The embedded identity provider asks who the person wants to be.
#[derive(Template)]
#[template(path = "demo/idp.html")]
pub struct DemoIdpPage {
    /// What every page has.
    pub frame: Frame,
    /// Where the form goes, by POST; the choice is its field `person`.
    pub action: String,
    /// The login in progress: `SAMLRequest`, `RelayState`.
    pub fields: Vec<HiddenField>,
    /// Who there is.
    pub people: Vec<PersonView>,
}

/// Somebody to sign in as.
pub struct PersonView {
    /// The value of the form's field `person`.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// What there is to see as this person.
    pub description: String,
}

/// Carries the identity provider's answer to the ACS. Its form is sent by the script at once.
#[derive(Template)]
#[template(path = "demo/post.html")]
pub struct DemoPostPage {
    /// What every page has.
    pub frame: Frame,
    /// The ACS URL.
    pub action: String,
    /// `SAMLResponse`, `RelayState`.
    pub fields: Vec<HiddenField>,
}

/// What stands in for the AWS console.
#[derive(Template)]
#[template(path = "demo/console.html")]
pub struct DemoConsolePage {
    /// What every page has.
    pub frame: Frame,
    /// Twelve digits.
    pub account_id: String,
    /// The account's name, where it is known.
    pub account_name: Option<String>,
    /// The role's name, or that of whom else the session is of.
    pub role_name: String,
    /// Its ARN.
    pub role_arn: String,
    /// The name of the session.
    pub session_name: Option<String>,
    /// The session policies of a federated user.
    pub policies: Vec<String>,
    /// The source identity, where one is set.
    pub source_identity: Option<String>,
    /// The session tags.
    pub tags: Vec<TagView>,
    /// When the console session ends.
    pub expires: Timestamp,
    /// The page of the console that was asked for.
    pub destination: String,
    /// Where the person came from.
    pub back_href: String,
}

/// Anything else that the embedded sign-in endpoint and console have to say, such as that the
/// console session has expired.
#[derive(Template)]
#[template(path = "demo/notice.html")]
pub struct DemoNoticePage {
    /// What every page has.
    pub frame: Frame,
    /// The page's heading.
    pub title: String,
    /// What there is to say.
    pub text: String,
    /// What the button says.
    pub label: String,
    /// Where the button leads.
    pub href: String,
}
