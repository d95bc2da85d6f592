//! The end of the service: requests that are being handled are completed, but clients that do not
//! finish what they have begun delay it only a little.

use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::future::join3;
use reqwest::StatusCode;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::credentials::form;
use crate::siege::address;
use crate::support::app::{Options, TestApp, person};
use crate::support::capture::Capture;
use crate::support::siege::connect;
use crate::support::user_agent::UserAgent;

const HALF_HEAD: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n";
const HALF_BODY: &[u8] = b"POST /credentials HTTP/1.1\r\nHost: localhost\r\n\
    Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\na";
/// Requests whose responses do not fit into the buffers of the two systems.
const MANY_REQUESTS: usize = 2_000;
const REQUEST: &[u8] = b"GET /static/app.css HTTP/1.1\r\nHost: localhost\r\n\r\n";

async fn half_open(app: &TestApp, data: &[u8]) -> TcpStream {
    let mut stream = connect(Ipv4Addr::LOCALHOST, address(app)).await.unwrap();
    stream.write_all(data).await.unwrap();
    stream
}

/// Sends requests until the service stops reading them, because nobody reads the responses.
async fn unread(app: &TestApp) -> TcpStream {
    let stream = half_open(app, REQUEST).await;
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

/// Clients that finish nothing are disconnected while a call to AWS is still in progress. If they
/// were not, the call would be given up with them when the time for requests in progress is over.
#[actix_web::test]
async fn a_call_to_aws_outlasts_clients_that_finish_nothing() {
    // STS holds its responses until the test releases them.
    let sts = Capture::holding(usize::MAX);
    let app = TestApp::start_with(Options {
        aws: format!("sts_endpoint = \"{}\"\n", sts.endpoint()),
        limits: "requests_per_minute = 0".to_owned(),
        ..Options::default()
    });
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("alice")).await;
    let streams = [
        half_open(&app, b"").await,
        half_open(&app, HALF_HEAD).await,
        half_open(&app, HALF_BODY).await,
        unread(&app).await,
    ];
    let fields = form("arn:aws:iam::111111111111:role/reader", &[]);
    let credentials = agent.post_form(app.at("/credentials"), &fields);
    let stop = async {
        sts.begins().await;
        app.stop().await;
    };
    let meanwhile = async {
        sts.begins().await;
        app.until_open(1).await;
        sts.respond();
    };
    let (page, (), ()) = join3(credentials, stop, meanwhile).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    assert_eq!(app.last_audit()["event"], "credentials_issued");
    drop(streams);
}
