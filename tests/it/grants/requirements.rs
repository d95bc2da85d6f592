//! What a grant can require: a reason, a fresh sign-in, an MFA code.

use super::*;
use crate::support::app::Started;

#[actix_web::test]
async fn a_reason_is_required_and_recorded() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    let lines = app.audit().len();
    let page = credentials(&app, &agent, STRICT, &[]).await;
    assert!(page.text().contains("Why do you need this role?"), "{page}");
    assert_eq!(app.audit().len(), lines, "asking adds an audit line");
    let filled_in = |text: &str| {
        page.form_with("reason")
            .expect("a form")
            .with("reason", text)
    };
    // If the text is not a valid reason, the page asks again.
    for text in [&"x".repeat(257), "a\u{7}b", "\u{200b}", "\u{3164}", "..."] {
        let again = agent.submit(&filled_in(text)).await;
        assert!(again.text().contains("Enter a reason"), "{again}");
    }
    let done = agent.submit(&filled_in("  INC-7:\n disk full ")).await;
    assert_eq!(done.status, StatusCode::OK, "{done}");
    assert_eq!(app.last_audit()["reason"], "INC-7: disk full");
    let (session, _) = session_of(&app, &done);
    assert_eq!(tag(&session, "Reason").as_deref(), Some("INC-7: disk full"));
    // The audit trail contains the original text. In the text that is sent to AWS, characters that
    // AWS does not accept are replaced.
    let done = agent.submit(&filled_in("customer can't pay!")).await;
    assert_eq!(app.last_audit()["reason"], "customer can't pay!");
    let (report, _) = session_of(&app, &done);
    assert_eq!(
        tag(&report, "Reason").as_deref(),
        Some("customer can-t pay-")
    );
    // Programs get an error code that shows what is missing.
    let body = json!({ "role_arn": STRICT });
    let page = post_json(&app, &agent, "/api/credentials", &body).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
    assert_eq!(json_of(&page)["error"]["code"], "reason_required");
    let body = json!({ "role_arn": STRICT, "reason": "INC-8" });
    let page = post_json(&app, &agent, "/api/credentials", &body).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    // Opening the console requires a reason too.
    let page = agent
        .post_form(app.at("/console"), &form(STRICT, &[]))
        .await;
    let filled_in = page
        .form_with("reason")
        .expect("a form")
        .with("reason", "INC-9");
    let console = agent.submit(&filled_in).await;
    assert_eq!(console.status, StatusCode::SEE_OTHER, "{console}");
    assert_eq!(app.last_audit()["reason"], "INC-9");
}

/// Whether the person may use a role that requires a fresh sign-in.
async fn is_fresh(app: &TestApp, agent: &UserAgent) -> bool {
    let answer = credentials(app, agent, STRICT, &[("reason", "INC-7")]).await;
    let is_fresh = answer.status == StatusCode::OK;
    if !is_fresh {
        let started = Started::from_redirect(&answer);
        assert_eq!(started.request.force_authn, Some(true));
    }
    is_fresh
}

/// A sign-in is dated in the future if rolecall's clock is set back, or if the identity provider's
/// clock is ahead. A difference of `saml.clock_skew_seconds` is nobody's fault.
#[actix_web::test]
async fn a_sign_in_dated_in_the_future_is_not_fresh() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    app.clock.advance(TimeDelta::seconds(-60));
    assert!(is_fresh(&app, &agent).await);
    app.clock.advance(TimeDelta::seconds(-1));
    assert!(!is_fresh(&app, &agent).await);
}

/// Signs in with an AuthnInstant this many seconds ahead.
async fn sign_in_ahead(app: &TestApp, agent: &UserAgent, seconds: i64) {
    let started = app.begin(agent).await;
    let mut response = app.respond(&admin(), &started);
    let statement = &mut response.assertion.as_mut().expect("an assertion").authn;
    let statement = statement.as_mut().expect("a statement");
    statement.instant = app.now() + TimeDelta::seconds(seconds);
    let form = app.form(&response, &started.relay_state);
    let page = app.post_acs(agent, &form).await;
    agent.follow(page).await;
    assert_eq!(app.last_audit()["event"], "login_accepted");
}

/// The login itself does not need to be fresh. A sign-in that is too far ahead does not become
/// fresh when its time comes.
#[actix_web::test]
async fn a_sign_in_far_ahead_never_becomes_fresh() {
    let app = app();
    for (ahead, later, fresh) in [
        (60, 0, true),
        (61, 0, false),
        (61, 1, false),
        (61, 61, false),
        (3_600, 3_600, false),
        // The sign-in counts from the login, although its time is later.
        (60, 299, true),
        (60, 301, false),
    ] {
        let agent = UserAgent::new();
        sign_in_ahead(&app, &agent, ahead).await;
        app.clock.advance(TimeDelta::seconds(later));
        assert_eq!(is_fresh(&app, &agent).await, fresh, "{ahead} {later}");
    }
}

#[actix_web::test]
async fn an_old_sign_in_is_renewed_with_force_authn() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    app.clock.advance(TimeDelta::seconds(301));
    let to_idp = credentials(&app, &agent, STRICT, &[("reason", "INC-7")]).await;
    let started = Started::from_redirect(&to_idp);
    assert_eq!(started.request.force_authn, Some(true));
    // A response based on the old sign-in is refused.
    let mut stale = app.respond(&admin(), &started);
    let old = app.now() - TimeDelta::seconds(400);
    let statement = &mut stale.assertion.as_mut().expect("an assertion").authn;
    statement.as_mut().expect("a statement").instant = old;
    let page = app
        .post_acs(&agent, &app.form(&stale, &started.relay_state))
        .await;
    assert_eq!(app.last_audit()["check"], "not_asked_anew", "{page}");
    // After a fresh sign-in, the original request continues.
    let to_idp = credentials(&app, &agent, STRICT, &[("reason", "INC-7")]).await;
    let started = Started::from_redirect(&to_idp);
    let response = app.respond(&admin(), &started);
    let page = app
        .post_acs(&agent, &app.form(&response, &started.relay_state))
        .await;
    let page = agent.follow(page).await;
    let repeat = page.form_with("role_arn").expect("the original request");
    let page = agent.submit(&repeat).await;
    let filled_in = page
        .form_with("reason")
        .expect("a form for the reason")
        .with("reason", "INC-7");
    let done = agent.submit(&filled_in).await;
    assert_eq!(done.status, StatusCode::OK, "{done}");
    assert_eq!(app.last_audit()["reason"], "INC-7");
    // Programs get the URL for signing in.
    app.clock.advance(TimeDelta::seconds(301));
    let body = json!({ "role_arn": STRICT, "reason": "INC-8" });
    let page = post_json(&app, &agent, "/api/credentials", &body).await;
    let error = json_of(&page)["error"].clone();
    assert_eq!(error["code"], "login_required", "{page}");
    let login_url = error["login_url"].as_str().expect("a login URL");
    let to_idp = agent.get(login_url).await;
    assert_eq!(
        Started::from_redirect(&to_idp).request.force_authn,
        Some(true)
    );
}

#[actix_web::test]
async fn the_code_of_an_mfa_device_is_required() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    let page = credentials(&app, &agent, GUARDED, &[]).await;
    assert!(
        page.text()
            .contains("arn:aws:iam::999999999999:mfa/rolecall"),
        "{page}"
    );
    let filled_in = |code: &str| {
        page.form_with("token_code")
            .expect("a form")
            .with("token_code", code)
    };
    let again = agent.submit(&filled_in("12345")).await;
    assert!(again.text().contains("That code did not work"), "{again}");
    let again = agent.submit(&filled_in("111111")).await;
    assert!(again.form_with("token_code").is_some(), "{again}");
    assert!(again.text().contains("That code did not work"), "{again}");
    assert_eq!(app.last_audit()["code"], "mfa_code_refused");
    let done = agent.submit(&filled_in(CODE)).await;
    assert_eq!(done.status, StatusCode::OK, "{done}");
    let (session, _) = session_of(&app, &done);
    assert_eq!(session.principal(), GUARDED);
    assert!(
        !app.audit_text().contains(CODE),
        "the audit trail contains the code"
    );
    for (code, expected) in [
        (None, "mfa_code_required"),
        (Some("111111"), "mfa_code_refused"),
    ] {
        let body = json!({ "role_arn": GUARDED, "token_code": code });
        let page = post_json(&app, &agent, "/api/credentials", &body).await;
        assert_eq!(json_of(&page)["error"]["code"], expected, "{page}");
    }
}

/// A code has only six digits, so without a limit it could be guessed.
#[actix_web::test]
async fn wrong_mfa_codes_are_limited() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    let code = async |agent: &UserAgent, code: &str| {
        let body = json!({ "role_arn": GUARDED, "token_code": code });
        post_json(&app, agent, "/api/credentials", &body).await
    };
    for number in 0..5 {
        let page = code(&agent, &format!("00000{number}")).await;
        assert_eq!(
            json_of(&page)["error"]["code"],
            "mfa_code_refused",
            "{page}"
        );
    }
    // Now even the right code is refused, also in the person's other session.
    let other = UserAgent::new();
    app.sign_in(&other, &admin()).await;
    for agent in [&agent, &other] {
        let page = code(agent, CODE).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{page}");
        assert_eq!(app.last_audit()["code"], "too_many_mfa_codes");
    }
    // The limit does not affect other people.
    let somebody = UserAgent::new();
    app.sign_in(&somebody, &person("eve", &["aws-prod-admins"]))
        .await;
    assert_eq!(code(&somebody, CODE).await.status, StatusCode::OK);
}
