//! Identity providers' metadata: changes, fetching from a URL, and failures.

mod copies;
mod editions;
mod redirects;

use std::sync::{Arc, Mutex, OnceLock};

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{App, HttpResponse, HttpServer, web};
use chrono::{DateTime, TimeDelta, Utc};
use cpu_time::ThreadTime;
use rolecall::clock::Clock;
use rolecall::demo::idp::{EmbeddedIdp, SigningKey, SigningOptions, sign};
use rolecall::saml::metadata::{IdpMetadata, MAX_BYTES};
use serde_json::Value;

use crate::support::app::{IDP, Options, TestApp, fields, first_idp, person};
use crate::support::patience::until;
use crate::support::user_agent::{Page, UserAgent};

/// The first identity provider with a new key.
fn renewed_idp() -> &'static EmbeddedIdp {
    static IDENTITY_PROVIDER: OnceLock<EmbeddedIdp> = OnceLock::new();
    IDENTITY_PROVIDER.get_or_init(|| {
        let key = SigningKey::rsa(2048, Clock::system().now()).unwrap();
        EmbeddedIdp::with_key(IDP, first_idp().sso_url().clone(), key)
    })
}

fn metadata(idp: &EmbeddedIdp) -> String {
    idp.metadata_xml().unwrap()
}

/// The first identity provider's metadata with its old and its new key.
fn both_keys() -> String {
    let new = metadata(renewed_idp());
    let key = &new[new.find("<md:KeyDescriptor").unwrap()..];
    let key = &key[..key.find("<md:NameIDFormat").unwrap()];
    metadata(first_idp()).replacen("<md:NameIDFormat", &format!("{key}<md:NameIDFormat"), 1)
}

/// `text` with an attribute added to its root element.
fn with_attribute(text: &str, attribute: &str) -> String {
    text.replacen(" entityID=", &format!(" {attribute} entityID="), 1)
}

fn valid_until(time: DateTime<Utc>) -> String {
    format!("validUntil=\"{}\"", time.format("%FT%TZ"))
}

/// How the metadata server responds.
#[derive(Clone)]
enum Response {
    Document(String),
    Status(StatusCode),
    Redirect(&'static str),
    Never,
}

/// An HTTP server that publishes metadata and counts requests.
struct Publisher {
    url: String,
    response: Arc<Mutex<(Response, u32)>>,
}

impl Publisher {
    fn start(response: Response) -> Self {
        let response = Arc::new(Mutex::new((response, 0)));
        let data = Data::new(Arc::clone(&response));
        let serve = |data: Data<Arc<Mutex<(Response, u32)>>>| async move {
            let response = {
                let mut state = data.lock().unwrap();
                state.1 += 1;
                state.0.clone()
            };
            match response {
                Response::Document(text) => HttpResponse::Ok().body(text),
                Response::Status(status) => HttpResponse::build(status).finish(),
                Response::Redirect(to) => HttpResponse::Found()
                    .insert_header(("Location", to))
                    .finish(),
                Response::Never => std::future::pending().await,
            }
        };
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .default_service(web::to(serve))
        });
        let server = server
            .workers(1)
            .disable_signals()
            .bind("127.0.0.1:0")
            .unwrap();
        let url = format!("http://{}/metadata", server.addrs()[0]);
        actix_web::rt::spawn(server.run());
        Self { url, response }
    }

    fn publish(&self, text: &str) {
        self.answers(Response::Document(text.to_owned()));
    }

    fn answers(&self, response: Response) {
        self.response.lock().unwrap().0 = response;
    }

    /// The number of requests received.
    fn asked(&self) -> u32 {
        self.response.lock().unwrap().1
    }

    fn app(&self) -> TestApp {
        self.app_with(Options::default())
    }

    fn app_with(&self, options: Options) -> TestApp {
        TestApp::start_with(Options {
            metadata_url: Some(self.url.clone()),
            ..options
        })
    }
}

/// Waits until the fetch at startup is done, and returns the health report.
async fn refreshed(app: &TestApp) -> Value {
    until(async || {
        let health = health(app).await;
        let is_looked_at = health["metadata"] == "current" || !health["problem"].is_null();
        if is_looked_at {
            Ok(health)
        } else {
            Err(health)
        }
    })
    .await
}

/// What the health check reports about the first identity provider.
async fn health(app: &TestApp) -> Value {
    let url = format!("{}/healthz/ready", app.internal_url);
    let response = reqwest::get(url).await.unwrap();
    assert!(response.status().is_success());
    let response: Value = response.json().await.unwrap();
    response["checks"]["identity_providers"][0].clone()
}

/// Advances the clock, refreshes the metadata that is due, and returns the health report.
async fn later(app: &TestApp, by: TimeDelta) -> Value {
    app.clock.advance(by);
    app.handle().refresh_metadata().await;
    health(app).await
}

/// Begins a login, and posts a response signed by `idp`.
async fn log_in(app: &TestApp, idp: &EmbeddedIdp) -> Page {
    let agent = UserAgent::new();
    let started = app.begin(&agent).await;
    let spec = app.respond(&person("alice"), &started);
    let field = idp.form_field(&spec).unwrap();
    let form = fields(&field, &started.relay_state);
    agent.post_form(app.at("/saml/acs"), &form).await
}

async fn assert_accepted(app: &TestApp, idp: &EmbeddedIdp) {
    let page = log_in(app, idp).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER.as_u16(), "{page}");
}

async fn assert_refused(app: &TestApp, idp: &EmbeddedIdp, check: &str) {
    let page = log_in(app, idp).await;
    assert!(page.redirect().is_none(), "{page}");
    assert_eq!(app.last_audit()["check"], check);
}

#[actix_web::test]
async fn keys_roll_over_without_a_restart() {
    let publisher = Publisher::start(Response::Document(metadata(first_idp())));
    let app = publisher.app();
    let health = refreshed(&app).await;
    assert_eq!(health["metadata"], "current", "{health}");
    assert_accepted(&app, first_idp()).await;
    assert_refused(&app, renewed_idp(), "signature").await;

    publisher.publish(&both_keys());
    let health = later(&app, TimeDelta::hours(25)).await;
    assert_eq!(health["signing_certificates"].as_array().unwrap().len(), 2);
    assert_accepted(&app, first_idp()).await;
    assert_accepted(&app, renewed_idp()).await;

    publisher.publish(&metadata(renewed_idp()));
    later(&app, TimeDelta::hours(25)).await;
    assert_accepted(&app, renewed_idp()).await;
    assert_refused(&app, first_idp(), "signature").await;
}

#[actix_web::test]
async fn a_changed_metadata_file_is_loaded() {
    let app = TestApp::start();
    assert_accepted(&app, first_idp()).await;
    app.write("idp.xml", &metadata(renewed_idp()));
    app.handle().refresh_metadata().await;
    assert_accepted(&app, renewed_idp()).await;
    assert_refused(&app, first_idp(), "signature").await;
    // An empty file, and one that is only partly written.
    for broken in ["", "<md:Entit"] {
        app.write("idp.xml", broken);
        app.handle().refresh_metadata().await;
        let health = health(&app).await;
        assert_eq!(health["metadata"], "kept", "{health}");
        assert!(
            health["problem"]
                .as_str()
                .unwrap()
                .contains("cannot be parsed")
        );
        assert_accepted(&app, renewed_idp()).await;
    }
    app.write("idp.xml", &metadata(first_idp()));
    app.handle().refresh_metadata().await;
    assert_eq!(health(&app).await["metadata"], "current");
    assert_accepted(&app, first_idp()).await;
}

#[actix_web::test]
async fn metadata_is_fetched_as_often_as_its_cache_duration_says() {
    let text = with_attribute(&metadata(first_idp()), "cacheDuration=\"PT6H\"");
    let publisher = Publisher::start(Response::Document(text));
    let app = publisher.app();
    refreshed(&app).await;
    let mut asked = publisher.asked();
    for (wait, text) in [
        // The document above sets the first wait. Each document in this list sets the next wait.
        (6, metadata(first_idp())),
        (
            24,
            with_attribute(&metadata(first_idp()), "cacheDuration=\"P30D\""),
        ),
        // This document expires 20 hours after it is fetched, so the next wait is 10 hours.
        (
            24,
            with_attribute(
                &metadata(first_idp()),
                &valid_until(app.now() + TimeDelta::hours(6 + 24 + 24 + 20)),
            ),
        ),
        (10, metadata(first_idp())),
    ] {
        publisher.publish(&text);
        later(&app, TimeDelta::hours(wait) - TimeDelta::minutes(1)).await;
        assert_eq!(publisher.asked(), asked, "before {wait} h");
        later(&app, TimeDelta::minutes(1)).await;
        asked += 1;
        assert_eq!(publisher.asked(), asked, "after {wait} h");
    }
}

/// Housekeeping may be refreshing the metadata when `refresh_metadata` is called, so refreshes may
/// overlap.
#[actix_web::test]
async fn concurrent_refreshes_fetch_the_metadata_once() {
    let publisher = Publisher::start(Response::Document(metadata(first_idp())));
    let app = publisher.app();
    refreshed(&app).await;
    app.clock.advance(TimeDelta::hours(25));
    let looks = (0..5).map(|_| app.handle().refresh_metadata());
    futures_util::future::join_all(looks).await;
    assert_eq!(publisher.asked(), 2);
}

#[actix_web::test]
async fn invalid_documents_leave_the_last_valid_one_in_use() {
    let good = metadata(first_idp());
    let publisher = Publisher::start(Response::Document(good.clone()));
    let app = publisher.app();
    refreshed(&app).await;
    let location = "https://idp.example.com/sso?tenant=a%26amp;b";
    assert!(
        good.contains("Location=\"https://idp.example.com/sso"),
        "{good}"
    );
    let at = |new: &str| {
        let start = good.find("Location=\"").unwrap() + 10;
        let end = start + good[start..].find('"').unwrap();
        format!("{}{new}{}", &good[..start], &good[end..])
    };
    let no_key = {
        let (start, end) = ("<md:KeyDescriptor", "</md:KeyDescriptor>");
        let (start, end) = (
            good.find(start).unwrap(),
            good.find(end).unwrap() + end.len(),
        );
        format!("{}{}", &good[..start], &good[end..])
    };
    for (response, said) in [
        (Response::Document(no_key), "no signing certificate"),
        (
            Response::Document(at("javascript:alert(1)")),
            "not an https URL",
        ),
        (
            Response::Document(at("http://idp.example.com/sso")),
            "not an https URL",
        ),
        (Response::Document(format!("<!DOCTYPE x>{good}")), "DTD"),
        (
            Response::Document(format!("{good}<!--{}-->", "x".repeat(5 << 20))),
            "larger than",
        ),
        (
            Response::Document(good.replace(IDP, "https://evil.example/")),
            "the entity ID changed",
        ),
        (
            Response::Document("<html>not found</html>".to_owned()),
            "neither an EntityDescriptor",
        ),
        (
            Response::Document(good.replacen("<md:KeyDescriptor", "<md:x:y/><md:KeyDescriptor", 1)),
            "a colon in the wrong place",
        ),
        (Response::Status(StatusCode::NOT_FOUND), "404"),
        (Response::Redirect("http://idp.example.com/"), "not https"),
    ] {
        publisher.answers(response);
        let health = later(&app, TimeDelta::hours(25)).await;
        let problem = health["problem"].as_str().unwrap_or_default();
        assert!(problem.contains(said), "{said}: {health}");
        assert_eq!(health["metadata"], "kept", "{said}");
        assert_accepted(&app, first_idp()).await;
    }
    publisher.publish(&good);
    let health = later(&app, TimeDelta::hours(1)).await;
    assert_eq!(health["metadata"], "current", "{health}");
    assert_eq!(health["problem"], Value::Null, "{location}");
}

#[actix_web::test]
async fn the_last_good_copy_is_used_when_the_idp_is_down_at_the_start() {
    let good = metadata(first_idp());
    let publisher = Publisher::start(Response::Document(good.clone()));
    let app = publisher.app();
    refreshed(&app).await;
    let copy = app.copy();
    assert_eq!(copy.1, good);

    publisher.answers(Response::Status(StatusCode::BAD_GATEWAY));
    let files = vec![copy];
    let app = publisher.app_with(Options {
        files,
        ..Options::default()
    });
    let health = refreshed(&app).await;
    assert_eq!(health["metadata"], "kept", "{health}");
    assert_accepted(&app, first_idp()).await;
}

/// The service starts, reports that metadata is missing, and recovers once the metadata server
/// works.
#[actix_web::test]
async fn without_metadata_only_the_affected_idp_is_unavailable() {
    let publisher = Publisher::start(Response::Status(StatusCode::BAD_GATEWAY));
    let app = publisher.app_with(Options {
        two_idps: true,
        ..Options::default()
    });
    let health = refreshed(&app).await;
    assert_eq!(health["metadata"], "missing", "{health}");
    let agent = UserAgent::new();
    let page = agent.get(app.at("/login?idp=corp")).await;
    assert_eq!(
        page.status,
        StatusCode::SERVICE_UNAVAILABLE.as_u16(),
        "{page}"
    );
    assert!(page.body.contains("cannot be used right now"), "{page}");
    let page = app.sign_in_at_the_other(&agent, &person("bob")).await;
    assert_eq!(page.status, StatusCode::OK.as_u16(), "{page}");

    publisher.publish(&metadata(first_idp()));
    let health = later(&app, TimeDelta::minutes(1)).await;
    assert_eq!(health["metadata"], "current", "{health}");
    assert_accepted(&app, first_idp()).await;
}

#[actix_web::test]
async fn expired_metadata_prevents_sign_in() {
    let hour = TimeDelta::hours(1);
    let ends =
        |app: &TestApp| with_attribute(&metadata(first_idp()), &valid_until(app.now() + hour));
    let app = TestApp::start();
    app.write("idp.xml", &ends(&app));
    app.handle().refresh_metadata().await;
    let report = health(&app).await;
    assert!(
        report["warnings"][0]
            .as_str()
            .unwrap()
            .contains("the metadata expires"),
        "{report}"
    );
    assert_accepted(&app, first_idp()).await;
    app.clock.advance(hour - TimeDelta::minutes(5));
    let agent = UserAgent::new();
    let started = app.begin(&agent).await;
    app.clock
        .advance(TimeDelta::minutes(5) + TimeDelta::seconds(1));
    // A login that began before the metadata expired is refused too.
    let form = app.form(
        &app.respond(&person("alice"), &started),
        &started.relay_state,
    );
    let page = agent.post_form(app.at("/saml/acs"), &form).await;
    assert_eq!(
        page.status,
        StatusCode::SERVICE_UNAVAILABLE.as_u16(),
        "{page}"
    );
    assert_eq!(app.last_audit()["check"], "idp_unavailable");
    let page = agent.get(app.at("/login?idp=corp")).await;
    assert_eq!(
        page.status,
        StatusCode::SERVICE_UNAVAILABLE.as_u16(),
        "{page}"
    );
    assert_eq!(health(&app).await["metadata"], "expired");
    app.write("idp.xml", &ends(&app));
    app.handle().refresh_metadata().await;
    assert_accepted(&app, first_idp()).await;
}

#[actix_web::test]
async fn expiring_certificates_cause_warnings() {
    let app = TestApp::start();
    let report = health(&app).await;
    assert_eq!(report["warnings"], Value::Array(Vec::new()), "{report}");
    let end = report["signing_certificates"][0]["not_after"]
        .as_str()
        .unwrap();
    let end: DateTime<Utc> = end.parse().unwrap();
    for (before, verb) in [
        (TimeDelta::days(29), "expires"),
        (TimeDelta::zero(), "expired"),
    ] {
        app.clock.advance(end - before - app.now());
        let report = health(&app).await;
        let warning = report["warnings"][0].as_str().unwrap();
        assert!(warning.contains(&format!(" {verb} at ")), "{report}");
    }
    // Trust comes from the metadata, so the certificate's dates do not matter.
    assert_accepted(&app, first_idp()).await;
}

#[actix_web::test]
async fn metadata_must_be_signed_where_a_certificate_is_configured() {
    let federation = SigningKey::rsa(2048, Clock::system().now()).unwrap();
    let other = SigningKey::rsa(2048, Clock::system().now()).unwrap();
    let signed = |idp: &EmbeddedIdp, key: &SigningKey| {
        let document = with_attribute(&metadata(idp), "ID=\"_metadata\"");
        sign(&document, "_metadata", key, &SigningOptions::default()).unwrap()
    };
    let publisher = Publisher::start(Response::Document(signed(first_idp(), &federation)));
    let app = publisher.app_with(Options {
        idp: "metadata_certificate_file = \"federation.crt\"".to_owned(),
        files: vec![("federation.crt".into(), pem(&federation))],
        ..Options::default()
    });
    assert_eq!(refreshed(&app).await["metadata"], "current");
    assert_accepted(&app, first_idp()).await;
    let changed = signed(first_idp(), &federation).replace("sso?tenant", "evil?tenant");
    for (document, said) in [
        (metadata(renewed_idp()), "carries no signature"),
        (signed(renewed_idp(), &other), "does not verify"),
        (changed, "does not verify"),
    ] {
        publisher.publish(&document);
        let health = later(&app, TimeDelta::hours(25)).await;
        let problem = health["problem"].as_str().unwrap_or_default();
        assert!(problem.contains(said), "{said}: {health}");
        assert_accepted(&app, first_idp()).await;
        assert_refused(&app, renewed_idp(), "signature").await;
    }
    publisher.publish(&signed(renewed_idp(), &federation));
    assert_eq!(
        later(&app, TimeDelta::hours(1)).await["metadata"],
        "current"
    );
    assert_accepted(&app, renewed_idp()).await;
}

/// No request waits for a metadata server that does not respond: rolecall uses its saved copy of
/// the metadata.
#[actix_web::test]
async fn a_silent_metadata_server_does_not_delay_requests() {
    let publisher = Publisher::start(Response::Document(metadata(first_idp())));
    let app = publisher.app();
    refreshed(&app).await;
    publisher.answers(Response::Never);
    let app = publisher.app_with(Options {
        files: vec![app.copy()],
        ..Options::default()
    });
    assert_accepted(&app, first_idp()).await;
    assert_eq!(health(&app).await["metadata"], "kept");
}

fn pem(key: &SigningKey) -> String {
    let certificate = openssl::x509::X509::from_der(key.certificate_der()).unwrap();
    String::from_utf8(certificate.to_pem().unwrap()).unwrap()
}

/// rolecall starts even if its copy of the metadata is unreadable, because it fetches the metadata
/// again.
#[actix_web::test]
async fn an_unreadable_copy_does_not_prevent_startup() {
    let publisher = Publisher::start(Response::Document(metadata(first_idp())));
    let app = publisher.app();
    refreshed(&app).await;
    // Use a folder instead of a file, because this test may run as root, who can read any file.
    let copy = app.path(&app.copy().0);
    std::fs::remove_file(&copy).unwrap();
    std::fs::create_dir(&copy).unwrap();
    let config = rolecall::config::Config::load(&app.path("rolecall.toml"), []).unwrap();
    rolecall::saml::ServiceProvider::from_config(&config, app.now()).unwrap();
}

/// A failing metadata server must not affect a reload that leaves the IdP's section unchanged.
#[actix_web::test]
async fn a_reload_fetches_nothing_for_a_section_that_did_not_change() {
    let publisher = Publisher::start(Response::Document(metadata(first_idp())));
    let app = publisher.app();
    refreshed(&app).await;
    let asked = publisher.asked();
    publisher.answers(Response::Status(StatusCode::SERVICE_UNAVAILABLE));
    let text = app.read("rolecall.toml").unwrap();
    app.write(
        "rolecall.toml",
        &text.replace("name = \"prod\"", "name = \"Renamed\""),
    );
    app.handle().reload().await.unwrap();
    assert_eq!(app.last_audit()["event"], "rules_reloaded");
    app.handle().refresh_metadata().await;
    assert_eq!(publisher.asked(), asked);
    assert_accepted(&app, first_idp()).await;
}

/// The IdP's section has changed, but not the source of its metadata.
#[actix_web::test]
async fn a_reload_that_only_renames_an_idp_fetches_nothing() {
    let publisher = Publisher::start(Response::Document(metadata(first_idp())));
    let app = publisher.app();
    let before = refreshed(&app).await;
    let asked = publisher.asked();
    publisher.answers(Response::Status(StatusCode::SERVICE_UNAVAILABLE));
    let text = app.read("rolecall.toml").unwrap();
    let renamed = text.replace("name = \"Example Corp\"", "name = \"Renamed\"");
    assert_ne!(text, renamed);
    app.write("rolecall.toml", &renamed);
    std::fs::remove_file(app.path(&app.copy().0)).unwrap();
    app.handle().reload().await.unwrap();
    assert_eq!(app.last_audit()["event"], "rules_reloaded");
    app.handle().refresh_metadata().await;
    assert_eq!(publisher.asked(), asked);
    assert_eq!(health(&app).await, before);
    assert_accepted(&app, first_idp()).await;
}

/// After the failure, the URL returns the same document as before.
#[actix_web::test]
async fn a_metadata_url_recovers_after_a_failure() {
    let document = metadata(first_idp());
    let publisher = Publisher::start(Response::Document(document.clone()));
    let app = publisher.app();
    refreshed(&app).await;
    publisher.answers(Response::Status(StatusCode::BAD_GATEWAY));
    let health = later(&app, TimeDelta::hours(25)).await;
    assert_eq!(health["metadata"], "kept", "{health}");
    publisher.publish(&document);
    let health = later(&app, TimeDelta::hours(1)).await;
    assert_eq!(health["metadata"], "current", "{health}");
    assert!(health["problem"].is_null(), "{health}");
    // A document that was invalid before the failure is still invalid afterwards, and the reason is
    // reported again.
    publisher.publish("<nonsense/>");
    let bad = later(&app, TimeDelta::hours(25)).await;
    publisher.answers(Response::Status(StatusCode::BAD_GATEWAY));
    later(&app, TimeDelta::hours(1)).await;
    publisher.publish("<nonsense/>");
    let health = later(&app, TimeDelta::hours(1)).await;
    assert_eq!(health["problem"], bad["problem"], "{health}");
}

#[actix_web::test]
async fn a_metadata_file_recovers_after_it_was_missing() {
    let app = TestApp::start();
    let document = app.read("idp.xml").unwrap();
    // The service read the file at startup.
    assert_eq!(health(&app).await["metadata"], "current");
    let path = app.path("idp.xml");
    std::fs::remove_file(&path).unwrap();
    app.handle().refresh_metadata().await;
    assert_eq!(health(&app).await["metadata"], "kept");
    app.write("idp.xml", &document);
    app.handle().refresh_metadata().await;
    assert_eq!(health(&app).await["metadata"], "current");
}

/// Documents are read on a thread that neither serves requests nor does housekeeping. The processor
/// time of the thread that refreshes the metadata shows that it did not read this one.
#[actix_web::test]
async fn an_expensive_document_delays_nobody() {
    let app = TestApp::start_with(Options {
        idp: format!("entity_id = \"{IDP}\""),
        ..Options::default()
    });
    let one = metadata(first_idp());
    let one = &one[one.find("<md:EntityDescriptor").unwrap()..];
    let other = |number: usize| one.replace(IDP, &format!("https://{number}.example.com/"));
    let others: String = (0..400).map(other).collect();
    let many = format!(
        "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">{one}{others}\
         </md:EntitiesDescriptor>"
    );
    assert!(many.len() < MAX_BYTES, "{}", many.len());
    let began = ThreadTime::now();
    IdpMetadata::parse(&many, Some(IDP)).unwrap();
    let reading = began.elapsed();
    app.write("idp.xml", &many);
    let began = ThreadTime::now();
    app.handle().refresh_metadata().await;
    let refreshing = began.elapsed();
    assert_eq!(health(&app).await["metadata"], "current");
    assert_accepted(&app, first_idp()).await;
    assert!(
        refreshing < reading / 2,
        "refreshing: {refreshing:?}, reading: {reading:?}"
    );
}
