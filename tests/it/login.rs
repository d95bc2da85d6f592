//! Logins, from the request to the session, and the checks that prevent them from ending in the
//! wrong browser.

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use rolecall::demo::idp::{ResponseSpec, Signed, SigningOptions, encode};

use crate::support::app::{Options, TestApp, fields, person};
use crate::support::user_agent::UserAgent;

pub fn heading(page: &crate::support::user_agent::Page) -> String {
    page.texts("h1").into_iter().next().unwrap_or_default()
}

fn unsolicited() -> Options {
    Options {
        idp: "allow_unsolicited = true".to_owned(),
        ..Options::default()
    }
}

async fn signed_in_as(app: &TestApp, agent: &UserAgent) -> Option<String> {
    let page = agent.get(app.at("/api/roles")).await;
    if page.status == StatusCode::UNAUTHORIZED {
        return None;
    }
    let roles: serde_json::Value = serde_json::from_str(&page.body).unwrap();
    Some(roles["name_id"].as_str().unwrap().to_owned())
}

#[actix_web::test]
async fn a_login_ends_at_the_portal() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let page = app.sign_in(&agent, &person("alice")).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    assert_eq!(page.url.path(), "/");
    assert!(page.body.contains("alice@example.com"), "{page}");
    assert!(
        page.body.contains("arn:aws:iam::111111111111:role/reader"),
        "{page}"
    );
    assert_eq!(
        signed_in_as(&app, &agent).await.as_deref(),
        Some("alice@example.com")
    );
}

#[actix_web::test]
async fn a_response_based_on_an_earlier_sign_in() {
    let app = TestApp::start_with(Options {
        idp: "force_authn = true\nallow_unsolicited = true".to_owned(),
        ..Options::default()
    });
    let agent = UserAgent::new();
    let started = app.begin(&agent).await;
    let mut spec = app.respond(&person("alice"), &started);
    let authn = |spec: &mut ResponseSpec, minutes| {
        let assertion = spec.assertion.as_mut().unwrap();
        assertion.authn.as_mut().unwrap().instant = app.now() - TimeDelta::minutes(minutes);
    };
    authn(&mut spec, 2);
    let page = app
        .post_acs(&agent, &app.form(&spec, &started.relay_state))
        .await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    assert_eq!(app.last_audit()["check"], "not_asked_anew");
    // In a login that starts at the IdP, the sign-in may be as old as an assertion may be.
    for (minutes, accepted) in [(2, true), (8, false)] {
        let mut spec = app
            .idp
            .response(&person("alice"), &app.relying_party(), None, app.now());
        authn(&mut spec, minutes);
        let page = app.post_acs(&UserAgent::new(), &app.form(&spec, "")).await;
        assert_eq!(page.redirect().is_some(), accepted, "{page}");
    }
}

#[actix_web::test]
async fn a_single_idp_is_used_directly_except_after_signing_out() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let page = agent.get(app.at("/")).await;
    assert_eq!(page.redirect().unwrap().host_str(), Some("idp.example.com"));
    app.sign_in(&agent, &person("alice")).await;
    let page = agent.post_form(app.at("/logout"), &[]).await;
    let page = agent.follow(page).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    assert!(page.body.contains("/login?idp=corp"), "{page}");
    assert_eq!(signed_in_as(&app, &agent).await, None);
}

#[actix_web::test]
async fn several_idps_are_offered() {
    let app = TestApp::start_with(Options {
        two_idps: true,
        ..Options::default()
    });
    let page = UserAgent::new().get(app.at("/")).await;
    assert_eq!(page.status, StatusCode::OK);
    for name in ["Example Corp", "Other Inc."] {
        assert!(page.body.contains(name), "{page}");
    }
    let none = UserAgent::new().get(app.at("/login")).await;
    assert!(none.body.contains("/login?idp=other"), "{none}");
    // The links on the page lead back to the page that was requested.
    let none = UserAgent::new().get(app.at("/me")).await;
    let link = "/login?idp=other&#38;return_to=%2Fme";
    assert!(none.body.contains(link), "{none}");
    let unknown = UserAgent::new().get(app.at("/login?idp=nobody")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

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

#[actix_web::test]
async fn the_response_of_one_idp_is_refused_in_the_login_of_another() {
    let app = TestApp::start_with(Options {
        two_idps: true,
        ..Options::default()
    });
    let agent = UserAgent::new();
    let started = app.begin_at(&agent, "/login?idp=corp").await;
    let spec = app.other_idp.response(
        &person("alice"),
        &app.relying_party(),
        Some(&started.request_id),
        app.now(),
    );
    let field = app.other_idp.form_field(&spec).unwrap();
    let page = app
        .post_acs(&agent, &fields(&field, &started.relay_state))
        .await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_eq!(app.last_audit()["check"], "signature");
    // The signature is from the right IdP, but the message claims to come from the other IdP.
    let mut spec = app.respond(&person("alice"), &started);
    spec.issuer = Some(app.other_idp.entity_id().to_owned());
    let page = app
        .post_acs(&agent, &app.form(&spec, &started.relay_state))
        .await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_eq!(app.last_audit()["check"], "response_issuer");
}

#[actix_web::test]
async fn the_same_name_at_two_idps_is_two_people() {
    let options = Options {
        two_idps: true,
        idp: "allow_unsolicited = true".to_owned(),
        ..Options::default()
    };
    let app = TestApp::start_with(options);
    let agent = UserAgent::new();
    app.sign_in_at_the_other(&agent, &person("alice")).await;
    // The first IdP's Alice is another person, so rolecall asks before her login replaces the
    // session.
    let spec = app
        .idp
        .response(&person("alice"), &app.relying_party(), None, app.now());
    let page = app.post_acs(&agent, &app.form(&spec, "")).await;
    let page = agent.follow(page).await;
    assert!(page.form_with("code").is_some(), "{page}");
}

#[actix_web::test]
async fn an_unsolicited_login_must_be_allowed_by_the_configuration() {
    let app = TestApp::start();
    let spec = app
        .idp
        .response(&person("alice"), &app.relying_party(), None, app.now());
    let page = app.post_acs(&UserAgent::new(), &app.form(&spec, "")).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_eq!(app.last_audit()["check"], "unsolicited_not_allowed");

    let app = TestApp::start_with(unsolicited());
    let agent = UserAgent::new();
    let spec = app
        .idp
        .response(&person("alice"), &app.relying_party(), None, app.now());
    let page = app.post_acs(&agent, &app.form(&spec, "")).await;
    let page = agent.follow(page).await;
    assert_eq!(page.url.path(), "/");
    assert_eq!(app.last_audit()["unsolicited"], true);
    assert_eq!(
        signed_in_as(&app, &agent).await.as_deref(),
        Some("alice@example.com")
    );
}

#[actix_web::test]
async fn the_code_of_an_unsolicited_login_works_in_no_other_browser() {
    let app = TestApp::start_with(unsolicited());
    let (agent, thief) = (UserAgent::new(), UserAgent::new());
    let spec = app
        .idp
        .response(&person("alice"), &app.relying_party(), None, app.now());
    let code = app
        .post_acs(&agent, &app.form(&spec, ""))
        .await
        .redirect()
        .unwrap();
    assert_eq!(thief.get(&code).await.status, StatusCode::FORBIDDEN);
    assert_eq!(agent.open(&code).await.status, StatusCode::OK);
}

#[actix_web::test]
async fn an_unsolicited_login_asks_before_it_replaces_another_person() {
    let app = TestApp::start_with(unsolicited());
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("alice")).await;
    let spec = app
        .idp
        .response(&person("bob"), &app.relying_party(), None, app.now());
    let page = app.post_acs(&agent, &app.form(&spec, "")).await;
    let page = agent.follow(page).await;
    assert_eq!(page.status, StatusCode::OK);
    for name in ["alice@example.com", "bob@example.com"] {
        assert!(page.body.contains(name), "{page}");
    }
    assert_eq!(
        signed_in_as(&app, &agent).await.as_deref(),
        Some("alice@example.com")
    );
    // A form forged by another site arrives without cookies, or with a value of Sec-Fetch-Site that
    // is refused.
    let form = page.form_with("code").unwrap();
    let forged = UserAgent::new().submit(&form).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let page = agent.submit(&form).await;
    agent.follow(page).await;
    assert_eq!(
        signed_in_as(&app, &agent).await.as_deref(),
        Some("bob@example.com")
    );
    // Someone who signs in again as the same person is not asked for confirmation.
    let spec = app
        .idp
        .response(&person("bob"), &app.relying_party(), None, app.now());
    let page = app.post_acs(&agent, &app.form(&spec, "")).await;
    assert_eq!(agent.follow(page).await.url.path(), "/");
}

#[actix_web::test]
async fn relay_state_leads_only_to_our_own_pages() {
    let app = TestApp::start_with(unsolicited());
    for (relay_state, path) in [
        ("/?x=1", "/?x=1"),
        ("//evil.example/", "/"),
        ("///evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("\"><script>", "/"),
    ] {
        let agent = UserAgent::new();
        let spec = app
            .idp
            .response(&person("alice"), &app.relying_party(), None, app.now());
        let page = app.post_acs(&agent, &app.form(&spec, relay_state)).await;
        let page = agent.get(page.redirect().unwrap()).await;
        assert_eq!(page.headers["location"], path, "{relay_state}");
    }
}

#[actix_web::test]
async fn return_to_leads_only_to_our_own_pages() {
    let app = TestApp::start();
    for (return_to, path) in [
        ("%2F%3Fx%3D1", "/?x=1"),
        ("%2F%2Fevil.example", "/"),
        ("%2Fsaml%2Facs", "/"),
    ] {
        let agent = UserAgent::new();
        let started = app
            .begin_at(&agent, &format!("/login?idp=corp&return_to={return_to}"))
            .await;
        let form = app.form(
            &app.respond(&person("alice"), &started),
            &started.relay_state,
        );
        let code = app.post_acs(&agent, &form).await.redirect().unwrap();
        assert_eq!(agent.get(code).await.headers["location"], path);
    }
}

#[actix_web::test]
async fn the_acs_accepts_one_form_of_limited_size() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let started = app.begin(&agent).await;
    let good = app.form(
        &app.respond(&person("alice"), &started),
        &started.relay_state,
    );
    let twice = |name: &str| {
        let field = good
            .iter()
            .find(|(field, _)| field == name)
            .unwrap()
            .clone();
        [good.clone(), vec![field]].concat()
    };
    for form in [twice("SAMLResponse"), twice("RelayState"), vec![]] {
        let page = app.post_acs(&agent, &form).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page}");
        assert_eq!(app.last_audit()["check"], "bad_request");
    }
    let encoded = serde_urlencoded::to_string(&good).unwrap();
    for content_type in ["text/plain", "application/json"] {
        let request = agent.request(Method::POST, app.at("/saml/acs"));
        let request = request.header("content-type", content_type);
        let page = agent.send(request.body(encoded.clone())).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page}");
    }
    let large = fields(&"A".repeat(257 * 1024), "");
    let page = app.post_acs(&agent, &large).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(heading(&page).contains("too large"), "{page}");
    let page = agent.get(app.at("/saml/acs")).await;
    assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED);
    let page = app.post_acs(&agent, &good).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
}

/// A form with more fields than anyone needs is refused before its fields are parsed. This limits
/// the work for each request.
#[actix_web::test]
async fn a_form_with_too_many_fields_is_refused_unread() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    for (fields, said) in [
        (4_096, "SAMLResponse"),
        (4_097, "too many"),
        (43_000, "too many"),
    ] {
        let body: Vec<_> = (0..fields).map(|n| format!("{n:x}")).collect();
        let request = agent
            .request(Method::POST, app.at("/saml/acs"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.join("&"));
        let page = agent.send(request).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page}");
        let line = app.last_audit();
        assert_eq!(line["check"], "bad_request");
        assert!(page.body.contains(said), "{fields}: {line} {page}");
    }
}

#[actix_web::test]
async fn the_error_message_of_the_idp_is_shown_as_text() {
    use rolecall::demo::idp::response::{AUTHN_FAILED, StatusSpec};
    let app = TestApp::start();
    let agent = UserAgent::new();
    let started = app.begin(&agent).await;
    let mut spec = app.respond(&person("alice"), &started);
    spec.status = StatusSpec::failure(AUTHN_FAILED, "<script>alert(1)</script> account locked");
    let page = app
        .post_acs(&agent, &app.form(&spec, &started.relay_state))
        .await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.body.contains("account locked"), "{page}");
    assert!(!page.body.contains("<script>alert"), "{page}");
    assert_eq!(app.last_audit()["check"], "status");
}

#[actix_web::test]
async fn a_session_ends_at_the_earlier_of_its_age_and_the_idp_limit() {
    let app = TestApp::start_with(Options {
        session: "max_age_seconds = 600".to_owned(),
        ..Options::default()
    });
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("alice")).await;
    app.clock.advance(TimeDelta::seconds(599));
    assert!(signed_in_as(&app, &agent).await.is_some());
    app.clock.advance(TimeDelta::seconds(1));
    assert!(signed_in_as(&app, &agent).await.is_none());

    let started = app.begin(&agent).await;
    let mut spec = app.respond(&person("alice"), &started);
    let end = app.now() + TimeDelta::seconds(120);
    spec.assertion
        .as_mut()
        .unwrap()
        .authn
        .as_mut()
        .unwrap()
        .session_not_on_or_after = Some(end);
    let page = app
        .post_acs(&agent, &app.form(&spec, &started.relay_state))
        .await;
    agent.follow(page).await;
    app.clock.advance(TimeDelta::seconds(119));
    assert!(signed_in_as(&app, &agent).await.is_some());
    app.clock.advance(TimeDelta::seconds(2));
    assert!(signed_in_as(&app, &agent).await.is_none());
}

#[actix_web::test]
async fn stale_and_invented_cookies_belong_to_nobody() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    for cookie in ["", "x", &"A".repeat(43), &"A".repeat(4000), "../../etc"] {
        let request = agent
            .request(Method::GET, app.at("/api/roles"))
            .header("cookie", format!("rolecall={cookie}"));
        assert_eq!(agent.send(request).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[actix_web::test]
async fn a_login_gives_a_new_session_and_ends_the_old_one() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let session = |page: &crate::support::user_agent::Page| {
        let cookies = page.headers.get_all("set-cookie").iter();
        cookies
            .filter_map(|value| value.to_str().unwrap().strip_prefix("rolecall="))
            .map(|value| value.split(';').next().unwrap().to_owned())
            .next()
    };
    let mut seen = Vec::new();
    for _ in 0..2 {
        let started = app.begin(&agent).await;
        let form = app.form(
            &app.respond(&person("alice"), &started),
            &started.relay_state,
        );
        let code = app.post_acs(&agent, &form).await.redirect().unwrap();
        seen.push(session(&agent.get(code).await).expect("a session cookie"));
    }
    assert_ne!(seen[0], seen[1]);
    let old = UserAgent::new();
    let request = old
        .request(Method::GET, app.at("/api/roles"))
        .header("cookie", format!("rolecall={}", seen[0]));
    assert_eq!(old.send(request).await.status, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn people_without_roles_get_an_explanation() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let nobody = rolecall::demo::people::Person::new("nobody", "Nobody");
    let page = app.sign_in(&agent, &nobody).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("nobody@example.com"), "{page}");
    assert!(
        page.body
            .contains(page.headers["x-request-id"].to_str().unwrap()),
        "{page}"
    );
}

#[actix_web::test]
async fn an_encrypted_assertion_is_refused_with_an_explanation() {
    let app = TestApp::start();
    let xml = "<p:Response xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" Version=\"2.0\">\
        <EncryptedAssertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\"/></p:Response>";
    let form = fields(&rolecall::demo::idp::encode(xml), "");
    let page = app.post_acs(&UserAgent::new(), &form).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    assert!(heading(&page).contains("decrypted"), "{page}");
    assert_eq!(app.last_audit()["check"], "encryption_profile");
}
