//! Audit files whose permissions cannot be removed from group and others.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::Command;

use reqwest::StatusCode;

use super::{assert_whole, until};
use crate::credentials::somebody;
use crate::program::{Service, rolecall};
use crate::support::program::{PROGRAM, is_root, rolecall_by};
use crate::support::user_agent::UserAgent;

/// A user other than the one who runs the tests.
const NOBODY: u32 = 65_534;
const PROBLEM: &str =
    "group or others have permissions for the file, and these cannot be removed: Operation not";

/// A file of this user that everybody can read. The kernel lets nobody change its permissions, not
/// even root.
fn unchangeable() -> String {
    format!("/proc/{}/comm", std::process::id())
}

/// Asserts that the service does not start with this audit file, and says why in one line.
async fn assert_refused(mut command: Command, file: &Path) {
    let before = fs::read(file).unwrap();
    command.env("ROLECALL_AUDIT__FILE", file);
    let mut service = Service::spawn_quietly(command);
    let ended = until(async || service.child.try_wait().unwrap().ok_or("running")).await;
    let (log, trail) = (service.read("stderr"), service.read("stdout"));
    assert_eq!(ended.code(), Some(1), "{log}");
    let expected = format!(
        "rolecall: error: audit.file: cannot open {}: {PROBLEM}",
        file.display()
    );
    let errors = log.lines().filter(|line| line.contains("error:"));
    let errors: Vec<_> = errors.collect();
    assert!(
        errors.len() == 1 && errors[0].starts_with(&expected),
        "{log}"
    );
    assert_eq!(trail, "");
    assert_eq!(fs::read(file).unwrap(), before);
}

#[actix_web::test]
async fn an_audit_file_that_stays_open_to_others_is_refused_at_the_start() {
    assert_refused(rolecall(), Path::new(&unchangeable())).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.jsonl");
    fs::write(&file, "").unwrap();
    if !is_root() {
        println!("NOT TESTED: only root can make a file that belongs to another user");
        return;
    }
    chown(&file, Some(NOBODY), Some(NOBODY)).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
    // In a user namespace, root has no rights to the files of others.
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", PROGRAM]);
    assert_refused(rolecall_by(command), &file).await;
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o666
    );
}

#[actix_web::test]
async fn an_audit_file_that_is_replaced_by_an_open_one_lets_nothing_out() {
    let folder = tempfile::tempdir().unwrap();
    let [file, old] = ["audit.jsonl", "audit.jsonl.1"].map(|name| folder.path().join(name));
    let mut command = rolecall();
    command.env("ROLECALL_AUDIT__FILE", &file);
    let mut service = Service::start_by(command).await;
    let agent = UserAgent::new();
    service.sign_in(&agent, &somebody("alice")).await;
    fs::rename(&file, &old).unwrap();
    symlink(unchangeable(), &file).unwrap();
    let page = service.credentials(&agent).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{page}");
    assert!(page.body.contains("audit_unavailable"), "{page}");
    let checks = service
        .until_readiness_is(StatusCode::SERVICE_UNAVAILABLE)
        .await;
    let problem = checks["audit_problem"].as_str().unwrap();
    assert!(problem.starts_with(PROBLEM), "{problem}");
    fs::remove_file(&file).unwrap();
    File::create(&file).unwrap();
    service.until_readiness_is(StatusCode::OK).await;
    let page = service.credentials(&agent).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    service.stop().await;
    assert_whole(&[&old, &file], &[]);
}
