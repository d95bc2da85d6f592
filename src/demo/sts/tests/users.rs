//! Tests of the operations that IAM users call: GetFederationToken, GetSessionToken and AssumeRoot.

use super::*;
use crate::demo::credentials::Origin;
use crate::demo::sts::RootAccess;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const CODE: &str = "424242";
const MEMBER: &str = "222222222222";
const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

/// A user with an MFA device and all permissions that these operations require, and a user with
/// neither.
fn users() -> [User; 2] {
    let admin = User {
        mfa_code: Some(CODE.to_owned()),
        allowed: vec!["sts:GetFederationToken", "sts:TagSession", "sts:AssumeRoot"],
        ..User::new(ACCOUNT, "admin", "AKIAIOSFODNN7EXAMPLE", SECRET)
    };
    let nobody = User::new(ACCOUNT, "nobody", "AKIAI44QH8DHBEXAMPLE", SECRET);
    [admin, nobody]
}

struct Users {
    bench: Bench,
    admin: User,
    nobody: User,
}

impl Users {
    fn new() -> Self {
        let bench = bench();
        let [admin, nobody] = users();
        let sts = Sts::new(
            vec![Role::trusting("aws", ACCOUNT, "Deploy", &admin.arn())],
            HashMap::new(),
            Vec::new(),
            bench.register.clone(),
            bench.clock.clone(),
        )
        .with_users(users().into())
        .with_root_access(Some(RootAccess {
            administrator: ACCOUNT.to_owned(),
            members: vec![MEMBER.to_owned()],
        }));
        let sts = Data::new(sts);
        Self {
            bench: Bench { sts, ..bench },
            admin,
            nobody,
        }
    }

    /// The response to a request that `user` signed.
    async fn ask(&self, user: &User, parameters: &[(&str, &str)]) -> Response {
        let signing = Signing::of(user, self.bench.clock.now());
        self.send(&signing, parameters).await
    }

    /// The response to a request that was signed with the credentials in `given`.
    async fn ask_with(&self, given: &Response, parameters: &[(&str, &str)]) -> Response {
        let issued = self.issued(given);
        let signing = Signing::with(&issued, self.bench.clock.now());
        self.send(&signing, parameters).await
    }

    async fn send(&self, signing: &Signing<'_>, parameters: &[(&str, &str)]) -> Response {
        let version = [("Version", "2011-06-15")];
        let form: Vec<_> = version.iter().chain(parameters).collect();
        let body = serde_urlencoded::to_string(form).unwrap();
        self.bench.send(signing.request(&body)).await
    }

    fn issued(&self, response: &Response) -> IssuedCredentials {
        assert_eq!(response.status, StatusCode::OK, "{}", response.xml);
        let found = self
            .bench
            .register
            .find(&response.text("AccessKeyId").unwrap());
        found.unwrap().as_ref().clone()
    }

    fn seconds(&self, response: &Response) -> i64 {
        let expiration: DateTime<Utc> = response.text("Expiration").unwrap().parse().unwrap();
        (expiration - self.bench.clock.now()).num_seconds()
    }
}

const WHO: &[(&str, &str)] = &[("Action", "GetCallerIdentity")];
const FEDERATION: &[(&str, &str)] = &[("Action", "GetFederationToken"), ("Name", "ada")];
const SESSION: &[(&str, &str)] = &[("Action", "GetSessionToken")];
const ROOT: &[(&str, &str)] = &[
    ("Action", "AssumeRoot"),
    ("TargetPrincipal", MEMBER),
    (
        "TaskPolicyArn.arn",
        "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy",
    ),
];

fn and<'a>(one: &[(&'a str, &'a str)], other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let changed = |name: &str| other.iter().any(|(known, _)| *known == name);
    let kept = one.iter().filter(|(name, _)| !changed(name));
    kept.chain(other).copied().collect()
}

#[actix_web::test]
async fn a_federated_user_session_lasts_twelve_hours_by_default() {
    let sts = Users::new();
    let response = sts.ask(&sts.admin, FEDERATION).await;
    assert_eq!(sts.seconds(&response), 43_200);
    assert_eq!(response.text("PackedPolicySize"), None);
    let tags = [
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "Ops"),
        ("PolicyArns.member.1.arn", READ_ONLY),
        ("DurationSeconds", "129600"),
    ];
    let response = sts.ask(&sts.admin, &and(FEDERATION, &tags)).await;
    assert_eq!(sts.seconds(&response), 129_600);
    let arn = "arn:aws:sts::111111111111:federated-user/ada";
    assert_eq!(response.text("Arn").unwrap(), arn);
    assert_eq!(
        response.text("FederatedUserId").unwrap(),
        "111111111111:ada"
    );
    assert_eq!(response.text("PackedPolicySize").unwrap(), "2");
    let session = sts.issued(&response).session;
    assert_eq!(session.tags, [("Team".to_owned(), "Ops".to_owned())]);
    assert_eq!(session.origin, Origin::FederationToken);
    let who = sts.ask_with(&response, WHO).await;
    assert_eq!(who.text("Arn").unwrap(), arn);
    assert_eq!(who.text("UserId").unwrap(), "111111111111:ada");
}

#[actix_web::test]
async fn a_user_session_has_the_identity_of_the_user() {
    let sts = Users::new();
    let response = sts.ask(&sts.nobody, SESSION).await;
    assert_eq!(sts.seconds(&response), 43_200);
    let who = sts.ask_with(&response, WHO).await;
    assert_eq!(who.text("Arn").unwrap(), sts.nobody.arn());
    assert_eq!(who.text("UserId").unwrap(), sts.nobody.id());
    let serial = sts.admin.mfa_serial();
    let with_code = |code| {
        let second = [("SerialNumber", serial.as_str()), ("TokenCode", code)];
        and(SESSION, &second)
    };
    let response = sts.ask(&sts.admin, &with_code(CODE)).await;
    let role = [
        ("Action", "AssumeRole"),
        ("RoleArn", "arn:aws:iam::111111111111:role/Deploy"),
        ("RoleSessionName", "ada"),
    ];
    let role = sts.ask_with(&response, &role).await;
    assert_eq!(role.status, StatusCode::OK, "{}", role.xml);
    let message = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
    let wrong = sts.ask(&sts.admin, &with_code("000000")).await;
    wrong.refuses(403, "AccessDenied", message);
    let half = and(SESSION, &[("TokenCode", CODE)]);
    sts.ask(&sts.admin, &half)
        .await
        .refuses(403, "AccessDenied", message);
}

#[actix_web::test]
async fn a_root_session_lasts_fifteen_minutes() {
    let sts = Users::new();
    let response = sts.ask(&sts.admin, ROOT).await;
    assert_eq!(sts.seconds(&response), 900);
    let who = sts.ask_with(&response, WHO).await;
    assert_eq!(who.text("Arn").unwrap(), "arn:aws:iam::222222222222:root");
    assert_eq!(who.text("Account").unwrap(), MEMBER);
    let by_arn = [("TargetPrincipal", "arn:aws:iam::222222222222:root")];
    let response = sts.ask(&sts.admin, &and(ROOT, &by_arn)).await;
    assert_eq!(sts.issued(&response).session.account, MEMBER);
}

#[actix_web::test]
async fn callers_without_permission_are_refused() {
    let sts = Users::new();
    let nobody = sts.nobody.arn();
    for (parameters, action, resource) in [
        (
            FEDERATION,
            "sts:GetFederationToken",
            "arn:aws:sts::111111111111:federated-user/ada",
        ),
        (ROOT, "sts:AssumeRoot", "arn:aws:iam::222222222222:root"),
    ] {
        let message = format!(
            "User: {nobody} is not authorized to perform: {action} on resource: {resource}"
        );
        let response = sts.ask(&sts.nobody, parameters).await;
        response.refuses(403, "AccessDenied", &message);
    }
    let admin = sts.admin.arn();
    for account in [ACCOUNT, "333333333333"] {
        let response = sts
            .ask(&sts.admin, &and(ROOT, &[("TargetPrincipal", account)]))
            .await;
        let message = format!(
            "User: {admin} is not authorized to perform: sts:AssumeRoot on resource: \
             arn:aws:iam::{account}:root"
        );
        response.refuses(403, "AccessDenied", &message);
    }
}

/// The restrictions on temporary credentials apply regardless of policies.
#[actix_web::test]
async fn temporary_credentials_cannot_call_every_operation() {
    let sts = Users::new();
    let federated = sts.ask(&sts.admin, FEDERATION).await;
    let session = sts.ask(&sts.admin, SESSION).await;
    let root = sts.ask(&sts.admin, ROOT).await;
    for (given, refused) in [
        (&federated, vec![FEDERATION, SESSION, ROOT]),
        (&session, vec![FEDERATION, SESSION, ROOT]),
        (&root, vec![FEDERATION, SESSION, ROOT]),
    ] {
        assert_eq!(sts.ask_with(given, WHO).await.status, StatusCode::OK);
        for parameters in refused {
            let operation = parameters[0].1;
            let message = format!("Cannot call {operation} with session credentials");
            let response = sts.ask_with(given, parameters).await;
            response.refuses(403, "AccessDenied", &message);
        }
    }
}

#[actix_web::test]
async fn parameters_beyond_their_limits_are_refused() {
    let sts = Users::new();
    let long = "x".repeat(33);
    for (operation, name, value) in [
        (FEDERATION, "Name", "a"),
        (FEDERATION, "Name", long.as_str()),
        (FEDERATION, "Name", "a b"),
        (FEDERATION, "DurationSeconds", "899"),
        (FEDERATION, "DurationSeconds", "129601"),
        (SESSION, "DurationSeconds", "899"),
        (SESSION, "DurationSeconds", "129601"),
        (SESSION, "TokenCode", "12345"),
        (SESSION, "SerialNumber", "short"),
        (ROOT, "DurationSeconds", "901"),
        (ROOT, "DurationSeconds", "-1"),
        (ROOT, "TargetPrincipal", "2222"),
        (ROOT, "TargetPrincipal", "arn:aws:iam::222222222222:user/x"),
        (ROOT, "TaskPolicyArn.arn", READ_ONLY),
    ] {
        let response = sts.ask(&sts.admin, &and(operation, &[(name, value)])).await;
        let code = response.text("Code");
        assert_eq!(code.as_deref(), Some("ValidationError"), "{name} {value}");
        assert_eq!(response.status, StatusCode::BAD_REQUEST);
    }
    for (operation, name) in [
        (FEDERATION, "Name"),
        (ROOT, "TargetPrincipal"),
        (ROOT, "TaskPolicyArn.arn"),
    ] {
        let less = operation.iter().filter(|(known, _)| *known != name);
        let less: Vec<_> = less.copied().collect();
        let response = sts.ask(&sts.admin, &less).await;
        assert_eq!(
            response.text("Code").as_deref(),
            Some("ValidationError"),
            "{name}"
        );
    }
    let malformed = and(FEDERATION, &[("Policy", "{}")]);
    let response = sts.ask(&sts.admin, &malformed).await;
    let code = response.text("Code");
    assert_eq!(code.as_deref(), Some("MalformedPolicyDocument"));
}
