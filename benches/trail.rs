//! Measures the audit trail.
//!
//! `cargo bench --bench trail` measures what the chain adds to a line (its number, the hash of the
//! line before it, and its own hash), and what a line costs as a whole: one after the other, and
//! from many requests at the same time, without and with `audit.sync = "line"`.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rolecall::audit::chain::{Chain, Position};
use rolecall::audit::{Audit, Event, Origin, Role, Who};
use rolecall::clock::Clock;
use rolecall::config::Sync;

/// What the chain may add to a line.
const CHAIN_LIMIT: Duration = Duration::from_micros(3);
const LINES: u32 = 100_000;
/// The number of requests that write a line at the same time.
const TOGETHER: usize = 100;

/// A typical line about issued credentials.
fn issued() -> Event {
    Event::CredentialsIssued(Role {
        role_arn: "arn:aws:iam::111111111111:role/Developer".to_owned(),
        provider_arn: Some("arn:aws:iam::111111111111:saml-provider/corp".to_owned()),
        grant: None,
        via: None,
        root_task: None,
        hub_role_arn: None,
        hub_sts_request_id: None,
        reason: None,
        session_name: Some("alice@example.com".to_owned()),
        source_identity: Some("alice".to_owned()),
        session_policy: None,
        duration_seconds: Some(3_600),
        sts_request_id: Some("c6104cbe-af31-11e0-8154-cbc7ccf896c7".to_owned()),
    })
}

fn who() -> Who {
    Who {
        idp: Some("corp".to_owned()),
        name_id: Some("alice@example.com".to_owned()),
        stable_id: None,
    }
}

const ORIGIN: Origin<'static> = Origin {
    request_id: "91d0c2b3a4f5e687",
    ip: None,
    user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    session: Some("k2Vh0oQy7XbW1mZr"),
    rules: "9be07d3c52f1a648",
};

#[actix_web::main]
async fn main() {
    let folder = tempfile::tempdir_in(std::env::var_os("TRAIL").unwrap_or(".".into()));
    let folder = folder.expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let object = one_line(&path).await;
    let chain = chain(&object);
    println!(
        "the chain adds {:.2} µs to a line of {} bytes",
        micros(chain),
        object.len()
    );
    for (sync, name) in [(Sync::None, "none"), (Sync::Line, "line")] {
        let count = if sync == Sync::None { LINES } else { 2_000 };
        let alone = one_after_the_other(&path, sync, count).await;
        let together = at_the_same_time(&path, sync, count).await;
        println!(
            "audit.sync = \"{name}\": a request waits {:.1} µs for its line; with {TOGETHER} requests \
             at the same time, a line takes {:.1} µs",
            micros(alone),
            micros(together)
        );
    }
    assert!(chain < CHAIN_LIMIT, "the chain adds {chain:?} to a line");
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// A line as the writer gets it, without the fields of the chain.
async fn one_line(path: &Path) -> Vec<u8> {
    let audit = Audit::to_file(path, Sync::None, Clock::system()).expect("a trail");
    record(&audit).await;
    let text = std::fs::read_to_string(path).expect("a trail");
    let line = text.lines().last().expect("a line");
    let end = line.find(",\"chain\"").expect("the fields of the chain");
    format!("{}}}", &line[..end]).into_bytes()
}

async fn record(audit: &Audit) {
    let now = Clock::system().now();
    let recorded = audit.record(now, &issued(), &who(), &ORIGIN).await;
    recorded.expect("the line is written");
}

/// What the chain adds to a line: the mean of the fastest batch, so that other programs on a busy
/// machine do not count.
fn chain(object: &[u8]) -> Duration {
    const BATCH: u32 = 100;
    let mut chain = Chain::new().expect("random bytes");
    let mut text = Vec::with_capacity(4_096);
    let mut batch = || {
        let began = Instant::now();
        for _ in 0..BATCH {
            text.clear();
            chain.add(black_box(object), Position::default(), &mut text);
            black_box(&text);
        }
        began.elapsed() / BATCH
    };
    let fastest = (0..LINES / BATCH).map(|_| batch()).min();
    fastest.expect("at least one batch")
}

async fn one_after_the_other(path: &Path, sync: Sync, count: u32) -> Duration {
    let audit = Audit::to_file(path, sync, Clock::system()).expect("a trail");
    let began = Instant::now();
    for _ in 0..count {
        record(&audit).await;
    }
    began.elapsed() / count
}

async fn at_the_same_time(path: &Path, sync: Sync, count: u32) -> Duration {
    let audit = Audit::to_file(path, sync, Clock::system()).expect("a trail");
    let together = u32::try_from(TOGETHER).expect("a small number");
    let began = Instant::now();
    for _ in 0..count / together {
        join_all((0..TOGETHER).map(|_| record(&audit))).await;
    }
    began.elapsed() / count
}
