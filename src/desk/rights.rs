//! A person's rights: the roles and sessions that they may use.

use std::collections::BTreeMap;

use crate::aws::arn::{AccountId, RoleArn};
use crate::aws::entitlement::{Entitlements, Role};
use crate::grant::{Grant, Grants, Held, WithoutHub};
use crate::session::Session;

/// The roles and sessions that a person may use according to their assertion and the configuration.
#[derive(Debug)]
pub struct Rights {
    entitlements: Entitlements,
    /// The hub roles of the person's chains, by ARN.
    hubs: BTreeMap<RoleArn, Role>,
    without_hub: Vec<WithoutHub>,
    grants: Vec<String>,
}

impl Rights {
    pub(super) fn new(
        grants: &Grants,
        names: &BTreeMap<AccountId, String>,
        session: &Session,
    ) -> Self {
        let held = grants.held(&session.aws.roles, &session.facts());
        let names_of_grants = held.grants();
        Self {
            hubs: hubs(grants, &names_of_grants, &held),
            grants: names_of_grants,
            without_hub: held.without_hub,
            entitlements: Entitlements::new(held.roles, names),
        }
    }

    /// The roles and sessions that the person may use, by account.
    pub fn entitlements(&self) -> &Entitlements {
        &self.entitlements
    }

    /// The chains that apply to the person but cannot start, because the person lacks the hub role.
    pub fn without_hub(&self) -> &[WithoutHub] {
        &self.without_hub
    }

    /// The names of the grants that provide at least one role, session or hub role.
    pub fn grants(&self) -> &[String] {
        &self.grants
    }

    /// The hub role with this ARN, if one of the person's chains starts from it.
    pub(super) fn hub(&self, arn: &RoleArn) -> Option<&Role> {
        self.hubs.get(arn)
    }
}

/// The hub roles of the grants with these names, by ARN. Only chains have a hub role.
fn hubs(grants: &Grants, names: &[String], held: &Held) -> BTreeMap<RoleArn, Role> {
    let given = names.iter().filter_map(|name| grants.find(name));
    given
        .filter_map(Grant::hub)
        .filter_map(|hub| Some((hub.clone(), held.hub(hub)?.clone())))
        .collect()
}
