//! The writer: deadlines, files that are moved, and files that others can read.

use std::fs::{self, File, Permissions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::{join, join_all};
use serde_json::Value;
use tempfile::TempDir;

use super::chain::LineHash;
use super::verify::{Known, verify};
use super::*;

pub const ORIGIN: Origin<'static> = Origin {
    request_id: "0",
    ip: None,
    user_agent: None,
    session: None,
    rules: "",
};

fn accepted() -> Event {
    Event::LoginAccepted {
        unsolicited: false,
        assertion_id: "_1".to_owned(),
        roles: 1,
        grants: Vec::new(),
        dropped: Vec::new(),
        dropped_beyond: 0,
    }
}

struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn audit(&self) -> Audit {
        Audit::to_file(&self.path("audit.jsonl"), Sync::Line, Clock::system()).unwrap()
    }

    fn lines(&self, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.path(name)).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    }

    fn events(&self, name: &str) -> Vec<String> {
        let event = |line: Value| line["event"].as_str().unwrap().to_owned();
        self.lines(name).into_iter().map(event).collect()
    }

    /// Makes a pipe for the trail, and opens it for reading.
    fn pipe(&self) -> File {
        let path = self.path("audit.jsonl");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        // Opening one end alone would block.
        File::options().read(true).write(true).open(path).unwrap()
    }

    /// Fills the pipe, so that the next write blocks. Returns the number of bytes.
    fn fill(&self) -> usize {
        let mut options = File::options();
        options.write(true);
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
        let mut pipe = options.open(self.path("audit.jsonl")).unwrap();
        let mut filled = 0;
        for size in [4_096, 1] {
            while let Ok(written) = pipe.write(&vec![b' '; size]) {
                filled += written;
            }
        }
        filled
    }
}

async fn record(audit: &Audit, event: &Event) -> Result<(), AuditError> {
    let now = Clock::system().now();
    audit.record(now, event, &Who::default(), &ORIGIN).await
}

/// Reads lines from a pipe until `count` lines with these events have come.
fn read_events(mut pipe: &File, count: usize) -> Vec<String> {
    let mut text = Vec::new();
    loop {
        let mut more = [0; 4_096];
        let read = pipe.read(&mut more).unwrap();
        text.extend_from_slice(&more[..read]);
        let whole = String::from_utf8_lossy(&text);
        let lines = whole.trim_start().lines();
        let lines = lines.filter_map(|line| serde_json::from_str::<Value>(line.trim()).ok());
        let events: Vec<_> = lines
            .map(|line| line["event"].as_str().unwrap().to_owned())
            .collect();
        if events.len() >= count {
            return events;
        }
    }
}

#[test]
fn an_unopenable_file_is_reported_with_its_configuration_key() {
    let folder = tempfile::tempdir().unwrap();
    let error = Audit::to_file(folder.path(), Sync::None, Clock::system());
    let error = error.unwrap_err().to_string();
    let named = format!("audit.file: cannot open {}: ", folder.path().display());
    assert!(error.starts_with(&named), "{error}");
}

/// Nothing was handed out, so the trail must not say that it was. A refusal has happened, so its
/// line stays.
#[tokio::test]
async fn a_line_that_was_not_begun_before_the_deadline_is_taken_back() {
    let bench = Bench::new();
    let pipe = bench.pipe();
    bench.fill();
    let audit = bench.audit();
    let refusal = Event::LoginRefused {
        check: "status",
        detail: String::new(),
        message: None,
    };
    let accepted = accepted();
    let (late, refused) = join(record(&audit, &accepted), record(&audit, &refusal)).await;
    assert!(matches!(late, Err(AuditError::Late)), "{late:?}");
    assert!(matches!(refused, Err(AuditError::Late)), "{refused:?}");
    while audit.health().problem.is_none() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let problem = audit.health().problem.unwrap();
    assert!(problem.contains("stopped reading"), "{problem}");
    let events = read_events(&pipe, 2);
    assert_eq!(events, ["trail_begun", "login_refused"]);
}

#[tokio::test]
async fn a_line_that_is_written_after_its_deadline_is_followed_by_another_one() {
    let bench = Bench::new();
    let pipe = bench.pipe();
    let audit = bench.audit();
    record(&audit, &Event::Logout).await.unwrap();
    let filled = bench.fill();
    assert!(filled > 0);
    let late = record(&audit, &accepted()).await;
    assert!(matches!(late, Err(AuditError::Late)), "{late:?}");
    let events = read_events(&pipe, 4);
    let expected = ["trail_begun", "logout", "login_accepted", "not_handed_over"];
    assert_eq!(events, expected);
    let again = record(&audit, &Event::Logout).await;
    assert!(again.is_ok(), "{again:?}");
    assert_eq!(audit.health().problem, None);
}

/// While nobody reads the trail, requests must not wait in front of a full queue, which would stop
/// the threads that serve.
#[tokio::test]
async fn lines_beyond_the_queue_fail_at_once() {
    let bench = Bench::new();
    let _pipe = bench.pipe();
    bench.fill();
    let audit = bench.audit();
    let event = accepted();
    // The queue, what the writer has taken from it already, and one more.
    let most = queue::MAX_WAITING + writer::MOST_TOGETHER + 1;
    let all = join_all((0..most).map(|_| record(&audit, &event)));
    let refused = all.await.into_iter().map(Result::unwrap_err);
    let at_once = refused.filter(|error| matches!(error, AuditError::Backlog));
    assert!(at_once.count() > 0);
}

/// Each process must know which line it writes after.
#[tokio::test]
async fn two_writers_append_to_one_file_at_the_same_time() {
    let bench = Bench::new();
    let both = [bench.audit(), bench.audit()];
    for _ in 0..200 {
        let [one, other] = both.each_ref().map(|audit| record(audit, &Event::Logout));
        let (one, other) = join(one, other).await;
        one.and(other).unwrap();
    }
    assert_eq!(bench.lines("audit.jsonl").len(), 402);
    let verified = verify(&[bench.path("audit.jsonl")], &Known::default()).unwrap();
    assert!(verified.problems.is_empty(), "{:#?}", verified.problems);
}

/// Anyone who goes away while the line waits cannot keep it out of the trail.
#[tokio::test]
async fn a_client_that_goes_away_does_not_prevent_the_line() {
    let bench = Bench::new();
    let audit = bench.audit();
    let refusal = record(&audit, &Event::Logout);
    let gone = futures_util::poll!(Box::pin(refusal));
    drop(gone);
    record(&audit, &Event::Logout).await.unwrap();
    assert_eq!(bench.events("audit.jsonl").len(), 3);
}

#[tokio::test]
async fn the_next_line_is_in_the_file_that_has_the_name() {
    let bench = Bench::new();
    let (file, old) = (bench.path("audit.jsonl"), bench.path("audit.jsonl.1"));
    let audit = bench.audit();
    record(&audit, &Event::Logout).await.unwrap();
    let all = |names: &[&str]| {
        names
            .iter()
            .map(|name| bench.path(name))
            .collect::<Vec<_>>()
    };
    // Moved.
    fs::rename(&file, &old).unwrap();
    record(&audit, &accepted()).await.unwrap();
    assert_eq!(
        bench.events("audit.jsonl"),
        ["trail_continued", "login_accepted"]
    );
    let both = verify(&all(&["audit.jsonl", "audit.jsonl.1"]), &Known::default()).unwrap();
    assert!(both.problems.is_empty(), "{both:?}");
    // Replaced by an existing file, which others can read.
    fs::write(bench.path("new"), "{\"old\":1}\n").unwrap();
    fs::set_permissions(bench.path("new"), Permissions::from_mode(0o644)).unwrap();
    fs::rename(&file, bench.path("audit.jsonl.2")).unwrap();
    fs::rename(bench.path("new"), &file).unwrap();
    record(&audit, &accepted()).await.unwrap();
    let lines = bench.lines("audit.jsonl");
    assert_eq!(lines[1]["cause"], "file_replaced");
    assert_eq!(lines[1]["after"], LineHash::of(b"{\"old\":1}").to_string());
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // Truncated.
    fs::copy(&file, bench.path("audit.jsonl.3")).unwrap();
    File::options()
        .write(true)
        .open(&file)
        .unwrap()
        .set_len(0)
        .unwrap();
    record(&audit, &accepted()).await.unwrap();
    assert_eq!(bench.lines("audit.jsonl")[0]["cause"], "file_truncated");
    let names = [
        "audit.jsonl",
        "audit.jsonl.1",
        "audit.jsonl.2",
        "audit.jsonl.3",
    ];
    let joined = verify(&all(&names), &Known::default()).unwrap();
    assert!(joined.problems.is_empty(), "{joined:?}");
    // Deleted.
    fs::remove_file(&file).unwrap();
    record(&audit, &accepted()).await.unwrap();
    assert_eq!(
        bench.events("audit.jsonl"),
        ["trail_continued", "login_accepted"]
    );
    let missing = verify(&all(&names), &Known::default()).unwrap();
    assert_eq!(missing.problems.len(), 1, "{missing:?}");
}

/// What a crash left is evidence, so it is not removed.
#[tokio::test]
async fn a_torn_line_at_the_start_is_closed_and_named() {
    let bench = Bench::new();
    record(&bench.audit(), &Event::Logout).await.unwrap();
    let mut file = File::options()
        .append(true)
        .open(bench.path("audit.jsonl"))
        .unwrap();
    file.write_all(b"{\"time\":\"2026").unwrap();
    record(&bench.audit(), &Event::Logout).await.unwrap();
    let text = fs::read_to_string(bench.path("audit.jsonl")).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[2], "{\"time\":\"2026");
    let marker: Value = serde_json::from_str(lines[3]).unwrap();
    assert_eq!(marker["torn_bytes"], 13);
    assert_eq!(marker["from_seq"], 2);
    let verified = verify(&[bench.path("audit.jsonl")], &Known::default()).unwrap();
    assert!(verified.problems.is_empty(), "{verified:?}");
    assert_eq!(verified.notes.len(), 1, "{verified:?}");
}

/// A line that lacks only its newline is whole.
#[tokio::test]
async fn a_line_without_its_newline_is_completed() {
    let bench = Bench::new();
    record(&bench.audit(), &Event::Logout).await.unwrap();
    let path = bench.path("audit.jsonl");
    let length = fs::metadata(&path).unwrap().len();
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(length - 1)
        .unwrap();
    record(&bench.audit(), &Event::Logout).await.unwrap();
    assert_eq!(bench.lines("audit.jsonl").len(), 4);
    let verified = verify(&[path], &Known::default()).unwrap();
    assert!(verified.problems.is_empty(), "{verified:?}");
}

/// Lines of a version without chains are held by the line that follows them.
#[tokio::test]
async fn a_trail_of_an_older_version_is_continued() {
    let bench = Bench::new();
    let old = "{\"time\":\"2026-03-02T08:00:01Z\",\"event\":\"logout\"}\n";
    fs::write(bench.path("audit.jsonl"), old.repeat(3)).unwrap();
    record(&bench.audit(), &Event::Logout).await.unwrap();
    let first = &bench.lines("audit.jsonl")[3];
    assert_eq!(first["event"], "trail_begun");
    assert_eq!(
        first["after"],
        LineHash::of(old.trim_end().as_bytes()).to_string()
    );
    let verify = || verify(&[bench.path("audit.jsonl")], &Known::default()).unwrap();
    assert!(verify().problems.is_empty(), "{:?}", verify());
    let text = fs::read_to_string(bench.path("audit.jsonl")).unwrap();
    fs::write(bench.path("audit.jsonl"), text + old).unwrap();
    assert_eq!(verify().problems.len(), 1, "{:?}", verify());
}

#[tokio::test]
async fn a_device_keeps_its_permissions() {
    let audit = Audit::to_file(Path::new("/dev/null"), Sync::Line, Clock::system()).unwrap();
    record(&audit, &Event::Logout).await.unwrap();
    let mode = fs::metadata("/dev/null").unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o666);
}
