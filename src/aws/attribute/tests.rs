use proptest::prelude::*;

use super::*;

const ROLE: &str = "https://aws.amazon.com/SAML/Attributes/Role";
const AWS: &str = "https://aws.amazon.com/SAML/Attributes/";
const CHINA: &str = "https://www.amazonaws.cn/SAML/Attributes/";

fn pair(role: &str) -> String {
    format!("arn:aws:iam::123456789012:role/{role},arn:aws:iam::123456789012:saml-provider/Corp")
}

/// Reads attributes with one value each.
fn read(attributes: &[(String, String)]) -> AwsAttributes {
    let attributes: Vec<(&str, Vec<String>)> = attributes
        .iter()
        .map(|(name, value)| (name.as_str(), vec![value.clone()]))
        .collect();
    AwsAttributes::read(
        attributes
            .iter()
            .map(|(name, values)| (*name, values.as_slice())),
    )
}

fn attribute(prefix: &str, name: &str, value: &str) -> (String, String) {
    (format!("{prefix}{name}"), value.to_owned())
}

fn names(attributes: &AwsAttributes) -> Vec<&str> {
    attributes
        .roles
        .iter()
        .map(|grant| grant.role.name())
        .collect()
}

fn reasons(attributes: &AwsAttributes) -> Vec<DropReason> {
    attributes
        .dropped
        .iter()
        .map(|dropped| dropped.reason)
        .collect()
}

#[test]
fn reads_everything_with_both_prefixes() {
    for prefix in [AWS, CHINA] {
        let read = read(&[
            attribute(prefix, "Role", &pair("Admin")),
            attribute(prefix, "RoleSessionName", " ada@example.com\n"),
            attribute(prefix, "SessionDuration", "28800"),
            attribute(prefix, "SourceIdentity", "ada"),
            attribute(
                prefix,
                "PrincipalTag:CostCenter",
                "Research and Development",
            ),
            attribute(prefix, "TransitiveTagKeys", "CostCenter"),
        ]);
        assert_eq!(names(&read), ["Admin"]);
        assert_eq!(read.session_name, "ada@example.com".parse().ok());
        assert_eq!(
            read.session_duration,
            SessionDuration::from_seconds(28_800).ok()
        );
        assert_eq!(read.source_identity, "ada".parse().ok());
        let tag = (
            "CostCenter".parse().expect("key"),
            "Research and Development".parse().expect("value"),
        );
        assert_eq!(read.principal_tags, [tag]);
        assert_eq!(
            read.transitive_tag_keys,
            ["CostCenter".parse().expect("key")]
        );
        assert_eq!(read.dropped, []);
    }
}

#[test]
fn a_malformed_role_never_hides_a_good_one() {
    let values = vec![
        "garbage".to_owned(),
        pair("First"),
        format!("{},{}", pair("Two"), pair("Three")),
        pair("Second"),
        String::new(),
    ];
    let read = AwsAttributes::read([(ROLE, values.as_slice())]);
    assert_eq!(names(&read), ["First", "Second"]);
    assert_eq!(reasons(&read), [DropReason::NotAPair; 3]);
    assert_eq!(
        read.dropped.first().map(|dropped| dropped.value.as_str()),
        Some("garbage")
    );
    assert_eq!(
        read.dropped
            .first()
            .map(|dropped| dropped.attribute.as_str()),
        Some(ROLE)
    );
    assert_eq!(read.dropped_roles(), 3);
}

#[test]
fn only_dropped_roles_are_counted_as_dropped_roles() {
    let bad = vec!["a".to_owned()];
    let prefix = "https://aws.amazon.com/SAML/Attributes/";
    let session_name = format!("{prefix}RoleSessionName");
    let misspelt = format!("{prefix}Rolle");
    let read = AwsAttributes::read([
        (session_name.as_str(), bad.as_slice()),
        (misspelt.as_str(), bad.as_slice()),
        (ROLE, bad.as_slice()),
    ]);
    assert_eq!((read.dropped.len(), read.dropped_roles()), (3, 1));
}

#[test]
fn duplicate_roles_are_merged_but_not_across_providers() {
    let other = pair("Admin").replace("/Corp", "/Other");
    let values = vec![
        pair("Dev"),
        pair("Admin"),
        pair("Dev"),
        other,
        pair("Admin"),
    ];
    let read = AwsAttributes::read([(ROLE, values.as_slice())]);
    assert_eq!(names(&read), ["Dev", "Admin", "Admin"]);
    assert_eq!(read.dropped, []);
}

#[test]
fn other_attributes_are_ignored_and_misspelled_aws_ones_are_reported() {
    let read = read(&[
        (
            "urn:oid:0.9.2342.19200300.100.1.3".to_owned(),
            "ada@example.com".to_owned(),
        ),
        ("Role".to_owned(), pair("Admin")),
        attribute(
            "HTTPS://aws.amazon.com/SAML/Attributes/",
            "Role",
            &pair("Admin"),
        ),
        attribute(AWS, "role", &pair("Admin")),
    ]);
    assert_eq!(names(&read), [] as [&str; 0]);
    assert_eq!(reasons(&read), [DropReason::UnknownAttribute]);
}

#[test]
fn single_value_attributes_keep_the_first_valid_value() {
    let read = read(&[
        attribute(AWS, "RoleSessionName", "?"),
        attribute(AWS, "RoleSessionName", "ada"),
        attribute(CHINA, "RoleSessionName", "ada"),
        attribute(AWS, "RoleSessionName", "bob"),
        attribute(AWS, "SessionDuration", "899"),
        attribute(AWS, "SessionDuration", "3600"),
        attribute(AWS, "SourceIdentity", "aws:ada"),
    ]);
    assert_eq!(read.session_name, "ada".parse().ok());
    assert_eq!(read.session_duration, Some(SessionDuration::HOUR));
    assert_eq!(read.source_identity, None);
    assert_eq!(
        reasons(&read),
        [
            DropReason::SessionName,
            DropReason::SecondValue,
            DropReason::SessionDuration,
            DropReason::SourceIdentity,
        ]
    );
}

#[test]
fn tags_beyond_the_fiftieth_and_repeated_keys_are_dropped() {
    let mut attributes: Vec<_> = (0..50)
        .map(|number| attribute(AWS, &format!("PrincipalTag:Key{number}"), "x"))
        .collect();
    attributes.insert(1, attribute(AWS, "PrincipalTag:KEY0", "y"));
    attributes.push(attribute(AWS, "PrincipalTag:Key50", "x"));
    attributes.push(attribute(AWS, "PrincipalTag:", "x"));
    attributes.push(attribute(AWS, "PrincipalTag:Bad", "<"));
    let read = read(&attributes);
    assert_eq!(read.principal_tags.len(), 50);
    assert_eq!(
        reasons(&read),
        [
            DropReason::TagRepeated,
            DropReason::TooManyTags,
            DropReason::TagKey,
            DropReason::TagValue,
        ]
    );
}

#[test]
fn transitive_keys_are_kept_once_and_at_most_fifty() {
    let mut values: Vec<String> = (0..51).map(|number| format!("Key{number}")).collect();
    values.insert(0, "Key0".to_owned());
    values.push("aws:x".to_owned());
    let name = format!("{AWS}TransitiveTagKeys");
    let read = AwsAttributes::read([(name.as_str(), values.as_slice())]);
    assert_eq!(read.transitive_tag_keys.len(), 50);
    assert_eq!(
        reasons(&read),
        [DropReason::TooManyTags, DropReason::TagKey]
    );
}

#[test]
fn the_list_of_dropped_values_is_bounded_and_says_so() {
    let values: Vec<String> = (0..130).map(|number| number.to_string()).collect();
    let read = AwsAttributes::read([(ROLE, values.as_slice())]);
    assert_eq!(read.dropped.len(), 100);
    assert_eq!(read.dropped_beyond, 30);
}

#[test]
fn survives_the_session_record() {
    let read = read(&[
        attribute(AWS, "Role", &pair("Admin")),
        attribute(AWS, "Role", "garbage"),
        attribute(AWS, "RoleSessionName", "ada"),
        attribute(AWS, "SessionDuration", "3600"),
        attribute(AWS, "SourceIdentity", "ada"),
        attribute(AWS, "PrincipalTag:Team", ""),
        attribute(AWS, "TransitiveTagKeys", "Team"),
    ]);
    let json = serde_json::to_string(&read).expect("json");
    assert_eq!(
        serde_json::from_str::<AwsAttributes>(&json).expect("attributes"),
        read
    );
}

proptest! {
    #[test]
    fn reading_never_panics_and_loses_nothing(
        local in "(Role|RoleSessionName|SessionDuration|SourceIdentity|PrincipalTag:.{0,5}|TransitiveTagKeys|.{0,8})",
        values in prop::collection::vec(any::<String>(), 0..8),
    ) {
        let name = format!("{AWS}{local}");
        let read = AwsAttributes::read([(name.as_str(), values.as_slice())]);
        let kept = read.roles.len()
            + usize::from(read.session_name.is_some())
            + usize::from(read.session_duration.is_some())
            + usize::from(read.source_identity.is_some())
            + read.principal_tags.len()
            + read.transitive_tag_keys.len();
        prop_assert!(kept + read.dropped.len() <= values.len());
        prop_assert!(values.is_empty() || kept + read.dropped.len() > 0);
    }

    #[test]
    fn a_good_role_is_found_among_any_values(
        before in prop::collection::vec(any::<String>(), 0..5),
        after in prop::collection::vec("[ ,:/a-z]*(arn:aws:iam::)?.*", 0..5),
    ) {
        let good = pair("Admin");
        let values: Vec<String> = before.into_iter().chain([good.clone()]).chain(after).collect();
        let read = AwsAttributes::read([(ROLE, values.as_slice())]);
        prop_assert!(read.roles.contains(&good.parse().expect("a grant")));
    }
}
