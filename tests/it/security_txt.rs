//! `security.txt` (RFC 9116): where to report vulnerabilities.

use actix_web::web::block;
use chrono::{DateTime, TimeDelta};

use crate::support::app::{Options, TestApp};
use crate::support::key_pair::KeyPair;

fn with(line: &str) -> Options {
    Options {
        more: format!("[portal]\n{line}"),
        ..Options::default()
    }
}

async fn fetch(app: &TestApp) -> reqwest::Response {
    let client = reqwest::Client::builder()
        .danger_accept_invalid_certs(true)
        .build()
        .unwrap();
    let url = app.at("/.well-known/security.txt");
    client.get(url).send().await.unwrap()
}

/// The values of the fields with this name.
fn fields<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let values = text.lines().filter_map(|line| line.split_once(": "));
    values
        .filter(|(field, _)| *field == name)
        .map(|(_, value)| value)
        .collect()
}

#[actix_web::test]
async fn a_configured_contact_is_published_with_a_date_that_moves_on() {
    let app = TestApp::start_with(with("security_contact = \"mailto:security@example.com\""));
    for _ in 0..2 {
        let response = fetch(&app).await;
        assert_eq!(response.status(), 200);
        assert_eq!(
            response.headers()["content-type"],
            "text/plain; charset=utf-8"
        );
        let text = response.text().await.unwrap();
        assert_eq!(fields(&text, "Contact"), ["mailto:security@example.com"]);
        assert_eq!(fields(&text, "Canonical"), [""; 0]);
        let expires = fields(&text, "Expires");
        assert_eq!(expires.len(), 1, "{text}");
        let expires = DateTime::parse_from_rfc3339(expires[0]).unwrap().to_utc();
        let ahead = expires - app.now();
        assert!(
            ahead > TimeDelta::days(30) && ahead < TimeDelta::days(365),
            "{text}"
        );
        app.clock.advance(TimeDelta::days(300));
    }
}

#[actix_web::test]
async fn over_https_the_document_names_its_own_url() {
    let tls = block(|| KeyPair::generate("localhost")).await.unwrap();
    let app = TestApp::start_with(Options {
        tls: Some(tls),
        ..with("security_contact = \"https://example.com/security\"")
    });
    let text = fetch(&app).await.text().await.unwrap();
    assert_eq!(fields(&text, "Contact"), ["https://example.com/security"]);
    assert_eq!(
        fields(&text, "Canonical"),
        [app.at("/.well-known/security.txt")]
    );
}

#[actix_web::test]
async fn without_a_contact_there_is_no_security_txt_and_a_reload_adds_it() {
    let app = TestApp::start();
    assert_eq!(fetch(&app).await.status(), 404);
    let text = app.read("rolecall.toml").unwrap();
    let portal = "[portal]\nsecurity_contact = \"tel:+1-201-555-0123\"\n";
    app.write("rolecall.toml", &format!("{text}{portal}"));
    app.handle().reload().await.unwrap();
    let text = fetch(&app).await.text().await.unwrap();
    assert_eq!(fields(&text, "Contact"), ["tel:+1-201-555-0123"]);
}
