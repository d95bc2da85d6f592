//! Tests of `[[idp]]`.

use super::*;

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

/// Names are compared exactly, so a name that looks like another would match nothing.
#[test]
fn the_name_of_an_attribute_has_no_invisible_characters() {
    let named = |name: &str| load(&format!("{SMALLEST}person_attribute = \"{name}\"\n"), &[]);
    for name in ["mail", "urn:oid:0.9.2342.19200300.100.1.3", "Vor Name"] {
        let config = named(name).unwrap();
        assert_eq!(config.idps[0].person_attribute.as_deref(), Some(name));
    }
    for name in [
        "",
        " ",
        " mail",
        "mail ",
        "ma\u{200b}il",
        "mail\u{feff}",
        "ma\\nil",
    ] {
        assert_eq!(
            only_mistake(named(name)),
            "idp[0].person_attribute",
            "{name:?}"
        );
    }
}

#[test]
fn at_least_one_identity_provider_is_required() {
    assert_eq!(
        only_mistake(load("public_url = \"http://localhost:8080\"", &[])),
        "idp"
    );
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
