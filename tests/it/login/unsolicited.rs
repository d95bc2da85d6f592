//! Logins that the IdP starts.

use super::*;

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
