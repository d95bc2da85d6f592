//! Floods of refused messages, which must not fill the disk.

use chrono::TimeDelta;
use reqwest::StatusCode;
use serde_json::Value;

use crate::program::{Service, rolecall};
use crate::support::app::{TestApp, fields, person};
use crate::support::patience::until;
use crate::support::user_agent::{Page, UserAgent};

/// Posts a message that is not base64 to the ACS.
async fn junk(app: &TestApp, agent: &UserAgent) -> Page {
    agent.post_form(app.at("/saml/acs"), &fields("!", "")).await
}

/// The audit lines with this event and, in `check`, this check.
fn lines(app: &TestApp, event: &str, check: &str) -> Vec<Value> {
    let is_wanted =
        |line: &Value| line["event"] == event && (check.is_empty() || line["check"] == check);
    app.audit().into_iter().filter(is_wanted).collect()
}

#[actix_web::test]
async fn one_address_causes_ten_lines_of_a_kind_in_a_minute_and_the_rest_is_counted() {
    let (app, agent) = (TestApp::start(), UserAgent::new());
    for _ in 0..30 {
        let page = junk(&app, &agent).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
        let id = page.headers["x-request-id"].to_str().unwrap();
        assert!(page.body.contains(id), "{page}");
    }
    assert_eq!(lines(&app, "login_refused", "base64").len(), 10);
    // A flood of one check does not hide another.
    let empty = agent.post_form(app.at("/saml/acs"), &[]).await;
    assert_eq!(empty.status, StatusCode::BAD_REQUEST, "{empty}");
    assert_eq!(lines(&app, "login_refused", "bad_request").len(), 1);
    assert_eq!(lines(&app, "refusals_unwritten", "").len(), 0);
    app.clock.advance(TimeDelta::seconds(61));
    junk(&app, &agent).await;
    assert_eq!(lines(&app, "login_refused", "base64").len(), 11);
    let summary = lines(&app, "refusals_unwritten", "").pop().unwrap();
    assert_eq!(summary["total"], 20, "{summary}");
    let [count] = summary["counts"].as_array().unwrap().as_slice() else {
        panic!("{summary}");
    };
    assert_eq!(count["ip"], "127.0.0.1", "{summary}");
    assert_eq!(count["event"], "login_refused", "{summary}");
    assert_eq!(count["check"], "base64", "{summary}");
    assert_eq!(count["count"], 20, "{summary}");
}

#[actix_web::test]
async fn refused_logouts_are_counted_too_also_when_the_program_stops() {
    let (app, agent) = (TestApp::start(), UserAgent::new());
    for _ in 0..15 {
        agent.get(app.at("/saml/slo?SAMLRequest=x")).await;
        agent.get(app.at("/saml/slo")).await;
    }
    let refused = lines(&app, "logout_refused", "");
    assert_eq!(refused.len(), 20, "{refused:?}");
    app.stop().await;
    until(async || {
        let summary = lines(&app, "refusals_unwritten", "").pop();
        summary
            .filter(|line| line["total"] == 10)
            .ok_or(app.audit())
    })
    .await;
}

#[actix_web::test]
async fn refusals_of_messages_that_the_idp_signed_are_always_written() {
    let (app, agent) = (TestApp::start(), UserAgent::new());
    let started = app.begin(&agent).await;
    let mut spec = app.respond(&person("alice"), &started);
    let elsewhere = vec!["https://elsewhere.example.com".to_owned()];
    let assertion = spec.assertion.as_mut().unwrap();
    let conditions = assertion.conditions.as_mut().unwrap();
    conditions.audience_restrictions = vec![elsewhere];
    let form = app.form(&spec, &started.relay_state);
    for _ in 0..15 {
        let page = agent.post_form(app.at("/saml/acs"), &form).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    }
    assert_eq!(lines(&app, "login_refused", "audience").len(), 15);
    // So are replays.
    let good = app.form(
        &app.respond(&person("alice"), &started),
        &started.relay_state,
    );
    for _ in 0..16 {
        agent.post_form(app.at("/saml/acs"), &good).await;
    }
    let events = app.audit();
    let refused = events
        .iter()
        .filter(|line| line["event"] == "login_refused");
    assert_eq!(refused.count(), 30, "{events:?}");
}

#[actix_web::test]
async fn the_log_of_a_flood_is_short() {
    let service = Service::start_by(rolecall()).await;
    let agent = UserAgent::new();
    for _ in 0..700 {
        let page = agent.get(service.at("/nowhere")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{page}");
    }
    let log = service.read("stderr");
    let shown = |message: &str| {
        let is_shown = |line: &&str| line.contains("\"INFO\"") && line.contains(message);
        log.lines().filter(is_shown).count()
    };
    assert_eq!(shown("\"request refused\""), 10);
    assert_eq!(shown("\"message\":\"request\""), 600);
}
