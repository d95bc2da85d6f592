//! The other operations: who signs them, and what becomes of their errors.

use super::*;
use crate::aws::duration::TokenDuration;
use crate::aws::session_policy::SessionPolicy;

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

/// AWS's answer of success, for any operation.
fn credentials(action: &str) -> Answer {
    let Answer { body, .. } = success(3600);
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
async fn whoever_asks_signs() {
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

/// A shorter time is tried with the same code by nobody: AWS takes each code once.
#[tokio::test]
async fn a_code_is_sent_once() {
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
    // Nor when STS fails, whichever operation it is.
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
        "without a code it is tried again"
    );
}

#[tokio::test]
async fn who_has_no_credentials_asks_for_none() {
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
async fn credentials_that_aws_does_not_take_are_nobody_elses_fault() {
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
async fn a_token_is_proof_enough_and_an_issuer_that_is_slow_is_asked_again() {
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
    let failed = failed.expect_err("it is bad").to_string();
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

/// What any of them gives is as secret as what an assertion gives.
#[tokio::test]
async fn no_operations_credentials_are_logged_at_any_level() {
    let (log, _guard) = TestLog::start();
    tracing::trace!("the log works");
    let read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned();
    let policy = SessionPolicy::new(vec![read_only], None).expect("a policy");
    let root = "arn:aws:iam::222222222222:root".parse().expect("an ARN");
    let task = RootTask::AuditCredentials;
    let user = user();
    for action in [
        "AssumeRole",
        "AssumeRoleWithWebIdentity",
        "GetFederationToken",
        "GetSessionToken",
        "AssumeRoot",
    ] {
        let server = FakeServer::always(credentials(action));
        let sts = with(server.url(), keys());
        let issued = match action {
            "AssumeRole" => assume(&sts, Caller::Ourselves, 900).await,
            "AssumeRoleWithWebIdentity" => redeem(&sts).await,
            "GetFederationToken" => {
                let request = GetFederationToken {
                    user: &user,
                    name: &"ada".parse().expect("a name"),
                    tags: &[],
                    policy: &policy,
                    duration: TokenDuration::MAXIMUM,
                };
                sts.federation_token(request).await
            }
            "GetSessionToken" => {
                let request = GetSessionToken {
                    user: &user,
                    mfa: None,
                    duration: TokenDuration::MINIMUM,
                };
                sts.session_token(request).await
            }
            _ => sts.assume_root(AssumeRoot { root: &root, task }).await,
        };
        let issued = issued.unwrap_or_else(|error| panic!("{action}: {error}"));
        tracing::trace!(?issued, ?user, "shown");
        assert_eq!(server.received().len(), 1, "{action}");
        assert_eq!(server.received()[0].field("Action"), Some(action));
    }
    let text = log.text();
    assert!(text.contains("the log works") && text.contains("ASIAEXAMPLE"));
    for secret in [
        "secret/key+value",
        "token//value==",
        "eyJhbGciOiJSUzI1NiJ9",
        "Signature=",
    ] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
