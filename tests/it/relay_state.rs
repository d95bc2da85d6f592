//! The RelayState, which is the login in progress: nobody can forge, change or repeat it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use reqwest::{Method, StatusCode};

use crate::support::app::{Started, TestApp, fields, person};
use crate::support::user_agent::{Page, UserAgent};

/// A login at the IdP, and the field `SAMLResponse` of the IdP's response.
struct AtTheIdp {
    agent: UserAgent,
    started: Started,
    field: String,
}

impl AtTheIdp {
    async fn begin(app: &TestApp) -> Self {
        let agent = UserAgent::new();
        let started = app.begin(&agent).await;
        let response = app.respond(&person("alice"), &started);
        let field = app.idp.form_field(&response).expect("the IdP signs");
        Self {
            agent,
            started,
            field,
        }
    }

    /// Posts the response with this RelayState.
    async fn post(&self, app: &TestApp, relay_state: &str) -> Page {
        let form = fields(&self.field, relay_state);
        self.agent.post_form(app.at("/saml/acs"), &form).await
    }

    async fn assert_unknown(&self, app: &TestApp, relay_state: &str) {
        let lines = app.audit().len();
        let page = self.post(app, relay_state).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{relay_state}: {page}");
        let audit = app.audit();
        assert_eq!(audit.len(), lines + 1, "{relay_state}");
        assert_eq!(audit[lines]["check"], "unknown_login", "{relay_state}");
    }

    async fn assert_accepted(&self, app: &TestApp) {
        let page = self.post(app, &self.started.relay_state).await;
        assert!(page.redirect().is_some(), "{page}");
        let page = self.agent.follow(page).await;
        assert_eq!(page.url.path(), "/", "{page}");
    }
}

/// A RelayState may have at most 80 bytes (saml-bindings 3.4.3, 3.5.3).
#[actix_web::test]
async fn a_relay_state_has_78_characters() {
    let app = TestApp::start();
    let started = app.begin(&UserAgent::new()).await;
    assert_eq!(started.relay_state.len(), 78, "{}", started.relay_state);
}

/// The changes affect every field: version, time, IdP, flags, browser, epoch, nonce and tag.
#[actix_web::test]
async fn a_changed_relay_state_belongs_to_no_login() {
    let app = TestApp::start();
    let login = AtTheIdp::begin(&app).await;
    let octets = URL_SAFE_NO_PAD.decode(&login.started.relay_state).unwrap();
    assert_eq!(octets.len(), 58);
    for at in 0..octets.len() {
        for bit in [0, 3, 7] {
            let mut changed = octets.clone();
            changed[at] ^= 1 << bit;
            let changed = URL_SAFE_NO_PAD.encode(changed);
            login.assert_unknown(&app, &changed).await;
        }
    }
    login.assert_accepted(&app).await;
}

#[actix_web::test]
async fn a_relay_state_of_another_length_version_or_process_belongs_to_no_login() {
    let app = TestApp::start();
    let login = AtTheIdp::begin(&app).await;
    let good = &login.started.relay_state;
    for length in 1..good.len() {
        login.assert_unknown(&app, &good[..length]).await;
    }
    let octets = URL_SAFE_NO_PAD.decode(good).unwrap();
    for version in [0, 2, 255] {
        let mut other = octets.clone();
        other[0] = version;
        login
            .assert_unknown(&app, &URL_SAFE_NO_PAD.encode(other))
            .await;
    }
    let long = URL_SAFE_NO_PAD.encode([&octets[..], &[0]].concat());
    let other = TestApp::start();
    let foreign = other.begin(&UserAgent::new()).await.relay_state;
    for relay_state in [
        long.as_str(),
        &foreign,
        &format!("{good}="),
        &format!(" {good}"),
        &good.to_uppercase(),
        &"A".repeat(78),
        &"A".repeat(20_000),
        "\u{e4}\u{0}",
    ] {
        login.assert_unknown(&app, relay_state).await;
    }
    login.assert_accepted(&app).await;
}

/// Two responses with different assertions: the second is refused although its assertion is new.
#[actix_web::test]
async fn a_relay_state_is_good_once() {
    let app = TestApp::start();
    let login = AtTheIdp::begin(&app).await;
    login.assert_accepted(&app).await;
    let response = app.respond(&person("alice"), &login.started);
    let field = app.idp.form_field(&response).unwrap();
    let again = AtTheIdp {
        agent: UserAgent::new(),
        field,
        ..login
    };
    let page = again.post(&app, &again.started.relay_state).await;
    let page = again.agent.follow(page).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    assert_eq!(app.last_audit()["check"], "replay");
}

#[actix_web::test]
async fn a_person_may_take_fifteen_minutes_at_the_idp() {
    for (seconds, is_accepted) in [(10 * 60, true), (15 * 60, true), (15 * 60 + 1, false)] {
        let app = TestApp::start();
        let login = AtTheIdp::begin(&app).await;
        app.clock.advance(TimeDelta::seconds(seconds));
        let response = app.respond(&person("alice"), &login.started);
        let field = app.idp.form_field(&response).unwrap();
        let login = AtTheIdp { field, ..login };
        if is_accepted {
            login.assert_accepted(&app).await;
        } else {
            let page = login.post(&app, &login.started.relay_state).await;
            let page = login.agent.follow(page).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
            assert_eq!(app.last_audit()["check"], "unknown_login");
        }
    }
}

/// The login cookie of the browser that began the login is needed to finish it.
#[actix_web::test]
async fn a_changed_login_cookie_finishes_no_login() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let begun = agent.get(app.at("/login?idp=corp")).await;
    let cookies = begun.headers.get_all("set-cookie").iter();
    let mut cookies = cookies.filter_map(|cookie| cookie.to_str().unwrap().split(';').next());
    let cookie = cookies.find(|cookie| cookie.starts_with("rolecall-login="));
    let cookie = cookie.expect("a login cookie").to_owned();
    let started = Started::from_redirect(&begun);
    let form = app.form(
        &app.respond(&person("alice"), &started),
        &started.relay_state,
    );
    let code = app.post_acs(&agent, &form).await.redirect().unwrap();
    let name = "rolecall-login=".len();
    for at in name..cookie.len() {
        let mut changed = cookie.clone();
        let other = if &cookie[at..=at] == "A" { "B" } else { "A" };
        changed.replace_range(at..=at, other);
        let request = UserAgent::new().request(Method::GET, &code);
        let page = UserAgent::new()
            .send(request.header("cookie", changed))
            .await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{at}: {page}");
        assert_eq!(app.last_audit()["check"], "other_browser", "{at}");
    }
    assert_eq!(agent.open(&code).await.status, StatusCode::OK);
}
