//! What a grant wants to know first.

use askama::Template;

use super::frame::{Frame, HiddenField};
use super::markup;
use super::portal::AccountView;
use crate::web::assets;

/// Asks the person something before a role is used.
#[derive(Debug, Template)]
#[template(path = "ask.html")]
pub struct AskPage {
    /// What every page has.
    pub frame: Frame,
    /// Who is signed in.
    pub name_id: String,
    /// At which identity provider.
    pub idp_name: String,
    /// The role's account, without its roles.
    pub account: Option<AccountView>,
    /// The role's name.
    pub role_name: String,
    /// The role's ARN.
    pub role_arn: String,
    /// Where the form goes.
    pub action: &'static str,
    /// What was asked for.
    pub fields: Vec<HiddenField>,
    /// The reason, if one is wanted.
    pub reason: Option<ReasonView>,
    /// The code of an MFA device, if one is wanted.
    pub code: Option<CodeView>,
}

/// A reason that is wanted.
#[derive(Debug)]
pub struct ReasonView {
    /// What was given.
    pub given: String,
    /// Whether that was none.
    pub is_wrong: bool,
    /// Whether it goes to AWS as a tag as well.
    pub is_tagged: bool,
}

/// A code that is wanted.
#[derive(Debug)]
pub struct CodeView {
    /// The MFA device.
    pub serial: String,
    /// Whether the one that was given is wrong.
    pub is_wrong: bool,
}
