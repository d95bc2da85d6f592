//! Fuzzes the parser for AWS's SAML attributes with known or arbitrary names and arbitrary values.
#![no_main]

use std::collections::BTreeMap;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use rolecall::aws::attribute::AwsAttributes;
use rolecall::aws::entitlement::{Entitlements, Role};

#[derive(Arbitrary, Debug)]
struct Pair {
    name: AttributeName,
    values: Vec<String>,
}

#[derive(Arbitrary, Debug)]
enum AttributeName {
    Role,
    RoleSessionName,
    SessionDuration,
    SourceIdentity,
    Tag(String),
    TransitiveTagKeys,
    Other(String),
}

impl AttributeName {
    fn text(&self) -> String {
        let prefix = "https://aws.amazon.com/SAML/Attributes/";
        match self {
            Self::Role => format!("{prefix}Role"),
            Self::RoleSessionName => format!("{prefix}RoleSessionName"),
            Self::SessionDuration => format!("{prefix}SessionDuration"),
            Self::SourceIdentity => format!("{prefix}SourceIdentity"),
            Self::Tag(key) => format!("{prefix}PrincipalTag:{key}"),
            Self::TransitiveTagKeys => format!("{prefix}TransitiveTagKeys"),
            Self::Other(name) => name.clone(),
        }
    }
}

fuzz_target!(|pairs: Vec<Pair>| {
    let names: Vec<_> = pairs.iter().map(|pair| pair.name.text()).collect();
    let given = names.iter().zip(&pairs);
    let read =
        AwsAttributes::read(given.map(|(name, pair)| (name.as_str(), pair.values.as_slice())));
    let entitlements = Entitlements::new(read.roles.iter().map(Role::from), &BTreeMap::new());
    // A role is listed only if its ARN appears in a value of the Role attribute.
    for role in entitlements.roles() {
        let arn = role.arn.to_string();
        let is_granted = |(name, pair): (&String, &Pair)| {
            name.ends_with("/Role") && pair.values.iter().any(|value| value.contains(&arn))
        };
        assert!(names.iter().zip(&pairs).any(is_granted), "{arn}");
        let provider = role.through.as_str();
        assert!(entitlements.find(&arn, Some(provider)).is_ok(), "{arn}");
    }
    let _ = read.dropped_roles();
});
