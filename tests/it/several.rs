//! Credentials for several roles at once, as profiles for the credentials file.

use chrono::TimeDelta;
use reqwest::StatusCode;

use crate::credentials::{CHINA, GONE, READER, SHORT, VAULT, renew, somebody, with_aws};
use crate::support::app::TestApp;
use crate::support::user_agent::{Page, UserAgent};

const PATH: &str = "/credentials/several";

pub fn choose(roles: &[&str]) -> Vec<(String, String)> {
    let roles = roles.iter().enumerate();
    roles
        .map(|(number, role)| {
            let (account, _) = role.split_once(":role/").unwrap_or((role, ""));
            let value = format!("{role} {account}:saml-provider/corp");
            (format!("role-{number}"), value)
        })
        .collect()
}

/// The names of the profiles on the page.
fn profiles(page: &Page) -> Vec<&str> {
    let (_, text) = page.body.split_once("data-secret").expect("a secret");
    let (text, _) = text.split_once("</pre>").expect("the end of the secret");
    text.lines()
        .filter_map(|line| line.rsplit_once('[')?.1.strip_suffix(']'))
        .collect()
}

#[actix_web::test]
async fn several_roles_give_one_text_with_a_profile_for_each() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    let before = app.audit().len();
    let mut fields = choose(&[READER, VAULT, SHORT, CHINA]);
    fields.push(("duration_seconds".to_owned(), "1800".to_owned()));
    let page = agent.post_form(app.at(PATH), &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(
        profiles(&page),
        ["prod-reader", "prod-short", "222222222222-reader"]
    );
    assert_eq!(page.body.matches("aws_secret_access_key").count(), 6);
    assert!(page.body.contains("issued for these roles:"), "{page}");
    assert!(page.text().contains(VAULT), "{page}");
    let audit = app.audit().split_off(before);
    let mut events: Vec<_> = audit
        .iter()
        .map(|line| {
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            (text("role_arn"), text("event"))
        })
        .collect();
    events.sort();
    let line = |role: &str, event: &str| (role.to_owned(), event.to_owned());
    assert_eq!(
        events,
        [
            line(CHINA, "credentials_issued"),
            line(READER, "credentials_issued"),
            line(SHORT, "credentials_issued"),
            line(VAULT, "role_refused"),
        ]
    );
}

#[actix_web::test]
async fn profiles_with_the_same_name_are_made_distinct() {
    let mut options = with_aws();
    options.more = "[portal]\nprofile_name = \"{role}\"\n".to_owned();
    let app = TestApp::start_with(options);
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    let page = agent
        .post_form(app.at(PATH), &choose(&[READER, CHINA]))
        .await;
    assert_eq!(profiles(&page), ["reader", "reader-222222222222"]);
}

#[actix_web::test]
async fn if_all_roles_are_refused_the_response_is_an_error() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    let other = "arn:aws:iam::111111111111:role/<admin>";
    let roles = choose(&[VAULT, GONE, other]);
    let page = agent.post_form(app.at(PATH), &roles).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    assert!(!page.body.contains("data-secret"), "{page}");
    assert!(!page.body.contains("<admin>"), "{page}");
    for role in [VAULT, GONE, "role/<admin>"] {
        assert!(page.text().contains(role), "{role}: {page}");
    }
}

#[actix_web::test]
async fn no_roles_or_too_many_are_refused_before_sts_is_called() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    let before = app.audit().len();
    let not_mine: Vec<_> = (0..21)
        .map(|number| format!("arn:aws:iam::111111111111:role/other-{number}"))
        .collect();
    let not_mine: Vec<_> = not_mine.iter().map(String::as_str).collect();
    let twice = choose(&[READER, SHORT, READER]);
    for fields in [Vec::new(), choose(&not_mine), twice] {
        let page = agent.post_form(app.at(PATH), &fields).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page}");
    }
    assert_eq!(app.audit().len(), before);
    let page = agent
        .post_form(app.at(PATH), &choose(&not_mine[..20]))
        .await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    assert_eq!(app.audit().len(), before + 20);
}

#[actix_web::test]
async fn a_stale_assertion_is_renewed_and_all_credentials_are_issued() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    let alice = somebody("alice");
    app.sign_in(&agent, &alice).await;
    app.clock.advance(TimeDelta::minutes(6));
    let fields = choose(&[READER, SHORT]);
    let redirect = agent.post_form(app.at(PATH), &fields).await;
    assert_eq!(redirect.status, StatusCode::SEE_OTHER, "{redirect}");
    let page = renew(&app, &agent, &redirect, &alice).await;
    let repeat = page.form_with("role-1").expect("the repeated form");
    for field in &fields {
        assert!(repeat.fields.contains(field), "{field:?} in {repeat:?}");
    }
    let response = agent.submit(&repeat).await;
    assert_eq!(response.status, StatusCode::OK, "{response}");
    assert_eq!(profiles(&response), ["prod-reader", "prod-short"]);
}

#[actix_web::test]
async fn another_site_gets_nothing() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    let before = app.audit().len();
    let request = agent
        .request(reqwest::Method::POST, app.at(PATH))
        .header("Origin", "https://evil.example")
        .header("Sec-Fetch-Site", "cross-site")
        .form(&choose(&[READER]));
    let page = agent.send(request).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    assert_eq!(app.audit().len(), before);
}
