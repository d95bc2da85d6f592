//! Runs the corpus through the whole application: its routes, its store and its audit trail.

use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use actix_web::App as ActixApp;
use actix_web::dev::ServiceResponse;
use actix_web::http::header;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::Data;
use cpu_time::ThreadTime;
use openssl::x509::X509;
use rolecall::audit::Audit;
use rolecall::clock::Clock;
use rolecall::config::{Config, Sync};
use rolecall::demo::idp::{Signed, SigningOptions, encode};
use rolecall::routes;
use rolecall::saml::ServiceProvider;
use rolecall::state::State;
use rolecall::store::Store;
use rolecall::web::App;
use rolecall::web::rules::Rules;
use serde_json::Value;

use super::super::bench::*;
use super::{Case, cases};

/// The application's result for a case.
pub struct Outcome {
    pub name: String,
    /// The check that should refuse the message; `None` for a good message.
    pub expected: Option<String>,
    /// The check that refused the message, according to the audit trail; `None` if it was accepted.
    pub check: Option<String>,
    /// Whether the message was refused and a good message in the same login was then accepted.
    pub good_one_after_it: bool,
    /// The processor time for the message: the lower of two measurements, to exclude unrelated
    /// work.
    pub took: Duration,
}

/// The outcome of every case, in one application at the tests' fixed time. Computed once.
pub fn outcomes() -> &'static [Outcome] {
    static OUTCOMES: OnceLock<Vec<Outcome>> = OnceLock::new();
    OUTCOMES.get_or_init(|| {
        let cases = cases();
        let run = || actix_web::rt::System::new().block_on(run(cases));
        std::thread::scope(|scope| scope.spawn(run).join().unwrap())
    })
}

async fn run(cases: &[Case]) -> Vec<Outcome> {
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path());
    let store = Store::default();
    let app = Data::new(app(
        &config,
        store.clone(),
        &folder.path().join("audit.jsonl"),
    ));
    let service = ActixApp::new()
        .app_data(app)
        .configure(|config| routes::public(config, 256 * 1024));
    let service = init_service(service).await;
    let mut outcomes = Vec::new();
    for case in cases {
        let sent = login().sent(&program_keys()).unwrap();
        let relay_state = sent.relay_state.as_str();
        let judge = async || {
            // Every case responds to the same request, so the request's mark must go.
            let mark = sent.request.marking_as_used().key();
            store.take(mark).await.unwrap();
            let request = post(&case.field, relay_state).to_request();
            let begun = ThreadTime::now();
            let response = call_service(&service, request).await;
            (is_accepted(&response), begun.elapsed())
        };
        let (accepted, first) = judge().await;
        let check = (!accepted).then(|| last_check(folder.path()));
        let (_, second) = judge().await;
        let good_one_after_it = !accepted && {
            let good = idp().signed_xml(&good(), Signed::Both, &SigningOptions::default());
            let good = post(&encode(&good.unwrap()), relay_state).to_request();
            let check = last_check(folder.path());
            let response = is_accepted(&call_service(&service, good).await);
            assert_eq!(
                check,
                last_check(folder.path()),
                "a good login was audited as refused"
            );
            response
        };
        outcomes.push(Outcome {
            name: case.name.clone(),
            expected: case.check.clone(),
            check,
            good_one_after_it,
            took: first.min(second),
        });
    }
    outcomes
}

/// Whether the response leads to `/login/finish`. A used response is redirected too, but elsewhere.
fn is_accepted(response: &ServiceResponse) -> bool {
    let location = response.headers().get(header::LOCATION);
    location.is_some_and(|location| location.as_bytes().starts_with(b"/login/finish?"))
}

fn post(field: &str, relay_state: &str) -> TestRequest {
    let form = [("SAMLResponse", field), ("RelayState", relay_state)];
    TestRequest::post().uri("/saml/acs").set_form(form)
}

/// The check in the last line of the audit trail.
fn last_check(folder: &Path) -> String {
    let trail = std::fs::read_to_string(folder.join("audit.jsonl")).unwrap();
    let line: Value = serde_json::from_str(trail.lines().last().unwrap_or("{}")).unwrap();
    line["check"].as_str().unwrap_or_default().to_owned()
}

/// Writes and loads the configuration of the service provider that the messages are for.
pub fn configure(folder: &Path) -> Config {
    let write = |name: &str, text: &[u8]| std::fs::write(folder.join(name), text).unwrap();
    write("idp.xml", idp().metadata_xml().unwrap().as_bytes());
    write(
        "sp.key",
        &sp_private_key().private_key_to_pem_pkcs8().unwrap(),
    );
    write(
        "sp.crt",
        &X509::from_der(&sp_key().1).unwrap().to_pem().unwrap(),
    );
    let text = r#"public_url = "https://sp.example.com"
[http]
trusted_proxies = ["127.0.0.1"]
[[idp]]
id = "corp"
name = "Example Corp"
metadata_file = "idp.xml"
[limits]
logins_per_minute = 0
refusals_per_minute = 0
[saml]
encryption_key_file = "sp.key"
encryption_certificate_file = "sp.crt"
"#;
    write("rolecall.toml", text.as_bytes());
    Config::load(&folder.join("rolecall.toml"), []).unwrap()
}

fn app(config: &Config, store: Store, audit: &Path) -> App {
    let clock = Clock::stopped(now());
    let saml = ServiceProvider::from_config(config, clock.now()).unwrap();
    let rules = Rules::new(config.clone(), saml, clock.clone()).unwrap();
    let audit = Audit::to_file(audit, Sync::None, clock.clone()).unwrap();
    App::new(State::new(clock, store, program_keys(), audit, true), rules)
}
