//! The audit line of a refused login, which explains the message like an inspection.

use super::*;
use crate::support::app::TestApp;
use crate::support::user_agent::UserAgent;

/// The audit line explains a refusal in the same words as an inspection of the same message.
#[actix_web::test]
async fn the_audit_line_has_the_same_explanation() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let started = app.begin(&agent).await;
    let mut spec = app.respond(&person("alice"), &started);
    let assertion = spec.assertion.as_mut().unwrap();
    let audience = "https://other.example.com".to_owned();
    assertion.conditions.as_mut().unwrap().audience_restrictions = vec![vec![audience]];
    let form = app.form(&spec, &started.relay_state);
    app.post_acs(&agent, &form).await;
    let line = app.last_audit();
    assert_eq!(line["check"], "audience");
    let detail = line["detail"].as_str().unwrap();
    assert_eq!(
        detail,
        format!(
            "the assertion is for another audience: received https://other.example.com, expected urn:amazon:webservices or {}",
            app.at("/saml/metadata")
        )
    );
    let message = &line["message"];
    assert_eq!(message["issuer"], app.idp.entity_id());
    assert_eq!(message["in_response_to"], started.request_id.as_str());
    assert_eq!(message["signatures"][0]["method"], "rsa-sha256");
    assert_eq!(message["assertion"]["name_id"], "alice@example.com");
    assert_eq!(
        message["assertion"]["audiences"][0],
        "https://other.example.com"
    );
    // The line contains no attributes, and nothing that grants access.
    assert!(!line.to_string().contains("arn:aws"), "{line}");
    assert!(!line.to_string().contains("SignatureValue"), "{line}");

    let config = app.read("rolecall.toml").unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rolecall.toml"), config).unwrap();
    std::fs::write(
        folder.path().join("idp.xml"),
        app.idp.metadata_xml().unwrap(),
    )
    .unwrap();
    let report = Folder(folder).inspect_with(&form[0].1, &["--config", "rolecall.toml"]);
    report.has(&format!("REFUSED audience: {detail} [audience]"));
}

/// Nobody can make an audit line long by sending a large message.
#[actix_web::test]
async fn a_large_message_makes_a_small_line() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let started = app.begin(&agent).await;
    let mut spec = app.respond(&person("alice"), &started);
    let long = |text: &str| format!("https://{}", text.repeat(2_000));
    spec.issuer = Some(long("i"));
    spec.destination = Some(long("d"));
    let assertion = spec.assertion.as_mut().unwrap();
    let audiences = (0..20).map(|number| long(&format!("a{number}")));
    assertion.conditions.as_mut().unwrap().audience_restrictions = vec![audiences.collect()];
    let subject = assertion.subject.as_mut().unwrap();
    subject.confirmations = vec![subject.confirmations[0].clone(); 50];
    let mut form = app.form(&spec, &started.relay_state);
    // The change makes the signature invalid, so anyone could have sent this message.
    let xml = rolecall::saml::response::decode(&form[0].1).unwrap();
    form[0].1 = encode(&xml.replace("alice@example.com", "mallory@example.com"));
    app.post_acs(&agent, &form).await;
    let text = app.audit_text();
    assert_eq!(app.last_audit()["check"], "signature");
    assert!(text.len() < 6_000, "{}: {text}", text.len());
}
