//! A login ends once, and only in the browser that began it.

use futures_util::future::join_all;
use rolecall::demo::idp::{Signed, SigningOptions, encode};

use super::*;

#[actix_web::test]
async fn a_response_is_accepted_once() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let started = app.begin(&agent).await;
    let form = app.form(
        &app.respond(&person("alice"), &started),
        &started.relay_state,
    );
    let first = app.post_acs(&agent, &form).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    let second = app.post_acs(&agent, &form).await;
    assert_eq!(app.last_audit()["check"], "replay");
    let second = agent.follow(second).await;
    assert_eq!(second.status, StatusCode::FORBIDDEN);
    agent.follow(first).await;
    assert_eq!(
        signed_in_as(&app, &agent).await.as_deref(),
        Some("alice@example.com")
    );
}

#[actix_web::test]
async fn an_assertion_is_not_replayed_into_another_login() {
    let app = TestApp::start_with(unsolicited());
    let agent = UserAgent::new();
    let spec = app
        .idp
        .response(&person("alice"), &app.relying_party(), None, app.now());
    let form = app.form(&spec, "");
    assert_eq!(
        app.post_acs(&agent, &form).await.status,
        StatusCode::SEE_OTHER
    );
    let again = app.post_acs(&UserAgent::new(), &form).await;
    let again = UserAgent::new().follow(again).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert_eq!(app.last_audit()["check"], "replay");
    // The same Assertion in a new Response is still a replay.
    let mut other = spec.clone();
    other.id = "_another".to_owned();
    let again = app.post_acs(&agent, &app.form(&other, "")).await;
    let again = agent.follow(again).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert_eq!(app.last_audit()["check"], "replay");
}

#[actix_web::test]
async fn invalid_messages_do_not_end_a_login_in_progress() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let started = app.begin(&agent).await;
    let good = app.respond(&person("alice"), &started);
    let unsigned = app
        .idp
        .signed_xml(&good, Signed::Neither, &SigningOptions::default())
        .unwrap();
    let junk = fields(&encode(&unsigned), &started.relay_state);
    let refused = app.post_acs(&UserAgent::new(), &junk).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(app.last_audit()["check"], "not_signed");
    let page = app
        .post_acs(&agent, &app.form(&good, &started.relay_state))
        .await;
    assert_eq!(agent.follow(page).await.url.path(), "/");
}

#[actix_web::test]
async fn a_login_completes_only_in_the_browser_that_started_it() {
    let app = TestApp::start();
    let (victim, thief) = (UserAgent::new(), UserAgent::new());
    let started = app.begin(&victim).await;
    let form = app.form(
        &app.respond(&person("alice"), &started),
        &started.relay_state,
    );
    let code = app.post_acs(&victim, &form).await.redirect().unwrap();
    assert_eq!(code.path(), "/login/finish");
    // The thief tries the code without any cookies, and then with those of the thief's own login.
    let refused = thief.get(&code).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(app.last_audit()["check"], "other_browser");
    assert_eq!(app.last_audit()["name_id"], "alice@example.com");
    app.begin(&thief).await;
    assert_eq!(thief.get(&code).await.status, StatusCode::FORBIDDEN);
    assert_eq!(signed_in_as(&app, &thief).await, None);
    // The failed theft does not keep the victim from finishing the login.
    victim.open(&code).await;
    assert_eq!(
        signed_in_as(&app, &victim).await.as_deref(),
        Some("alice@example.com")
    );
    // The code is now used up.
    assert_eq!(victim.get(&code).await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.last_audit()["event"], "login_accepted");
}

/// A browser may send the code several times at once. Exactly one of the requests is accepted, and
/// the browser is signed in.
#[actix_web::test]
async fn a_code_used_several_times_concurrently_is_accepted_once() {
    let app = TestApp::start();
    for number in 0..20 {
        let agent = UserAgent::new();
        let started = app.begin(&agent).await;
        let form = app.form(
            &app.respond(&person("alice"), &started),
            &started.relay_state,
        );
        let code = app.post_acs(&agent, &form).await.redirect().unwrap();
        let pages = join_all((0..4).map(|_| agent.get(&code))).await;
        let accepted = pages.iter().filter(|page| page.redirect().is_some());
        assert_eq!(accepted.count(), 1, "{number}");
        assert_eq!(
            signed_in_as(&app, &agent).await.as_deref(),
            Some("alice@example.com"),
            "{number}"
        );
    }
    let lines = app.audit();
    let accepted = lines
        .iter()
        .filter(|line| line["event"] == "login_accepted");
    assert_eq!(accepted.count(), 20);
}

/// The identity provider's session for the new login has ended, but the browser's existing session
/// continues.
#[actix_web::test]
async fn an_expired_login_ends_no_session() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("alice")).await;
    let started = app.begin(&agent).await;
    let mut spec = app.respond(&person("alice"), &started);
    let end = app.now() + TimeDelta::seconds(30);
    let authn = spec.assertion.as_mut().unwrap().authn.as_mut().unwrap();
    authn.session_not_on_or_after = Some(end);
    let code = app
        .post_acs(&agent, &app.form(&spec, &started.relay_state))
        .await
        .redirect()
        .unwrap();
    app.clock.advance(TimeDelta::seconds(31));
    let refused = agent.get(&code).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused}");
    assert_eq!(app.last_audit()["check"], "session_ended");
    assert_eq!(
        signed_in_as(&app, &agent).await.as_deref(),
        Some("alice@example.com")
    );
}

/// On a shared machine, the next person must not be able to finish the login of the person who
/// signed out.
#[actix_web::test]
async fn signing_out_discards_logins_in_progress() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("alice")).await;
    let started = app.begin(&agent).await;
    let form = app.form(
        &app.respond(&person("alice"), &started),
        &started.relay_state,
    );
    let code = app.post_acs(&agent, &form).await.redirect().unwrap();
    agent.post_form(app.at("/logout"), &[]).await;
    assert_eq!(agent.get(&code).await.status, StatusCode::FORBIDDEN);
    assert_eq!(signed_in_as(&app, &agent).await, None);
}

#[actix_web::test]
async fn the_response_of_another_person_does_not_sign_in_this_browser() {
    // Login CSRF: the attacker makes the victim's browser post the attacker's response.
    let app = TestApp::start();
    let (attacker, victim) = (UserAgent::new(), UserAgent::new());
    let started = app.begin(&attacker).await;
    app.begin(&victim).await;
    let form = app.form(
        &app.respond(&person("mallory"), &started),
        &started.relay_state,
    );
    let page = app.post_acs(&victim, &form).await;
    let page = victim.follow(page).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_eq!(app.last_audit()["check"], "other_browser");
    assert_eq!(signed_in_as(&app, &victim).await, None);
}

#[actix_web::test]
async fn logins_in_two_tabs_both_succeed() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let (first, second) = (app.begin(&agent).await, app.begin(&agent).await);
    for started in [second, first] {
        let form = app.form(
            &app.respond(&person("alice"), &started),
            &started.relay_state,
        );
        let page = app.post_acs(&agent, &form).await;
        assert_eq!(agent.follow(page).await.status, StatusCode::OK);
    }
}

#[actix_web::test]
async fn an_answer_for_another_request_is_refused() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let (first, second) = (app.begin(&agent).await, app.begin(&agent).await);
    let form = app.form(&app.respond(&person("alice"), &first), &second.relay_state);
    assert_eq!(
        app.post_acs(&agent, &form).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(app.last_audit()["check"], "response_in_response_to");
    let form = app.form(&app.respond(&person("alice"), &first), "made-up");
    assert_eq!(
        app.post_acs(&agent, &form).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(app.last_audit()["check"], "unknown_login");
}
