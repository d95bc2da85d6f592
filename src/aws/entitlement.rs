//! Entitlement: which roles a person may use.

use std::collections::BTreeMap;

use serde::Serialize;

use super::arn::{AccountId, ProviderArn, RoleArn};
use super::attribute::{AwsAttributes, RoleGrant};
use super::partition::Partition;

/// The roles that a login allows, by account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Entitlements {
    /// The accounts: those with a name first, by name without regard to case and then by ID;
    /// then those without.
    pub accounts: Vec<Account>,
}

/// An account in which a person has roles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The account's number.
    pub id: AccountId,
    /// The name that the configuration gives it.
    pub name: Option<String>,
    /// The roles, by name, at least one.
    pub roles: Vec<Role>,
}

/// A role that a person may use, through one provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Role {
    /// The role.
    pub arn: RoleArn,
    /// Its name, the last segment of the ARN.
    pub name: String,
    /// The SAML provider that vouches for it.
    pub provider_arn: ProviderArn,
    /// The partition of both.
    pub partition: Partition,
}

/// Why a person may not use a role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEntitled {
    /// The login does not name this role.
    #[error("this sign-in does not allow the role")]
    NotYours,
    /// The login names this role, but through other providers.
    #[error("this sign-in does not allow the role through this SAML provider")]
    OtherProvider,
    /// The login names this role through several providers, and the request names none.
    #[error("the role is allowed through several SAML providers: name one")]
    NameTheProvider {
        /// The providers to choose from.
        providers: Vec<ProviderArn>,
    },
}

impl Entitlements {
    /// What the attributes grant, with the accounts' names from the configuration.
    pub fn new(attributes: &AwsAttributes, names: &BTreeMap<AccountId, String>) -> Self {
        let mut roles: BTreeMap<&AccountId, Vec<Role>> = BTreeMap::new();
        for grant in &attributes.roles {
            roles
                .entry(grant.role.account())
                .or_default()
                .push(Role::from(grant));
        }
        let mut accounts: Vec<Account> = roles
            .into_iter()
            .map(|(id, roles)| Account::new(id.clone(), names.get(id).cloned(), roles))
            .collect();
        accounts.sort_by_cached_key(Account::sort_key);
        Self { accounts }
    }

    /// May this person use this role now? The one place that decides.
    ///
    /// The provider may be left out where there is only one for the role.
    pub fn find(&self, arn: &str, provider: Option<&str>) -> Result<&Role, NotEntitled> {
        let candidates: Vec<&Role> = self
            .roles()
            .filter(|role| role.arn.as_str() == arn)
            .collect();
        match (provider, candidates.as_slice()) {
            (_, []) => Err(NotEntitled::NotYours),
            (None, [role]) => Ok(role),
            (None, several) => Err(NotEntitled::NameTheProvider {
                providers: several
                    .iter()
                    .map(|role| role.provider_arn.clone())
                    .collect(),
            }),
            (Some(provider), candidates) => candidates
                .iter()
                .find(|role| role.provider_arn.as_str() == provider)
                .copied()
                .ok_or(NotEntitled::OtherProvider),
        }
    }

    /// The roles that somebody means who names an account, by number or by name, and a role, by name
    /// or by ARN: several, where one name stands for several.
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

    /// The account of this number, if there are roles in it.
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == *id)
    }

    /// All roles, in the order of the accounts.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.accounts.iter().flat_map(|account| &account.roles)
    }

    /// How many roles there are; a role with two providers counts twice.
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

    /// People write numbers with dashes, and names in any case.
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

    fn sort_key(&self) -> (String, RoleArn, ProviderArn) {
        (
            self.name.to_lowercase(),
            self.arn.clone(),
            self.provider_arn.clone(),
        )
    }
}

impl From<&RoleGrant> for Role {
    fn from(grant: &RoleGrant) -> Self {
        Self {
            arn: grant.role.clone(),
            name: grant.role.name().to_owned(),
            provider_arn: grant.provider.clone(),
            partition: grant.role.partition(),
        }
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
        let attributes = AwsAttributes {
            roles: grants.to_vec(),
            ..AwsAttributes::default()
        };
        let names = names
            .iter()
            .map(|(id, name)| (id.parse().expect("an account"), (*name).to_owned()))
            .collect();
        Entitlements::new(&attributes, &names)
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
            .account(&"000000000003".parse().expect("id"))
            .expect("Zoo");
        assert_eq!(zoo.name.as_deref(), Some("Zoo"));
        let roles: Vec<&str> = zoo.roles.iter().map(|role| role.name.as_str()).collect();
        assert_eq!(roles, ["a", "b", "C"]);
        assert_eq!(entitlements.role_count(), 7);
    }

    #[test]
    fn people_name_accounts_and_roles_in_their_own_ways() {
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
            assert_eq!(role.provider_arn.as_str(), provider);
        }
        assert_eq!(
            entitlements.find(arn, None),
            Err(NotEntitled::NameTheProvider {
                providers: vec![one.parse().expect("one"), two.parse().expect("two")],
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
            serde_json::to_value(&entitlements).expect("json"),
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
