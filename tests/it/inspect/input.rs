//! What can be inspected: a message in several forms, without a configuration, or of an earlier time.

use super::*;

#[test]
fn every_form_of_input_gives_the_same_report() {
    let folder = Folder::new("");
    let xml = changed(|_| {});
    let field = encode(&xml);
    let whole = folder.inspect(&field).text;
    assert_eq!(folder.inspect(&xml).text, whole);
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("SAMLResponse", &field)
        .append_pair("RelayState", "x")
        .finish();
    assert_eq!(folder.inspect(&form).text, whole);
    let file = folder.0.path().join("response.b64");
    std::fs::write(&file, field).unwrap();
    let at = now().to_rfc3339();
    let output = rolecall()
        .current_dir(folder.0.path())
        .args([
            "inspect",
            "response.b64",
            "--config",
            "rolecall.toml",
            "--at",
            &at,
        ])
        .output()
        .unwrap();
    assert_eq!(Report::from(output).text, whole);
}

#[test]
fn without_a_configuration_it_says_what_the_message_says() {
    let report = Folder::new("").inspect_with(&signed_by_the_idp(|_| {}), &[]);
    assert_eq!(report.status, Some(0), "{}", report.errors);
    report.has("ok      structure");
    report.has("not checked, because the configuration is needed: identity provider, ");
    report.has("arn:aws:iam::111111111111:role/reader");
    report.has("REFUSED ExpiredTokenException: Token must be redeemed within 5 minutes");
}

#[test]
fn an_old_message_can_be_checked_as_of_its_own_time() {
    let folder = Folder::new("");
    let message = signed_by_the_idp(|_| {});
    let report = folder.inspect_with(&message, &["--config", "rolecall.toml"]);
    assert!(report.refusals().contains(&"expired"), "{}", report.text);
    assert!(
        report.errors.contains("hint: use --at issued"),
        "{}",
        report.errors
    );
    let issued = ["--config", "rolecall.toml", "--at", "issued"];
    let report = folder.inspect_with(&message, &issued);
    assert_eq!(report.status, Some(0), "{}\n{}", report.text, report.errors);
}

#[test]
fn input_other_than_a_response_is_reported() {
    let folder = Folder::new("");
    for (input, problem) in [
        ("", "there is no message"),
        ("no base64!", "the input contains no base64"),
        ("RelayState=x&SAMLResponse=", "the input contains no base64"),
        (
            "//////////////////////////////////////////8=",
            "the message is not UTF-8",
        ),
    ] {
        let report = folder.inspect(input);
        assert_eq!(report.status, Some(1), "{input}");
        assert!(
            report.errors.contains(problem),
            "{input}: {}",
            report.errors
        );
        assert_eq!(report.text, "", "{input}");
    }
    for (input, name) in [
        ("<x", "not_well_formed"),
        (
            "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>",
            "doctype",
        ),
        ("<x/>", "not_a_response"),
    ] {
        let report = folder.inspect(input);
        assert_eq!(report.refusals(), [name], "{}", report.text);
        // With `--at issued`, the refusal is the same, although the message has no issue time.
        let issued = ["--config", "rolecall.toml", "--at", "issued"];
        assert_eq!(folder.inspect_with(input, &issued).refusals(), [name]);
        report.lacks("root:");
        report.has("unknown, because the message could not be read");
    }
}

#[test]
fn an_unknown_identity_provider_or_file_is_reported_in_one_line() {
    let folder = Folder::new("");
    let message = signed_by_the_idp(|_| {});
    let arguments = ["--config", "rolecall.toml", "--idp", "other"];
    let report = folder.inspect_with(&message, &arguments);
    assert!(
        report.errors.contains("no [[idp]] with the id \"other\""),
        "{}",
        report.errors
    );
    assert!(
        report.errors.contains("hint: configured ids: corp"),
        "{}",
        report.errors
    );
    let output = rolecall()
        .args(["inspect", "/no/such/file"])
        .output()
        .unwrap();
    let report = Report::from(output);
    assert!(
        report.errors.contains("cannot read /no/such/file"),
        "{}",
        report.errors
    );
    assert_eq!(report.status, Some(1));
    let report = folder.inspect(&signed_by_the_idp(|spec| {
        spec.issuer = Some("https://other.example.com".to_owned());
    }));
    assert_eq!(report.refusals(), ["unknown_idp"]);
    report.has("received https://other.example.com; the entity ID of corp is https://idp.example.com/metadata [");
    let report = folder.inspect(&idp().metadata_xml().unwrap());
    report.has("the root element is EntityDescriptor, which is metadata [not_a_response]");
    report.has("How AWS would respond");
}
