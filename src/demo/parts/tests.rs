//! Tests of the IdP's pages over HTTP, and of the server that all parts share.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{SubsecRound as _, TimeDelta};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use reqwest::{Client, RequestBuilder, StatusCode};
use scraper::{ElementRef, Html, Selector};

use super::{EmbeddedParts, Settings};
use crate::aws::sts::ASSERTION_MAXIMUM;
use crate::clock::Clock;
use crate::demo::Organization;
use crate::demo::idp::RelyingParty;
use crate::saml::Refusal;
use crate::saml::check::{self, Expected};
use crate::saml::{Login, response};
use crate::second_opinion;

const ENTITY_ID: &str = "http://localhost:1/saml/metadata";
const ACS: &str = "http://localhost:1/saml/acs";

struct Bench {
    parts: EmbeddedParts,
    clock: Clock,
    browser: Client,
}

/// A page of the IdP, with the action and the hidden fields of its form, if it has one.
struct Page {
    status: StatusCode,
    html: String,
    action: Option<String>,
    fields: Vec<(String, String)>,
}

impl Page {
    fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    fn asks_who(&self) -> bool {
        self.action.as_deref() == Some("/idp/sign-in")
    }
}

fn attribute(element: ElementRef<'_>, name: &str) -> String {
    element.attr(name).unwrap_or_default().to_owned()
}

impl Bench {
    fn new() -> Self {
        let clock = Clock::stopped(Clock::system().now().trunc_subsecs(0));
        let relying_party = RelyingParty {
            entity_id: ENTITY_ID.to_owned(),
            acs_url: ACS.to_owned(),
        };
        let example = Organization::example(ACS);
        let settings = Settings {
            people: example.people,
            roles: example.roles,
            ..Settings::new(relying_party, clock.clone())
        };
        let browser = Client::builder().cookie_store(true).no_proxy();
        Self {
            parts: EmbeddedParts::start(settings).unwrap(),
            clock,
            browser: browser.build().unwrap(),
        }
    }

    async fn page(&self, request: RequestBuilder) -> Page {
        let response = request.send().await.unwrap();
        let status = response.status();
        let html = response.text().await.unwrap();
        let document = Html::parse_document(&html);
        let form = document.select(&Selector::parse("form").unwrap()).next();
        let fields = Selector::parse("form input[type=hidden]").unwrap();
        let fields = document
            .select(&fields)
            .map(|field| (attribute(field, "name"), attribute(field, "value")))
            .collect();
        Page {
            status,
            action: form.map(|form| attribute(form, "action")),
            fields,
            html,
        }
    }

    async fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Page {
        let mut url = self.parts.url().join(path).unwrap();
        url.query_pairs_mut().extend_pairs(parameters);
        self.page(self.browser.get(url)).await
    }

    async fn ask(&self, attributes: &str) -> Page {
        let request = request("_1", ENTITY_ID, attributes);
        let parameters = [("SAMLRequest", request.as_str()), ("RelayState", "a&b")];
        self.get("/idp/sso", &parameters).await
    }

    async fn choose(&self, page: &Page, person: &str) -> Page {
        let mut fields = page.fields.clone();
        fields.push(("person".to_owned(), person.to_owned()));
        let url = self
            .parts
            .url()
            .join(page.action.as_deref().unwrap())
            .unwrap();
        self.page(self.browser.post(url).form(&fields)).await
    }

    /// Verifies the response in the page as the service provider would.
    fn login(&self, page: &Page, request_id: Option<&str>) -> Result<Login, Refusal> {
        assert_eq!(page.action.as_deref(), Some(ACS), "{}", page.html);
        let idp = self.parts.idp();
        let xml = response::decode(page.field("SAMLResponse").unwrap())?;
        let opened = second_opinion::open(&xml, &[idp.key().certificate_der().to_vec()])?;
        check::check(
            opened,
            &Expected {
                idp: "demo",
                idp_entity_id: idp.entity_id(),
                issuer_format: None,
                person_attribute: None,
                acs_url: ACS,
                audiences: &[ENTITY_ID.to_owned()],
                request_id,
                authenticated_since: None,
                authn_contexts: &[],
                now: self.clock.now(),
                skew: TimeDelta::zero(),
            },
        )
    }

    fn name(&self, page: &Page) -> String {
        self.login(page, Some("_1")).unwrap().person.name_id
    }
}

fn request(id: &str, issuer: &str, attributes: &str) -> String {
    let xml = format!(
        r#"<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{id}" {attributes}><saml:Issuer>{issuer}</saml:Issuer></samlp:AuthnRequest>"#
    );
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(xml.as_bytes()).unwrap();
    STANDARD.encode(encoder.finish().unwrap())
}

#[actix_web::test]
async fn a_request_shows_the_people_and_signs_in_the_chosen_one() {
    let bench = Bench::new();
    let page = bench.ask("").await;
    assert!(page.asks_who());
    for name in ["Alice Archer", "Bob Baker", "Dave Dunn"] {
        assert!(page.html.contains(name));
    }
    let response = bench.choose(&page, "bob").await;
    assert_eq!(response.field("RelayState"), Some("a&b"));
    assert_eq!(bench.name(&response), "bob@example.com");
}

#[actix_web::test]
async fn a_renewal_is_silent_and_keeps_the_time_of_the_sign_in() {
    let bench = Bench::new();
    let first = bench.choose(&bench.ask("").await, "bob").await;
    assert_eq!(bench.name(&first), "bob@example.com");
    bench.clock.advance(TimeDelta::minutes(5));
    let second = bench.ask("").await;
    assert_eq!(bench.name(&second), "bob@example.com");
    let instant = |page: &Page| {
        let field = STANDARD
            .decode(page.field("SAMLResponse").unwrap())
            .unwrap();
        let xml = String::from_utf8(field).unwrap();
        let (_, rest) = xml.split_once("AuthnInstant=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    assert_eq!(instant(&first), instant(&second));
}

#[actix_web::test]
async fn an_immediate_second_request_shows_the_choice_of_people() {
    let bench = Bench::new();
    bench.choose(&bench.ask("").await, "bob").await;
    let page = bench.ask("").await;
    assert!(page.asks_who());
    let other = bench.choose(&page, "carol").await;
    assert_eq!(bench.name(&other), "carol@example.com");
    bench.clock.advance(TimeDelta::minutes(5));
    assert_eq!(bench.name(&bench.ask("").await), "carol@example.com");
}

#[actix_web::test]
async fn force_authn_and_signing_out_end_silent_sign_in() {
    let bench = Bench::new();
    bench.choose(&bench.ask("").await, "bob").await;
    bench.clock.advance(TimeDelta::minutes(5));
    assert!(bench.ask(r#"ForceAuthn="true""#).await.asks_who());
    let signed_out = bench.get("/idp/sign-out", &[]).await;
    assert_eq!(signed_out.status, StatusCode::OK);
    assert!(signed_out.html.contains("http://localhost:1/"));
    assert!(bench.ask("").await.asks_who());
}

#[actix_web::test]
async fn a_session_at_the_idp_ends() {
    let bench = Bench::new();
    bench.choose(&bench.ask("").await, "bob").await;
    bench.clock.advance(TimeDelta::hours(8));
    assert!(bench.ask("").await.asks_who());
}

#[actix_web::test]
async fn a_passive_request_never_shows_a_page() {
    let bench = Bench::new();
    let nobody = bench.ask(r#"IsPassive="true""#).await;
    let refusal = bench.login(&nobody, Some("_1")).unwrap_err();
    assert_eq!(refusal.name(), "status");
    bench.choose(&bench.ask("").await, "bob").await;
    let somebody = bench.ask(r#"IsPassive="true""#).await;
    assert_eq!(bench.name(&somebody), "bob@example.com");
}

#[actix_web::test]
async fn an_unsolicited_login_answers_no_request() {
    let bench = Bench::new();
    let page = bench.get("/idp/unsolicited", &[("RelayState", "/x")]).await;
    let response = bench.choose(&page, "alice").await;
    assert_eq!(response.field("RelayState"), Some("/x"));
    let login = bench.login(&response, None).unwrap();
    assert_eq!(login.person.name_id, "alice@example.com");
    assert_eq!(
        bench.login(&response, Some("_1")).unwrap_err().name(),
        "response_in_response_to"
    );
}

#[actix_web::test]
async fn bad_requests_and_unknown_people_get_a_page_and_no_assertion() {
    let bench = Bench::new();
    let other_acs = request(
        "_1",
        ENTITY_ID,
        r#"AssertionConsumerServiceURL="http://localhost:1/evil""#,
    );
    for (parameter, reason) in [
        ("%%%".to_owned(), "not base64"),
        (
            request("_1", "urn:else", ""),
            "not the registered service provider",
        ),
        (other_acs, "not the registered one"),
    ] {
        let page = bench.get("/idp/sso", &[("SAMLRequest", &parameter)]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(page.html.contains(reason), "{}", page.html);
        assert!(page.action.is_none());
    }
    let nobody = bench.choose(&bench.ask("").await, "mallory").await;
    assert_eq!(nobody.status, StatusCode::BAD_REQUEST);
    assert!(nobody.action.is_none());
}

#[actix_web::test]
async fn two_hundred_roles_fit_into_what_sts_takes() {
    let bench = Bench::new();
    let response = bench.choose(&bench.ask("").await, "carol").await;
    assert!(response.field("SAMLResponse").unwrap().len() <= ASSERTION_MAXIMUM);
}

#[actix_web::test]
async fn every_answer_carries_the_security_headers() {
    let bench = Bench::new();
    for path in [
        "/idp/unsolicited",
        "/console/home",
        "/static/app.css",
        "/nothing",
    ] {
        let url = bench.parts.url().join(path).unwrap();
        let response = bench.browser.get(url).send().await.unwrap();
        let policy = response.headers()["content-security-policy"]
            .to_str()
            .unwrap();
        assert!(policy.contains("default-src 'none'"), "{path}");
        assert!(
            policy.contains(" http://localhost:1"),
            "the form may be sent there: {policy}"
        );
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    }
}

#[actix_web::test]
async fn the_parts_serve_their_metadata_and_stop() {
    let bench = Bench::new();
    let url = bench.parts.idp().entity_id().to_owned();
    let served = bench
        .browser
        .get(&url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(served, bench.parts.idp().metadata_xml().unwrap());
    bench.parts.stop().await;
    assert!(bench.browser.get(&url).send().await.is_err());
}
