use std::sync::OnceLock;

use chrono::SubsecRound as _;
use secrecy::{ExposeSecret as _, SecretString};

use super::*;
use crate::aws::arn::ProviderArn;
use crate::aws::fake_server::{DeadServer, FakeResponse, FakeServer, SilentServer};
use crate::aws::session_policy::SessionPolicy;
use crate::aws::test_log::TestLog;

mod duration;
mod operations;

const ROLE: &str = "arn:aws:iam::123456789012:role/team/Admin";
const PROVIDER: &str = "arn:aws:iam::123456789012:saml-provider/Corp";
/// Base64 as an IdP sends it, with every kind of character that must be escaped in a form.
const ASSERTION: &str = "PHNhbWxwOlJlc3BvbnNlPg+/AAAA\r\nBBBB+/CC==";
const REQUEST_ID: &str = "c6104cbe-af31-11e0-8154-cbc7ccf896c7";

/// A stopped clock, so that lifetimes are exact.
fn clock() -> Clock {
    static CLOCK: OnceLock<Clock> = OnceLock::new();
    let stopped = || Clock::stopped(Clock::system().now().trunc_subsecs(0));
    CLOCK.get_or_init(stopped).clone()
}

/// A timeout that is never reached, even on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

struct SamlCaller {
    role: RoleArn,
    provider: ProviderArn,
    assertion: SecretString,
}

impl SamlCaller {
    fn new() -> Self {
        Self::of(ROLE, PROVIDER)
    }

    fn of(role: &str, provider: &str) -> Self {
        Self {
            role: role.parse().expect("a role"),
            provider: provider.parse().expect("a provider"),
            assertion: ASSERTION.into(),
        }
    }

    async fn call(&self, sts: &Sts, seconds: u32) -> Result<Issued, StsError> {
        sts.assume_role_with_saml(AssumeRoleWithSaml {
            role: &self.role,
            provider: &self.provider,
            assertion: &self.assertion,
            duration: seconds.try_into().expect("a duration"),
            policy: None,
        })
        .await
    }
}

/// An identity that is never used, because requests for AssumeRoleWithSAML are not signed.
fn nobody() -> Identity {
    Identity::default_chain("eu-central-1".parse().expect("a region"), None)
}

fn sts(endpoint: Url) -> Sts {
    let settings = StsSettings {
        region: "eu-central-1".parse().expect("a region"),
        endpoint: Some(endpoint),
        timeout: PATIENCE,
        identity: nobody(),
    };
    Sts::new(&settings, clock())
}

fn impatient(endpoint: Url) -> Sts {
    let settings = StsSettings {
        region: "eu-central-1".parse().expect("a region"),
        endpoint: Some(endpoint),
        timeout: Duration::from_millis(200),
        identity: nobody(),
    };
    Sts::new(&settings, clock())
}

/// A success response to AssumeRoleWithSAML, with credentials that are valid for `seconds` seconds.
fn success(seconds: i64) -> FakeResponse {
    let expiration = clock().now() + chrono::TimeDelta::seconds(seconds);
    let body = format!(
        r#"<AssumeRoleWithSAMLResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithSAMLResult>
    <Issuer>https://idp.example.com/metadata</Issuer>
    <AssumedRoleUser>
      <Arn>arn:aws:sts::123456789012:assumed-role/Admin/ada</Arn>
      <AssumedRoleId>ARO456EXAMPLE789:ada</AssumedRoleId>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIAEXAMPLE</AccessKeyId>
      <SecretAccessKey>secret/key+value</SecretAccessKey>
      <SessionToken>token//value==</SessionToken>
      <Expiration>{}</Expiration>
    </Credentials>
    <Audience>https://aws.example.com/saml/acs</Audience>
    <SubjectType>persistent</SubjectType>
    <PackedPolicySize>6</PackedPolicySize>
    <NameQualifier>SbdGOnUkh1i4+EXAMPLExL/jEvs=</NameQualifier>
    <SourceIdentity>ada</SourceIdentity>
    <Subject>ada@example.com</Subject>
  </AssumeRoleWithSAMLResult>
  <ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata>
</AssumeRoleWithSAMLResponse>"#,
        expiration.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    );
    xml(200, body)
}

fn error(status: u16, code: &str, message: &str) -> FakeResponse {
    let body = format!(
        r#"<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>
  <RequestId>{REQUEST_ID}</RequestId>
</ErrorResponse>"#
    );
    xml(status, body)
}

fn xml(status: u16, body: String) -> FakeResponse {
    FakeResponse::new(status, body)
        .header("content-type", "text/xml")
        .header("x-amzn-RequestId", REQUEST_ID)
}

fn refusal(message: &str) -> StsRefusal {
    StsRefusal {
        message: message.to_owned(),
        request_id: Some(REQUEST_ID.to_owned()),
    }
}

#[tokio::test]
async fn sends_the_assertion_as_received_and_unsigned() {
    let server = FakeServer::always(success(3600));
    SamlCaller::new()
        .call(&sts(server.url()), 3600)
        .await
        .expect("credentials");

    let received = server.received();
    let [request] = received.as_slice() else {
        panic!("expected one request: {received:?}")
    };
    assert_eq!(request.method, "POST");
    assert_eq!(request.path, "/");
    assert_eq!(
        request.form,
        [
            ("Action", "AssumeRoleWithSAML"),
            ("Version", "2011-06-15"),
            ("RoleArn", ROLE),
            ("PrincipalArn", PROVIDER),
            ("SAMLAssertion", ASSERTION),
            ("DurationSeconds", "3600"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    for header in ["authorization", "x-amz-security-token", "x-amz-date"] {
        assert!(!request.has_header(header), "{header}");
    }
}

#[tokio::test]
async fn sends_session_policies_as_botocore_does() {
    let server = FakeServer::always(success(3600));
    let caller = SamlCaller::new();
    let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned();
    let document = r#"{"Statement":[]}"#.to_owned();
    let policy = SessionPolicy::new(vec![arn.clone()], Some(document.clone())).expect("a policy");
    let request = AssumeRoleWithSaml {
        role: &caller.role,
        provider: &caller.provider,
        assertion: &caller.assertion,
        duration: 3600.try_into().expect("a duration"),
        policy: Some(&policy),
    };
    let sts = sts(server.url());
    sts.assume_role_with_saml(request)
        .await
        .expect("credentials");
    let received = server.received().remove(0).form;
    let sent = |name: &str| {
        let pair = received.iter().find(|(known, _)| known == name);
        pair.map(|(_, value)| value.clone())
    };
    assert_eq!(sent("PolicyArns.member.1.arn"), Some(arn));
    assert_eq!(sent("Policy"), Some(document));
}

#[tokio::test]
async fn reads_everything_that_sts_says() {
    let server = FakeServer::always(success(3600));
    let issued = SamlCaller::new()
        .call(&sts(server.url()), 3600)
        .await
        .expect("credentials");

    let credentials = &issued.credentials;
    assert_eq!(credentials.access_key_id(), "ASIAEXAMPLE");
    assert_eq!(
        credentials.secret_access_key().expose_secret(),
        "secret/key+value"
    );
    assert_eq!(
        credentials.session_token().expose_secret(),
        "token//value=="
    );
    let left = credentials.expiration() - clock().now();
    assert_eq!(left.num_seconds(), 3600);
    assert_eq!(
        issued.session_arn.as_deref(),
        Some("arn:aws:sts::123456789012:assumed-role/Admin/ada")
    );
    assert_eq!(issued.packed_policy_size, Some(6));
    assert_eq!(issued.source_identity.as_deref(), Some("ada"));
    assert_eq!(issued.duration_seconds, 3600);
    assert_eq!(issued.request_id.as_deref(), Some(REQUEST_ID));
}

#[tokio::test]
async fn each_refusal_is_its_own_error_after_one_attempt() {
    type Variant = fn(StsRefusal) -> StsError;
    let cases: [(u16, &str, Variant); 8] = [
        (400, "ExpiredTokenException", StsError::ExpiredToken),
        (400, "InvalidIdentityToken", StsError::InvalidIdentityToken),
        (403, "IDPRejectedClaim", StsError::IdpRejectedClaim),
        (403, "AccessDenied", StsError::AccessDenied),
        (400, "ValidationError", StsError::Validation),
        (
            400,
            "MalformedPolicyDocument",
            StsError::MalformedPolicyDocument,
        ),
        (400, "PackedPolicyTooLarge", StsError::PackedPolicyTooLarge),
        (403, "RegionDisabledException", StsError::RegionDisabled),
    ];
    for (status, code, expected) in cases {
        let server = FakeServer::always(error(status, code, "AWS&apos;s words"));
        let error = SamlCaller::new()
            .call(&sts(server.url()), 3600)
            .await
            .expect_err(code);
        assert_eq!(error, expected(refusal("AWS's words")), "{code}");
        assert!(error.is_refusal(), "{code}");
        assert_eq!(server.received().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn an_unknown_error_keeps_its_code() {
    let server = FakeServer::always(error(400, "SomethingNew", "words"));
    let error = SamlCaller::new()
        .call(&sts(server.url()), 3600)
        .await
        .expect_err("an error");
    let code = "SomethingNew".to_owned();
    assert_eq!(
        error,
        StsError::Unexpected {
            code,
            refusal: refusal("words")
        }
    );
    assert_eq!(error.request_id(), Some(REQUEST_ID));
    assert!(!error.is_refusal());
}

#[tokio::test]
async fn an_answer_that_is_not_from_sts_is_an_unexpected_response() {
    let teapot = FakeServer::always(FakeResponse::new(418, "<html>captive portal</html>"));
    let error = SamlCaller::new()
        .call(&sts(teapot.url()), 3600)
        .await
        .expect_err("an error");
    assert!(
        matches!(&error, StsError::Unexpected { code, .. } if code == "http_418"),
        "{error:?}"
    );
    let portal = FakeServer::always(FakeResponse::new(200, "<html>captive portal</html>"));
    let error = SamlCaller::new()
        .call(&sts(portal.url()), 3600)
        .await
        .expect_err("an error");
    assert_eq!(error.code(), "sts_unexpected", "{error:?}");
}

#[tokio::test]
async fn credentials_that_no_format_could_carry_are_refused() {
    let mut response = success(3600);
    response.body = response
        .body
        .replace("secret/key+value", "secret\n[profile evil]");
    let server = FakeServer::always(response);
    let error = SamlCaller::new()
        .call(&sts(server.url()), 3600)
        .await
        .expect_err("an error");
    assert!(
        matches!(&error, StsError::Unexpected { code, .. } if code == "incomplete"),
        "{error:?}"
    );
    assert!(!format!("{error:?} {error}").contains("evil"));
}

#[tokio::test]
async fn internal_sts_failures_are_tried_three_times() {
    let server = FakeServer::start(|number, _| match number {
        0 => FakeResponse::new(500, ""),
        1 => error(503, "ServiceUnavailable", ""),
        _ => success(3600),
    });
    SamlCaller::new()
        .call(&sts(server.url()), 3600)
        .await
        .expect("credentials");
    assert_eq!(server.received().len(), 3);

    let down = FakeServer::always(error(500, "InternalFailure", "words"));
    let error = SamlCaller::new()
        .call(&sts(down.url()), 3600)
        .await
        .expect_err("an error");
    assert_eq!(error, StsError::Unavailable(refusal("words")));
    assert_eq!(down.received().len(), 3);
}

#[tokio::test]
async fn throttling_is_tried_three_times() {
    let server = FakeServer::always(error(400, "Throttling", "Rate exceeded"));
    let error = SamlCaller::new()
        .call(&sts(server.url()), 3600)
        .await
        .expect_err("an error");
    assert_eq!(error, StsError::Throttled(refusal("Rate exceeded")));
    assert_eq!(server.received().len(), 3);
}

#[tokio::test]
async fn a_dead_port_is_unreachable() {
    let dead = DeadServer::start();
    let error = SamlCaller::new()
        .call(&sts(dead.url()), 3600)
        .await
        .expect_err("an error");
    assert!(
        matches!(&error, StsError::Unreachable { reason } if reason.contains("refused")),
        "{error:?}"
    );
    assert_eq!(error.code(), "sts_unreachable");
    assert_eq!(error.request_id(), None);
}

#[tokio::test]
async fn a_silent_sts_times_out() {
    let server = SilentServer::start();
    let (caller, sts) = (SamlCaller::new(), impatient(server.url()));
    let given_up = tokio::time::timeout(PATIENCE, caller.call(&sts, 3600));
    let error = given_up
        .await
        .expect("the client gives up in time")
        .expect_err("an error");
    assert_eq!(
        error,
        StsError::Unreachable {
            reason: "no response in time".to_owned()
        }
    );
    assert_eq!(server.knocks(), 3, "attempts");
}

#[tokio::test]
async fn an_assertion_too_large_for_sts_is_not_sent() {
    let server = FakeServer::always(success(3600));
    let sts = sts(server.url());
    let mut caller = SamlCaller::new();
    caller.assertion = "A".repeat(ASSERTION_MAXIMUM + 1).into();
    let error = caller.call(&sts, 3600).await.expect_err("an error");
    assert_eq!(
        error,
        StsError::AssertionTooLong {
            characters: ASSERTION_MAXIMUM + 1
        }
    );
    assert_eq!(server.received().len(), 0);

    caller.assertion = "A".repeat(ASSERTION_MAXIMUM).into();
    caller.call(&sts, 3600).await.expect("credentials");
}

#[tokio::test]
async fn connections_to_sts_are_reused() {
    let server = FakeServer::always(success(3600));
    let sts = sts(server.url());
    for _ in 0..3 {
        SamlCaller::new()
            .call(&sts, 3600)
            .await
            .expect("credentials");
    }
    assert_eq!(server.connections(), 1);
}
