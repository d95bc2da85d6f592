//! What happens to a session while AWS is being called for it.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;

use crate::credentials::{READER, SHORT, form, somebody};
use crate::several::choose;
use crate::support::app::{Options, TestApp};
use crate::support::capture::Capture;
use crate::support::user_agent::{Page, UserAgent};
use crate::tools::message;

/// A request that makes rolecall call AWS.
#[derive(Clone, Copy, Debug)]
enum Ask {
    Credentials,
    CredentialsApi,
    Several,
    Console,
    ConsoleApi,
    Tool,
    ToolApi,
}

const ALL: [Ask; 7] = [
    Ask::Credentials,
    Ask::CredentialsApi,
    Ask::Several,
    Ask::Console,
    Ask::ConsoleApi,
    Ask::Tool,
    Ask::ToolApi,
];

impl Ask {
    async fn send(self, app: &TestApp, agent: &UserAgent) -> Page {
        let message = message();
        let api = async |path: &str, body: serde_json::Value| {
            let request = agent.request(Method::POST, app.at(path));
            agent.send(request.body(body.to_string())).await
        };
        let page = async |path: &str, fields: Vec<(String, String)>| {
            agent.post_form(app.at(path), &fields).await
        };
        match self {
            Self::Credentials => page("/credentials", form(READER, &[])).await,
            Self::Several => page("/credentials/several", choose(&[READER, SHORT])).await,
            Self::Console => page("/console", form(READER, &[])).await,
            Self::Tool => page("/tools/refusal", form(READER, &[("message", &message)])).await,
            Self::CredentialsApi => api("/api/credentials", json!({ "role_arn": READER })).await,
            Self::ConsoleApi => api("/api/console", json!({ "role_arn": READER })).await,
            Self::ToolApi => {
                let body = json!({ "role_arn": READER, "message": message });
                api("/api/tools/refusal", body).await
            }
        }
    }
}

fn app(sts: &Capture) -> TestApp {
    let endpoint = sts.endpoint();
    TestApp::start_with(Options {
        aws: format!("sts_endpoint = \"{endpoint}\"\nsignin_endpoint = \"{endpoint}\"\n"),
        more: "[tools]\nwhen = []\n".to_owned(),
        ..Options::default()
    })
}

/// Whether a response contains what AWS returned.
fn hands_over(page: &Page) -> bool {
    let location = page
        .redirect()
        .is_some_and(|url| url.as_str().contains("SigninToken"));
    location || page.body.contains("ASIAIOSFODNN7EXAMPLE") || page.body.contains("SigninToken")
}

/// Sends the request, and does `meanwhile` while AWS is being called.
async fn with(sts: &Capture, asked: impl Future<Output = Page>, meanwhile: impl Future) -> Page {
    let meanwhile = async {
        sts.begins().await;
        meanwhile.await;
        sts.respond();
    };
    futures_util::future::join(asked, meanwhile).await.0
}

fn assert_discarded(app: &TestApp, page: &Page, ask: Ask) {
    assert!(!hands_over(page), "{ask:?}: {page}");
    let lines = app.audit();
    let issued = lines.iter().filter(|line| {
        let event = &line["event"];
        event == "credentials_issued" || event == "console_opened"
    });
    assert_eq!(issued.count(), 0, "{ask:?}: {lines:?}");
    let ended: Vec<_> = lines
        .iter()
        .filter(|line| line["code"] == "session_ended")
        .collect();
    let expected = if matches!(ask, Ask::Several) { 2 } else { 1 };
    assert_eq!(ended.len(), expected, "{ask:?}: {lines:?}");
    if !matches!(ask, Ask::Tool | Ask::ToolApi) {
        assert_eq!(ended[0]["sts_request_id"], "x", "{ask:?}");
    }
}

#[actix_web::test]
async fn what_is_at_aws_when_the_person_signs_out_is_not_handed_over() {
    for ask in ALL {
        let sts = Capture::holding(usize::MAX);
        let app = app(&sts);
        let agent = UserAgent::new();
        app.sign_in(&agent, &somebody("alice")).await;
        let sign_out = agent.post_form(app.at("/logout"), &[]);
        let page = with(&sts, ask.send(&app, &agent), sign_out).await;
        assert_discarded(&app, &page, ask);
        if !matches!(ask, Ask::Several) {
            assert_eq!(page.status, 401, "{ask:?}: {page}");
        }
    }
}

#[actix_web::test]
async fn what_is_at_aws_when_the_session_s_time_is_over_is_not_handed_over() {
    for ask in [Ask::Credentials, Ask::ConsoleApi] {
        let sts = Capture::holding(usize::MAX);
        let app = app(&sts);
        let agent = UserAgent::new();
        app.sign_in(&agent, &somebody("alice")).await;
        let later = async { app.clock.advance(TimeDelta::hours(9)) };
        let page = with(&sts, ask.send(&app, &agent), later).await;
        assert_discarded(&app, &page, ask);
    }
}

/// The other tests would also pass if nothing was ever handed over.
#[actix_web::test]
async fn what_is_at_aws_is_handed_over_to_a_session_that_lasts() {
    for ask in ALL {
        let sts = Capture::holding(usize::MAX);
        let app = app(&sts);
        let agent = UserAgent::new();
        app.sign_in(&agent, &somebody("alice")).await;
        let nothing = async {};
        let page = with(&sts, ask.send(&app, &agent), nothing).await;
        if !matches!(ask, Ask::Tool | Ask::ToolApi) {
            assert!(hands_over(&page), "{ask:?}: {page}");
        }
        assert!(!app.audit_text().contains("session_ended"), "{ask:?}");
    }
}
