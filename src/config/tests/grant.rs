//! Tests of `[[grant]]`, `[tools]` and `[aws]`.

mod oidc;
mod users;

use super::*;
use crate::aws::partition::Partition;
use crate::aws::session_policy::SessionPolicy;
use crate::aws::sts::MfaSerial;
use crate::grant::condition::Test;
use crate::grant::{Condition, Reason, Via};

const GRANT: &str = "[[grant]]\nname = \"g\"\nrole_arns = [\"arn:aws:iam::111111111111:role/A\"]\n";

/// The only grant in the configuration of the every-key test, as a list.
pub(super) fn of_every_key() -> Vec<Grant> {
    let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned();
    vec![Grant {
        name: "prod admins".to_owned(),
        idp: Some("one".to_owned()),
        when: vec![Condition::new(
            "groups".to_owned(),
            Test::AnyOf(vec!["a".to_owned(), "b".to_owned()]),
        )],
        roles: vec!["arn:aws:iam::111111111111:role/Admin".parse().unwrap()],
        via: Via::Chain {
            hub: "arn:aws:iam::111111111111:role/Hub".parse().unwrap(),
            offers_hub: true,
        },
        session_name: "{NameID|local}".parse().unwrap(),
        source_identity: Some("{attribute:uid}".parse().unwrap()),
        tags: Vec::new(),
        transitive_tags: Vec::new(),
        external_id: Some("id".parse().unwrap()),
        policy: Some(SessionPolicy::new(vec![arn], None).unwrap()),
        max_duration: 900.try_into().ok(),
        reason: Some(Reason {
            tag: Some("Reason".parse().unwrap()),
        }),
        fresh_login_seconds: Some(60),
    }]
}

fn grant(lines: &str) -> Result<Config, Mistakes> {
    load_with(&format!("{GRANT}{lines}"))
}

#[test]
fn a_grant_without_conditions_is_a_mistake() {
    assert_eq!(
        only_mistake(grant("via = \"assume-role\"")),
        "grant[0].when"
    );
    let config = grant("via = \"assume-role\"\nwhen = []").unwrap();
    assert!(config.grants[0].when.is_empty());
    for (when, key) in [
        ("[{ attribute = \"a\" }]", "any_of"),
        ("[{ attribute = \"a\", any_of = [] }]", "any_of"),
        (
            "[{ attribute = \"a\", any_of = [\"x\"], matches = \"x\" }]",
            "any_of",
        ),
        ("[{ attribute = \"a\", matches = \"(\" }]", "matches"),
        ("[{ attribute = \" \", matches = \"x\" }]", "attribute"),
        ("[{ any_of = [\"x\"] }]", "attribute"),
        (
            "[{ attribute = \"a\", none_of = [\"x\"], any_of = [\"x\"] }]",
            "none_of",
        ),
    ] {
        let key = format!("grant[0].when[0].{key}");
        let lines = format!("via = \"assume-role\"\nwhen = {when}");
        assert_eq!(only_mistake(grant(&lines)), key, "{when}");
    }
}

#[test]
fn parameters_that_sts_would_refuse_are_mistakes() {
    let keys = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".chars();
    let many: Vec<_> = keys.map(|key| format!("x{key}{key} = \"x\"")).collect();
    let many = many.join(",");
    let contexts =
        "{ provider_arn = \"arn:aws:iam::aws:contextProvider/x\", assertion = \"abcd\" },";
    for (lines, key) in [
        ("session_name = \"a b\"", "session_name"),
        ("session_name = \"{attribute:\"", "session_name"),
        ("session_name = \"{nameid}\"", "session_name"),
        ("source_identity = \"aws:me\"", "source_identity"),
        ("tags = { \"aws:x\" = \"y\" }", "tags.aws:x"),
        ("tags = { x = \"<\" }", "tags.x"),
        ("tags = { x = 1 }", "tags.x"),
        ("tags = { x = \"1\", X = \"2\" }", "tags"),
        (&format!("tags = {{ {many} }}"), "tags"),
        ("transitive_tags = [\"x\"]", "transitive_tags"),
        (
            "tags = { x = \"1\" }\ntransitive_tags = [\"x\", \"x\"]",
            "transitive_tags",
        ),
        ("external_id = \"a b\"", "external_id"),
        ("external_id_file = \"none\"", "external_id_file"),
        (
            "external_id = \"ab\"\nexternal_id_file = \"external-id\"",
            "external_id_file",
        ),
        ("mfa_serial = \"short\"", "mfa_serial"),
        (
            &format!("provided_contexts = [{}]", contexts.repeat(6)),
            "provided_contexts",
        ),
        (
            "provided_contexts = [{ provider_arn = \"x\", assertion = \"yyyy\" }]",
            "provided_contexts[0].provider_arn",
        ),
        ("policy_arns = []", "policy_arns"),
        ("policy_arns = [\"ReadOnlyAccess\"]", "policy_arns"),
        ("max_duration_seconds = 899", "max_duration_seconds"),
        ("max_duration_seconds = 43201", "max_duration_seconds"),
        ("reason_tag = \"Reason\"", "reason_tag"),
        (
            "require_reason = true\nreason_tag = \"WHY\"\ntags = { Why = \"x\" }",
            "reason_tag",
        ),
        ("session_name = \"{NameID} x\"", "session_name"),
        ("source_identity = \"aws:{NameID}\"", "source_identity"),
        ("tags = { x = \"<{NameID}>\" }", "tags.x"),
        (
            "require_fresh_login_seconds = 59",
            "require_fresh_login_seconds",
        ),
        (
            "hub_role_arn = \"arn:aws:iam::111111111111:role/H\"",
            "hub_role_arn",
        ),
        ("offer_hub = true", "offer_hub"),
        ("idp = \"other\"", "idp"),
    ] {
        let lines = format!("via = \"assume-role\"\nwhen = []\n{lines}");
        assert_eq!(
            only_mistake(grant(&lines)),
            format!("grant[0].{key}"),
            "{lines}"
        );
    }
    for (via, key) in [
        ("\"chain\"", "hub_role_arn"),
        ("\"assume\"", "via"),
        (
            "\"chain\"\nhub_role_arn = \"arn:aws-cn:iam::111111111111:role/H\"",
            "role_arns",
        ),
        (
            "\"chain\"\nhub_role_arn = \"arn:aws:iam::111111111111:role/H\"\nmax_duration_seconds = 3601",
            "max_duration_seconds",
        ),
        (
            "\"chain\"\nhub_role_arn = \"arn:aws:iam::111111111111:role/H\"\nmfa_serial = \"123456789\"",
            "mfa_serial",
        ),
    ] {
        let lines = format!("when = []\nvia = {via}");
        assert_eq!(
            only_mistake(grant(&lines)),
            format!("grant[0].{key}"),
            "{lines}"
        );
    }
}

#[test]
fn role_arns_must_be_valid_and_unique() {
    let roles = |roles: &str| {
        let role = "\"arn:aws:iam::111111111111:role/A\"";
        load_with(&format!(
            "{}via = \"assume-role\"\nwhen = []",
            GRANT.replace(role, roles)
        ))
    };
    for list in [
        "",
        "\"arn:aws:iam::111111111111:role/A\", \"arn:aws:iam::111111111111:role/A\"",
        "\"arn:aws:iam::111111111111:role/A,arn:aws:iam::111111111111:saml-provider/c\"",
        "\"arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x_1\"",
    ] {
        assert_eq!(only_mistake(roles(list)), "grant[0].role_arns", "{list}");
    }
}

/// Two identity providers can use the same name for different groups.
#[test]
fn a_grant_names_its_idp_if_there_are_several() {
    let other = "[[idp]]\nid = \"other\"\nname = \"O\"\nmetadata_file = \"o.xml\"\n";
    let grant = |idp: &str| {
        load_with(&format!(
            "{other}{GRANT}via = \"assume-role\"\nwhen = []\n{idp}"
        ))
    };
    assert_eq!(only_mistake(grant("")), "grant[0].idp");
    assert_eq!(only_mistake(grant("idp = \"third\"")), "grant[0].idp");
    assert_eq!(grant("idp = \"*\"").unwrap().grants[0].idp, None);
    let one = grant("idp = \"other\"").unwrap();
    assert_eq!(one.grants[0].idp.as_deref(), Some("other"));
    let tools = load_with(&format!("{other}[tools]\nwhen = []"));
    assert_eq!(only_mistake(tools), "tools.idp");
}

/// rolecall has one AWS identity, which belongs to one partition.
#[test]
fn directly_assumed_roles_belong_to_one_partition() {
    let china = GRANT
        .replace("arn:aws:", "arn:aws-cn:")
        .replace("\"g\"", "\"h\"");
    let both =
        format!("{GRANT}via = \"assume-role\"\nwhen = []\n{china}via = \"assume-role\"\nwhen = []");
    assert_eq!(only_mistake(load_with(&both)), "grant[1].role_arns");
}

#[test]
fn grant_names_are_unique_and_no_arns() {
    let named = |name: &str| {
        let text = GRANT.replace("\"g\"", &format!("{name:?}"));
        load_with(&format!("{text}via = \"assume-role\"\nwhen = []"))
    };
    named("prod admins").unwrap();
    let long = "x".repeat(65);
    for name in ["", " x", "arn:x", "a\tb", &long] {
        assert_eq!(only_mistake(named(name)), "grant[0].name", "{name:?}");
    }
    let twice = format!("{GRANT}via = \"assume-role\"\nwhen = []\n").repeat(2);
    assert_eq!(only_mistake(load_with(&twice)), "grant[1].name");
}

#[test]
fn a_hub_role_must_not_require_reason_mfa_or_fresh_login() {
    let hub = |more: &str| {
        let hub = "[[grant]]\nname = \"hub\"\nrole_arns = [\"arn:aws:iam::111111111111:role/H\"]\n\
            via = \"assume-role\"\nwhen = []\n";
        let chain =
            "via = \"chain\"\nwhen = []\nhub_role_arn = \"arn:aws:iam::111111111111:role/H\"\n";
        load_with(&format!("{hub}{more}\n{GRANT}{chain}"))
    };
    hub("").unwrap();
    for more in [
        "require_reason = true",
        "require_fresh_login_seconds = 300",
        "mfa_serial = \"123456789\"",
    ] {
        assert_eq!(only_mistake(hub(more)), "grant[1].hub_role_arn", "{more}");
    }
    // The hub role's grant may require a reason if it is only for another identity provider, since
    // people who sign in there cannot use the chain.
    let other = "[[idp]]\nid = \"other\"\nname = \"O\"\nmetadata_file = \"o.xml\"\n";
    let of = |idp: &str| {
        let hub = "[[grant]]\nname = \"hub\"\nrole_arns = [\"arn:aws:iam::111111111111:role/H\"]\n\
            via = \"assume-role\"\nwhen = []\nrequire_reason = true\n";
        let chain = "via = \"chain\"\nwhen = []\nidp = \"corp\"\n\
            hub_role_arn = \"arn:aws:iam::111111111111:role/H\"\n";
        load_with(&format!("{other}{hub}idp = {idp:?}\n{GRANT}{chain}"))
    };
    of("other").unwrap();
    for idp in ["corp", "*"] {
        assert_eq!(only_mistake(of(idp)), "grant[1].hub_role_arn", "{idp}");
    }
}

#[test]
fn mfa_devices_and_contexts_require_our_own_identity() {
    let lines = "via = \"assume-role\"\nwhen = []\nmfa_serial = \"arn:aws:iam::1:mfa/x\"\n\
        provided_contexts = [{ provider_arn = \"arn:aws:iam::aws:contextProvider/x\", \
        assertion = \"{attribute:context}\" }]";
    let config = grant(lines).unwrap();
    let serial = config.grants[0].mfa_serial().map(MfaSerial::as_str);
    assert_eq!(serial, Some("arn:aws:iam::1:mfa/x"));
    let attributes: Vec<_> = config.grants[0].attributes().collect();
    assert_eq!(attributes, ["context"]);
}

#[test]
fn the_tools_require_conditions() {
    let tools = |lines: &str| load_with(&format!("[tools]\n{lines}")).map(|config| config.tools);
    assert_eq!(tools("").unwrap(), None);
    assert!(tools("when = []").unwrap().unwrap().when.is_empty());
    assert_eq!(
        only_mistake(load_with("[tools]\nidp = \"corp\"")),
        "tools.when"
    );
    let other = "[tools]\nidp = \"other\"\nwhen = []";
    assert_eq!(only_mistake(load_with(other)), "tools.idp");
}

#[test]
fn rolecall_has_one_aws_identity() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rolecall.toml");
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    fs::write(folder.path().join("secret"), format!("{secret}\n")).unwrap();
    fs::write(folder.path().join("two"), format!("{secret} {secret}")).unwrap();
    let load = |lines: &str| {
        fs::write(&path, format!("{SMALLEST}[aws]\n{lines}")).unwrap();
        Config::load(&path, [])
    };
    let keys = "access_key_id = \"AKIAIOSFODNN7EXAMPLE\"\nsecret_access_key_file =";
    let config = load(&format!("{keys} \"secret\"")).unwrap();
    let expected = Identity::Keys {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: Secret(secret.into()),
    };
    assert_eq!(config.aws.identity, expected);
    assert!(!format!("{config:?}").contains(secret));
    for (lines, key) in [
        (format!("{keys} \"none\""), "secret_access_key_file"),
        (format!("{keys} \"two\""), "secret_access_key_file"),
        (format!("profile = \"x\"\n{keys} \"secret\""), "profile"),
        (
            "access_key_id = \"AKIAIOSFODNN7EXAMPLE\"".to_owned(),
            "secret_access_key_file",
        ),
        (
            "secret_access_key_file = \"secret\"".to_owned(),
            "access_key_id",
        ),
    ] {
        let mistakes = load(&lines).unwrap_err();
        assert!(!mistakes.to_string().contains(secret), "{mistakes}");
        let mistake = mistakes.iter().next().unwrap();
        assert_eq!(mistake.key, format!("aws.{key}"), "{lines}");
    }
}

const USER: &str = "[[iam_user]]\narn = \"arn:aws:iam::111111111111:user/proxy\"\n\
    access_key_id = \"AKIAIOSFODNN7EXAMPLE\"\nsecret_access_key_file = \"secret-access-key\"\n";

/// Loads a configuration with an IAM user, and with a grant that is not for roles.
fn other(via: &str, lines: &str) -> Result<Config, Mistakes> {
    let grant = "[[grant]]\nname = \"g\"\nwhen = []\n";
    load_with(&format!("{grant}via = \"{via}\"\n{lines}\n{USER}"))
}

#[test]
fn only_known_partitions_are_accepted() {
    let config = load_with("[aws]\npartitions = [\"aws-eusc\"]").unwrap();
    assert_eq!(config.aws.partitions, [Partition::Eusc]);
    // A grant for roles in a partition that is not configured could not be used.
    let lines =
        format!("{GRANT}via = \"assume-role\"\nwhen = []\n[aws]\npartitions = [\"aws-cn\"]");
    assert_eq!(only_mistake(load_with(&lines)), "grant[0].role_arns");
    // All mistakes in a grant are reported together.
    let both = "root_arns = [\"arn:aws:iam::222222222222:root\", \"arn:aws:iam::222222222222:root\"]\n\
        task_policy = \"S3UnlockBucketPolicy\"\nrequire_reason = false";
    assert_eq!(mistakes(other("root-task", both)).len(), 2);
    for list in ["[]", "[\"aws-mars\"]", "\"aws\""] {
        let lines = format!("[aws]\npartitions = {list}");
        assert_eq!(only_mistake(load_with(&lines)), "aws.partitions", "{list}");
    }
}
