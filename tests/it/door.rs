//! What happens before a request is served: connections, TLS, the client's address, and rate
//! limits.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use openssl::ssl::{SslConnector, SslMethod, SslStream, SslVerifyMode};
use openssl::x509::X509;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use rolecall::server::Listeners;
use tokio::time::timeout;

use crate::support::app::{Options, TestApp, person};
use crate::support::key_pair::KeyPair;
use crate::support::patience::{PATIENCE, until};
use crate::support::user_agent::{Page, UserAgent};

fn limited(limits: &str, http: &str) -> TestApp {
    TestApp::start_with(Options {
        limits: limits.to_owned(),
        http: http.to_owned(),
        ..Options::default()
    })
}

async fn get(app: &TestApp, path: &str, headers: &[(&'static str, &str)]) -> Page {
    let agent = UserAgent::new();
    let mut request = agent.request(Method::GET, app.at(path));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    agent.send(request).await
}

async fn status(app: &TestApp, headers: &[(&'static str, &str)]) -> u16 {
    get(app, "/saml/metadata", headers).await.status.as_u16()
}

#[actix_web::test]
async fn the_rate_limit_answers_with_retry_after() {
    let app = limited("requests_per_minute = 3", "");
    for _ in 0..3 {
        assert_eq!(status(&app, &[]).await, 200);
    }
    // Another request is allowed every 20 seconds, so on a slow machine more than three may
    // succeed.
    let mut asked = 3;
    let page = loop {
        let page = get(&app, "/", &[]).await;
        if page.status == StatusCode::TOO_MANY_REQUESTS {
            break page;
        }
        asked += 1;
        assert!(asked < 100, "there is no limit");
    };
    assert!(page.body.contains("Too many requests"), "{page}");
    let id = page.headers["x-request-id"].to_str().unwrap();
    assert!(page.body.contains(id), "{page}");
    assert!(page.headers.contains_key("content-security-policy"));
    let seconds: u64 = header(&page.headers, "retry-after").parse().unwrap();
    assert!((1..=21).contains(&seconds), "{seconds}");
    let response = get(&app, "/api/roles", &[]).await;
    assert_eq!(response.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(response.body.contains("too_many_requests"), "{response}");
    // The rate limit does not apply to the internal listener.
    let ready = format!("{}/healthz/ready", app.internal_url);
    for _ in 0..5 {
        let page = UserAgent::new().get(&ready).await;
        assert_eq!(page.status, StatusCode::OK);
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers[name].to_str().unwrap()
}

#[actix_web::test]
async fn a_rate_limited_message_is_not_read() {
    let app = limited("requests_per_minute = 1", "");
    assert_eq!(status(&app, &[]).await, 200);
    let agent = UserAgent::new();
    let fields = [("SAMLResponse".to_owned(), "junk".to_owned())];
    let page = agent.post_form(app.at("/saml/acs"), &fields).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(app.audit().is_empty());
}

#[actix_web::test]
async fn behind_a_trusted_proxy_each_client_has_its_own_rate_limit() {
    let app = limited(
        "requests_per_minute = 1",
        "trusted_proxies = [\"127.0.0.1\"]",
    );
    let by = |address| [("x-forwarded-for", address)];
    assert_eq!(status(&app, &by("192.0.2.1")).await, 200);
    assert_eq!(status(&app, &by("192.0.2.1")).await, 429);
    assert_eq!(status(&app, &by("198.51.100.9, 192.0.2.1")).await, 429);
    assert_eq!(status(&app, &by("192.0.2.2")).await, 200);
    // Only X-Forwarded-For comes from this proxy, so the client may have forged Forwarded.
    let forged = [
        ("x-forwarded-for", "192.0.2.2"),
        ("forwarded", "for=192.0.2.3"),
    ];
    assert_eq!(status(&app, &forged).await, 429);
}

#[actix_web::test]
async fn the_forwarded_header_is_used_only_where_configured() {
    let app = limited(
        "requests_per_minute = 1",
        "trusted_proxies = [\"127.0.0.1\"]\nforwarded_header = \"forwarded\"",
    );
    let by = |address| [("forwarded", address)];
    assert_eq!(status(&app, &by("for=192.0.2.1")).await, 200);
    assert_eq!(status(&app, &by("for=192.0.2.1;proto=https")).await, 429);
    assert_eq!(status(&app, &by("for=\"[2001:db8::1]:5\"")).await, 200);
    let forged = [
        ("forwarded", "for=192.0.2.1"),
        ("x-forwarded-for", "192.0.2.9"),
    ];
    assert_eq!(status(&app, &forged).await, 429);
}

#[actix_web::test]
async fn untrusted_clients_cannot_set_their_address() {
    let app = limited("requests_per_minute = 1", "");
    for (address, expected) in [("192.0.2.1", 200), ("192.0.2.2", 429)] {
        let headers = [("x-forwarded-for", address), ("forwarded", "for=192.0.2.7")];
        assert_eq!(status(&app, &headers).await, expected);
    }
}

#[actix_web::test]
async fn a_limit_of_0_is_off() {
    let app = limited("requests_per_minute = 0\nbody_bytes = 0", "");
    for _ in 0..50 {
        assert_eq!(status(&app, &[]).await, 200);
    }
    let page = post_junk(&app, 600 * 1024).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
}

async fn post_junk(app: &TestApp, size: usize) -> Page {
    let fields = [("SAMLResponse".to_owned(), "!".repeat(size))];
    UserAgent::new()
        .post_form(app.at("/saml/acs"), &fields)
        .await
}

#[actix_web::test]
async fn the_configured_message_size_is_the_limit() {
    let app = limited("body_bytes = 60000", "");
    let page = post_junk(&app, 61_000).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(app.last_audit()["check"], "too_large");
    let page = post_junk(&app, 1_000).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    app.sign_in(&UserAgent::new(), &person("alice")).await;
}

fn connect(app: &TestApp) -> TcpStream {
    let address = app.url.rsplit_once("//").unwrap().1;
    let address = address.replace("localhost", "127.0.0.1");
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Reads until the service closes the connection. Panics if it does not.
async fn until_closed(mut stream: TcpStream) -> String {
    actix_web::rt::task::spawn_blocking(move || {
        let mut octets = Vec::new();
        match stream.read_to_end(&mut octets) {
            Ok(_) => {}
            // The service closed the connection without reading all of the client's data.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => panic!("the service does not close the connection: {error}"),
        }
        String::from_utf8(octets).unwrap()
    })
    .await
    .unwrap()
}

/// Whether the service has neither closed the connection nor sent anything.
fn is_open(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let read = stream.peek(&mut [0; 1]);
    stream.set_nonblocking(false).unwrap();
    read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

/// Slow clients are disconnected if `header_seconds` is 1, and stay connected if it is 300.
#[actix_web::test]
async fn clients_that_send_headers_slowly_are_disconnected() {
    const HALF: &[u8] = b"GET /static/none HTTP/1.1\r\nHost: x\r\n";
    let patient = limited("header_seconds = 300", "");
    let app = limited("header_seconds = 1", "");
    let [silent_there, mut slow_there] = [connect(&patient), connect(&patient)];
    slow_there.write_all(HALF).unwrap();
    let [silent, mut slow] = [connect(&app), connect(&app)];
    slow.write_all(HALF).unwrap();
    let response = until_closed(slow).await;
    assert!(response.starts_with("HTTP/1.1 408"), "{response}");
    let response = until_closed(silent).await;
    assert!(
        response.is_empty() || response.starts_with("HTTP/1.1 408"),
        "{response}"
    );
    assert!(is_open(&silent_there) && is_open(&slow_there));
    slow_there.write_all(b"Connection: close\r\n\r\n").unwrap();
    let response = until_closed(slow_there).await;
    assert!(response.starts_with("HTTP/1.1 404"), "{response}");
}

const REQUEST: &[u8] = b"GET /static/none HTTP/1.1\r\nHost: x\r\n\r\n";

/// Sends a request on a connection that stays open, and reads the start of the response.
async fn ask(mut stream: TcpStream) -> TcpStream {
    actix_web::rt::task::spawn_blocking(move || {
        stream.write_all(REQUEST).unwrap();
        let mut response = [0; 12];
        stream.read_exact(&mut response).unwrap();
        assert_eq!(&response, b"HTTP/1.1 404");
        stream
    })
    .await
    .unwrap()
}

#[actix_web::test]
async fn clients_that_never_finish_a_second_request_are_disconnected() {
    let app = TestApp::start();
    let mut stream = ask(connect(&app)).await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost").unwrap();
    assert_eq!(app.handle().close_idle(Duration::from_mins(1)), 0);
    // The connection counts as idle only after a moment.
    let close_idle = async || match app.handle().close_idle(Duration::ZERO) {
        0 => Err("idle connections: 0"),
        closed => Ok(closed),
    };
    assert_eq!(until(close_idle).await, 1);
    until_closed(stream).await;
    assert_eq!(app.handle().close_idle(Duration::ZERO), 0);
}

/// Sends a request; returns the stream, and whether a response arrived within `time`.
async fn is_answered(app: &TestApp, time: Duration) -> (TcpStream, bool) {
    let mut stream = connect(app);
    actix_web::rt::task::spawn_blocking(move || {
        stream.set_read_timeout(Some(time)).unwrap();
        stream.write_all(REQUEST).unwrap();
        let is_answered = stream.peek(&mut [0; 1]).is_ok();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        (stream, is_answered)
    })
    .await
    .unwrap()
}

#[actix_web::test]
async fn connections_beyond_the_limit_wait_until_one_is_free() {
    let workers = std::thread::available_parallelism().unwrap().get();
    let app = limited(&format!("connections = {workers}"), "");
    let mut held = Vec::new();
    for _ in 0..workers {
        let (stream, is_answered) = is_answered(&app, PATIENCE).await;
        assert!(is_answered, "{} are too many", held.len() + 1);
        held.push(stream);
    }
    // If the machine is too busy to respond in time, this test proves less but does not fail.
    let waiting = loop {
        let (stream, is_answered) = is_answered(&app, Duration::from_millis(500)).await;
        if !is_answered {
            break stream;
        }
        held.push(stream);
        // actix allows each worker one more connection than configured.
        assert!(held.len() <= 2 * workers, "there is no limit");
    };
    drop(held);
    let is_answered =
        actix_web::rt::task::spawn_blocking(move || waiting.peek(&mut [0; 1]).is_ok());
    assert!(is_answered.await.unwrap());
}

fn over_tls(key: &KeyPair, limits: &str) -> TestApp {
    TestApp::start_with(Options {
        tls: Some(key.clone()),
        limits: limits.to_owned(),
        ..Options::default()
    })
}

/// Completes a TLS handshake without verifying the certificate. Returns the stream and the
/// certificate.
async fn hello(app: &TestApp) -> (SslStream<TcpStream>, Vec<u8>) {
    let stream = connect(app);
    actix_web::rt::task::spawn_blocking(move || {
        let mut connector = SslConnector::builder(SslMethod::tls_client()).unwrap();
        connector.set_verify(SslVerifyMode::NONE);
        let stream = connector
            .build()
            .configure()
            .unwrap()
            .use_server_name_indication(false)
            .verify_hostname(false)
            .connect("localhost", stream)
            .unwrap();
        let certificate = stream.ssl().peer_certificate().unwrap();
        (stream, certificate.to_der().unwrap())
    })
    .await
    .unwrap()
}

fn der(key: &KeyPair) -> Vec<u8> {
    let certificate = X509::from_pem(key.certificate_pem.as_bytes()).unwrap();
    certificate.to_der().unwrap()
}

#[actix_web::test]
async fn over_tls_responses_carry_hsts() {
    let key = KeyPair::generate("localhost");
    let app = over_tls(&key, "");
    let (mut stream, certificate) = hello(&app).await;
    assert_eq!(certificate, der(&key));
    assert!(["TLSv1.2", "TLSv1.3"].contains(&stream.ssl().version_str()));
    let response = actix_web::rt::task::spawn_blocking(move || {
        let request = b"GET /login?idp=corp HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        stream.write_all(request).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text.to_ascii_lowercase()
    })
    .await
    .unwrap();
    for part in [
        "http/1.1 303",
        "strict-transport-security: max-age=31536000",
        "set-cookie: __host-rolecall-login=",
        "; secure",
    ] {
        assert!(response.contains(part), "{part}: {response}");
    }
    for leak in [
        "\r\nserver:",
        "actix",
        "x-powered-by",
        env!("CARGO_PKG_VERSION"),
    ] {
        assert!(!response.contains(leak), "{leak}: {response}");
    }
}

#[actix_web::test]
async fn a_changed_certificate_is_served_without_a_restart_and_a_broken_one_is_not() {
    let (first, second) = (KeyPair::generate("one"), KeyPair::generate("two"));
    let app = over_tls(&first, "");
    let (old, certificate) = hello(&app).await;
    assert_eq!(certificate, der(&first));
    // Between the two writes, the certificate and the key do not match, so the first pair stays in
    // use.
    app.write("tls.crt", &second.certificate_pem);
    app.handle().reload_tls();
    assert_eq!(hello(&app).await.1, der(&first));
    app.write("tls.key", &second.key_pem);
    app.handle().reload_tls();
    assert_eq!(hello(&app).await.1, der(&second));
    for broken in ["", "junk"] {
        app.write("tls.crt", broken);
        app.handle().reload_tls();
        assert_eq!(hello(&app).await.1, der(&second));
    }
    drop(old);
}

#[actix_web::test]
async fn clients_that_never_finish_the_tls_handshake_are_disconnected() {
    let app = over_tls(&KeyPair::generate("localhost"), "header_seconds = 1");
    let response = until_closed(connect(&app)).await;
    assert_eq!(response, "");
}

/// Connections that have not yet been accepted wait in the system's queue. If the queue were too
/// short, the system would drop some of them, no matter how often the clients retried.
#[actix_web::test]
async fn five_hundred_connections_can_wait_to_be_accepted() {
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listeners = Listeners::bind(free, free).unwrap();
    let (public, _) = listeners.addresses().unwrap();
    let knock = || timeout(PATIENCE, tokio::net::TcpStream::connect(public));
    let knocks = futures_util::future::join_all((0..500).map(|_| knock())).await;
    let dropped = knocks
        .iter()
        .filter(|knock| !matches!(knock, Ok(Ok(_))))
        .count();
    assert_eq!(dropped, 0);
}
