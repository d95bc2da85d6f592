//! The report of mistakes: what it names, how it helps, and what it does not repeat.

use super::*;

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
