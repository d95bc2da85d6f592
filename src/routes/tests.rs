//! Tests that send requests to the routes. They check which requests are turned away, how errors
//! are formatted, and what happens if a record is unreadable or the store fails.

use std::time::Duration;

use actix_web::App as ActixApp;
use actix_web::body::to_bytes;
use actix_web::cookie::Cookie;
use actix_web::dev::ServiceResponse;
use actix_web::http::{Method, StatusCode, header};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::Data;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::session::arrival::{Accepted, Follows};
use crate::session::{Arrival, Browser, BrowserKey, Prepared, SessionToken, arrival};
use crate::store::faults::{Fault, Faulty};
use crate::store::{Kind, StoreError};
use crate::web::App;
use crate::web::middleware::Load;
use crate::web::tests::{ada, app, app_with_issuer, app_with_store};

/// The response from a worker that is so busy that it serves only requests with priority.
async fn while_busy(app: &Data<App>, request: TestRequest) -> ServiceResponse {
    let load = Load::default();
    let service = ActixApp::new()
        .app_data(app.clone())
        .app_data(load.clone())
        .configure(|config| public(config, 64 * 1024));
    let service = init_service(service).await;
    // The wait exceeds `waiting_milliseconds`, but not the longer limit for requests with priority.
    load.has_waited(Duration::from_secs(15));
    call_service(&service, request.to_request()).await
}

async fn respond(request: TestRequest) -> ServiceResponse {
    let service = ActixApp::new()
        .app_data(Data::new(app()))
        .configure(|config| public(config, 64 * 1024));
    call_service(&init_service(service).await, request.to_request()).await
}

/// Starts a session and returns its cookie.
async fn signed_in(app: &App) -> Cookie<'static> {
    let prepared = Prepared::new(&ada()).unwrap();
    let begin = prepared.beginning(app.state.clock.now());
    app.state.store.all(vec![begin]).await.unwrap();
    app.state.sessions.cookie(&prepared.into_token())
}

/// Stores an arrival and returns its one-time code.
async fn code(app: &App) -> String {
    let nobody = BrowserKey::from_octets([0; 12]);
    code_for(app, nobody, Follows::portal()).await
}

async fn code_for(app: &App, browser: BrowserKey, follows: Follows) -> String {
    let person = ada();
    let arrival = Arrival {
        session: Prepared::new(&person).unwrap(),
        entity: person.entity,
        browser,
        accepted: Accepted {
            person: person.person,
            assertion_id: String::new(),
            unsolicited: false,
            roles: 0,
            grants: Vec::new(),
            dropped: Vec::new(),
            dropped_beyond: 0,
        },
        follows,
    };
    let (record, code) = arrival.keeping().unwrap();
    app.state.store.all(vec![record]).await.unwrap();
    code
}

#[actix_web::test]
async fn forged_session_cookies_get_no_priority_under_load() {
    let app = Data::new(app());
    let ours = signed_in(&app).await;
    let mut forged = ours.clone();
    forged.set_value("A".repeat(43));
    let finish = format!("/login/finish?code={}", code(&app).await);
    for (method, uri, cookie, has_begun) in [
        (Method::GET, "/", Some(&ours), true),
        (Method::GET, "/static/app.css", Some(&ours), true),
        (Method::GET, "/", Some(&forged), false),
        (Method::GET, "/", None, false),
        (Method::GET, "/nowhere", Some(&ours), true),
        (Method::GET, "/nowhere", None, false),
        (Method::GET, "/api/roles", Some(&ours), true),
        (Method::GET, "/api/roles", None, false),
        (Method::POST, "/saml/slo", None, false),
        (Method::GET, "/saml/metadata", None, false),
        (Method::GET, &finish, None, true),
        (Method::GET, "/login/finish?code=x", None, false),
        (Method::GET, "/login/finish", Some(&ours), false),
        (Method::POST, "/saml/acs", Some(&ours), false),
        // Routes match the decoded path, so an encoded path makes no difference.
        (Method::POST, "/saml/%61cs", Some(&ours), false),
        (Method::GET, "/login?idp=corp", Some(&ours), false),
        (Method::GET, "/l%6Fgin?idp=corp", Some(&ours), false),
        // If no issuer is configured, a request for an issuer's keys has no priority.
        (Method::GET, JWKS_PATH, None, false),
    ] {
        let mut request = TestRequest::with_uri(uri).method(method);
        if let Some(cookie) = cookie {
            let pair = format!("{}={}", cookie.name(), cookie.value());
            request = request.insert_header((header::COOKIE, pair));
        }
        let status = while_busy(&app, request).await.status();
        let is_served = status != StatusCode::SERVICE_UNAVAILABLE;
        assert_eq!(is_served, has_begun, "{uri}: {status}");
    }
}

/// AWS fetches these documents while a person who is signed in waits for credentials.
#[actix_web::test]
async fn requests_by_aws_for_oidc_documents_are_not_shed() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.pem");
    crate::oidc::tests::write(&key, 2_048);
    let issuer = crate::oidc::tests::issuer(vec![key]).unwrap();
    let app = Data::new(app_with_issuer(issuer));
    for path in [DISCOVERY_PATH, JWKS_PATH] {
        let response = while_busy(&app, TestRequest::with_uri(path)).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let kept = response.headers().get(header::CACHE_CONTROL).unwrap();
        assert_eq!(kept, "public, max-age=300", "{path}");
    }
}

#[actix_web::test]
async fn other_sites_can_post_only_to_the_saml_endpoints() {
    for (uri, passes) in [
        ("/saml/acs", true),
        ("/saml/%61cs", true),
        ("/saml/slo", true),
        ("/saml/metadata", false),
        ("/login", false),
        ("/login/replace", false),
        ("/logout", false),
        ("/credentials", false),
        ("/console", false),
        ("/tools/key", false),
        ("/api/credentials", false),
        ("/api/nowhere", false),
        ("/nowhere", false),
    ] {
        let request = TestRequest::post().uri(uri);
        let request = request.insert_header(("sec-fetch-site", "cross-site"));
        let body = to_bytes(respond(request).await.into_body()).await.unwrap();
        let body = String::from_utf8_lossy(&body);
        let is_refused =
            body.contains("Request from another site blocked") || body.contains("cross_origin");
        assert_eq!(!is_refused, passes, "{uri}: {body}");
    }
}

#[actix_web::test]
async fn an_error_has_the_format_of_its_surface() {
    for (method, uri, status, is_json) in [
        (Method::GET, "/nowhere", 404, false),
        (Method::GET, "/api", 404, false),
        (Method::GET, "/apix/roles", 404, false),
        (Method::GET, "/api/", 404, true),
        (Method::GET, "/api/nowhere", 404, true),
        (Method::GET, "/api/roles/", 404, true),
        (Method::GET, "/api/roles", 401, true),
        (Method::GET, "/%61pi/roles", 401, true),
        (Method::GET, "/api/credentials", 405, true),
        (Method::PUT, "/", 405, false),
        (Method::HEAD, "/login/finish", 405, false),
        (Method::GET, "/login/finish", 400, false),
        (Method::GET, "/tools", 401, false),
        (Method::POST, "/saml/acs", 400, false),
        (Method::GET, JWKS_PATH, 404, false),
    ] {
        let response = respond(TestRequest::with_uri(uri).method(method)).await;
        assert_eq!(response.status(), status, "{uri}");
        let media_type = response.headers().get(header::CONTENT_TYPE).unwrap();
        let media_type = media_type.to_str().unwrap();
        let expected = if is_json {
            "application/json"
        } else {
            "text/html"
        };
        assert!(media_type.starts_with(expected), "{uri}: {media_type}");
    }
}

#[actix_web::test]
async fn monitoring_reads_the_status_of_an_error() {
    let service = ActixApp::new()
        .app_data(Data::new(app()))
        .configure(internal);
    let service = init_service(service).await;
    for (request, status) in [
        (TestRequest::get(), 200),
        (TestRequest::default().method(Method::HEAD), 200),
        (TestRequest::post(), 405),
    ] {
        let request = request.uri("/healthz/live").to_request();
        let response = call_service(&service, request).await;
        assert_eq!(response.status(), status);
    }
}

/// Serves as the session token and one-time code of the records in [`upgraded`], and as a RelayState.
const SECRET: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// An application whose store contains records in the format of another version.
async fn upgraded() -> Data<App> {
    let app = app();
    let token = SessionToken::from_cookie(SECRET).unwrap();
    let minute = Duration::from_mins(1);
    for key in [token.key(), arrival::key(SECRET)] {
        let record = [2; 200];
        app.state.store.put(key, record, minute).await.unwrap();
    }
    Data::new(app)
}

/// People see no error; they sign in at the IdP again.
#[actix_web::test]
async fn a_record_of_another_version_is_ignored() {
    let app = upgraded().await;
    let service = ActixApp::new()
        .app_data(app.clone())
        .configure(|config| public(config, 64 * 1024));
    let service = init_service(service).await;
    let cookie = format!("{}={SECRET}", app.state.sessions.cookie_name());
    let with_session = TestRequest::get()
        .uri("/me")
        .insert_header((header::COOKIE, cookie));
    let response = call_service(&service, with_session.to_request()).await;
    // There are two IdPs, so the response is the sign-in page.
    assert_eq!(response.status(), StatusCode::OK);
    let page = String::from_utf8(to_bytes(response.into_body()).await.unwrap().to_vec()).unwrap();
    assert!(page.contains("/login?idp=corp"), "{page}");
    let finish = format!("/login/finish?code={SECRET}");
    let response = call_service(&service, TestRequest::with_uri(&finish).to_request()).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers().get(header::LOCATION).unwrap(), "/login");
    let message = STANDARD.encode(
        "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_1\" Version=\"2.0\" \
         IssueInstant=\"2026-03-02T08:00:00Z\" InResponseTo=\"_0\"><saml:Issuer>urn:corp</saml:Issuer>\
         <samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Responder\"/>\
         </samlp:Status></samlp:Response>",
    );
    let form = [("SAMLResponse", message.as_str()), ("RelayState", SECRET)];
    let post = TestRequest::post().uri("/saml/acs").set_form(form);
    let response = call_service(&service, post.to_request()).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

/// Once a session has begun, its cookie reaches the browser despite any later failure.
#[actix_web::test]
async fn a_started_session_always_comes_with_its_cookie() {
    let (mut begun, mut failed) = (0, 0);
    for at in 0..8 {
        let faulty = Faulty::new();
        let app = Data::new(app_with_store(faulty.store()));
        let browser = Browser::new().unwrap();
        let code = code_for(&app, browser.key(), Follows::portal()).await;
        let service = ActixApp::new()
            .app_data(app.clone())
            .configure(|config| public(config, 64 * 1024));
        let service = init_service(service).await;
        let cookie = app.state.sessions.login_cookie(&browser);
        let request = TestRequest::with_uri(&format!("/login/finish?code={code}")).cookie(cookie);
        faulty.fail(at, Fault::Fails(StoreError::Unavailable));
        let served = call_service(&service, request.to_request()).await;
        faulty.recover();
        let has_cookie = served.response().cookies().count() > 0;
        let has_session = faulty.left(Kind::Session) > 0;
        assert_eq!(has_cookie, has_session, "{at}");
        begun += usize::from(has_session);
        failed += usize::from(!has_session);
    }
    assert!(begun > 1 && failed > 1, "{begun}, {failed}");
}

/// Every path in the route table.
fn paths() -> Vec<&'static str> {
    let table = include_str!("../routes.rs");
    let of_line = |line: &'static str| line.split('"').nth(1);
    let lines = table.lines().filter(|line| line.contains(".service("));
    let paths = lines
        .filter_map(of_line)
        .filter(|path| path.starts_with('/'));
    let paths = paths.filter(|path| !path.starts_with("/healthz"));
    paths.chain([DISCOVERY_PATH, JWKS_PATH]).collect()
}

/// Requests without a session write nothing to the store, so nobody can fill it.
#[actix_web::test]
async fn requests_without_a_session_leave_no_record() {
    let faulty = Faulty::new();
    let app = Data::new(app_with_store(faulty.store()));
    let service = ActixApp::new()
        .app_data(app.clone())
        .configure(|config| public(config, 64 * 1024));
    let service = init_service(service).await;
    let queries = [
        "",
        "?idp=corp",
        "?idp=corp&anew=1&return_to=%2Fgo%3Faccount%3D1%26role%3Dx",
        "?account=111111111111&role=Developer",
        "?code=AAAA&notice=AAAA",
    ];
    let forms: [&[(&str, &str)]; 5] = [
        &[],
        &[("role_arn", "arn:aws:iam::111111111111:role/Developer")],
        &[("role-1", "arn:aws:iam::111111111111:role/Developer")],
        &[("email", "ada@example.com"), ("code", "AAAA")],
        &[("SAMLResponse", "PHg+"), ("RelayState", "AAAA")],
    ];
    let cookie = |name: &str| format!("{name}={SECRET}");
    let sessions = &app.state.sessions;
    let forged = [sessions.cookie_name(), sessions.login_cookie_name()].map(cookie);
    let paths = paths();
    assert!(paths.len() > 20, "{paths:?}");
    let mut begun = 0;
    for path in paths {
        let reads = queries.map(|query| TestRequest::with_uri(&format!("{path}{query}")));
        let posts = forms.map(|form| TestRequest::post().uri(path).set_form(form));
        for request in reads.into_iter().chain(posts) {
            // With the cookie of the last IdP, links and forms begin a login at once.
            let idp = format!("{}=corp", sessions.idp_cookie_name());
            let cookies = [&forged[..], &[idp]].concat().join("; ");
            let request = request.insert_header((header::COOKIE, cookies));
            let response = call_service(&service, request.to_request()).await;
            let location = response.headers().get(header::LOCATION);
            let location = location.and_then(|location| location.to_str().ok());
            begun += usize::from(location.is_some_and(|to| to.contains("SAMLRequest")));
            assert_eq!(faulty.records(), 0, "{path}: {}", response.status());
        }
    }
    assert!(begun > 2, "{begun}");
}
