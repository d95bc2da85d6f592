//! The pages of the embedded identity provider and the embedded console. Their origin differs from
//! rolecall's, but they load the same style sheet and script from the same paths.

use askama::Template;

use super::frame::{Frame, HiddenField};
use super::me::TagView;
use crate::web::assets;
use crate::web::brand::Brand;
use crate::web::texts::Texts;
use crate::web::texts::Timestamp;

impl Frame {
    /// The frame for pages that simulate other services. These pages are always in English.
    pub fn of_demo() -> Self {
        Self {
            texts: Texts::english(),
            brand: Brand::default().into(),
        }
    }
}

/// The page of the embedded identity provider, on which the visitor chooses the person to sign in
/// as.
#[derive(Template)]
#[template(path = "demo/idp.html")]
pub struct DemoIdpPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The URL to which the form is posted. The field `person` contains the choice.
    pub action: String,
    /// The fields of the original request, if it contained them: `SAMLRequest` and `RelayState`.
    pub fields: Vec<HiddenField>,
    /// The people to choose from.
    pub people: Vec<PersonView>,
}

/// One of the people to choose from on the page of the embedded identity provider.
pub struct PersonView {
    /// The value of the form's field `person`.
    pub id: String,
    /// The name to show.
    pub name: String,
    /// A description of what this person can see in the demo.
    pub description: String,
}

/// The page that posts the identity provider's response to the ACS. The script submits the form
/// immediately.
#[derive(Template)]
#[template(path = "demo/post.html")]
pub struct DemoPostPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The ACS URL, to which the form is posted.
    pub action: String,
    /// The fields: `SAMLResponse` and, if the request contained it, `RelayState`.
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
    /// The name of the role or other principal to which the session belongs.
    pub role_name: String,
    /// The ARN of the role or other principal to which the session belongs.
    pub role_arn: String,
    /// The role session name or the name of the federated user, if there is one.
    pub session_name: Option<String>,
    /// The session policies, if the session belongs to a federated user.
    pub policies: Vec<String>,
    /// The source identity, if one is set.
    pub source_identity: Option<String>,
    /// The session tags of the console session.
    pub tags: Vec<TagView>,
    /// When the console session ends.
    pub expires: Timestamp,
    /// The URL of the requested console page.
    pub destination: String,
    /// The URL of the link back to rolecall.
    pub back_href: String,
}

/// A page with a message from the embedded identity provider, sign-in endpoint or console, such as
/// that the console session has expired.
#[derive(Template)]
#[template(path = "demo/notice.html")]
pub struct DemoNoticePage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The heading of the page.
    pub title: String,
    /// The message, in plain text.
    pub text: String,
    /// The label of the button.
    pub label: String,
    /// The URL that the button leads to.
    pub href: String,
}
