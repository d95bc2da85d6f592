//! The switch beside a role, which reduces it to a session policy.

use chrono::TimeDelta;
use reqwest::StatusCode;
use serde_json::Value;

use crate::credentials::{READER, SHORT, renew, somebody, with_aws};
use crate::support::app::{Options, TestApp};
use crate::support::user_agent::UserAgent;

const POLICIES: &str = r#"
[[session_policy]]
id = "read-only"
name = "Read-only"
on_each_role = true
policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
[[session_policy]]
id = "billing"
name = "Billing"
policy_arns = ["arn:aws:iam::aws:policy/job-function/Billing"]
"#;
const PROVIDER: &str = "arn:aws:iam::111111111111:saml-provider/corp";

async fn signed_in(agent: &UserAgent) -> TestApp {
    let app = TestApp::start_with(Options {
        more: POLICIES.to_owned(),
        ..with_aws()
    });
    app.sign_in(agent, &somebody("alice")).await;
    app
}

fn owned(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    fields.iter().map(owned).collect()
}

/// The session policies of the audit lines from `before` on, by role.
fn policies(app: &TestApp, before: usize) -> Vec<(String, Value)> {
    let lines = app.audit().split_off(before);
    let issued = lines
        .into_iter()
        .filter(|line| line["event"] == "credentials_issued");
    let mut policies: Vec<_> = issued
        .map(|line| {
            let role = line["role_arn"].as_str().expect("a role").to_owned();
            (role, line["session_policy"].clone())
        })
        .collect();
    policies.sort_by(|(one, _), (other, _)| one.cmp(other));
    policies
}

#[actix_web::test]
async fn switches_reduce_their_role_and_no_other() {
    let agent = UserAgent::new();
    let app = signed_in(&agent).await;
    let (reader, short) = (
        format!("{READER} {PROVIDER}"),
        format!("{SHORT} {PROVIDER}"),
    );
    let on = |role: &str| format!("read-only {role}");
    for (switches, policy, expected) in [
        // The switch of this role, whatever it is called; that of another one; both.
        (
            vec![("policy-1-1", on(&reader))],
            "",
            Value::from("read-only"),
        ),
        (
            vec![("policy-quick", on(&reader))],
            "",
            Value::from("read-only"),
        ),
        (vec![("policy-1-1", on(&short))], "", Value::Null),
        // It counts for more than what is chosen for all.
        (
            vec![("policy-1-1", on(&reader))],
            "billing",
            Value::from("read-only"),
        ),
        (
            vec![("policy-1-2", on(&short))],
            "billing",
            Value::from("billing"),
        ),
        // The same role through another provider is another role.
        (vec![("policy-1-1", on(READER))], "", Value::Null),
    ] {
        let before = app.audit().len();
        let mut fields = owned(&[("role_arn", &reader), ("policy", policy)]);
        fields.extend(
            switches
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone())),
        );
        let page = agent.post_form(app.at("/credentials"), &fields).await;
        assert_eq!(page.status, StatusCode::OK, "{page}");
        assert_eq!(
            policies(&app, before),
            [(READER.to_owned(), expected)],
            "{fields:?}"
        );
    }
    // What is no policy is no reason to give more.
    for value in [format!("nothing {reader}"), format!(" {reader}")] {
        let fields = owned(&[("role_arn", &reader), ("policy-1-1", &value)]);
        let page = agent.post_form(app.at("/credentials"), &fields).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page}");
    }
}

#[actix_web::test]
async fn several_roles_have_their_own_switches() {
    let agent = UserAgent::new();
    let app = signed_in(&agent).await;
    let (reader, short) = (
        format!("{READER} {PROVIDER}"),
        format!("{SHORT} {PROVIDER}"),
    );
    let before = app.audit().len();
    let fields = owned(&[
        ("role-1-1", &reader),
        ("role-1-2", &short),
        ("policy-1-2", &format!("read-only {short}")),
        ("policy", "billing"),
    ]);
    let page = agent
        .post_form(app.at("/credentials/several"), &fields)
        .await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    let expected = [
        (READER.to_owned(), Value::from("billing")),
        (SHORT.to_owned(), Value::from("read-only")),
    ];
    assert_eq!(policies(&app, before), expected);
}

/// Of the switches, those of the roles that are asked for are kept, and no others.
#[actix_web::test]
async fn a_switch_survives_a_new_sign_in() {
    let agent = UserAgent::new();
    let app = signed_in(&agent).await;
    app.clock.advance(TimeDelta::minutes(6));
    let (reader, short) = (
        format!("{READER} {PROVIDER}"),
        format!("{SHORT} {PROVIDER}"),
    );
    let on = |role: &str| format!("read-only {role}");
    let fields = owned(&[
        ("role_arn", &reader),
        ("policy-1-1", &on(&reader)),
        ("policy-1-2", &on(&short)),
    ]);
    let redirect = agent.post_form(app.at("/credentials"), &fields).await;
    assert_eq!(redirect.status, StatusCode::SEE_OTHER, "{redirect}");
    let page = renew(&app, &agent, &redirect, &somebody("alice")).await;
    let repeat = page.form_with("role_arn").expect("the form, once more");
    assert_eq!(repeat.field("policy-1-1"), Some(&*on(&reader)));
    assert_eq!(repeat.field("policy-1-2"), None);
    let before = app.audit().len();
    let answer = agent.submit(&repeat).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer}");
    let expected = [(READER.to_owned(), Value::from("read-only"))];
    assert_eq!(policies(&app, before), expected);
}
