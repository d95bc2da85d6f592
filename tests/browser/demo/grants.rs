//! Tests of grants in the browser, and of the page that decodes AWS's messages about refused
//! requests.

use rolecall::demo::sts::authorization;

use super::*;

const ON_CALL: &str = "arn:aws:iam::222222222222:role/OnCall";
const BREAK_GLASS: &str = "arn:aws:iam::111111111111:role/BreakGlass";
const DEPLOY: &str = "arn:aws:iam::333333333333:role/Deploy";
const AUDIT: &str = "arn:aws:iam::333333333333:role/Audit";

async fn fill_in(browser: &WebDriver, field: &str, text: &str) -> WebDriverResult<()> {
    let input = browser.find(By::Id(field)).await?;
    input.clear().await?;
    input.send_keys(text).await?;
    let go_on = By::Css(".ask .button.primary");
    browser.find(go_on).await?.click().await
}

#[actix_web::test]
async fn a_reason_and_a_code_are_required() {
    with_demo("grants", |browser, demo| async move {
        demo.sign_in(&browser, "grace").await?;
        let page = text(&browser, "main").await?;
        assert!(page.contains("OnCall") && !page.contains("Hub"), "{page}");
        screenshot(&browser, "portal-grants").await?;
        assert_accessible(&browser).await?;

        press(&browser, "/credentials", ON_CALL).await?;
        wait_for_url(&browser, |url| url.path() == "/credentials").await?;
        // The input field for the reason has the focus.
        let asked = browser.active_element().await?.attr("name").await?;
        assert_eq!(asked.as_deref(), Some("reason"));
        screenshot(&browser, "ask-reason").await?;
        assert_accessible(&browser).await?;
        fill_in(&browser, "reason", "INC-7: disk full").await?;
        demo.at(&browser, "/credentials").await?;
        assert!(text(&browser, "h1").await?.contains("OnCall"));

        browser.goto(demo.portal.as_str()).await?;
        press(&browser, "/credentials", BREAK_GLASS).await?;
        wait_for_url(&browser, |url| url.path() == "/credentials").await?;
        fill_in(&browser, "token_code", "654321").await?;
        browser.query(By::Id("code-wrong")).first().await?;
        screenshot(&browser, "ask-code-wrong").await?;
        assert_accessible(&browser).await?;
        fill_in(&browser, "token_code", "123456").await?;
        demo.at(&browser, "/credentials").await?;
        assert!(text(&browser, "h1").await?.contains("BreakGlass"));

        // For this role, rolecall issues its own token, and AWS fetches rolecall's public key to
        // verify the token.
        browser.goto(demo.portal.as_str()).await?;
        press(&browser, "/credentials", DEPLOY).await?;
        demo.at(&browser, "/credentials").await?;
        assert!(text(&browser, "h1").await?.contains("Deploy"));
        Ok(())
    })
    .await;
}

#[actix_web::test]
async fn the_details_of_a_role_are_shown_before_it_is_used() {
    with_demo("behind", |browser, demo| async move {
        demo.sign_in(&browser, "grace").await?;
        for (role, said, name) in [
            (
                ON_CALL,
                &[
                    "The grant “on call” of this service",
                    "grace@example.com",
                    "Platform",
                    "transitive",
                    "a reason",
                ][..],
                "behind-grant",
            ),
            (
                AUDIT,
                &["role arn:aws:iam::111111111111:role/Hub", "Up to 1 hour"],
                "behind-chain",
            ),
            (
                DEPLOY,
                &["of this service, with an OpenID Connect token"],
                "behind-token",
            ),
            (
                BREAK_GLASS,
                &["a sign-in no older than 15 minutes", "an MFA code"],
                "behind-asks",
            ),
        ] {
            browser.goto(demo.portal.as_str()).await?;
            let link = format!("[data-accounts] [data-arn='{role}'] a.role-name");
            browser.find(By::Css(link)).await?.click().await?;
            wait_for_url(&browser, |url| url.path() == "/go").await?;
            let page = text(&browser, "main").await?;
            for said in said {
                assert!(page.contains(said), "{said}: {page}");
            }
            screenshot(&browser, name).await?;
            assert_accessible(&browser).await?;
        }
        Ok(())
    })
    .await;
}

#[actix_web::test]
async fn a_refusal_by_aws_can_be_decoded() {
    with_demo("tools", |browser, demo| async move {
        demo.sign_in(&browser, "bob").await?;
        let link = By::Css("a[href='/tools']");
        browser.find(link).await?.click().await?;
        wait_for_url(&browser, |url| url.path() == "/tools").await?;
        assert_accessible(&browser).await?;
        let principal = "arn:aws:sts::111111111111:assumed-role/Developer/bob@example.com";
        let bucket = "arn:aws:s3:::payroll/2026.csv";
        let refusal = authorization::refusal(principal, "s3:GetObject", bucket);
        let message = authorization::encode("111111111111", &refusal);
        browser
            .find(By::Id("message"))
            .await?
            .send_keys(message)
            .await?;
        let role =
            By::Css("#refusal-role option[value^='arn:aws:iam::111111111111:role/Developer ']");
        browser.find(role).await?.click().await?;
        let explain = By::Css("form[action='/tools/refusal'] button");
        browser.find(explain).await?.click().await?;
        wait_for_url(&browser, |url| url.path() == "/tools/refusal").await?;
        let page = text(&browser, "main").await?;
        for said in [
            "No policy allows this request.",
            "s3:GetObject",
            bucket,
            "aws:Region",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        screenshot(&browser, "tools").await?;
        assert_accessible(&browser).await?;
        Ok(())
    })
    .await;
}

const PROXY: &str = "arn:aws:iam::222222222222:user/console-proxy";
const ROBOT: &str = "arn:aws:iam::222222222222:user/robot";
const ROOT: &str = "arn:aws:iam::333333333333:root";

/// The person's assertion contains no roles; all entitlements come from grants.
#[actix_web::test]
async fn user_and_root_grants_are_used_like_roles() {
    with_demo("users", |browser, demo| async move {
        demo.sign_in(&browser, "heidi").await?;
        let page = text(&browser, "main").await?;
        for said in ["Billing", "Robot", "S3UnlockBucketPolicy"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        screenshot(&browser, "portal-users").await?;
        assert_accessible(&browser).await?;

        // Choose 36 hours, for the credentials and for the console session.
        let longest = By::Css("select[name=duration_seconds] option[value='129600']");
        browser.find(longest).await?.click().await?;
        press(&browser, "/credentials", PROXY).await?;
        demo.at(&browser, "/credentials").await?;
        let page = text(&browser, "main").await?;
        assert!(page.contains("federated-user/heidi"), "{page}");
        assert!(!page.contains("good for only"), "{page}");
        screenshot(&browser, "credentials-federated").await?;
        assert_accessible(&browser).await?;
        let console = By::Css("form[action='/console'] button");
        browser.find(console).await?.click().await?;
        wait_for_url(&browser, |url| url.path().starts_with("/console/")).await?;
        let page = text(&browser, "main").await?;
        assert!(page.contains("job-function/Billing"), "{page}");

        // The robot has no console access, so Enter in the filter gets credentials.
        browser.goto(demo.portal.as_str()).await?;
        let filter = browser.find(By::Id("filter")).await?;
        filter.send_keys("robot" + Key::Enter).await?;
        wait_for_url(&browser, |url| url.path() == "/credentials").await?;
        fill_in(&browser, "token_code", "123456").await?;
        demo.at(&browser, "/credentials").await?;
        let page = text(&browser, "main").await?;
        assert!(page.contains(ROBOT), "{page}");
        assert!(
            browser
                .find(By::Css("form[action='/console']"))
                .await
                .is_err()
        );

        browser.goto(demo.portal.as_str()).await?;
        // The two IAM users are listed separately among the recently used entries.
        let recent = browser.find_all(By::Css("[data-quick] .role")).await?;
        assert_eq!(recent.len(), 2, "the proxy and the robot");
        press(&browser, "/credentials", ROOT).await?;
        wait_for_url(&browser, |url| url.path() == "/credentials").await?;
        screenshot(&browser, "ask-root-task").await?;
        fill_in(&browser, "reason", "INC-7: locked bucket").await?;
        demo.at(&browser, "/credentials").await?;
        let page = text(&browser, "main").await?;
        assert!(page.contains("15 minutes"), "{page}");
        screenshot(&browser, "credentials-root-task").await?;
        assert_accessible(&browser).await
    })
    .await;
}
