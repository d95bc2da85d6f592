//! Logins, from the request to the session.

mod browser;
mod form;
mod unsolicited;

use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use rolecall::demo::idp::ResponseSpec;

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
