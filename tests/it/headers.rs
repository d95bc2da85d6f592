//! Headers that every answer has, and the same-origin guard.

use reqwest::{Method, StatusCode};

use crate::support::app::{TestApp, person};
use crate::support::user_agent::{Page, UserAgent};

#[track_caller]
fn assert_secure(page: &Page) {
    let header = |name: &str| {
        page.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    };
    let policy = header("content-security-policy");
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ] {
        assert!(policy.contains(part), "{}: {policy}", page.url);
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("x-frame-options"), "DENY");
    assert!(
        ["same-origin", "no-referrer"].contains(&header("referrer-policy")),
        "{}",
        page.url
    );
    assert_eq!(header("cache-control"), "no-store", "{}", page.url);
    assert_eq!(header("x-request-id").len(), 16);
}

#[actix_web::test]
async fn every_answer_is_secured() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    for path in [
        "/",
        "/?signed-out=1",
        "/login?idp=corp",
        "/login?idp=x",
        "/login/finish?code=x",
        "/nowhere",
        "/api/roles",
        "/saml/metadata",
        "/saml/acs",
        "/credentials",
    ] {
        assert_secure(&agent.get(app.at(path)).await);
    }
    assert_secure(&app.sign_in(&agent, &person("alice")).await);
    for path in [
        "/credentials",
        "/console",
        "/logout",
        "/saml/acs",
        "/api/credentials",
    ] {
        assert_secure(&agent.post_form(app.at(path), &[]).await);
    }
}

#[actix_web::test]
async fn cookies_are_for_http_and_same_site_only() {
    let app = TestApp::start();
    let page = UserAgent::new().get(app.at("/login?idp=corp")).await;
    let cookie = page.headers["set-cookie"].to_str().unwrap();
    for part in ["rolecall-login=", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[actix_web::test]
async fn other_sites_make_nobody_do_anything() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("alice")).await;
    let evil = "http://evil.example";
    let ours = app.url.clone();
    let cases: [(&[(&str, &str)], bool); 11] = [
        (&[("sec-fetch-site", "cross-site")], false),
        (&[("sec-fetch-site", "same-site")], false),
        (
            &[("sec-fetch-site", "cross-site"), ("origin", &ours)],
            false,
        ),
        (
            &[("sec-fetch-site", "same-origin"), ("origin", evil)],
            false,
        ),
        (&[("origin", evil)], false),
        (&[("origin", "null")], false),
        (&[("origin", "http://localhost")], false),
        (&[("sec-fetch-site", "nonsense")], false),
        (
            &[("sec-fetch-site", "same-origin"), ("origin", &ours)],
            true,
        ),
        (&[("origin", &ours)], true),
        (&[], true),
    ];
    for (headers, passes) in cases {
        for path in [
            "/logout",
            "/credentials",
            "/console",
            "/login/replace",
            "/api/credentials",
            "/api/console",
        ] {
            if path == "/logout" && passes {
                continue;
            }
            let mut request = agent.request(Method::POST, app.at(path));
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let page = agent.send(request).await;
            let is_refused = page.status == StatusCode::FORBIDDEN;
            assert_eq!(!is_refused, passes, "{path} {headers:?}: {page}");
        }
    }
    assert_eq!(agent.get(app.at("/api/roles")).await.status, StatusCode::OK);
}
