//! Tests that pages show markup in untrusted strings as text. Untrusted strings come from the
//! configuration, an assertion or a URL.

use rolecall::demo::people::Person;
use rolecall::demo::role::Role;
use thirtyfour::prelude::*;

use crate::other_site::OtherSite;
use crate::support::app::{Options, TestApp};
use crate::support::partners::chromium::{Chromium, credentials_page, screenshot, wait_for_url};
use crate::support::saml::{ROLE, ROLE_SESSION_NAME};

/// Closes a quoted attribute, then opens an element that runs a script.
const EVIL: &str = r#""'><img src=x onerror=document.title="evil"><b>"#;

/// Whether [`EVIL`] took effect in any way.
const INJECTED: &str = "return document.title === 'evil' ||
    document.querySelector('b, img, iframe, [onerror], script:not([src])') !== null";

/// The pages that contain no untrusted strings in their main part.
const NOTHING_OF_IT: [&str; 2] = ["several", "signed-out"];

fn roles(acs_url: &str) -> Vec<Role> {
    let role = |name| Role::new("aws", "222222222222", name, "corp", acs_url);
    vec![role("reader"), role("writer")]
}

fn person(roles: &[&str]) -> Person {
    let value = |role: &&str| {
        let account = "arn:aws:iam::222222222222";
        format!("{account}:role/{role},{account}:saml-provider/corp")
    };
    let roles = roles.iter().map(value).chain([EVIL.to_owned()]);
    Person::new(EVIL, EVIL)
        .with_attribute(ROLE, roles)
        .with_attribute(ROLE_SESSION_NAME, ["alice"])
}

fn options() -> Options {
    let evil = serde_json::to_string(EVIL).expect("a string");
    let more = format!(
        "[portal]\nname = {evil}\ncontact = {evil}\nregions = [\"eu-central-1\"]\n\
         [[account]]\nid = \"222222222222\"\nname = {evil}\nenvironment = {evil}\n\
         [[destination]]\nname = {evil}\npath = \"/s3\"\n\
         [[session_policy]]\nid = \"one\"\nname = {evil}\non_each_role = true\n\
         policy_arns = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]\n\
         [[session_policy]]\nid = \"two\"\nname = {evil}\n\
         policy_arns = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]\n"
    );
    Options {
        more,
        roles: Some(roles),
        ..Options::default()
    }
}

/// Asserts that the page shows [`EVIL`] unchanged in each part that contains untrusted strings, and
/// that nothing was injected.
async fn look(browser: &WebDriver, name: &str) -> WebDriverResult<()> {
    let injected: bool = browser.execute(INJECTED, vec![]).await?.convert()?;
    assert!(!injected, "{name}: {}", browser.source().await?);
    // The title and header of every page contain the service's name. All other untrusted strings
    // are in the main part.
    for (part, is_there) in [
        ("title", true),
        ("header", true),
        ("main", !NOTHING_OF_IT.contains(&name)),
    ] {
        let text = format!("return document.querySelector('{part}').textContent");
        let text: String = browser.execute(text, vec![]).await?.convert()?;
        assert_eq!(text.contains(EVIL), is_there, "{name}, {part}: {text}");
    }
    if name == "twice" {
        let page = browser.find(By::Tag("main")).await?.text().await?;
        assert!(page.contains("<img src appears more than once"), "{page}");
    }
    screenshot(browser, &format!("markup-{name}")).await
}

async fn every_page(browser: &WebDriver, site: &OtherSite, app: &TestApp) -> WebDriverResult<()> {
    let at = async |path: &str| {
        let page = app.at(path);
        wait_for_url(browser, |url| url.as_str() == page).await
    };
    let press = async |css: &str| browser.find(By::Css(css)).await?.click().await;
    let quoted = "%22%27%3E%3Cimg%20src=x%20onerror=document.title=1%3E";
    site.sign_in(browser, app, &person(&["reader"])).await?;
    look(browser, "one-role").await?;
    site.sign_in(browser, app, &person(&["reader", "writer"]))
        .await?;
    look(browser, "portal").await?;
    // Favorites, picked roles and the filter make the script write strings into the page.
    press(".star").await?;
    press(".pick").await?;
    browser
        .find(By::Id("filter"))
        .await?
        .send_keys("img")
        .await?;
    look(browser, "portal-used").await?;
    press(".several [formaction='/credentials/several']").await?;
    at("/credentials/several").await?;
    look(browser, "several").await?;
    for (name, path) in [
        ("me", "/me".to_owned()),
        ("not-yours", format!("/go?account={quoted}&role={quoted}")),
        ("twice", format!("/go?{quoted}=1&{quoted}=2")),
        (
            "region",
            format!("/?region={quoted}&policy={quoted}&destination={quoted}"),
        ),
        ("nowhere", format!("/{quoted}?{quoted}")),
        (
            "unknown-idp",
            format!("/login?idp={quoted}&return_to={quoted}"),
        ),
    ] {
        browser.goto(app.at(&path)).await?;
        look(browser, name).await?;
    }
    browser.goto(app.at("/")).await?;
    press(".role-name").await?;
    wait_for_url(browser, |url| url.path() == "/go").await?;
    look(browser, "go").await?;
    press("[action='/credentials'] button").await?;
    credentials_page(browser).await?;
    look(browser, "credentials").await?;
    browser.goto(app.at("/")).await?;
    press("form[action='/logout'] button").await?;
    wait_for_url(browser, |url| url.query() == Some("signed-out=here")).await?;
    look(browser, "signed-out").await
}

#[actix_web::test]
async fn markup_in_values_is_shown_as_text() {
    let site = OtherSite::start();
    let app = site.broker(options());
    let test = |browser: WebDriver| async move {
        every_page(&browser, &site, &app).await?;
        site.stop().await;
        Ok(())
    };
    Chromium::shared().await.session("markup", test).await;
}
