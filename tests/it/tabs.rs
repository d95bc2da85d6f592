//! Several logins in one browser at the same time, and what the browser keeps for each of them.

use std::collections::BTreeMap;

use reqwest::StatusCode;

use crate::credentials::form;
use crate::support::app::{Options, Started, TestApp, person};
use crate::support::user_agent::{Page, UserAgent};

const READER: &str = "arn:aws:iam::111111111111:role/reader";
/// The text of the page that asks the person to request something again.
const ASK_AGAIN: &str = "could not be kept";

/// Begins a login in a new tab. After the login, the browser goes to the page with this number.
async fn begin(app: &TestApp, agent: &UserAgent, number: usize) -> Started {
    let path = format!("/login?idp=corp&return_to=%2F%3Fregion%3D%26number%3D{number}");
    app.begin_at(agent, &path).await
}

/// Finishes a login. Returns the first page after `/login/finish`, without following redirects.
async fn finish(app: &TestApp, agent: &UserAgent, started: &Started) -> Page {
    let response = app.respond(&person("alice"), started);
    let form = app.form(&response, &started.relay_state);
    let code = app.post_acs(agent, &form).await.redirect().unwrap();
    agent.get(&code).await
}

fn assert_at(page: &Page, number: usize) {
    let location = page
        .headers
        .get("location")
        .map(|path| path.to_str().unwrap());
    let expected = format!("/?region=&number={number}");
    assert_eq!(location, Some(expected.as_str()), "{page}");
}

#[actix_web::test]
async fn four_tabs_finish_in_any_order() {
    let app = TestApp::start();
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
        let agent = UserAgent::new();
        let mut tabs = Vec::new();
        for number in 0..4 {
            tabs.push(begin(&app, &agent, number).await);
        }
        for number in order {
            assert_at(&finish(&app, &agent, &tabs[number]).await, number);
        }
    }
}

/// A fifth login replaces what the browser kept for the first. All five sign in, and the person is
/// asked again for what was lost.
#[actix_web::test]
async fn what_was_lost_is_asked_for_again() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let mut tabs = Vec::new();
    for number in 0..5 {
        tabs.push(begin(&app, &agent, number).await);
    }
    let page = finish(&app, &agent, &tabs[0]).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    assert!(page.body.contains(ASK_AGAIN), "{page}");
    for (number, tab) in tabs.iter().enumerate().skip(1) {
        assert_at(&finish(&app, &agent, tab).await, number);
    }
}

/// Random text, which cannot be compressed.
fn noise(octets: usize) -> String {
    let mut state = 1_u64;
    let letter = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(b'a' + u8::try_from((state >> 40) % 26).unwrap())
    });
    letter.take(octets).collect()
}

/// A form that is too large to keep. Nothing is dropped without a word.
#[actix_web::test]
async fn a_form_that_does_not_fit_is_asked_for_again() {
    let app = TestApp::start();
    for octets in [1_000, 15_000, 400_000] {
        let agent = UserAgent::new();
        let fields = form(READER, &[("destination", &noise(octets))]);
        let page = agent.post_form(app.at("/credentials"), &fields).await;
        let page = finish(&app, &agent, &Started::from_redirect(&page)).await;
        assert_eq!(page.status, StatusCode::OK, "{page}");
        assert!(page.body.contains(ASK_AGAIN), "{page}");
        assert!(page.body.contains("href=\"/\""), "{page}");
    }
}

/// The portal submits the switches of all roles. Only those of the requested role are kept.
#[actix_web::test]
async fn a_form_with_the_switches_of_200_roles_is_kept() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let role = |number| format!("arn:aws:iam::111111111111:role/{}{number}", noise(30));
    let mut fields = form(&role(7), &[("duration_seconds", "3600")]);
    fields.extend((0..200).map(|number| {
        let value = format!("read-only {}", role(number));
        (format!("policy-1-{number}"), value)
    }));
    let page = agent.post_form(app.at("/credentials"), &fields).await;
    let page = finish(&app, &agent, &Started::from_redirect(&page)).await;
    let repeated = page.form_with("role_arn").expect("the form again");
    assert_eq!(repeated.field("role_arn"), Some(role(7).as_str()));
    assert_eq!(
        repeated.field("policy-1-7"),
        Some(format!("read-only {}", role(7)).as_str())
    );
    assert_eq!(repeated.field("policy-1-8"), None);
}

/// The cookies that a browser has, by name.
#[derive(Default)]
struct Jar(BTreeMap<String, String>);

impl Jar {
    fn note(&mut self, page: &Page) {
        for cookie in page.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if cookie.contains("Max-Age=0") {
                self.0.remove(name);
            } else {
                assert!(name.len() + value.len() < 1_024, "{cookie}");
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// The length of the Cookie header over HTTPS, where the names have the prefix `__Host-`.
    fn octets(&self) -> usize {
        let prefix = "__Host-".len();
        let cookies = self.0.iter();
        let sizes = cookies.map(|(name, value)| prefix + name.len() + "=; ".len() + value.len());
        sizes.sum()
    }
}

/// Proxies refuse requests with more than about 8 kB of headers. A page that opens windows must not
/// be able to lock a browser out.
#[actix_web::test]
async fn the_cookies_of_a_browser_stay_below_4_kilobytes() {
    let app = TestApp::start_with(Options {
        two_idps: true,
        ..Options::default()
    });
    let agent = UserAgent::new();
    let mut jar = Jar::default();
    let mut most = 0;
    for octets in (0..2_000).step_by(60) {
        let text = noise(octets);
        let path = format!("/login?idp=corp&return_to=%2F%3F{text}");
        jar.note(&agent.get(app.at(&path)).await);
        jar.note(&agent.get(app.at(&format!("/go?{text}"))).await);
        most = most.max(jar.octets());
    }
    let started = app.begin(&agent).await;
    let response = app.respond(&person("alice"), &started);
    let page = app
        .post_acs(&agent, &app.form(&response, &started.relay_state))
        .await;
    jar.note(&page);
    jar.note(&agent.get(page.redirect().unwrap()).await);
    most = most.max(jar.octets());
    println!("{most} bytes of cookies: {:?}", jar.0.keys());
    assert!(most > 3_000, "{most}");
    assert!(most < 4_096, "{most}");
    // Signing out removes them.
    jar.note(&agent.post_form(app.at("/logout"), &[]).await);
    let left: Vec<_> = jar.0.keys().collect();
    assert_eq!(left, ["rolecall-idp"]);
}
