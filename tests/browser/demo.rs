//! Tests of the demo in Chromium: signing in, getting credentials, opening the console and signing
//! out. The IdP is on a different site from the broker.

mod choices;
mod grants;

use chrono::TimeDelta;
use rolecall::clock::Clock;
use rolecall::demo::Demo;
use rolecall::saml::response::decode;
use thirtyfour::prelude::*;
use url::Url;

use crate::support::partners::chromium::{
    Chromium, accessibility_violations, credentials_page, posted, screenshot, wait_for_text,
    wait_for_url,
};
use crate::support::second_opinion;

/// Runs `test` with a running demo and a new browser. Then checks that samael reads every posted
/// response as rolecall does.
async fn with_demo<F: Future<Output = WebDriverResult<()>>>(
    name: &str,
    test: impl FnOnce(WebDriver, Running) -> F,
) {
    let demo = Demo::build(0).expect("the demo starts");
    let running = Running {
        portal: demo.public_url().clone(),
        idp_initiated: demo.parts().unsolicited_url(),
        clock: demo.clock().clone(),
    };
    let acs = running.portal.join("/saml/acs").expect("a URL");
    let certificates = [demo.parts().idp().key().certificate_der().to_vec()];
    let server = actix_web::rt::spawn(demo.run_until_stopped());
    let test = |browser: WebDriver| async move {
        test(browser.clone(), running).await?;
        let posted = posted(&browser, &acs).await?;
        assert!(!posted.is_empty(), "nobody signed in");
        for form in posted {
            let form: Vec<(String, String)> = serde_urlencoded::from_str(&form).expect("a form");
            let response = form.iter().find(|(name, _)| name == "SAMLResponse");
            let (_, response) = response.expect("a SAMLResponse field");
            second_opinion::assert_agrees(&decode(response).expect("base64"), &certificates);
        }
        Ok(())
    };
    Chromium::shared().await.session(name, test).await;
    server.abort();
}

struct Running {
    portal: Url,
    idp_initiated: Url,
    clock: Clock,
}

impl Running {
    async fn sign_in(&self, browser: &WebDriver, person: &str) -> WebDriverResult<()> {
        browser.goto(self.portal.as_str()).await?;
        self.choose(browser, person).await
    }

    /// Chooses a person at the embedded IdP, and waits for the portal.
    async fn choose(&self, browser: &WebDriver, person: &str) -> WebDriverResult<()> {
        wait_for_url(browser, |url| url.host_str() == Some("127.0.0.1")).await?;
        browser
            .find(By::Css(format!("button[name=person][value={person}]")))
            .await?
            .click()
            .await?;
        wait_for_url(browser, |url| *url == self.portal).await
    }

    async fn at(&self, browser: &WebDriver, path: &str) -> WebDriverResult<()> {
        if path == "/credentials" {
            return credentials_page(browser).await;
        }
        wait_for_url(browser, |url| {
            url.origin() == self.portal.origin() && url.path() == path
        })
        .await
    }
}

async fn text(browser: &WebDriver, css: &str) -> WebDriverResult<String> {
    browser.find(By::Css(css)).await?.text().await
}

/// Presses a role's button for `action` in the list of roles.
async fn press(browser: &WebDriver, action: &str, role: &str) -> WebDriverResult<()> {
    let button = format!("[data-accounts] [formaction='{action}'][value^='{role} ']");
    browser.find(By::Css(button)).await?.click().await
}

async fn assert_accessible(browser: &WebDriver) -> WebDriverResult<()> {
    let violations = accessibility_violations(browser).await?;
    assert!(
        violations.is_empty(),
        "{}: {violations:#?}",
        browser.current_url().await?
    );
    Ok(())
}

const READ_ONLY: &str = "arn:aws:iam::111111111111:role/ReadOnly";

/// Keeps messages on the page. Otherwise they disappear after a few seconds, perhaps before a slow
/// test reads them.
const SAID_STAYS: &str = "window.setTimeout = () => 0;";

#[actix_web::test]
async fn from_the_sign_in_to_credentials() {
    with_demo("credentials", |browser, demo| async move {
        browser.goto(demo.portal.as_str()).await?;
        wait_for_url(&browser, |url| url.path() == "/idp/sso").await?;
        screenshot(&browser, "demo-idp").await?;
        demo.choose(&browser, "bob").await?;
        assert!(text(&browser, "body").await?.contains("bob@example.com"));
        screenshot(&browser, "portal").await?;
        assert_accessible(&browser).await?;

        press(&browser, "/credentials", READ_ONLY).await?;
        demo.at(&browser, "/credentials").await?;
        screenshot(&browser, "credentials").await?;
        assert_accessible(&browser).await?;
        let secret = browser.find(By::Css("#panel-bash [data-secret]")).await?;
        let token = secret.prop("textContent").await?.unwrap_or_default();
        let token = token
            .split("AWS_SESSION_TOKEN='")
            .nth(1)
            .and_then(|rest| rest.split('\'').next());
        let token = token.expect("a session token in the page").to_owned();
        assert!(token.len() > 100, "not a session token: {token}");
        assert!(
            !text(&browser, "body").await?.contains(&token),
            "the token is visible before it is revealed"
        );
        assert!(
            !secret.is_displayed().await?,
            "the secret is visible before it is revealed"
        );
        browser
            .find(By::Css("#panel-bash [data-reveal], #panel-bash summary"))
            .await?
            .click()
            .await?;
        assert!(secret.is_displayed().await?);
        assert!(text(&browser, "body").await?.contains(&token));
        let shown = secret.text().await?;
        let button = By::Css("#panel-bash [data-reveal]");
        assert!(
            browser
                .find(button)
                .await?
                .text()
                .await?
                .starts_with("Hide")
        );
        assert!(
            shown.contains("export AWS_ACCESS_KEY_ID=") && shown.contains("ASIA"),
            "not credentials"
        );
        screenshot(&browser, "credentials-shown").await?;
        Ok(())
    })
    .await;
}

/// People can change the name of the profile in the credentials file. After they leave the page and
/// go back, the browser shows no secrets.
#[actix_web::test]
async fn a_profile_in_a_file() {
    with_demo("profile", |browser, demo| async move {
        demo.sign_in(&browser, "bob").await?;
        press(&browser, "/credentials", READ_ONLY).await?;
        demo.at(&browser, "/credentials").await?;
        browser
            .find(By::Id("tab-credentials-file"))
            .await?
            .click()
            .await?;
        let profile = browser.find(By::Id("profile")).await?;
        let value = profile.prop("value").await?;
        assert_eq!(value.as_deref(), Some("production-ReadOnly"));
        profile.clear().await?;
        profile.send_keys("my-prod").await?;
        screenshot(&browser, "credentials-profile").await?;
        assert_accessible(&browser).await?;
        // Intercept the file before the browser saves it.
        let catch = "window.saved = ''; URL.createObjectURL = (blob) => { \
            blob.text().then((text) => { window.saved = text; }); return '#'; };";
        browser.execute(catch, vec![]).await?;
        let save = By::Css("#panel-credentials-file [data-save='credentials']");
        browser.find(save).await?.click().await?;
        let saved = wait_for_text(&browser, "window.saved", |text| !text.is_empty()).await?;
        assert!(
            saved.starts_with("[my-prod]\naws_access_key_id = ASIA"),
            "{}",
            &saved[..40]
        );
        // An invalid profile name disables copying and saving, and the page shows why.
        let copy = By::Css("#panel-credentials-file [data-copy-format]");
        let copy = browser.find(copy).await?;
        let wrong = browser.find(By::Css("[data-wrong]")).await?;
        profile.send_keys("]").await?;
        assert!(wrong.is_displayed().await? && !copy.is_enabled().await?);
        screenshot(&browser, "credentials-profile-wrong").await?;
        assert_accessible(&browser).await?;
        profile.send_keys("\u{e003}2").await?;
        assert!(!wrong.is_displayed().await? && copy.is_enabled().await?);
        let code = browser
            .find(By::Css("#panel-credentials-file [data-masked]"))
            .await?;
        assert!(code.text().await?.starts_with("[my-prod2]"));

        // Going back must not make the browser ask whether to resend the form. The browser shows
        // either the credentials page, which it may have kept without the secrets, or the role's
        // page at `/go`. Both offer new credentials.
        browser.goto(demo.portal.as_str()).await?;
        browser.back().await?;
        wait_for_url(&browser, |url| url.path() == "/go").await?;
        let page = text(&browser, "main").await?;
        assert!(page.contains("ReadOnly") && page.contains("Get "), "{page}");
        let kept = "return [...document.querySelectorAll('[data-secret], [data-masked]')]
            .map((part) => part.textContent).join('')";
        let kept: String = browser.execute(kept, vec![]).await?.convert()?;
        assert_eq!(kept, "");
        Ok(())
    })
    .await;
}

/// Presses Tab until the focused element matches `css`.
async fn tab_to(browser: &WebDriver, css: &str) -> WebDriverResult<WebElement> {
    for _ in 0..60 {
        let focused = browser.active_element().await?;
        let fits = format!("return arguments[0].matches({css:?})");
        let fits = browser.execute(fits, vec![focused.to_json()?]).await?;
        if fits.convert::<bool>()? {
            return Ok(focused);
        }
        focused.send_keys(TAB).await?;
    }
    panic!("the focus never reaches {css}");
}

/// Signs in, gets credentials, opens the console and signs out, all without a mouse.
#[actix_web::test]
async fn the_whole_flow_works_by_keyboard() {
    with_demo("keyboard", |browser, demo| async move {
        browser.goto(demo.portal.as_str()).await?;
        wait_for_url(&browser, |url| url.path() == "/idp/sso").await?;
        let person = tab_to(&browser, "button[name=person][value=bob]").await?;
        person.send_keys(ENTER).await?;
        demo.at(&browser, "/").await?;
        // Initially, the filter has the focus.
        let focused = browser.active_element().await?;
        assert_eq!(focused.attr("id").await?.as_deref(), Some("filter"));
        focused.send_keys("production read").await?;
        // Flip the switch of the role that matches the filter, and get the role's credentials.
        let switch = tab_to(&browser, ".switch input").await?;
        switch.send_keys(" ").await?;
        let credentials = tab_to(&browser, "[formaction='/credentials']").await?;
        credentials.send_keys(ENTER).await?;
        demo.at(&browser, "/credentials").await?;
        assert_eq!(policies(&browser).await?, ["ReadOnlyAccess"]);
        let tab = tab_to(&browser, "[role=tab][aria-selected=true]").await?;
        tab.send_keys(DOWN).await?;
        let tab = browser.active_element().await?;
        assert_eq!(tab.text().await?, "fish");
        let copy = tab_to(&browser, "[data-copy-format]").await?;
        browser.execute(SAID_STAYS, vec![]).await?;
        copy.send_keys(ENTER).await?;
        let said = "[data-announce]:not(:empty)";
        browser.query(By::Css(said)).first().await?;
        let back = browser.find(By::Css(".back a")).await?;
        back.focus().await?;
        back.send_keys(ENTER).await?;
        demo.at(&browser, "/").await?;
        let filter = browser.active_element().await?;
        filter.send_keys("china dev").await?;
        browser.active_element().await?.send_keys(ENTER).await?;
        wait_for_url(&browser, |url| url.path().starts_with("/console")).await?;
        let page = text(&browser, "main").await?;
        assert!(page.contains("444444444444"), "{page}");
        browser.goto(format!("{}me", demo.portal)).await?;
        let sign_out = tab_to(&browser, "form[action='/logout'] button").await;
        sign_out?.send_keys(ENTER).await?;
        wait_for_url(&browser, |url| url.query() == Some("signed-out=here")).await
    })
    .await;
}

#[actix_web::test]
async fn the_whole_flow_works_without_javascript() {
    with_demo("without-script", |browser, demo| async move {
        let off = serde_json::json!({ "value": true });
        let tools = browser.cdp();
        tools
            .send_raw("Emulation.setScriptExecutionDisabled", off)
            .await?;
        browser.goto(demo.portal.as_str()).await?;
        let person = By::Css("button[name=person][value=bob]");
        browser.find(person).await?.click().await?;
        // Without the script, nothing submits the form on the identity provider's page. Press the
        // form's button instead.
        let go_on = By::Css("form:has(input[name=SAMLResponse]) button");
        browser.query(go_on).first().await?.click().await?;
        demo.at(&browser, "/").await?;
        let page = text(&browser, "main").await?;
        assert!(page.contains("18 roles in 6 accounts"), "{page}");
        // Parts that need the script are hidden without it.
        for css in [".filter", ".tool", "[data-pick-none]"] {
            for part in browser.find_all(By::Css(css)).await? {
                assert!(!part.is_displayed().await?, "{css}");
            }
        }
        screenshot(&browser, "portal-without-script").await?;

        switch(&browser, READ_ONLY).await?;
        press(&browser, "/credentials", READ_ONLY).await?;
        demo.at(&browser, "/credentials").await?;
        let page = text(&browser, "main").await?;
        assert!(page.contains("ReadOnlyAccess"), "{page}");
        assert!(page.contains("********"), "{page}");
        let fold = By::Css("#format-bash .show summary");
        browser.find(fold).await?.click().await?;
        let shown = By::Css("#format-bash [data-secret]");
        let shown = browser.find(shown).await?.text().await?;
        assert!(
            shown.contains("export AWS_SESSION_TOKEN="),
            "no credentials"
        );
        screenshot(&browser, "credentials-without-script").await?;

        browser.find(By::Css(".back a")).await?.click().await?;
        demo.at(&browser, "/").await?;
        press(&browser, "/console", READ_ONLY).await?;
        wait_for_url(&browser, |url| url.path().starts_with("/console")).await?;
        let page = text(&browser, "main").await?;
        assert!(
            page.contains("you would now be in the AWS console"),
            "{page}"
        );
        browser.goto(demo.portal.as_str()).await?;
        let sign_out = By::Css("form[action='/logout'] button");
        browser.find(sign_out).await?.click().await?;
        wait_for_url(&browser, |url| url.query() == Some("signed-out=here")).await?;
        let page = text(&browser, "main").await?;
        assert!(page.contains("You are signed out here."), "{page}");
        Ok(())
    })
    .await;
}

/// Flips a role's read-only switch in the list of roles.
async fn switch(browser: &WebDriver, role: &str) -> WebDriverResult<()> {
    let input = format!("[data-accounts] .switch input[value*=' {role} ']");
    browser.find(By::Css(input)).await?.click().await
}

/// The AWS policies that limit the credentials, according to the page. Only two are recognized.
async fn policies(browser: &WebDriver) -> WebDriverResult<Vec<&'static str>> {
    let page = text(browser, "main").await?;
    let policies = ["ReadOnlyAccess", "job-function/Billing"];
    Ok(policies
        .into_iter()
        .filter(|policy| page.contains(policy))
        .collect())
}

// WebDriver's codes for these keys (W3C WebDriver, 17.4.2).
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const DOWN: &str = "\u{e015}";

#[actix_web::test]
async fn from_the_sign_in_to_the_console() {
    with_demo("console", |browser, demo| async move {
        demo.sign_in(&browser, "bob").await?;
        press(
            &browser,
            "/console",
            "arn:aws-cn:iam::444444444444:role/Developer",
        )
        .await?;
        wait_for_url(&browser, |url| url.path().starts_with("/console")).await?;
        let page = text(&browser, "main").await?;
        for shown in [
            "444444444444",
            "Developer",
            "bob@example.com",
            "CostCenter",
            "4711",
        ] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        screenshot(&browser, "console").await?;
        assert_accessible(&browser).await
    })
    .await;
}

#[actix_web::test]
async fn a_stale_assertion_is_renewed_without_a_click() {
    with_demo("stale", |browser, demo| async move {
        demo.sign_in(&browser, "alice").await?;
        demo.clock.advance(TimeDelta::minutes(6));
        press(&browser, "/credentials", READ_ONLY).await?;
        // The IdP recognizes Alice, and sends the browser back.
        demo.at(&browser, "/credentials").await?;
        assert!(text(&browser, "h1").await?.contains("ReadOnly"));
        demo.clock.advance(TimeDelta::minutes(6));
        browser.goto(demo.portal.as_str()).await?;
        press(&browser, "/console", READ_ONLY).await?;
        wait_for_url(&browser, |url| url.path().starts_with("/console")).await?;
        assert!(text(&browser, "main").await?.contains("111111111111"));
        Ok(())
    })
    .await;
}

#[actix_web::test]
async fn a_login_that_the_idp_starts() {
    with_demo("idp-initiated", |browser, demo| async move {
        browser.goto(demo.idp_initiated.as_str()).await?;
        demo.choose(&browser, "alice").await?;
        // A page asks for confirmation before another person's login replaces Alice's session.
        browser.goto(demo.idp_initiated.as_str()).await?;
        browser
            .find(By::Css("button[name=person][value=carol]"))
            .await?
            .click()
            .await?;
        demo.at(&browser, "/login/finish").await?;
        let question = text(&browser, "main").await?;
        assert!(
            question.contains("alice@example.com") && question.contains("carol@example.com"),
            "{question}"
        );
        screenshot(&browser, "switch").await?;
        assert_accessible(&browser).await?;
        browser
            .find(By::Css("form[action='/login/replace'] button"))
            .await?
            .click()
            .await?;
        demo.at(&browser, "/").await?;
        assert!(text(&browser, "body").await?.contains("carol@example.com"));
        screenshot(&browser, "portal-200-roles").await?;
        assert_accessible(&browser).await
    })
    .await;
}

#[actix_web::test]
async fn a_person_without_roles_can_sign_out() {
    with_demo("no-roles", |browser, demo| async move {
        demo.sign_in(&browser, "dave").await?;
        screenshot(&browser, "no-roles").await?;
        assert_accessible(&browser).await?;
        browser
            .find(By::Css("form[action='/logout'] button"))
            .await?
            .click()
            .await?;
        wait_for_url(&browser, |url| url.query() == Some("signed-out=here")).await?;
        screenshot(&browser, "signed-out").await?;
        assert_accessible(&browser).await?;
        browser
            .find(By::Css("a[href^='/login?idp=']"))
            .await?
            .click()
            .await?;
        demo.choose(&browser, "frank").await?;
        press(
            &browser,
            "/credentials",
            "arn:aws:iam::111111111111:role/Vault",
        )
        .await?;
        wait_for_url(&browser, |url| url.path() == "/credentials").await?;
        screenshot(&browser, "denied").await?;
        assert!(text(&browser, "main").await?.contains("SAML:aud"));
        assert_accessible(&browser).await
    })
    .await;
}
