//! Entitlements: the roles that a person may use, and where each role comes from.

use std::collections::BTreeMap;

use serde::Serialize;

use super::arn::{AccountId, PrincipalArn, ProviderArn};
use super::attribute::RoleGrant;
use super::partition::Partition;

/// The roles that a person may use after a login, grouped by account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Entitlements {
    /// The accounts: first those with a name, sorted by name (ignoring case) and then by ID; then
    /// those without a name, sorted by ID.
    pub accounts: Vec<Account>,
}

/// An account in which a person has roles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The account ID: twelve digits.
    pub id: AccountId,
    /// The name from the configuration, if there is one.
    pub name: Option<String>,
    /// The roles, sorted by name. There is at least one.
    pub roles: Vec<Role>,
}

/// A role that a person may use through one SAML provider or grant. A role from a grant may in fact
/// be an IAM user or a root user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Role {
    /// The ARN of the role, IAM user or root user.
    pub arn: PrincipalArn,
    /// The display name: for a role, the last segment of the ARN; for an IAM user, the name of the
    /// grant; for a root user, the task.
    pub name: String,
    /// Where the role comes from.
    #[serde(flatten)]
    pub through: Through,
    /// The partition of the ARN.
    pub partition: Partition,
}

/// Where a role comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Through {
    /// The assertion, through this SAML provider.
    ProviderArn(ProviderArn),
    /// The configured grant with this name.
    Grant(String),
}

impl Through {
    /// The provider's ARN or the grant's name, as used in forms and in the API. The two cannot be
    /// confused, because no grant's name begins like an ARN.
    pub fn as_str(&self) -> &str {
        match self {
            Self::ProviderArn(arn) => arn.as_str(),
            Self::Grant(name) => name,
        }
    }
}

/// Why a request for a role is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEntitled {
    /// The person does not have this role.
    #[error("the person may not use the role")]
    NotYours,
    /// The person has this role, but not through the SAML provider or grant in the request.
    #[error("the person may not use the role through this SAML provider or grant")]
    OtherProvider,
    /// The person has this role through several SAML providers or grants, and the request does not
    /// specify one.
    #[error("the person may use the role through several SAML providers or grants: specify one")]
    NameTheProvider {
        /// The providers and grants to choose from.
        providers: Vec<Through>,
    },
}

impl Entitlements {
    /// Groups roles by account. `names` contains the account names from the configuration.
    pub fn new(roles: impl IntoIterator<Item = Role>, names: &BTreeMap<AccountId, String>) -> Self {
        let mut by_account: BTreeMap<AccountId, Vec<Role>> = BTreeMap::new();
        for role in roles {
            let account = role.arn.account();
            match by_account.get_mut(account) {
                Some(roles) => roles.push(role),
                None => drop(by_account.insert(account.clone(), vec![role])),
            }
        }
        let mut accounts: Vec<Account> = by_account
            .into_iter()
            .map(|(id, roles)| {
                let name = names.get(&id).cloned();
                Account::new(id, name, roles)
            })
            .collect();
        accounts.sort_by_cached_key(Account::sort_key);
        Self { accounts }
    }

    /// Finds the role `arn`. Only this function decides whether the person may use it.
    ///
    /// `through` may be `None` if the person has the role through only one provider or grant.
    pub fn find(&self, arn: &str, through: Option<&str>) -> Result<&Role, NotEntitled> {
        let candidates: Vec<&Role> = self
            .roles()
            .filter(|role| role.arn.as_str() == arn)
            .collect();
        match (through, candidates.as_slice()) {
            (_, []) => Err(NotEntitled::NotYours),
            (None, [role]) => Ok(role),
            (None, several) => Err(NotEntitled::NameTheProvider {
                providers: several.iter().map(|role| role.through.clone()).collect(),
            }),
            (Some(through), candidates) => candidates
                .iter()
                .find(|role| role.through.as_str() == through)
                .copied()
                .ok_or(NotEntitled::OtherProvider),
        }
    }

    /// The roles that a person may mean by `account` (an ID or a name) and `role` (a name or an
    /// ARN). There may be several, because names need not be unique.
    pub fn meant(&self, account: &str, role: &str) -> Vec<(&Account, &Role)> {
        let of_account = self
            .accounts
            .iter()
            .filter(|known| known.is_called(account));
        of_account
            .flat_map(|known| known.roles.iter().map(move |role| (known, role)))
            .filter(|(_, known)| known.is_called(role))
            .collect()
    }

    /// The account with this ID, if the person has roles in it.
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == *id)
    }

    /// All roles, in the order of `accounts`.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.accounts.iter().flat_map(|account| &account.roles)
    }

    /// The number of roles. A role that the person has through two providers or grants counts
    /// twice.
    pub fn role_count(&self) -> usize {
        self.accounts
            .iter()
            .map(|account| account.roles.len())
            .sum()
    }
}

impl Account {
    fn new(id: AccountId, name: Option<String>, mut roles: Vec<Role>) -> Self {
        roles.sort_by_cached_key(Role::sort_key);
        Self { id, name, roles }
    }

    /// Whether `text` is the ID or the name of this account. Dashes in IDs and the case of names
    /// are ignored.
    fn is_called(&self, text: &str) -> bool {
        let is_name = |name: &String| name.to_lowercase() == text.to_lowercase();
        self.id.as_str() == text.replace('-', "") || self.name.as_ref().is_some_and(is_name)
    }

    fn sort_key(&self) -> (bool, Option<String>, AccountId) {
        let name = self.name.as_ref().map(|name| name.to_lowercase());
        (name.is_none(), name, self.id.clone())
    }
}

impl Role {
    fn is_called(&self, text: &str) -> bool {
        self.name.eq_ignore_ascii_case(text) || self.arn.as_str() == text
    }

    fn sort_key(&self) -> (String, PrincipalArn, Through) {
        (
            self.name.to_lowercase(),
            self.arn.clone(),
            self.through.clone(),
        )
    }
}

impl Role {
    /// The grant's name, if the ARN alone does not identify this role in a link. That is the case
    /// for IAM users and root users, because several grants may name the same user.
    pub fn grant_in_links(&self) -> Option<&str> {
        match &self.through {
            Through::Grant(name) if self.arn.role().is_none() => Some(name),
            _ => None,
        }
    }

    /// A role that takes its name and partition from its ARN.
    pub fn new(arn: impl Into<PrincipalArn>, through: Through) -> Self {
        let arn = arn.into();
        Self {
            name: arn.name().to_owned(),
            partition: arn.partition(),
            arn,
            through,
        }
    }
}

impl From<&RoleGrant> for Role {
    fn from(grant: &RoleGrant) -> Self {
        let through = Through::ProviderArn(grant.provider.clone());
        Self::new(grant.role.clone(), through)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(account: &str, role: &str, provider: &str) -> RoleGrant {
        format!(
            "arn:aws:iam::{account}:role/{role},arn:aws:iam::{account}:saml-provider/{provider}"
        )
        .parse()
        .expect("a grant")
    }

    fn entitlements(grants: &[RoleGrant], names: &[(&str, &str)]) -> Entitlements {
        let names = names
            .iter()
            .map(|(id, name)| (id.parse().expect("an account"), (*name).to_owned()))
            .collect();
        Entitlements::new(grants.iter().map(Role::from), &names)
    }

    #[test]
    fn accounts_are_sorted_by_name_then_number_and_roles_by_name() {
        let entitlements = entitlements(
            &[
                grant("000000000009", "x", "Corp"),
                grant("000000000001", "x", "Corp"),
                grant("000000000005", "x", "Corp"),
                grant("000000000004", "x", "Corp"),
                grant("000000000003", "path/b", "Corp"),
                grant("000000000003", "a", "Corp"),
                grant("000000000003", "C", "Corp"),
            ],
            &[
                ("000000000003", "Zoo"),
                ("000000000004", "alpha"),
                ("000000000005", "Alpha"),
                ("000000000007", "unused"),
            ],
        );
        let ids: Vec<&str> = entitlements
            .accounts
            .iter()
            .map(|account| account.id.as_str())
            .collect();
        assert_eq!(
            ids,
            [
                "000000000004",
                "000000000005",
                "000000000003",
                "000000000001",
                "000000000009"
            ]
        );
        let zoo = entitlements
            .account(&"000000000003".parse().expect("an ID"))
            .expect("an account");
        assert_eq!(zoo.name.as_deref(), Some("Zoo"));
        let roles: Vec<&str> = zoo.roles.iter().map(|role| role.name.as_str()).collect();
        assert_eq!(roles, ["a", "b", "C"]);
        assert_eq!(entitlements.role_count(), 7);
    }

    #[test]
    fn accounts_and_roles_are_found_by_any_of_their_names() {
        let entitlements = entitlements(
            &[
                grant("000000000001", "Admin", "Corp"),
                grant("000000000001", "path/Admin", "Corp"),
                grant("000000000001", "Reader", "Corp"),
                grant("000000000002", "Reader", "Corp"),
            ],
            &[("000000000001", "Data Platform")],
        );
        let meant = |account: &str, role: &str| {
            let meant = entitlements.meant(account, role).into_iter();
            meant
                .map(|(account, role)| format!("{}/{}", account.id.as_str(), role.arn.as_str()))
                .collect::<Vec<_>>()
        };
        let reader = ["000000000001/arn:aws:iam::000000000001:role/Reader"];
        for account in [
            "000000000001",
            "0000-0000-0001",
            "Data Platform",
            "data platform",
        ] {
            assert_eq!(meant(account, "reader"), reader, "{account}");
        }
        assert_eq!(meant("000000000001", "Admin").len(), 2);
        let arn = "arn:aws:iam::000000000001:role/path/Admin";
        assert_eq!(meant("Data Platform", arn).len(), 1);
        for (account, role) in [
            ("", "Reader"),
            ("000000000003", "Reader"),
            ("000000000001", ""),
        ] {
            assert!(meant(account, role).is_empty(), "{account} {role}");
        }
    }

    #[test]
    fn finds_only_roles_of_the_login() {
        let entitlements = entitlements(&[grant("000000000001", "Admin", "Corp")], &[]);
        let arn = "arn:aws:iam::000000000001:role/Admin";
        assert_eq!(
            entitlements.find(arn, None).map(|role| role.name.as_str()),
            Ok("Admin")
        );
        for other in [
            "",
            "Admin",
            "arn:aws:iam::000000000001:role/admin",
            "arn:aws:iam::000000000001:role/Admin ",
            "arn:aws:iam::000000000002:role/Admin",
            "arn:aws-cn:iam::000000000001:role/Admin",
        ] {
            assert_eq!(
                entitlements.find(other, None),
                Err(NotEntitled::NotYours),
                "{other:?}"
            );
        }
        assert_eq!(
            Entitlements::default().find(arn, None),
            Err(NotEntitled::NotYours)
        );
    }

    #[test]
    fn a_role_with_two_providers_must_be_named_with_one() {
        let entitlements = entitlements(
            &[
                grant("000000000001", "Admin", "One"),
                grant("000000000001", "Admin", "Two"),
            ],
            &[],
        );
        let arn = "arn:aws:iam::000000000001:role/Admin";
        let one = "arn:aws:iam::000000000001:saml-provider/One";
        let two = "arn:aws:iam::000000000001:saml-provider/Two";
        assert_eq!(entitlements.role_count(), 2);
        for provider in [one, two] {
            let role = entitlements.find(arn, Some(provider)).expect("the role");
            assert_eq!(role.through.as_str(), provider);
        }
        assert_eq!(
            entitlements.find(arn, None),
            Err(NotEntitled::NameTheProvider {
                providers: [one, two]
                    .map(|arn| Through::ProviderArn(arn.parse().expect("an ARN")))
                    .to_vec(),
            })
        );
        let three = "arn:aws:iam::000000000001:saml-provider/Three";
        assert_eq!(
            entitlements.find(arn, Some(three)),
            Err(NotEntitled::OtherProvider)
        );
    }

    #[test]
    fn is_the_json_of_the_api() {
        let entitlements = entitlements(
            &[grant("000000000001", "Admin", "Corp")],
            &[("000000000001", "prod")],
        );
        assert_eq!(
            serde_json::to_value(&entitlements).expect("JSON"),
            serde_json::json!({"accounts": [{
                "id": "000000000001",
                "name": "prod",
                "roles": [{
                    "arn": "arn:aws:iam::000000000001:role/Admin",
                    "name": "Admin",
                    "provider_arn": "arn:aws:iam::000000000001:saml-provider/Corp",
                    "partition": "aws",
                }],
            }]})
        );
    }
}
