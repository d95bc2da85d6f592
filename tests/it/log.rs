//! The log of the real program when nobody reads it: lines are dropped and counted, and nobody
//! waits.

use std::fs::File;
use std::process::{Child, Stdio};

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::Value;
use tokio::time::timeout;

use crate::program::{Service, rolecall};
use crate::support::patience::{PATIENCE, until};
use crate::support::program::send;
use crate::support::server::Port;
use crate::support::stalled::Stalled;
use crate::support::user_agent::UserAgent;

/// The number of requests at the same time.
const TOGETHER: usize = 100;
/// More lines than the queue holds: each request writes two.
const ROUNDS: usize = 30;
const NOTICE: &str = "log lines were dropped because nobody read the log";

/// Sends requests, each of which writes log lines, and asserts that each is answered.
async fn ask(url: &str) {
    let agent = UserAgent::new();
    join_all((0..TOGETHER).map(|_| agent.get(url))).await;
}

#[actix_web::test]
async fn lines_that_nobody_read_are_counted_in_readiness_and_in_the_log() {
    let log = Stalled::new();
    let mut command = rolecall();
    command.env("ROLECALL_LIMITS__REQUESTS_PER_MINUTE", "0");
    let mut service = Service::spawn(command, |folder| {
        [
            File::create(folder.join("stdout")).unwrap().into(),
            log.output(),
        ]
    });
    service.until_it_listens().await;
    let dropped = |checks: &Value| checks["log_lines_dropped"].as_u64().unwrap();
    let checks = until(async || {
        ask(&service.at("/nowhere")).await;
        let (_, checks) = service.readiness().await?;
        (dropped(&checks) > 0)
            .then_some(checks)
            .ok_or("no line was dropped".to_owned())
    })
    .await;
    assert_eq!(checks["log"], false, "{checks}");
    let log = log.read();
    let checks = until(async || {
        let (_, checks) = service.readiness().await?;
        (checks["log"] == true)
            .then_some(checks)
            .ok_or("the log does not work".to_owned())
    })
    .await;
    // Without log, everything still works.
    assert_eq!(service.readiness().await.unwrap().0, StatusCode::OK);
    service.stop().await;
    let log = log.join().unwrap();
    let lines = log.lines().filter(|line| !line.is_empty());
    let lines = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    let notices: Vec<_> = lines.filter(|line| line["message"] == NOTICE).collect();
    assert!(!notices.is_empty(), "{log}");
    let counts = notices
        .iter()
        .map(|notice| notice["dropped"].as_u64().unwrap());
    assert_eq!(counts.sum::<u64>(), dropped(&checks), "{notices:?}");
    assert!(
        notices.iter().all(|notice| notice["level"] == "WARN"),
        "{notices:?}"
    );
}

/// A demo, which is killed when the test ends.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[actix_web::test]
async fn a_reader_of_the_demo_who_stands_still_stops_nobody() {
    let (log, ports) = (Stalled::new(), Port::reserve_two());
    let mut command = rolecall();
    command
        .args(["demo", "--port", &ports[0].number().to_string()])
        .env("RUST_LOG", "trace")
        .stdout(Stdio::null())
        .stderr(log.output());
    let mut demo = Demo(command.spawn().unwrap());
    // The command has a copy of the log's other end.
    drop(command);
    let url = format!("http://localhost:{}/nowhere", ports[0].number());
    let listens = until(async || reqwest::get(&url).await.map_err(|error| error.to_string()));
    timeout(PATIENCE, listens).await.expect("the demo responds");
    for _ in 0..ROUNDS {
        ask(&url).await;
    }
    let log = log.read();
    ask(&url).await;
    send(&demo.0, "TERM");
    let ended = until(async || demo.0.try_wait().unwrap().ok_or("running")).await;
    assert!(ended.success(), "{ended}");
    let log = log.join().unwrap();
    let notice = log.lines().find(|line| line.contains(NOTICE));
    let notice = notice.expect("a line about dropped lines");
    assert!(
        notice.starts_with(&format!(" WARN {NOTICE} dropped=")),
        "{notice}"
    );
}
