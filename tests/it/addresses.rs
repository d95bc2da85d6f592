//! Limits by address, and proxies that rolecall does not know.

use std::process::Command;

use crate::program::{Service, rolecall};
use crate::support::app::{Options, TestApp};
use crate::support::user_agent::UserAgent;

const PUBLIC_URL: &str = "https://aws.example.com";

/// The program behind a proxy, with these networks as `http.trusted_proxies`.
async fn behind_proxy(trusted_proxies: &str) -> Service {
    let mut command = rolecall();
    command.env("ROLECALL_HTTP__TRUSTED_PROXIES", trusted_proxies);
    command.env("ROLECALL_LIMITS__REQUESTS_PER_MINUTE", "1");
    Service::start_at(command, Some(PUBLIC_URL)).await
}

/// The statuses of five requests to the service.
async fn statuses(service: &Service) -> Vec<u16> {
    let agent = UserAgent::new();
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let page = agent.get(service.at("/saml/metadata")).await;
        statuses.push(page.status.as_u16());
    }
    statuses
}

/// One visitor would otherwise lock out everybody else.
#[actix_web::test]
async fn limits_by_address_are_off_if_everybody_has_the_address_of_the_proxy() {
    let service = behind_proxy("").await;
    assert_eq!(statuses(&service).await, [200; 5]);
    let log = service.read("stderr");
    let warned = log.matches("so all limits by address are off").count();
    assert_eq!(warned, 1, "{log}");
}

#[actix_web::test]
async fn limits_by_address_are_on_behind_a_known_proxy() {
    let service = behind_proxy("192.0.2.0/24").await;
    assert_eq!(statuses(&service).await, [200, 429, 429, 429, 429]);
    let log = service.read("stderr");
    assert!(!log.contains("limits by address are off"), "{log}");
}

#[test]
fn the_program_does_not_start_behind_an_unknown_proxy() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rolecall.toml");
    let text = format!(
        "public_url = \"{PUBLIC_URL}\"\n[[idp]]\nid = \"corp\"\nname = \"Corp\"\n\
         metadata_file = \"idp.xml\"\n"
    );
    std::fs::write(&file, text).unwrap();
    let run = |mut command: Command| command.arg("--config").arg(&file).output().unwrap();
    for subcommand in ["serve", "check-config"] {
        let mut command = rolecall();
        command.arg(subcommand);
        let refused = run(command);
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(said.contains("error: http.trusted_proxies: "), "{said}");
    }
}

#[actix_web::test]
async fn a_reload_does_not_accept_an_unknown_proxy() {
    let app = TestApp::start_with(Options::default());
    app.change_configuration(|text| text.replacen("http://localhost", PUBLIC_URL, 1));
    let refused = app.handle().reload().await.unwrap_err().to_string();
    assert!(
        refused.contains("http.trusted_proxies: missing"),
        "{refused}"
    );
}
