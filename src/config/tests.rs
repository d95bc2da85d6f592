//! Tests of the values and mistakes that result from whole configurations.

mod every_key;
mod example;
mod grant;
mod http;
mod idp;
mod mistakes;
mod portal;

use std::fs;
use std::num::NonZeroU32;

use super::*;

const ICON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/static/icon.svg");
const SMALLEST: &str = r#"
public_url = "https://aws.example.com"
[http]
trusted_proxies = ["127.0.0.1"]
[[idp]]
id = "corp"
name = "Example Corp"
metadata_file = "corp-idp.xml"
"#;

fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, Mistakes> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rolecall.toml");
    fs::write(&path, text).unwrap();
    // Create the files that are read together with the example configuration.
    let policy = include_str!("../../tests/files/session-policy.json");
    fs::write(folder.path().join("read-only.json"), policy).unwrap();
    let secret = include_str!("../../tests/files/secret-access-key");
    for name in ["secret-access-key", "console-key"] {
        fs::write(folder.path().join(name), secret).unwrap();
    }
    fs::write(folder.path().join("external-id"), "rolecall-7Qm2\n").unwrap();
    for key in ["oidc.pem", "next-oidc.pem"] {
        fs::write(folder.path().join(key), rsa_key()).unwrap();
    }
    for logo in ["logo.svg", "logo-dark.svg"] {
        fs::copy(ICON, folder.path().join(logo)).unwrap();
    }
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Config::load(&path, environment.iter().map(owned))
}

/// A private key, shared because generating one is slow.
fn rsa_key() -> &'static str {
    static KEY: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    KEY.get_or_init(|| {
        let rsa = openssl::rsa::Rsa::generate(2048).unwrap();
        String::from_utf8(rsa.private_key_to_pem().unwrap()).unwrap()
    })
}

/// Loads the minimal configuration with `text` appended.
fn load_with(text: &str) -> Result<Config, Mistakes> {
    load(&format!("{SMALLEST}\n{text}"), &[])
}

/// Loads the minimal configuration with these lines as `[http]`.
fn load_with_http(lines: &str) -> Result<Config, Mistakes> {
    load(&with_http(lines), &[])
}

/// The minimal configuration with these lines as `[http]`.
fn with_http(lines: &str) -> String {
    SMALLEST.replace("trusted_proxies = [\"127.0.0.1\"]", lines)
}

/// Loads the minimal configuration with these variables.
fn load_env(environment: &[(&str, &str)]) -> Result<Config, Mistakes> {
    load(SMALLEST, environment)
}

/// The key and the problem of every mistake.
fn mistakes(result: Result<Config, Mistakes>) -> Vec<(String, String)> {
    let mistakes = result.expect_err("there is a mistake").into_iter();
    mistakes
        .inspect(|mistake| assert!(!mistake.allowed.is_empty(), "{mistake}"))
        .map(|mistake| (mistake.key, mistake.problem))
        .collect()
}

/// The key of the only mistake.
fn only_mistake(result: Result<Config, Mistakes>) -> String {
    let mistakes = mistakes(result);
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    mistakes.into_iter().next().unwrap().0
}

#[test]
fn the_smallest_configuration_has_the_documented_defaults() {
    let config = load(SMALLEST, &[]).unwrap();
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.http.internal_listen.to_string(), "127.0.0.1:9090");
    assert_eq!(
        config.saml.entity_id,
        "https://aws.example.com/saml/metadata"
    );
    assert_eq!(config.saml.audiences, ["urn:amazon:webservices"]);
    assert_eq!(config.saml.key_pair, None);
    assert_eq!(config.saml.encryption_key_pair, None);
    assert_eq!(config.saml.clock_skew_seconds, 60);
    assert!(!config.idps[0].allow_unsolicited);
    assert!(!config.idps[0].allow_sha1);
    assert_eq!(config.aws, Aws::default());
    assert_eq!(config.accounts, []);
    assert_eq!(config.http.tls, None);
    let listed = ["127.0.0.1/32".parse().unwrap()];
    assert_eq!(config.http.proxies(), listed);
    assert_eq!(config.limits, Limits::default());
    assert_eq!(Limits::default().requests_per_minute, NonZeroU32::new(3000));
    assert_eq!(config.session.max_age_seconds, 28_800);
    assert_eq!(config.audit.file, None);
    assert_eq!(
        config.acs_url().as_str(),
        "https://aws.example.com/saml/acs"
    );
}

#[test]
fn relative_paths_are_resolved_against_the_folder_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rolecall.toml");
    fs::write(&path, SMALLEST).unwrap();
    let variable = ("ROLECALL_AUDIT__FILE".to_owned(), "/dev/null".to_owned());
    let config = Config::load(&path, [variable]).unwrap();
    let metadata = MetadataSource::File(folder.path().join("corp-idp.xml"));
    assert_eq!(config.idps[0].metadata, metadata);
    assert_eq!(config.audit.file, Some(PathBuf::from("/dev/null")));
}

#[test]
fn variables_change_and_extend_lists_of_tables_but_leave_no_gaps() {
    let config = load_env(&[
        ("ROLECALL_IDP__0__NAME", "Changed"),
        ("ROLECALL_IDP__1__ID", "two"),
        ("ROLECALL_IDP__1__NAME", "Two"),
        ("ROLECALL_IDP__1__METADATA_FILE", "two.xml"),
    ]);
    let names: Vec<_> = config
        .unwrap()
        .idps
        .into_iter()
        .map(|idp| (idp.id, idp.name))
        .collect();
    let expected = [("corp", "Changed"), ("two", "Two")];
    assert_eq!(
        names,
        expected.map(|(id, name)| (id.to_owned(), name.to_owned()))
    );
    assert_eq!(
        only_mistake(load_env(&[("ROLECALL_IDP__2__ID", "three")])),
        "idp[2]"
    );
    let far = format!("ROLECALL_IDP__{}__ID", usize::MAX);
    assert_eq!(
        only_mistake(load_env(&[(&far, "x")])),
        format!("idp[{}]", usize::MAX)
    );
}

#[test]
fn numbers_outside_their_range_are_mistakes() {
    let bounds = [
        ("SAML__CLOCK_SKEW_SECONDS", 0, 300),
        ("AWS__DEFAULT_DURATION_SECONDS", 900, 43_200),
        ("AWS__MAX_DURATION_SECONDS", 900, 43_200),
        ("SESSION__MAX_AGE_SECONDS", 300, 86_400),
    ];
    for (name, least, most) in bounds {
        let name = format!("ROLECALL_{name}");
        let load = |value: i64| load_env(&[(&name, &value.to_string())]);
        load(least).unwrap();
        load(most).unwrap();
        for outside in [least - 1, most + 1, i64::MIN, i64::MAX] {
            only_mistake(load(outside));
        }
        only_mistake(load_env(&[(&name, "3600.0")]));
        only_mistake(load_env(&[(&name, "")]));
    }
}

#[test]
fn only_an_implicit_default_duration_is_lowered_to_a_smaller_maximum() {
    let config = load_with("[aws]\nmax_duration_seconds = 1800").unwrap();
    assert_eq!(config.aws.default_duration_seconds, 1_800);
    let written = "[aws]\nmax_duration_seconds = 1800\ndefault_duration_seconds = 3600";
    assert_eq!(
        only_mistake(load_with(written)),
        "aws.default_duration_seconds"
    );
}

#[test]
fn invalid_names_and_ids_are_mistakes() {
    let long = "x".repeat(101);
    let uri = format!("urn:{}", "x".repeat(1021));
    for (variable, bad) in [
        ("IDP__0__ID", "Corp"),
        ("IDP__0__ID", ""),
        ("IDP__0__ID", &long),
        ("IDP__0__NAME", " "),
        ("IDP__0__NAME", "a\nb"),
        ("IDP__0__NAME", &long),
        ("IDP__0__ALLOW_SHA1", "yes"),
        ("SAML__ENTITY_ID", "rolecall"),
        ("SAML__ENTITY_ID", &uri),
        ("SAML__AUDIENCES", "a,,b"),
        ("SAML__AUDIENCES", "a b"),
        ("AWS__REGION", "us-east"),
        ("AWS__REGION", "us-east-1a"),
        ("AWS__REGION", "us--1"),
        ("AWS__REGION", "europe-central-1"),
        ("AWS__REGION", "us-east-100"),
        ("AWS__STS_ENDPOINT", "127.0.0.1:5000"),
        ("AWS__STS_ENDPOINT", "https://a:b@sts.example.com"),
        ("AWS__SIGNIN_ENDPOINT", "https://example.com/?a=b"),
        ("HTTP__LISTEN", "localhost:8080"),
        ("HTTP__INTERNAL_LISTEN", "127.0.0.1:8080"),
        ("AUDIT__FILE", "no/such/folder/audit.jsonl"),
        ("AUDIT__FILE", ""),
        ("AUDIT__SYNC", "always"),
        ("AUDIT__SYNC", "line"),
    ] {
        only_mistake(load_env(&[(&format!("ROLECALL_{variable}"), bad)]));
    }
    for region in [
        "us-east-1",
        "us-gov-west-1",
        "eusc-de-east-1",
        "ap-southeast-12",
    ] {
        load_env(&[("ROLECALL_AWS__REGION", region)]).unwrap();
    }
}

#[test]
fn duplicate_ids_are_mistakes() {
    let twice = r#"
        [[account]]
        id = "111111111111"
        name = "prod"
        [[account]]
        id = "111111111111"
        name = "test"
    "#;
    assert_eq!(
        mistakes(load_with(twice)),
        [(
            "account[1].id".to_owned(),
            "\"111111111111\" is already used by account[0].id".to_owned()
        )]
    );
    let idp = "[[idp]]\nid = \"corp\"\nname = \"Other\"\nmetadata_file = \"other.xml\"";
    assert_eq!(only_mistake(load_with(idp)), "idp[1].id");
}

#[test]
fn a_limit_of_0_means_no_limit_and_an_invalid_one_is_a_mistake() {
    let off = "[limits]\nrequests_per_minute = 0\nbody_bytes = 0\nconnections = 0\n\
               header_seconds = 0\nwaiting_milliseconds = 0\nsession_megabytes = 0\nlogins_per_minute = 0\n\
               unfinished_per_address = 0\nrefusals_per_minute = 0";
    let none = Limits {
        requests_per_minute: None,
        body_bytes: None,
        connections: None,
        header_seconds: None,
        waiting_milliseconds: None,
        session_megabytes: None,
        logins_per_minute: None,
        unfinished_per_address: None,
        refusals_per_minute: None,
    };
    assert_eq!(load_with(off).unwrap().limits, none);
    for (line, key) in [
        ("requests_per_minute = -1", "limits.requests_per_minute"),
        ("body_bytes = \"1 MB\"", "limits.body_bytes"),
        ("connections = 1.5", "limits.connections"),
        (
            "unfinished_per_address = 1000001",
            "limits.unfinished_per_address",
        ),
        ("header_seconds = 301", "limits.header_seconds"),
        (
            "waiting_milliseconds = 60001",
            "limits.waiting_milliseconds",
        ),
        ("session_megabytes = \"1 GB\"", "limits.session_megabytes"),
    ] {
        assert_eq!(only_mistake(load_with(&format!("[limits]\n{line}"))), key);
    }
}
