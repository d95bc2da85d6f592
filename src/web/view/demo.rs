//! The pages of the embedded identity provider and the embedded console. They are served from a
//! different origin, with the same style sheet and script at the same paths.

use askama::Template;

use super::frame::{Frame, HiddenField};
use super::me::TagView;
use crate::web::assets;
use crate::web::brand::Brand;
use crate::web::texts::Texts;
use crate::web::texts::Timestamp;

impl Frame {
    /// The frame of pages that simulate other services. They are always in English.
    pub fn of_demo() -> Self {
        Self {
            texts: Texts::english(),
            brand: Brand::default().into(),
        }
    }
}

/// The page on which the embedded identity provider asks who to sign in as.
#[derive(Template)]
#[template(path = "demo/idp.html")]
pub struct DemoIdpPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The URL that the form is posted to. The field `person` has the choice.
    pub action: String,
    /// The fields of the login in progress: `SAMLRequest` and `RelayState`.
    pub fields: Vec<HiddenField>,
    /// The people to choose from.
    pub people: Vec<PersonView>,
}

/// A person to sign in as.
pub struct PersonView {
    /// The value of the form's field `person`.
    pub id: String,
    /// The name to show.
    pub name: String,
    /// What this person can see in the demo.
    pub description: String,
}

/// The page that posts the identity provider's response to the ACS. The script submits its form at
/// once.
#[derive(Template)]
#[template(path = "demo/post.html")]
pub struct DemoPostPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The ACS URL, which the form is posted to.
    pub action: String,
    /// The fields `SAMLResponse` and `RelayState`.
    pub fields: Vec<HiddenField>,
}

/// The page that replaces the AWS console.
#[derive(Template)]
#[template(path = "demo/console.html")]
pub struct DemoConsolePage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The account ID: twelve digits.
    pub account_id: String,
    /// The name of the account, if it is known.
    pub account_name: Option<String>,
    /// The name of the role, or of the other principal that the session belongs to.
    pub role_name: String,
    /// The ARN of the role or other principal.
    pub role_arn: String,
    /// The role session name, if there is one.
    pub session_name: Option<String>,
    /// The session policies, if the session is a federated user's.
    pub policies: Vec<String>,
    /// The source identity, if one is set.
    pub source_identity: Option<String>,
    /// The tags of the session.
    pub tags: Vec<TagView>,
    /// When the console session ends.
    pub expires: Timestamp,
    /// The console page that was asked for.
    pub destination: String,
    /// The URL that the person came from.
    pub back_href: String,
}

/// The page for all other messages of the embedded sign-in endpoint and console, such as that the
/// console session has expired.
#[derive(Template)]
#[template(path = "demo/notice.html")]
pub struct DemoNoticePage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The heading of the page.
    pub title: String,
    /// The message.
    pub text: String,
    /// The label of the button.
    pub label: String,
    /// The URL that the button leads to.
    pub href: String,
}
