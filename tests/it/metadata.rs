//! Identity providers' metadata: changes, fetching from a URL, and reloads.

mod copies;
mod editions;
mod failures;
mod redirects;

use std::sync::{Arc, Mutex, OnceLock};

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{App, HttpResponse, HttpServer, web};
use chrono::{DateTime, TimeDelta, Utc};
use rolecall::clock::Clock;
use rolecall::demo::idp::{EmbeddedIdp, SigningKey};
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

fn pem(key: &SigningKey) -> String {
    let certificate = openssl::x509::X509::from_der(key.certificate_der()).unwrap();
    String::from_utf8(certificate.to_pem().unwrap()).unwrap()
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
