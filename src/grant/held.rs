//! Held roles: the roles that a person has from the assertion and from configured grants.

use std::collections::BTreeSet;

use crate::aws::arn::{PrincipalArn, RoleArn};
use crate::aws::attribute::RoleGrant;
use crate::aws::entitlement::{Role, Through};
use crate::grant::{Facts, Grant, Via};

/// The configured grants.
#[derive(Debug, Default)]
pub struct Grants {
    all: Vec<Grant>,
    /// Whether a grant takes precedence over the assertion if both provide the same role.
    are_preferred: bool,
}

/// The roles that a person has.
#[derive(Debug, Default)]
pub struct Held {
    /// The roles that the person may use.
    pub roles: Vec<Role>,
    /// Roles that serve only as the start of a chain.
    pub hubs: Vec<Role>,
    /// Chains that apply to the person but cannot be used, because the person lacks the hub role.
    pub without_hub: Vec<WithoutHub>,
}

/// How many roles a person has, and which grants provide them.
#[derive(Debug)]
pub struct HeldSummary {
    /// The number of roles, including those from the assertion.
    pub roles: usize,
    /// The names of the grants that provide at least one role or hub role.
    pub grants: Vec<String>,
}

/// A chain that the person cannot use because they lack its hub role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithoutHub {
    /// The name of the chain's grant.
    pub grant: String,
    /// The ARN of the hub role that the person lacks.
    pub hub: RoleArn,
}

impl Grants {
    /// `grants` must be in configuration order: if two grants provide the same role, the first one
    /// applies.
    pub fn new(grants: Vec<Grant>, are_preferred: bool) -> Self {
        Self {
            all: grants,
            are_preferred,
        }
    }

    /// The names of the grants for which people who sign in at this IdP may have to enter an MFA
    /// code.
    pub fn with_code_at<'a>(&'a self, idp: &'a str) -> impl Iterator<Item = &'a str> {
        let grants = self.all.iter();
        let with_code = grants.filter(|grant| grant.wants_code_at(idp));
        with_code.map(|grant| grant.name.as_str())
    }

    /// The grant with this name.
    pub fn find(&self, name: &str) -> Option<&Grant> {
        self.all.iter().find(|grant| grant.name == name)
    }

    /// Summarizes a person's roles for the audit trail. If no grant applies, which is the usual
    /// case, the list of roles is not built.
    pub fn summary(&self, asserted: &[RoleGrant], facts: &Facts<'_>) -> HeldSummary {
        if self.all.iter().any(|grant| grant.is_for(facts)) {
            let held = self.held(asserted, facts);
            HeldSummary {
                roles: held.roles.len(),
                grants: held.grants(),
            }
        } else {
            HeldSummary {
                roles: asserted.len(),
                grants: Vec::new(),
            }
        }
    }

    /// The roles of a person: those in their assertion, `asserted`, and those from the grants that
    /// apply to a person with these `facts`.
    pub fn held(&self, asserted: &[RoleGrant], facts: &Facts<'_>) -> Held {
        let asserted: Vec<Role> = asserted.iter().map(Role::from).collect();
        let grants: Vec<&Grant> = self.all.iter().filter(|g| g.is_for(facts)).collect();
        if grants.is_empty() {
            return Held {
                roles: asserted,
                ..Held::default()
            };
        }
        let of = |grant: &Grant, arn: &PrincipalArn| Role {
            name: grant.label(arn),
            ..Role::new(arn.clone(), Through::Grant(grant.name.clone()))
        };
        // A chain can start only from a role that the assertion or a grant other than a chain
        // provides.
        let is_chain = |grant: &&Grant| matches!(grant.via, Via::Chain { .. });
        let direct = grants.iter().filter(|grant| !is_chain(grant));
        let direct = direct.flat_map(|grant| &grant.roles);
        let direct: BTreeSet<&RoleArn> = direct.filter_map(PrincipalArn::role).collect();
        let is = |role: &Role, arn: &RoleArn| role.arn.role() == Some(arn);
        let has = |hub: &RoleArn| direct.contains(hub) || asserted.iter().any(|role| is(role, hub));
        let (mut granted, mut without_hub) = (Vec::new(), Vec::new());
        let (mut seen, mut hidden) = (BTreeSet::new(), BTreeSet::new());
        // The grants are in configuration order, so the first grant for a role applies.
        for grant in &grants {
            if let Via::Chain { hub, offers_hub } = &grant.via {
                if !has(hub) {
                    without_hub.push(WithoutHub {
                        grant: grant.name.clone(),
                        hub: hub.clone(),
                    });
                    continue;
                }
                if !offers_hub {
                    hidden.insert(hub.clone());
                }
            }
            let new = grant
                .roles
                .iter()
                .filter(|arn| seen.insert(((*arn).clone(), grant.variant())));
            granted.extend(new.map(|arn| of(grant, arn)));
        }
        let is_among =
            |roles: &[Role], arn: &PrincipalArn| roles.iter().any(|role| role.arn == *arn);
        let (mut roles, others) = if self.are_preferred {
            (granted, asserted)
        } else {
            (asserted, granted)
        };
        let first = roles.clone();
        roles.extend(
            others
                .into_iter()
                .filter(|role| !is_among(&first, &role.arn)),
        );
        let is_hidden = |role: &Role| role.arn.role().is_some_and(|arn| hidden.contains(arn));
        let (hubs, roles) = roles.into_iter().partition(is_hidden);
        Held {
            roles,
            hubs,
            without_hub,
        }
    }
}

impl Held {
    /// The names of the grants that provide at least one role or hub role.
    pub fn grants(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for role in self.roles.iter().chain(&self.hubs) {
            match &role.through {
                Through::Grant(name) if !names.contains(name) => names.push(name.clone()),
                _ => {}
            }
        }
        names
    }

    /// The role with this ARN, for use as the start of a chain.
    pub fn hub(&self, arn: &RoleArn) -> Option<&Role> {
        let mut roles = self.hubs.iter().chain(&self.roles);
        roles.find(|role| role.arn.role() == Some(arn))
    }
}

#[cfg(test)]
mod tests;
