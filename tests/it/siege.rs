//! Clients that hold connections and finish nothing: everyone else is still served.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;

use futures_util::future::join_all;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::credentials::form;
use crate::program::{Service, rolecall};
use crate::support::app::{Options, TestApp, person};
use crate::support::capture::Capture;
use crate::support::key_pair::KeyPair;
use crate::support::patience::until;
use crate::support::siege::{Plan, Unfinished, connect, secured};
use crate::support::user_agent::{Page, UserAgent};

const VISITORS: usize = 13;
const CALLS: usize = 5;
const ATTACKER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const OFFICE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);
/// No time limit helps during the sieges. It would also affect visitors on a busy machine.
const PATIENT: &str = "header_seconds = 300";
const HALF_HEAD: &[u8] = b"GET /saml/metadata HTTP/1.1\r\nHost: localhost\r\nX-Slow: a";
const REQUEST: &[u8] = b"GET /saml/metadata HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn half_body(client: &str) -> Vec<u8> {
    format!(
        "POST /credentials HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {client}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\na"
    )
    .into_bytes()
}

fn limited(limits: &str) -> TestApp {
    TestApp::start_with(Options {
        limits: limits.to_owned(),
        ..Options::default()
    })
}

/// The address of the application's public listener.
pub fn address(app: &TestApp) -> SocketAddr {
    let (_, port) = app.url.rsplit_once(':').unwrap();
    (Ipv4Addr::LOCALHOST, port.parse().unwrap()).into()
}

/// A request on a connection of its own.
async fn alone(agent: &UserAgent, url: String) -> Page {
    let request = agent.request(Method::GET, url);
    agent.send(request.header("connection", "close")).await
}

impl TestApp {
    async fn readiness(&self) -> Page {
        let url = format!("{}/healthz/ready", self.internal_url);
        alone(&UserAgent::new(), url).await
    }

    async fn open_connections(&self) -> u64 {
        let ready: Value = serde_json::from_str(&self.readiness().await.body).unwrap();
        ready["checks"]["open_connections"].as_u64().unwrap()
    }

    /// Waits until this many connections are open at the public listener.
    pub async fn until_open(&self, expected: u64) {
        until(async || {
            let open = self.open_connections().await;
            (open == expected).then_some(()).ok_or(open)
        })
        .await;
    }
}

/// Sends a request on a connection of its own.
async fn assert_answered(request: RequestBuilder, plan: Plan) {
    let response = request.header("connection", "close").send().await;
    let response = response.unwrap_or_else(|error| panic!("{plan:?}: {error:?}"));
    assert_eq!(response.status(), StatusCode::OK, "{plan:?}");
}

/// While a siege lasts, everyone is served: visitors, a person who is signed in, and monitoring.
async fn assert_holds(app: &TestApp, plan: Plan) {
    let agent = UserAgent::accepting_any_certificate();
    app.sign_in(&agent, &person("alice")).await;
    let siege = plan.begin(address(app)).await;
    for _ in 0..VISITORS {
        let visitor = UserAgent::accepting_any_certificate();
        let visit = visitor.request(Method::GET, app.at("/saml/metadata"));
        assert_answered(visit, plan).await;
    }
    for _ in 0..CALLS {
        let call = agent.request(Method::GET, app.at("/api/roles"));
        assert_answered(call, plan).await;
    }
    assert_eq!(app.readiness().await.status, StatusCode::OK, "{plan:?}");
    drop(siege);
}

#[actix_web::test]
async fn thousands_of_bodies_that_trickle_in_keep_nobody_out() {
    rlimit::increase_nofile_limit(16_384).unwrap();
    let plan = Plan {
        addresses: 5,
        connections: 1_000,
        unfinished: Unfinished::Body,
        is_tls: false,
    };
    assert_holds(&limited(PATIENT), plan).await;
}

#[actix_web::test]
async fn no_kind_of_unfinished_request_keeps_anybody_out() {
    for unfinished in [
        Unfinished::Nothing,
        Unfinished::Head,
        Unfinished::SecondHead,
        Unfinished::Responses,
    ] {
        let plan = Plan {
            addresses: 5,
            connections: 150,
            unfinished,
            is_tls: false,
        };
        let app = limited(&format!("connections = 512\n{PATIENT}"));
        assert_holds(&app, plan).await;
    }
}

fn over_tls(limits: &str) -> TestApp {
    TestApp::start_with(Options {
        tls: Some(KeyPair::generate("localhost")),
        limits: limits.to_owned(),
        ..Options::default()
    })
}

#[actix_web::test]
async fn tls_handshakes_that_never_end_keep_nobody_out() {
    for unfinished in [Unfinished::Nothing, Unfinished::Handshake] {
        let plan = Plan {
            addresses: 5,
            connections: 150,
            unfinished,
            is_tls: false,
        };
        let app = over_tls(&format!("connections = 512\n{PATIENT}"));
        assert_holds(&app, plan).await;
    }
}

#[actix_web::test]
async fn unfinished_requests_over_tls_keep_nobody_out() {
    for unfinished in [Unfinished::Head, Unfinished::Body] {
        let plan = Plan {
            addresses: 3,
            connections: 60,
            unfinished,
            is_tls: true,
        };
        let app = over_tls(&format!("connections = 128\n{PATIENT}"));
        assert_holds(&app, plan).await;
    }
}

/// Sends `data` on a new connection.
async fn begin(from: Ipv4Addr, app: &TestApp, data: &[u8]) -> TcpStream {
    let mut stream = connect(from, address(app)).await.unwrap();
    stream.write_all(data).await.unwrap();
    stream
}

/// Whether the service has not closed the connection. A response may come before the end.
fn is_open(stream: &TcpStream) -> bool {
    loop {
        match stream.try_read(&mut [0; 1024]) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(error) => return error.kind() == std::io::ErrorKind::WouldBlock,
        }
    }
}

/// Waits until exactly these connections are open. The service counts a connection as closed a little
/// earlier than the client notices it.
async fn until_open_are(streams: &[TcpStream], expected: &[bool]) {
    until(async || {
        let open: Vec<_> = streams.iter().map(is_open).collect();
        if open == expected { Ok(()) } else { Err(open) }
    })
    .await;
}

async fn begin_each(app: &TestApp, data: &[u8], count: usize) -> Vec<TcpStream> {
    let mut streams = Vec::new();
    for _ in 0..count {
        streams.push(begin(ATTACKER, app, data).await);
        // The next connection begins later, so that this one is older.
        app.until_open(streams.len() as u64).await;
    }
    streams
}

/// Changes the limit of unfinished requests from off to 3.
async fn limit(app: &TestApp) {
    app.reload_with(|text| {
        text.replace("unfinished_per_address = 0", "unfinished_per_address = 3")
    })
    .await;
}

#[actix_web::test]
async fn the_oldest_unfinished_requests_of_an_address_are_closed() {
    for data in [HALF_HEAD.to_vec(), half_body("192.0.2.1")] {
        let app = limited("unfinished_per_address = 0\nheader_seconds = 300");
        let streams = begin_each(&app, &data, 8).await;
        limit(&app).await;
        until_open_are(&streams, &[vec![false; 5], vec![true; 3]].concat()).await;
        app.until_open(3).await;
    }
}

#[actix_web::test]
async fn the_limit_of_unfinished_requests_can_be_off() {
    let app = limited("unfinished_per_address = 0\nheader_seconds = 3");
    let mut streams = Vec::new();
    for _ in 0..100 {
        streams.push(begin(ATTACKER, &app, HALF_HEAD).await);
    }
    // Only the time limit closes them.
    for mut stream in streams {
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        assert!(response.starts_with("HTTP/1.1 408"), "{response}");
    }
}

/// Later heads on a connection have the same time limit as the first one.
#[actix_web::test]
async fn a_second_head_that_never_ends_is_closed() {
    let app = limited("header_seconds = 1");
    let mut stream = begin(ATTACKER, &app, REQUEST).await;
    assert!(stream.read(&mut [0; 64]).await.unwrap() > 0);
    stream.write_all(HALF_HEAD).await.unwrap();
    app.until_open(0).await;
}

#[actix_web::test]
async fn behind_a_trusted_proxy_clients_are_limited_and_the_proxy_is_not() {
    let app = TestApp::start_with(Options {
        limits: "unfinished_per_address = 0\nheader_seconds = 300".to_owned(),
        http: "trusted_proxies = [\"127.0.0.2\"]".to_owned(),
        ..Options::default()
    });
    // The clients of these heads are not known yet.
    let heads = begin_each(&app, HALF_HEAD, 8).await;
    let mut bodies = Vec::new();
    for client in ["192.0.2.1", "192.0.2.2", "192.0.2.1", "2001:db8::1"] {
        for _ in 0..3 {
            bodies.push(begin(ATTACKER, &app, &half_body(client)).await);
            app.until_open((heads.len() + bodies.len()) as u64).await;
        }
    }
    limit(&app).await;
    // The first client had twice as many as it may have.
    until_open_are(&bodies, &[vec![false; 3], vec![true; 9]].concat()).await;
    app.until_open(8 + 9).await;
    assert!(heads.iter().all(is_open));
}

/// Sends a request on a connection that stays open. Returns whether there was a response.
async fn ask(stream: &mut TcpStream) -> bool {
    let asked = stream.write_all(REQUEST).await;
    let mut response = vec![0; 64 * 1024];
    let read = stream.read(&mut response).await;
    asked.is_ok() && read.is_ok_and(|read| response[..read].starts_with(b"HTTP/1.1 200"))
}

/// A browser that opens its connection again if it was closed.
struct Browser(TcpStream);

impl Browser {
    async fn ask(&mut self, app: &TestApp) {
        if !ask(&mut self.0).await {
            self.0 = connect(OFFICE, address(app)).await.unwrap();
            assert!(ask(&mut self.0).await);
        }
    }
}

#[actix_web::test]
async fn a_thousand_browsers_behind_one_address_go_on_as_before() {
    rlimit::increase_nofile_limit(16_384).unwrap();
    let app = limited("requests_per_minute = 0");
    let mut streams = Vec::new();
    for _ in 0..1_000 {
        streams.push(connect(OFFICE, address(&app)).await.unwrap());
    }
    for _ in 0..2 {
        let answered = join_all(streams.iter_mut().map(ask)).await;
        let answered = answered.iter().filter(|is_answered| **is_answered);
        assert_eq!(answered.count(), 1_000);
    }
    // More browsers than the address may have connections: idle connections are closed.
    let mut browsers: Vec<_> = streams.into_iter().map(Browser).collect();
    for _ in 0..500 {
        browsers.push(Browser(connect(OFFICE, address(&app)).await.unwrap()));
    }
    for browser in &mut browsers {
        browser.ask(&app).await;
    }
    assert!(app.open_connections().await <= 1_024);
}

/// If requests are being handled on all connections of an address, none of them is closed.
#[actix_web::test]
async fn an_address_that_is_busy_on_all_its_connections_gets_no_more() {
    let sts = Capture::holding(usize::MAX);
    let app = TestApp::start_with(Options {
        aws: format!("sts_endpoint = \"{}\"", sts.endpoint()),
        limits: "connections = 100".to_owned(),
        ..Options::default()
    });
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("alice")).await;
    let role = form("arn:aws:iam::111111111111:role/reader", &[]);
    let busy = join_all((0..25).map(|_| agent.post_form(app.at("/credentials"), &role)));
    let meanwhile = async {
        app.until_open(25).await;
        sts.begins().await;
        until(async || {
            let waiting = sts.waiting();
            (waiting == 25).then_some(()).ok_or(waiting)
        })
        .await;
        let mut refused = connect(Ipv4Addr::LOCALHOST, address(&app)).await.unwrap();
        assert_eq!(refused.read(&mut [0; 1]).await.unwrap_or(0), 0);
        assert!(ask(&mut connect(OFFICE, address(&app)).await.unwrap()).await);
        sts.respond();
    };
    let (pages, ()) = futures_util::future::join(busy, meanwhile).await;
    for page in pages {
        assert_eq!(page.status, StatusCode::OK, "{page}");
    }
}

#[actix_web::test]
async fn readiness_fails_while_new_connections_have_to_wait() {
    // Connections are not closed to make room if there may be fewer than 100.
    let app = limited("connections = 8");
    assert_eq!(app.readiness().await.status, StatusCode::OK);
    let mut streams = Vec::new();
    for _ in 0..8 {
        streams.push(begin(ATTACKER, &app, REQUEST).await);
    }
    let readiness = until(async || {
        let page = app.readiness().await;
        let is_full = page.status == StatusCode::SERVICE_UNAVAILABLE;
        if is_full { Ok(page) } else { Err(page.body) }
    });
    let page = readiness.await;
    assert!(page.body.contains("\"connections\":false"), "{page}");
    drop(streams);
    until(async || match app.readiness().await.status {
        StatusCode::OK => Ok(()),
        other => Err(other),
    })
    .await;
}

/// Waits until the service's log contains `line`.
async fn until_logged(service: &Service, line: &str) {
    until(async || {
        let log = service.read("stderr");
        log.contains(line).then_some(()).ok_or(log)
    })
    .await;
}

#[actix_web::test]
async fn closed_connections_are_logged_once_and_not_each() {
    let mut command = rolecall();
    command
        .env("ROLECALL_LIMITS__CONNECTIONS", "128")
        .env("ROLECALL_LIMITS__UNFINISHED_PER_ADDRESS", "2")
        .env("ROLECALL_LIMITS__HEADER_SECONDS", "300");
    let service = Service::start_by(command).await;
    let begun = Instant::now();
    let plan = |addresses, unfinished| Plan {
        addresses,
        connections: 40,
        unfinished,
        is_tls: false,
    };
    let heads = plan(1, Unfinished::Head).begin(service.address()).await;
    let unfinished = "limits.unfinished_per_address";
    until_logged(&service, unfinished).await;
    drop(heads);
    // One address reaches its share, and five reach the limit of all.
    let one = plan(1, Unfinished::Nothing).begin(service.address()).await;
    let quarter = "a quarter of limits.connections";
    until_logged(&service, quarter).await;
    let five = plan(5, Unfinished::Nothing).begin(service.address()).await;
    let full = "limits.connections is reached";
    until_logged(&service, full).await;
    drop((one, five));
    let log = service.read("stderr");
    let minutes = usize::try_from(begun.elapsed().as_secs() / 60).unwrap();
    for line in [unfinished, quarter, full] {
        assert!(log.matches(line).count() <= 1 + minutes, "{line}: {log}");
    }
    assert!(log.contains("\"address\":\"127.0.0.2\""), "{log}");
}

/// A connection that is refused or closed over TLS does not disturb others.
#[actix_web::test]
async fn idle_connections_over_tls_stay_open_while_there_is_room() {
    let app = over_tls("");
    let stream = connect(OFFICE, address(&app)).await.unwrap();
    let mut stream = secured(stream).await.unwrap();
    for _ in 0..2 {
        stream.write_all(REQUEST).await.unwrap();
        let mut response = vec![0; 64 * 1024];
        let read = stream.read(&mut response).await.unwrap();
        assert!(response[..read].starts_with(b"HTTP/1.1 200"));
    }
}
