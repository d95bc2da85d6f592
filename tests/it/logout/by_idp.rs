//! Sessions that the IdP ends.

use super::*;
use crate::credentials::{READER, somebody};
use crate::support::capture::Capture;

#[actix_web::test]
async fn the_idp_can_end_a_session_without_its_cookie_and_gets_a_response() {
    for binding in ["HTTP-Redirect", "HTTP-POST"] {
        let bench = Bench::new(binding);
        let agent = bench.signed_in().await;
        let request = bench.request("alice@example.com", &[]);
        let stranger = UserAgent::new();
        let (page, response) = if binding == "HTTP-Redirect" {
            let page = stranger.get(bench.url(&request)).await;
            let url = page.redirect().unwrap_or_else(|| panic!("{page}"));
            let state = url
                .query_pairs()
                .find(|(name, _)| name == "RelayState")
                .unwrap()
                .1;
            assert_eq!(state, "state/1");
            let response = ours(&url, &bench.sp_key);
            (page, response)
        } else {
            let page = stranger
                .post_form(bench.app.at("/saml/slo"), &by_post(&request))
                .await;
            let form = page.form_with("SAMLResponse").unwrap();
            assert_eq!(form.field("RelayState"), Some("state/1"));
            let response = decode(form.field("SAMLResponse").unwrap()).unwrap();
            (page, response)
        };
        assert_eq!(attribute(&response, "InResponseTo"), request.id, "{page}");
        assert!(response.contains(SUCCESS), "{response}");
        assert!(!bench.is_signed_in(&agent).await);
        let line = bench.app.last_audit();
        assert_eq!(line["event"], "logout_by_idp", "{line}");
        assert_eq!(line["name_id"], "alice@example.com", "{line}");
        // The logout does not affect a later session.
        bench.app.clock.advance(TimeDelta::seconds(1));
        let again = bench.signed_in().await;
        assert!(bench.is_signed_in(&again).await);
    }
}

/// AWS may take seconds to respond.
#[actix_web::test]
async fn what_is_at_aws_when_the_idp_ends_the_session_is_not_handed_over() {
    let sts = Capture::holding(usize::MAX);
    let options = Options {
        aws: format!("sts_endpoint = \"{}\"\n", sts.endpoint()),
        ..Options::default()
    };
    let bench = Bench::with("HTTP-Redirect", options);
    let agent = UserAgent::new();
    bench.app.sign_in(&agent, &somebody("alice")).await;
    let fields = form(READER, &[]);
    let asked = agent.post_form(bench.app.at("/credentials"), &fields);
    let meanwhile = async {
        sts.begins().await;
        let url = bench.url(&bench.request("alice@example.com", &[]));
        UserAgent::new().get(url).await;
        sts.respond();
    };
    let (page, ()) = futures_util::future::join(asked, meanwhile).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED.as_u16(), "{page}");
    let line = bench.app.last_audit();
    assert_eq!(line["event"], "role_refused", "{line}");
    assert_eq!(line["code"], "session_ended", "{line}");
    assert_eq!(line["sts_request_id"], "x", "{line}");
}

#[actix_web::test]
async fn a_session_index_ends_only_that_session_of_that_person() {
    let bench = Bench::with(
        "HTTP-Redirect",
        Options {
            two_idps: true,
            ..Options::default()
        },
    );
    let app = &bench.app;
    let mut agents = Vec::new();
    for index in ["one", "two"] {
        let agent = UserAgent::new();
        let started = app.begin(&agent).await;
        let mut spec = app.respond(&person("alice"), &started);
        let authn = spec.assertion.as_mut().unwrap().authn.as_mut().unwrap();
        authn.session_index = Some(index.to_owned());
        let page = app
            .post_acs(&agent, &app.form(&spec, &started.relay_state))
            .await;
        agent.follow(page).await;
        agents.push(agent);
    }
    let bob = UserAgent::new();
    app.sign_in(&bob, &person("bob")).await;
    let namesake = UserAgent::new();
    app.sign_in_at_the_other(&namesake, &person("alice")).await;
    let stranger = UserAgent::new();
    let end = async |indexes: &[&str]| {
        let page = stranger
            .get(bench.url(&bench.request("alice@example.com", indexes)))
            .await;
        assert!(page.redirect().is_some(), "{page}");
    };
    end(&["three"]).await;
    for agent in [&agents[0], &agents[1], &bob, &namesake] {
        assert!(bench.is_signed_in(agent).await);
    }
    end(&["zero", "one"]).await;
    assert!(!bench.is_signed_in(&agents[0]).await);
    for agent in [&agents[1], &bob, &namesake] {
        assert!(bench.is_signed_in(agent).await);
    }
    end(&[]).await;
    assert!(!bench.is_signed_in(&agents[1]).await);
    for agent in [&bob, &namesake] {
        assert!(bench.is_signed_in(agent).await);
    }
}

/// The browser sends the session cookie when it follows the IdP's redirect, so the response can
/// remove the cookie.
#[actix_web::test]
async fn the_cookie_of_an_ended_session_is_removed() {
    let bench = Bench::new("HTTP-Redirect");
    let agent = bench.signed_in().await;
    let page = agent
        .get(bench.url(&bench.request("bob@example.com", &[])))
        .await;
    assert!(page.headers.get("set-cookie").is_none(), "{page}");
    assert!(bench.is_signed_in(&agent).await);
    let page = agent
        .get(bench.url(&bench.request("alice@example.com", &[])))
        .await;
    let cookie = page.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("rolecall=;") && cookie.contains("Max-Age=0"),
        "{cookie}"
    );
}

#[actix_web::test]
async fn responses_go_to_the_response_location_in_the_metadata() {
    let key = KeyPair::generate("idp");
    let there = "ResponseLocation=\"https://idp.example.com/slo/answers\"";
    let bench = Bench {
        app: TestApp::start_with(Options {
            metadata: Some(metadata(&key, "HTTP-Redirect", there)),
            key: Some(KeyPair::generate("rolecall")),
            ..Options::default()
        }),
        sp_key: key.clone(),
        key,
    };
    let agent = bench.signed_in().await;
    let page = agent
        .get(bench.url(&bench.request("alice@example.com", &[])))
        .await;
    assert_eq!(page.redirect().unwrap().path(), "/slo/answers");
}
