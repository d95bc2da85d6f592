//! Every page in every guise: light and dark, English and German, wide and narrow, forced colours. In
//! each of them axe-core finds nothing, nothing sticks out of the window, and the content security
//! policy has nothing to report.

use rolecall::demo::Demo;
use thirtyfour::prelude::*;
use url::Url;

use crate::look::{Guise, dress, inspect};
use crate::support::partners::chromium::{Chromium, refused_by_policy, wait_for_url};

const GUISES: [Guise; 4] = [
    ("en", "light", 1280),
    ("de", "dark", 1280),
    ("de", "light", 320),
    ("en", "dark", 768),
];

async fn choose(browser: &WebDriver, portal: &Url, person: &str) -> WebDriverResult<()> {
    wait_for_url(browser, |url| url.host_str() == Some("127.0.0.1")).await?;
    let button = format!("button[name=person][value={person}]");
    browser.find(By::Css(button)).await?.click().await?;
    wait_for_url(browser, |url| url == portal).await
}

async fn sign_out(browser: &WebDriver) -> WebDriverResult<()> {
    let button = By::Css("form[action='/logout'] button");
    browser.find(button).await?.click().await?;
    wait_for_url(browser, |url| url.query() == Some("signed-out=here")).await
}

#[actix_web::test]
async fn every_page_in_every_guise() {
    let demo = Demo::build(0).expect("the demo starts");
    let portal = demo.public_url().clone();
    let server = actix_web::rt::spawn(demo.run_until_stopped());
    let test = |browser: WebDriver| async move {
        let at = |path: &str| portal.join(path).expect("a path").to_string();
        for guise in GUISES {
            dress(&browser, guise).await;
            browser.goto(at("/")).await?;
            choose(&browser, &portal, "bob").await?;
            inspect(&browser, "portal", guise).await?;
            for (name, path) in [
                ("me", "/me"),
                ("not-found", "/nowhere"),
                ("not-yours", "/go?account=production&role=Nobody"),
            ] {
                browser.goto(at(path)).await?;
                inspect(&browser, name, guise).await?;
            }
            // As a link on a page, which does not press the button by itself.
            browser.goto(at("/")).await?;
            let link = By::Css("[data-accounts] a[href$='role=ReadOnly']");
            browser.find(link).await?.click().await?;
            wait_for_url(&browser, |url| url.path() == "/go").await?;
            inspect(&browser, "go", guise).await?;
            browser.goto(at("/")).await?;
            let credentials = By::Css("[data-accounts] [formaction='/credentials']");
            browser.find(credentials).await?.click().await?;
            let page = at("/credentials");
            wait_for_url(&browser, |url| url.as_str() == page).await?;
            inspect(&browser, "credentials", guise).await?;
            browser.goto(at("/")).await?;
            for pick in browser.find_all(By::Css(".pick")).await?.iter().take(3) {
                // Out from behind the bar of what is chosen, as a person would scroll.
                pick.focus().await?;
                pick.click().await?;
            }
            inspect(&browser, "portal-picked", guise).await?;
            browser
                .find(By::Css("[formaction='/credentials/several']"))
                .await?
                .click()
                .await?;
            wait_for_url(&browser, |url| url.path() == "/credentials/several").await?;
            inspect(&browser, "several", guise).await?;
            sign_out(&browser).await?;
            inspect(&browser, "signed-out", guise).await?;
            for (person, name) in [
                ("alice", "one-role"),
                ("dave", "no-roles"),
                ("erin", "left-out"),
            ] {
                browser.goto(at("/login?idp=demo")).await?;
                choose(&browser, &portal, person).await?;
                if person == "erin" {
                    browser.goto(at("/me")).await?;
                }
                inspect(&browser, name, guise).await?;
                browser.goto(at("/")).await?;
                sign_out(&browser).await?;
            }
        }
        let refused = refused_by_policy(&browser).await?;
        assert!(refused.is_empty(), "{refused:#?}");
        // And it would have been noticed.
        let script = "const made = document.createElement('script'); \
            made.textContent = '1'; document.body.append(made);";
        browser.execute(script, vec![]).await?;
        assert!(!refused_by_policy(&browser).await?.is_empty());
        Ok(())
    };
    Chromium::shared().await.session("guises", test).await;
    server.abort();
}
