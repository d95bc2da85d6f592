//! Something went wrong.

use askama::Template;

use super::frame::{Frame, HiddenField};
use super::markup;
use crate::web::assets;

/// Something went wrong.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// What every page has.
    pub frame: Frame,
    /// The page's heading, without a full stop.
    pub title: String,
    /// What happened, in one or two sentences.
    pub what_happened: String,
    /// What the person can do now, in one or two sentences.
    pub what_to_do: String,
    /// Whom and what it is about, where a role was asked for.
    pub about: Option<AboutView>,
    /// The request's ID.
    pub request_id: String,
    /// The one thing that helps most.
    pub button: HelpButton,
    /// Whether to offer signing out.
    pub signed_in: bool,
}

/// Who asked for which role.
#[derive(Debug)]
pub struct AboutView {
    /// Who is signed in.
    pub name_id: String,
    /// The role, as it was asked for.
    pub role: String,
}

/// The button on an error page.
#[derive(Debug)]
pub enum HelpButton {
    /// Goes to a page.
    Link {
        /// What it says.
        label: String,
        /// Where it leads.
        href: String,
    },
    /// Sends a form.
    Post {
        /// What it says.
        label: String,
        /// Where the form goes.
        action: String,
        /// What the form says.
        fields: Vec<HiddenField>,
    },
}
