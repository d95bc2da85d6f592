//! Roles that are assumed with a token from our OpenID Connect issuer.

use super::*;

const TOKEN: &str = "arn:aws:iam::111111111111:role/Token";
const OTHER: &str = "arn:aws:iam::111111111111:role/Other";

/// AWS reads the discovery document and the keys, and accepts a token even hours after the sign-in.
#[actix_web::test]
async fn aws_accepts_our_tokens_for_the_whole_session() {
    let app = app();
    let discovery = UserAgent::new()
        .get(app.at("/.well-known/openid-configuration"))
        .await;
    assert_eq!(discovery.status, StatusCode::OK, "{discovery}");
    assert_eq!(json_of(&discovery)["issuer"], app.url);
    let cache = discovery.headers["cache-control"].to_str().unwrap();
    assert!(cache.starts_with("public"), "{cache}");
    assert!(discovery.headers.get("set-cookie").is_none());
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    app.clock.advance(TimeDelta::seconds(3 * 3600));
    let page = credentials(&app, &agent, TOKEN, &[("duration_seconds", "43200")]).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    assert!(page.text().contains("Valid for 4 hours"), "{page}");
    let (session, _) = session_of(&app, &page);
    assert_eq!(session.origin, Origin::AssumeRoleWithWebIdentity);
    assert_eq!(session.session_name(), Some("ada@example.com"));
    assert_eq!(session.source_identity.as_deref(), Some("ada"));
    assert_eq!(tag(&session, "Department").as_deref(), Some("Research"));
    assert_eq!(session.transitive_tags, ["Department"]);
    let line = app.last_audit();
    assert_eq!(
        (&line["via"], &line["grant"]),
        (&json!("web-identity"), &json!("token"))
    );
    assert!(
        !app.audit_text().contains("eyJ"),
        "the audit trail contains a token"
    );
    let console = agent.post_form(app.at("/console"), &form(TOKEN, &[])).await;
    assert_eq!(console.status, StatusCode::SEE_OTHER, "{console}");
    // AWS refuses a role if its trust policy does not allow the person.
    let page = credentials(&app, &agent, OTHER, &[]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    assert_eq!(app.last_audit()["code"], "sts_access_denied");
}

/// When the key file changes, rolecall publishes the new key and signs tokens with it.
#[actix_web::test]
async fn signing_keys_can_be_rotated_during_sessions() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    let keys = async || {
        let jwks = UserAgent::new().get(app.at("/oidc/jwks")).await;
        json_of(&jwks)["keys"].clone()
    };
    let before = keys().await;
    app.write("oidc.pem", &oidc_key());
    app.handle().reload_signing_keys();
    let after = keys().await;
    assert_ne!(before[0]["kid"], after[0]["kid"]);
    let page = credentials(&app, &agent, TOKEN, &[]).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    // If the file contains no key, the previous key stays in use.
    app.write("oidc.pem", "nothing");
    app.handle().reload_signing_keys();
    assert_eq!(keys().await, after);
    // A reload of the configuration fails, as a restart would.
    let error = app.handle().reload().await.unwrap_err().to_string();
    assert!(error.contains("oidc.signing_key_files[0]"), "{error}");
    assert_eq!(keys().await, after);
}

/// Without the section `[oidc]`, rolecall issues no tokens, and the issuer's URLs do not exist.
#[actix_web::test]
async fn without_keys_there_is_no_issuer() {
    let app = TestApp::start();
    for path in ["/.well-known/openid-configuration", "/oidc/jwks"] {
        let page = UserAgent::new().get(app.at(path)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{page}");
    }
}
