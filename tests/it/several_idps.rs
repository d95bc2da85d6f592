//! The choice among several identity providers.

use reqwest::{Method, StatusCode};

use crate::login::heading;
use crate::support::app::{Options, Started, TestApp, person};
use crate::support::user_agent::UserAgent;

#[actix_web::test]
async fn the_idp_of_the_last_login_comes_first() {
    let app = TestApp::start_with(Options {
        two_idps: true,
        ..Options::default()
    });
    let agent = UserAgent::new();
    let choices = async || agent.get(app.at("/")).await.texts(".choice");
    let before = choices().await;
    assert!(before[0].contains("Example Corp"), "{before:?}");
    app.sign_in_at_the_other(&agent, &person("alice")).await;
    agent.post_form(app.at("/logout"), &[]).await;
    let after = choices().await;
    assert!(
        after[0].contains("Other Inc.") && after[0].contains("last used"),
        "{after:?}"
    );
    assert!(after[1].contains("Example Corp") && !after[1].contains("last used"));
    // A cookie with an unknown identity provider changes nothing.
    let request = UserAgent::new().request(Method::GET, app.at("/"));
    let page = UserAgent::new()
        .send(request.header("cookie", "rolecall-idp=<script>"))
        .await;
    assert_eq!(page.texts(".choice"), before);
}

#[actix_web::test]
async fn an_email_address_leads_to_its_idp() {
    let app = TestApp::start_with(Options {
        idp: r#"email_domains = ["example.com", "Example.NET"]"#.to_owned(),
        two_idps: true,
        ..Options::default()
    });
    let agent = UserAgent::new();
    let page = agent.get(app.at("/")).await;
    let form = page.form_with("email").unwrap();
    assert_eq!(form.action.as_str(), app.at("/login"));
    for address in ["a@example.com", " A@EXAMPLE.COM ", "\"a@b\"@example.net"] {
        let fields = vec![("email".to_owned(), address.to_owned())];
        let started = Started::from_redirect(&agent.post_form(app.at("/login"), &fields).await);
        assert_eq!(started.url.host_str(), Some("idp.example.com"));
        let form = app.form(&app.respond(&person("a"), &started), &started.relay_state);
        let page = agent.follow(app.post_acs(&agent, &form).await).await;
        assert_eq!(page.url.path(), "/", "{page}");
    }
    for address in [
        "a@other.com",
        "a@sub.example.com",
        "example.com",
        "@",
        "a@example.com@x.com",
    ] {
        let fields = vec![("email".to_owned(), address.to_owned())];
        let page = agent.post_form(app.at("/login"), &fields).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{address}: {page}");
        assert!(heading(&page).contains("address"), "{page}");
    }
    // A form on another site cannot start a login.
    let request = agent.request(Method::POST, app.at("/login"));
    let request = request.header("sec-fetch-site", "cross-site");
    let page = agent
        .send(request.form(&[("email", "a@example.com")]))
        .await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    // If no IdP has e-mail domains, the page does not ask for an e-mail address.
    let plain = TestApp::start_with(Options {
        two_idps: true,
        ..Options::default()
    });
    let page = UserAgent::new().get(plain.at("/")).await;
    assert!(page.form_with("email").is_none(), "{page}");
}
