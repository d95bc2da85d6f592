//! SAML responses that were used before: a browser posts one again if the person goes back or
//! reloads the page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use reqwest::StatusCode;
use url::Url;

use crate::support::app::{Options, TestApp, person};
use crate::support::user_agent::{Page, UserAgent};

/// The form with which a person has signed in.
type Form = Vec<(String, String)>;

/// Signs `name` in, and returns the form that the browser posted.
async fn sign_in(app: &TestApp, agent: &UserAgent, name: &str) -> Form {
    let started = app.begin(agent).await;
    let form = app.form(&app.respond(&person(name), &started), &started.relay_state);
    let page = app.finish(agent, &form).await;
    assert_eq!(page.url.path(), "/", "{page}");
    form
}

async fn post_again(app: &TestApp, agent: &UserAgent, form: &Form) -> Page {
    agent.post_form(app.at("/saml/acs"), form).await
}

/// The refusals in the audit trail.
fn refusals(app: &TestApp) -> Vec<String> {
    let lines = app.audit().into_iter();
    let refused = lines.filter(|line| line["event"] == "login_refused");
    refused
        .map(|line| line["check"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn going_back_leads_the_person_who_is_signed_in_to_the_portal() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let form = sign_in(&app, &agent, "alice").await;
    for (minutes, check) in [
        (0, "replay"),
        (10, "issued_too_long_ago"),
        (60, "unknown_login"),
    ] {
        app.clock.advance(TimeDelta::minutes(minutes));
        let page = post_again(&app, &agent, &form).await;
        let page = agent.follow(page).await;
        assert_eq!(page.status, StatusCode::OK, "{minutes}: {page}");
        assert_eq!(page.url.path(), "/", "{minutes}: {page}");
        assert_eq!(refusals(&app).last().unwrap(), check);
    }
    assert_eq!(refusals(&app).len(), 3);
}

#[actix_web::test]
async fn everybody_else_sees_the_error_of_a_used_response() {
    let app = TestApp::start();
    let (alice, bob, nobody) = (UserAgent::new(), UserAgent::new(), UserAgent::new());
    let form = sign_in(&app, &alice, "alice").await;
    sign_in(&app, &bob, "bob").await;
    for agent in [&bob, &nobody] {
        let page = post_again(&app, agent, &form).await;
        let page = agent.follow(page).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
        assert!(page.body.contains("already used"), "{page}");
    }
    assert_eq!(refusals(&app), ["replay", "replay"]);
    // Bob is still signed in as himself.
    let page = bob.open(app.at("/me")).await;
    assert!(page.body.contains("bob@example.com"), "{page}");
}

/// The same after an IdP-initiated login.
#[actix_web::test]
async fn going_back_after_an_idp_initiated_login() {
    let app = TestApp::start_with(Options {
        idp: "allow_unsolicited = true".to_owned(),
        ..Options::default()
    });
    let agent = UserAgent::new();
    let idp = app.idp;
    let response = idp.response(&person("alice"), &app.relying_party(), None, app.now());
    let form = app.form(&response, "");
    app.finish(&agent, &form).await;
    let page = post_again(&app, &agent, &form).await;
    let page = agent.follow(page).await;
    assert_eq!(page.url.path(), "/", "{page}");
    let page = post_again(&app, &UserAgent::new(), &form).await;
    let page = UserAgent::new().follow(page).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
}

/// A person who is signed in and whose next login fails must learn why, even if the response is
/// about the same person.
#[actix_web::test]
async fn a_renewal_that_fails_is_not_hidden() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    sign_in(&app, &agent, "alice").await;
    app.clock.advance(TimeDelta::minutes(1));
    let started = app.begin(&agent).await;
    let response = app.respond(&person("alice"), &started);
    let form = app.form(&response, &started.relay_state);
    app.clock.advance(TimeDelta::minutes(10));
    let page = post_again(&app, &agent, &form).await;
    let page = agent.follow(page).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    assert_eq!(refusals(&app), ["issued_too_long_ago"]);
}

/// A message that no IdP signed leads to no notice.
#[actix_web::test]
async fn only_a_verified_response_leads_to_a_notice() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let mut form = sign_in(&app, &agent, "alice").await;
    let xml = rolecall::saml::response::decode(&form[0].1).unwrap();
    let changed = xml.replace("alice@example.com", "admin@example.com");
    form[0].1 = rolecall::demo::idp::encode(&changed);
    for minutes in [0, 60] {
        app.clock.advance(TimeDelta::minutes(minutes));
        let page = post_again(&app, &agent, &form).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    }
    assert_eq!(refusals(&app), ["signature", "unknown_login"]);
}

#[actix_web::test]
async fn a_forged_or_old_notice_leads_nowhere() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let form = sign_in(&app, &agent, "alice").await;
    let url = post_again(&app, &agent, &form).await.redirect().unwrap();
    assert_eq!(url.path(), "/login/used");
    let (_, notice) = url.query_pairs().next().unwrap();
    assert!(notice.len() < 100, "{notice}");
    let octets = URL_SAFE_NO_PAD.decode(notice.as_bytes()).unwrap();
    let with = |notice: &str| {
        let mut url: Url = url.clone();
        url.query_pairs_mut().clear().append_pair("notice", notice);
        url
    };
    for at in 0..octets.len() {
        let mut changed = octets.clone();
        changed[at] ^= 1;
        let page = agent.get(with(&URL_SAFE_NO_PAD.encode(changed))).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{at}: {page}");
    }
    for notice in ["x", "=", &"A".repeat(3_000)] {
        let page = agent.get(with(notice)).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    }
    let lines = app.audit().len();
    assert_eq!(agent.get(&url).await.redirect().unwrap().path(), "/");
    app.clock.advance(TimeDelta::minutes(3));
    assert_eq!(agent.get(&url).await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.audit().len(), lines);
}
