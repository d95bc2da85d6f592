//! Tests for all operations: how requests are signed and retried, which errors are reported, and
//! what is logged.

use super::*;
use crate::aws::duration::TokenDuration;
use crate::aws::partition::Partition;
use crate::aws::session_policy::SessionPolicy;
use crate::aws::sts::call::NAMES;

fn role() -> RoleArn {
    ROLE.parse().expect("a role")
}

fn with(endpoint: Url, identity: Identity) -> Sts {
    let settings = StsSettings {
        region: "eu-central-1".parse().expect("a region"),
        endpoint: Some(endpoint),
        timeout: PATIENCE,
        identity,
    };
    Sts::new(&settings, clock())
}

fn keys() -> Identity {
    Identity::keys("AKIAIOSFODNN7EXAMPLE".to_owned(), "secret".into())
}

/// A success response to `action`, an operation that issues credentials.
fn credentials(action: &str) -> FakeResponse {
    let FakeResponse { body, .. } = success(3600);
    xml(200, body.replace("AssumeRoleWithSAML", action))
}

async fn assume(sts: &Sts, caller: Caller<'_>, seconds: u32) -> Result<Issued, StsError> {
    let (role, name) = (role(), "ada".parse().expect("a name"));
    let duration = seconds.try_into().expect("a duration");
    let request = AssumeRole::new(caller, &role, &name, duration);
    sts.assume_role(request).await
}

async fn redeem(sts: &Sts) -> Result<Issued, StsError> {
    let request = AssumeRoleWithWebIdentity {
        role: &role(),
        session_name: &"ada".parse().expect("a name"),
        token: &"eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl".into(),
        policy: None,
        duration: SessionDuration::HOUR,
    };
    sts.assume_role_with_web_identity(request).await
}

#[tokio::test]
async fn each_request_is_signed_with_the_credentials_of_its_caller() {
    let server = FakeServer::always(credentials("AssumeRole"));
    let sts = with(server.url(), keys());
    let hub = assume(&sts, Caller::Ourselves, 900).await.expect("a hub");
    assume(&sts, Caller::Role(&hub.credentials), 43_200)
        .await
        .expect("a role");
    let received = server.received();
    let signed_by = |index: usize| {
        let headers = &received[index].headers;
        let header = |name| headers.iter().find(|(header, _)| header == name);
        let authorization = header("authorization").map(|(_, value)| value.clone());
        (
            authorization.expect("a signature"),
            header("x-amz-security-token").is_some(),
        )
    };
    let (authorization, has_token) = signed_by(0);
    assert!(
        authorization.contains("Credential=AKIAIOSFODNN7EXAMPLE/"),
        "{authorization}"
    );
    assert!(!has_token);
    let (authorization, has_token) = signed_by(1);
    assert!(
        authorization.contains("Credential=ASIAEXAMPLE/"),
        "{authorization}"
    );
    assert!(has_token);
    assert_eq!(received[1].field("DurationSeconds"), Some("3600"));
}

/// AWS accepts each code only once, so a request with a code is not retried, not even with a
/// shorter duration.
#[tokio::test]
async fn an_mfa_code_is_sent_only_once() {
    let message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    let server = FakeServer::always(error(400, "ValidationError", message));
    let sts = with(server.url(), keys());
    let serial = "arn:aws:iam::123456789012:mfa/rolecall"
        .parse()
        .expect("a serial");
    let code = "042424".parse().expect("a code");
    let (role, name) = (role(), "ada".parse().expect("a name"));
    let duration = 43_200.try_into().expect("a duration");
    let request = AssumeRole {
        mfa: Some(MfaCode {
            serial: &serial,
            code: &code,
        }),
        ..AssumeRole::new(Caller::Ourselves, &role, &name, duration)
    };
    sts.assume_role(request).await.expect_err("too long");
    assert_eq!(server.received().len(), 1);
    // After an internal STS error, a request with a code is not retried, either.
    let server = FakeServer::always(error(500, "InternalFailure", "later"));
    let user = user();
    let sts = with(server.url(), Identity::missing());
    let request = GetSessionToken {
        user: &user,
        mfa: request.mfa,
        duration: TokenDuration::MINIMUM,
    };
    sts.session_token(request).await.expect_err("it fails");
    assert_eq!(server.received().len(), 1);
    let request = GetSessionToken {
        mfa: None,
        ..request
    };
    sts.session_token(request).await.expect_err("it fails");
    assert_eq!(
        server.received().len(),
        1 + 3,
        "without a code, it is retried"
    );
}

#[tokio::test]
async fn without_credentials_no_call_is_made() {
    let server = FakeServer::always(credentials("AssumeRole"));
    let error = assume(
        &with(server.url(), Identity::missing()),
        Caller::Ourselves,
        900,
    )
    .await;
    let error = error.expect_err("there is nothing to sign with");
    assert!(matches!(error, StsError::NoIdentity { .. }), "{error:?}");
    assert!(server.received().is_empty());
    assert!(!error.is_refusal());
}

#[tokio::test]
async fn rejected_service_credentials_are_reported_as_such() {
    for (status, code) in [
        (403, "InvalidClientTokenId"),
        (403, "SignatureDoesNotMatch"),
        (403, "ExpiredToken"),
    ] {
        let server = FakeServer::always(error(status, code, "no"));
        let failed = assume(&with(server.url(), keys()), Caller::Ourselves, 900).await;
        assert_eq!(
            failed.expect_err(code),
            StsError::IdentityRefused(refusal("no"))
        );
    }
}

#[tokio::test]
async fn web_identity_calls_are_unsigned_and_retried_if_the_issuer_is_slow() {
    let server = FakeServer::start(|number, _| match number {
        0 | 1 => error(400, "IDPCommunicationError", "the issuer does not answer"),
        _ => credentials("AssumeRoleWithWebIdentity"),
    });
    let sts = with(server.url(), Identity::missing());
    redeem(&sts).await.expect("credentials");
    let received = server.received();
    assert_eq!(received.len(), 3);
    assert!(!received[2].has_header("authorization"));

    let message = "the issuer does not answer";
    let server = FakeServer::always(error(400, "IDPCommunicationError", message));
    let failed = redeem(&with(server.url(), Identity::missing())).await;
    assert_eq!(
        failed.expect_err(message),
        StsError::IssuerUnreachable(refusal(message))
    );
    assert_eq!(server.received().len(), 3);
}

#[tokio::test]
async fn no_error_repeats_a_token() {
    let message = "Value 'eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl' at 'webIdentityToken' is bad";
    let server = FakeServer::always(error(400, "ValidationError", message));
    let failed = redeem(&with(server.url(), Identity::missing())).await;
    let failed = failed.expect_err("it is invalid").to_string();
    assert!(!failed.contains("eyJhbGciOiJSUzI1NiJ9"), "{failed}");
}

fn user() -> IamUser {
    IamUser {
        arn: "arn:aws:iam::123456789012:user/robot"
            .parse()
            .expect("a user"),
        identity: keys(),
    }
}

/// A success response to an operation. It contains secrets if the operation can return any.
fn respond(action: &str) -> FakeResponse {
    let result = match action {
        "DecodeAuthorizationMessage" => {
            "<DecodedMessage>{&quot;explicitDeny&quot;:true}</DecodedMessage>"
        }
        "GetAccessKeyInfo" => "<Account>123456789012</Account>",
        "GetCallerIdentity" => {
            "<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/robot</Arn>"
        }
        _ => return credentials(action),
    };
    let body = format!(
        r#"<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <{action}Result>{result}</{action}Result>
  <ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata>
</{action}Response>"#
    );
    xml(200, body)
}

/// Calls an operation. If it issues credentials, returns their debug output and that of the signers
/// (the IAM user and the role session). Otherwise returns only a word.
async fn ask(action: &str, sts: &Sts) -> Result<String, StsError> {
    let user = user();
    let mfa = MfaCode {
        serial: &"arn:aws:iam::123456789012:mfa/rolecall"
            .parse()
            .expect("a serial"),
        code: &"042424".parse().expect("a code"),
    };
    let holder = Credentials::new(
        "ASIAHOLDER".to_owned(),
        "holders/key".into(),
        "holders//token".into(),
        Clock::system().now() + chrono::TimeDelta::hours(1),
    );
    let holder = holder.expect("credentials");
    let issued = match action {
        "AssumeRole" => assume(sts, Caller::Role(&holder), 900).await,
        "AssumeRoleWithSAML" => SamlCaller::new().call(sts, 3600).await,
        "AssumeRoleWithWebIdentity" => redeem(sts).await,
        "AssumeRoot" => {
            let root = "arn:aws:iam::222222222222:root".parse().expect("an ARN");
            let task = RootTask::AuditCredentials;
            sts.assume_root(AssumeRoot { root: &root, task }).await
        }
        "GetFederationToken" => {
            let read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned();
            let request = GetFederationToken {
                user: &user,
                name: &"ada".parse().expect("a name"),
                tags: &[],
                policy: &SessionPolicy::new(vec![read_only], None).expect("a policy"),
                duration: TokenDuration::MAXIMUM,
            };
            sts.federation_token(request).await
        }
        "GetSessionToken" => {
            let request = GetSessionToken {
                user: &user,
                mfa: Some(mfa),
                duration: TokenDuration::MINIMUM,
            };
            sts.session_token(request).await
        }
        "DecodeAuthorizationMessage" => {
            let decoded = sts.decode_authorization_message(&holder, Partition::Aws, MESSAGE);
            return decoded.await.map(|_| "decoded".to_owned());
        }
        "GetAccessKeyInfo" => {
            let key = "AKIAIOSFODNN7EXAMPLE".parse().expect("an ID");
            let account = sts.access_key_account(&holder, Partition::Aws, &key);
            return account.await.map(|_| "known".to_owned());
        }
        "GetCallerIdentity" => {
            let caller = sts.caller_identity(&holder, Partition::Aws);
            return caller.await.map(|_| "known".to_owned());
        }
        other => panic!("no test calls {other}"),
    };
    issued.map(|issued| format!("{issued:?} {user:?} {holder:?}"))
}

const MESSAGE: &str = "ONo9KdBq2wxyEncodedAuthorizationMessage";

/// Parts of the secrets that operations use or that STS returns, and a phrase from the SDK's log.
const SECRETS: [&str; 13] = [
    "PHNhbWxwOlJlc3BvbnNlPg",
    "eyJhbGciOiJSUzI1NiJ9",
    "ONo9KdBq2wxy",
    "explicitDeny",
    "042424",
    "holders/key",
    "holders//token",
    "holders%2F",
    "secret/key",
    "secret%2Fkey",
    "token//value",
    "Signature=",
    "transmitting request",
];

#[tokio::test]
async fn no_operation_logs_a_secret_at_any_level() {
    let (log, _guard) = TestLog::start();
    tracing::trace!("the log works");
    for action in NAMES {
        let server = FakeServer::always(respond(action));
        let sts = with(server.url(), keys());
        let given = ask(action, &sts).await;
        let given = given.unwrap_or_else(|error| panic!("{action}: {error}"));
        tracing::trace!(given, ?sts, "shown");
        assert_eq!(server.received().len(), 1, "{action}");
        assert_eq!(server.received()[0].field("Action"), Some(*action));
        let refusing = FakeServer::always(error(403, "AccessDenied", "no"));
        let error = ask(action, &with(refusing.url(), keys())).await;
        tracing::trace!(error = ?error.expect_err(action), "shown");
    }
    let text = log.text();
    assert!(text.contains("the log works") && text.contains("ASIAEXAMPLE"));
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

/// A span contains the operation and its outcome, but no account IDs or names of people.
#[tokio::test]
async fn every_call_has_a_span_without_personal_data() {
    for action in NAMES {
        let (log, _guard) = TestLog::start();
        let server = FakeServer::always(respond(action));
        ask(action, &with(server.url(), keys()))
            .await
            .expect(action);
        let refusing = FakeServer::always(error(403, "AccessDenied", "no to ada"));
        ask(action, &with(refusing.url(), keys()))
            .await
            .expect_err(action);
        let text = log.text();
        let spans: Vec<_> = text
            .lines()
            .filter_map(|line| line.split_once(" sts{"))
            .collect();
        let said = |outcome| {
            format!(
                "operation=\"{action}\" partition=aws outcome=\"{outcome}\" request_id=\"{REQUEST_ID}\"}}"
            )
        };
        let [(_, granted), (_, refused)] = spans.as_slice() else {
            panic!("expected one span for each of two calls: {text}")
        };
        assert!(granted.starts_with(&said("ok")), "{granted}");
        assert!(refused.starts_with(&said("sts_access_denied")), "{refused}");
        for (_, span) in spans {
            assert!(
                !span.contains("123456789012") && !span.contains("ada"),
                "{span}"
            );
        }
    }
}
