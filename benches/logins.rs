//! A load of logins against the real program: how many a second, and what they take in memory.
//!
//! `cargo bench --bench logins` starts `rolecall serve` on free ports of this machine, signs
//! 1,000 people in, one after the other and then eight at a time, and reads the program's
//! resident memory from `/proc`.

mod support;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

const LOGINS: usize = 1_000;
const AT_ONCE: usize = 8;

#[tokio::main]
async fn main() {
    let (program, bench) = support::start("requests_per_minute = 0").await;
    let bench = Arc::new(bench);
    let begun = Instant::now();
    for number in 0..LOGINS / 2 {
        bench.login(number, Ipv4Addr::LOCALHOST).await;
    }
    report("one after the other", LOGINS / 2, begun);
    let next = Arc::new(AtomicUsize::new(LOGINS / 2));
    let begun = Instant::now();
    let people = (0..AT_ONCE).map(|_| {
        let (bench, next) = (Arc::clone(&bench), Arc::clone(&next));
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= LOGINS {
                    return;
                }
                bench.login(number, Ipv4Addr::LOCALHOST).await;
            }
        })
    });
    for person in people.collect::<Vec<_>>() {
        person.await.expect("nobody fails");
    }
    report(&format!("{AT_ONCE} at a time"), LOGINS / 2, begun);
    println!(
        "resident, after {LOGINS} logins: {} KiB",
        program.resident()
    );
}

fn report(how: &str, logins: usize, begun: Instant) {
    let seconds = begun.elapsed().as_secs_f64();
    let rate = f64::from(u32::try_from(logins).expect("a small number")) / seconds;
    println!(
        "{logins} whole logins, {how}: {rate:.0}/s (the IdP's signing and the client included)"
    );
}
