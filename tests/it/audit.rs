//! The audit trail.

use rolecall::demo::people::Person;

use crate::support::app::{Options, TestApp, person};
use crate::support::saml::ROLE;
use crate::support::user_agent::UserAgent;

#[actix_web::test]
async fn a_login_and_a_logout_leave_a_line_each() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("alice")).await;
    let login = app.last_audit();
    assert_eq!(login["event"], "login_accepted");
    assert_eq!(login["idp"], "corp");
    assert_eq!(login["name_id"], "alice@example.com");
    assert_eq!(login["ip"], "127.0.0.1");
    assert_eq!(login["roles"], 1);
    assert_eq!(login["unsolicited"], false);
    assert_eq!(login["request_id"].as_str().unwrap().len(), 16);
    let session = login["session"].as_str().unwrap();
    assert_eq!(session.len(), 16);
    agent.post_form(app.at("/logout"), &[]).await;
    let logout = app.last_audit();
    assert_eq!(logout["event"], "logout");
    assert_eq!(logout["session"], session);
    assert_eq!(logout["name_id"], "alice@example.com");
    // Nobody is signed out twice.
    agent.post_form(app.at("/logout"), &[]).await;
    assert_eq!(app.audit().len(), 2);
}

#[actix_web::test]
async fn malformed_roles_are_shown_and_hide_nothing() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let good =
        "arn:aws:iam::111111111111:saml-provider/corp, arn:aws:iam::111111111111:role/reader";
    let bad = [
        "nonsense",
        "arn:aws:iam::1:role/x,arn:aws:iam::1:saml-provider/corp",
        "",
    ];
    let values = bad.into_iter().chain([good]);
    let person = Person::new("alice", "Alice").with_attribute(ROLE, values);
    let page = app.sign_in(&agent, &person).await;
    assert!(
        page.body.contains("arn:aws:iam::111111111111:role/reader"),
        "{page}"
    );
    let login = app.last_audit();
    assert_eq!(login["roles"], 1);
    let dropped = login["dropped"].as_array().unwrap();
    // An empty value is no value.
    assert_eq!(dropped.len(), 2, "{login}");
    assert_eq!(dropped[0]["reason"], "not_a_pair");
    assert_eq!(dropped[1]["reason"], "role");
    assert_eq!(
        dropped[1]["detail"],
        "the role: the account is not twelve digits"
    );
    assert!(login.to_string().contains("nonsense"));
}

#[actix_web::test]
async fn the_address_is_the_persons_where_the_proxy_is_trusted() {
    for (trusted, address) in [
        ("", "127.0.0.1"),
        ("trusted_proxies = [\"127.0.0.0/8\"]", "198.51.100.7"),
    ] {
        let options = Options {
            http: trusted.to_owned(),
            ..Options::default()
        };
        let app = TestApp::start_with(options);
        let agent = UserAgent::new();
        let request = agent
            .request(reqwest::Method::POST, app.at("/saml/acs"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-forwarded-for", "203.0.113.66, 198.51.100.7")
            .body("SAMLResponse=x");
        agent.send(request).await;
        assert_eq!(app.last_audit()["ip"], address);
    }
}

#[actix_web::test]
async fn nobody_hides_an_address_behind_octets_that_are_no_text() {
    let options = Options {
        http: "trusted_proxies = [\"127.0.0.0/8\"]".to_owned(),
        ..Options::default()
    };
    let app = TestApp::start_with(options);
    let agent = UserAgent::new();
    // The proxy appends to what the client has sent.
    let said = reqwest::header::HeaderValue::from_bytes(b"\xff, 198.51.100.7").unwrap();
    let request = agent
        .request(reqwest::Method::POST, app.at("/saml/acs"))
        .header("x-forwarded-for", said);
    agent.send(request).await;
    assert_eq!(app.last_audit()["ip"], "198.51.100.7");
}

/// The person can see why a role is not there, and what AWS is told.
#[actix_web::test]
async fn who_am_i() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    // Whoever is not signed in comes back to it after the login.
    let to_idp = agent.get(app.at("/me")).await;
    assert!(to_idp.redirect().is_some(), "{to_idp}");
    let tag = "https://aws.amazon.com/SAML/Attributes/PrincipalTag:Team";
    let values = [
        "nonsense",
        "arn:aws:iam::1:role/x,arn:aws:iam::1:saml-provider/c",
    ];
    let person = Person::new("alice", "Alice")
        .with_attribute(ROLE, values)
        .with_attribute(tag, ["blue"]);
    app.sign_in(&agent, &person).await;
    let page = agent.get(app.at("/me")).await;
    for text in [
        "alice@example.com",
        "Example Corp",
        "blue",
        "nonsense",
        "Not one role ARN and one SAML provider ARN",
        "The role's ARN is not one: the account is not twelve digits.",
        "None: AWS refuses every role without one",
    ] {
        assert!(page.text().contains(text), "{text}: {page}");
    }
    let request = agent.request(reqwest::Method::GET, app.at("/me"));
    let page = agent
        .send(request.header("accept-language", "de-CH, de;q=0.9"))
        .await;
    assert!(page.body.contains("<html lang=\"de\">"), "{page}");
    assert!(page.body.contains("Was AWS über Sie erfährt"), "{page}");
}
