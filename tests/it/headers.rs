//! Response headers, cookies, the same-origin check, and compression.

use std::io::Read as _;

use flate2::read::GzDecoder;
use reqwest::header::{ACCEPT_ENCODING, COOKIE, HeaderValue, SET_COOKIE};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::credentials::{READER, form, somebody, with_aws};
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
async fn every_response_has_its_security_headers() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    for path in [
        "/",
        "/?signed-out=here",
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
async fn other_sites_cannot_trigger_any_action() {
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

#[actix_web::test]
async fn a_cookie_is_recognized_only_by_its_exact_name() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let started = app.begin(&agent).await;
    let form = app.form(
        &app.respond(&person("alice"), &started),
        &started.relay_state,
    );
    let page = app.post_acs(&agent, &form).await;
    let page = agent.get(page.redirect().expect("a redirect")).await;
    let session = page.headers[SET_COOKIE].to_str().unwrap();
    let session = session.split(';').next().unwrap();
    let token = session.strip_prefix("rolecall=").unwrap();
    let status = async |cookie: Vec<u8>| {
        let other = UserAgent::new();
        let request = other
            .request(Method::GET, app.at("/api/roles"))
            .header(COOKIE, HeaderValue::from_bytes(&cookie).unwrap());
        other.send(request).await.status
    };
    for before in ["", "a=b; ", "a; ", "=a; ", "a=%ff; ", "xrolecall=a; "] {
        let cookie = format!("{before}{session}; c=d").into_bytes();
        assert_eq!(status(cookie).await, StatusCode::OK, "{before}");
    }
    let not_utf8 = [b"a=\xff; ", session.as_bytes()].concat();
    assert_eq!(status(not_utf8).await, StatusCode::OK);
    // Other hosts in the same domain may set cookies with these names. The names would become
    // `rolecall` if they were decoded, trimmed or lowercased.
    for name in [
        "%72olecall",
        "\u{2000}rolecall",
        "\u{a0}rolecall",
        "Rolecall",
    ] {
        let cookie = format!("{name}={token}").into_bytes();
        assert_eq!(status(cookie).await, StatusCode::UNAUTHORIZED, "{name:?}");
    }
}

/// The length of a compressed page can reveal a secret: see `src/web/compression.rs`.
#[actix_web::test]
async fn a_page_is_compressed_unless_it_holds_a_secret() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    let portal = app.sign_in(&agent, &somebody("alice")).await;
    let ask = |method, path| {
        let request = agent.request(method, app.at(path));
        request.header(ACCEPT_ENCODING, "gzip, deflate, br")
    };
    let response = ask(Method::GET, "/").send().await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert_eq!(response.headers()["vary"], "Accept-Encoding");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let octets = response.bytes().await.unwrap();
    assert!(octets.len() < portal.body.len() / 3, "{}", octets.len());
    let mut body = String::new();
    GzDecoder::new(&*octets).read_to_string(&mut body).unwrap();
    assert_eq!(body, agent.get(app.at("/")).await.body);
    let role = form(READER, &[]);
    for path in ["/credentials", "/credentials/several", "/console"] {
        let response = ask(Method::POST, path).form(&role).send().await.unwrap();
        assert!(
            !response.headers().contains_key("content-encoding"),
            "{path}"
        );
    }
    let body = json!({ "role_arn": READER }).to_string();
    let request = ask(Method::POST, "/api/credentials").body(body);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!response.headers().contains_key("content-encoding"));
}
