//! The end of a service in which everything hangs. The test takes as long as the service may: 20
//! seconds.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use reqwest::Method;
use rustix::fs::OFlags;
use serde_json::json;

use crate::support::capture::Capture;
use crate::support::patience::until;
use crate::support::program::{Service, rolecall};
use crate::support::roles::{READER, somebody};
use crate::support::stalled::Stalled;
use crate::support::user_agent::UserAgent;

fn make_pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success(), "{}", path.display());
}

/// Opens a pipe for writing, without waiting for a reader.
fn nonblocking() -> OpenOptions {
    let mut options = File::options();
    options.write(true);
    options.custom_flags(OFlags::NONBLOCK.bits().cast_signed());
    options
}

/// Fills a pipe, so that the next write to it blocks.
fn fill(path: &Path) {
    let mut pipe = nonblocking().open(path).unwrap();
    while pipe.write(&[b'\n'; 4_096]).is_ok() {}
    while pipe.write(b"\n").is_ok() {}
}

/// The log and the audit trail are not read, STS does not respond, and a reload reads from a pipe to
/// which nobody writes.
#[actix_web::test]
async fn a_service_in_which_everything_hangs_ends_after_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    let trail = folder.path().join("audit");
    make_pipe(&trail);
    // Opened for reading and writing, so that the test does not block.
    let reader = File::options().read(true).write(true).open(&trail).unwrap();
    let (log, sts) = (Stalled::new(), Capture::holding(usize::MAX));
    let mut command = rolecall();
    command
        .env("ROLECALL_AUDIT__FILE", &trail)
        .env("ROLECALL_AWS__STS_ENDPOINT", sts.endpoint());
    let mut service = Service::spawn(command, |folder| {
        [
            File::create(folder.join("stdout")).unwrap().into(),
            log.output(),
        ]
    });
    service.until_it_listens().await;
    let agent = UserAgent::new();
    service.sign_in(&agent, &somebody("alice")).await;
    let body = json!({ "role_arn": READER }).to_string();
    let request = agent.request(Method::POST, service.at("/api/credentials"));
    let request = request.body(body);
    let asking = actix_web::rt::spawn(async move { agent.send(request).await });
    sts.begins().await;
    fill(&trail);
    let configuration = service.directory.path().join("rolecall.toml");
    fs::remove_file(&configuration).unwrap();
    make_pipe(&configuration);
    service.signal("HUP");
    // This succeeds as soon as the service reads from the pipe.
    let writer = until(async || nonblocking().open(&configuration)).await;
    let asked = Instant::now();
    service.signal("TERM");
    let ended = until(async || service.child.try_wait().unwrap().ok_or("running")).await;
    println!("{ended} after {:?}", asked.elapsed());
    assert_eq!(ended.code(), Some(1), "{ended}");
    // The call to STS may have been given up.
    if let Ok(page) = asking.await {
        assert!(page.status.is_server_error(), "{page}");
    }
    drop(reader);
    drop(writer);
}
