//! A disk that takes lines, but does not keep them: fdatasync(2) fails.
//!
//! No file system fails on demand without privileges. So a library in front of the C library does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::StatusCode;
use serde_json::Value;

use super::assert_whole;
use crate::credentials::somebody;
use crate::program::{Service, rolecall};
use crate::support::user_agent::UserAgent;

/// Makes fdatasync(2) fail as long as a file exists.
const LIBRARY: &str = r#"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
int fdatasync(int file) {
    if (access(getenv("NO_SYNC_WHILE_THERE_IS"), F_OK) != 0) return fsync(file);
    errno = EIO;
    return -1;
}
"#;

/// Compiles the library.
fn library(folder: &Path) -> PathBuf {
    let [source, library] = ["sync.c", "sync.so"].map(|name| folder.join(name));
    fs::write(&source, LIBRARY).unwrap();
    let mut compiler = Command::new("cc");
    compiler
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source]);
    assert!(compiler.status().expect("a C compiler").success());
    library
}

fn events(trail: &Path) -> Vec<String> {
    let text = fs::read_to_string(trail).unwrap();
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let events = lines.map(|line| line["event"].as_str().unwrap().to_owned());
    events.collect()
}

#[actix_web::test]
async fn a_line_that_the_disk_does_not_keep_lets_nothing_out() {
    let folder = tempfile::tempdir().unwrap();
    let [trail, fault] = ["audit.jsonl", "fault"].map(|name| folder.path().join(name));
    let mut command = rolecall();
    command
        .env("LD_PRELOAD", library(folder.path()))
        .env("NO_SYNC_WHILE_THERE_IS", &fault)
        .env("ROLECALL_AUDIT__FILE", &trail)
        .env("ROLECALL_AUDIT__SYNC", "line");
    let mut service = Service::start_by(command).await;
    let agent = UserAgent::new();
    service.sign_in(&agent, &somebody("alice")).await;
    fs::write(&fault, "").unwrap();
    let page = service.credentials(&agent).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{page}");
    assert!(page.body.contains("audit_unavailable"), "{page}");
    let checks = service
        .until_readiness_is(StatusCode::SERVICE_UNAVAILABLE)
        .await;
    let problem = checks["audit_problem"].as_str().unwrap();
    assert!(problem.contains("Input/output error"), "{problem}");
    fs::remove_file(&fault).unwrap();
    service.until_readiness_is(StatusCode::OK).await;
    let page = service.credentials(&agent).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    service.stop().await;
    // The first line may be in the file, so the trail says that nothing was handed over.
    let mut events = events(&trail);
    events.retain(|event| !event.starts_with("trail_"));
    let expected = [
        "login_accepted",
        "credentials_issued",
        "not_handed_over",
        "credentials_issued",
    ];
    assert_eq!(events, expected);
    assert_whole(&[&trail], &[]);
}
