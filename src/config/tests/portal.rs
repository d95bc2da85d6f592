//! Tests of the portal settings, the accounts and the session policies.

use super::*;

#[test]
fn session_policies() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rolecall.toml");
    fs::write(
        folder.path().join("deny.json"),
        r#"{ "Statement": [{ "Effect": "Deny", "Action": "iam:*", "Resource": "*" }] }"#,
    )
    .unwrap();
    fs::write(folder.path().join("bad.json"), "{}").unwrap();
    let load = |lines: &str| {
        let text = format!("{SMALLEST}[[session_policy]]\nid = \"x\"\nname = \"X\"\n{lines}");
        fs::write(&path, text).unwrap();
        Config::load(&path, [])
    };
    let config = load("policy_file = \"deny.json\"").unwrap();
    let document = config.session_policies[0].policy.document();
    assert!(document.unwrap().contains(r#""Effect":"Deny""#));
    for (lines, key) in [
        ("", "session_policy[0].policy_arns"),
        (
            "policy_arns = [\"ReadOnlyAccess\"]",
            "session_policy[0].policy_arns",
        ),
        (
            "policy_file = \"bad.json\"",
            "session_policy[0].policy_file",
        ),
        (
            "policy_file = \"none.json\"",
            "session_policy[0].policy_file",
        ),
    ] {
        assert_eq!(only_mistake(load(lines)), key, "{lines}");
    }
    // If each role had two switches, it would be unclear which one applies.
    let one = "policy_arns = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]\non_each_role = true\n";
    assert!(load(one).unwrap().session_policies[0].on_each_role);
    let two = format!("{one}[[session_policy]]\nid = \"y\"\nname = \"Y\"\n{one}");
    assert_eq!(only_mistake(load(&two)), "session_policy[1].on_each_role");
}

#[test]
fn logos_are_small_images_and_colors_use_full_notation() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rolecall.toml");
    let files: [(&str, &[u8]); 5] = [
        (
            "logo.svg",
            b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
        ),
        ("logo.png", b"\x89PNG\r\n\x1a\n..."),
        ("page.svg", b"<html xmlns='http://www.w3.org/1999/xhtml'/>"),
        ("logo.gif", b"GIF89a"),
        (
            "large.png",
            &[b"\x89PNG\r\n\x1a\n".to_vec(), vec![0; 65_536]].concat(),
        ),
    ];
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let load = |lines: &str| {
        fs::write(&path, format!("{SMALLEST}[portal]\n{lines}")).unwrap();
        Config::load(&path, [])
    };
    let portal = load("logo_file = \"logo.svg\"\nlogo_dark_file = \"logo.png\"")
        .unwrap()
        .portal;
    let types = [portal.logo, portal.logo_dark].map(|logo| logo.unwrap().media_type);
    assert_eq!(types, ["image/svg+xml", "image/png"]);
    for name in [
        "page.svg",
        "logo.gif",
        "large.png",
        "none.svg",
        "/dev/zero",
        ".",
    ] {
        let mistake = only_mistake(load(&format!("logo_file = {name:?}")));
        assert_eq!(mistake, "portal.logo_file", "{name}");
    }
    let alone = load("logo_dark_file = \"logo.svg\"");
    assert_eq!(only_mistake(alone), "portal.logo_file");
    for color in [
        "red",
        "#fff",
        "0b6b50",
        "#0b6b5g",
        "#0b6b50;}",
        "#1ä1b6",
        "#+1+1+1",
    ] {
        let mistake = only_mistake(load(&format!("accent = {color:?}")));
        assert_eq!(mistake, "portal.accent", "{color}");
    }
}

#[test]
fn the_security_contact_is_a_uri() {
    let portal = |value: &str| load_with(&format!("[portal]\nsecurity_contact = {value:?}"));
    for uri in [
        "mailto:security@example.com",
        "https://example.com/security",
        "tel:+1-201-555-0123",
    ] {
        let read = portal(uri).unwrap().portal.security_contact;
        assert_eq!(read.unwrap().as_str(), uri);
    }
    let mistakes = mistakes(portal("security@example.com"));
    assert_eq!(mistakes[0].0, "portal.security_contact");
    assert!(
        mistakes[0].1.contains("must begin with mailto:"),
        "{mistakes:?}"
    );
    for other in [
        "",
        "mailto:",
        "mailto:security",
        "http://example.com/",
        "https://user:hunter2@example.com/",
        "javascript:alert(1)",
        "https://example.com/\nExpires: 2000-01-01T00:00:00Z",
        "mailto:a@example.com b",
    ] {
        let found = super::mistakes(portal(other));
        assert_eq!(found[0].0, "portal.security_contact", "{other}");
        assert!(!found[0].1.contains("hunter2"), "{found:?}");
    }
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
