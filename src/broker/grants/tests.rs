use chrono::{DateTime, TimeDelta};

use super::*;
use crate::aws::attribute::AwsAttributes;
use crate::grant::facts::Attributes;
use crate::grant::{Condition, condition::Test};
use crate::saml::{NameId, Person};
use crate::session::AssertionKey;

const HUB: &str = "arn:aws:iam::111111111111:role/Hub";
const ADMIN: &str = "arn:aws:iam::111111111111:role/Admin";
const AUDIT: &str = "arn:aws:iam::222222222222:role/Audit";

/// Somebody of these groups, whose assertion names these roles.
fn session(groups: &[&str], roles: &[&str]) -> Session {
    let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let role = |arn: &&str| {
        let account = arn.split(':').nth(4).unwrap();
        let pair = format!("{arn},arn:aws:iam::{account}:saml-provider/corp");
        pair.parse().unwrap()
    };
    let groups = groups.iter().map(|group| (*group).to_owned()).collect();
    Session {
        person: Person {
            idp: "corp".to_owned(),
            name_id: "ada".to_owned(),
        },
        name_id: NameId::default(),
        session_index: None,
        began_at: now,
        authenticated_at: None,
        authn_context: None,
        attributes: Attributes::from([("groups".to_owned(), groups)]),
        aws: AwsAttributes {
            roles: roles.iter().map(role).collect(),
            ..AwsAttributes::default()
        },
        assertion: None,
        assertion_key: AssertionKey::new().unwrap(),
        redeemable_until: now,
        expires_at: now + TimeDelta::hours(8),
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

/// Role and what gives it, of each.
fn shown(roles: &[Role]) -> Vec<(&str, &str)> {
    let shown = roles.iter();
    shown
        .map(|role| (role.arn.as_str(), role.through.as_str()))
        .collect()
}

const CORP: &str = "arn:aws:iam::111111111111:saml-provider/corp";

#[test]
fn a_role_is_there_once_and_the_configuration_says_by_what() {
    let grants = || vec![grant("a", ADMIN, directly()), grant("b", ADMIN, directly())];
    let person = session(&["a", "b"], &[ADMIN]);
    for (are_preferred, expected) in [(true, "a"), (false, CORP)] {
        let held = Grants::new(grants(), are_preferred).held(&person);
        assert_eq!(shown(&held.roles), [(ADMIN, expected)]);
        assert!(held.hubs.is_empty());
    }
    // Of two grants the first that is for the person counts.
    let held = Grants::new(grants(), true).held(&session(&["b"], &[]));
    assert_eq!(shown(&held.roles), [(ADMIN, "b")]);
}

/// Whatever the kinds of the grants are: a later one that asks for less must not win.
#[test]
fn the_first_grant_in_the_file_counts() {
    let chain = || grant("a", AUDIT, from_hub(false));
    let direct = || grant("b", AUDIT, directly());
    let person = session(&["a", "b"], &[HUB]);
    for (grants, expected) in [
        (vec![chain(), direct()], "a"),
        (vec![direct(), chain()], "b"),
    ] {
        let held = Grants::new(grants, true).held(&person);
        assert_eq!(shown(&held.roles), [(AUDIT, expected)]);
    }
    // A chain that cannot begin gives nothing, and leaves the role to the next.
    let held = Grants::new(vec![chain(), direct()], true).held(&session(&["a", "b"], &[]));
    assert_eq!(shown(&held.roles), [(AUDIT, "b")]);
}

#[test]
fn whoever_meets_no_condition_has_what_the_assertion_says() {
    let grants = Grants::new(vec![grant("a", AUDIT, directly())], true);
    let held = grants.held(&session(&["other"], &[ADMIN]));
    assert_eq!(shown(&held.roles), [(ADMIN, CORP)]);
    assert!(grants.held(&session(&[], &[])).roles.is_empty());
}

#[test]
fn a_chain_needs_its_hub_and_hides_it() {
    let chain = |offers_hub| Grants::new(vec![grant("a", AUDIT, from_hub(offers_hub))], true);
    let held = chain(false).held(&session(&["a"], &[HUB, ADMIN]));
    assert_eq!(shown(&held.roles), [(AUDIT, "a"), (ADMIN, CORP)]);
    assert_eq!(shown(&held.hubs), [(HUB, CORP)]);
    assert!(held.hub(&HUB.parse().unwrap()).is_some());
    let held = chain(true).held(&session(&["a"], &[HUB]));
    assert_eq!(shown(&held.roles), [(AUDIT, "a"), (HUB, CORP)]);
    // Without the hub there is nothing to begin at.
    let held = chain(false).held(&session(&["a"], &[ADMIN]));
    assert_eq!(shown(&held.roles), [(ADMIN, CORP)]);
    assert_eq!(held.without_hub[0].grant, "a");
    assert!(held.grants().is_empty());
    // Whom the chain is not for keeps the role.
    let held = chain(false).held(&session(&[], &[HUB]));
    assert_eq!(shown(&held.roles), [(HUB, CORP)]);
}

#[test]
fn a_hub_may_come_from_another_grant_but_not_from_a_chain() {
    let hub = grant("a", HUB, directly());
    let chain = grant("a2", AUDIT, from_hub(false));
    let grants = Grants::new(vec![chain, hub], true);
    let held = grants.held(&session(&["a", "a2"], &[]));
    assert_eq!(shown(&held.roles), [(AUDIT, "a2")]);
    assert_eq!(shown(&held.hubs), [(HUB, "a")]);
    let loops = grant("b", HUB, from_hub(false));
    let held = Grants::new(vec![loops], true).held(&session(&["b"], &[]));
    assert!(held.roles.is_empty() && held.hubs.is_empty());
}
