//! A flood of requests from people who are not signed in, while other people sign in at the IdP.

use std::net::Ipv4Addr;

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};

use crate::credentials::form;
use crate::support::app::{Options, Started, TestApp, person};
use crate::support::user_agent::UserAgent;

const READER: &str = "arn:aws:iam::111111111111:role/reader";
/// The number of addresses from which the flood comes. The default rate limit applies to each.
const ADDRESSES: u8 = 10;
/// The number of large forms and long links that each address sends.
const REQUESTS: usize = 460;

fn behind_a_proxy() -> TestApp {
    TestApp::start_with(Options {
        http: "trusted_proxies = [\"127.0.0.1\"]".to_owned(),
        ..Options::default()
    })
}

/// A form of 16 kB for a role, with eight switches for that role.
fn large_form() -> Vec<(String, String)> {
    let switch = |number| {
        let value = format!("p {READER} {}", "x".repeat(1_900));
        (format!("policy-1-{number}"), value)
    };
    let mut fields = form(READER, &[]);
    fields.extend((0..8).map(switch));
    fields
}

/// Sends requests that begin logins from one address, one after the other.
async fn flood(app: &TestApp, address: Ipv4Addr) {
    let agent = UserAgent::new();
    let body = serde_urlencoded::to_string(large_form()).unwrap();
    let link = app.at(&format!("/login?return_to=%2F%3F{}", "x".repeat(2_000)));
    for number in 0..REQUESTS {
        let request = match number % 10 {
            0 => agent.request(Method::GET, &link),
            _ => agent
                .request(Method::POST, app.at("/credentials"))
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body.clone()),
        };
        let page = agent.send(request.header("x-forwarded-for", address.to_string()));
        let page = page.await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{page}");
    }
}

/// Twelve people are at the IdP while ten addresses send as many requests as would fill 64 MB if
/// rolecall kept what they ask for. All twelve come back, some of them ten minutes later.
#[actix_web::test]
async fn a_flood_of_new_logins_ends_no_login_in_progress() {
    let app = behind_a_proxy();
    let mut people = Vec::new();
    for number in 0..12 {
        let agent = UserAgent::new();
        let page = agent.get(app.at("/login?idp=corp&return_to=%2Fme")).await;
        people.push((
            format!("person-{number}"),
            agent,
            Started::from_redirect(&page),
        ));
    }
    let addresses = (1..=ADDRESSES).map(|last| Ipv4Addr::new(192, 0, 2, last));
    join_all(addresses.map(|address| flood(&app, address))).await;
    let mut signed_in = 0;
    for (number, (name, agent, started)) in people.iter().enumerate() {
        if number == 6 {
            app.clock.advance(TimeDelta::minutes(10));
        }
        let form = app.form(&app.respond(&person(name), started), &started.relay_state);
        let page = app.finish(agent, &form).await;
        signed_in += usize::from(page.status == StatusCode::OK && page.url.path() == "/me");
    }
    assert_eq!(signed_in, people.len());
}
