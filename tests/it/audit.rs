//! The audit trail: what its lines contain, and what happens when no line can be written.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use reqwest::StatusCode;
use rolecall::demo::people::Person;
use serde_json::{Value, json};

use crate::credentials::{READER, VAULT, form, json_of, post_json, somebody, with_aws};
use crate::support::app::{Options, TestApp, person};
use crate::support::saml::ROLE;
use crate::support::user_agent::{Page, UserAgent};
use crate::tools;

#[actix_web::test]
async fn login_and_logout_each_write_an_audit_line() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("alice")).await;
    let login = app.last_audit();
    assert_eq!(login["event"], "login_accepted");
    assert_eq!(login["idp"], "corp");
    assert_eq!(login["name_id"], "alice@example.com");
    assert_eq!(login["ip"], "127.0.0.1");
    assert_eq!(login["roles"], 1);
    assert_eq!(login["unsolicited"], false);
    assert_eq!(login["request_id"].as_str().unwrap().len(), 16);
    let session = login["session"].as_str().unwrap();
    assert_eq!(session.len(), 16);
    agent.post_form(app.at("/logout"), &[]).await;
    let logout = app.last_audit();
    assert_eq!(logout["event"], "logout");
    assert_eq!(logout["session"], session);
    assert_eq!(logout["name_id"], "alice@example.com");
    // A second sign-out has no session to end, so rolecall writes no line.
    agent.post_form(app.at("/logout"), &[]).await;
    assert_eq!(app.audit().len(), 2);
}

#[actix_web::test]
async fn malformed_roles_are_shown_and_hide_nothing() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let good =
        "arn:aws:iam::111111111111:saml-provider/corp, arn:aws:iam::111111111111:role/reader";
    let bad = [
        "nonsense",
        "arn:aws:iam::1:role/x,arn:aws:iam::1:saml-provider/corp",
        "",
    ];
    let values = bad.into_iter().chain([good]);
    let person = Person::new("alice", "Alice").with_attribute(ROLE, values);
    let page = app.sign_in(&agent, &person).await;
    assert!(
        page.body.contains("arn:aws:iam::111111111111:role/reader"),
        "{page}"
    );
    let login = app.last_audit();
    assert_eq!(login["roles"], 1);
    let dropped = login["dropped"].as_array().unwrap();
    // The empty value is ignored, so it is not reported as dropped.
    assert_eq!(dropped.len(), 2, "{login}");
    assert_eq!(dropped[0]["reason"], "not_a_pair");
    assert_eq!(dropped[1]["reason"], "role");
    assert_eq!(
        dropped[1]["detail"],
        "the role: the account ID is not twelve digits"
    );
    assert!(login.to_string().contains("nonsense"));
}

#[actix_web::test]
async fn the_client_address_comes_from_a_trusted_proxy() {
    for (trusted, address) in [
        ("", "127.0.0.1"),
        ("trusted_proxies = [\"127.0.0.0/8\"]", "198.51.100.7"),
    ] {
        let options = Options {
            http: trusted.to_owned(),
            ..Options::default()
        };
        let app = TestApp::start_with(options);
        let agent = UserAgent::new();
        let request = agent
            .request(reqwest::Method::POST, app.at("/saml/acs"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-forwarded-for", "203.0.113.66, 198.51.100.7")
            .body("SAMLResponse=x");
        agent.send(request).await;
        assert_eq!(app.last_audit()["ip"], address);
    }
}

#[actix_web::test]
async fn invalid_header_bytes_do_not_hide_an_address() {
    let options = Options {
        http: "trusted_proxies = [\"127.0.0.0/8\"]".to_owned(),
        ..Options::default()
    };
    let app = TestApp::start_with(options);
    let agent = UserAgent::new();
    // The client sent the invalid byte, and the proxy appended the address.
    let said = reqwest::header::HeaderValue::from_bytes(b"\xff, 198.51.100.7").unwrap();
    let request = agent
        .request(reqwest::Method::POST, app.at("/saml/acs"))
        .header("x-forwarded-for", said);
    agent.send(request).await;
    assert_eq!(app.last_audit()["ip"], "198.51.100.7");
}

/// The page `/me` shows why a role is missing, and which values are sent to AWS.
#[actix_web::test]
async fn who_am_i() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    // A person who is not signed in is redirected to the IdP first.
    let to_idp = agent.get(app.at("/me")).await;
    assert!(to_idp.redirect().is_some(), "{to_idp}");
    let tag = "https://aws.amazon.com/SAML/Attributes/PrincipalTag:Team";
    let values = [
        "nonsense",
        "arn:aws:iam::1:role/x,arn:aws:iam::1:saml-provider/c",
    ];
    let person = Person::new("alice", "Alice")
        .with_attribute(ROLE, values)
        .with_attribute(tag, ["blue"]);
    app.sign_in(&agent, &person).await;
    let page = agent.get(app.at("/me")).await;
    for text in [
        "alice@example.com",
        "Example Corp",
        "blue",
        "nonsense",
        "Must be one role ARN and one SAML provider ARN",
        "Invalid role ARN: the account ID is not twelve digits.",
        "None. AWS requires one for every role",
    ] {
        assert!(page.text().contains(text), "{text}: {page}");
    }
    let request = agent.request(reqwest::Method::GET, app.at("/me"));
    let page = agent
        .send(request.header("accept-language", "de-CH, de;q=0.9"))
        .await;
    assert!(page.body.contains("<html lang=\"de\">"), "{page}");
    assert!(page.body.contains("An AWS gesendet"), "{page}");
}

/// Makes a named pipe for the audit trail. Dropping the returned file closes the pipe's reading
/// end, so that later writes fail.
fn pipe(path: &Path) -> File {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.expect("mkfifo is installed").success());
    // Opening one end alone would block until the other end is opened.
    let both = File::options().read(true).write(true).open(path);
    both.expect("a pipe can be opened")
}

/// Asserts that the status is 503 and that the response contains nothing from AWS.
#[track_caller]
fn assert_nothing(way: &str, page: &Page) {
    assert_eq!(
        page.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "{way}: {page}"
    );
    assert!(!page.headers.contains_key("location"), "{way}: {page}");
    let whole = format!("{:?}\n{}", page.headers, page.body);
    for secret in [
        "ASIA",
        "aws_secret_access_key",
        "SecretAccessKey",
        "data-secret",
        "SigninToken",
        "/signin/federation",
        // An action from AWS's explanation of the refusal, and the account that the key belongs to.
        "ec2:StopInstances",
        "222222222222",
    ] {
        assert!(!whole.contains(secret), "{way}, {secret}: {page}");
    }
}

/// Covers all pages and API calls that issue credentials, open the console or query AWS.
#[actix_web::test]
async fn without_an_audit_line_no_credentials_are_issued() {
    let directory = tempfile::tempdir().unwrap();
    let trail = directory.path().join("audit");
    let reader = pipe(&trail);
    let app = TestApp::start_with(Options {
        audit: Some(trail),
        more: tools::TOOLS.to_owned(),
        ..with_aws()
    });
    let agent = UserAgent::new();
    let alice = somebody("alice").with_attribute("groups", ["staff"]);
    app.sign_in(&agent, &alice).await;
    let elsewhere = "arn:aws-cn:iam::222222222222:role/reader";
    let body = json!({ "role_arn": elsewhere });
    let issued = post_json(&app, &agent, "/api/credentials", &body).await;
    let key = json_of(&issued)["AccessKeyId"].clone();
    let key = key
        .as_str()
        .expect("credentials are issued while the pipe is open");
    drop(reader);
    let message = tools::message();
    // AWS issues credentials for the first role and refuses the second. Without an audit line,
    // rolecall shows neither result.
    for role in [READER, VAULT] {
        let one = format!("{role} arn:aws:iam::111111111111:saml-provider/corp");
        for (path, fields) in [
            ("/credentials", form(role, &[])),
            ("/credentials/several", vec![("role-0".to_owned(), one)]),
            ("/console", form(role, &[])),
            ("/tools/refusal", form(role, &[("message", &message)])),
            ("/tools/key", form(role, &[("access_key_id", key)])),
        ] {
            assert_nothing(path, &agent.post_form(app.at(path), &fields).await);
        }
        for (path, field, value) in [
            ("/api/credentials", "region", Value::Null),
            ("/api/console", "destination", Value::Null),
            ("/api/tools/refusal", "message", json!(message)),
            ("/api/tools/key", "access_key_id", json!(key)),
        ] {
            let body = json!({ "role_arn": role, field: value });
            let page = post_json(&app, &agent, path, &body).await;
            assert_nothing(path, &page);
            assert_eq!(
                json_of(&page)["error"]["code"],
                "audit_unavailable",
                "{path}"
            );
        }
    }
}
