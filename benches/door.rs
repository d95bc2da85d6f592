//! A siege of the real program: does a good login get through?
//!
//! `cargo bench --bench door` starts `rolecall serve` on free ports of this machine, opens 1,000
//! connections that never finish the head of a request, posts junk to the ACS for 30 seconds, and
//! meanwhile signs people in from another address, one after the other. Once with the limits as
//! they are by default, where most of the junk is turned away at the door; once without a limit
//! on requests, where every message is judged, as when it comes from thousands of addresses.

mod support;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rolecall::clock::Clock;
use support::{Bench, Program};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::interval;
use url::Url;

const HALF_OPEN: usize = 1_000;
const SENDERS: usize = 50;
/// Of each sender.
const POSTS_A_SECOND: u32 = 200;
/// A login that takes longer is one too slow.
const GOOD: Duration = Duration::from_millis(100);
const SIEGE: Duration = Duration::from_secs(30);

/// Whose connections the half-open ones are, the junk's, and the good people's.
const IDLERS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const ATTACKER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);
const PEOPLE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 4);

#[tokio::main]
async fn main() {
    if let Err(error) = rlimit::increase_nofile_limit(8_192) {
        println!("the bound on open files cannot be raised: {error}");
    }
    println!("-- limits as they are by default");
    siege("").await;
    println!("-- no limit on requests: every message is judged");
    siege("requests_per_minute = 0").await;
}

async fn siege(limits: &str) {
    let (program, bench) = support::start(limits).await;
    quiet(&bench).await;
    let posts = Arc::new(Posts::new(&bench));
    let port = Url::parse(&bench.sp.acs_url)
        .ok()
        .and_then(|url| url.port());
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, port.expect("the ACS has a port")));
    let idlers: Vec<_> = (0..HALF_OPEN).map(|_| tokio::spawn(idle(to))).collect();
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| tokio::spawn(send(Arc::clone(&posts), sender, to)))
        .collect();
    let begun = Instant::now();
    let (times, most) = people(&bench, &program, begun).await;
    for task in idlers.into_iter().chain(senders) {
        task.abort();
    }
    posts.report(begun.elapsed());
    report("under siege", times);
    println!("resident, at most: {most} KiB");
}

/// What logins take before the siege.
async fn quiet(bench: &Bench) {
    let mut times = Vec::new();
    for number in 0..100 {
        times.push(timed(bench, number).await);
    }
    report("before", times);
}

/// Logins until the siege is over, and the most that the program has resident, in KiB.
async fn people(bench: &Bench, program: &Program, begun: Instant) -> (Vec<Duration>, u64) {
    let (mut times, mut most) = (Vec::new(), 0);
    while begun.elapsed() < SIEGE {
        times.push(timed(bench, times.len()).await);
        most = most.max(program.resident());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    (times, most)
}

async fn timed(bench: &Bench, number: usize) -> Duration {
    let begun = Instant::now();
    bench.login(number, PEOPLE).await;
    begun.elapsed()
}

async fn connect(from: Ipv4Addr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    socket.connect(to).await
}

/// A connection with half a head; a new one whenever it is closed.
async fn idle(to: SocketAddr) {
    loop {
        if let Ok(mut stream) = connect(IDLERS, to).await
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

/// What is posted, and what became of it.
struct Posts {
    requests: Vec<Vec<u8>>,
    refused: AtomicUsize,
    turned_away: AtomicUsize,
}

impl Posts {
    /// Not base64, not XML, not signed, and signed by somebody else's key.
    fn new(bench: &Bench) -> Self {
        let stranger = support::new_idp(&Clock::system());
        let forged = bench.response(&stranger, 0, None);
        let unsigned = "PHNhbWxwOlJlc3BvbnNlIHhtbG5zOnNhbWxwPSJ1cm46b2FzaXM6bmFtZXM6dGM6U0FNTDoyLjA6cHJvdG9jb2wiLz4=";
        let junk = [
            "!".repeat(2_000),
            "A".repeat(4_000),
            unsigned.to_owned(),
            forged,
        ];
        Self {
            requests: junk.iter().map(|field| request(field)).collect(),
            refused: AtomicUsize::new(0),
            turned_away: AtomicUsize::new(0),
        }
    }

    fn count(&self, head: &[u8]) {
        let counter = if head.starts_with(b"HTTP/1.1 429") {
            &self.turned_away
        } else {
            assert!(head.starts_with(b"HTTP/1.1 403"), "junk is refused");
            &self.refused
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn report(&self, time: Duration) {
        let refused = self.refused.load(Ordering::Relaxed);
        let turned_away = self.turned_away.load(Ordering::Relaxed);
        let all = u32::try_from(refused + turned_away).expect("a small number");
        let rate = f64::from(all) / time.as_secs_f64();
        println!("junk: {rate:.0}/s, {refused} judged and refused, {turned_away} turned away");
    }
}

fn request(field: &str) -> Vec<u8> {
    let body = serde_urlencoded::to_string([("SAMLResponse", field)]).expect("text");
    let length = body.len();
    format!(
        "POST /saml/acs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Posts junk at a steady rate, on a connection that is kept.
async fn send(posts: Arc<Posts>, sender: usize, to: SocketAddr) {
    let mut pace = interval(Duration::from_secs(1) / POSTS_A_SECOND);
    let mut number = sender;
    loop {
        let Ok(mut stream) = connect(ATTACKER, to).await else {
            continue;
        };
        loop {
            pace.tick().await;
            number += 1;
            let request = &posts.requests[number % posts.requests.len()];
            if stream.write_all(request).await.is_err()
                || answer(&mut stream, &posts).await.is_none()
            {
                break;
            }
        }
    }
}

/// Reads a whole answer; nothing when the connection is closed.
async fn answer(stream: &mut TcpStream, posts: &Posts) -> Option<()> {
    let mut text = Vec::with_capacity(8_192);
    loop {
        if stream.read_buf(&mut text).await.ok()? == 0 {
            return None;
        }
        let Some(head) = memchr::memmem::find(&text, b"\r\n\r\n") else {
            continue;
        };
        let length = content_length(&text[..head])?;
        if text.len() >= head + 4 + length {
            posts.count(&text);
            return Some(());
        }
    }
}

fn content_length(head: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(head).ok()?.to_ascii_lowercase();
    let value = head.split("content-length: ").nth(1)?;
    value.split("\r\n").next()?.parse().ok()
}

fn report(when: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    let slow = times.iter().filter(|time| **time > GOOD).count();
    println!(
        "{} whole logins {when}: median {:?}, 95 % within {:?}, slowest {:?}, {slow} over {GOOD:?}",
        times.len(),
        at(50),
        at(95),
        at(100)
    );
}
