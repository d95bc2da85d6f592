//! Tests of the browser setup itself: a real IdP posts to the service provider from a different
//! site, as in production, and the accessibility check finds violations.

use actix_web::dev::ServerHandle;
use actix_web::{HttpRequest, HttpResponse, web};
use thirtyfour::prelude::*;

use crate::other_site::serve;
use crate::support::partners::chromium::{
    Chromium, accessibility_violations, screenshot, screenshot_file, wait_for_url,
};
use crate::support::partners::simplesamlphp::SimpleSamlPhp;
use crate::support::partners::{SpRegistration, User};

/// The service provider's ACS. It shows the names of the form fields, the cookie that was sent, and
/// `Sec-Fetch-Site`.
async fn show(request: HttpRequest, form: web::Form<Vec<(String, String)>>) -> HttpResponse {
    let header = |name| {
        request
            .headers()
            .get(name)
            .map_or("none", |value| value.to_str().unwrap())
    };
    let names: Vec<&str> = form.iter().map(|(name, _)| name.as_str()).collect();
    let page = format!(
        "<p id=site>{}</p><p id=cookie>{}</p><p id=fields>{}</p>",
        header("sec-fetch-site"),
        header("cookie"),
        names.join(" ")
    );
    HttpResponse::Ok().content_type("text/html").body(page)
}

async fn give_cookie() -> HttpResponse {
    let cookie = "lax=1; Path=/; HttpOnly; SameSite=Lax";
    HttpResponse::Ok()
        .insert_header(("set-cookie", cookie))
        .body("a cookie")
}

fn start_service_provider() -> (String, ServerHandle) {
    let (port, handle) = serve(|config| {
        config
            .route("/", web::get().to(give_cookie))
            .route("/saml/acs", web::post().to(show));
    });
    // The IdP is at 127.0.0.1. For browsers, that is a different site from `localhost`.
    (format!("http://localhost:{port}"), handle)
}

#[tokio::test]
async fn an_idp_posts_from_another_site() {
    let idp = SimpleSamlPhp::shared().await;
    let (base, service_provider) = start_service_provider();
    let user = User::new("in-a-browser");
    let sp = SpRegistration::new("https://browser.example.com", &format!("{base}/saml/acs"));
    idp.add_user(&user);
    idp.add_service_provider(&sp);

    let test = |browser: WebDriver| async move {
        browser.goto(&base).await?;
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
        wait_for_url(&browser, |url| url.as_str() == sp.acs_url).await?;

        assert_eq!(
            browser.find(By::Id("site")).await?.text().await?,
            "cross-site"
        );
        assert_eq!(browser.find(By::Id("cookie")).await?.text().await?, "none");
        let fields = browser.find(By::Id("fields")).await?.text().await?;
        assert!(fields.contains("SAMLResponse"), "{fields}");
        Ok(())
    };
    Chromium::shared().await.session("idp-sign-in", test).await;
    service_provider.stop(false).await;

    let picture = std::fs::read(screenshot_file("idp-sign-in")).expect("the screenshot was kept");
    assert!(picture.starts_with(b"\x89PNG"));
}

#[tokio::test]
async fn the_accessibility_check_sees_what_is_wrong() {
    let page = |body: &str| {
        let html = format!("<html lang=en><title>A page</title><main><h1>A page</h1>{body}</main>");
        format!("data:text/html,{}", urlencoded(&html))
    };
    let good = page("<p>Nothing is wrong here.</p>");
    let bad = page("<p style='color:#bbb;background:#fff'>Pale.</p><input name=unlabelled>");
    let test = |browser: WebDriver| async move {
        browser.goto(good).await?;
        assert_eq!(accessibility_violations(&browser).await?, [""; 0]);
        browser.goto(bad).await?;
        let violations = accessibility_violations(&browser).await?;
        for rule in ["color-contrast", "label"] {
            assert!(
                violations.iter().any(|line| line.starts_with(rule)),
                "{violations:?}"
            );
        }
        Ok(())
    };
    Chromium::shared()
        .await
        .session("accessibility-check", test)
        .await;
}

fn urlencoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
