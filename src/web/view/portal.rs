//! The roles that there are: all of them, one that a link means, or none.

use std::collections::HashMap;

use askama::Template;

use super::credentials::{Choices, ReducedView};
use super::frame::Frame;
use super::markup;
use crate::config;
use crate::web::assets;
use crate::web::limits::MAX_ROLES;
use crate::web::texts::Timestamp;

/// The roles of the person who is signed in.
#[derive(Debug, Template)]
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
    /// How long console sessions last, in words, where the identity provider says so.
    pub console_duration: Option<String>,
    /// The regions that are offered, if any are, one of them selected.
    pub regions: Vec<ChoiceOption>,
    /// The pages of the console that are offered, if any are, one of them selected.
    pub destinations: Vec<ChoiceOption>,
    /// The permissions that are offered, if any are, one of them selected.
    pub policies: Vec<ChoiceOption>,
    /// The session policy that is a switch beside each role, if there is one; selected if all of
    /// the switches are on.
    pub switch: Option<ChoiceOption>,
    /// Whether the person may ask AWS what a refusal was about.
    pub has_tools: bool,
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
#[derive(Debug)]
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
#[derive(Debug)]
pub struct RoleView {
    /// The last part of its path.
    pub name: String,
    /// What it is, in words: a role, an IAM user or a root user.
    pub kind: String,
    /// Its ARN.
    pub arn: String,
    /// What gives it to the person: the ARN of a SAML provider, or the name of a grant.
    pub through: String,
    /// The link to it: a path of ours.
    pub link: String,
    /// How long credentials live at most, in words, where AWS has refused more.
    pub at_most: Option<String>,
    /// What the person has to do first, in words; such a role is used by itself.
    pub needs: Option<String>,
    /// Whether it has a session policy of its own, which takes no other beside it, or takes none.
    pub has_policy: bool,
    /// What it can be used for.
    pub good_for: GoodFor,
    /// Whether to show the provider, since the same role comes with several.
    pub show_provider: bool,
}

/// What a role can be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoodFor {
    /// The console and credentials.
    Everything,
    /// Credentials: AWS signs nobody in to the console with it.
    Credentials,
    /// Nothing: its partition is not served here.
    Nothing,
}

impl RoleView {
    fn has_console(&self) -> bool {
        self.good_for == GoodFor::Everything
    }

    fn is_served(&self) -> bool {
        self.good_for != GoodFor::Nothing
    }

    /// What favourites are kept by. Of a user there may be several, each by a grant of its own.
    fn key(&self) -> String {
        if self.arn.contains(":role/") {
            self.arn.clone()
        } else {
            format!("{} {}", self.arn, self.through)
        }
    }
}

/// The role that a link means, or several to choose from.
#[derive(Debug, Template)]
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
#[derive(Debug)]
pub struct GoRole {
    /// The account, without its roles.
    pub account: AccountView,
    /// The role.
    pub role: RoleView,
    /// What stands behind it.
    pub behind: BehindView,
}

/// What stands behind a role, and what AWS will be told.
#[derive(Debug)]
pub struct BehindView {
    /// What gives it to the person, in words.
    pub given_by: String,
    /// What the person has to do first, in words.
    pub asks: Vec<String>,
    /// What AWS is told of the person.
    pub told: Vec<FactView>,
    /// Why AWS cannot be told, in words.
    pub problem: Option<String>,
    /// The session policies that the configuration sets.
    pub policies: Vec<String>,
}

/// Something that AWS is told.
#[derive(Debug)]
pub struct FactView {
    /// What it is, in words.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Whether it goes along to further roles.
    pub is_transitive: bool,
}

/// Signed in, but nothing to use.
#[derive(Debug, Template)]
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
