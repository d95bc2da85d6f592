//! The page that asks for a reason or an MFA code before a role is used.

use askama::Template;

use super::frame::{Frame, HiddenField};
use super::markup;
use super::portal::AccountView;
use crate::web::assets;

/// The page on which the person enters a reason or an MFA code before a role is used.
#[derive(Debug, Template)]
#[template(path = "ask.html")]
pub struct AskPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The name of the person who is signed in.
    pub person: String,
    /// The name of the identity provider at which the person signed in.
    pub idp_name: String,
    /// The role's account, without the account's list of roles.
    pub account: Option<AccountView>,
    /// The display name of the role, IAM user or root user.
    pub role_name: String,
    /// The ARN of the role, IAM user or root user.
    pub role_arn: String,
    /// The path to which the form is posted.
    pub action: &'static str,
    /// The fields of the original request, which the form repeats.
    pub fields: Vec<HiddenField>,
    /// The field for a reason, if one is required.
    pub reason: Option<ReasonView>,
    /// The field for an MFA code, if one is required.
    pub code: Option<CodeView>,
}

/// The field for a reason.
#[derive(Debug)]
pub struct ReasonView {
    /// The valid reason that the person entered, or an empty string.
    pub given: String,
    /// Whether the person entered something that does not count as a reason.
    pub is_wrong: bool,
    /// Whether the reason is sent to AWS as a session tag.
    pub is_tagged: bool,
}

/// The field for an MFA code.
#[derive(Debug)]
pub struct CodeView {
    /// The serial number (ARN) of the MFA device.
    pub serial: String,
    /// Whether the person has already entered a code and must enter a new one.
    pub is_wrong: bool,
}
