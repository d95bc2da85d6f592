//! Sign-in and sign-out with SimpleSAMLphp in Chromium. Messages are sent in forms, and a real
//! browser enforces the content security policy and the rules for cookies.

use thirtyfour::prelude::*;

use crate::support::app::{Options, TestApp};
use crate::support::key_pair::KeyPair;
use crate::support::partners::chromium::{
    Chromium, accessibility_violations, screenshot, wait_for_url,
};
use crate::support::partners::simplesamlphp::SimpleSamlPhp;
use crate::support::partners::{SpRegistration, User};
use crate::support::saml::{ROLE, ROLE_SESSION_NAME};

const READER: &str =
    "arn:aws:iam::123456789012:role/Reader,arn:aws:iam::123456789012:saml-provider/Corp";

/// An application with two IdPs. Its messages to SimpleSAMLphp are signed and sent with HTTP-POST.
/// It sends logout messages only if `single_logout` is set.
async fn application(user: &User, single_logout: bool) -> TestApp {
    let idp = SimpleSamlPhp::shared().await;
    let key = KeyPair::generate("rolecall");
    let metadata = idp.metadata_xml().await;
    let metadata = metadata.replace("bindings:HTTP-Redirect", "bindings:HTTP-POST");
    let app = TestApp::start_with(Options {
        metadata: Some(metadata),
        key: Some(key.clone()),
        idp: format!("single_logout = {single_logout}"),
        two_idps: true,
        ..Options::default()
    });
    let sp = app.relying_party();
    idp.add_user(user);
    idp.add_service_provider(&SpRegistration {
        request_certificate: Some(key.certificate_pem),
        single_logout: single_logout.then(|| (app.at("/saml/slo"), "HTTP-POST")),
        ..SpRegistration::new(&sp.entity_id, &sp.acs_url)
    });
    app
}

fn user(name: &str) -> User {
    User::new(name)
        .with(ROLE, [READER])
        .with(ROLE_SESSION_NAME, [name])
}

async fn text(browser: &WebDriver) -> WebDriverResult<String> {
    browser.find(By::Css("body")).await?.text().await
}

/// Chooses SimpleSAMLphp on the sign-in page, signs in there, and waits for the portal.
async fn sign_in(browser: &WebDriver, app: &TestApp, user: &User) -> WebDriverResult<()> {
    browser.goto(app.at("/")).await?;
    let violations = accessibility_violations(browser).await?;
    assert!(violations.is_empty(), "{violations:#?}");
    let idp = By::Css("a[href^='/login?idp=corp']");
    browser.find(idp).await?.click().await?;
    wait_for_url(browser, |url| url.host_str() == Some("127.0.0.1")).await?;
    let field = |name| By::Css(format!("input[name={name}]"));
    let name = browser.find(field("username")).await?;
    name.send_keys(&user.name).await?;
    let password = browser.find(field("password")).await?;
    password
        .send_keys(format!("{}\n", user.password.as_str()))
        .await?;
    let portal = app.at("/");
    wait_for_url(browser, |url| url.as_str() == portal).await?;
    assert!(text(browser).await?.contains("Reader"));
    Ok(())
}

async fn sign_out(browser: &WebDriver) -> WebDriverResult<()> {
    let button = By::Css("form[action='/logout'] button");
    browser.find(button).await?.click().await
}

#[actix_web::test]
async fn requests_and_logout_messages_in_forms() {
    let user = user("browser-post");
    let app = application(&user, true).await;
    let test = |browser: WebDriver| async move {
        sign_in(&browser, &app, &user).await?;
        assert_eq!(app.last_audit()["event"], "login_accepted");
        sign_out(&browser).await?;
        // The browser goes to the IdP and returns.
        let back = app.at("/?signed-out=everywhere");
        wait_for_url(&browser, |url| url.as_str() == back).await?;
        let page = text(&browser).await?;
        assert!(page.contains("and at your identity provider."), "{page}");
        screenshot(&browser, "signed-out-at-the-idp-too").await?;
        // The IdP asks for the password again, because its session has ended.
        browser.goto(app.at("/login?idp=corp")).await?;
        wait_for_url(&browser, |url| url.host_str() == Some("127.0.0.1")).await?;
        browser.find(By::Css("input[name=password]")).await?;
        Ok(())
    };
    let chromium = Chromium::shared().await;
    chromium.session("simplesamlphp-post", test).await;
}

#[actix_web::test]
async fn an_idp_without_single_logout() {
    let user = user("browser-no-slo");
    let app = application(&user, false).await;
    let test = |browser: WebDriver| async move {
        sign_in(&browser, &app, &user).await?;
        sign_out(&browser).await?;
        let back = app.at("/?signed-out=here");
        wait_for_url(&browser, |url| url.as_str() == back).await?;
        let page = text(&browser).await?;
        assert!(page.contains("may still be signed in at"), "{page}");
        screenshot(&browser, "signed-out-here-only").await?;
        let violations = accessibility_violations(&browser).await?;
        assert!(violations.is_empty(), "{violations:#?}");
        Ok(())
    };
    let chromium = Chromium::shared().await;
    chromium.session("simplesamlphp-no-slo", test).await;
}
