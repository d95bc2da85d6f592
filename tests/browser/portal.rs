//! The portal in Chromium: the filter, the keyboard, favorites, a single role, many roles, layout
//! shifts and branding.

use rolecall::demo::people::Person;
use thirtyfour::prelude::*;

use crate::support::app::{Options, TestApp};
use crate::support::partners::chromium::{
    Chromium, accessibility_violations, screenshot, wait_for_text, wait_for_url,
};
use crate::support::saml::{ROLE, ROLE_SESSION_NAME};
use crate::support::user_agent::UserAgent;

/// A person with these roles in each of `accounts` accounts.
fn person(accounts: usize, roles: &[&str]) -> Person {
    let values = (0..accounts).flat_map(|account| {
        let id = format!("{:012}", 100_000_000_001 + account);
        roles.iter().map(move |role| {
            format!("arn:aws:iam::{id}:role/{role},arn:aws:iam::{id}:saml-provider/c")
        })
    });
    Person::new("alice", "Alice")
        .with_attribute(ROLE, values)
        .with_attribute(ROLE_SESSION_NAME, ["alice"])
}

/// Runs `test` in a browser where `person` is signed in.
async fn signed_in<F: Future<Output = WebDriverResult<()>>>(
    name: &str,
    person: &Person,
    test: impl FnOnce(WebDriver, TestApp) -> F,
) {
    signed_in_at(name, person, Options::default(), test).await;
}

/// Like [`signed_in`], but starts the application with these options.
async fn signed_in_at<F: Future<Output = WebDriverResult<()>>>(
    name: &str,
    person: &Person,
    options: Options,
    test: impl FnOnce(WebDriver, TestApp) -> F,
) {
    let accounts = "[[account]]\nid = \"100000000001\"\nname = \"Harbour\"\n\
        environment = \"production\"\ncolor = \"red\"\n\
        [[account]]\nid = \"100000000002\"\nname = \"Lighthouse\"\n";
    let app = TestApp::start_with(Options {
        more: format!("{}\n{accounts}", options.more),
        ..options
    });
    let agent = UserAgent::new();
    let started = app.begin(&agent).await;
    let form = app.form(&app.respond(person, &started), &started.relay_state);
    let arrival = agent.post_form(app.at("/saml/acs"), &form).await;
    let page = agent.get(arrival.redirect().expect("a redirect")).await;
    app.assert_agreed(&form);
    let mut cookies = page.headers.get_all("set-cookie").iter();
    let session = cookies.find_map(|cookie| {
        let pair = cookie.to_str().ok()?.split(';').next()?;
        pair.strip_prefix("rolecall=").map(str::to_owned)
    });
    let session = session.expect("a session cookie");
    let test = |browser: WebDriver| async move {
        browser.goto(app.at("/no-such-page")).await?;
        browser.add_cookie(Cookie::new("rolecall", session)).await?;
        browser.goto(app.at("/")).await?;
        test(browser, app).await
    };
    Chromium::shared().await.session(name, test).await;
}

async fn text_of(browser: &WebDriver, script: &str) -> WebDriverResult<String> {
    browser
        .execute(format!("return String({script})"), vec![])
        .await?
        .convert()
}

/// How far the page is scrolled down, in pixels.
async fn scrolled(browser: &WebDriver) -> WebDriverResult<f64> {
    let down = browser.execute("return scrollY", vec![]).await?;
    down.convert()
}

async fn type_into_filter(browser: &WebDriver, keys: &str) -> WebDriverResult<()> {
    let filter = browser.find(By::Id("filter")).await?;
    filter.send_keys(keys).await
}

// WebDriver's codes for these keys (W3C WebDriver, 17.4.2).
const ESCAPE: &str = "\u{e00c}";
const ENTER: &str = "\u{e007}";
const SHIFT_ENTER: &str = "\u{e008}\u{e007}";
const DOWN: &str = "\u{e015}";
const UP: &str = "\u{e013}";

/// The roles shown in the list, with their accounts.
const SHOWN: &str = "[...document.querySelectorAll('[data-accounts] .role:not([hidden])')]\
    .filter((role) => !role.closest('.account').hidden)\
    .map((role) => role.closest('.account').querySelector('h2').textContent + '/' \
        + role.querySelector('.role-name').textContent).join(' ')";

#[actix_web::test]
async fn the_filter_has_the_focus_and_matches_every_word() {
    let person = person(3, &["Admin", "ReadOnly"]);
    let test = |browser: WebDriver, _| async move {
        let focus = "document.activeElement.id";
        assert_eq!(text_of(&browser, focus).await?, "filter");
        for (words, shown) in [
            ("light read", "Lighthouse/ReadOnly"),
            ("production", "Harbour/Admin Harbour/ReadOnly"),
            ("READ prod", "Harbour/ReadOnly"),
            ("1000-0000-0003 admin", "100000000003/Admin"),
            ("aws:iam::100000000002:role/read", "Lighthouse/ReadOnly"),
            ("nobody", ""),
        ] {
            type_into_filter(&browser, words).await?;
            assert_eq!(text_of(&browser, SHOWN).await?, shown, "{words}");
            if words == "light read" {
                let marked = "[...CSS.highlights.get('found')].map(String).join('|')";
                assert_eq!(text_of(&browser, marked).await?, "Light|Read");
                screenshot(&browser, "portal-filtered").await?;
            }
            type_into_filter(&browser, ESCAPE).await?;
        }
        let all = text_of(&browser, SHOWN).await?;
        assert_eq!(all.split(' ').count(), 6);
        type_into_filter(&browser, "admin").await?;
        // The count is announced after a pause.
        let count = "document.querySelector('[data-count]').textContent";
        wait_for_text(&browser, count, |text| text == "3 of 6 roles").await?;
        let violations = accessibility_violations(&browser).await?;
        assert!(violations.is_empty(), "{violations:#?}");
        Ok(())
    };
    signed_in("portal-filter", &person, test).await;
}

/// Enter opens the console for the selected role or, if none is selected, for the first role in the
/// filtered list. Shift+Enter gets credentials. This test runs without AWS, so both keys lead to
/// an error page.
#[actix_web::test]
async fn the_keyboard_alone_is_enough() {
    let person = person(3, &["Admin", "ReadOnly"]);
    let test = |browser: WebDriver, app: TestApp| async move {
        let asked = || {
            let line = app.last_audit();
            let part = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            (part("action"), part("role_arn"))
        };
        let (console, credentials) = (app.at("/console"), app.at("/credentials"));
        type_into_filter(&browser, "lighthouse read").await?;
        type_into_filter(&browser, ENTER).await?;
        wait_for_url(&browser, |url| url.as_str() == console).await?;
        let role = "arn:aws:iam::100000000002:role/ReadOnly".to_owned();
        assert_eq!(asked(), ("console".to_owned(), role));

        browser.goto(app.at("/")).await?;
        // Pressing Down twice selects the second role. Pressing Up twice then wraps around to the
        // last role.
        type_into_filter(&browser, "admin").await?;
        type_into_filter(&browser, &DOWN.repeat(2)).await?;
        let chosen = "document.querySelector('.chosen').dataset.arn";
        let role = "arn:aws:iam::100000000002:role/Admin";
        assert_eq!(text_of(&browser, chosen).await?, role);
        screenshot(&browser, "portal-chosen").await?;
        type_into_filter(&browser, &UP.repeat(2)).await?;
        let role = "arn:aws:iam::100000000003:role/Admin";
        assert_eq!(text_of(&browser, chosen).await?, role);
        type_into_filter(&browser, SHIFT_ENTER).await?;
        wait_for_url(&browser, |url| url.as_str() == credentials).await?;
        assert_eq!(asked(), ("credentials".to_owned(), role.to_owned()));
        Ok(())
    };
    signed_in("portal-keyboard", &person, test).await;
}

#[actix_web::test]
async fn favorites_and_recently_used_roles_come_first() {
    let person = person(3, &["Admin", "ReadOnly"]);
    let test = |browser: WebDriver, app: TestApp| async move {
        let quick = "[...document.querySelectorAll('[data-quick] .account')]\
            .map((part) => part.querySelector('h2').textContent + ': ' \
                + [...part.querySelectorAll('.role')].map((role) => role.dataset.arn)).join(' ')";
        assert_eq!(text_of(&browser, quick).await?, "");
        let star = "[data-accounts] .role[data-arn$='000000003:role/Admin'] .star";
        let star = browser.find(By::Css(star)).await?;
        // The button's name includes the account, because the role has the same name in each
        // account.
        let name = star.attr("aria-label").await?;
        assert_eq!(name.as_deref(), Some("Favorite: Admin 100000000003"));
        browser.set_window_rect(0, 0, 1280, 500).await?;
        star.scroll_into_view().await?;
        let before = star.rect().await?.y - scrolled(&browser).await?;
        star.click().await?;
        let after = star.rect().await?.y - scrolled(&browser).await?;
        assert!((before - after).abs() < 1.5, "{before} {after}");
        browser.set_window_rect(0, 0, 1280, 900).await?;
        let favourite = "arn:aws:iam::100000000003:role/Admin";
        assert_eq!(
            text_of(&browser, quick).await?,
            format!("Favorites: {favourite}")
        );

        type_into_filter(&browser, "harbour read").await?;
        let hidden = "document.querySelector('[data-quick]').hidden";
        assert_eq!(text_of(&browser, hidden).await?, "true");
        type_into_filter(&browser, ENTER).await?;
        let console = app.at("/console");
        wait_for_url(&browser, |url| url.as_str() == console).await?;
        browser.goto(app.at("/")).await?;
        let used = "arn:aws:iam::100000000001:role/ReadOnly";
        let both = format!("Favorites: {favourite} Recent: {used}");
        assert_eq!(text_of(&browser, quick).await?, both);
        screenshot(&browser, "portal-favourites").await?;
        let violations = accessibility_violations(&browser).await?;
        assert!(violations.is_empty(), "{violations:#?}");

        // The favorite's buttons work. After the person signs out, the browser keeps neither
        // favorites nor recently used roles.
        let copy = "[data-quick] [formaction='/credentials']";
        browser.find(By::Css(copy)).await?.click().await?;
        let credentials = app.at("/credentials");
        wait_for_url(&browser, |url| url.as_str() == credentials).await?;
        assert_eq!(app.last_audit()["role_arn"], favourite);
        browser.goto(app.at("/")).await?;
        let sign_out = By::Css("form[action='/logout'] button");
        browser.find(sign_out).await?.click().await?;
        wait_for_url(&browser, |url| url.query() == Some("signed-out=here")).await?;
        let kept = "Object.keys(localStorage).filter((name) => /favourites|recent/.test(name))";
        assert_eq!(text_of(&browser, kept).await?, "");
        Ok(())
    };
    signed_in("portal-favourites", &person, test).await;
}

#[actix_web::test]
async fn a_single_role_is_a_page_without_a_list() {
    let person = person(1, &["ReadOnly"]);
    let test = |browser: WebDriver, _| async move {
        let heading = browser.find(By::Tag("h1")).await?.text().await?;
        assert_eq!(heading, "ReadOnly");
        let page = browser.find(By::Tag("main")).await?.text().await?;
        assert!(
            page.contains("Harbour") && page.contains("production"),
            "{page}"
        );
        screenshot(&browser, "portal-one-role").await?;
        // The link contains the person's choices.
        let link = "document.querySelector('[data-copy]').dataset.copy";
        let plain = "/go?account=100000000001&role=ReadOnly";
        assert_eq!(text_of(&browser, link).await?, plain);
        let hour = By::Css("#duration option[value='900']");
        browser.find(hour).await?.click().await?;
        let shorter = format!("{plain}&duration_seconds=900");
        assert_eq!(text_of(&browser, link).await?, shorter);
        let violations = accessibility_violations(&browser).await?;
        assert!(violations.is_empty(), "{violations:#?}");
        Ok(())
    };
    signed_in("portal-one", &person, test).await;
}

/// A score for how much the parts of the page have moved since loading began (Layout Instability,
/// 4.1). Below 0.1, people perceive the page as stable.
const MOVED: &str = "const [done] = arguments;
    let moved = 0;
    const add = (shifts) => shifts.forEach(({ value }) => { moved += value; });
    const observer = new PerformanceObserver((list) => add(list.getEntries()));
    observer.observe({ type: 'layout-shift', buffered: true });
    const tell = () => { add(observer.takeRecords()); done(moved); };
    // Scripts may run late, and the shifts that they cause are known only after the next frame.
    setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(tell)), 500);";

#[actix_web::test]
async fn nothing_moves_while_the_page_loads() {
    let person = person(20, &["Admin", "ReadOnly"]);
    let test = |browser: WebDriver, _| async move {
        // On a slow connection, the page could be painted before its scripts arrive.
        let slow = serde_json::json!({
            "offline": false, "latency": 40, "downloadThroughput": 100_000, "uploadThroughput": -1
        });
        let tools = browser.cdp();
        tools
            .send_raw("Network.enable", serde_json::json!({}))
            .await?;
        tools
            .send_raw("Network.emulateNetworkConditions", slow)
            .await?;
        let uncached = serde_json::json!({ "cacheDisabled": true });
        tools.send_raw("Network.setCacheDisabled", uncached).await?;
        // Only the script can show the favorites, because they are in the browser's local storage.
        let favourites: Vec<_> = (1..9)
            .map(|account| format!("arn:aws:iam::10000000000{account}:role/Admin"))
            .collect();
        let favourites = serde_json::json!(serde_json::json!(favourites).to_string());
        let keep = format!("localStorage.setItem('rolecall.favourites', {favourites})");
        for round in 0..6 {
            if round == 3 {
                browser.execute(&keep, vec![]).await?;
            }
            browser.refresh().await?;
            let shown = "document.querySelectorAll('[data-quick] .role').length";
            let expected = if round < 3 { "0" } else { "8" };
            assert_eq!(text_of(&browser, shown).await?, expected);
            let moved = browser.execute_async(MOVED, vec![]).await?;
            let moved: f64 = moved.convert()?;
            assert!(moved < 0.1, "{moved}");
        }
        Ok(())
    };
    signed_in("portal-still", &person, test).await;
}

/// A logo for light pages, a logo for dark pages, and an accent color that would be illegible on
/// light pages.
const BRAND: &str = "[portal]\nname = \"Harbour Ltd\"\naccent = \"#ffd500\"\n\
    logo_file = \"logo.svg\"\nlogo_dark_file = \"dark.svg\"\n";

fn logo(color: &str) -> String {
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 60 20'>\
         <style>rect {{ fill: {color} }}</style><rect width='60' height='20' rx='4'/></svg>"
    )
}

#[actix_web::test]
async fn the_portal_shows_the_branding_of_the_company() {
    let person = person(3, &["Admin", "ReadOnly"]);
    let options = Options {
        more: BRAND.to_owned(),
        files: vec![
            ("logo.svg".into(), logo("green")),
            ("dark.svg".into(), logo("gold")),
        ],
        ..Options::default()
    };
    let test = |browser: WebDriver, _| async move {
        for (scheme, file, accent) in [("light", "logo?", "#"), ("dark", "logo-dark?", "#ffd500")] {
            let tools = browser.cdp();
            let media = serde_json::json!({
                "features": [{ "name": "prefers-color-scheme", "value": scheme }]
            });
            tools.send_raw("Emulation.setEmulatedMedia", media).await?;
            browser.refresh().await?;
            let shown = "document.querySelector('.logo').naturalWidth > 0 \
                && document.querySelector('.logo').currentSrc";
            let shown = text_of(&browser, shown).await?;
            assert!(shown.contains(file), "{shown}");
            let color = "getComputedStyle(document.documentElement).getPropertyValue('--accent')";
            let color = text_of(&browser, color).await?;
            assert!(color.starts_with(accent), "{scheme}: {color}");
            assert_eq!(color == "#ffd500", scheme == "dark", "{color}");
            screenshot(&browser, &format!("portal-brand-{scheme}")).await?;
            let violations = accessibility_violations(&browser).await?;
            assert!(violations.is_empty(), "{violations:#?}");
        }
        Ok(())
    };
    signed_in_at("portal-brand", &person, options, test).await;
}

/// Counts, for each keystroke, the changes to the document, the roles and accounts that appear or
/// disappear, the searches in the document, and the roles with highlighted matches.
const KEY_STROKES: &str = r"
    const input = document.getElementById('filter');
    const parts = [...document.querySelectorAll('[data-accounts] .role, [data-accounts] .account')];
    const shown = () => parts.map((part) => part.hidden);
    const marked = () => new Set([...CSS.highlights.get('found')]
        .map(({ startContainer }) => startContainer.parentElement.closest('.role'))).size;
    let searches = 0;
    for (const { prototype } of [Document, Element]) {
        for (const name of ['querySelector', 'querySelectorAll']) {
            const search = prototype[name];
            prototype[name] = function (...words) {
                searches += 1;
                return search.apply(this, words);
            };
        }
    }
    const observer = new MutationObserver(() => {});
    observer.observe(document, { attributes: true, characterData: true, childList: true, subtree: true });
    return ['r', 're', 'rea', 'read', 'read 7', 'read 77', 'read 7', 'read', 'rea', 're', 'r', '']
        .map((words) => {
            const before = shown();
            searches = 0;
            input.value = words;
            input.dispatchEvent(new InputEvent('input'));
            const searched = searches;
            document.body.getBoundingClientRect();
            const changes = observer.takeRecords().length;
            const others = shown().filter((hidden, part) => hidden !== before[part]).length;
            return [changes, others, searched, marked()];
        });";

/// How many times Chromium has computed styles and layouts for this page.
async fn layouts(browser: &WebDriver) -> WebDriverResult<[u64; 2]> {
    let tools = browser.cdp();
    let none = serde_json::json!({});
    let metrics = tools.send_raw("Performance.getMetrics", none).await?;
    let metrics = metrics["metrics"].as_array().expect("a list").clone();
    let value = |name: &str| {
        let metric = metrics.iter().find(|metric| metric["name"] == name);
        let value = metric.and_then(|metric| metric["value"].as_u64());
        value.unwrap_or_else(|| panic!("no {name} in {metrics:?}"))
    };
    Ok([value("RecalcStyleCount"), value("LayoutCount")])
}

/// To keep the filter fast, a keystroke must change little more than the rows that appear or
/// disappear, and must cause only one layout.
#[actix_web::test]
async fn a_keystroke_among_a_thousand_roles_changes_only_the_affected_rows() {
    let person = person(200, &["Admin", "Audit", "Billing", "Develop", "ReadOnly"]);
    let test = |browser: WebDriver, _| async move {
        let all = text_of(&browser, SHOWN).await?;
        assert_eq!(all.split(' ').count(), 1_000);
        let enable = serde_json::json!({});
        browser.cdp().send_raw("Performance.enable", enable).await?;
        let before = layouts(&browser).await?;
        let strokes = browser.execute(KEY_STROKES, vec![]).await?;
        let strokes: Vec<[usize; 4]> = strokes.convert()?;
        let after = layouts(&browser).await?;
        println!("{strokes:?} {before:?} {after:?}");
        for [changes, others, searches, marked] in &strokes {
            assert!(*changes <= others + 2, "{strokes:?}");
            assert!(*searches <= 3, "{strokes:?}");
            assert!(*marked <= 60, "{strokes:?}");
        }
        assert!(strokes.iter().any(|[_, others, ..]| *others > 700));
        assert!(strokes.iter().any(|[.., marked]| *marked > 20));
        for (before, after) in before.into_iter().zip(after) {
            // Allow for frames that were painted before and after the keystrokes.
            assert!(
                after - before <= strokes.len() as u64 + 2,
                "{before} {after}"
            );
        }
        Ok(())
    };
    signed_in("portal-thousand", &person, test).await;
}
