//! The audit trail of the real program: readers that stand still, files that logrotate and people
//! move, full disks, and `rolecall audit verify`.

mod full_disk;
mod refused;
mod unsynced;

use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::Value;

use crate::credentials::somebody;
use crate::program::{Service, rolecall};
use crate::support::patience::until;
use crate::support::program::readable_rolecall;
use crate::support::stalled::Stalled;
use crate::support::user_agent::UserAgent;

/// The number of requests in front of a reader that stands still. Without queues, 335 were enough
/// to hang the program.
const REQUESTS: usize = 450;
/// The number of requests at the same time.
const TOGETHER: usize = 225;

fn verify(files: &[&Path], more: &[&str]) -> Output {
    let mut command = rolecall();
    command.args(["audit", "verify"]).args(files).args(more);
    command.output().unwrap()
}

#[track_caller]
fn assert_whole(files: &[&Path], more: &[&str]) {
    let verified = verify(files, more);
    assert!(verified.status.success(), "{}", said(&verified));
}

fn said(output: &Output) -> String {
    let texts = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    texts.concat()
}

/// Sends many anonymous requests, and asserts that each is answered: with a refusal, or because the
/// machine is busy, with the advice to try again.
async fn ask_often(service: &Service) {
    let agent = UserAgent::new();
    for _ in 0..REQUESTS / TOGETHER {
        let ask = async || {
            let fields = [("SAMLResponse".to_owned(), "PHg+".to_owned())];
            let page = agent.post_form(service.at("/saml/acs"), &fields).await;
            let is_busy = page.status == StatusCode::SERVICE_UNAVAILABLE;
            assert!(page.status.is_client_error() || is_busy, "{page}");
        };
        join_all((0..TOGETHER).map(|_| ask())).await;
    }
}

/// Nobody reads standard output, which is the audit trail, or standard error.
#[actix_web::test]
async fn readers_that_stand_still_stop_neither_requests_nor_the_shutdown() {
    for reads_at_the_end in [true, false] {
        let (trail, log) = (Stalled::new(), Stalled::new());
        let mut command = rolecall();
        // On a busy machine, clients may be slow.
        for (limit, value) in [
            ("REQUESTS_PER_MINUTE", "0"),
            ("UNFINISHED_PER_ADDRESS", "0"),
            ("HEADER_SECONDS", "300"),
        ] {
            command.env(format!("ROLECALL_LIMITS__{limit}"), value);
        }
        let mut service = Service::spawn(command, |_| [trail.output(), log.output()]);
        service.until_it_listens().await;
        if reads_at_the_end {
            ask_often(&service).await;
        }
        let live = reqwest::get(service.internal("live")).await.unwrap();
        assert_eq!(live.status(), StatusCode::OK);
        let checks = service
            .until_readiness_is(StatusCode::SERVICE_UNAVAILABLE)
            .await;
        assert_eq!(checks["audit"], false, "{checks}");
        let problem = checks["audit_problem"].as_str().unwrap();
        assert!(problem.contains("stopped reading"), "{problem}");
        // A reload waits no longer than a request.
        service.signal("HUP");
        until(async || {
            let (_, checks) = service.readiness().await?;
            (checks["configuration"] == false)
                .then_some(())
                .ok_or_else(|| checks.to_string())
        })
        .await;
        if !reads_at_the_end {
            service.stop().await;
            continue;
        }
        let (trail, log) = (trail.read(), log.read());
        service.until_readiness_is(StatusCode::OK).await;
        let agent = UserAgent::new();
        service.sign_in(&agent, &somebody("alice")).await;
        let page = service.credentials(&agent).await;
        assert_eq!(page.status, StatusCode::OK, "{page}");
        service.stop().await;
        let (trail, log) = (trail.join().unwrap(), log.join().unwrap());
        for event in ["trail_begun", "login_refused", "credentials_issued"] {
            assert!(
                trail.contains(&format!("\"event\":\"{event}\"")),
                "{event}: {trail}"
            );
        }
        // Nothing was reloaded, so the trail must not say so.
        assert!(!trail.contains("rules_reloaded"), "{trail}");
        assert!(log.contains("the newest audit line"), "{log}");
    }
}

/// Opening a pipe blocks until somebody reads from it, and writing to it blocks if nobody does.
#[actix_web::test]
async fn a_pipe_without_a_reader_stops_nothing_and_is_used_when_one_comes() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("audit");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let mut command = rolecall();
    command.env("ROLECALL_AUDIT__FILE", &pipe);
    let mut service = Service::spawn(command, |folder| {
        ["stdout", "stderr"].map(|name| File::create(folder.join(name)).unwrap().into())
    });
    let checks = service
        .until_readiness_is(StatusCode::SERVICE_UNAVAILABLE)
        .await;
    assert_eq!(checks["audit"], false, "{checks}");
    let agent = UserAgent::new();
    let page = agent.get(service.at("/login?idp=corp")).await;
    assert!(page.redirect().is_some(), "{page}");
    // Opened for reading and writing, so that the test does not block.
    let reader = File::options().read(true).write(true).open(&pipe).unwrap();
    service.until_readiness_is(StatusCode::OK).await;
    let agent = UserAgent::new();
    service.sign_in(&agent, &somebody("alice")).await;
    // The reader stands still: its pipe is full.
    let full = File::options().write(true).open(&pipe).unwrap();
    let filling = std::thread::spawn(move || {
        let mut full = &full;
        // Blocks at the end. The thread ends when the reader is closed.
        while full.write_all(&[b'\n'; 4_096]).is_ok() {}
    });
    let page = until(async || {
        let page = service.credentials(&agent).await;
        let is_refused = page.status == StatusCode::SERVICE_UNAVAILABLE;
        is_refused.then_some(page).ok_or(())
    })
    .await;
    assert!(page.body.contains("audit_unavailable"), "{page}");
    service.stop().await;
    drop(reader);
    filling.join().unwrap();
}

/// Sets the maximum size of the files that the process may write, with prlimit(1) of util-linux.
fn limit_files(service: &Service, bytes: &str) {
    let id = service.child.id().to_string();
    let mut prlimit = Command::new("prlimit");
    prlimit.args(["--pid", &id, &format!("--fsize={bytes}:")]);
    assert!(prlimit.status().expect("prlimit is installed").success());
}

/// The limit on the size of files stands for a full disk: it needs no privileges, and it also
/// causes short writes.
#[actix_web::test]
async fn a_full_disk_issues_nothing_tears_no_line_and_heals_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let trail = folder.path().join("audit.jsonl");
    // The log must stay below the limit, so the trail begins far above it.
    let old = "{\"event\":\"old\"}\n".repeat(70_000);
    fs::write(&trail, &old).unwrap();
    let mut command = rolecall();
    command.env("ROLECALL_AUDIT__FILE", &trail);
    let mut service = Service::start_by(command).await;
    let agent = UserAgent::new();
    service.sign_in(&agent, &somebody("alice")).await;
    let before = fs::read(&trail).unwrap();
    // Less than a line, so that a part of it is written.
    limit_files(&service, &(before.len() + 100).to_string());
    let page = service.credentials(&agent).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{page}");
    assert!(page.body.contains("audit_unavailable"), "{page}");
    assert_eq!(fs::read(&trail).unwrap(), before);
    let checks = service
        .until_readiness_is(StatusCode::SERVICE_UNAVAILABLE)
        .await;
    let problem = checks["audit_problem"].as_str().unwrap();
    assert!(problem.contains("too large"), "{problem}");
    until(async || {
        let log = service.read("stderr");
        let is_logged = log.contains("the audit trail cannot be written, so nothing is issued");
        is_logged.then_some(()).ok_or(log)
    })
    .await;
    limit_files(&service, "unlimited");
    service.until_readiness_is(StatusCode::OK).await;
    let page = service.credentials(&agent).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    let text = fs::read_to_string(&trail).unwrap();
    let new: Vec<Value> = text[old.len()..]
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let events: Vec<_> = new
        .iter()
        .map(|line| line["event"].as_str().unwrap())
        .collect();
    let expected = [
        "trail_begun",
        "login_accepted",
        "trail_continued",
        "credentials_issued",
    ];
    assert_eq!(events, expected);
    assert_eq!(new[2]["cause"], "writable_again");
    assert_eq!(new[2]["failed"], 1, "{}", new[2]);
    until(async || {
        let log = service.read("stderr");
        let is_logged = log.contains("the audit trail can be written again");
        is_logged.then_some(()).ok_or(log)
    })
    .await;
    service.stop().await;
    assert_whole(&[&trail], &[]);
}

/// The newest hash is in the readiness check and, at the end, in the log.
#[actix_web::test]
async fn the_trail_of_two_programs_and_a_restart_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let trail = folder.path().join("audit.jsonl");
    let start = async || {
        let mut command = rolecall();
        command.env("ROLECALL_AUDIT__FILE", &trail);
        command.env("ROLECALL_AUDIT__SYNC", "line");
        Service::start_by(command).await
    };
    let (mut one, mut other) = (start().await, start().await);
    for service in [&one, &other, &one, &other] {
        service.sign_in(&UserAgent::new(), &somebody("alice")).await;
    }
    one.stop().await;
    let mut one = start().await;
    for service in [&one, &other] {
        service.sign_in(&UserAgent::new(), &somebody("alice")).await;
    }
    let (_, checks) = one.readiness().await.unwrap();
    let hash = checks["audit_head"]["hash"].as_str().unwrap().to_owned();
    assert_whole(&[&trail], &["--last", &hash]);
    one.stop().await;
    let log = one.read("stderr");
    assert!(log.contains(&hash), "{hash}: {log}");
    other.stop().await;
    // The last line of the second program is cut off.
    let text = fs::read_to_string(&trail).unwrap();
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    let cut: Vec<_> = lines.iter().filter(|line| !line.contains(&hash)).collect();
    assert_eq!(cut.len(), lines.len() - 1);
    let without = lines
        .iter()
        .rposition(|line| line.contains("login_accepted"))
        .unwrap();
    fs::write(&trail, lines[..without - 1].concat()).unwrap();
    let verified = verify(&[&trail], &["--last", &hash]);
    assert_eq!(verified.status.code(), Some(1), "{}", said(&verified));
    assert!(said(&verified).contains(&hash), "{}", said(&verified));
}

/// Programs that rotate logs send SIGHUP. The space of a deleted file is free only when the program
/// has closed it, even if there is no line to write, because the new configuration has mistakes.
#[actix_web::test]
async fn sighup_closes_a_file_that_was_moved_away() {
    let folder = tempfile::tempdir().unwrap();
    let [trail, moved] = ["audit.jsonl", "audit.jsonl.1"].map(|name| folder.path().join(name));
    let mut command = readable_rolecall();
    command.env("ROLECALL_AUDIT__FILE", &trail);
    let service = Service::start_by(command).await;
    service.change(|text| format!("colour = 1\n{text}"));
    fs::rename(&trail, &moved).unwrap();
    service.signal("HUP");
    until(async || {
        let open = fs::read_dir(format!("/proc/{}/fd", service.child.id())).unwrap();
        let open = open.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
        let open: Vec<_> = open.collect();
        let is_done = open.contains(&trail) && !open.contains(&moved);
        is_done.then_some(()).ok_or(open)
    })
    .await;
    assert_whole(&[&moved, &trail], &[]);
}

#[actix_web::test]
async fn a_file_that_others_can_read_becomes_private() {
    let folder = tempfile::tempdir().unwrap();
    let trail = folder.path().join("audit.jsonl");
    fs::write(&trail, "").unwrap();
    fs::set_permissions(&trail, Permissions::from_mode(0o664)).unwrap();
    let mut command = rolecall();
    command.env("ROLECALL_AUDIT__FILE", &trail);
    let service = Service::start_by(command).await;
    let mode = fs::metadata(&trail).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let log = service.read("stderr");
    assert!(log.contains("group or others had permissions"), "{log}");
}

#[test]
fn verify_reports_what_is_wrong_and_cannot_be_used_to_control_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    let unreadable = verify(&[&nowhere], &[]);
    assert_eq!(unreadable.status.code(), Some(2), "{}", said(&unreadable));
    assert!(
        said(&unreadable).contains("nowhere"),
        "{}",
        said(&unreadable)
    );
    let hostile = folder.path().join("a\u{1b}[31m");
    fs::write(
        &hostile,
        "\u{1b}]0;title\u{7}\n{\"chain\":\"\u{1b}\",\"seq\":1}\n",
    )
    .unwrap();
    let verified = verify(&[&hostile], &[]);
    assert_eq!(verified.status.code(), Some(1), "{}", said(&verified));
    assert!(!said(&verified).contains('\u{1b}'), "{}", said(&verified));
    let usage = verify(&[&hostile], &["--last", "12ab"]);
    assert_eq!(usage.status.code(), Some(2), "{}", said(&usage));
}
