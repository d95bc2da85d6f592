//! The demo's company: its accounts, its roles, and its people. Each person demonstrates a
//! different case.

use std::collections::BTreeMap;

use crate::config::Color;

use super::grants;
use super::people::{Person, attribute};
use super::role::Role;
use super::sts::RootAccess;
use super::user::User;
use crate::grant::Grant;

const PROVIDER: &str = "rolecall-demo";
const HOUR: i64 = 3600;
/// The partition, ID and name of each account that does not belong to a team.
const ACCOUNTS: [(&str, &str, &str); 6] = [
    ("aws", "111111111111", "production"),
    ("aws", "222222222222", "staging"),
    ("aws", "333333333333", "sandbox"),
    ("aws-cn", "444444444444", "china"),
    ("aws-us-gov", "555555555555", "government"),
    ("aws-eusc", "666666666666", "sovereign-europe"),
];
const ROLES: [&str; 3] = ["Administrator", "Developer", "ReadOnly"];
const TEAMS: u32 = 40;
const TEAM_ROLES: [&str; 5] = [
    "Administrator",
    "Billing",
    "Developer",
    "ReadOnly",
    "Support",
];

/// The environment label of an account and the label's color; `None` if the account has no label.
pub fn environment(account: &str) -> Option<(&'static str, Color)> {
    match account {
        "111111111111" => Some(("production", Color::Red)),
        "222222222222" => Some(("testing", Color::Blue)),
        "333333333333" => Some(("experiments", Color::Green)),
        _ => None,
    }
}

/// The accounts, roles, grants and people of a company.
#[derive(Clone, Debug)]
pub struct Organization {
    /// The people who can sign in.
    pub people: Vec<Person>,
    /// The roles in the embedded AWS.
    pub roles: Vec<Role>,
    /// The names of the accounts, by ID.
    pub accounts: BTreeMap<String, String>,
    /// The broker's own IAM user.
    pub broker: User,
    /// The IAM users for federation and session tokens. The broker has their access keys.
    pub users: Vec<User>,
    /// The organization in which the broker may perform root tasks.
    pub root_access: RootAccess,
    /// The grants, which provide roles and sessions in addition to the roles in assertions.
    pub grants: Vec<Grant>,
}

impl Organization {
    /// The demo's company. Its roles for SAML sign-in require an assertion that was sent to
    /// `acs_url`.
    pub fn example(acs_url: &str) -> Self {
        let role = |partition: &str, account: &str, name: &str| {
            Role::new(partition, account, name, PROVIDER, acs_url)
        };
        let common = roles(&ACCOUNTS, &ROLES, role);
        let teams: Vec<_> = (1..=TEAMS).map(team).collect();
        let team_roles: Vec<Role> = teams
            .iter()
            .flat_map(|(account, _)| TEAM_ROLES.map(|name| role("aws", account, name)))
            .collect();
        let production = |name| role("aws", ACCOUNTS[0].1, name);
        let mut auditor = production("Auditor");
        auditor.max_session_seconds = HOUR;
        let mut vault = production("Vault");
        vault.trust.denies = true;
        let troubles = [auditor, vault, production("Deleted")];
        let (broker, users) = (grants::broker(), grants::users());
        let granted = grants::roles(&broker, production("Hub"));
        Self {
            people: vec![
                one_role(&common),
                many_roles(&common),
                two_hundred_roles(&team_roles),
                no_role(),
                malformed_roles(&common),
                troublesome_roles(&troubles),
                grants::person(&granted),
                grants::person_without_roles(),
            ],
            grants: grants::grants(&broker, &users),
            root_access: grants::root_access(),
            users,
            broker,
            accounts: names(teams),
            // All roles except the one that demonstrates a deleted role.
            roles: [common, team_roles, troubles[..2].to_vec(), granted].concat(),
        }
    }
}

fn roles(
    accounts: &[(&str, &str, &str)],
    names: &[&str],
    role: impl Fn(&str, &str, &str) -> Role,
) -> Vec<Role> {
    let in_account = |&(partition, account, _): &(&str, &str, &str)| {
        names
            .iter()
            .map(|name| role(partition, account, name))
            .collect::<Vec<_>>()
    };
    accounts.iter().flat_map(in_account).collect()
}

fn team(number: u32) -> (String, String) {
    (
        format!("7000000000{number:02}"),
        format!("team-{number:02}"),
    )
}

fn names(teams: Vec<(String, String)>) -> BTreeMap<String, String> {
    let named = ACCOUNTS
        .iter()
        .map(|&(_, account, name)| (account.to_owned(), name.to_owned()));
    named.chain(teams).collect()
}

fn person(id: &str, name: &str, summary: &str) -> Person {
    Person {
        summary: summary.to_owned(),
        ..Person::new(id, name)
    }
    .with_attribute(attribute::ROLE_SESSION_NAME, [format!("{id}@example.com")])
}

fn with_roles(person: Person, roles: &[Role]) -> Person {
    person.with_attribute(attribute::ROLE, roles.iter().map(Role::attribute_value))
}

fn one_role(common: &[Role]) -> Person {
    let read_only = common.iter().filter(|role| role.name == "ReadOnly");
    let first: Vec<Role> = read_only.take(1).cloned().collect();
    with_roles(
        person("alice", "Alice Archer", "One role in one account"),
        &first,
    )
}

fn many_roles(common: &[Role]) -> Person {
    let summary = "18 roles in six accounts and four partitions, with tags and a source identity";
    with_roles(person("bob", "Bob Baker", summary), common)
        .with_attribute(attribute::SOURCE_IDENTITY, ["bob.baker"])
        .with_attribute(attribute::SESSION_DURATION, ["14400"])
        .with_attribute(&tag("CostCenter"), ["4711"])
        .with_attribute(&tag("Team"), ["Platform and Tools"])
        .with_attribute(attribute::TRANSITIVE_TAG_KEYS, ["CostCenter"])
}

fn two_hundred_roles(team_roles: &[Role]) -> Person {
    let summary = "Two hundred roles in forty accounts";
    with_roles(person("carol", "Carol Chen", summary), team_roles)
}

fn no_role() -> Person {
    person("dave", "Dave Dunn", "No role at all")
}

fn malformed_roles(common: &[Role]) -> Person {
    let developer = common.iter().filter(|role| role.name == "Developer");
    let good: Vec<String> = developer.take(2).map(Role::attribute_value).collect();
    let bad = [
        "not a role",
        "arn:aws:iam::111111111111:role/NoProvider",
        "arn:aws:iam::1111:role/Short,arn:aws:iam::1111:saml-provider/rolecall-demo",
        "<b>arn:aws:iam::111111111111:role/Bold</b>",
    ];
    let values = bad.into_iter().map(str::to_owned).chain(good);
    let summary = "Two roles, next to malformed values in the same attribute";
    person("erin", "Erin Evans", summary).with_attribute(attribute::ROLE, values)
}

fn troublesome_roles(troubles: &[Role]) -> Person {
    let summary = "Roles that cause errors: Auditor allows one hour at most, Vault admits nobody, \
                   Deleted is gone";
    with_roles(person("frank", "Frank Fischer", summary), troubles)
}

fn tag(key: &str) -> String {
    format!("{}{key}", attribute::PRINCIPAL_TAG)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role_values(person: &Person) -> Vec<&str> {
        let attributes = person.attributes.iter();
        let of_roles = attributes.filter(|attribute| attribute.name == attribute::ROLE);
        of_roles
            .flat_map(|attribute| &attribute.values)
            .map(String::as_str)
            .collect()
    }

    #[test]
    fn every_person_has_what_their_summary_promises() {
        let example = Organization::example("https://sp.example.com/acs");
        let counts: Vec<_> = example
            .people
            .iter()
            .map(|person| role_values(person).len())
            .collect();
        assert_eq!(counts, [1, 18, 200, 0, 6, 3, 1, 0]);
        let known: Vec<String> = example.roles.iter().map(Role::attribute_value).collect();
        let unknown: Vec<_> = example
            .people
            .iter()
            .flat_map(role_values)
            .filter(|value| !known.iter().any(|known| known == value))
            .collect();
        assert_eq!(
            unknown.len(),
            5,
            "four malformed ones and a deleted one: {unknown:?}"
        );
    }

    #[test]
    fn every_account_has_a_name() {
        let example = Organization::example("https://sp.example.com/acs");
        assert_eq!(example.accounts.len(), 46);
        for role in &example.roles {
            assert!(
                example.accounts.contains_key(&role.account),
                "{}",
                role.arn()
            );
        }
    }
}
