//! logrotate and the audit trail, while credentials are issued.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use rolecall::audit::verify::{Finding, Known, Verified, verify};
use rolecall::demo::role::Role;
use serde_json::{Value, json};

use crate::support::app::{Options, TestApp, person};
use crate::support::saml::ROLE;
use crate::support::user_agent::UserAgent;

/// How often the file is rotated.
const ROTATIONS: usize = 6;
/// The number of people who request credentials at the same time.
const PEOPLE: usize = 4;
const READER: &str = "arn:aws:iam::111111111111:role/reader";

fn roles(acs_url: &str) -> Vec<Role> {
    vec![Role::new("aws", "111111111111", "reader", "corp", acs_url)]
}

/// Rotates the file with the real logrotate.
fn rotate(folder: &Path, how: &str) -> Output {
    let file = folder.join("audit.jsonl");
    let text = format!(
        "{} {{\n  su {} {}\n  rotate 100\n  missingok\n  {how}\n}}\n",
        file.display(),
        name("-un"),
        name("-gn"),
    );
    let configuration = folder.join("logrotate.conf");
    fs::write(&configuration, text).unwrap();
    let mut logrotate = Command::new("logrotate");
    // Debian installs it in a folder that is not in everybody's path.
    logrotate.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    logrotate
        .args(["--force", "--state"])
        .arg(folder.join("state"));
    let output = logrotate.arg(configuration).output();
    output.expect("logrotate is installed: run `make test`")
}

/// The name of this process's user or group.
fn name(option: &str) -> String {
    let output = Command::new("id").arg(option).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn trail_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let is_trail = |path: &PathBuf| {
        path.file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with("audit.jsonl")
    };
    entries.filter(is_trail).collect()
}

/// Issues credentials while logrotate rotates the file. Returns the AWS request IDs of all issued
/// credentials, those in the trail, and the verification of all files.
async fn issue_and_rotate(how: &str) -> (Vec<String>, Vec<String>, Verified) {
    let folder = tempfile::tempdir().unwrap();
    // logrotate refuses folders that others can write to.
    let trail = folder.path().join("audit.jsonl");
    let app = TestApp::start_with(Options {
        audit: Some(trail),
        roles: Some(roles),
        limits: "requests_per_minute = 0\n".to_owned(),
        ..Options::default()
    });
    let provider = "arn:aws:iam::111111111111:saml-provider/corp";
    let alice = person("alice").with_attribute(ROLE, [format!("{READER},{provider}")]);
    let agents: Vec<_> = (0..PEOPLE).map(|_| UserAgent::new()).collect();
    for agent in &agents {
        app.sign_in(agent, &alice).await;
    }
    let rotated = std::cell::Cell::new(false);
    let rotations = async {
        for _ in 0..ROTATIONS {
            let (folder, how) = (folder.path().to_owned(), how.to_owned());
            let output = actix_web::rt::task::spawn_blocking(move || rotate(&folder, &how));
            let output = output.await.unwrap();
            assert!(output.status.success(), "{output:?}");
        }
        rotated.set(true);
    };
    let issue = async |agent: &UserAgent| {
        let mut keys = Vec::new();
        while !rotated.get() {
            let asked = agent.request(Method::POST, app.at("/api/credentials"));
            let body = json!({ "role_arn": READER }).to_string();
            let page = agent.send(asked.body(body)).await;
            assert_eq!(page.status, StatusCode::OK, "{page}");
            keys.push(page.headers["x-request-id"].to_str().unwrap().to_owned());
        }
        keys
    };
    let issuing = join_all(agents.iter().map(issue));
    let (issued, ()) = futures_util::future::join(issuing, rotations).await;
    let files = trail_files(folder.path());
    assert!(files.len() > ROTATIONS, "{files:?}");
    let text: String = files
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let in_trail = lines.filter(|line| line["event"] == "credentials_issued");
    let in_trail = in_trail.map(|line| line["request_id"].as_str().unwrap().to_owned());
    let verified = verify(&files, &Known::default()).unwrap();
    (issued.concat(), in_trail.collect(), verified)
}

#[actix_web::test]
async fn while_logrotate_creates_files_every_issuance_has_its_line() {
    let (issued, in_trail, verified) = issue_and_rotate("create 0600").await;
    assert!(issued.len() > ROTATIONS, "{}", issued.len());
    for id in &issued {
        assert!(in_trail.contains(id), "no line for {id}");
    }
    assert!(verified.problems.is_empty(), "{:#?}", verified.problems);
}

/// copytruncate itself may lose lines: those that are written after it has copied the file and
/// before it truncates it. Each such line is found.
#[actix_web::test]
async fn lines_that_copytruncate_loses_are_found() {
    let (issued, in_trail, verified) = issue_and_rotate("copytruncate").await;
    let lost = issued.iter().filter(|id| !in_trail.contains(id)).count();
    let missing = verified.problems.iter().map(|problem| match problem {
        Finding::Missing { from, to, .. } => to - from + 1,
        other => panic!("{other}"),
    });
    let missing: u64 = missing.sum();
    println!("copytruncate lost {lost} of {} issuances", issued.len());
    assert!(
        missing >= u64::try_from(lost).unwrap(),
        "{lost}: {:#?}",
        verified.problems
    );
}
