//! The program itself: its command line, its logs, and errors at startup.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use reqwest::{Method, StatusCode};
use rolecall::clock::Clock;
use rolecall::demo::{EmbeddedParts, Settings};
use serde_json::{Value, json};

use crate::credentials::{READER, VAULT, form, somebody};
use crate::support::app::fields;
use crate::support::key_pair::KeyPair;
use crate::support::patience::until;
pub use crate::support::program::{Service, rolecall};
use crate::support::program::{configure, relying_party};
use crate::support::server::Port;
use crate::support::user_agent::UserAgent;

#[actix_web::test]
async fn no_secret_is_logged_during_a_whole_run() {
    let service = Service::start().await;
    let agent = UserAgent::new();
    let mut secrets = service.sign_in(&agent, &somebody("alice")).await;
    let request = agent
        .request(Method::POST, service.at("/api/credentials"))
        .body(json!({ "role_arn": READER }).to_string());
    let credentials: Value = serde_json::from_str(&agent.send(request).await.body).unwrap();
    for key in ["SecretAccessKey", "SessionToken"] {
        secrets.push(credentials[key].as_str().unwrap().to_owned());
    }
    let page = agent
        .post_form(service.at("/console"), &form(READER, &[]))
        .await;
    let console = page.redirect().unwrap_or_else(|| panic!("{page}"));
    let token = console
        .query_pairs()
        .find(|(name, _)| name == "SigninToken")
        .unwrap()
        .1;
    secrets.push(token.into_owned());
    agent
        .post_form(service.at("/credentials"), &form(READER, &[]))
        .await;
    agent
        .post_form(service.at("/credentials"), &form(VAULT, &[]))
        .await;
    agent
        .post_form(service.at("/saml/acs"), &fields("PHg+", ""))
        .await;
    agent.post_form(service.at("/logout"), &[]).await;

    let issued = service.aws.register();
    let known = issued
        .find(credentials["AccessKeyId"].as_str().unwrap())
        .unwrap();
    assert!(
        known.has_secret_access_key(&secrets[secrets.len() - 3]),
        "the register contains a different secret"
    );
    let (audit, log) = (service.read("stdout"), service.read("stderr"));
    for event in [
        "login_accepted",
        "credentials_issued",
        "console_opened",
        "role_refused",
        "login_refused",
        "logout",
    ] {
        assert!(
            audit.contains(&format!("\"event\":\"{event}\"")),
            "{event}: {audit}"
        );
    }
    assert!(log.contains("\"request\""), "{log}");
    for secret in &secrets {
        assert!(secret.len() >= 32, "too short to look for: {secret}");
        assert!(!audit.contains(secret), "in the audit trail: {secret}");
        assert!(!log.contains(secret), "in the log: {secret}");
    }
    for line in audit.lines().chain(log.lines()) {
        serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
    }
}

/// The default limit is 4,096 connections, but this process may open only 1,000 files.
#[actix_web::test]
async fn too_few_file_descriptors_cause_a_warning() {
    let mut few = Command::new("sh");
    few.args(["-c", "ulimit -n 1000 && exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_rolecall"));
    let service = Service::start_by(few).await;
    let log = service.read("stderr");
    let warning = log.lines().find(|line| line.contains("limits.connections"));
    let warning: Value = serde_json::from_str(warning.unwrap_or_else(|| panic!("{log}"))).unwrap();
    assert_eq!(warning["level"], "WARN");
    assert_eq!(warning["files"], 1000);
    assert_eq!(warning["wanted"], 2 * 4096 + 256);
}

/// Waits for the first log line that contains `what`. Housekeeping writes log lines only every few
/// seconds.
async fn logged(service: &Service, what: &str) -> Value {
    until(async || {
        let log = service.read("stderr");
        let line = log.lines().find(|line| line.contains(what));
        line.map(|line| serde_json::from_str(line).unwrap())
            .ok_or(log)
    })
    .await
}

#[actix_web::test]
async fn low_memory_causes_a_warning_and_full_memory_is_logged_once() {
    let mut small = rolecall();
    small.env("ROLECALL_LIMITS__SESSION_MEGABYTES", "1");
    small.env("ROLECALL_LIMITS__LOGINS_PER_MINUTE", "0");
    let service = Service::start_by(small).await;
    let refused = loop {
        let agent = UserAgent::new();
        let page = agent.get(service.at("/login?idp=corp")).await;
        if page.status == StatusCode::SERVICE_UNAVAILABLE {
            break agent;
        }
        service.sign_in(&agent, &somebody("alice")).await;
    };
    for _ in 0..9 {
        refused.get(service.at("/login?idp=corp")).await;
    }
    let warning = logged(&service, "is nearly full").await;
    assert_eq!(warning["level"], "WARN");
    assert!(warning["percent"].as_u64() >= Some(80), "{warning}");
    // If housekeeping runs between these requests, it reports the requests in several lines.
    let report = until(async || {
        let log = service.read("stderr");
        let lines = log.lines().filter(|line| line.contains("turned away"));
        let lines = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
        let report: Vec<_> = lines.collect();
        let counts = report.iter().filter_map(|line| line["requests"].as_u64());
        match counts.sum::<u64>() {
            0..10 => Err(report),
            sum => Ok((report, sum)),
        }
    });
    let (report, sum) = report.await;
    assert_eq!(sum, 10, "{report:?}");
    assert!(
        report.iter().all(|line| line["level"] == "ERROR"),
        "{report:?}"
    );
    let log = service.read("stderr");
    let failed = log.lines().filter(|line| line.contains("request failed"));
    assert_eq!(failed.count(), 0, "{log}");
}

fn run(arguments: &[&str], file: Option<&Path>) -> Output {
    let mut command = rolecall();
    command.args(arguments);
    if let Some(file) = file {
        command.arg("--config").arg(file);
    }
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn help_and_version() {
    let help = run(&["--help"], None);
    assert!(help.status.success());
    for command in ["serve", "demo", "check-config", "metadata"] {
        assert!(
            text(&help.stdout).contains(command),
            "{}",
            text(&help.stdout)
        );
    }
    let version = run(&["--version"], None);
    assert_eq!(
        text(&version.stdout),
        format!("rolecall {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[actix_web::test]
async fn a_good_configuration_is_ok_and_gives_metadata() {
    let directory = tempfile::tempdir().unwrap();
    let sp = relying_party("https://aws.example.com");
    let aws = EmbeddedParts::start(Settings::new(sp, Clock::system())).unwrap();
    let ports = [Port::reserve(), Port::reserve()];
    let file = configure(&directory, "https://aws.example.com", &ports, &aws);
    let checked = run(&["check-config"], Some(&file));
    assert!(checked.status.success(), "{checked:?}");
    let metadata = run(&["metadata"], Some(&file));
    assert!(metadata.status.success(), "{metadata:?}");
    let descriptor: samael::metadata::EntityDescriptor = text(&metadata.stdout).parse().unwrap();
    assert_eq!(
        descriptor.entity_id.as_deref(),
        Some("https://aws.example.com/saml/metadata")
    );
    // An environment variable overrides the file.
    let overridden = rolecall()
        .args(["metadata", "--config"])
        .arg(&file)
        .env("ROLECALL_SAML__ENTITY_ID", "urn:from:the:environment")
        .output()
        .unwrap();
    assert!(
        text(&overridden.stdout).contains("urn:from:the:environment"),
        "{overridden:?}"
    );
}

#[test]
fn every_mistake_is_listed_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rolecall.toml");
    let configuration = "public_url = \"ftp://x\"\ncolour = 1\n[http]\nlisten = \"nowhere\"\n\
        [aws]\ndefault_duration_seconds = 1\n[[idp]]\nid = \"corp\"\nname = \"Corp\"\n";
    std::fs::write(&file, configuration).unwrap();
    for command in ["check-config", "serve", "metadata"] {
        let refused = run(&[command], Some(&file));
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        let output = format!("{}{}", text(&refused.stdout), text(&refused.stderr));
        for key in [
            "public_url",
            "colour",
            "http.listen",
            "aws.default_duration_seconds",
            "idp[0].metadata_file",
        ] {
            assert!(
                output.contains(key),
                "{command} does not name {key}: {output}"
            );
        }
    }
}

/// TLS files are checked by `check-config` and at startup, before anyone connects.
#[actix_web::test]
async fn an_unusable_certificate_is_a_mistake() {
    let directory = tempfile::tempdir().unwrap();
    let sp = relying_party("https://aws.example.com");
    let aws = EmbeddedParts::start(Settings::new(sp, Clock::system())).unwrap();
    let ports = [Port::reserve(), Port::reserve()];
    let file = configure(&directory, "https://aws.example.com", &ports, &aws);
    let [own, other] = ["localhost", "localhost"].map(KeyPair::generate);
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    write("own.crt", &own.certificate_pem);
    write("own.key", &own.key_pem);
    write("other.key", &other.key_pem);
    write("junk", "junk");
    let plain = std::fs::read_to_string(&file).unwrap();
    for (certificate, key, said) in [
        ("own.crt", "other.key", "cannot be used together"),
        ("junk", "own.key", "junk contains no PEM certificate"),
        ("own.crt", "junk", "junk contains no unencrypted PEM"),
        ("nowhere", "own.key", "http.tls_certificate_file"),
        ("own.crt", "nowhere", "http.tls_key_file"),
    ] {
        let lines =
            format!("[http]\ntls_certificate_file = \"{certificate}\"\ntls_key_file = \"{key}\"\n");
        std::fs::write(&file, plain.replace("[http]\n", &lines)).unwrap();
        for command in ["check-config", "serve"] {
            let refused = run(&[command], Some(&file));
            assert_eq!(refused.status.code(), Some(1), "{refused:?}");
            let output = format!("{}{}", text(&refused.stdout), text(&refused.stderr));
            assert!(
                output.contains(said),
                "{command}: {said} is not in {output}"
            );
        }
    }
    let lines = "[http]\ntls_certificate_file = \"own.crt\"\ntls_key_file = \"own.key\"\n";
    std::fs::write(&file, plain.replace("[http]\n", lines)).unwrap();
    let checked = run(&["check-config"], Some(&file));
    assert!(checked.status.success(), "{checked:?}");
}

#[actix_web::test]
async fn a_startup_failure_is_reported_in_one_line() {
    let directory = tempfile::tempdir().unwrap();
    let ports = [Port::reserve(), Port::reserve()];
    let port = ports[0].number();
    let _taken = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let url = format!("http://localhost:{port}");
    let aws = EmbeddedParts::start(Settings::new(relying_party(&url), Clock::system())).unwrap();
    let file = configure(&directory, &url, &ports, &aws);
    let missing = directory.path().join("nowhere.toml");
    for (file, said) in [
        (&file, port.to_string()),
        (&missing, "nowhere.toml".to_owned()),
    ] {
        let refused = run(&["serve"], Some(file));
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        let errors: Vec<_> = text(&refused.stderr)
            .lines()
            .filter(|line| line.contains("error"))
            .collect();
        assert_eq!(errors.len(), 1, "{refused:?}");
        assert!(errors[0].contains(&said), "{refused:?}");
    }
}
