//! Links to roles: the page `/go`.

use reqwest::{Method, StatusCode};

use crate::credentials::{READER, VAULT, roles, somebody};
use crate::support::app::{Options, TestApp, person};
use crate::support::user_agent::{Page, UserAgent};

fn app() -> TestApp {
    TestApp::start_with(Options {
        roles: Some(roles),
        ..Options::default()
    })
}

/// Requests `path` as a browser would, with `site` as the value of `Sec-Fetch-Site`.
async fn get(app: &TestApp, agent: &UserAgent, path: &str, site: &str) -> Page {
    let request = agent.request(Method::GET, app.at(path));
    agent.send(request.header("sec-fetch-site", site)).await
}

const LINK: &str = "/go?account=PROD&role=reader";

#[actix_web::test]
async fn a_link_is_a_page_with_a_button() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    for (site, at_once) in [
        ("cross-site", false),
        ("same-origin", false),
        ("same-site", false),
        ("none", true),
    ] {
        for path in [LINK, "/go?account=1111-1111-1111&role=reader"] {
            let page = get(&app, &agent, path, site).await;
            assert_eq!(page.status, StatusCode::OK, "{page}");
            assert!(page.body.contains(READER), "{page}");
            assert_eq!(
                page.body.contains("data-submit-now"),
                at_once,
                "{site}: {page}"
            );
        }
    }
    // With `action=show`, the page waits for a click.
    let page = get(&app, &agent, &format!("{LINK}&action=show"), "none").await;
    assert!(!page.body.contains("data-submit-now"), "{page}");
    // Without `Sec-Fetch-Site`, the page waits for a click too.
    let page = agent.get(app.at(LINK)).await;
    assert!(!page.body.contains("data-submit-now"), "{page}");
}

/// A browser may fetch or even open a page before the person follows a link, because another site
/// suggests it.
#[actix_web::test]
async fn nothing_happens_before_the_person_follows_a_link() {
    let app = app();
    let agent = UserAgent::new();
    let started = app.begin(&agent).await;
    let form = app.form(
        &app.respond(&somebody("alice"), &started),
        &started.relay_state,
    );
    let finish = app.post_acs(&agent, &form).await.redirect().unwrap();
    let ahead = async |path: &str, purpose: &[(&'static str, &str)]| {
        let mut request = agent.request(Method::GET, app.at(path));
        request = request.header("sec-fetch-site", "none");
        for (name, value) in purpose {
            request = request.header(*name, *value);
        }
        agent.send(request).await
    };
    let finish = format!("{}?{}", finish.path(), finish.query().unwrap());
    for purpose in [
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
        ("x-moz", "prefetch"),
    ] {
        for path in [&finish, "/", "/login?idp=corp", "/saml/slo?SAMLRequest=x"] {
            let page = ahead(path, &[purpose]).await;
            assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{page}");
            assert!(page.redirect().is_none(), "{page}");
            assert!(!page.headers.contains_key("set-cookie"), "{page}");
        }
        for path in ["/static/app.css", "/saml/metadata"] {
            let page = ahead(path, &[purpose]).await;
            assert_eq!(page.status, StatusCode::OK, "{page}");
        }
    }
    let audit = app.audit_text();
    assert!(
        !audit.contains("\"login_") && !audit.contains("\"logout_"),
        "{audit}"
    );
    // The one-time code was not used up.
    let page = ahead(&finish, &[]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page}");
    let page = ahead(LINK, &[("sec-purpose", "prefetch;prerender")]).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{page}");
    assert!(!page.body.contains("data-submit-now"), "{page}");
    let page = ahead(LINK, &[]).await;
    assert!(page.body.contains("data-submit-now"), "{page}");
}

#[actix_web::test]
async fn the_button_opens_the_page_that_the_link_names() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    let page = get(
        &app,
        &agent,
        &format!("{LINK}&destination=/s3/home"),
        "none",
    )
    .await;
    let form = page
        .form_with("destination")
        .expect("a form for the console");
    assert_eq!(form.action.path(), "/console");
    let page = agent.submit(&form).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page}");
    let url = page.redirect().unwrap();
    let parameter = |name: &str| {
        let pair = url.query_pairs().find(|(known, _)| known == name);
        pair.map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    assert!(parameter("Destination").ends_with("/s3/home"), "{url}");
    // After the console session ends, the console links back to the same role and destination.
    let issuer = parameter("Issuer");
    let again = issuer.strip_prefix(&app.url).expect("a URL of rolecall");
    let page = get(&app, &agent, again, "cross-site").await;
    assert!(
        page.body.contains(READER) && page.body.contains("/s3/home"),
        "{page}"
    );

    let page = get(&app, &agent, &format!("{LINK}&action=credentials"), "none").await;
    let now = page.body.split("data-submit-now").next().unwrap();
    assert!(
        now.ends_with("<form method=\"post\" action=\"/credentials\" "),
        "{page}"
    );
}

#[actix_web::test]
async fn a_link_survives_the_sign_in() {
    for (site, at_once) in [("none", true), ("cross-site", false)] {
        let app = app();
        let agent = UserAgent::new();
        let to_idp = get(&app, &agent, LINK, site).await;
        let started = crate::support::app::Started::from_redirect(&to_idp);
        let form = app.form(
            &app.respond(&somebody("alice"), &started),
            &started.relay_state,
        );
        let page = app.post_acs(&agent, &form).await;
        let page = agent.follow(page).await;
        assert_eq!(page.status, StatusCode::OK, "{page}");
        assert!(page.body.contains(READER), "{page}");
        assert_eq!(page.body.contains("data-submit-now"), at_once, "{page}");
    }
}

#[actix_web::test]
async fn with_several_idps_a_link_waits_on_the_sign_in_page() {
    let app = TestApp::start_with(Options {
        two_idps: true,
        ..Options::default()
    });
    let agent = UserAgent::new();
    let page = agent.get(app.at(LINK)).await;
    let link = "/login?idp=corp&amp;return_to=%2Fgo%3Faccount%3DPROD%26role%3Dreader";
    assert!(
        page.body.contains(link) || page.body.contains(&link.replace("&amp;", "&#38;")),
        "{page}"
    );
    let to_idp = agent.get(app.at(&link.replace("&amp;", "&"))).await;
    assert!(to_idp.redirect().is_some(), "{to_idp}");
}

#[actix_web::test]
async fn a_link_to_a_role_not_held_names_the_role_and_the_person() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    let page = get(&app, &agent, "/go?account=prod&role=<Owner>", "none").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    for said in ["alice@example.com", "<Owner> (prod)"] {
        assert!(page.text().contains(said), "{said}: {page}");
    }
}

#[actix_web::test]
async fn a_link_gives_nobody_a_role_they_do_not_have() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("alice")).await;
    let vault = format!("/go?account=111111111111&role={VAULT}");
    for path in [
        vault.as_str(),
        "/go?account=999999999999&role=reader",
        "/go?account=&role=",
        "/go",
        "/go?account=1&account=2&role=x",
    ] {
        let page = get(&app, &agent, path, "none").await;
        assert!(page.status.is_client_error(), "{path}: {page}");
        assert!(!page.body.contains("data-submit-now"), "{path}: {page}");
    }
}

#[actix_web::test]
async fn each_row_has_its_link() {
    let app = app();
    let agent = UserAgent::new();
    let page = app.sign_in(&agent, &somebody("alice")).await;
    let link = page.body.split("href=\"/go?").nth(1).expect("a link");
    let link = link
        .split('"')
        .next()
        .unwrap()
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    let page = get(&app, &agent, &format!("/go?{link}"), "same-origin").await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
}

/// A link with a role ARN needs no account. A link can set the duration of the credentials.
#[actix_web::test]
async fn a_link_with_an_arn_and_a_duration() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    let link = format!("/go?role={READER}&action=credentials&duration_seconds=900");
    let page = get(&app, &agent, &link, "none").await;
    let form = page.form_with("role_arn").expect("a button");
    let role = form.field("role_arn").unwrap_or_default();
    assert!(role.starts_with(&format!("{READER} ")), "{role}");
    assert_eq!(form.field("duration_seconds"), Some("900"));
    for (path, status) in [
        ("/go?role=reader", StatusCode::BAD_REQUEST),
        // Mistyped links are refused.
        (
            &format!("{LINK}&action=credential"),
            StatusCode::BAD_REQUEST,
        ),
        (
            &format!("{LINK}&duration_seconds=5"),
            StatusCode::BAD_REQUEST,
        ),
        (
            &format!("{LINK}&duration_seconds=x"),
            StatusCode::BAD_REQUEST,
        ),
        (&format!("{LINK}&policy=none"), StatusCode::BAD_REQUEST),
        (&format!("{LINK}&polcy=read-only"), StatusCode::BAD_REQUEST),
        ("/?policy=none", StatusCode::BAD_REQUEST),
        (&format!("{LINK}&action=console"), StatusCode::OK),
        (&format!("{LINK}&action=show"), StatusCode::OK),
        (
            "/go?role=arn:aws:iam::999999999999:role/x",
            StatusCode::FORBIDDEN,
        ),
        ("/go?account=prod", StatusCode::BAD_REQUEST),
    ] {
        let page = get(&app, &agent, path, "none").await;
        assert_eq!(page.status, status, "{path}: {page}");
    }
}
