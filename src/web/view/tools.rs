//! What AWS can be asked beside credentials.

use askama::Template;

use super::frame::Frame;
use super::markup;
use super::portal::ChoiceOption;
use crate::web::assets;

/// Asks AWS what a refusal was about, and whose an access key is.
#[derive(Debug, Template)]
#[template(path = "tools.html")]
pub struct ToolsPage {
    /// What every page has.
    pub frame: Frame,
    /// Who is signed in.
    pub name_id: String,
    /// At which identity provider.
    pub idp_name: String,
    /// The roles that may ask.
    pub roles: Vec<ChoiceOption>,
    /// The encoded message that was asked about.
    pub message: String,
    /// What it says.
    pub refused: Option<RefusedRequestView>,
    /// The access key ID that was asked about.
    pub access_key_id: String,
    /// Its account's number, and the account's name, where one is configured.
    pub account: Option<(String, Option<String>)>,
}

/// A request that AWS refused.
#[derive(Debug)]
pub struct RefusedRequestView {
    /// Whether something forbids it or nothing allows it, in words.
    pub verdict: String,
    /// Who asked.
    pub principal: String,
    /// What was to be done.
    pub action: String,
    /// With what.
    pub resource: String,
    /// What else held, by condition keys.
    pub conditions: Vec<(String, Vec<String>)>,
    /// The statements that forbid it, as JSON.
    pub statements: Vec<String>,
}
