//! The form that the assertion consumer service accepts.

use super::*;

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
