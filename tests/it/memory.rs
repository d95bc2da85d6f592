//! The memory of the program stays in the program: no core dumps, and no access for other processes
//! of the same user.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::credentials::{READER, somebody};
use crate::program::Service;
use crate::support::patience::until;
use crate::support::program::{is_root, readable_rolecall};
use crate::support::user_agent::UserAgent;

/// The size of a page of memory on x86-64, in bytes. Larger pages are multiples.
const PAGE: usize = 4096;
/// The maximum number of copies of five secret access keys in memory after the sign-out.
const MOST_COPIES: usize = 5;
/// A user without rights, for a test that runs as root.
const NOBODY: u32 = 65_534;

/// A copy of the program in a folder that every user can read.
fn readable_copy() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let copy = folder.path().join("rolecall");
    fs::copy(env!("CARGO_BIN_EXE_rolecall"), &copy).unwrap();
    (folder, copy)
}

/// Runs `rolecall inspect -`, which waits for a message on its standard input, with core dumps
/// allowed. The program runs in `/tmp`, as another user if the test runs as root.
fn waiting(program: &Path) -> Child {
    let mut command = Command::new("sh");
    let line = "ulimit -c unlimited; exec \"$0\" inspect -";
    command.args(["-c", line]).arg(program);
    command
        .current_dir("/tmp")
        .stdin(Stdio::piped())
        .stderr(Stdio::null());
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.spawn().unwrap()
}

/// Waits until the program has limited its core dumps to nothing. Returns the line about the limit.
async fn limit(pid: u32) -> String {
    let limits = format!("/proc/{pid}/limits");
    until(async || {
        let text = fs::read_to_string(&limits).unwrap_or_default();
        let line = text
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let line = line.unwrap_or_default().to_owned();
        let values: Vec<_> = line.split_whitespace().skip(4).take(2).collect();
        (values == ["0", "0"]).then_some(line).ok_or(text)
    })
    .await
}

#[actix_web::test]
async fn the_service_leaves_no_core_and_cannot_be_read_by_its_own_user() {
    let service = Service::start().await;
    limit(service.child.id()).await;
    let (_folder, program) = readable_copy();
    let mut waiting = waiting(&program);
    limit(waiting.id()).await;
    // The kernel gives the files of a process that is not dumpable to root (proc(5)).
    let proc = format!("/proc/{}", waiting.id());
    let status = fs::read_to_string(format!("{proc}/status")).unwrap();
    let uid = status
        .lines()
        .find_map(|line| line.strip_prefix("Uid:"))
        .unwrap();
    assert_ne!(uid.split_whitespace().next(), Some("0"), "{status}");
    until(async || {
        let owner = fs::metadata(format!("{proc}/environ")).unwrap().uid();
        (owner == 0).then_some(()).ok_or(owner)
    })
    .await;
    waiting.kill().unwrap();
    waiting.wait().unwrap();
}

#[actix_web::test]
async fn a_signal_that_usually_dumps_core_dumps_none() {
    let (_folder, program) = readable_copy();
    for signal in ["ABRT", "QUIT"] {
        let mut waiting = waiting(&program);
        limit(waiting.id()).await;
        let pid = waiting.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &*pid])
            .status();
        assert!(sent.unwrap().success());
        let ended = waiting.wait().unwrap();
        assert!(ended.signal().is_some(), "{signal}: {ended}");
        assert!(!ended.core_dumped(), "{signal}: {ended}");
    }
}

/// All memory of a process that is present and writable.
fn memory(pid: u32) -> Vec<u8> {
    let open = |name: &str| File::open(format!("/proc/{pid}/{name}")).unwrap();
    let (memory, pages) = (open("mem"), open("pagemap"));
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let writable = maps.lines().filter(|line| {
        line.split(' ')
            .nth(1)
            .is_some_and(|bits| bits.contains('w'))
    });
    let mut all = Vec::new();
    for line in writable {
        let range = line.split(' ').next().unwrap();
        let [start, end] =
            [0, 1].map(|at| u64::from_str_radix(range.split('-').nth(at).unwrap(), 16).unwrap());
        for page in (start..end).step_by(PAGE) {
            // Only pages that are present or swapped out have content: bits 63 and 62 (proc(5)).
            let mut entry = [0; 8];
            pages
                .read_exact_at(&mut entry, page / PAGE as u64 * 8)
                .unwrap();
            if u64::from_ne_bytes(entry) >> 62 != 0 {
                let mut content = [0; PAGE];
                if memory.read_exact_at(&mut content, page).is_ok() {
                    all.extend(content);
                }
            }
        }
    }
    all
}

/// The heap is wiped when it is freed, so a secret outlives its use only in a buffer that is kept
/// for the next request, and on the stack.
#[actix_web::test]
async fn few_copies_of_a_secret_access_key_outlive_the_session() {
    let service = Service::start_by(readable_rolecall()).await;
    let mut secrets = Vec::new();
    {
        let agent = UserAgent::new();
        service.sign_in(&agent, &somebody("alice")).await;
        for _ in 0..5 {
            let request = agent.request(Method::POST, service.at("/api/credentials"));
            let request = request.body(json!({ "role_arn": READER }).to_string());
            let issued: Value = serde_json::from_str(&agent.send(request).await.body).unwrap();
            secrets.push(issued["SecretAccessKey"].as_str().unwrap().to_owned());
        }
        agent.post_form(service.at("/logout"), &[]).await;
    }
    let left = memory(service.child.id());
    let copies = secrets.iter().map(|secret| {
        let secret = secret.as_bytes();
        left.windows(secret.len())
            .filter(|window| *window == secret)
            .count()
    });
    let copies: Vec<_> = copies.collect();
    eprintln!("copies: {copies:?}");
    assert!(copies.iter().sum::<usize>() <= MOST_COPIES, "{copies:?}");
}
