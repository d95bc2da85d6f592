//! Tests of `public_url` and `[http]`.

use super::*;

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
