//! The end of the service: requests that are being handled are completed, but clients that do not
//! finish what they have begun delay it only a little.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use futures_util::future::join3;
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::credentials::form;
use crate::program::{Service, rolecall};
use crate::support::app::{Options, TestApp, person};
use crate::support::capture::Capture;
use crate::support::patience::until;
use crate::support::siege::connect;
use crate::support::user_agent::UserAgent;

const HALF_HEAD: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n";
const HALF_BODY: &[u8] = b"POST /credentials HTTP/1.1\r\nHost: localhost\r\n\
    Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\na";
/// Requests whose responses do not fit into the buffers of the two systems.
const MANY_REQUESTS: usize = 2_000;
const REQUEST: &[u8] = b"GET /static/app.css HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Half of the time that requests in progress get, so that the test can tell the two apart even on
/// a busy machine.
const SOON: Duration = Duration::from_secs(10);

async fn half_open(service: &Service, data: &[u8]) -> TcpStream {
    let mut stream = connect(Ipv4Addr::LOCALHOST, service.address())
        .await
        .unwrap();
    stream.write_all(data).await.unwrap();
    stream
}

/// Sends requests until the service stops reading them, because nobody reads the responses.
async fn unread(service: &Service) -> TcpStream {
    let stream = half_open(service, REQUEST).await;
    let mut written = 0;
    while written < MANY_REQUESTS {
        let writable = tokio::time::timeout(Duration::from_millis(500), stream.writable());
        if writable.await.is_err() {
            return stream;
        }
        if stream.try_write(REQUEST).is_ok() {
            written += 1;
        }
    }
    stream
}

#[actix_web::test]
async fn clients_that_finish_nothing_delay_the_end_only_a_little() {
    let mut command = rolecall();
    command.env("ROLECALL_LIMITS__REQUESTS_PER_MINUTE", "0");
    let mut service = Service::start_by(command).await;
    let streams = [
        half_open(&service, b"").await,
        half_open(&service, HALF_HEAD).await,
        half_open(&service, HALF_BODY).await,
        unread(&service).await,
    ];
    service.until_open(4).await;
    let begun = Instant::now();
    service.signal("TERM");
    let status = until(async || service.child.try_wait().unwrap().ok_or("running")).await;
    assert!(status.success(), "{status}: {}", service.read("stderr"));
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    drop(streams);
}

#[actix_web::test]
async fn a_call_to_aws_is_completed_although_another_client_finishes_nothing() {
    // STS holds its responses until the test releases them.
    let sts = Capture::holding(usize::MAX);
    let app = TestApp::start_with(Options {
        aws: format!("sts_endpoint = \"{}\"\n", sts.endpoint()),
        ..Options::default()
    });
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("alice")).await;
    let (_, port) = app.url.rsplit_once(':').unwrap();
    let address = (Ipv4Addr::LOCALHOST, port.parse().unwrap()).into();
    let mut idle_hands = connect(Ipv4Addr::LOCALHOST, address).await.unwrap();
    idle_hands.write_all(HALF_BODY).await.unwrap();
    let fields = form("arn:aws:iam::111111111111:role/reader", &[]);
    let credentials = agent.post_form(app.at("/credentials"), &fields);
    let stop = async {
        sts.begins().await;
        app.stop().await;
    };
    let meanwhile = async {
        sts.begins().await;
        // STS responds only after the other client has been disconnected.
        let read = idle_hands.read(&mut [0; 1]).await;
        assert_eq!(read.unwrap_or(0), 0);
        sts.respond();
    };
    let (page, (), ()) = join3(credentials, stop, meanwhile).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    assert_eq!(app.last_audit()["event"], "credentials_issued");
}
