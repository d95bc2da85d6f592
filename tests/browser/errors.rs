//! Opens the error pages in Chromium, in both languages, both color schemes and two window widths.
//! The identity provider is on a different site from the broker.

use chrono::TimeDelta;
use reqwest::StatusCode;
use rolecall::demo::idp::ResponseSpec;
use rolecall::demo::role::Role;
use thirtyfour::prelude::*;

use crate::look::{self, Guise};
use crate::other_site::{Fields, OtherSite};
use crate::support::app::{Options, TestApp, person};
use crate::support::partners::chromium::{Chromium, wait_for_url};
use crate::support::server::Port;
use crate::support::user_agent::UserAgent;

/// A group of guises for each language. Each group covers both color schemes and both widths.
const GUISES: [(Guise, Guise); 2] = [
    (("en", "light", 1280), ("en", "dark", 320)),
    (("de", "dark", 1280), ("de", "light", 320)),
];

/// A run through the error pages in one group of guises.
struct Run<'a> {
    browser: &'a WebDriver,
    site: &'a OtherSite,
    app: &'a TestApp,
    guises: (Guise, Guise),
}

impl Run<'_> {
    /// Asserts that the browser shows an error page with a contact, a request ID and exactly one
    /// primary button. Inspects the page in both guises.
    async fn look(&self, name: &str, contains: &str) -> WebDriverResult<()> {
        let (first, second) = self.guises;
        let page = self.browser.find(By::Tag("main")).await?.text().await?;
        assert!(page.contains(contains), "{name}: {contains}: {page}");
        assert!(page.contains("Cloud team"), "{name}: no contact: {page}");
        let id = By::Css(".reference code");
        assert!(!self.browser.find(id).await?.text().await?.is_empty());
        let buttons = self.browser.find_all(By::Css("main .primary")).await?;
        assert_eq!(buttons.len(), 1, "{name}: one button that helps: {page}");
        for guise in [first, second] {
            look::dress(self.browser, guise).await;
            look::inspect(self.browser, &format!("error-{name}"), guise).await?;
        }
        look::dress(self.browser, first).await;
        Ok(())
    }

    /// Tries a login with a response that `bend` has altered, and inspects the error page.
    async fn refused(
        &self,
        name: &str,
        contains: &str,
        bend: impl Fn(&mut ResponseSpec),
    ) -> WebDriverResult<()> {
        let path = "/login?idp=corp";
        let started = self.site.begin(self.browser, self.app, path).await?;
        let alice = person("alice");
        self.site
            .respond(self.browser, self.app, (&started, &alice), bend)
            .await?;
        self.look(name, contains).await
    }

    async fn goto(&self, path: &str) -> WebDriverResult<()> {
        self.browser.goto(self.app.at(path)).await
    }

    async fn press(&self, css: &str) -> WebDriverResult<()> {
        self.browser.find(By::Css(css)).await?.click().await
    }
}

fn text(german: bool, texts: [&'static str; 2]) -> &'static str {
    texts[usize::from(german)]
}

fn roles(acs_url: &str) -> Vec<Role> {
    let mut denied = Role::new("aws", "111111111111", "reader", "corp", acs_url);
    denied.trust.denies = true;
    vec![denied]
}

fn options() -> Options {
    Options {
        more: "[portal]\ncontact = \"Cloud team\"\ncontact_url = \"mailto:cloud@example.com\"\n"
            .to_owned(),
        roles: Some(roles),
        ..Options::default()
    }
}

async fn logins(run: &Run<'_>) -> WebDriverResult<()> {
    let t = |texts| text(run.guises.0.0 == "de", texts);
    run.refused(
        "expired",
        t(["not valid at this time", "derzeit nicht gültig"]),
        |spec| {
            let old = spec.issue_instant - TimeDelta::hours(1);
            let assertion = spec.assertion.as_mut().expect("an assertion");
            let conditions = assertion.conditions.as_mut().expect("conditions");
            conditions.not_on_or_after = Some(old);
        },
    )
    .await?;
    run.refused(
        "audience",
        t(["another service", "anderer Dienst"]),
        |spec| {
            let assertion = spec.assertion.as_mut().expect("an assertion");
            let conditions = assertion.conditions.as_mut().expect("conditions");
            conditions.audience_restrictions = vec![vec!["urn:other".to_owned()]];
        },
    )
    .await?;
    run.refused("recipient", "ACS", |spec| {
        spec.destination = Some("https://elsewhere.example.com/acs".to_owned());
    })
    .await?;
    run.refused("idp-said-no", "<b>Not</b> today", |spec| {
        spec.assertion = None;
        "urn:oasis:names:tc:SAML:2.0:status:Responder".clone_into(&mut spec.status.code);
        spec.status.message = Some("<b>Not</b> today".to_owned());
    })
    .await?;

    // Post a response twice, which leads to the portal, and then without its RelayState.
    let (browser, site, app) = (run.browser, run.site, run.app);
    let alice = person("alice");
    let started = site.begin(browser, app, "/login?idp=corp").await?;
    let mut fields = site
        .respond(browser, app, (&started, &alice), |_| ())
        .await?;
    site.post(browser, app, "/saml/acs", fields.clone()).await?;
    let portal = app.at("/");
    wait_for_url(browser, |url| url.as_str() == portal).await?;
    fields.retain(|(name, _)| name != "RelayState");
    site.post(browser, app, "/saml/acs", fields).await?;
    run.look("over", t(["already completed", "bereits abgeschlossen"]))
        .await?;

    // Post two responses that contain the same assertion ID, in a browser without a session.
    let used = std::cell::RefCell::new(String::new());
    for _ in 0..2 {
        browser.delete_all_cookies().await?;
        let started = site.begin(browser, app, "/login?idp=corp").await?;
        site.respond(browser, app, (&started, &alice), |spec| {
            let assertion = spec.assertion.as_mut().expect("an assertion");
            if used.borrow().is_empty() {
                assertion.id.clone_into(&mut used.borrow_mut());
            }
            used.borrow().clone_into(&mut assertion.id);
        })
        .await?;
    }
    run.look("replay", t(["already used", "bereits verwendet"]))
        .await?;

    // Post the response for a login that another browser began.
    let other = app.begin(&UserAgent::new()).await;
    site.respond(browser, app, (&other, &alice), |_| ()).await?;
    run.look("other-browser", t(["another browser", "anderen Browser"]))
        .await?;

    // Post a response that was changed after it was signed, and one that nobody requested.
    let started = site.begin(browser, app, "/login?idp=corp").await?;
    let fields = changed(app.form(&app.respond(&alice, &started), &started.relay_state));
    site.post(browser, app, "/saml/acs", fields).await?;
    run.look("signature", t(["is not signed", "signiert"]))
        .await?;
    let mut spec = app.respond(&alice, &started);
    spec.in_response_to = None;
    let confirmations = spec.assertion.as_mut().and_then(|one| one.subject.as_mut());
    for one in &mut confirmations.expect("a subject").confirmations {
        one.in_response_to = None;
    }
    site.post(browser, app, "/saml/acs", app.form(&spec, ""))
        .await?;
    run.look(
        "unsolicited",
        t(["was not started here", "nicht hier begonnen"]),
    )
    .await
}

/// The form, with `alice` replaced in the signed response.
fn changed(fields: Fields) -> Fields {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let change = |(name, value): (String, String)| {
        if name != "SAMLResponse" {
            return (name, value);
        }
        let xml = String::from_utf8(STANDARD.decode(value).expect("base64")).expect("UTF-8");
        (name, STANDARD.encode(xml.replace(">alice<", ">mallory<")))
    };
    fields.into_iter().map(change).collect()
}

async fn requests(run: &Run<'_>) -> WebDriverResult<()> {
    let t = |texts| text(run.guises.0.0 == "de", texts);
    let (browser, site, app) = (run.browser, run.site, run.app);
    browser.delete_all_cookies().await?;
    run.goto("/login?idp=nobody").await?;
    run.look(
        "unknown-idp",
        t(["No such identity", "Identitätsanbieter gibt es"]),
    )
    .await?;
    site.sign_in(browser, app, &person("alice")).await?;
    run.press("[formaction='/credentials']").await?;
    let page = app.at("/credentials");
    wait_for_url(browser, |url| url.as_str() == page).await?;
    run.look("denied", "SAML:aud").await?;
    // Someone who is signed in as the wrong person can sign out on this page.
    assert!(
        browser
            .find(By::Css("form[action='/logout']"))
            .await
            .is_ok()
    );
    run.goto("/go?account=1&account=2").await?;
    run.look(
        "bad-request",
        t(["account appears more than once", "account kommt mehrmals"]),
    )
    .await?;
    run.goto("/credentials").await?;
    run.look("method", t(["does not work here", "hier nicht möglich"]))
        .await?;
    run.goto("/nowhere").await?;
    run.look("not-found", t(["not found", "nicht gefunden"]))
        .await?;
    let fields = vec![("role_arn".to_owned(), "x".to_owned())];
    site.post(browser, app, "/credentials", fields).await?;
    run.look("cross-origin", t(["Another site", "Eine andere Website"]))
        .await
}

/// Checks the error pages of a broker that cannot reach STS, and of one that receives too many
/// requests.
async fn the_dead_and_the_flooded(
    browser: &WebDriver,
    site: &OtherSite,
    guises: (Guise, Guise),
) -> WebDriverResult<()> {
    let t = |texts| text(guises.0.0 == "de", texts);
    let nobody = Port::reserve();
    let dead = site.broker(Options {
        roles: None,
        aws: format!("sts_endpoint = \"http://127.0.0.1:{}\"\n", nobody.number()),
        ..options()
    });
    site.sign_in(browser, &dead, &person("alice")).await?;
    browser
        .find(By::Css("[formaction='/console']"))
        .await?
        .click()
        .await?;
    let page = dead.at("/console");
    wait_for_url(browser, |url| url.as_str() == page).await?;
    let run = Run {
        browser,
        site,
        app: &dead,
        guises,
    };
    run.look("unreachable", "STS").await?;

    let flooded = site.broker(Options {
        limits: "requests_per_minute = 1\n".to_owned(),
        ..options()
    });
    let run = Run {
        app: &flooded,
        ..run
    };
    let agent = UserAgent::new();
    while agent.get(flooded.at("/nowhere")).await.status != StatusCode::TOO_MANY_REQUESTS {}
    run.goto("/nowhere").await?;
    // Only the text is checked, because the rate limit applies to the style sheet and the script
    // too.
    let page = browser.find(By::Tag("main")).await?.text().await?;
    assert!(
        page.contains(t(["Too many requests", "Zu viele Anfragen"])),
        "{page}"
    );
    Ok(())
}

#[actix_web::test]
async fn errors_have_pages_that_help() {
    let site = OtherSite::start();
    let app = site.broker(options());
    let test = |browser: WebDriver| async move {
        for guises in GUISES {
            look::dress(&browser, guises.0).await;
            let run = Run {
                browser: &browser,
                site: &site,
                app: &app,
                guises,
            };
            logins(&run).await?;
            requests(&run).await?;
            the_dead_and_the_flooded(&browser, &site, guises).await?;
        }
        site.stop().await;
        Ok(())
    };
    Chromium::shared().await.session("errors", test).await;
}
