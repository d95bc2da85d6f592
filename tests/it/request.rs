//! The AuthnRequests that rolecall sends to an IdP, and the bindings that carry them.

use openssl::x509::X509;
use reqwest::StatusCode;
use rolecall::saml::response::decode;
use samael::crypto::{CertificateDer, Crypto, CryptoProvider as _};
use samael::schema::{AuthnContextComparison, AuthnRequest};

use crate::support::app::{Options, TestApp, first_idp, person};
use crate::support::key_pair::KeyPair;
use crate::support::user_agent::UserAgent;

#[actix_web::test]
async fn the_authn_request_follows_the_profile() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let page = agent.get(app.at("/login?idp=corp&return_to=/")).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    let started = app.begin(&agent).await;
    assert!(
        started
            .url
            .as_str()
            .starts_with("https://idp.example.com/sso?tenant=a%26b&SAMLRequest=")
    );
    let request = &started.request;
    assert!(
        request.id.len() >= 33 && request.id.starts_with('_'),
        "{}",
        request.id
    );
    assert_eq!(request.version, "2.0");
    assert_eq!(
        request.destination.as_deref(),
        Some("https://idp.example.com/sso?tenant=a%26b")
    );
    assert_eq!(
        request.assertion_consumer_service_url,
        Some(app.at("/saml/acs"))
    );
    assert_eq!(request.issuer_value(), Some(app.at("/saml/metadata")));
    assert!(started.relay_state.len() <= 80);
    let again = app.begin(&agent).await;
    assert_ne!(again.request_id, started.request_id);
    assert_ne!(again.relay_state, started.relay_state);
}

#[actix_web::test]
async fn an_authn_request_contains_the_configured_options() {
    let app = TestApp::start_with(Options {
        idp: r#"force_authn = true
            name_id_format = "urn:example:a&b"
            authn_contexts = ["urn:example:<one>", "urn:example:two"]"#
            .to_owned(),
        ..Options::default()
    });
    let request = app.begin(&UserAgent::new()).await.request;
    assert_eq!(request.force_authn, Some(true));
    assert_eq!(request.is_passive, None);
    let policy = request.name_id_policy.unwrap();
    assert_eq!(policy.format.as_deref(), Some("urn:example:a&b"));
    assert_eq!(policy.allow_create, Some(true));
    let context = request.requested_authn_context.unwrap();
    assert!(matches!(
        context.comparison,
        Some(AuthnContextComparison::Exact)
    ));
    let classes: Vec<_> = context
        .authn_context_class_refs
        .unwrap()
        .into_iter()
        .map(|class| class.value.unwrap())
        .collect();
    assert_eq!(classes, ["urn:example:<one>", "urn:example:two"]);

    let passive = TestApp::start_with(Options {
        idp: "is_passive = true".to_owned(),
        ..Options::default()
    });
    let request = passive.begin(&UserAgent::new()).await.request;
    assert_eq!(
        (request.is_passive, request.force_authn),
        (Some(true), None)
    );
    assert!(request.name_id_policy.is_none() && request.requested_authn_context.is_none());
}

/// The first IdP's metadata, with these bindings for its single sign-on service.
fn metadata(bindings: &[&str]) -> String {
    let metadata = first_idp().metadata_xml().unwrap();
    let start = metadata.find("<md:SingleSignOnService").unwrap();
    let end = start + metadata[start..].find("/>").unwrap() + 2;
    let (service, mut services) = (&metadata[start..end], String::new());
    for binding in bindings {
        services += &service.replace("HTTP-Redirect", binding);
    }
    metadata.replace(service, &services)
}

#[actix_web::test]
async fn a_request_by_post() {
    let key = KeyPair::generate("rolecall");
    for (bindings, line) in [
        (&["HTTP-POST"][..], ""),
        (
            &["HTTP-Redirect", "HTTP-POST"][..],
            "request_binding = \"post\"",
        ),
    ] {
        for key in [None, Some(key.clone())] {
            let app = TestApp::start_with(Options {
                metadata: Some(metadata(bindings)),
                idp: line.to_owned(),
                key: key.clone(),
                ..Options::default()
            });
            let agent = UserAgent::new();
            let page = agent.get(app.at("/login?idp=corp")).await;
            assert_eq!(page.status, StatusCode::OK, "{page}");
            assert!(page.body.contains("data-submit-now"), "{page}");
            let form = page.form_with("SAMLRequest").unwrap();
            assert_eq!(
                form.action.as_str(),
                "https://idp.example.com/sso?tenant=a%26b"
            );
            let xml = decode(form.field("SAMLRequest").unwrap()).unwrap();
            let request: AuthnRequest = xml.parse().unwrap();
            assert_eq!(
                request.assertion_consumer_service_url,
                Some(app.at("/saml/acs"))
            );
            assert_eq!(xml.contains("<ds:Signature"), key.is_some());
            if let Some(key) = key {
                let certificate = X509::from_pem(key.certificate_pem.as_bytes()).unwrap();
                let der = CertificateDer::from(certificate.to_der().unwrap());
                Crypto::verify_signed_xml(&xml, &der, Some("ID")).unwrap();
                let changed = xml.replace("/saml/acs", "/saml/acz");
                Crypto::verify_signed_xml(&changed, &der, Some("ID")).unwrap_err();
            }
            // The browser that received the form can finish the login.
            let relay_state = form.field("RelayState").unwrap();
            let spec = app.idp.response(
                &person("alice"),
                &app.relying_party(),
                Some(&request.id),
                app.now(),
            );
            let page = app.post_acs(&agent, &app.form(&spec, relay_state)).await;
            assert_eq!(agent.follow(page).await.url.path(), "/");
        }
    }
}
