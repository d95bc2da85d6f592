//! Tests of the whole demo, from the sign-in page to credentials and the console.

use reqwest::{Client, Response};
use scraper::{Html, Selector};
use serde_json::{Value, json};
use url::Url;

use super::{Demo, DemoError, PartsError};
use crate::server::BuildError;

/// A browser that visits a running demo.
struct Visitor {
    public_url: Url,
    browser: Client,
}

/// The action and the hidden fields of the first form on a page.
fn form(url: &Url, html: &str) -> (Url, Vec<(String, String)>) {
    let document = Html::parse_document(html);
    let select = |selector| Selector::parse(selector).unwrap();
    let form = document.select(&select("main form")).next().expect(html);
    let action = url.join(form.attr("action").unwrap()).unwrap();
    let hidden = select("input[type=hidden]");
    let fields = form.select(&hidden).map(|field| {
        let attribute = |name| field.attr(name).unwrap_or_default().to_owned();
        (attribute("name"), attribute("value"))
    });
    (action, fields.collect())
}

impl Visitor {
    fn of(demo: Demo) -> Self {
        let public_url = demo.public_url().clone();
        actix_web::rt::spawn(demo.run_until_stopped());
        let browser = Client::builder().cookie_store(true).no_proxy();
        Self {
            public_url,
            browser: browser.build().unwrap(),
        }
    }

    async fn get(&self, path: &str) -> Response {
        let url = self.public_url.join(path).unwrap();
        self.browser.get(url).send().await.unwrap()
    }

    async fn submit(&self, response: Response, more: &[(&str, &str)]) -> Response {
        let url = response.url().clone();
        let (action, mut fields) = form(&url, &response.text().await.unwrap());
        fields.extend(
            more.iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned())),
        );
        self.browser
            .post(action)
            .form(&fields)
            .send()
            .await
            .unwrap()
    }

    async fn sign_in(&self, person: &str) {
        let chooser = self.get("/login").await;
        let response = self.submit(chooser, &[("person", person)]).await;
        let portal = self.submit(response, &[]).await;
        let url = portal.url().clone();
        let page = portal.text().await.unwrap();
        assert_eq!(url, self.public_url, "{page}");
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let url = self.public_url.join(path).unwrap();
        let response = self.browser.post(url).json(body).send().await.unwrap();
        response.json().await.unwrap()
    }
}

#[actix_web::test]
async fn a_newcomer_gets_credentials_and_the_console() {
    let demo = Demo::build(0).unwrap();
    let register = demo.parts().register().clone();
    let visitor = Visitor::of(demo);
    visitor.sign_in("bob").await;
    for (partition, account) in [("aws", "111111111111"), ("aws-eusc", "666666666666")] {
        let role = json!({"role_arn": format!("arn:{partition}:iam::{account}:role/Developer")});
        let credentials = visitor.post("/api/credentials", &role).await;
        let id = credentials["AccessKeyId"]
            .as_str()
            .expect("the response contains credentials");
        let session = &register.find(id).unwrap().session;
        assert_eq!(session.source_identity.as_deref(), Some("bob.baker"));
        assert_eq!(session.tags.len(), 2);
        let console = visitor.post("/api/console", &role).await;
        let url = console["url"]
            .as_str()
            .expect("the response contains a sign-in URL");
        let page = visitor.browser.get(url).send().await.unwrap();
        assert_eq!(page.url().path(), "/console/home");
        let page = page.text().await.unwrap();
        assert!(
            page.contains(account) && page.contains("Platform and Tools"),
            "{page}"
        );
    }
}

#[actix_web::test]
async fn everybody_sees_what_their_summary_promises() {
    let visitor = Visitor::of(Demo::build(0).unwrap());
    for (person, roles) in [
        ("alice", 1),
        ("bob", 18),
        ("carol", 200),
        ("dave", 0),
        ("erin", 2),
        ("frank", 3),
    ] {
        let visitor = Visitor {
            public_url: visitor.public_url.clone(),
            browser: Client::builder()
                .cookie_store(true)
                .no_proxy()
                .build()
                .unwrap(),
        };
        visitor.sign_in(person).await;
        let response: Value = visitor.get("/api/roles").await.json().await.unwrap();
        let accounts = response["accounts"].as_array().unwrap();
        let seen: usize = accounts
            .iter()
            .map(|account| account["roles"].as_array().unwrap().len())
            .sum();
        assert_eq!(seen, roles, "{person}");
        assert!(
            accounts.iter().all(|account| account["name"].is_string()),
            "{person}"
        );
    }
}

#[actix_web::test]
async fn the_roles_of_frank_cause_the_errors_of_aws() {
    let visitor = Visitor::of(Demo::build(0).unwrap());
    visitor.sign_in("frank").await;
    let role = |name: &str| json!({"role_arn": format!("arn:aws:iam::111111111111:role/{name}")});
    for name in ["Vault", "Deleted"] {
        let response = visitor.post("/api/credentials", &role(name)).await;
        assert!(response["error"]["code"].is_string(), "{name}: {response}");
    }
    let response = visitor.post("/api/credentials", &role("Auditor")).await;
    assert!(response["AccessKeyId"].is_string());
}

#[actix_web::test]
async fn the_greeting_lists_the_urls_and_the_people() {
    let demo = Demo::build(0).unwrap();
    let greeting = demo.greeting();
    let sts = demo.parts().sts_endpoint();
    for expected in [
        demo.public_url().as_str(),
        "Alice Archer",
        "Frank Fischer",
        &format!("aws sts get-caller-identity --endpoint-url {sts} --region us-east-1"),
        &format!("AWS_ENDPOINT_URL_STS={sts}"),
    ] {
        assert!(greeting.contains(expected), "{expected}: {greeting}");
    }
    assert!(greeting.lines().all(|line| line.len() <= 120), "{greeting}");
}

/// The error for a demo whose second port is in use. Another program may have the first port, and
/// then another pair is tried.
fn next_port_in_use() -> DemoError {
    for _ in 0..100 {
        let taken = super::parts::listen(0).unwrap();
        let port = taken.local_addr().unwrap().port();
        match Demo::build(port - 1).map(drop).unwrap_err() {
            DemoError::Build(BuildError::Listen { address, .. }) if address.port() == port - 1 => {}
            error => {
                let named = matches!(&error, DemoError::Parts(PartsError::Listen { address, .. })
                    if address.port() == port);
                assert!(named, "{error}");
                return error;
            }
        }
    }
    panic!("no pair of ports is free");
}

#[actix_web::test]
async fn a_port_in_use_is_named() {
    let taken = super::parts::listen(0).unwrap();
    let port = taken.local_addr().unwrap().port();
    let broker = Demo::build(port).map(drop).unwrap_err();
    assert!(
        matches!(broker, DemoError::Build(BuildError::Listen { address, .. }) if address.port() == port)
    );
    let parts = next_port_in_use();
    assert!(!broker.to_string().contains('\n') && !parts.to_string().contains('\n'));
    assert!(matches!(
        Demo::build(u16::MAX).map(drop),
        Err(DemoError::NoNextPort)
    ));
}

#[actix_web::test]
async fn nothing_stays_on_the_disk() {
    let demo = Demo::build(0).unwrap();
    let folder = demo.folder.path().to_owned();
    assert!(folder.join("idp.xml").is_file());
    let handle = demo.application.handle();
    let running = actix_web::rt::spawn(demo.run_until_stopped());
    handle.stop().await;
    running.await.unwrap().unwrap();
    assert!(!folder.exists());
}
