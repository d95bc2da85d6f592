//! Counts the heap allocations of a login, in the verification pipeline and in the whole service.
//!
//! Run this benchmark with `cargo bench --bench allocations`. Most figures are the same in every
//! run.

#[path = "support/messages.rs"]
mod messages;
mod support;

use std::net::Ipv4Addr;

use messages::{Algorithm, Bench};
use rolecall::clock::Clock;
use rolecall::config::Config;
use rolecall::demo::idp::Signed;
use rolecall::server::Application;
use support::http::{Connection, get};
use support::program::{Options, configuration, free_address};
use support::{Partners, Responded, SentRequest};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

const LOGINS: u64 = 100;

#[actix_web::main]
async fn main() {
    let _profiler = dhat::Profiler::builder().testing().build();
    println!("-- allocations in the pipeline, from the form field to the verified login");
    let bench = Bench::new(Algorithm::Rsa(2048));
    for (name, signed) in [
        ("one signature", Signed::Assertion),
        ("two signatures", Signed::Both),
    ] {
        for roles in [1, 10, 100, 500] {
            let field = bench.field(roles, signed);
            bench.login(&field);
            let before = allocations();
            bench.login(&field);
            println!("{roles} roles, {name}: {}", allocations() - before);
        }
    }
    println!("-- allocations in the service, from the POST to the session");
    service().await;
}

/// The number of heap blocks allocated since the profiler started.
fn allocations() -> u64 {
    dhat::HeapStats::get().total_blocks
}

async fn service() {
    let address = free_address();
    let partners = Partners::start(address);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let addresses = (address, free_address());
    let options = Options::default();
    let file = configuration(folder.path(), addresses, &partners.metadata(), &options);
    let config = Config::load(&file, []).expect("a good configuration");
    let application = Application::build(&config, Clock::system()).expect("the application starts");
    actix_web::rt::spawn(application.run_until_stopped());
    let mut connection = Connection::open(Ipv4Addr::LOCALHOST, address)
        .await
        .expect("a connection");
    for roles in [1, partners.roles_of_size(6_700), 100] {
        let mut logins = Vec::new();
        for number in 0..=LOGINS {
            let asked = SentRequest::ask(&mut connection).await;
            let number = usize::try_from(number).expect("a small number");
            logins.push(asked.answered(&partners, number, roles));
        }
        // The first login makes one-time allocations, so it is finished before the count begins.
        finish(&mut connection, &logins.pop().expect("a first login")).await;
        let before = allocations();
        for login in &logins {
            finish(&mut connection, login).await;
        }
        println!("{roles} roles: {}", (allocations() - before) / LOGINS);
    }
}

/// Finishes a login, from the POST to the session. The client itself allocates twice per login.
async fn finish(connection: &mut Connection, login: &Responded) {
    let head = connection.send_for_head(&login.post).await;
    let head = std::str::from_utf8(head.expect("a response")).expect("text");
    let location = head.split("location: ").nth(1).expect("a redirect");
    let path = location.split("\r\n").next().expect("a line");
    let request = get(path, &login.cookie);
    let head = connection.send_for_head(&request).await;
    assert!(head.expect("a response").starts_with(b"HTTP/1.1 303"));
}
