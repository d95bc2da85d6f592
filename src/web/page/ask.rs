//! What a grant wants to know first.

use askama::Template;

use super::{AccountView, Frame, HiddenField, markup};
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
    /// Whether a reason is wanted.
    pub asks_reason: bool,
    /// The reason that was given.
    pub reason: String,
    /// Whether that was none.
    pub is_reason_wrong: bool,
    /// The MFA device whose code is wanted.
    pub mfa_serial: Option<String>,
    /// Whether the code that was given is wrong.
    pub is_code_wrong: bool,
}
