//! Drives Chromium through the W3C WebDriver protocol.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::FutureExt;
use serde_json::Value;
use thirtyfour::{ChromeCapabilities, LoggingPrefsLogLevel, prelude::*};
use tokio::sync::OnceCell;
use url::Url;

use super::{installed, program};
use crate::support::output;
use crate::support::patience::until;
use crate::support::server::{Ready, Server};

/// A running `chromedriver`.
pub struct Chromium {
    server: Server,
    sessions: AtomicU32,
}

impl Chromium {
    /// The instance that all tests of a test binary share; each session is a separate browser.
    pub async fn shared() -> &'static Self {
        static SHARED: OnceCell<Chromium> = OnceCell::const_new();
        SHARED.get_or_init(Self::start).await
    }

    /// Starts `chromedriver`. Panics if Chromium is not installed.
    pub async fn start() -> Self {
        program("chromium");
        let ready = Ready {
            path: "/status",
            contains: "\"ready\":true",
        };
        let server = Server::start("chromedriver", ready, |place| {
            let mut command = Command::new(program("chromedriver"));
            command.arg(format!("--port={}", place.port));
            command
        })
        .await;
        Self {
            server,
            sessions: AtomicU32::new(0),
        }
    }

    /// Runs `test` in a fresh browser, and closes the browser afterwards. The test fails if a
    /// page's content security policy blocked anything.
    ///
    /// If the test fails, a screenshot is kept as `NAME-failed.png`.
    pub async fn session<F: Future<Output = WebDriverResult<()>>>(
        &self,
        name: &str,
        test: impl FnOnce(WebDriver) -> F,
    ) {
        let driver = self.new_driver().await;
        let test = async {
            test(driver.clone()).await?;
            let refused = refused_by_policy(&driver).await?;
            assert!(refused.is_empty(), "{refused:#?}");
            Ok(())
        };
        let outcome: Result<WebDriverResult<()>, _> = AssertUnwindSafe(test).catch_unwind().await;
        if !matches!(outcome, Ok(Ok(()))) {
            // An error here is ignored, because the test's own failure is reported below.
            let _ = driver
                .screenshot(&screenshot_file(&format!("{name}-failed")))
                .await;
        }
        driver.quit().await.expect("the browser closes");
        match outcome {
            Ok(result) => result.expect("no WebDriver error"),
            Err(panic) => resume_unwind(panic),
        }
    }

    async fn new_driver(&self) -> WebDriver {
        let number = self.sessions.fetch_add(1, Ordering::Relaxed);
        let profile = self
            .server
            .place()
            .directory
            .join(format!("profile-{number}"));
        let capabilities =
            capabilities(&profile.display().to_string()).expect("the browser's settings are valid");
        WebDriver::new(self.server.place().base_url(), capabilities)
            .await
            .unwrap_or_else(|error| panic!("no browser: {error}\n{}", self.server.output()))
    }
}

fn capabilities(profile: &str) -> WebDriverResult<ChromeCapabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    capabilities.set_binary(&program("chromium").display().to_string())?;
    for argument in [
        "--headless",
        // The tests run as root in containers, where Chromium's sandbox cannot be set up.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        // These options prevent requests that the test did not cause.
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--no-first-run",
        "--window-size=1280,900",
        &format!("--user-data-dir={profile}"),
    ] {
        capabilities.add_arg(argument)?;
    }
    // The performance log records every request and its body.
    capabilities.set_logging_prefs("performance", LoggingPrefsLogLevel::All)?;
    capabilities.set_logging_prefs("browser", LoggingPrefsLogLevel::All)?;
    Ok(capabilities)
}

/// The bodies of the forms that the browser has posted to `url` since this function was last
/// called.
pub async fn posted(driver: &WebDriver, url: &Url) -> WebDriverResult<Vec<String>> {
    let log = driver.get_log("performance").await?;
    let bodies = log.iter().filter_map(|entry| {
        let event: Value = serde_json::from_str(&entry.message).expect("the log is JSON");
        if event["message"]["method"] != "Network.requestWillBeSent" {
            return None;
        }
        let request = &event["message"]["params"]["request"];
        if request["method"] != "POST" || request["url"] != url.as_str() {
            return None;
        }
        let body = request["postData"].as_str();
        Some(body.expect("the log contains the body").to_owned())
    });
    Ok(bodies.collect())
}

/// Waits until the browser has loaded a page with a matching URL. This is necessary because a click
/// can return before the page that it opens has loaded.
pub async fn wait_for_url(driver: &WebDriver, is: impl Fn(&Url) -> bool) -> WebDriverResult<()> {
    let place = async || -> WebDriverResult<(Url, String)> {
        let url = driver.current_url().await?;
        let state = driver.execute("return document.readyState", vec![]);
        Ok((url, state.await?.convert()?))
    };
    until(async || match place().await {
        Ok((url, state)) if is(&url) && state == "complete" => Ok(Ok(())),
        Ok((url, state)) => Err(format!("{url} {state}")),
        Err(error) => Ok(Err(error)),
    })
    .await
}

/// Waits until `script` returns a matching string in the browser, and returns that string.
pub async fn wait_for_text(
    driver: &WebDriver,
    script: &str,
    is: impl Fn(&str) -> bool,
) -> WebDriverResult<String> {
    let text = async || -> WebDriverResult<String> {
        let returned = driver.execute(format!("return String({script})"), vec![]);
        returned.await?.convert()
    };
    until(async || match text().await {
        Ok(text) if !is(&text) => Err(text),
        done => Ok(done),
    })
    .await
}

/// Waits until the browser has loaded a page with credentials. The page's URL is `/credentials`,
/// but the page's script replaces it with the link to the credentials (`/go`).
pub async fn credentials_page(driver: &WebDriver) -> WebDriverResult<()> {
    driver.query(By::Css("[data-formats]")).first().await?;
    wait_for_url(driver, |url| {
        url.path() == "/credentials" || url.path() == "/go"
    })
    .await
}

/// The violations that axe-core finds on the current page. axe-core checks those success criteria
/// of WCAG 2.2, levels A and AA, that a program can check.
pub async fn accessibility_violations(driver: &WebDriver) -> WebDriverResult<Vec<String>> {
    const RUN: &str = r"
        const [done] = arguments;
        const describe = (violation) => violation.nodes.map(
            (node) => `${violation.id} at ${node.target}: ${node.failureSummary}`);
        axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
            .then((result) => done(result.violations.flatMap(describe)),
                  (error) => done([`axe-core failed: ${error}`]));";
    let axe = std::fs::read_to_string(installed("axe-core/node_modules/axe-core/axe.min.js"))
        .expect("axe-core is text");
    driver.execute(axe, vec![]).await?;
    driver.execute_async(RUN, vec![]).await?.convert()
}

/// The violations of content security policies that the browser has reported since this function
/// was last called.
pub async fn refused_by_policy(driver: &WebDriver) -> WebDriverResult<Vec<String>> {
    let log = driver.get_log("browser").await?;
    let messages = log.into_iter().map(|entry| entry.message);
    Ok(messages
        .filter(|message| message.contains("Content Security Policy"))
        .collect())
}

/// Saves a screenshot as `target/test-output/screenshots/NAME.png`.
pub async fn screenshot(driver: &WebDriver, name: &str) -> WebDriverResult<()> {
    driver.screenshot(&screenshot_file(name)).await
}

/// The path of the screenshot with this name.
pub fn screenshot_file(name: &str) -> PathBuf {
    output::directory("screenshots").join(format!("{name}.png"))
}
