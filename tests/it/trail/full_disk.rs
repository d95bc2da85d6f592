//! A disk that is full in the middle of a line.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::StatusCode;
use serde_json::Value;

use super::assert_whole;
use crate::credentials::somebody;
use crate::program::Service;
use crate::support::patience::until;
use crate::support::program::{PROGRAM, rolecall_by};
use crate::support::user_agent::UserAgent;

/// The program with a small disk (a tmpfs) at `folder`. Only the program and its children see the
/// disk, because they have their own mounts. In a user namespace of their own, this needs no
/// privileges. Where it is not allowed, the service does not start, and the test fails.
fn on_a_small_disk(folder: &Path) -> Command {
    let script = "mount -t tmpfs -o size=128k,mode=700 none \"$0\" && exec \"$@\"";
    let mut command = Command::new("unshare");
    command
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
        .arg(folder)
        .arg(PROGRAM);
    rolecall_by(command)
}

/// Writes to a file until the disk is full.
fn fill(path: &Path) {
    let full = io::copy(&mut io::repeat(b' '), &mut File::create(path).unwrap());
    assert_eq!(full.unwrap_err().kind(), ErrorKind::StorageFull);
}

fn lines(trail: &Path) -> Vec<Value> {
    let text = fs::read_to_string(trail).unwrap();
    assert!(text.ends_with('\n'), "the last line is torn: {text}");
    let lines = text.lines().map(serde_json::from_str);
    lines
        .map(|line| line.unwrap_or_else(|_| panic!("{text}")))
        .collect()
}

fn issued(lines: &[Value]) -> usize {
    let events = lines.iter().map(|line| &line["event"]);
    events
        .filter(|event| **event == "credentials_issued")
        .count()
}

/// A disk has room for whole blocks only. What is left of the file's last block takes some lines
/// and then, nearly always, a part of one.
#[actix_web::test]
async fn a_full_disk_tears_no_line_and_lets_nothing_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = on_a_small_disk(folder.path());
    command.env("ROLECALL_AUDIT__FILE", folder.path().join("audit.jsonl"));
    let mut service = Service::start_by(command).await;
    // The folder as the program sees it (proc(5)).
    let seen = PathBuf::from(format!("/proc/{}/root", service.child.id()));
    let disk = seen.join(folder.path().strip_prefix("/").unwrap());
    let trail = disk.join("audit.jsonl");
    let agent = UserAgent::new();
    service.sign_in(&agent, &somebody("alice")).await;
    fill(&disk.join("filler"));
    let mut handed_out = 0;
    let refused = loop {
        let page = service.credentials(&agent).await;
        if page.status != StatusCode::OK {
            break page;
        }
        handed_out += 1;
    };
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{refused}");
    assert!(refused.body.contains("audit_unavailable"), "{refused}");
    assert_eq!(issued(&lines(&trail)), handed_out);
    let checks = service
        .until_readiness_is(StatusCode::SERVICE_UNAVAILABLE)
        .await;
    let problem = checks["audit_problem"].as_str().unwrap();
    assert!(problem.contains("No space left on device"), "{problem}");
    until(async || {
        let log = service.read("stderr");
        let is_logged = log.contains("the audit trail cannot be written");
        is_logged.then_some(()).ok_or(log)
    })
    .await;
    fs::remove_file(disk.join("filler")).unwrap();
    service.until_readiness_is(StatusCode::OK).await;
    let page = service.credentials(&agent).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    let lines = lines(&trail);
    assert_eq!(issued(&lines), handed_out + 1);
    let [.., marker, _] = &*lines else {
        panic!("{lines:?}")
    };
    assert_eq!(marker["cause"], "writable_again", "{marker}");
    assert_eq!(marker["failed"], 1, "{marker}");
    assert_whole(&[&trail], &[]);
    service.stop().await;
}
