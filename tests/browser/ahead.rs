//! Pages that make Chromium fetch or open rolecall's URLs before the person follows a link: nothing
//! happens ahead of time, and the link works afterwards.
//!
//! Between the browser and the program is a proxy, which records what the program received.

use std::sync::{Arc, Mutex, OnceLock};

use actix_web::http::StatusCode;
use actix_web::http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use actix_web::web::{self, Bytes, Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use reqwest::Method;
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde_json::json;
use thirtyfour::prelude::*;

use crate::other_site::serve;
use crate::support::partners::chromium::{Chromium, credentials_page, wait_for_url};
use crate::support::patience::{PAUSE, until};
use crate::support::program::{Service, rolecall};

/// Begins a login.
const LOGIN: &str = "/login?idp=corp";
/// Begins a login too, or shows a page with a button that may press itself.
const GO: &str = "/go?account=111111111111&role=reader&action=credentials";

/// How often the test looks for a request before it opens the page again.
const PATIENT_LOOKS: usize = 100;

/// How a page makes the browser act ahead of time.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Hint {
    /// `<link rel=prefetch>`
    Link,
    /// Speculation rules that fetch the page.
    Prefetch,
    /// Speculation rules that open the page in the background, with its scripts.
    Prerender,
}

impl Hint {
    /// The `Sec-Purpose` of the requests.
    fn purpose(self) -> &'static str {
        match self {
            Self::Link | Self::Prefetch => "prefetch",
            Self::Prerender => "prefetch;prerender",
        }
    }
}

/// What a page links to, and how it makes the browser act ahead of time.
#[derive(Deserialize)]
struct Links {
    target: String,
    hint: Hint,
}

async fn links(links: Query<Links>) -> HttpResponse {
    let target = &links.target;
    let rules = |action: &str| {
        let rules = json!({ action: [{ "urls": [target], "eagerness": "immediate" }] });
        format!("<script type=speculationrules>{rules}</script>")
    };
    let hint = match links.hint {
        Hint::Link => format!("<link rel=prefetch href='{target}'>"),
        Hint::Prefetch => rules("prefetch"),
        Hint::Prerender => rules("prerender"),
    };
    let html = format!("<!doctype html><title>Links</title><a href='{target}'>Link</a>{hint}");
    HttpResponse::Ok().content_type("text/html").body(html)
}

/// A request that the program received, and the status of its response.
#[derive(Clone, Debug)]
struct Seen {
    method: String,
    path: String,
    purpose: Option<String>,
    status: StatusCode,
}

#[derive(Clone, Default)]
struct Proxy {
    /// The program's URL.
    program: Arc<OnceLock<String>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Proxy {
    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no panic while locked").clone()
    }

    /// The requests for `path`.
    fn seen_at(&self, path: &str) -> Vec<Seen> {
        let mut seen = self.seen();
        seen.retain(|request| request.path == path);
        seen
    }

    fn forget(&self) {
        self.seen.lock().expect("no panic while locked").clear();
    }
}

/// Passes a request on to the program, and its response back.
async fn pass(request: HttpRequest, body: Bytes, proxy: Data<Proxy>) -> HttpResponse {
    let client = reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy();
    let url = format!(
        "{}{}",
        proxy.program.get().expect("a program"),
        request.uri()
    );
    let method = Method::from_bytes(request.method().as_str().as_bytes()).expect("a method");
    let mut onward = client
        .build()
        .expect("a client")
        .request(method, url)
        .body(body);
    for (name, value) in request.headers() {
        if name != CONNECTION && name != CONTENT_LENGTH {
            onward = onward.header(name.as_str(), value.as_bytes());
        }
    }
    let response = onward.send().await.expect("a response");
    let status = StatusCode::from_u16(response.status().as_u16()).expect("a status");
    let purpose = request.headers().get("sec-purpose");
    proxy
        .seen
        .lock()
        .expect("no panic while locked")
        .push(Seen {
            method: request.method().to_string(),
            path: request.uri().to_string(),
            purpose: purpose.map(|value| value.to_str().expect("ASCII").to_owned()),
            status,
        });
    let mut back = HttpResponse::build(status);
    for (name, value) in response.headers() {
        if name != CONNECTION.as_str()
            && name != TRANSFER_ENCODING.as_str()
            && name != CONTENT_LENGTH.as_str()
        {
            back.append_header((name.as_str(), value.as_bytes()));
        }
    }
    back.body(response.bytes().await.expect("a body"))
}

/// The program behind the proxy, and a browser.
struct Run {
    browser: WebDriver,
    proxy: Proxy,
    port: u16,
    service: Arc<Service>,
}

impl Run {
    fn at(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// Opens a page at `host` that hints at `path`. Waits until the program has received what the
    /// browser sends ahead of time, and asserts that nothing came of it.
    async fn hint(&self, host: &str, hint: Hint, path: &str) -> WebDriverResult<()> {
        self.proxy.forget();
        let trail = self.service.read("stdout");
        let target = self.at(path);
        let query = [
            ("target", target.as_str()),
            ("hint", &format!("{hint:?}").to_lowercase()),
        ];
        let query = serde_urlencoded::to_string(query).expect("a query");
        let page = format!("http://{host}:{}/links?{query}", self.port);
        // After a refusal, Chromium does not act ahead of time for the same origin for a while
        // (`Retry-After`), so the page is opened again and again.
        let seen = until(async || {
            self.browser.goto(&page).await.expect("the page opens");
            for _ in 0..PATIENT_LOOKS {
                let seen = self.proxy.seen_at(path);
                if !seen.is_empty() {
                    return Ok(seen);
                }
                tokio::time::sleep(PAUSE).await;
            }
            Err(format!("{host} {hint:?} {path}: {:?}", self.proxy.seen()))
        })
        .await;
        for request in &seen {
            assert_eq!(request.purpose.as_deref(), Some(hint.purpose()), "{seen:?}");
            assert_eq!(request.status, StatusCode::SERVICE_UNAVAILABLE, "{seen:?}");
        }
        let all = self.proxy.seen();
        assert!(all.iter().all(|request| request.method == "GET"), "{all:?}");
        assert_eq!(self.browser.current_url().await?.as_str(), page);
        assert_eq!(self.service.read("stdout"), trail);
        Ok(())
    }

    /// Follows the link, and asserts that the program has received a request for `path` that was
    /// not sent ahead of time.
    async fn follow(&self, path: &str) -> WebDriverResult<()> {
        self.browser.find(By::Tag("a")).await?.click().await?;
        until(async || {
            let seen = self.proxy.seen_at(path);
            let last = seen.last().expect("a request ahead of time");
            let is_followed = last.purpose.is_none();
            is_followed.then_some(()).ok_or(seen)
        })
        .await;
        Ok(())
    }

    /// Chooses Alice at the IdP.
    async fn choose_alice(&self) -> WebDriverResult<()> {
        let alice = self
            .browser
            .query(By::Css("button[name=person][value=alice]"));
        alice.first().await?.click().await?;
        let own = format!("http://localhost:{}/", self.port);
        wait_for_url(&self.browser, |url| url.as_str().starts_with(&own)).await
    }
}

/// Every hint of a page of rolecall's own origin and of another site, for a person who is not signed
/// in. `/login` does not depend on the site, and each hint takes seconds, so one site is enough.
async fn logins(run: &Run, host: &str, hint: Hint) -> WebDriverResult<()> {
    if host == "localhost" {
        run.hint(host, hint, LOGIN).await?;
    }
    run.hint(host, hint, GO).await?;
    run.follow(GO).await?;
    run.choose_alice().await
}

/// Chromium does not act ahead of time for another site where it has cookies, except for
/// `<link rel=prefetch>`.
async fn links_to_a_role(run: &Run, host: &str, hint: Hint) -> WebDriverResult<()> {
    if host != "localhost" && hint != Hint::Link {
        return Ok(());
    }
    run.hint(host, hint, GO).await?;
    run.follow(GO).await?;
    let button = run
        .browser
        .query(By::Css("form[action='/credentials'] button"));
    button.first().await?.click().await?;
    credentials_page(&run.browser).await?;
    let trail = run.service.read("stdout");
    assert!(trail.contains("credentials_issued"), "{trail}");
    Ok(())
}

#[tokio::test]
async fn nothing_happens_before_a_person_in_chromium_follows_a_link() {
    let proxy = Proxy::default();
    let shared = Data::new(proxy.clone());
    let (port, server) = serve(move |config| {
        config
            .app_data(shared.clone())
            .route("/links", web::get().to(links))
            .default_service(web::to(pass));
    });
    let mut command = rolecall();
    command.env("ROLECALL_LIMITS__REQUESTS_PER_MINUTE", "0");
    let service = Service::start_at(command, Some(&format!("http://localhost:{port}"))).await;
    proxy
        .program
        .set(format!("http://{}", service.address()))
        .expect("set once");
    let service = Arc::new(service);
    for host in ["localhost", "127.0.0.1"] {
        for hint in [Hint::Link, Hint::Prefetch, Hint::Prerender] {
            let (proxy, service) = (proxy.clone(), Arc::clone(&service));
            let test = |browser: WebDriver| async move {
                let run = Run {
                    browser,
                    proxy,
                    port,
                    service,
                };
                logins(&run, host, hint).await?;
                links_to_a_role(&run, host, hint).await
            };
            Chromium::shared().await.session("ahead", test).await;
        }
    }
    server.stop(false).await;
}
