//! Tests STS operations with moto, an independent implementation of STS, and compares rolecall's
//! requests with botocore's.

mod users;

use std::time::Duration;

use rolecall::aws::credentials::Credentials;
use rolecall::aws::partition::Partition;
use rolecall::aws::session_policy::SessionPolicy;
use rolecall::aws::sts::{
    AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, Caller, Identity, MfaCode,
    ProvidedContext, Sts, StsSettings,
};
use rolecall::clock::Clock;
use secrecy::ExposeSecret as _;

use crate::support::capture::Capture;
use crate::support::partners::aws_cli::AwsCli;
use crate::support::partners::moto::{self, Moto};

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// A client for STS at this address, with the keys of an IAM user.
fn sts(endpoint: &str) -> Sts {
    let settings = StsSettings {
        region: "us-east-1".parse().unwrap(),
        endpoint: Some(endpoint.parse().unwrap()),
        timeout: Duration::from_secs(20),
        identity: Identity::keys(KEY.to_owned(), SECRET.into()),
    };
    Sts::new(&settings, Clock::system())
}

fn keys<'a>(id: &'a str, secret: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("AWS_ACCESS_KEY_ID", id),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ]
}

/// The identity that moto reports to the AWS CLI for these credentials.
async fn whose(moto: &Moto, credentials: &Credentials) -> serde_json::Value {
    let secret = credentials.secret_access_key().expose_secret();
    let mut variables = keys(credentials.access_key_id(), secret);
    let token = credentials.session_token().expose_secret();
    variables.push(("AWS_SESSION_TOKEN", token));
    let endpoint = moto.endpoint();
    let arguments = ["sts", "get-caller-identity", "--endpoint-url", &endpoint];
    AwsCli::new().run(&arguments, &variables).await.json()
}

const ROLE: &str = "arn:aws:iam::123456789012:role/team/Admin";

#[actix_web::test]
async fn assume_role_requests_match_botocore() {
    let capture = Capture::start();
    let document = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned();
    let policy = SessionPolicy::new(vec![read_only.clone()], Some(document.to_owned())).unwrap();
    let tags = [
        (
            "Department".parse().unwrap(),
            "R D + Müller".parse().unwrap(),
        ),
        ("Reason".parse().unwrap(), "INC-7".parse().unwrap()),
    ];
    let contexts = [ProvidedContext {
        provider_arn: "arn:aws:iam::aws:contextProvider/IdentityCenter".to_owned(),
        assertion: "eyJ0.eyJ1.c2ln".to_owned(),
    }];
    let request = AssumeRole {
        caller: Caller::Ourselves,
        role: &ROLE.parse().unwrap(),
        session_name: &"ada@example.com".parse().unwrap(),
        source_identity: Some(&"ada".parse().unwrap()),
        tags: &tags,
        transitive_tags: &["Department".parse().unwrap()],
        external_id: Some(&"rolecall-7Qm2:/x".parse().unwrap()),
        mfa: Some(MfaCode {
            serial: &"arn:aws:iam::123456789012:mfa/rolecall".parse().unwrap(),
            code: &"042424".parse().unwrap(),
        }),
        contexts: &contexts,
        policy: Some(&policy),
        duration: 900.try_into().unwrap(),
    };
    sts(&capture.endpoint()).assume_role(request).await.unwrap();
    let ours = capture.asked();

    let endpoint = capture.endpoint();
    let mut arguments = vec!["sts", "assume-role", "--endpoint-url", &endpoint];
    arguments.extend(["--role-arn", ROLE, "--role-session-name", "ada@example.com"]);
    arguments.extend(["--source-identity", "ada", "--duration-seconds", "900"]);
    arguments.extend([
        "--tags",
        "Key=Department,Value=R D + Müller",
        "Key=Reason,Value=INC-7",
    ]);
    arguments.extend(["--transitive-tag-keys", "Department"]);
    arguments.extend([
        "--external-id",
        "rolecall-7Qm2:/x",
        "--token-code",
        "042424",
    ]);
    arguments.extend(["--serial-number", "arn:aws:iam::123456789012:mfa/rolecall"]);
    let context = "ProviderArn=arn:aws:iam::aws:contextProvider/IdentityCenter,ContextAssertion=eyJ0.eyJ1.c2ln";
    arguments.extend(["--provided-contexts", context, "--policy", document]);
    let arn = format!("arn={read_only}");
    arguments.extend(["--policy-arns", &arn]);
    let output = AwsCli::new().run(&arguments, &keys(KEY, SECRET)).await;
    assert!(output.success, "{output:?}");
    let theirs = capture.asked();
    assert_eq!(ours, theirs);
    assert_eq!(ours[0].len(), 18, "nothing is left out: {ours:?}");
}

/// Optional parameters without a value are omitted, as in botocore's requests.
#[actix_web::test]
async fn minimal_assume_role_requests_match_botocore() {
    let capture = Capture::start();
    let (role, name) = (ROLE.parse().unwrap(), "ada".parse().unwrap());
    let request = AssumeRole::new(Caller::Ourselves, &role, &name, 3600.try_into().unwrap());
    sts(&capture.endpoint()).assume_role(request).await.unwrap();
    let ours = capture.asked();
    let endpoint = capture.endpoint();
    let arguments = [
        ["sts", "assume-role"],
        ["--endpoint-url", &endpoint],
        ["--role-arn", ROLE],
        ["--role-session-name", "ada"],
        ["--duration-seconds", "3600"],
    ];
    let output = AwsCli::new()
        .run(&arguments.concat(), &keys(KEY, SECRET))
        .await;
    assert!(output.success, "{output:?}");
    assert_eq!(ours, capture.asked());
}

const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl";

#[actix_web::test]
async fn web_identity_requests_match_botocore() {
    let capture = Capture::start();
    let document = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned();
    let policy = SessionPolicy::new(vec![read_only.clone()], Some(document.to_owned())).unwrap();
    let request = AssumeRoleWithWebIdentity {
        role: &ROLE.parse().unwrap(),
        session_name: &"ada@example.com".parse().unwrap(),
        token: &TOKEN.into(),
        policy: Some(&policy),
        duration: 900.try_into().unwrap(),
    };
    let sts = sts(&capture.endpoint());
    sts.assume_role_with_web_identity(request).await.unwrap();
    let ours = capture.asked();

    let endpoint = capture.endpoint();
    let mut arguments = vec!["sts", "assume-role-with-web-identity"];
    arguments.extend(["--endpoint-url", &endpoint, "--role-arn", ROLE]);
    arguments.extend([
        "--role-session-name",
        "ada@example.com",
        "--web-identity-token",
        TOKEN,
    ]);
    arguments.extend(["--duration-seconds", "900", "--policy", document]);
    let arn = format!("arn={read_only}");
    arguments.extend(["--policy-arns", &arn]);
    let output = AwsCli::new()
        .run(&arguments, &[("AWS_DEFAULT_REGION", "us-east-1")])
        .await;
    assert!(output.success, "{output:?}");
    assert_eq!(ours, capture.asked());
}

/// The assertion is sent byte for byte as the identity provider sent it, even if its base64 is
/// unusual.
#[actix_web::test]
async fn saml_requests_match_botocore() {
    let capture = Capture::start();
    let document = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned();
    let policy = SessionPolicy::new(vec![read_only.clone()], Some(document.to_owned())).unwrap();
    let provider = "arn:aws:iam::123456789012:saml-provider/Corp";
    let assertion = "PHNhbWxwOlJlc3BvbnNlPg/+==";
    let request = AssumeRoleWithSaml {
        role: &ROLE.parse().unwrap(),
        provider: &provider.parse().unwrap(),
        assertion: &assertion.into(),
        policy: Some(&policy),
        duration: 900.try_into().unwrap(),
    };
    let sts = sts(&capture.endpoint());
    sts.assume_role_with_saml(request).await.unwrap();
    let ours = capture.asked();

    let endpoint = capture.endpoint();
    let mut arguments = vec!["sts", "assume-role-with-saml"];
    arguments.extend(["--endpoint-url", &endpoint, "--role-arn", ROLE]);
    arguments.extend(["--principal-arn", provider, "--saml-assertion", assertion]);
    arguments.extend(["--duration-seconds", "900", "--policy", document]);
    let arn = format!("arn={read_only}");
    arguments.extend(["--policy-arns", &arn]);
    let output = AwsCli::new()
        .run(&arguments, &[("AWS_DEFAULT_REGION", "us-east-1")])
        .await;
    assert!(output.success, "{output:?}");
    assert_eq!(ours, capture.asked());
    assert_eq!(ours[0].len(), 8, "nothing is left out: {ours:?}");
}

#[actix_web::test]
async fn moto_issues_credentials_for_a_token() {
    let moto = Moto::shared().await;
    let role = "arn:aws:iam::123456789012:role/Token".parse().unwrap();
    let request = AssumeRoleWithWebIdentity {
        role: &role,
        session_name: &"ada".parse().unwrap(),
        token: &TOKEN.into(),
        policy: None,
        duration: 900.try_into().unwrap(),
    };
    let sts = sts(&moto.endpoint());
    let issued = sts.assume_role_with_web_identity(request).await.unwrap();
    let who = whose(moto, &issued.credentials).await;
    let expected = format!("arn:aws:sts::{}:assumed-role/Token/ada", moto::ACCOUNT);
    assert_eq!(who["Arn"], expected);
}

/// The first call uses rolecall's own keys, and the second call uses the first role's credentials.
#[actix_web::test]
async fn moto_issues_role_credentials_to_us_and_to_roles() {
    let moto = Moto::shared().await;
    let sts = sts(&moto.endpoint());
    let hub = "arn:aws:iam::123456789012:role/Hub".parse().unwrap();
    let name = "ada".parse().unwrap();
    let request = AssumeRole::new(Caller::Ourselves, &hub, &name, 900.try_into().unwrap());
    let first = sts.assume_role(request).await.unwrap();
    assert_eq!(first.duration_seconds, 900);
    let target = "arn:aws:iam::123456789012:role/Audit".parse().unwrap();
    let chained = AssumeRole {
        caller: Caller::Role(&first.credentials),
        role: &target,
        duration: 43_200.try_into().unwrap(),
        ..request
    };
    let chained = sts.assume_role(chained).await.unwrap();
    assert_eq!(
        chained.duration_seconds, 3600,
        "an hour is the most that a chain gets"
    );
    for (issued, role) in [(first, "Hub"), (chained, "Audit")] {
        let who = whose(moto, &issued.credentials).await;
        let expected = format!("arn:aws:sts::{}:assumed-role/{role}/ada", moto::ACCOUNT);
        assert_eq!(who["Arn"], expected);
    }
}

/// GetCallerIdentity, DecodeAuthorizationMessage and GetAccessKeyInfo use a role's credentials.
#[actix_web::test]
async fn informational_requests_match_botocore() {
    let capture = Capture::start();
    let credentials = Credentials::new(
        KEY.to_owned(),
        SECRET.into(),
        "token".into(),
        Clock::system().now() + chrono::TimeDelta::hours(1),
    );
    let credentials = credentials.unwrap();
    let sts = sts(&capture.endpoint());
    let message = "ONo9Kd/Bq2+w_x-y=";
    let key = "AKIAIOSFODNN7EXAMPLE";
    // The server's responses contain nothing useful; only the requests matter.
    let _ = sts.caller_identity(&credentials, Partition::Aws).await;
    let _ = sts
        .decode_authorization_message(&credentials, Partition::Aws, message)
        .await;
    let key_id = key.parse().unwrap();
    let _ = sts
        .access_key_account(&credentials, Partition::Aws, &key_id)
        .await;
    let ours = capture.asked();
    let endpoint = capture.endpoint();
    let cli = AwsCli::new();
    let mut variables = keys(KEY, SECRET);
    variables.push(("AWS_SESSION_TOKEN", "token"));
    for arguments in [
        &["get-caller-identity"][..],
        &["decode-authorization-message", "--encoded-message", message],
        &["get-access-key-info", "--access-key-id", key],
    ] {
        let arguments = [&["sts", "--endpoint-url", &endpoint], arguments].concat();
        cli.run(&arguments, &variables).await;
    }
    assert_eq!(ours.len(), 3);
    assert_eq!(ours, capture.asked());
}

#[actix_web::test]
async fn moto_answers_caller_identity_and_access_key_info() {
    let moto = Moto::shared().await;
    let sts = sts(&moto.endpoint());
    let role = "arn:aws:iam::123456789012:role/Who".parse().unwrap();
    let name = "ada".parse().unwrap();
    let request = AssumeRole::new(Caller::Ourselves, &role, &name, 900.try_into().unwrap());
    let credentials = sts.assume_role(request).await.unwrap().credentials;
    let who = sts
        .caller_identity(&credentials, Partition::Aws)
        .await
        .unwrap();
    let expected = format!("arn:aws:sts::{}:assumed-role/Who/ada", moto::ACCOUNT);
    assert_eq!((who.arn, who.account), (expected, moto::ACCOUNT.to_owned()));
    let key = credentials.access_key_id().parse().unwrap();
    let account = sts
        .access_key_account(&credentials, Partition::Aws, &key)
        .await;
    assert_eq!(account.unwrap(), moto::ACCOUNT);
}
