//! The pages about roles: the portal with all roles, the page for a link to a role, and the page
//! for people without roles.

use std::collections::HashMap;

use askama::Template;

use super::credentials::{Choices, ReducedView};
use super::frame::Frame;
use super::markup;
use crate::config;
use crate::web::assets;
use crate::web::limits::MAX_ROLES;
use crate::web::texts::Timestamp;

/// The page with the roles of the person who is signed in.
#[derive(Debug, Template)]
#[template(path = "portal.html")]
pub struct PortalPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The name of the person who is signed in.
    pub person: String,
    /// The name of the identity provider at which the person signed in.
    pub idp_name: String,
    /// When the rolecall session ends.
    pub session_expires: Timestamp,
    /// The choices for the duration of credentials. One option is selected.
    pub durations: Vec<ChoiceOption>,
    /// The duration of console sessions, in words, if the assertion specifies it.
    pub console_duration: Option<String>,
    /// The regions to choose from, if any. One option is selected.
    pub regions: Vec<ChoiceOption>,
    /// The console pages to choose from, if any. One option is selected.
    pub destinations: Vec<ChoiceOption>,
    /// The session policies to choose from, if any. One option is selected.
    pub policies: Vec<ChoiceOption>,
    /// The session policy for which roles have a switch, if there is one. If the policy is
    /// selected, all switches are initially on.
    pub switch: Option<ChoiceOption>,
    /// Whether to link to the tools, with which the person can ask AWS about refused requests and
    /// access keys.
    pub has_tools: bool,
    /// The accounts, in the order in which they are shown.
    pub accounts: Vec<AccountView>,
}

impl NoRolesPage {
    fn lede(&self) -> String {
        let (name, idp) = (self.person.as_str(), self.idp_name.as_str());
        let values = [("name", name.into()), ("idp", idp.into())];
        self.frame.texts.with("no-roles-lede", &values)
    }
}

impl PortalPage {
    /// The role and its account, if the person has exactly one role.
    fn only_role(&self) -> Option<(&AccountView, &RoleView)> {
        match self.accounts.as_slice() {
            [account] => match account.roles.as_slice() {
                [role] => Some((account, role)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The number of roles in all accounts.
    fn role_count(&self) -> usize {
        self.accounts
            .iter()
            .map(|account| account.roles.len())
            .sum()
    }

    /// The ID of the selected session policy, for the links to roles.
    fn linked_policy(&self) -> Option<&str> {
        let chosen = self.policies.iter().chain(&self.switch);
        let mut chosen = chosen.filter(|option| option.selected && !option.value.is_empty());
        chosen.next().map(|option| option.value.as_str())
    }
}

/// One of several options to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceOption {
    /// The value that the form submits.
    pub value: String,
    /// The label that people see.
    pub label: String,
    /// Whether the option is selected.
    pub selected: bool,
}

/// A label that describes the purpose of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLabel {
    /// The text of the label: the configured environment of the account.
    pub text: String,
    /// The name of a color for which the style sheet contains a class.
    pub color: &'static str,
}

/// Collects the configured labels, by account ID.
pub fn account_labels(accounts: &[config::Account]) -> HashMap<String, AccountLabel> {
    let labels = accounts.iter().filter_map(|account| {
        let text = account.environment.clone()?;
        let color = account.color.name();
        Some((account.id.clone(), AccountLabel { text, color }))
    });
    labels.collect()
}

/// An account with its roles.
#[derive(Debug)]
pub struct AccountView {
    /// The account ID: twelve digits.
    pub id: String,
    /// The name of the account, if one is configured.
    pub name: Option<String>,
    /// The label that describes the purpose of the account, if one is configured.
    pub label: Option<AccountLabel>,
    /// The name of the partition, for accounts outside the `aws` partition.
    pub partition: Option<String>,
    /// The roles, in the order in which they are shown.
    pub roles: Vec<RoleView>,
}

/// A role that the person may use. As in [`Role`](crate::aws::entitlement::Role), it can also be an
/// IAM user or a root user.
#[derive(Debug)]
pub struct RoleView {
    /// The display name: for a role, its name without the path; for an IAM user, the name of the
    /// grant; for a root user, the task.
    pub name: String,
    /// The kind of principal, in words: a role, an IAM user or a root user.
    pub kind: String,
    /// The ARN of the role, IAM user or root user.
    pub arn: String,
    /// The source of the role: the ARN of a SAML provider, or the name of a grant.
    pub through: String,
    /// The link to the role: `/go` with a query that identifies the role.
    pub link: String,
    /// The maximum lifetime of credentials, in words. It is always set for IAM users, root users
    /// and role chains. For other roles, it is set only if the grant specifies a maximum or AWS has
    /// refused a longer duration.
    pub at_most: Option<String>,
    /// The grant's requirements, in words. Credentials for a role with requirements cannot be
    /// requested together with credentials for other roles.
    pub needs: Option<String>,
    /// Whether people cannot choose a session policy: the grant sets one, or AWS accepts none.
    pub has_policy: bool,
    /// What the role can be used for.
    pub good_for: GoodFor,
    /// Whether to show the source, because the same role is available from several sources.
    pub show_provider: bool,
}

/// What a role can be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoodFor {
    /// Both the console and credentials.
    Everything,
    /// Only credentials: the role cannot be used to sign in to the AWS console.
    Credentials,
    /// Nothing, because the role's partition is not configured.
    Nothing,
}

impl RoleView {
    fn has_console(&self) -> bool {
        self.good_for == GoodFor::Everything
    }

    fn is_served(&self) -> bool {
        self.good_for != GoodFor::Nothing
    }

    /// The key under which the browser stores a favorite or recent role. For an IAM user or root
    /// user, it includes the grant, because the user may appear with several grants.
    fn key(&self) -> String {
        if self.arn.contains(":role/") {
            self.arn.clone()
        } else {
            format!("{} {}", self.arn, self.through)
        }
    }
}

/// The page for a link to a role (`/go`). It shows the role, or several roles to choose from.
#[derive(Debug, Template)]
#[template(path = "go.html")]
pub struct GoPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The name of the person who is signed in.
    pub person: String,
    /// The name of the identity provider at which the person signed in.
    pub idp_name: String,
    /// The roles that the link may refer to, at least one.
    pub roles: Vec<GoRole>,
    /// The session policy that the link specifies, if any. If there are several roles, the page
    /// shows the policy as it applies to the first.
    pub reduced: Option<ReducedView>,
    /// Whether the link leads to credentials rather than to the console.
    pub wants_credentials: bool,
    /// The choices that the forms on this page contain in addition to the role.
    pub choices: Choices,
    /// Whether the script submits the form for the console or for credentials as soon as the page
    /// loads.
    pub at_once: bool,
}

/// A role that a link may refer to.
#[derive(Debug)]
pub struct GoRole {
    /// The role's account, without the account's list of roles.
    pub account: AccountView,
    /// The role as the portal shows it.
    pub role: RoleView,
    /// The role's source, requirements, session parameters and policies.
    pub behind: BehindView,
}

/// The details of a role: its source, requirements, session parameters and policies.
#[derive(Debug)]
pub struct BehindView {
    /// The source of the role, in words.
    pub given_by: String,
    /// The grant's requirements, in words.
    pub asks: Vec<String>,
    /// The session parameters that rolecall will send to AWS.
    pub parameters: Vec<FactView>,
    /// Why the role cannot be used, in words, if a session parameter is missing or invalid.
    pub problem: Option<String>,
    /// The policies that the grant sets: the ARNs and the JSON document of its session policy, or
    /// the ARN of the root task's policy.
    pub policies: Vec<String>,
}

/// A session parameter that rolecall will send to AWS, such as a session tag.
#[derive(Debug)]
pub struct FactView {
    /// The name of the parameter, in words.
    pub name: String,
    /// The value that is sent to AWS.
    pub value: String,
    /// Whether the parameter is a transitive tag, which role chaining passes on.
    pub is_transitive: bool,
}

/// The page for people who are signed in but have no roles.
#[derive(Debug, Template)]
#[template(path = "no_roles.html")]
pub struct NoRolesPage {
    /// The texts and the brand, which every page needs.
    pub frame: Frame,
    /// The name of the person who is signed in.
    pub person: String,
    /// The name of the identity provider at which the person signed in.
    pub idp_name: String,
    /// The request ID, which an administrator can find in the log.
    pub request_id: String,
    /// The number of invalid roles in the assertion, which rolecall dropped; at most 100.
    pub dropped: usize,
}
