//! The pages in four guises, which cover both languages, both color schemes and three widths. In
//! each guise, axe-core must find no violation, nothing may overflow the window, and the content
//! security policy must not block anything. Two pages are also tested with personal display
//! settings, such as forced colors.

use rolecall::demo::Demo;
use serde_json::json;
use thirtyfour::prelude::*;
use url::Url;

use crate::look::{Guise, WIDE, dress, inspect};
use crate::support::partners::chromium::{
    Chromium, accessibility_violations, credentials_page, refused_by_policy, screenshot,
    wait_for_url,
};

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

/// Inspects the page `/go` for a role, and the pages that ask for a reason and for an MFA code.
async fn questions(browser: &WebDriver, portal: &Url, guise: Guise) -> WebDriverResult<()> {
    let link = By::Css("[data-accounts] a[href*='role=OnCall']");
    browser.find(link).await?.click().await?;
    wait_for_url(browser, |url| url.path() == "/go").await?;
    inspect(browser, "behind", guise).await?;
    for (role, name) in [("OnCall", "ask-reason"), ("BreakGlass", "ask-code")] {
        browser.goto(portal.as_str()).await?;
        let button = format!("[data-accounts] [formaction='/credentials'][value*='role/{role} ']");
        browser.find(By::Css(button)).await?.click().await?;
        wait_for_url(browser, |url| url.path() == "/credentials").await?;
        inspect(browser, name, guise).await?;
    }
    Ok(())
}

#[actix_web::test]
async fn every_page_works_in_every_language_scheme_and_size() {
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
                ("tools", "/tools"),
                ("not-found", "/nowhere"),
                ("not-yours", "/go?account=production&role=Nobody"),
            ] {
                browser.goto(at(path)).await?;
                inspect(&browser, name, guise).await?;
            }
            // Open `/go` through a link on the portal. If the URL were opened directly, the script
            // would submit the form for the console at once.
            browser.goto(at("/")).await?;
            let link = By::Css("[data-accounts] a[href$='role=ReadOnly']");
            browser.find(link).await?.click().await?;
            wait_for_url(&browser, |url| url.path() == "/go").await?;
            inspect(&browser, "go", guise).await?;
            browser.goto(at("/")).await?;
            let credentials = By::Css("[data-accounts] [formaction='/credentials']");
            browser.find(credentials).await?.click().await?;
            credentials_page(&browser).await?;
            inspect(&browser, "credentials", guise).await?;
            browser.goto(at("/")).await?;
            for pick in browser.find_all(By::Css(".pick")).await?.iter().take(3) {
                // Focusing the checkbox scrolls it out from behind the bar for the picked roles.
                pick.focus().await?;
                pick.click().await?;
            }
            inspect(&browser, "portal-picked", guise).await?;
            browser
                .find(By::Css(".several [formaction='/credentials/several']"))
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
                ("grace", "granted"),
            ] {
                browser.goto(at("/login?idp=demo")).await?;
                choose(&browser, &portal, person).await?;
                if person == "erin" {
                    browser.goto(at("/me")).await?;
                }
                inspect(&browser, name, guise).await?;
                if person == "grace" {
                    questions(&browser, &portal, guise).await?;
                }
                browser.goto(at("/")).await?;
                sign_out(&browser).await?;
            }
        }
        let refused = refused_by_policy(&browser).await?;
        assert!(refused.is_empty(), "{refused:#?}");
        // A forbidden script proves that the test notices a violation.
        let script = "const made = document.createElement('script'); \
            made.textContent = '1'; document.body.append(made);";
        browser.execute(script, vec![]).await?;
        assert!(!refused_by_policy(&browser).await?.is_empty());
        Ok(())
    };
    Chromium::shared().await.session("guises", test).await;
    server.abort();
}

/// The settings are forced colors, reduced motion, double size and print.
#[actix_web::test]
async fn personal_display_settings_are_respected() {
    let demo = Demo::build(0).expect("the demo starts");
    let portal = demo.public_url().clone();
    let server = actix_web::rt::spawn(demo.run_until_stopped());
    let test = |browser: WebDriver| async move {
        dress(&browser, ("en", "light", 1280)).await;
        browser.goto(portal.as_str()).await?;
        choose(&browser, &portal, "bob").await?;
        for page in ["portal", "credentials"] {
            dress(&browser, ("en", "light", 1280)).await;
            if page == "credentials" {
                let credentials = By::Css("[data-accounts] [formaction='/credentials']");
                browser.find(credentials).await?.click().await?;
                credentials_page(&browser).await?;
            } else {
                let switch = By::Css("[data-accounts] .switch input");
                browser.find(switch).await?.click().await?;
            }
            for wish in WISHES {
                wish.grant(&browser).await?;
                wish.look(&browser, page).await?;
            }
        }
        Ok(())
    };
    Chromium::shared().await.session("wishes", test).await;
    server.abort();
}

/// A personal setting: its name, the medium, a media feature, and the window's width and scale.
struct Wish {
    name: &'static str,
    medium: &'static str,
    feature: (&'static str, &'static str),
    window: (u32, u32),
}

const WISHES: [Wish; 4] = [
    Wish {
        name: "forced-colors",
        medium: "screen",
        feature: ("forced-colors", "active"),
        window: (1280, 1),
    },
    Wish {
        name: "still",
        medium: "screen",
        feature: ("prefers-reduced-motion", "reduce"),
        window: (1280, 1),
    },
    Wish {
        name: "zoomed",
        medium: "screen",
        feature: ("prefers-color-scheme", "light"),
        window: (640, 2),
    },
    Wish {
        name: "print",
        medium: "print",
        feature: ("prefers-color-scheme", "light"),
        window: (794, 1),
    },
];

/// The elements that are animated or have a transition.
const MOVING: &str = "return [...document.querySelectorAll('*')].filter((part) =>
    ['', '::before', '::after'].some((of) => {
        const style = getComputedStyle(part, of || null);
        return parseFloat(style.transitionDuration) > 0 || style.animationName !== 'none';
    })).map((part) => part.outerHTML.slice(0, 100))";

/// The controls and secrets that would be printed.
const ON_PAPER: &str =
    "return [...document.querySelectorAll('button, input, select, .formats, .code')]
    .filter((part) => part.checkVisibility()).map((part) => part.outerHTML.slice(0, 100))";

impl Wish {
    async fn grant(&self, browser: &WebDriver) -> WebDriverResult<()> {
        let (name, value) = self.feature;
        let (width, scale) = self.window;
        let features = [json!({ "name": name, "value": value })];
        let media = json!({ "media": self.medium, "features": features });
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": scale,
            "mobile": false });
        let tools = browser.cdp();
        tools.send_raw("Emulation.setEmulatedMedia", media).await?;
        tools
            .send_raw("Emulation.setDeviceMetricsOverride", size)
            .await?;
        Ok(())
    }

    async fn look(&self, browser: &WebDriver, page: &str) -> WebDriverResult<()> {
        let place = format!("{page}-{}", self.name);
        screenshot(browser, &place).await?;
        let wide: Vec<String> = browser.execute(WIDE, vec![]).await?.convert()?;
        assert!(wide.is_empty(), "{place}: {wide:#?}");
        let unwanted = match self.name {
            "still" => browser.execute(MOVING, vec![]).await?.convert()?,
            "print" => browser.execute(ON_PAPER, vec![]).await?.convert()?,
            _ => accessibility_violations(browser).await?,
        };
        assert!(unwanted.is_empty(), "{place}: {unwanted:#?}");
        Ok(())
    }
}
