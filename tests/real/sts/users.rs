//! Compares requests for GetFederationToken, GetSessionToken and AssumeRoot with botocore's. The
//! first two operations are also tested with moto, which does not support AssumeRoot.

use rolecall::aws::session_policy::SessionPolicy;
use rolecall::aws::sts::{
    AssumeRoot, GetFederationToken, GetSessionToken, IamUser, Identity, MfaCode, RootTask,
};

use super::*;

const USER: &str = "arn:aws:iam::123456789012:user/proxy";

fn user() -> IamUser {
    IamUser {
        arn: USER.parse().unwrap(),
        identity: Identity::keys(KEY.to_owned(), SECRET.into()),
    }
}

/// The parameters that botocore sends for an AWS CLI command with these arguments.
async fn theirs(capture: &Capture, arguments: &[&str]) -> Vec<crate::support::capture::Parameters> {
    let endpoint = capture.endpoint();
    let arguments = [&["sts", "--endpoint-url", &endpoint], arguments].concat();
    let output = AwsCli::new().run(&arguments, &keys(KEY, SECRET)).await;
    assert!(output.success, "{output:?}");
    capture.asked()
}

#[actix_web::test]
async fn federation_token_requests_match_botocore() {
    let capture = Capture::start();
    let document = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned();
    let policy = SessionPolicy::new(vec![read_only.clone()], Some(document.to_owned())).unwrap();
    let tags = [(
        "Department".parse().unwrap(),
        "R D + Müller".parse().unwrap(),
    )];
    let request = GetFederationToken {
        user: &user(),
        name: &"ada@example.com".parse().unwrap(),
        tags: &tags,
        policy: &policy,
        duration: 129_600.try_into().unwrap(),
    };
    let sts = sts(&capture.endpoint());
    sts.federation_token(request).await.unwrap();
    let ours = capture.asked();
    let arn = format!("arn={read_only}");
    let theirs = theirs(
        &capture,
        &[
            "get-federation-token",
            "--name",
            "ada@example.com",
            "--duration-seconds",
            "129600",
            "--tags",
            "Key=Department,Value=R D + Müller",
            "--policy",
            document,
            "--policy-arns",
            &arn,
        ],
    )
    .await;
    assert_eq!(ours, theirs);
    assert_eq!(ours[0].len(), 8, "nothing is left out: {ours:?}");
}

#[actix_web::test]
async fn session_token_requests_match_botocore() {
    let capture = Capture::start();
    let sts = sts(&capture.endpoint());
    let serial = "arn:aws:iam::123456789012:mfa/proxy";
    let user = user();
    let (device, code) = (serial.parse().unwrap(), "042424".parse().unwrap());
    let request = GetSessionToken {
        user: &user,
        mfa: Some(MfaCode {
            serial: &device,
            code: &code,
        }),
        duration: 900.try_into().unwrap(),
    };
    sts.session_token(request).await.unwrap();
    let least = GetSessionToken {
        mfa: None,
        ..request
    };
    sts.session_token(least).await.unwrap();
    let ours = capture.asked();
    let seconds = ["get-session-token", "--duration-seconds", "900"];
    let code = ["--serial-number", serial, "--token-code", "042424"];
    let mut expected = theirs(&capture, &[&seconds[..], &code].concat()).await;
    expected.extend(theirs(&capture, &seconds).await);
    assert_eq!(ours, expected);
}

#[actix_web::test]
async fn assume_root_requests_match_botocore() {
    let capture = Capture::start();
    let sts = sts(&capture.endpoint());
    let root = "arn:aws:iam::222222222222:root".parse().unwrap();
    for task in RootTask::ALL {
        let request = AssumeRoot { root: &root, task };
        sts.assume_root(request).await.unwrap();
        let ours = capture.asked();
        let policy = format!("arn=arn:aws:iam::aws:policy/root-task/{}", task.name());
        let arguments = [
            ["assume-root", "--target-principal"],
            ["222222222222", "--task-policy-arn"],
            [&policy, "--duration-seconds"],
        ];
        let arguments = [&arguments.concat()[..], &["900"]].concat();
        assert_eq!(ours, theirs(&capture, &arguments).await);
    }
}

#[actix_web::test]
async fn moto_issues_user_sessions() {
    let moto = Moto::shared().await;
    let sts = sts(&moto.endpoint());
    let read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned();
    let policy = SessionPolicy::new(vec![read_only], None).unwrap();
    let user = user();
    let request = GetFederationToken {
        user: &user,
        name: &"ada".parse().unwrap(),
        tags: &[],
        policy: &policy,
        duration: 129_600.try_into().unwrap(),
    };
    let issued = sts.federation_token(request).await.unwrap();
    let arn = format!("arn:aws:sts::{}:federated-user/ada", moto::ACCOUNT);
    assert_eq!(issued.session_arn, Some(arn));
    let request = GetSessionToken {
        user: &user,
        mfa: None,
        duration: 900.try_into().unwrap(),
    };
    let issued = sts.session_token(request).await.unwrap();
    assert_eq!(issued.duration_seconds, 900);
    // moto has no user with these keys, so only the account in its response is meaningful.
    let who = whose(moto, &issued.credentials).await;
    assert_eq!(who["Account"], moto::ACCOUNT);
}
