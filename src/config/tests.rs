//! Tests of the values and mistakes that result from whole configurations.

mod every_key;
mod grant;
mod portal;

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroU32;
use std::path::Path;

use super::*;
use crate::aws::session_policy::SessionPolicy;

const EXAMPLE: &str = include_str!("../../config/rolecall.example.toml");
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
fn mistakes_in_urls_do_not_repeat_passwords() {
    for (text, key) in [
        ("", "public_url"),
        ("aws = { sts_endpoint = 'URL' }", "aws.sts_endpoint"),
        ("aws = { signin_endpoint = 'URL' }", "aws.signin_endpoint"),
        (
            "oidc = { issuer = 'URL', signing_key_files = ['oidc.pem'] }",
            "oidc.issuer",
        ),
        ("portal = { contact_url = 'URL' }", "portal.contact_url"),
    ] {
        for url in ["ftp://user:hunter2@x.example", "https://user:hunter2@[x"] {
            let text = format!("{text}\n{SMALLEST}").replace("URL", url);
            let public_url = "https://aws.example.com";
            let text = match key {
                "public_url" => text.replacen(public_url, url, 1),
                _ => text,
            };
            let mistakes = mistakes(load(&text, &[]));
            assert!(mistakes.iter().any(|(at, _)| at == key), "{mistakes:?}");
            assert!(!format!("{mistakes:?}").contains("hunter2"), "{mistakes:?}");
        }
    }
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
fn the_example_shows_the_defaults_as_they_are() {
    let as_it_is = load(EXAMPLE, &[]).unwrap();
    let text = uncommented(EXAMPLE);
    let text: Vec<_> = text
        .lines()
        // Skip keys that cannot be set together with other keys of the example.
        .filter(|line| {
            ![
                "metadata_url",
                "profile =",
                "access_key_id = \"AKIAIOSFODNN7EXAMPLE\"",
                "secret_access_key_file = \"secret-access-key\"",
                "reason_tag",
            ]
            .iter()
            .any(|key| line.starts_with(key))
        })
        .collect();
    let mut spelled_out = load(&text.join("\n"), &[]).unwrap();
    assert!(spelled_out.saml.metadata_directory.take().is_some());
    assert!(
        spelled_out.idps[0]
            .metadata_certificate_file
            .take()
            .is_some()
    );
    assert!(spelled_out.idps[0].entity_id.take().is_some());
    let pair = spelled_out.http.tls.take().unwrap();
    assert!(pair.key_file.ends_with("tls.key"));
    let pair = spelled_out.saml.key_pair.take().unwrap();
    assert!(pair.key_file.ends_with("sp.key"));
    assert!(pair.certificate_file.ends_with("sp.crt"));
    let pair = spelled_out.saml.encryption_key_pair.take().unwrap();
    assert!(pair.key_file.ends_with("sp-encryption.key"));
    assert!(pair.certificate_file.ends_with("sp-encryption.crt"));
    let old = std::mem::take(&mut spelled_out.saml.decryption_key_files);
    assert!(old[0].ends_with("old-sp-encryption.key"));
    assert!(
        spelled_out
            .audit
            .file
            .take()
            .unwrap()
            .ends_with("audit.jsonl")
    );
    let policy = &mut spelled_out.session_policies[0].policy;
    assert!(policy.document().is_some());
    policy.clone_from(&as_it_is.session_policies[0].policy);
    assert!(spelled_out.accounts[0].environment.take().is_some());
    assert!(spelled_out.portal.contact.take().is_some());
    assert!(spelled_out.portal.logo.take().is_some());
    assert!(spelled_out.portal.logo_dark.take().is_some());
    assert!(spelled_out.portal.accent.take().is_some());
    assert_eq!(std::mem::take(&mut spelled_out.portal.regions).len(), 2);
    assert!(spelled_out.portal.contact_url.take().is_some());
    assert!(spelled_out.portal.security_contact.take().is_some());
    assert!(spelled_out.aws.sts_endpoint.take().is_some());
    assert!(spelled_out.aws.signin_endpoint.take().is_some());
    assert!(spelled_out.idps[0].name_id_format.take().is_some());
    assert!(spelled_out.idps[0].issuer_format.take().is_some());
    assert!(spelled_out.idps[0].person_attribute.take().is_some());
    assert!(spelled_out.idps[0].request_binding.take().is_some());
    assert_eq!(
        std::mem::take(&mut spelled_out.idps[0].email_domains).len(),
        2
    );
    assert_eq!(
        std::mem::take(&mut spelled_out.idps[0].authn_contexts).len(),
        1
    );
    let tools = spelled_out.tools.take().unwrap();
    assert!(tools.idp.is_some() && tools.when.len() == 1);
    let oidc = spelled_out.oidc.take().unwrap();
    assert_eq!(oidc.issuer.as_str(), "https://oidc.example.com/rolecall");
    assert_eq!(oidc.signing_key_files.len(), 2);
    assert_eq!(
        Config::jwks_uri(&oidc).as_str(),
        "https://oidc.example.com/rolecall/oidc/jwks"
    );
    let [first, second, ..] = spelled_out.grants.as_mut_slice() else {
        panic!("{:?}", spelled_out.grants);
    };
    assert!(first.external_id.is_some() && first.policy.is_some() && first.mfa_serial().is_some());
    assert_eq!(first.external_id, second.external_id.take());
    assert!(first.tags.len() == 1 && first.fresh_login_seconds.is_some());
    assert!(first.idp.take().is_some() && first.reason.is_none());
    first.clone_from(&as_it_is.grants[0]);
    // The paths differ, because each configuration was read from its own folder.
    spelled_out.idps[0]
        .metadata
        .clone_from(&as_it_is.idps[0].metadata);
    assert_eq!(as_it_is, spelled_out);
}

#[test]
fn an_email_domain_leads_to_one_idp() {
    let second = "[[idp]]\nid = \"other\"\nname = \"Other\"\nmetadata_file = \"o.xml\"\n";
    let both = |first: &str, other: &str| {
        let text = format!("{SMALLEST}email_domains = {first}\n{second}email_domains = {other}\n");
        load(&text, &[])
    };
    let config = both(r#"["Example.com", "example.com"]"#, r#"["example.org"]"#).unwrap();
    assert_eq!(config.idps[1].email_domains, ["example.org"]);
    for (first, other, key) in [
        (
            r#"["a.com", "b.com"]"#,
            r#"["B.com"]"#,
            "idp[1].email_domains",
        ),
        (r#"["@example.com"]"#, "[]", "idp[0].email_domains"),
        (r#"["localhost"]"#, "[]", "idp[0].email_domains"),
        (r#"["10.0.0.1"]"#, "[]", "idp[0].email_domains"),
    ] {
        let mistakes = both(first, other).unwrap_err();
        assert_eq!(mistakes.iter().next().unwrap().key, key, "{first} {other}");
    }
}

#[test]
fn force_authn_and_is_passive_exclude_each_other() {
    let idp = |lines: &str| load(&format!("{SMALLEST}{lines}"), &[]);
    let prompt = |lines| idp(lines).unwrap().idps[0].prompt;
    assert_eq!(prompt(""), Prompt::AsNeeded);
    assert_eq!(prompt("force_authn = true\n"), Prompt::Always);
    assert_eq!(prompt("is_passive = true\n"), Prompt::Never);
    let mistakes = idp("force_authn = true\nis_passive = true\n").unwrap_err();
    assert_eq!(mistakes.iter().next().unwrap().key, "idp[0].is_passive");
}

#[test]
fn the_example_mentions_every_key_and_explains_it() {
    let mut reading = Reading::new(Path::new("/"));
    // Keys in commented-out tables become known only when the tables are read. Some keys exclude
    // each other, but this test ignores the resulting mistakes.
    let table = uncommented(EXAMPLE).parse().unwrap();
    let _ = reading.whole(table, Variables::default(), Config::read);
    let is_table = |key: &str| key.ends_with("[]") || TABLES.contains(&key);
    // Conditions are documented only under [[grant]].
    let is_condition = |key: &String| key.starts_with("tools.when[]");
    let known: BTreeSet<_> = reading
        .known
        .into_iter()
        .filter(|key| !is_table(key))
        .collect();
    let mentioned = mentioned(EXAMPLE);
    let different = known.symmetric_difference(&mentioned);
    let different: Vec<_> = different.filter(|key| !is_condition(key)).collect();
    assert!(different.is_empty(), "{different:?}");
    assert!(known.len() >= 22, "{known:?}");
}

const TABLES: [&str; 15] = [
    "iam_user",
    "tools",
    "grant",
    "oidc",
    "session_policy",
    "destination",
    "http",
    "limits",
    "saml",
    "idp",
    "portal",
    "aws",
    "account",
    "session",
    "audit",
];

/// Uncomments keys: a key follows the `#` directly, whereas prose follows a space.
fn uncommented(example: &str) -> String {
    let strip = |line: &str| match line.strip_prefix('#') {
        Some(key) if key.starts_with(|c: char| c.is_ascii_lowercase()) => key.to_owned(),
        _ => line.to_owned(),
    };
    example.lines().map(|line| strip(line) + "\n").collect()
}

/// The keys of the example. The line above each key must be a comment or another key.
fn mentioned(example: &str) -> BTreeSet<String> {
    let (mut table, mut above, mut keys) = (String::new(), String::new(), BTreeSet::new());
    let mut last = String::new();
    for line in uncommented(example).lines() {
        if let Some(name) = line.strip_prefix("[[") {
            table = format!("{}[].", name.trim_end_matches(']'));
        } else if let Some(name) = line.strip_prefix('[') {
            table = format!("{}.", name.trim_end_matches(']'));
        } else if line.starts_with("  {") {
            // An inline table in the list that begins on a line above.
            keys.extend(inner(&last, line));
            continue;
        } else if let Some((key, value)) = line.split_once(" = ").filter(|_| !line.starts_with('#'))
        {
            last = format!("{table}{key}");
            // If a second table repeats a key, the key is documented in the first one.
            assert!(
                keys.contains(&last) || !above.is_empty() && !above.starts_with('['),
                "{key} is not documented"
            );
            keys.insert(last.clone());
            if value.starts_with("[{") {
                keys.extend(inner(&last, value));
            }
        }
        line.clone_into(&mut above);
    }
    keys
}

/// The keys of the inline tables in `line`, as keys of `list`.
fn inner(list: &str, line: &str) -> Vec<String> {
    let pieces = line.split(['{', ',']);
    let keys = pieces.filter_map(|piece| piece.split_once(" = ").map(|(key, _)| key.trim()));
    keys.map(|key| format!("{list}[].{key}")).collect()
}

#[test]
fn the_configuration_in_the_readme_is_valid() {
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once("```toml\n").unwrap();
    let (shown, _) = rest.split_once("```").unwrap();
    let config = load(shown, &[]).unwrap();
    assert_eq!((config.idps.len(), config.accounts.len()), (1, 1));
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
fn every_mistake_is_reported_at_once() {
    let found = mistakes(load(
        r#"
        public_url = "http://aws.example.com"
        color = "red"
        [http]
        listen = "localhost"
        internal_listen = 9090
        [saml]
        clock_skew_seconds = 301
        certificate_file = "sp.crt"
        [[idp]]
        id = "corp"
        [[idp]]
        id = "corp"
        name = ""
        metadata_file = ""
        allow_sha1 = "yes"
        [aws]
        region = "Ireland"
        default_duration_seconds = 7200
        max_duration_seconds = 3600
        [[account]]
        id = 111111111111
        name = "prod"
        [session]
        max_age_seconds = -1
        [audit]
        fiel = "audit.jsonl"
        "#,
        &[
            ("ROLECALL_SAML__ENTITY_ID", "not a URI"),
            ("ROLECALL_HTTP_LISTEN", "[::]:80"),
        ],
    ));
    let keys: Vec<_> = found.iter().map(|(key, _)| key.as_str()).collect();
    let expected = [
        "public_url",
        "http.listen",
        "http.internal_listen",
        "saml.entity_id",
        "saml.key_file",
        "saml.clock_skew_seconds",
        "idp[0].name",
        "idp[0].metadata_file",
        "idp[1].id",
        "idp[1].name",
        "idp[1].metadata_file",
        "idp[1].allow_sha1",
        "aws.region",
        "aws.default_duration_seconds",
        "account[0].id",
        "session.max_age_seconds",
        "audit.fiel",
        "color",
        "ROLECALL_HTTP_LISTEN",
    ];
    assert_eq!(keys, expected);
}

#[test]
fn a_mistake_is_one_line_with_key_problem_and_what_is_allowed() {
    let mistakes = load_env(&[("ROLECALL_SAML__CLOCK_SKEW_SECONDS", "301")]).unwrap_err();
    assert_eq!(
        mistakes.to_string(),
        "saml.clock_skew_seconds: 301 is out of range (from ROLECALL_SAML__CLOCK_SKEW_SECONDS); \
         allowed: a whole number of seconds from 0 to 300"
    );
    let both = load("[http]\nlisten = 1\n", &[]).unwrap_err().to_string();
    assert_eq!(both.lines().count(), 3, "{both}");
}

#[test]
fn an_unknown_key_is_reported_with_the_closest_known_key() {
    let nearest = |text: &str, environment: &[(&str, &str)]| {
        let result = load(&format!("{text}\n{SMALLEST}"), environment);
        let mistakes: Vec<_> = result.unwrap_err().into_iter().collect();
        assert_eq!(mistakes.len(), 1, "{text} {environment:?}: {mistakes:?}");
        let allowed = mistakes[0].allowed.trim_end_matches('?');
        allowed.rsplit(' ').next().unwrap().to_owned()
    };
    assert_eq!(nearest("public_ulr = 1", &[]), "public_url");
    assert_eq!(nearest("listen = 1", &[]), "http.listen");
    assert_eq!(nearest("htp = { listen = 1 }", &[]), "http");
    assert_eq!(
        nearest("aws = { max_age_seconds = 300 }", &[]),
        "session.max_age_seconds"
    );
    assert_eq!(
        nearest("", &[("ROLECALL_HTTP_LISTEN", "x")]),
        "ROLECALL_HTTP__LISTEN"
    );
    assert_eq!(
        nearest("", &[("ROLECALL_http__listen", "x")]),
        "ROLECALL_HTTP__LISTEN"
    );
    assert_eq!(
        nearest("", &[("ROLECALL_IDP__0__NAMES", "x")]),
        "ROLECALL_IDP__0__NAME"
    );
    assert_eq!(
        nearest("", &[("ROLECALL_IDP__00__NAME", "x")]),
        "ROLECALL_IDP__0__NAME"
    );
}

#[test]
fn an_unknown_key_without_a_close_match_lists_the_keys_of_its_table() {
    let mistakes = load_with("[session]\nq = 1").unwrap_err();
    let allowed: Vec<_> = mistakes
        .iter()
        .map(|mistake| mistake.allowed.as_str())
        .collect();
    assert_eq!(allowed, ["session.max_age_seconds"]);
}

#[test]
fn an_unknown_variable_without_a_close_match_is_reported_with_an_example() {
    for name in ["ROLECALL_X", "ROLECALL_HTTP", "ROLECALL_IDP__0"] {
        let mistakes = load_env(&[(name, "x")]).unwrap_err();
        let allowed: Vec<_> = mistakes
            .iter()
            .map(|mistake| mistake.allowed.as_str())
            .collect();
        assert_eq!(
            allowed,
            ["variables such as ROLECALL_HTTP__LISTEN for http.listen"],
            "{name}"
        );
    }
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
fn a_section_of_the_wrong_type_is_a_mistake() {
    assert_eq!(
        only_mistake(load(
            &format!("http = 5\n{}", with_http("").replace("[http]\n", "")),
            &[]
        )),
        "http"
    );
    assert_eq!(
        only_mistake(load_with("[account]\nid = \"111111111111\"")),
        "account"
    );
    assert_eq!(
        only_mistake(load(&format!("account = [5]\n{SMALLEST}"), &[])),
        "account[0]"
    );
    assert_eq!(
        only_mistake(load_env(&[("ROLECALL_HTTP", "x")])),
        "ROLECALL_HTTP"
    );
    assert_eq!(
        only_mistake(load_env(&[("ROLECALL_IDP__0", "x")])),
        "ROLECALL_IDP__0"
    );
}

#[test]
fn a_public_url_is_https_or_local_and_has_no_path() {
    let result = |url: &str| load_env(&[("ROLECALL_PUBLIC_URL", url)]);
    for good in [
        "https://aws.example.com",
        "https://aws.example.com/",
        "https://aws.example.com:8443",
        "http://localhost:8080",
        "http://demo.localhost",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
    ] {
        result(good).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    }
    for bad in [
        "",
        "aws.example.com",
        "ftp://aws.example.com",
        "http://aws.example.com",
        "http://localhost.example.com",
        "http://10.0.0.1",
        "https://me@aws.example.com",
        "https://:secret@aws.example.com",
        "https://aws.example.com/aws",
        "https://aws.example.com/?a",
        "https://aws.example.com/#a",
    ] {
        assert_eq!(only_mistake(result(bad)), "public_url", "{bad}");
    }
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
fn at_least_one_identity_provider_is_required() {
    assert_eq!(
        only_mistake(load("public_url = \"http://localhost:8080\"", &[])),
        "idp"
    );
}

#[test]
fn an_unreadable_file_is_reported_in_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    let line = |name: &str| {
        let mistakes = Config::load(&folder.path().join(name), [])
            .unwrap_err()
            .to_string();
        assert_eq!(mistakes.lines().count(), 1, "{mistakes}");
        mistakes
    };
    fs::write(folder.path().join("latin1.toml"), b"name = \"caf\xe9\"").unwrap();
    fs::write(folder.path().join("broken.toml"), "a = 1\n  b = = 2\n").unwrap();
    fs::write(folder.path().join("twice.toml"), "a = 1\na = 2\n").unwrap();
    assert!(line("missing.toml").contains("missing.toml: cannot be read: no such file"));
    assert!(line("").contains("it is a folder"));
    assert!(line("latin1.toml").contains("latin1.toml: not UTF-8"));
    assert!(
        line("broken.toml").contains("broken.toml:2:7: not TOML"),
        "{}",
        line("broken.toml")
    );
    assert!(
        line("twice.toml").contains("twice.toml:2:1: not TOML"),
        "{}",
        line("twice.toml")
    );
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

#[test]
fn tls_needs_both_files() {
    let key = only_mistake(load_with_http("tls_key_file = \"tls.key\""));
    assert_eq!(key, "http.tls_certificate_file");
}

/// Everybody would otherwise seem to have the proxy's address, and could use up the limits of
/// everybody else.
#[test]
fn a_proxy_that_terminates_tls_must_be_named() {
    let missing = load_with_http("").unwrap_err().to_string();
    for said in [
        "http.trusted_proxies: missing, but public_url is https",
        "[\"127.0.0.1\"]; or [], which turns all limits by address off",
    ] {
        assert!(missing.contains(said), "{missing}");
    }
    let tls = "tls_key_file = \"tls.key\"\ntls_certificate_file = \"tls.crt\"";
    let none = "trusted_proxies = []";
    for (lines, knows) in [
        ("trusted_proxies = [\"10.0.0.0/8\"]", true),
        (none, false),
        (tls, true),
        (&format!("{tls}\n{none}"), true),
    ] {
        let config = load_with_http(lines).unwrap();
        assert_eq!(config.knows_addresses(), knows, "{lines}");
        let limit = NonZeroU32::new(7);
        assert_eq!(config.by_address(limit), limit.filter(|_| knows), "{lines}");
    }
    let local = with_http("").replace("https://aws.example.com", "http://localhost");
    assert!(load(&local, &[]).unwrap().knows_addresses());
    let empty = [("ROLECALL_HTTP__TRUSTED_PROXIES", "")];
    assert!(!load(&with_http(""), &empty).unwrap().knows_addresses());
}

#[test]
fn an_unnamed_proxy_is_reported_with_the_other_mistakes() {
    let found = mistakes(load(&format!("{}allow_sha1 = 1", with_http("")), &[]));
    let keys: Vec<_> = found.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["http.trusted_proxies", "idp[0].allow_sha1"]);
}

#[test]
fn metadata_comes_from_a_file_or_from_a_safe_address() {
    let idp = "public_url = \"http://localhost\"\n[[idp]]\nid = \"corp\"\nname = \"Corp\"\n";
    let directory = "[saml]\nmetadata_directory = \"kept\"\n";
    let fetched = |url: &str| load(&format!("{idp}metadata_url = \"{url}\"\n{directory}"), &[]);
    for url in [
        "https://idp.example.com/metadata?x=1",
        "http://127.0.0.1:1/m",
        "http://[::1]/m",
    ] {
        let config = fetched(url).unwrap();
        assert_eq!(
            config.idps[0].metadata,
            MetadataSource::Url(Url::parse(url).unwrap())
        );
        assert!(config.saml.metadata_directory.unwrap().ends_with("kept"));
    }
    for url in [
        "http://idp.example.com/m",
        "https://user:secret@idp.example.com/",
        "ftp://127.0.0.1/",
        "m.xml",
    ] {
        let mistakes = mistakes(fetched(url));
        assert_eq!(mistakes[0].0, "idp[0].metadata_url", "{url}");
        assert!(!mistakes[0].1.contains("secret"), "{mistakes:?}");
    }
    let both = format!("{SMALLEST}metadata_url = \"https://idp.example.com/\"\n{directory}");
    assert_eq!(only_mistake(load(&both, &[])), "idp[0].metadata_url");
    let without_folder = format!("{idp}metadata_url = \"https://idp.example.com/\"\n");
    assert_eq!(
        only_mistake(load(&without_folder, &[])),
        "saml.metadata_directory"
    );
    assert_eq!(only_mistake(load(idp, &[])), "idp[0].metadata_file");
}

#[test]
fn the_portal_contact_is_validated() {
    let portal = |lines: &str| load_with(&format!("[portal]\n{lines}"));
    let read = portal("name = \"Cloud door\"\ncontact = \"Us\"")
        .unwrap()
        .portal;
    assert_eq!(read.name, "Cloud door");
    assert_eq!(read.contact.as_deref(), Some("Us"));
    assert_eq!(read.contact_url, None);
    for (lines, key) in [
        ("contact_url = \"https://example.org/\"", "portal.contact"),
        (
            "contact = \"Us\"\ncontact_url = \"javascript:alert(1)\"",
            "portal.contact_url",
        ),
        (
            "contact = \"Us\"\ncontact_url = \"http://example.org/\"",
            "portal.contact_url",
        ),
        ("name = \"\"", "portal.name"),
    ] {
        assert_eq!(only_mistake(portal(lines)), key, "{lines}");
    }
}

#[test]
fn the_environment_of_an_account_is_validated() {
    let account = |lines: &str| {
        load_with(&format!(
            "[[account]]\nid = \"000000000001\"\nname = \"one\"\n{lines}"
        ))
    };
    let plain = account("environment = \"production\"").unwrap();
    assert_eq!(plain.accounts[0].color, Color::Grey);
    for color in Color::ALL {
        let lines = format!("environment = \"x\"\ncolor = \"{}\"", color.name());
        assert_eq!(account(&lines).unwrap().accounts[0].color, color);
    }
    assert_eq!(
        only_mistake(account("color = \"red\"")),
        "account[0].environment"
    );
    let pink = account("environment = \"x\"\ncolor = \"pink\"");
    assert_eq!(only_mistake(pink), "account[0].color");
}

#[test]
fn the_regions_and_destinations_of_the_portal_are_validated() {
    let text = "[portal]\nregions = [\"eu-central-1\"]\n\
                [[destination]]\nname = \"Logs\"\npath = \"/cloudwatch/home#logsV2:\"";
    let portal = load_with(text).unwrap().portal;
    assert_eq!(portal.regions[0].as_str(), "eu-central-1");
    assert_eq!(portal.destinations[0].path, "/cloudwatch/home#logsV2:");
    let region = load_with("[portal]\nregions = [\"Frankfurt\"]");
    assert_eq!(only_mistake(region), "portal.regions");
    let profile = load_with("[portal]\nprofile_name = \"{account}\"");
    assert_eq!(only_mistake(profile), "portal.profile_name");
    for path in [
        "s3/home",
        "//evil.example",
        "/a b",
        "/a\\\\b",
        "https://evil.example",
    ] {
        let text = format!("[[destination]]\nname = \"x\"\npath = \"{path}\"");
        assert_eq!(
            only_mistake(load_with(&text)),
            "destination[0].path",
            "{path}"
        );
    }
}
