use super::*;
use crate::aws::fake_server::{DeadServer, FakeResponse, FakeServer, SilentServer};
use crate::aws::test_log::TestLog;

/// A token like AWS's, with characters that must be escaped in a URL.
const TOKEN: &str = "VCQgs5qZZt3Q6fn8Tr5EXAMPLEmLnwB7JjUc-SHwnUUWabcRdnWsi4DBn-dvC+/=&";

/// A timeout that is never reached, even on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

fn credentials() -> Credentials {
    let expiration = DateTime::UNIX_EPOCH;
    Credentials::new(
        "ASIAEXAMPLE".to_owned(),
        "secret/key+\"&=%".into(),
        "token//value==".into(),
        expiration,
    )
    .expect("credentials")
}

fn signin(endpoint: Option<Url>, timeout: Duration) -> Signin {
    Signin::new(SigninSettings {
        endpoint,
        region: "us-east-1".parse().expect("a region"),
        timeout,
    })
    .expect("a client")
}

fn federation(server: &FakeServer) -> Url {
    server.url().join("federation").expect("a URL")
}

fn token() -> FakeResponse {
    FakeResponse::new(200, serde_json::json!({ "SigninToken": TOKEN }).to_string())
}

async fn sign_in(endpoint: Url, duration: Option<u32>) -> Result<SigninUrl, SigninError> {
    sign_in_through(&signin(Some(endpoint), PATIENCE), duration).await
}

/// Signs in to a page of the S3 console.
async fn sign_in_through(
    federation: &Signin,
    duration: Option<u32>,
) -> Result<SigninUrl, SigninError> {
    let destination = federation
        .destination(Some("/s3/home?region=us-east-1#a&b"), Partition::Aws, None)
        .expect("a page");
    let issuer = "https://aws.example.com/?role=a&b#c"
        .parse()
        .expect("a URL");
    let sign_in = ConsoleSignIn {
        partition: Partition::Aws,
        destination: &destination,
        duration: duration.map(|seconds| seconds.try_into().expect("a duration")),
        issuer: &issuer,
    };
    federation
        .sign_in_url(&credentials(), sign_in, DateTime::UNIX_EPOCH)
        .await
}

#[tokio::test]
async fn posts_the_credentials_and_makes_the_url() {
    let server = FakeServer::always(token());
    let url = sign_in(federation(&server), Some(28_800))
        .await
        .expect("a URL");

    let received = server.received();
    let [request] = received.as_slice() else {
        panic!("expected one request: {received:?}")
    };
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", "/federation")
    );
    assert_eq!(request.field("Action"), Some("getSigninToken"));
    assert_eq!(request.field("SessionType"), Some("json"));
    assert_eq!(request.field("SessionDuration"), Some("28800"));
    assert_eq!(request.form.len(), 4);
    let session: serde_json::Value =
        serde_json::from_str(request.field("Session").expect("a session")).expect("JSON");
    assert_eq!(
        session,
        serde_json::json!({
            "sessionId": "ASIAEXAMPLE",
            "sessionKey": "secret/key+\"&=%",
            "sessionToken": "token//value==",
        })
    );

    let login: Url = url.url.expose_secret().parse().expect("a URL");
    assert_eq!(login.origin(), server.url().origin());
    assert_eq!(login.path(), "/federation");
    let pairs: Vec<(String, String)> = login.query_pairs().into_owned().collect();
    let expected = [
        ("Action", "login"),
        ("Issuer", "https://aws.example.com/?role=a&b#c"),
        (
            "Destination",
            "https://console.aws.amazon.com/s3/home?region=us-east-1#a&b",
        ),
        ("SigninToken", TOKEN),
    ];
    assert_eq!(
        pairs,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    assert_eq!(
        url.expires_at,
        DateTime::UNIX_EPOCH + TimeDelta::minutes(15)
    );
}

#[tokio::test]
async fn no_duration_is_sent_where_none_is_given() {
    let server = FakeServer::always(token());
    sign_in(federation(&server), None).await.expect("a URL");
    let received = server.received();
    assert_eq!(received.len(), 1);
    assert!(
        received
            .iter()
            .all(|request| request.field("SessionDuration").is_none())
    );
}

#[tokio::test]
async fn a_refused_duration_is_omitted_in_one_retry() {
    let server = FakeServer::start(|_, request| match request.field("SessionDuration") {
        Some(_) => FakeResponse::new(400, "<html>no</html>"),
        None => token(),
    });
    sign_in(federation(&server), Some(43_200))
        .await
        .expect("a URL");
    let durations: Vec<bool> = server
        .received()
        .iter()
        .map(|request| request.field("SessionDuration").is_some())
        .collect();
    assert_eq!(durations, [true, false]);
}

#[tokio::test]
async fn refused_credentials_are_not_retried() {
    for (duration, requests) in [(Some(3600), 2), (None, 1)] {
        let server = FakeServer::always(FakeResponse::new(400, "secret answer"));
        let error = sign_in(federation(&server), duration)
            .await
            .expect_err("an error");
        assert_eq!(error, SigninError::Refused { status: 400 });
        assert_eq!(server.received().len(), requests);
    }
    let server = FakeServer::always(FakeResponse::new(403, ""));
    let error = sign_in(federation(&server), Some(3600))
        .await
        .expect_err("an error");
    assert_eq!(error, SigninError::Refused { status: 403 });
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_failure_of_the_endpoint_is_tried_once_more() {
    let server = FakeServer::start(|number, _| match number {
        0 => FakeResponse::new(503, ""),
        _ => token(),
    });
    sign_in(federation(&server), None).await.expect("a URL");
    assert_eq!(server.received().len(), 2);

    let down = FakeServer::always(FakeResponse::new(500, ""));
    let error = sign_in(federation(&down), None)
        .await
        .expect_err("an error");
    assert_eq!(error, SigninError::Refused { status: 500 });
    assert_eq!(down.received().len(), 2);
}

#[tokio::test]
async fn the_credentials_follow_no_redirect() {
    let elsewhere = FakeServer::always(token());
    let location = elsewhere.url();
    for status in [302, 307, 308] {
        let response = FakeResponse::new(status, "").header("location", location.as_str());
        let server = FakeServer::always(response);
        let error = sign_in(federation(&server), None)
            .await
            .expect_err("an error");
        assert_eq!(error, SigninError::Refused { status });
    }
    assert_eq!(elsewhere.received().len(), 0);
}

#[tokio::test]
async fn answers_without_a_token_are_unexpected() {
    for body in [
        String::new(),
        "<html>captive portal</html>".to_owned(),
        "{}".to_owned(),
        r#"{"SigninToken":""}"#.to_owned(),
        r#"{"SigninToken":1}"#.to_owned(),
        format!(r#"{{"SigninToken":"{}"}}"#, "A".repeat(RESPONSE_MAXIMUM)),
    ] {
        let server = FakeServer::always(FakeResponse::new(200, body));
        let error = sign_in(federation(&server), None)
            .await
            .expect_err("an error");
        assert_eq!(error, SigninError::UnexpectedResponse);
    }
}

#[tokio::test]
async fn an_endpoint_that_is_dead_or_silent_is_unreachable() {
    let dead = DeadServer::start();
    let error = sign_in(dead.url(), None).await.expect_err("an error");
    assert!(
        matches!(&error, SigninError::Unreachable { reason } if reason.contains("refused")),
        "{error:?}"
    );
    assert_eq!(error.code(), "signin_unreachable");

    let silent = SilentServer::start();
    let impatient = signin(Some(silent.url()), Duration::from_millis(300));
    let given_up = tokio::time::timeout(PATIENCE, sign_in_through(&impatient, None));
    let error = given_up
        .await
        .expect("the client gives up in time")
        .expect_err("an error");
    assert_eq!(
        error,
        SigninError::Unreachable {
            reason: "no response in time".to_owned()
        }
    );
    assert_eq!(silent.knocks(), 1);
}

#[test]
fn without_an_emulator_the_partitions_own_endpoint_is_used() {
    let signin = signin(None, PATIENCE);
    assert_eq!(
        signin
            .federation_endpoint(Partition::UsGov)
            .expect("an endpoint")
            .as_str(),
        "https://signin.amazonaws-us-gov.com/federation"
    );
    assert_eq!(
        signin.federation_endpoint(Partition::Iso),
        Err(NoConsole(Partition::Iso))
    );
    assert_eq!(
        signin
            .destination(None, Partition::UsGov, None)
            .expect("a page")
            .as_str(),
        "https://console.amazonaws-us-gov.com/console/home?region=us-gov-west-1"
    );
}

#[tokio::test]
async fn no_secret_is_logged_or_shown_at_any_level() {
    let (log, _guard) = TestLog::start();
    tracing::trace!("the log works");
    let server = FakeServer::always(token());
    let url = sign_in(federation(&server), Some(3600))
        .await
        .expect("a URL");
    tracing::trace!(?url, "shown");

    let text = log.text();
    assert!(text.contains("the log works") && text.contains("shown"));
    for secret in [
        "secret/key",
        "secret%2Fkey",
        "token//value",
        "token%2F",
        "VCQgs5q",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
