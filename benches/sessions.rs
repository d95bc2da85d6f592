//! Measures the memory use of sessions.
//!
//! `cargo bench --bench sessions` stores 100,000 sessions as the service does, reads this process's
//! resident memory from `/proc` as their number grows, and draws a chart in
//! `target/bench/sessions.svg`.

#[path = "support/messages.rs"]
mod messages;
#[path = "support/picture.rs"]
mod picture;
#[path = "support/program.rs"]
#[allow(dead_code, reason = "only the memory is read")]
mod program;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use messages::{Algorithm, Bench};
use mimalloc::MiMalloc;
use picture::{Line, Picture};
use rolecall::clock::Clock;
use rolecall::demo::idp::Signed;
use rolecall::saml::idp::EntityKey;
use rolecall::saml::{Login, response};
use rolecall::session::{AssertionField, AssertionKey, Prepared, Session, SessionToken, Sessions};
use rolecall::store::{Operation, Store};

/// The allocator that `rolecall` uses.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const SESSIONS: usize = 100_000;
const STEP: usize = 5_000;
/// The number of roles in each session. A response with this many contains 6.9 kB of XML.
const ROLES: usize = 9;
/// How long assertions can be redeemed: long enough to store and measure all of them.
const REDEEMABLE: Duration = Duration::from_secs(30);

#[actix_web::main]
async fn main() {
    let bench = Bench::new(Algorithm::Rsa(2048));
    let field = bench.field(ROLES, Signed::Assertion);
    let login = bench.login(&field);
    let xml = response::decode(&field).expect("base64");
    let posted = AssertionField {
        field: &field,
        decoded: xml.as_bytes(),
    };
    println!(
        "a response with {ROLES} roles: {} bytes of XML, {} bytes as received",
        field.len() / 4 * 3,
        field.len()
    );
    let store = Store::default();
    let sessions = Sessions::new(store.clone(), true);
    let clock = Clock::system();
    let empty = program::resident("self");
    let kib = |resident: u64| f64::from(u32::try_from(resident - empty).expect("a small number"));
    let each = |kib: f64| kib * 1_024.0 / count(SESSIONS);
    let (mut alone, mut with) = (Line::new("without assertion"), Line::new("with assertion"));
    for number in 0..SESSIONS {
        let session = session(&login, number, &clock);
        begin(&store, &session, &clock).await;
        if (number + 1) % STEP == 0 {
            alone.point(count(number + 1), kib(program::resident("self")) / 1_024.0);
        }
    }
    store.admission();
    let of_sessions = kib(program::resident("self"));
    println!("{SESSIONS} sessions: {:.0} bytes each", each(of_sessions));
    let begun = Instant::now();
    for number in 0..SESSIONS {
        let session = session(&login, number, &clock);
        keep(&store, &session, posted, &clock).await;
        if (number + 1) % STEP == 0 {
            let all = kib(program::resident("self"));
            let share = count(number + 1) / count(SESSIONS);
            let of_these = of_sessions * share + (all - of_sessions);
            with.point(count(number + 1), of_these / 1_024.0);
        }
    }
    let all = kib(program::resident("self"));
    println!("with their assertions: {:.0} bytes each", each(all));
    assert!(
        begun.elapsed() < REDEEMABLE,
        "the first assertions may have expired before the last were measured"
    );
    tokio::time::sleep(REDEEMABLE + Duration::from_secs(3)).await;
    // Imitate the running service: its housekeeping runs every few seconds, and the allocator
    // returns free memory to the system when people sign in or out.
    for _ in 0..3 {
        store.admission();
        for number in 0..10 {
            let session = session(&login, number, &clock);
            let token = begin(&store, &session, &clock).await;
            keep(&store, &session, posted, &clock).await;
            sessions.end(&token, &session).await.expect("a sign-out");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let left = kib(program::resident("self"));
    println!("after the assertions expired: {:.0} bytes each", each(left));
    Picture {
        title: "Memory of people who are signed in",
        horizontal: "sessions",
        vertical: "MiB",
    }
    .draw("sessions", &[with, alone]);
}

async fn begin(store: &Store, session: &Session, clock: &Clock) -> SessionToken {
    let prepared = Prepared::new(session).expect("the session can be sealed");
    write(store, prepared.beginning(clock.now())).await;
    prepared.into_token()
}

async fn keep(store: &Store, session: &Session, field: AssertionField<'_>, clock: &Clock) {
    let kept = session.keeping_assertion(field, clock.now());
    write(store, kept.expect("the assertion can be sealed")).await;
}

async fn write(store: &Store, operation: Operation) {
    store.all(vec![operation]).await.expect("room in the store");
}

/// Makes a session for person `number`.
fn session(login: &Login, number: usize, clock: &Clock) -> Session {
    let mut login = login.clone();
    login.person.name_id = format!("person-{number:06}@example.com");
    login.name_id.value.clone_from(&login.person.name_id);
    let key = AssertionKey::new().expect("random bytes");
    let now = clock.now();
    let entity = EntityKey::of("https://idp.example.com/metadata");
    let session = Session::new(
        login,
        entity,
        key,
        now,
        TimeDelta::hours(8),
        &BTreeSet::new(),
    );
    Session {
        redeemable_until: now + REDEEMABLE,
        expires_at: now + TimeDelta::hours(8),
        ..session
    }
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}
