//! The guises in which pages are tested (language, color scheme, width), and the checks in each
//! guise.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::support::partners::chromium::{accessibility_violations, screenshot};

/// Language, color scheme, width in pixels.
pub type Guise = (&'static str, &'static str, u32);

/// Puts the browser into a guise. The language applies only to pages that are loaded afterwards.
pub async fn dress(browser: &WebDriver, (language, scheme, width): Guise) {
    let tools = browser.cdp();
    let run = |command: &'static str, parameters: Value| {
        let tools = &tools;
        async move {
            tools
                .send_raw(command, parameters)
                .await
                .unwrap_or_else(|error| panic!("{command}: {error}"));
        }
    };
    let media =
        json!({ "media": "", "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
    run("Emulation.setEmulatedMedia", media).await;
    let headers = json!({ "headers": { "Accept-Language": language } });
    run("Network.enable", json!({})).await;
    run("Network.setExtraHTTPHeaders", headers).await;
    let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
    run("Emulation.setDeviceMetricsOverride", size).await;
}

/// Finds the elements that extend beyond the right edge of the window, except those with an
/// absolute position.
pub const WIDE: &str = "return [...document.querySelectorAll('body *')]
    .filter((part) => part.getBoundingClientRect().right > innerWidth + 1
        && getComputedStyle(part).position !== 'absolute')
    .map((part) => part.outerHTML.slice(0, 100))";

/// Takes a screenshot, and asserts that the page is in the guise's language, that axe-core finds no
/// violation and that [`WIDE`] finds no element.
pub async fn inspect(browser: &WebDriver, name: &str, guise: Guise) -> WebDriverResult<()> {
    let (language, scheme, width) = guise;
    let place = format!("{name}-{language}-{scheme}-{width}");
    screenshot(browser, &place).await?;
    let lang: String = browser
        .execute("return document.documentElement.lang", vec![])
        .await?
        .convert()?;
    assert_eq!(lang, language, "{place}");
    let violations = accessibility_violations(browser).await?;
    assert!(violations.is_empty(), "{place}: {violations:#?}");
    let wide: Vec<String> = browser.execute(WIDE, vec![]).await?.convert()?;
    assert!(wide.is_empty(), "{place}: {wide:#?}");
    Ok(())
}
