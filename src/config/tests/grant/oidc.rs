//! Tests of `[oidc]`, and of the grants that need it.

use super::*;

#[test]
fn web_identity_grants_require_an_issuer() {
    let grant =
        |more: &str| load_with(&format!("{GRANT}via = \"web-identity\"\nwhen = []\n{more}"));
    assert_eq!(only_mistake(grant("")), "grant[0].via");
    let oidc = "[oidc]\nsigning_key_files = [\"oidc.pem\"]\n";
    let config = grant(oidc).unwrap();
    assert_eq!(
        config.oidc.unwrap().issuer.as_str(),
        "https://aws.example.com/"
    );
    for (lines, key) in [
        ("[oidc]\nsigning_key_files = []", "oidc.signing_key_files"),
        (
            "[oidc]\nsigning_key_files = [\"oidc.pem\", \"none\"]",
            "oidc.signing_key_files[1]",
        ),
        (
            "[oidc]\nsigning_key_files = [\"logo.svg\"]",
            "oidc.signing_key_files[0]",
        ),
        (
            "[oidc]\nissuer = \"https://x.example\"",
            "oidc.signing_key_files",
        ),
        (
            &format!("{oidc}issuer = \"http://x.example\""),
            "oidc.issuer",
        ),
        (
            &format!("{oidc}issuer = \"https://x.example/?a\""),
            "oidc.issuer",
        ),
        (
            &format!("{oidc}issuer = \"https://user@x.example\""),
            "oidc.issuer",
        ),
        (
            &format!("{oidc}issuer = \"https://:password@x.example\""),
            "oidc.issuer",
        ),
    ] {
        assert_eq!(only_mistake(grant(lines)), key, "{lines}");
    }
    for lines in ["mfa_serial = \"123456789\"", "offer_hub = true"] {
        let key = lines.split(' ').next().unwrap();
        let expected = format!("grant[0].{key}");
        assert_eq!(only_mistake(grant(&format!("{lines}\n{oidc}"))), expected);
    }
}
