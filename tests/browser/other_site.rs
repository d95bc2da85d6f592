//! An identity provider that posts the responses that a test specifies. It runs at 127.0.0.1. For
//! browsers, that is a different site from the broker's.

use std::sync::Mutex;

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer};
use askama::Template;
use rolecall::demo::idp::ResponseSpec;
use rolecall::demo::people::Person;
use thirtyfour::prelude::*;

use crate::support::app::{Options, Started, TestApp, first_idp};
use crate::support::partners::chromium::wait_for_url;

/// The names and values of a form's fields, in order.
pub type Fields = Vec<(String, String)>;

/// A page that posts its form to the broker, as an identity provider's page does.
#[derive(Clone, Default, Template)]
#[template(
    source = "<!doctype html><title>Other site</title><form method=post action='{{ action }}'>\
        {% for (name, value) in fields %}<input type=hidden name='{{ name }}' value='{{ value }}'>\
        {% endfor %}</form><script>document.forms[0].submit()</script>",
    ext = "html"
)]
struct PostPage {
    action: String,
    fields: Fields,
}

pub struct OtherSite {
    url: String,
    page: Data<Mutex<PostPage>>,
    server: ServerHandle,
}

impl OtherSite {
    /// Starts the site on a free port.
    pub fn start() -> Self {
        let page = Data::new(Mutex::new(PostPage::default()));
        let shared = page.clone();
        let (port, server) = serve(move |config| {
            config
                .app_data(shared.clone())
                .route("/sso", web::get().to(|| async { "Who are you?" }))
                .route("/post", web::get().to(post));
        });
        Self {
            url: format!("http://127.0.0.1:{port}"),
            page,
            server,
        }
    }

    /// Starts a broker with these options. It sends people to this site to sign in.
    pub fn broker(&self, options: Options) -> TestApp {
        let metadata = first_idp().metadata_xml().expect("metadata");
        let usual = first_idp().sso_url().to_string();
        let metadata = metadata.replace(&usual.replace('&', "&#38;"), &format!("{}/sso", self.url));
        assert!(metadata.contains(&self.url), "{metadata}");
        TestApp::start_with(Options {
            metadata: Some(metadata),
            ..options
        })
    }

    /// Opens `path` at the broker, which must redirect to this site. Returns the login in progress.
    pub async fn begin(
        &self,
        browser: &WebDriver,
        app: &TestApp,
        path: &str,
    ) -> WebDriverResult<Started> {
        browser.goto(app.at(path)).await?;
        let here = format!("{}/sso", self.url);
        wait_for_url(browser, |url| url.as_str().starts_with(&here)).await?;
        Ok(Started::from_url(browser.current_url().await?))
    }

    /// Makes the browser post a form from this site to the broker's `path`.
    pub async fn post(
        &self,
        browser: &WebDriver,
        app: &TestApp,
        path: &str,
        fields: Fields,
    ) -> WebDriverResult<()> {
        let action = app.at(path);
        *self.page.lock().expect("no panic while locked") = PostPage { action, fields };
        browser.goto(format!("{}/post", self.url)).await?;
        wait_for_url(browser, |url| url.as_str().starts_with(&app.url)).await
    }

    /// Posts a response for `person`, altered by `bend`. Returns the posted fields.
    pub async fn respond(
        &self,
        browser: &WebDriver,
        app: &TestApp,
        (started, person): (&Started, &Person),
        bend: impl Fn(&mut ResponseSpec),
    ) -> WebDriverResult<Fields> {
        let mut spec = app.respond(person, started);
        bend(&mut spec);
        let fields = app.form(&spec, &started.relay_state);
        self.post(browser, app, "/saml/acs", fields.clone()).await?;
        Ok(fields)
    }

    /// Signs `person` in, and waits for the portal.
    pub async fn sign_in(
        &self,
        browser: &WebDriver,
        app: &TestApp,
        person: &Person,
    ) -> WebDriverResult<()> {
        let started = self.begin(browser, app, "/login?idp=corp").await?;
        self.respond(browser, app, (&started, person), |_| ())
            .await?;
        let portal = app.at("/");
        wait_for_url(browser, |url| url.as_str() == portal).await
    }

    pub async fn stop(self) {
        self.server.stop(false).await;
    }
}

/// Starts a web server on a free port of this machine.
pub fn serve(
    configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> (u16, ServerHandle) {
    let server = HttpServer::new(move || App::new().configure(configure.clone()))
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .expect("127.0.0.1 has a free port");
    let port = server.addrs().first().expect("the server listens").port();
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    (port, handle)
}

async fn post(page: Data<Mutex<PostPage>>) -> HttpResponse {
    let page = page.lock().expect("no panic while locked").clone();
    let html = page.render().expect("a page");
    HttpResponse::Ok().content_type("text/html").body(html)
}
