//! Credentials, of one role and of several.

use std::borrow::Cow;

use askama::Template;
use secrecy::{ExposeSecret as _, SecretString};

use super::frame::Frame;
use super::markup;
use crate::web::assets;
use crate::web::texts::Timestamp;

/// What a form for a role asks for beside the role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// How long, in seconds; empty for the default.
    pub duration_seconds: String,
    /// The region.
    pub region: Option<String>,
    /// The page of the console.
    pub destination: Option<String>,
    /// The id of the session policy.
    pub policy: Option<String>,
}

/// What a role is reduced to.
#[derive(Debug)]
pub struct ReducedView {
    /// The session policy's name.
    pub name: String,
    /// The ARNs of the managed policies.
    pub arns: Vec<String>,
    /// The inline policy.
    pub document: Option<String>,
}

/// Credentials, in all forms.
#[derive(Debug, Template)]
#[template(path = "credentials.html")]
pub struct CredentialsPage {
    /// What every page has.
    pub frame: Frame,
    /// Who is signed in.
    pub name_id: String,
    /// At which identity provider.
    pub idp_name: String,
    /// The role's name.
    pub role_name: String,
    /// What it is, in words: a role, an IAM user or a root user.
    pub kind: String,
    /// The role's ARN.
    pub role_arn: String,
    /// What gives it to the person: the ARN of a SAML provider, or the name of a grant.
    pub through: String,
    /// What the forms on this page ask for.
    pub choices: Choices,
    /// Whether AWS signs people in to the console with it.
    pub has_console: bool,
    /// The link to the same credentials: a path of ours.
    pub link: Option<String>,
    /// Twelve digits.
    pub account_id: String,
    /// The account's name, where one is configured.
    pub account_name: Option<String>,
    /// The name of the role session, as CloudTrail shows it.
    pub session_name: Option<String>,
    /// Who the credentials are for AWS, where it says so.
    pub seen_as: Option<String>,
    /// When the credentials expire.
    pub expires: Timestamp,
    /// What the role is reduced to, if it is.
    pub reduced: Option<ReducedView>,
    /// In words, how much of AWS's room for session policies and tags is taken.
    pub policy_size: Option<String>,
    /// In words, how long the credentials live, if that is less than was asked for.
    pub shortened: Option<String>,
    /// The texts to copy, the most common one first.
    pub formats: Vec<FormatView>,
}

/// Credentials of several roles.
#[derive(Debug, Template)]
#[template(path = "several.html")]
pub struct SeveralPage {
    /// What every page has.
    pub frame: Frame,
    /// Who is signed in.
    pub name_id: String,
    /// At which identity provider.
    pub idp_name: String,
    /// When the first of the credentials expire.
    pub expires: Option<Timestamp>,
    /// The profiles.
    pub profiles: Vec<ProfileView>,
    /// The text to copy.
    pub formats: Vec<FormatView>,
    /// The roles that there are no credentials for.
    pub refused: Vec<RefusedView>,
}

/// A profile.
#[derive(Debug)]
pub struct ProfileView {
    /// Its name.
    pub name: String,
    /// The role's ARN.
    pub role: String,
    /// The name of the session policy that the role is reduced to, if it is.
    pub reduced: Option<String>,
}

/// A role that was refused.
#[derive(Debug)]
pub struct RefusedView {
    /// The role's ARN, as it was asked for.
    pub role: String,
    /// Why.
    pub reason: String,
}

/// A text that carries the credentials; its `Debug` has no secret.
#[derive(Debug)]
pub struct FormatView {
    /// A stable name: ASCII letters, digits and dashes. The script prefers `powershell` on
    /// Windows and `bash` elsewhere. What people read goes by it.
    pub id: &'static str,
    /// The name of the profile in it, where the person may change that.
    pub profile: Option<String>,
    /// What a file with the text is called, if people keep it in one.
    pub file_name: Option<&'static str>,
    /// The text.
    pub text: SecretString,
    /// The same text of credentials whose secret key and session token are [`MASK`].
    pub masked: String,
}

impl FormatView {
    fn text_id(&self) -> String {
        format!("format-{}", self.id)
    }

    /// What to call it.
    fn label<'a>(&self, frame: &'a Frame) -> Cow<'a, str> {
        frame.texts.text(&self.text_id())
    }

    /// One line on how to use it.
    fn hint(&self, frame: &Frame) -> String {
        frame.texts.part(&self.text_id(), "hint", &[])
    }
}

/// What stands in for a secret until it is shown.
pub const MASK: &str = "********";
