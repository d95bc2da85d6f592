//! The switch next to a role. It limits the role to a session policy.

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
const OTHER_PROVIDER: &str = "arn:aws:iam::111111111111:saml-provider/old";

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

/// The role and session policy of each `credentials_issued` audit line from index `before` on,
/// sorted by role.
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
async fn a_switch_restricts_only_its_own_role() {
    let agent = UserAgent::new();
    let app = signed_in(&agent).await;
    let (reader, short) = (
        format!("{READER} {PROVIDER}"),
        format!("{SHORT} {PROVIDER}"),
    );
    let on = |role: &str| format!("read-only {role}");
    for (switches, policy, expected) in [
        // The switch of the requested role applies, whatever follows `policy-` in the field's name.
        // The switch of another role does not apply.
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
        // A role's switch takes precedence over the choice for all roles.
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
        // A switch without a provider applies to the role through any provider.
        (
            vec![("policy-1-1", on(READER))],
            "",
            Value::from("read-only"),
        ),
        // Through another provider, the role has a different switch.
        (
            vec![("policy-1-1", on(&format!("{READER} {OTHER_PROVIDER}")))],
            "",
            Value::Null,
        ),
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
    // Unknown policies and malformed values are refused, not ignored.
    for value in [
        format!("nothing {reader}"),
        format!(" {reader}"),
        "read-only".to_owned(),
    ] {
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

/// A switch also applies if the role is submitted without its provider's ARN, or with that ARN in a
/// separate field (as on pages other than the portal).
#[actix_web::test]
async fn a_switch_applies_to_the_console_and_every_spelling_of_the_role() {
    let agent = UserAgent::new();
    let app = signed_in(&agent).await;
    let on = format!("read-only {READER} {PROVIDER}");
    for path in ["/console", "/credentials"] {
        for provider in ["", PROVIDER] {
            let fields = owned(&[
                ("role_arn", READER),
                ("provider_arn", provider),
                ("policy-1-1", &on),
            ]);
            let page = agent.post_form(app.at(path), &fields).await;
            assert!(!page.status.is_client_error(), "{page}");
            assert_eq!(app.last_audit()["session_policy"], "read-only", "{path}");
        }
    }
}

/// Each button submits all switches that are on, possibly a thousand. Forms with more fields than
/// anyone needs are refused.
#[actix_web::test]
async fn a_form_may_contain_a_thousand_switches() {
    let agent = UserAgent::new();
    let app = signed_in(&agent).await;
    let reader = format!("{READER} {PROVIDER}");
    let with = |number: usize| {
        let switch = |at| {
            (
                format!("policy-{at}"),
                format!("read-only {SHORT}-{at} {PROVIDER}"),
            )
        };
        let mut fields = owned(&[("role_arn", &reader)]);
        fields.extend((0..number).map(switch));
        fields
    };
    let page = agent.post_form(app.at("/credentials"), &with(1_000)).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    let page = agent
        .post_form(
            app.at("/credentials"),
            &vec![(String::new(), String::new()); 5_000],
        )
        .await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page}");
    let ticked: Vec<_> = (0..1_000)
        .map(|at| (format!("role-{at}"), reader.clone()))
        .collect();
    let page = agent
        .post_form(app.at("/credentials/several"), &ticked)
        .await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page}");
    assert!(page.body.contains("more than 20 roles"), "{page}");
}

/// A session policy and a duration in the URL survive a sign-in.
#[actix_web::test]
async fn the_query_of_the_url_survives_the_sign_in() {
    let agent = UserAgent::new();
    let app = signed_in(&agent).await;
    let agent = UserAgent::new();
    let started = app
        .begin_at(&agent, "/?policy=read-only&duration_seconds=900")
        .await;
    let form = app.form(
        &app.respond(&somebody("alice"), &started),
        &started.relay_state,
    );
    let page = agent.follow(app.post_acs(&agent, &form).await).await;
    assert_eq!(
        page.url.query(),
        Some("policy=read-only&duration_seconds=900")
    );
    let button = page
        .pressed("[formaction='/credentials']")
        .expect("a button");
    let switched = button
        .fields
        .iter()
        .filter(|(name, _)| name.starts_with("policy-"));
    assert!(switched.count() > 1, "{button:?}");
    assert_eq!(button.field("duration_seconds"), Some("900"));
}

/// During the sign-in, only the switches of the requested roles are kept.
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
    let repeat = page.form_with("role_arn").expect("the repeated form");
    assert_eq!(repeat.field("policy-1-1"), Some(&*on(&reader)));
    assert_eq!(repeat.field("policy-1-2"), None);
    let before = app.audit().len();
    let response = agent.submit(&repeat).await;
    assert_eq!(response.status, StatusCode::OK, "{response}");
    let expected = [(READER.to_owned(), Value::from("read-only"))];
    assert_eq!(policies(&app, before), expected);
}
