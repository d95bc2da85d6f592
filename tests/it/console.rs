//! The console, with a federation endpoint as strict as AWS's.

use reqwest::StatusCode;
use serde_json::json;
use url::Url;

use crate::credentials::{
    CHINA, READER, VAULT, form, json_of, post_json, roles, somebody, with_aws,
};
use crate::support::app::{Options, TestApp};
use crate::support::user_agent::UserAgent;

#[actix_web::test]
async fn the_browser_ends_at_the_console_page() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    let portal = app.sign_in(&agent, &somebody("alice")).await;
    let button = portal.pressed(&format!("[formaction='/console'][value^='{READER} ']"));
    let page = agent
        .submit(&button.expect("the portal offers the role"))
        .await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page}");
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    assert_eq!(page.body, "");
    let url = page.redirect().unwrap();
    let query: std::collections::BTreeMap<_, _> = url.query_pairs().collect();
    assert_eq!(query["Action"], "login");
    // After the console session ends, the Issuer URL leads back to the role.
    let issuer = url::Url::parse(&query["Issuer"]).unwrap();
    assert_eq!(issuer.path(), "/go");
    assert!(issuer.as_str().starts_with(&app.url), "{issuer}");
    let role = issuer.query_pairs().find(|(name, _)| name == "role");
    assert_eq!(role.unwrap().1, READER);
    let console = agent.follow(page).await;
    assert_eq!(console.status, StatusCode::OK, "{console}");
    for text in ["111111111111", "reader", "alice"] {
        assert!(console.body.contains(text), "{console}");
    }
    let opened = app.last_audit();
    assert_eq!(opened["event"], "console_opened");
    assert_eq!(opened["role_arn"], READER);
    assert!(!app.audit_text().contains("SigninToken"));
    assert!(!app.audit_text().contains(&*query["SigninToken"]));
}

#[actix_web::test]
async fn destinations_are_pages_of_the_console() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    for destination in [
        "/s3/home?region=eu-west-1",
        "https://console.aws.amazon.com/s3/home",
    ] {
        let page = agent
            .post_form(
                app.at("/console"),
                &form(READER, &[("destination", destination)]),
            )
            .await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{destination}: {page}");
        let url = page.redirect().unwrap();
        let (_, sent) = url
            .query_pairs()
            .find(|(name, _)| name == "Destination")
            .unwrap();
        let sent = Url::parse(&sent).unwrap();
        assert_eq!(sent.path(), "/s3/home");
    }
    for destination in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "javascript:alert(1)",
        "http://console.aws.amazon.com/",
        "https://console.aws.amazon.com.evil.example/",
        "https://console.aws.amazon.com@evil.example/",
        "https://evilconsole.aws.amazon.com/",
        "https://console.amazonaws.cn/",
    ] {
        let lines = app.audit().len();
        let page = agent
            .post_form(
                app.at("/console"),
                &form(READER, &[("destination", destination)]),
            )
            .await;
        assert_eq!(
            page.status,
            StatusCode::BAD_REQUEST,
            "{destination}: {page}"
        );
        assert_eq!(
            app.audit().len(),
            lines + 1,
            "credentials were issued first"
        );
        assert_eq!(app.last_audit()["code"], "invalid_destination");
    }
}

#[actix_web::test]
async fn the_api_gives_the_url_and_when_it_expires() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    let body = json!({ "role_arn": READER, "destination": "/ec2" });
    let page = post_json(&app, &agent, "/api/console", &body).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    assert_eq!(page.headers["cache-control"], "no-store");
    let response = json_of(&page);
    assert!(response["expires_at"].as_str().unwrap().ends_with('Z'));
    let console = UserAgent::new()
        .open(response["url"].as_str().unwrap())
        .await;
    assert!(console.body.contains("111111111111"), "{console}");
    let refused = post_json(&app, &agent, "/api/console", &json!({ "role_arn": VAULT })).await;
    assert_eq!(json_of(&refused)["error"]["code"], "sts_access_denied");
}

/// The chosen region applies to the console and to credentials. For a role in another partition,
/// the console opens in a region of that partition, and the credentials contain no region.
#[actix_web::test]
async fn the_chosen_region_applies_to_console_and_credentials() {
    let app = TestApp::start_with(Options {
        roles: Some(roles),
        more: "[portal]\nregions = [\"eu-central-1\", \"us-west-2\"]\n\
               [[destination]]\nname = \"Buckets\"\npath = \"/s3/home\"\n"
            .to_owned(),
        ..Options::default()
    });
    let agent = UserAgent::new();
    let portal = app.sign_in(&agent, &somebody("alice")).await;
    for text in ["eu-central-1", "us-west-2", "Default region", "Buckets"] {
        assert!(portal.body.contains(text), "{text}: {portal}");
    }
    // The choices in the URL are preselected, so the console button submits them.
    let chosen = agent
        .get(app.at("/?region=us-west-2&destination=/s3/home"))
        .await;
    let console = chosen.pressed("[formaction='/console']");
    let fields = console.expect("a button for the console").fields;
    for (name, value) in [("region", "us-west-2"), ("destination", "/s3/home")] {
        assert!(
            fields.contains(&(name.to_owned(), value.to_owned())),
            "{fields:?}"
        );
    }
    let console = |role, region| {
        let form = form_with_region(role, region);
        let (app, agent) = (&app, &agent);
        async move {
            let page = agent.post_form(app.at("/console"), &form).await;
            let url = page.redirect().unwrap_or_else(|| panic!("{page}"));
            let destination = url.query_pairs().find(|(name, _)| name == "Destination");
            destination.unwrap().1.into_owned()
        }
    };
    assert!(
        console(READER, "eu-central-1")
            .await
            .contains("region=eu-central-1")
    );
    assert!(
        console(CHINA, "eu-central-1")
            .await
            .contains("region=cn-north-1")
    );
    let credentials = |role, region| {
        let form = form_with_region(role, region);
        let (app, agent) = (&app, &agent);
        async move { agent.post_form(app.at("/credentials"), &form).await.body }
    };
    let page = credentials(READER, "us-west-2").await;
    assert!(
        page.contains("AWS_REGION=") && page.contains("us-west-2"),
        "{page}"
    );
    let page = credentials(CHINA, "us-west-2").await;
    assert!(!page.contains("us-west-2"), "{page}");
    let page = agent
        .post_form(app.at("/credentials"), &form_with_region(READER, "Oregon"))
        .await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page}");
}

fn form_with_region(role: &str, region: &str) -> Vec<(String, String)> {
    crate::credentials::form(role, &[("region", region)])
}
