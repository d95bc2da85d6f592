//! Request heads that two HTTP implementations could read differently are refused.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use reqwest::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::app::{TestApp, person};
use crate::support::patience::PATIENCE;
use crate::support::user_agent::UserAgent;

const BEGIN: &str = "GET /saml/metadata HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";

/// Sends `head` and `rest`, and returns the responses.
async fn responses(app: &TestApp, request: &[u8]) -> String {
    let address = app.url.replace("http://localhost", "127.0.0.1");
    let request = request.to_vec();
    actix_web::rt::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(&request).unwrap();
        let mut text = Vec::new();
        // The service may close the connection without reading everything.
        let _ = stream.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    })
    .await
    .unwrap()
}

#[actix_web::test]
async fn heads_that_can_be_read_in_two_ways_are_refused() {
    let app = TestApp::start();
    for (name, rest) in [
        ("a folded line", "X-A: b\r\n c\r\n\r\n"),
        ("a folded line with a tab", "X-A: b\r\n\tc\r\n\r\n"),
        ("CR in a value", "X-A: b\rc\r\n\r\n"),
        ("CR as the end of a line", "X-A: b\rX-C: d\r\n\r\n"),
        ("NUL in a value", "X-A: b\0c\r\n\r\n"),
        ("NUL in a name", "X-A\0: b\r\n\r\n"),
        ("a blank before the colon", "X-A : b\r\n\r\n"),
        ("a blank before the name", " X-A: b\r\n\r\n"),
        ("no colon", "X-A\r\n\r\n"),
        (
            "two lengths",
            "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        ),
        (
            "the same length twice",
            "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
        ),
        ("a list of lengths", "Content-Length: 1, 1\r\n\r\na"),
        ("a length with a sign", "Content-Length: +1\r\n\r\na"),
        ("a negative length", "Content-Length: -1\r\n\r\na"),
        (
            "a length and chunks",
            "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        (
            "chunks and a length",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        ),
        (
            "two encodings",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        ),
        (
            "an unknown encoding",
            "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        ),
        ("two hosts", "Host: other\r\n\r\n"),
    ] {
        assert_refused(&app, name, &format!("{BEGIN}{rest}")).await;
    }
    for rest in [
        "X-A: b\r\n\r\n",
        "Content-Length: 1\r\n\r\na",
        "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    ] {
        let response = responses(&app, format!("{BEGIN}{rest}").as_bytes()).await;
        assert!(response.starts_with("HTTP/1.1 200"), "{rest}: {response}");
    }
}

async fn assert_refused(app: &TestApp, name: &str, request: &str) {
    let response = responses(app, request.as_bytes()).await;
    assert!(response.starts_with("HTTP/1.1 400"), "{name}: {response}");
    assert_eq!(response.matches("HTTP/1.1").count(), 1, "{name}");
}

#[actix_web::test]
async fn line_feeds_without_carriage_return_in_heads_are_refused() {
    let app = TestApp::start();
    for (name, request) in [
        (
            "after the request line",
            BEGIN.replacen("HTTP/1.1\r\n", "HTTP/1.1\n", 1) + "\r\n",
        ),
        ("after a header", format!("{BEGIN}X-A: b\n\r\n")),
        ("within a value", format!("{BEGIN}X-A: b\nX-C: d\r\n\r\n")),
        ("at the end", format!("{BEGIN}\n")),
        ("everywhere", format!("{BEGIN}\r\n").replace("\r\n", "\n")),
        ("before the request line", format!("\n{BEGIN}\r\n")),
    ] {
        assert_refused(&app, name, &request).await;
    }
    // The second request on a connection is refused, too.
    let first = "GET /saml/metadata HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let address = app.url.replace("http://localhost", "127.0.0.1");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(first.as_bytes()).await.unwrap();
    let mut buffer = vec![0; 64 * 1024];
    let read = stream.read(&mut buffer).await.unwrap();
    assert!(buffer[..read].starts_with(b"HTTP/1.1 200"));
    let second = format!("{BEGIN}X-A: b\n\r\n");
    stream.write_all(second.as_bytes()).await.unwrap();
    let read = stream.read(&mut buffer).await.unwrap();
    assert!(buffer[..read].starts_with(b"HTTP/1.1 400"));
}

/// JSON may contain line feeds of any kind, however the body is split.
#[actix_web::test]
async fn line_feeds_in_bodies_are_kept() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("alice")).await;
    for _ in 0..2 {
        let request = agent.request(Method::POST, app.at("/api/credentials"));
        let body = "\n{\n\"role_arn\":\n\r\n\n\"arn:aws:iam::111111111111:role/none\"}\n";
        let page = agent.send(request.body(body)).await;
        assert!(page.body.contains("\"not_entitled\""), "{page}");
    }
}
