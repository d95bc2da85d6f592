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
    /// The console page to open; `None` for the console's home page.
    pub destination: Option<String>,
    /// The ID of the session policy, if one was chosen.
    pub policy: Option<String>,
}

/// A configured session policy that the request or link specifies.
#[derive(Debug)]
pub struct ReducedView {
    /// The name of the session policy, as pages show it.
    pub name: String,
    /// The ARNs of the AWS managed and customer managed policies in the session policy.
    pub arns: Vec<String>,
    /// The inline policy, as JSON, if the session policy contains one.
    pub document: Option<String>,
}

/// The page with one role's credentials in all formats.
#[derive(Debug, Template)]
#[template(path = "credentials.html")]
pub struct CredentialsPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The name of the person who is signed in.
    pub person: String,
    /// The name of the identity provider at which the person signed in.
    pub idp_name: String,
    /// The display name of the role, IAM user or root user.
    pub role_name: String,
    /// The kind of principal, in words: a role, an IAM user or a root user.
    pub kind: String,
    /// The ARN of the role, IAM user or root user.
    pub role_arn: String,
    /// The source of the role: the ARN of a SAML provider, or the name of a grant.
    pub through: String,
    /// The choices that the forms on this page contain in addition to the role.
    pub choices: Choices,
    /// Whether the role can be used to sign in to the AWS console.
    pub has_console: bool,
    /// A link to this role's credentials with the same choices: `/go` with a query. `None` if the
    /// person no longer has roles in the account.
    pub link: Option<String>,
    /// The account ID: twelve digits.
    pub account_id: String,
    /// The name of the account, if one is configured.
    pub account_name: Option<String>,
    /// The session name, as CloudTrail shows it, if there is one.
    pub session_name: Option<String>,
    /// The ARN that AWS reports for the credentials (`sts:GetCallerIdentity`), if the call
    /// succeeded.
    pub seen_as: Option<String>,
    /// When the credentials expire.
    pub expires: Timestamp,
    /// The session policy that the person chose, if any.
    pub reduced: Option<ReducedView>,
    /// How much of AWS's limit for session policies and tags is used, in words. `None` if this is
    /// unknown or not worth mentioning.
    pub policy_size: Option<String>,
    /// The lifetime of the credentials, in words, if it is shorter than requested.
    pub shortened: Option<String>,
    /// The credentials to copy, in each format. The most common format comes first.
    pub formats: Vec<FormatView>,
}

/// The page with credentials for several roles.
#[derive(Debug, Template)]
#[template(path = "several.html")]
pub struct SeveralPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The name of the person who is signed in.
    pub person: String,
    /// The name of the identity provider at which the person signed in.
    pub idp_name: String,
    /// The earliest time at which any of the credentials expire; `None` if none were issued.
    pub expires: Option<Timestamp>,
    /// The profiles in the credentials file.
    pub profiles: Vec<ProfileView>,
    /// The only format: a credentials file to copy.
    pub formats: Vec<FormatView>,
    /// The roles for which no credentials were issued.
    pub refused: Vec<RefusedView>,
}

/// A profile in a credentials file.
#[derive(Debug)]
pub struct ProfileView {
    /// The name of the profile, which is unique on the page.
    pub name: String,
    /// The ARN of the role, IAM user or root user.
    pub role: String,
    /// The name of the session policy that the person chose, if any.
    pub reduced: Option<String>,
}

/// A role for which no credentials were issued.
#[derive(Debug)]
pub struct RefusedView {
    /// The requested role, shortened if it is long. It may not be a valid ARN.
    pub role: String,
    /// Why no credentials were issued, in words.
    pub reason: String,
}

/// Credentials in one format. The `Debug` output contains no secrets.
#[derive(Debug)]
pub struct FormatView {
    /// A stable ID of ASCII letters, digits and dashes. The IDs of the format's label and hint are
    /// derived from it. Until the person chooses a format, the script shows `powershell` on Windows
    /// and `bash` elsewhere.
    pub id: &'static str,
    /// The name of the profile in `text`, if the person may change it.
    pub profile: Option<String>,
    /// The file name for downloads, if people usually keep this format in a file.
    pub file_name: Option<&'static str>,
    /// The credentials as text to copy, including the secrets.
    pub text: SecretString,
    /// The same text, but with [`MASK`] instead of the secret access key and the session token.
    pub masked: String,
}

impl FormatView {
    fn text_id(&self) -> String {
        format!("format-{}", self.id)
    }

    /// The name of the format, in the reader's language.
    fn label<'a>(&self, frame: &'a Frame) -> Cow<'a, str> {
        frame.texts.text(&self.text_id())
    }

    /// An instruction for using the format, on one line.
    fn hint(&self, frame: &Frame) -> String {
        frame.texts.part(&self.text_id(), "hint", &[])
    }
}

/// The text that replaces a secret until the person reveals it.
pub const MASK: &str = "********";
