//! The pages with credentials, for one role and for several.

use std::borrow::Cow;

use askama::Template;
use secrecy::{ExposeSecret as _, SecretString};

use super::frame::Frame;
use super::markup;
use crate::web::assets;
use crate::web::texts::Timestamp;

/// The choices that a form contains in addition to the role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// The duration in seconds; empty for the default.
    pub duration_seconds: String,
    /// The region for the AWS CLI and SDKs, if one was chosen.
    pub region: Option<String>,
    /// The console page to open; `None` for its home page.
    pub destination: Option<String>,
    /// The ID of the session policy, if one was chosen.
    pub policy: Option<String>,
}

/// The session policy that reduces a role's permissions.
#[derive(Debug)]
pub struct ReducedView {
    /// The name that people see.
    pub name: String,
    /// The ARNs of its AWS managed and customer managed policies.
    pub arns: Vec<String>,
    /// Its inline policy, as JSON.
    pub document: Option<String>,
}

/// The page with one role's credentials in all formats.
#[derive(Debug, Template)]
#[template(path = "credentials.html")]
pub struct CredentialsPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The NameID of the person who is signed in.
    pub name_id: String,
    /// The name of the identity provider that they signed in with.
    pub idp_name: String,
    /// The name of the role, which is the last part of its path.
    pub role_name: String,
    /// The kind of principal, in words: a role, an IAM user or a root user.
    pub kind: String,
    /// The ARN of the role, as text.
    pub role_arn: String,
    /// The source of the role: the ARN of a SAML provider, or the name of a grant.
    pub through: String,
    /// The choices that the forms on this page contain in addition to the role.
    pub choices: Choices,
    /// Whether the role can be used to sign in to the AWS console.
    pub has_console: bool,
    /// The path of a link to the same credentials, if there is one.
    pub link: Option<String>,
    /// The account ID: twelve digits.
    pub account_id: String,
    /// The name of the account, if one is configured.
    pub account_name: Option<String>,
    /// The role session name, as CloudTrail shows it.
    pub session_name: Option<String>,
    /// The ARN that AWS reports for the credentials (`sts:GetCallerIdentity`), if it answered.
    pub seen_as: Option<String>,
    /// When the credentials expire.
    pub expires: Timestamp,
    /// The session policy that reduces the role's permissions, if there is one.
    pub reduced: Option<ReducedView>,
    /// A text about how much of AWS's limit for session policies and tags is used, if that is worth
    /// mentioning.
    pub policy_size: Option<String>,
    /// The lifetime of the credentials, in words, if it is shorter than requested.
    pub shortened: Option<String>,
    /// The texts to copy. The most common format comes first.
    pub formats: Vec<FormatView>,
}

/// The page with the credentials of several roles.
#[derive(Debug, Template)]
#[template(path = "several.html")]
pub struct SeveralPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The NameID of the person who is signed in.
    pub name_id: String,
    /// The name of the identity provider that they signed in with.
    pub idp_name: String,
    /// The earliest time at which any of the credentials expire; `None` if there are none.
    pub expires: Option<Timestamp>,
    /// The profiles in the text.
    pub profiles: Vec<ProfileView>,
    /// The text to copy: the credentials file.
    pub formats: Vec<FormatView>,
    /// The roles for which no credentials were issued.
    pub refused: Vec<RefusedView>,
}

/// A profile in a credentials file.
#[derive(Debug)]
pub struct ProfileView {
    /// The name of the profile, which is unique on the page.
    pub name: String,
    /// The ARN of the role, as text.
    pub role: String,
    /// The name of the session policy that reduces the role's permissions, if there is one.
    pub reduced: Option<String>,
}

/// A role for which no credentials were issued.
#[derive(Debug)]
pub struct RefusedView {
    /// The ARN of the role, as requested.
    pub role: String,
    /// Why no credentials were issued, in words.
    pub reason: String,
}

/// A text that contains the credentials. Its `Debug` output contains no secrets.
#[derive(Debug)]
pub struct FormatView {
    /// A stable ID of ASCII letters, digits and dashes, from which the IDs of its texts are
    /// derived. The script prefers `powershell` on Windows and `bash` elsewhere.
    pub id: &'static str,
    /// The name of the profile in the text, if the person may change it.
    pub profile: Option<String>,
    /// The name of the file in which people save the text, if they do.
    pub file_name: Option<&'static str>,
    /// The text with its secrets.
    pub text: SecretString,
    /// The same text with [`MASK`] instead of the secret access key and the session token.
    pub masked: String,
}

impl FormatView {
    fn text_id(&self) -> String {
        format!("format-{}", self.id)
    }

    /// The name of the format.
    fn label<'a>(&self, frame: &'a Frame) -> Cow<'a, str> {
        frame.texts.text(&self.text_id())
    }

    /// One line about how to use the format.
    fn hint(&self, frame: &Frame) -> String {
        frame.texts.part(&self.text_id(), "hint", &[])
    }
}

/// The text that replaces a secret until the person reveals it.
pub const MASK: &str = "********";
