//! Attacks the real program, and measures how long genuine logins take before and during the
//! attack.
//!
//! `cargo bench --bench door` starts `rolecall serve` on free ports of this machine. The attack
//! opens 1,000 connections, sends only part of a request head on each, and posts junk to the ACS
//! for 30 seconds. Meanwhile, people sign in from another address, one after another.
//!
//! The attack runs twice. In the first run, with the default limits, most of the junk is rejected
//! before it is read. In the second run, without a request limit, the program checks the junk, as
//! it would if the junk came from thousands of addresses.
//!
//! In the last run, 5,000 connections from five addresses each send a request head and one octet of
//! the body now and then. Meanwhile, visitors open a page, each on a new connection.

mod support;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use support::http::{Connection, post};
use support::program::{Options, Program, free_address};
use support::{Partners, Times, sign_in};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{interval, timeout};

const HALF_OPEN: usize = 1_000;
const SENDERS: usize = 50;
/// The request rate of each junk sender.
const POSTS_A_SECOND: u32 = 200;
/// A login that takes longer counts as slow.
const GOOD: Duration = Duration::from_millis(100);
const SIEGE: Duration = Duration::from_secs(30);

/// The source addresses of the half-open connections, the junk, and the people who sign in.
const IDLERS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const ATTACKER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);
const PEOPLE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 4);

/// The number of addresses that hold connections with unfinished bodies, and the number of
/// connections of each.
const HOLDERS: u8 = 5;
const HELD: usize = 1_000;
/// A visitor gives up after this time.
const GIVE_UP: Duration = Duration::from_secs(12);
const HALF_BODY: &[u8] = b"POST /credentials HTTP/1.1\r\nHost: x\r\n\
    Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10000\r\n\r\na";

#[actix_web::main]
async fn main() {
    if let Err(error) = rlimit::increase_nofile_limit(16_384) {
        println!("the limit on open files cannot be raised: {error}");
    }
    println!("-- default limits");
    siege("").await;
    println!("-- no request limit");
    siege("requests_per_minute = 0").await;
    println!("-- default limits, unfinished bodies");
    crowd().await;
}

async fn siege(limits: &str) {
    let address = free_address();
    let partners = Partners::start(address);
    let options = Options {
        limits: limits.to_owned(),
        ..Options::default()
    };
    let program = Program::start(address, &partners.metadata(), &options).await;
    quiet(&partners, address).await;
    let posts = Arc::new(Posts::new(&partners));
    let idlers: Vec<_> = (0..HALF_OPEN)
        .map(|_| tokio::spawn(idle(address)))
        .collect();
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| tokio::spawn(send(Arc::clone(&posts), sender, address)))
        .collect();
    let begun = Instant::now();
    let (times, most) = people(&partners, &program, begun).await;
    for task in idlers.into_iter().chain(senders) {
        task.abort();
    }
    posts.report(begun.elapsed());
    report("during the attack", times);
    println!("peak resident memory: {most} KiB");
}

/// Measures login times before the attack.
async fn quiet(partners: &Partners, address: SocketAddr) {
    let mut times = Times::default();
    for number in 0..100 {
        times.push(timed(partners, number, address).await);
    }
    report("before the attack", times);
}

/// Signs people in until the attack ends; returns their login times and the program's peak resident
/// memory in KiB.
async fn people(partners: &Partners, program: &Program, begun: Instant) -> (Times, u64) {
    let (mut times, mut most) = (Times::default(), 0);
    while begun.elapsed() < SIEGE {
        times.push(timed(partners, times.count(), program.address).await);
        most = most.max(program.resident());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    (times, most)
}

async fn timed(partners: &Partners, number: usize, address: SocketAddr) -> Duration {
    let begun = Instant::now();
    sign_in(partners, number, PEOPLE, address).await;
    begun.elapsed()
}

/// Measures how soon visitors get a page while all connections are wanted by clients that do not
/// finish their requests.
async fn crowd() {
    let address = free_address();
    let partners = Partners::start(address);
    let program = Program::start(address, &partners.metadata(), &Options::default()).await;
    let mut holders = Vec::new();
    for holder in 0..HOLDERS {
        let from = Ipv4Addr::new(127, 0, 1, holder + 1);
        holders.extend((0..HELD).map(|_| tokio::spawn(hold(from, address))));
    }
    let begun = Instant::now();
    let (mut times, mut refused, mut unanswered) = (Times::default(), 0, 0);
    while begun.elapsed() < SIEGE {
        let begun = Instant::now();
        match timeout(GIVE_UP, visit(address)).await {
            Ok(Ok(200)) => times.push(begun.elapsed()),
            Ok(Ok(_)) => refused += 1,
            _ => unanswered += 1,
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for task in holders {
        task.abort();
    }
    let count = times.count();
    if count > 0 {
        println!("{count} visitors with an answer: {}", times.summary());
    }
    println!("{refused} visitors with an error, such as 503");
    println!("{unanswered} visitors without an answer within {GIVE_UP:?}");
    println!("resident memory: {} KiB", program.resident());
}

/// Opens a page on a new connection; returns the status.
async fn visit(to: SocketAddr) -> std::io::Result<u16> {
    let mut connection = Connection::open(PEOPLE, to).await?;
    let request = b"GET /saml/metadata HTTP/1.1\r\nHost: localhost\r\n\r\n";
    Ok(connection.send(request).await?.status)
}

/// Sends one octet of a body now and then, and reconnects whenever the connection is closed.
async fn hold(from: Ipv4Addr, to: SocketAddr) {
    loop {
        if let Ok(mut stream) = half_open(from, to).await
            && stream.write_all(HALF_BODY).await.is_ok()
        {
            let mut octet = interval(Duration::from_secs(1));
            loop {
                tokio::select! {
                    _ = stream.readable() => break,
                    _ = octet.tick() => if stream.write_all(b"a").await.is_err() { break },
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn half_open(from: Ipv4Addr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    socket.connect(to).await
}

/// Sends half a request head, keeps the connection open, and reconnects whenever it is closed.
async fn idle(to: SocketAddr) {
    loop {
        if let Ok(mut stream) = half_open(IDLERS, to).await
            && stream
                .write_all(b"POST /saml/acs HTTP/1.1\r\nHost: x\r\nX-")
                .await
                .is_ok()
        {
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The junk requests, and how often a request was refused after a check (403) or turned away
/// unchecked (429 or 503).
struct Posts {
    requests: Vec<Vec<u8>>,
    refused: AtomicUsize,
    turned_away: AtomicUsize,
}

impl Posts {
    /// Four kinds of junk: not base64, not XML, not signed, and signed with someone else's key.
    fn new(partners: &Partners) -> Self {
        let forged = partners.response(&partners.stranger(), 0, 1, None);
        let unsigned = "PHNhbWxwOlJlc3BvbnNlIHhtbG5zOnNhbWxwPSJ1cm46b2FzaXM6bmFtZXM6dGM6U0FNTDoyLjA6cHJvdG9jb2wiLz4=";
        let junk = [
            "!".repeat(2_000),
            "A".repeat(4_000),
            unsigned.to_owned(),
            forged,
        ];
        let requests = junk
            .iter()
            .map(|field| post("/saml/acs", "", &[("SAMLResponse", field)]));
        Self {
            requests: requests.collect(),
            refused: AtomicUsize::new(0),
            turned_away: AtomicUsize::new(0),
        }
    }

    fn count(&self, status: u16) {
        let counter = match status {
            429 | 503 => &self.turned_away,
            403 => &self.refused,
            other => panic!("junk must be refused or turned away, but the status is {other}"),
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn report(&self, time: Duration) {
        let refused = self.refused.load(Ordering::Relaxed);
        let turned_away = self.turned_away.load(Ordering::Relaxed);
        let all = u32::try_from(refused + turned_away).expect("a small number");
        let rate = f64::from(all) / time.as_secs_f64();
        println!("junk: {rate:.0}/s, {refused} checked and refused, {turned_away} turned away");
    }
}

/// Posts junk at a steady rate over a persistent connection.
async fn send(posts: Arc<Posts>, sender: usize, to: SocketAddr) {
    let mut pace = interval(Duration::from_secs(1) / POSTS_A_SECOND);
    let mut number = sender;
    loop {
        let Ok(mut connection) = Connection::open(ATTACKER, to).await else {
            continue;
        };
        loop {
            pace.tick().await;
            number += 1;
            let request = &posts.requests[number % posts.requests.len()];
            match connection.send(request).await {
                Ok(response) => posts.count(response.status),
                Err(_) => break,
            }
        }
    }
}

fn report(when: &str, mut times: Times) {
    let (count, slow) = (times.count(), times.longer_than(GOOD));
    println!(
        "{count} complete logins {when}: {}, {slow} over {GOOD:?}",
        times.summary()
    );
}
