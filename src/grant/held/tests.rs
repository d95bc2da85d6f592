use super::*;
use crate::grant::facts::Attributes;
use crate::grant::{Condition, condition::Test};

const HUB: &str = "arn:aws:iam::111111111111:role/Hub";
const ADMIN: &str = "arn:aws:iam::111111111111:role/Admin";
const AUDIT: &str = "arn:aws:iam::222222222222:role/Audit";

/// A person's groups, and the roles in their assertion.
struct Somebody {
    attributes: Attributes,
    asserted: Vec<RoleGrant>,
}

impl Somebody {
    fn with(groups: &[&str], roles: &[&str]) -> Self {
        let role = |arn: &&str| {
            let account = arn.split(':').nth(4).unwrap();
            let pair = format!("{arn},arn:aws:iam::{account}:saml-provider/corp");
            pair.parse().unwrap()
        };
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        Self {
            attributes: Attributes::from([("groups".to_owned(), groups)]),
            asserted: roles.iter().map(role).collect(),
        }
    }

    fn has(&self, grants: &Grants) -> Held {
        let facts = Facts {
            idp: "corp",
            name_id: "ada",
            session_name: None,
            source_identity: None,
            attributes: &self.attributes,
        };
        grants.held(&self.asserted, &facts)
    }
}

fn grant(name: &str, role: &str, via: Via) -> Grant {
    let group = Test::AnyOf(vec![name.to_owned()]);
    let when = vec![Condition::new("groups".to_owned(), group)];
    Grant::new(name, when, vec![role.parse().unwrap()], via)
}

fn directly() -> Via {
    Via::AssumeRole {
        mfa_serial: None,
        contexts: Vec::new(),
    }
}

fn from_hub(offers_hub: bool) -> Via {
    let hub = HUB.parse().unwrap();
    Via::Chain { hub, offers_hub }
}

/// Each role's ARN, with the ARN of its provider or the name of its grant.
fn shown(roles: &[Role]) -> Vec<(&str, &str)> {
    let shown = roles.iter();
    shown
        .map(|role| (role.arn.as_str(), role.through.as_str()))
        .collect()
}

const CORP: &str = "arn:aws:iam::111111111111:saml-provider/corp";

#[test]
fn a_role_is_listed_once_and_the_configuration_sets_its_source() {
    let grants = || vec![grant("a", ADMIN, directly()), grant("b", ADMIN, directly())];
    let person = Somebody::with(&["a", "b"], &[ADMIN]);
    for (are_preferred, expected) in [(true, "a"), (false, CORP)] {
        let held = person.has(&Grants::new(grants(), are_preferred));
        assert_eq!(shown(&held.roles), [(ADMIN, expected)]);
        assert!(held.hubs.is_empty());
    }
    // A grant that does not apply to the person is skipped.
    let held = Somebody::with(&["b"], &[]).has(&Grants::new(grants(), true));
    assert_eq!(shown(&held.roles), [(ADMIN, "b")]);
}

/// The kinds of the grants do not matter: a later grant that requires less must not win.
#[test]
fn the_first_matching_grant_in_the_file_applies() {
    let chain = || grant("a", AUDIT, from_hub(false));
    let direct = || grant("b", AUDIT, directly());
    let person = Somebody::with(&["a", "b"], &[HUB]);
    for (grants, expected) in [
        (vec![chain(), direct()], "a"),
        (vec![direct(), chain()], "b"),
    ] {
        let held = person.has(&Grants::new(grants, true));
        assert_eq!(shown(&held.roles), [(AUDIT, expected)]);
    }
    // A chain provides nothing to a person who lacks its hub, so the next grant provides the role.
    let held = Somebody::with(&["a", "b"], &[]).has(&Grants::new(vec![chain(), direct()], true));
    assert_eq!(shown(&held.roles), [(AUDIT, "b")]);
}

#[test]
fn without_a_matching_grant_only_asserted_roles_are_held() {
    let grants = Grants::new(vec![grant("a", AUDIT, directly())], true);
    let held = Somebody::with(&["other"], &[ADMIN]).has(&grants);
    assert_eq!(shown(&held.roles), [(ADMIN, CORP)]);
    assert!(Somebody::with(&[], &[]).has(&grants).roles.is_empty());
}

#[test]
fn a_chain_requires_its_hub_and_hides_it() {
    let chain = |offers_hub| Grants::new(vec![grant("a", AUDIT, from_hub(offers_hub))], true);
    let held = Somebody::with(&["a"], &[HUB, ADMIN]).has(&chain(false));
    assert_eq!(shown(&held.roles), [(AUDIT, "a"), (ADMIN, CORP)]);
    assert_eq!(shown(&held.hubs), [(HUB, CORP)]);
    assert!(held.hub(&HUB.parse().unwrap()).is_some());
    let held = Somebody::with(&["a"], &[HUB]).has(&chain(true));
    assert_eq!(shown(&held.roles), [(AUDIT, "a"), (HUB, CORP)]);
    // Without the hub, the chain cannot start.
    let held = Somebody::with(&["a"], &[ADMIN]).has(&chain(false));
    assert_eq!(shown(&held.roles), [(ADMIN, CORP)]);
    assert_eq!(held.without_hub[0].grant, "a");
    assert!(held.grants().is_empty());
    // A person who does not meet the conditions of the chain keeps the hub role.
    let held = Somebody::with(&[], &[HUB]).has(&chain(false));
    assert_eq!(shown(&held.roles), [(HUB, CORP)]);
}

#[test]
fn a_hub_may_come_from_another_grant_but_not_from_a_chain() {
    let hub = grant("a", HUB, directly());
    let chain = grant("a2", AUDIT, from_hub(false));
    let grants = Grants::new(vec![chain, hub], true);
    let held = Somebody::with(&["a", "a2"], &[]).has(&grants);
    assert_eq!(shown(&held.roles), [(AUDIT, "a2")]);
    assert_eq!(shown(&held.hubs), [(HUB, "a")]);
    let loops = grant("b", HUB, from_hub(false));
    let held = Somebody::with(&["b"], &[]).has(&Grants::new(vec![loops], true));
    assert!(held.roles.is_empty() && held.hubs.is_empty());
}
