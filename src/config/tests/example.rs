//! The example configuration and the one in the README: they are valid, and the example shows
//! every key with its default.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;

const EXAMPLE: &str = include_str!("../../../config/rolecall.example.toml");

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
    let readme = include_str!("../../../README.md");
    let (_, rest) = readme.split_once("```toml\n").unwrap();
    let (shown, _) = rest.split_once("```").unwrap();
    let config = load(shown, &[]).unwrap();
    assert_eq!((config.idps.len(), config.accounts.len()), (1, 1));
}
