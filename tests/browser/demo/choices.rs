//! Tests of the portal's choices: limited permissions for all roles or for one, links to roles, and
//! credentials for several roles at once.

use super::*;

/// The button that gets credentials for all picked roles.
const SEVERAL: &str = ".several [formaction='/credentials/several']";

/// The policy chosen next to the filter applies to every role and is remembered.
#[actix_web::test]
async fn fewer_permissions_are_chosen_for_all_roles() {
    with_demo("permissions", |browser, demo| async move {
        demo.sign_in(&browser, "bob").await?;
        let option = By::Css("#policy option[value=billing]");
        browser.find(option).await?.click().await?;
        screenshot(&browser, "portal-choices").await?;
        // The links to roles contain the chosen policy.
        let link = By::Css("[data-accounts] a.role-name");
        let href = browser.find(link).await?.attr("href").await?;
        assert!(href.is_some_and(|href| href.ends_with("&policy=billing")));
        press(&browser, "/credentials", READ_ONLY).await?;
        demo.at(&browser, "/credentials").await?;
        assert_eq!(policies(&browser).await?, ["job-function/Billing"]);
        screenshot(&browser, "credentials-reduced").await?;
        assert_accessible(&browser).await?;
        browser.goto(demo.portal.as_str()).await?;
        let policy = browser.find(By::Id("policy")).await?.prop("value").await?;
        assert_eq!(policy.as_deref(), Some("billing"));
        // Choose all permissions again.
        let option = By::Css("#policy option[value='']");
        browser.find(option).await?.click().await?;
        // The policy in the URL takes precedence over an earlier choice, but is not remembered.
        let asked = format!("{}?policy=billing", demo.portal);
        browser.goto(asked).await?;
        let policy = browser.find(By::Id("policy")).await?.prop("value").await?;
        assert_eq!(policy.as_deref(), Some("billing"));
        browser.goto(demo.portal.as_str()).await?;
        press(&browser, "/credentials", READ_ONLY).await?;
        demo.at(&browser, "/credentials").await?;
        assert_eq!(policies(&browser).await?, [""; 0]);
        Ok(())
    })
    .await;
}

const DEVELOPER: &str = "arn:aws:iam::111111111111:role/Developer";

/// A switch applies to its role alone, wherever that role appears on the page, and takes precedence
/// over the choice for all roles.
#[actix_web::test]
async fn a_switch_reduces_one_role() {
    with_demo("switch", |browser, demo| async move {
        demo.sign_in(&browser, "bob").await?;
        // A favorite appears on the page twice.
        let star = format!("[data-accounts] [data-arn='{DEVELOPER}'] .star");
        browser.find(By::Css(star)).await?.click().await?;
        let option = By::Css("#policy option[value=billing]");
        browser.find(option).await?.click().await?;
        let favourite = By::Css("[data-quick] .switch input");
        browser.find(favourite).await?.click().await?;
        screenshot(&browser, "portal-switched").await?;
        assert_accessible(&browser).await?;
        let is_on = format!("[data-accounts] .switch input[value*=' {DEVELOPER} ']");
        assert!(browser.find(By::Css(is_on)).await?.is_selected().await?);
        let on = browser.find_all(By::Css(".switch :checked")).await?;
        assert_eq!(on.len(), 2);
        press(&browser, "/credentials", DEVELOPER).await?;
        demo.at(&browser, "/credentials").await?;
        assert_eq!(policies(&browser).await?, ["ReadOnlyAccess"]);

        browser.goto(demo.portal.as_str()).await?;
        switch(&browser, DEVELOPER).await?;
        press(&browser, "/credentials", READ_ONLY).await?;
        demo.at(&browser, "/credentials").await?;
        assert_eq!(policies(&browser).await?, ["job-function/Billing"]);

        // The switch survives the new sign-in that a stale assertion requires.
        browser.goto(demo.portal.as_str()).await?;
        switch(&browser, DEVELOPER).await?;
        demo.clock.advance(TimeDelta::minutes(6));
        press(&browser, "/credentials", DEVELOPER).await?;
        demo.at(&browser, "/credentials").await?;
        assert_eq!(policies(&browser).await?, ["ReadOnlyAccess"]);
        Ok(())
    })
    .await;
}

/// The copied link leads to the role, with the permissions and the duration that were chosen.
#[actix_web::test]
async fn a_link_is_copied_from_the_row_and_from_the_credentials() {
    with_demo("link", |browser, demo| async move {
        // Intercept copied text before it reaches the clipboard.
        let catch = "window.copied = []; navigator.clipboard.writeText = async (text) => { \
            window.copied.push(text); };";
        let catch = format!("{catch}{SAID_STAYS}");
        let copied = async || {
            let copied = browser.execute("return window.copied.pop()", vec![]);
            copied.await?.convert::<String>()
        };
        demo.sign_in(&browser, "bob").await?;
        browser.execute(&catch, vec![]).await?;
        switch(&browser, DEVELOPER).await?;
        let half = By::Css("#duration option[value='1800']");
        browser.find(half).await?.click().await?;
        let copy = format!("[data-accounts] [data-arn='{DEVELOPER}'] .link");
        browser.find(By::Css(copy)).await?.click().await?;
        let query = "account=111111111111&role=Developer&duration_seconds=1800&policy=read-only";
        let link = format!("{}go?{query}", demo.portal);
        assert_eq!(copied().await?, link);
        let said = "document.querySelector('[data-announce]').textContent";
        wait_for_text(&browser, said, |text| text == "Copied").await?;
        screenshot(&browser, "portal-link-copied").await?;
        press(&browser, "/credentials", DEVELOPER).await?;
        demo.at(&browser, "/credentials").await?;
        browser.execute(&catch, vec![]).await?;
        let copy = By::Css("[data-copy]");
        browser.find(copy).await?.click().await?;
        let link = copied().await?;
        assert!(
            link.contains("&action=credentials&duration_seconds=1800&policy=read"),
            "{link}"
        );
        // Opened as a bookmark, the link leads straight to the credentials.
        browser.goto(link).await?;
        demo.at(&browser, "/credentials").await?;
        assert_eq!(policies(&browser).await?, ["ReadOnlyAccess"]);
        Ok(())
    })
    .await;
}

/// Whether no other element covers the center of the focused element.
const FOCUS_IS_SEEN: &str = "const focused = document.activeElement;
    const box = focused.getBoundingClientRect();
    const front = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return focused.contains(front);";

/// A single credentials file contains a profile for each picked role. Each profile has the
/// permissions that were chosen for its role.
#[actix_web::test]
async fn several_roles_are_one_file() {
    with_demo("several", |browser, demo| async move {
        demo.sign_in(&browser, "bob").await?;
        let button = browser.find(By::Css(SEVERAL)).await?;
        assert!(!button.is_displayed().await?, "nothing is chosen");
        let option = By::Css("#policy option[value=billing]");
        browser.find(option).await?.click().await?;
        let picks = browser.find_all(By::Css(".pick")).await?;
        let mut roles = Vec::new();
        for pick in &picks[..2] {
            pick.click().await?;
            let value = pick.value().await?.expect("a value");
            let (role, _) = value.split_once(' ').expect("a role and its provider");
            roles.push(role.to_owned());
        }
        // The page ignores Enter here. Otherwise, the form would be submitted without an action.
        picks[1].send_keys(ENTER).await?;
        let said = text(&browser, "[data-picked]").await?;
        assert!(said.contains('2'), "{said}");
        // For one of the two roles, the switch takes precedence. The choice for all roles then
        // applies only to the other one.
        switch(&browser, &roles[0]).await?;
        // The names of the picked roles are shown, because roles stay picked when the filter hides
        // them.
        let named = text(&browser, "[data-names]").await?;
        assert!(named.contains("Administrator (china)"), "{named}");
        screenshot(&browser, "portal-picked").await?;
        // The bar for the picked roles never covers the focused element (WCAG 2.2, 2.4.11).
        for _ in 0..40 {
            browser.active_element().await?.send_keys(TAB).await?;
            let seen: bool = browser.execute(FOCUS_IS_SEEN, vec![]).await?.convert()?;
            let focused = browser.active_element().await?.outer_html().await?;
            assert!(seen, "hidden: {focused}");
        }
        button.click().await?;
        demo.at(&browser, "/credentials/several").await?;
        let shown = browser.find(By::Css("[data-secret]")).await?;
        let shown = shown.prop("textContent").await?.expect("profiles");
        assert_eq!(shown.matches("aws_session_token").count(), 2);
        let heads = shown.lines().filter(|line| line.starts_with('['));
        assert_eq!(heads.count(), 2);
        let page = text(&browser, "main").await?;
        for reduced in ["Limited to Read-only", "Limited to Billing only"] {
            assert_eq!(page.matches(reduced).count(), 1, "{page}");
        }
        screenshot(&browser, "several").await?;
        assert_accessible(&browser).await?;
        // Without a picked role, the button is hidden again.
        browser.goto(demo.portal.as_str()).await?;
        let pick = browser.find(By::Css(".pick")).await?;
        let button = browser.find(By::Css(SEVERAL)).await?;
        for is_chosen in [true, false] {
            if pick.is_selected().await? != is_chosen {
                pick.click().await?;
            }
            assert_eq!(button.is_displayed().await?, is_chosen);
        }
        Ok(())
    })
    .await;
}
