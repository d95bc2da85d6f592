//! The error page.

use askama::Template;

use super::frame::{Frame, HiddenField};
use super::markup;
use crate::web::assets;

/// The page that explains an error and what the person can do about it.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The heading of the page, without a final period.
    pub title: String,
    /// What happened, with AWS's message if there is one.
    pub what_happened: String,
    /// What the person can do now, and what their administrator may have to change.
    pub what_to_do: String,
    /// The person and the requested role, if an administrator may need to know them.
    pub about: Option<AboutView>,
    /// The request ID, which an administrator can find in the log.
    pub request_id: String,
    /// The button for the most helpful next step.
    pub button: HelpButton,
    /// Whether to offer a button to sign out.
    pub signed_in: bool,
}

/// The person who is signed in, and the role that they requested.
#[derive(Debug)]
pub struct AboutView {
    /// The name of the person who is signed in.
    pub person: String,
    /// The requested role, which may not be a valid ARN.
    pub role: String,
}

/// The button on an error page.
#[derive(Debug)]
pub enum HelpButton {
    /// A link to another page.
    Link {
        /// The label of the button.
        label: String,
        /// The URL that the button leads to.
        href: String,
    },
    /// A form that is posted.
    Post {
        /// The label of the button.
        label: String,
        /// The path to which the form is posted.
        action: String,
        /// The hidden fields of the form.
        fields: Vec<HiddenField>,
    },
}
