//! What the pages show: one struct a page, filled by the handlers. No logic, and no knowledge of
//! the other rooms.
//!
//! Every string is escaped where it is written. Addresses (`href`, `action`) are the handlers'
//! responsibility: they are paths of ours or addresses from the configuration, never a person's
//! input.

mod demo;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use askama::Template;
use secrecy::{ExposeSecret as _, SecretString};

pub use self::demo::{DemoConsolePage, DemoIdpPage, DemoNoticePage, DemoPostPage, PersonView};
use super::assets;
use super::brand::Brand;
use super::logout::SignedOut;
use super::several::MAX_ROLES;
use super::texts::Texts;
use crate::config;

/// The page as an answer.
pub fn respond(status: StatusCode, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(html) => HttpResponse::build(status)
            .content_type(ContentType::html())
            .body(html),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// What every page has.
#[derive(Clone)]
pub struct Frame {
    /// The texts, in the reader's language.
    pub texts: &'static Texts,
    /// Whose service it is.
    pub brand: Arc<Brand>,
}

impl Frame {
    /// A text without values.
    fn t(&self, id: &str) -> Cow<'_, str> {
        self.texts.text(id)
    }

    /// A text in which `value` stands for `name`.
    fn with(&self, id: &str, name: &'static str, value: &str) -> String {
        self.texts.with(id, &[(name, value.into())])
    }

    /// A text that depends on a number, which stands for `name`.
    fn count(&self, id: &str, name: &'static str, number: usize) -> String {
        self.texts.with(id, &[(name, number.into())])
    }
}

/// A point in time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Timestamp {
    /// For programs: RFC 3339, in UTC, to the second.
    pub rfc3339: String,
    /// For people, in UTC. The script replaces it by the browser's own time.
    pub text: String,
}

/// A field that a form carries along.
#[derive(Clone)]
pub struct HiddenField {
    /// The field's name.
    pub name: String,
    /// The field's value.
    pub value: String,
}

/// Where to sign in.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// What every page has.
    pub frame: Frame,
    /// The identity providers to choose from.
    pub idps: Vec<IdpLink>,
    /// Whether an e-mail address leads to one of them.
    pub asks_for_email: bool,
    /// Where the person has just signed out, if they have.
    pub signed_out: Option<SignedOut>,
}

/// An identity provider to sign in with.
pub struct IdpLink {
    /// What people call it.
    pub name: String,
    /// `/login?idp=…`.
    pub href: String,
    /// Whether this browser signed in with it last.
    pub is_last: bool,
}

/// The roles of the person who is signed in.
#[derive(Template)]
#[template(path = "portal.html")]
pub struct PortalPage {
    /// What every page has.
    pub frame: Frame,
    /// Who is signed in.
    pub name_id: String,
    /// At which identity provider.
    pub idp_name: String,
    /// When the session ends.
    pub session_expires: Timestamp,
    /// How long credentials may live, one of them selected.
    pub durations: Vec<ChoiceOption>,
    /// The regions that are offered, if any are, one of them selected.
    pub regions: Vec<ChoiceOption>,
    /// The pages of the console that are offered, if any are, one of them selected.
    pub destinations: Vec<ChoiceOption>,
    /// The permissions that are offered, if any are, one of them selected.
    pub policies: Vec<ChoiceOption>,
    /// The session policy that is a switch beside each role, if there is one; selected if all of the
    /// switches are on.
    pub switch: Option<ChoiceOption>,
    /// The accounts, in the order they are shown.
    pub accounts: Vec<AccountView>,
}

impl NoRolesPage {
    fn lede(&self) -> String {
        let (name, idp) = (self.name_id.as_str(), self.idp_name.as_str());
        let values = [("name", name.into()), ("idp", idp.into())];
        self.frame.texts.with("no-roles-lede", &values)
    }
}

impl ReplaceSessionPage {
    fn lede(&self) -> String {
        let (current, new) = (self.current.as_str(), self.new.as_str());
        let values = [("current", current.into()), ("new", new.into())];
        self.frame.texts.with("replace-lede", &values)
    }
}

impl PortalPage {
    /// The only role, with its account, if there is no other.
    fn only_role(&self) -> Option<(&AccountView, &RoleView)> {
        match self.accounts.as_slice() {
            [account] => match account.roles.as_slice() {
                [role] => Some((account, role)),
                _ => None,
            },
            _ => None,
        }
    }

    /// How many roles there are.
    fn role_count(&self) -> usize {
        self.accounts
            .iter()
            .map(|account| account.roles.len())
            .sum()
    }

    /// The session policy that links to roles have in them.
    fn linked_policy(&self) -> Option<&str> {
        let chosen = self.policies.iter().chain(&self.switch);
        let mut chosen = chosen.filter(|option| option.selected && !option.value.is_empty());
        chosen.next().map(|option| option.value.as_str())
    }
}

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
pub struct ReducedView {
    /// The session policy's name.
    pub name: String,
    /// The ARNs of the managed policies.
    pub arns: Vec<String>,
    /// The inline policy.
    pub document: Option<String>,
}

/// One of several things to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceOption {
    /// For the form.
    pub value: String,
    /// For people.
    pub label: String,
    /// Whether it is the one that holds.
    pub selected: bool,
}

/// What an account is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLabel {
    /// In words.
    pub text: String,
    /// The name of a colour, which a class of the style sheet has.
    pub color: &'static str,
}

/// Those that are configured, by the accounts' numbers.
pub fn account_labels(accounts: &[config::Account]) -> HashMap<String, AccountLabel> {
    let labels = accounts.iter().filter_map(|account| {
        let text = account.environment.clone()?;
        let color = account.color.name();
        Some((account.id.clone(), AccountLabel { text, color }))
    });
    labels.collect()
}

/// An account with its roles.
pub struct AccountView {
    /// Twelve digits.
    pub id: String,
    /// The account's name, where one is configured.
    pub name: Option<String>,
    /// What it is for, where that is configured.
    pub label: Option<AccountLabel>,
    /// What to call the partition, for accounts outside the `aws` partition.
    pub partition: Option<String>,
    /// The roles, in the order they are shown.
    pub roles: Vec<RoleView>,
}

/// A role that the person may use.
pub struct RoleView {
    /// The last part of its path.
    pub name: String,
    /// The role's ARN.
    pub arn: String,
    /// The ARN of the SAML provider that it is used through.
    pub provider_arn: String,
    /// The link to it: a path of ours.
    pub link: String,
    /// Whether to show the provider, since the same role comes with several.
    pub show_provider: bool,
}

/// The role that a link means, or several to choose from.
#[derive(Template)]
#[template(path = "go.html")]
pub struct GoPage {
    /// What every page has.
    pub frame: Frame,
    /// Who is signed in.
    pub name_id: String,
    /// At which identity provider.
    pub idp_name: String,
    /// The roles, at least one.
    pub roles: Vec<GoRole>,
    /// What the role is reduced to, if it is; where there are several, the first.
    pub reduced: Option<ReducedView>,
    /// Whether the link is for credentials, and not for the console.
    pub wants_credentials: bool,
    /// What the forms on this page ask for.
    pub choices: Choices,
    /// Whether the script presses the button.
    pub at_once: bool,
}

/// A role that a link may mean.
pub struct GoRole {
    /// The account, without its roles.
    pub account: AccountView,
    /// The role.
    pub role: RoleView,
}

/// Who the person is, and what AWS will be told of them.
#[derive(Template)]
#[template(path = "me.html")]
pub struct MePage {
    /// What every page has.
    pub frame: Frame,
    /// Who is signed in.
    pub name_id: String,
    /// At which identity provider.
    pub idp_name: String,
    /// The format of the name, if the identity provider says one.
    pub name_id_format: Option<String>,
    /// When the session began.
    pub began: Timestamp,
    /// When the session ends.
    pub session_expires: Timestamp,
    /// How many roles there are.
    pub roles: usize,
    /// The role session name.
    pub session_name: Option<String>,
    /// The source identity.
    pub source_identity: Option<String>,
    /// How long console sessions last, in words, where the identity provider says so.
    pub console_duration: Option<String>,
    /// The session tags.
    pub tags: Vec<TagView>,
    /// What the identity provider wrote in a form that AWS does not take.
    pub dropped: Vec<DroppedView>,
    /// How many more there were.
    pub dropped_beyond: usize,
}

/// A session tag.
pub struct TagView {
    /// The tag's key.
    pub name: String,
    /// The tag's value.
    pub value: String,
    /// Whether it goes along to further roles.
    pub is_transitive: bool,
}

/// A value that was left out.
pub struct DroppedView {
    /// The attribute's name.
    pub attribute: String,
    /// The value, cut short.
    pub value: String,
    /// Why.
    pub reason: String,
}

/// Signed in, but nothing to use.
#[derive(Template)]
#[template(path = "no_roles.html")]
pub struct NoRolesPage {
    /// What every page has.
    pub frame: Frame,
    /// Who is signed in.
    pub name_id: String,
    /// At which identity provider.
    pub idp_name: String,
    /// The request's ID.
    pub request_id: String,
    /// How many roles the identity provider named in a form that cannot be read.
    pub dropped: usize,
}

/// Credentials, in all forms. Holds secrets, hence no `Debug`.
#[derive(Template)]
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
    /// The role's ARN.
    pub role_arn: String,
    /// The ARN of the SAML provider that it is used through.
    pub provider_arn: String,
    /// What the forms on this page ask for.
    pub choices: Choices,
    /// The link to the same credentials: a path of ours.
    pub link: Option<String>,
    /// Twelve digits.
    pub account_id: String,
    /// The account's name, where one is configured.
    pub account_name: Option<String>,
    /// The name of the role session, as CloudTrail shows it.
    pub session_name: Option<String>,
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

/// Credentials of several roles. Holds secrets, hence no `Debug`.
#[derive(Template)]
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
pub struct ProfileView {
    /// Its name.
    pub name: String,
    /// The role's ARN.
    pub role: String,
    /// The name of the session policy that the role is reduced to, if it is.
    pub reduced: Option<String>,
}

/// A role that was refused.
pub struct RefusedView {
    /// The role's ARN, as it was asked for.
    pub role: String,
    /// Why.
    pub reason: String,
}

/// A text that carries the credentials.
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

/// Something went wrong.
#[derive(Template)]
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
    /// The request's ID.
    pub request_id: String,
    /// The one thing that helps most.
    pub button: HelpButton,
    /// Whether to offer signing out.
    pub signed_in: bool,
}

/// The button on an error page.
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

/// Goes on with what the person asked for before signing in again.
#[derive(Template)]
#[template(path = "continue.html")]
pub struct ContinuePage {
    /// What every page has.
    pub frame: Frame,
    /// Where the form goes.
    pub action: String,
    /// What the form says.
    pub fields: Vec<HiddenField>,
}

/// Our request on its way to an IdP that takes it by POST.
#[derive(Template)]
#[template(path = "to_idp.html")]
pub struct ToIdpPage {
    /// What every page has.
    pub frame: Frame,
    /// The IdP's name.
    pub idp: String,
    /// What happens there, as the name of a text.
    pub purpose: &'static str,
    /// Its service.
    pub action: String,
    /// What the form says.
    pub fields: Vec<HiddenField>,
}

/// A login that nobody started here would replace another person's session.
#[derive(Template)]
#[template(path = "replace_session.html")]
pub struct ReplaceSessionPage {
    /// What every page has.
    pub frame: Frame,
    /// Who is signed in.
    pub current: String,
    /// Whom the new login is for.
    pub new: String,
    /// The new login's one-time code.
    pub code: String,
}
