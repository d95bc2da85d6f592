//! Measures the program's start-up time, idle memory and size.
//!
//! Run this benchmark with `cargo bench --bench start`.

mod support;

use std::process::Command;
use std::time::Duration;

use support::program::{Options, Program, binary, free_address};
use support::{Partners, Times};

const STARTS: usize = 20;

#[actix_web::main]
async fn main() {
    let mut times = Times::default();
    let mut resident = Vec::new();
    for _ in 0..STARTS {
        let address = free_address();
        let partners = Partners::start(address);
        let options = Options::default();
        let program = Program::start(address, &partners.metadata(), &options).await;
        times.push(program.ready_after);
        tokio::time::sleep(Duration::from_millis(200)).await;
        resident.push(program.resident());
    }
    println!("from start to readiness, with one IdP: {}", times.summary());
    resident.sort_unstable();
    println!(
        "resident memory when idle: {} to {} KiB",
        resident[0],
        resident[STARTS - 1]
    );
    let folder = tempfile::tempdir().expect("a temporary folder");
    let stripped = folder.path().join("rolecall");
    let status = Command::new("strip")
        .arg("-o")
        .arg(&stripped)
        .arg(binary())
        .status();
    assert!(status.is_ok_and(|status| status.success()), "strip works");
    let size = std::fs::metadata(&stripped).expect("a file").len();
    println!("the stripped program: {size} bytes");
}
