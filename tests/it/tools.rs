//! The tools with which people query AWS, and who may use them.

use chrono::TimeDelta;
use reqwest::StatusCode;
use rolecall::demo::people::Person;
use rolecall::demo::role::Role;
use rolecall::demo::sts::authorization;
use serde_json::json;

use crate::credentials::{form, json_of, post_json};
use crate::support::app::{Options, Started, TestApp};
use crate::support::saml::{ROLE, ROLE_SESSION_NAME};
use crate::support::user_agent::UserAgent;

const READER: &str = "arn:aws:iam::111111111111:role/reader";
const ELSEWHERE: &str = "arn:aws:iam::222222222222:role/reader";
pub const TOOLS: &str = "[tools]\nwhen = [{ attribute = \"groups\", any_of = [\"staff\"] }]\n";

fn roles(acs_url: &str) -> Vec<Role> {
    let role = |account| Role::new("aws", account, "reader", "corp", acs_url);
    vec![role("111111111111"), role("222222222222")]
}

fn app() -> TestApp {
    TestApp::start_with(Options {
        roles: Some(roles),
        more: TOOLS.to_owned(),
        ..Options::default()
    })
}

fn person(name: &str, group: &str) -> Person {
    let pair = |account| {
        format!("arn:aws:iam::{account}:role/reader,arn:aws:iam::{account}:saml-provider/corp")
    };
    Person::new(name, name)
        .with_attribute("groups", [group])
        .with_attribute(ROLE, ["111111111111", "222222222222"].map(pair))
        .with_attribute(ROLE_SESSION_NAME, [name])
}

/// AWS's encoded message about a request that it refused in the first account.
pub fn message() -> String {
    let principal = "arn:aws:sts::111111111111:assumed-role/reader/ada";
    let instance = "arn:aws:ec2:us-east-1:111111111111:instance/i-1";
    let refusal = authorization::refusal(principal, "ec2:StopInstances", instance);
    authorization::encode("111111111111", &refusal)
}

#[actix_web::test]
async fn a_refusal_is_explained() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("ada", "staff")).await;
    let portal = agent.get(app.at("/")).await;
    assert!(portal.body.contains("href=\"/tools\""), "{portal}");
    let page = agent.get(app.at("/tools")).await;
    let asked = page.form_with("message").expect("a form");
    let asked = asked.with("message", &format!("  {}\n", message()));
    let response = agent.submit(&asked).await;
    assert_eq!(response.status, StatusCode::OK, "{response}");
    assert_eq!(response.headers["cache-control"], "no-store");
    for said in [
        "No policy allows this request.",
        "ec2:StopInstances",
        "instance/i-1",
        "aws:Region",
        "us-east-1",
        "assumed-role/reader/ada",
    ] {
        assert!(response.text().contains(said), "{said}: {response}");
    }
    let line = app.last_audit();
    assert_eq!(line["event"], "tool_used");
    assert_eq!(line["tool"], "sts:DecodeAuthorizationMessage");
    assert_eq!(line["role_arn"], READER);
    assert!(line.get("code").is_none(), "{line}");
    assert!(!app.audit_text().contains(&message()));
    // AWS does not decode the message for a role in another account.
    let page = agent
        .post_form(
            app.at("/tools/refusal"),
            &form(ELSEWHERE, &[("message", &message())]),
        )
        .await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    assert!(
        page.text().contains("choose a role in the account"),
        "{page}"
    );
    assert_eq!(
        app.last_audit()["code"],
        "sts_invalid_authorization_message"
    );
    // The API returns the same result.
    let body = json!({ "role_arn": READER, "message": message() });
    let page = post_json(&app, &agent, "/api/tools/refusal", &body).await;
    let refusal = json_of(&page)["refusal"].clone();
    assert_eq!(refusal["action"], "ec2:StopInstances", "{page}");
    assert_eq!(refusal["is_explicit"], false);
}

#[actix_web::test]
async fn the_account_of_a_key_is_found() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("ada", "staff")).await;
    let body = json!({ "role_arn": ELSEWHERE });
    let issued = json_of(&post_json(&app, &agent, "/api/credentials", &body).await);
    let key = issued["AccessKeyId"].as_str().expect("a key");
    let page = agent
        .post_form(
            app.at("/tools/key"),
            &form(READER, &[("access_key_id", key)]),
        )
        .await;
    assert!(page.text().contains("222222222222"), "{page}");
    let line = app.last_audit();
    assert_eq!(line["tool"], "sts:GetAccessKeyInfo");
    assert_eq!(line["access_key_id"], key);
    let body = json!({ "role_arn": READER, "access_key_id": key });
    let page = post_json(&app, &agent, "/api/tools/key", &body).await;
    assert_eq!(json_of(&page)["account"], "222222222222", "{page}");
    for bad in ["", "short", "AKIA IOSFODNN7EXAMPLE", &"x".repeat(129)] {
        let page = agent
            .post_form(
                app.at("/tools/key"),
                &form(READER, &[("access_key_id", bad)]),
            )
            .await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{bad}: {page}");
    }
}

#[actix_web::test]
async fn without_permission_the_tools_page_is_not_found() {
    let agent = UserAgent::new();
    let app = app();
    app.sign_in(&agent, &person("bob", "guests")).await;
    let nobody = TestApp::start_with(Options {
        roles: Some(roles),
        ..Options::default()
    });
    let other = UserAgent::new();
    nobody.sign_in(&other, &person("ada", "staff")).await;
    for (app, agent) in [(&app, &agent), (&nobody, &other)] {
        let portal = agent.get(app.at("/")).await;
        assert!(!portal.body.contains("/tools"), "{portal}");
        let page = agent.get(app.at("/tools")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{page}");
        let lines = app.audit().len();
        for (path, field, value) in [
            ("/tools/refusal", "message", message()),
            (
                "/tools/key",
                "access_key_id",
                "AKIAIOSFODNN7EXAMPLE".to_owned(),
            ),
        ] {
            let page = agent
                .post_form(app.at(path), &form(READER, &[(field, &value)]))
                .await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{page}");
            let body = json!({ "role_arn": READER, field: value });
            let page = post_json(app, agent, &format!("/api{path}"), &body).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{page}");
        }
        assert_eq!(app.audit().len(), lines, "AWS was called");
    }
    let page = UserAgent::new().get(app.at("/tools")).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{page}");
}

#[actix_web::test]
async fn only_own_roles_can_be_used_in_the_tools() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("ada", "staff")).await;
    let fields = form(
        "arn:aws:iam::111111111111:role/other",
        &[("message", &message())],
    );
    let page = agent.post_form(app.at("/tools/refusal"), &fields).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    assert_eq!(app.last_audit()["code"], "not_entitled");
}

/// The page shows the identity that AWS reports for the credentials.
#[actix_web::test]
async fn the_credentials_page_shows_the_caller_identity() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("ada", "staff")).await;
    let page = agent
        .post_form(app.at("/credentials"), &form(READER, &[]))
        .await;
    let text = page.text();
    let (_, after) = text.split_once("AWS sees you as").expect("the identity");
    assert!(
        after
            .trim_start()
            .starts_with("arn:aws:sts::111111111111:assumed-role/reader/ada"),
        "{page}"
    );
}

/// On the page, the person signs in again and continues with the same message. The API returns a
/// URL for signing in.
#[actix_web::test]
async fn a_stale_sign_in_is_renewed_before_a_tool_is_used() {
    let app = app();
    let agent = UserAgent::new();
    let ada = person("ada", "staff");
    app.sign_in(&agent, &ada).await;
    app.clock.advance(TimeDelta::minutes(6));
    let body = json!({ "role_arn": READER, "message": message() });
    let page = post_json(&app, &agent, "/api/tools/refusal", &body).await;
    let error = json_of(&page)["error"].clone();
    assert_eq!(error["code"], "login_required", "{page}");
    assert!(
        error["login_url"]
            .as_str()
            .unwrap()
            .contains("/login?idp=corp"),
        "{page}"
    );
    let page = agent.get(app.at("/tools")).await;
    let asked = page.form_with("message").expect("a form");
    assert_ne!(app.last_audit()["event"], "tool_used");
    // A message of nearly the maximum length.
    let long = format!("{}{}", message(), " ".repeat(10_000 - message().len()));
    let page = agent.submit(&asked.with("message", &long)).await;
    let started = Started::from_redirect(&page);
    let form = app.form(&app.respond(&ada, &started), &started.relay_state);
    let again = app.finish(&agent, &form).await;
    let again = again.form_with("message").expect("the same form");
    let response = agent.submit(&again).await;
    assert_eq!(response.status, StatusCode::OK, "{response}");
    assert!(response.text().contains("ec2:StopInstances"), "{response}");
}
