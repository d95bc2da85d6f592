//! The browser starts, shows what a server says, and leaves a picture of it.

use crate::support::partners::SpRegistration;
use crate::support::partners::User;
use crate::support::partners::chromium::{Chromium, screenshot, screenshot_file};
use crate::support::partners::simplesamlphp::SimpleSamlPhp;
use thirtyfour::prelude::*;

#[tokio::test]
async fn signs_in_at_an_idp() {
    let idp = SimpleSamlPhp::shared().await;
    let user = User::new("in-a-browser");
    // Nobody listens on the discard port: what is posted there goes nowhere.
    let sp = SpRegistration::new("https://browser.example.com", "http://localhost:9/saml/acs");
    idp.add_user(&user);
    idp.add_service_provider(&sp);

    Chromium::shared()
        .await
        .session("idp-sign-in", |browser| async move {
            browser
                .goto(idp.idp_initiated_url(&sp.entity_id, "").as_str())
                .await?;
            browser
                .find(By::Name("username"))
                .await?
                .send_keys(&user.name)
                .await?;
            browser
                .find(By::Name("password"))
                .await?
                .send_keys(&user.password)
                .await?;
            screenshot(&browser, "idp-sign-in").await?;
            browser
                .find(By::Css("button[type=submit], input[type=submit]"))
                .await?
                .click()
                .await?;
            let landed = browser.current_url().await?;
            assert_eq!(landed.as_str(), sp.acs_url, "{}", browser.source().await?);
            Ok(())
        })
        .await;

    let picture = std::fs::read(screenshot_file("idp-sign-in")).expect("the screenshot was kept");
    assert!(picture.starts_with(b"\x89PNG"));
}
