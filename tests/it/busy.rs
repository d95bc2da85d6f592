//! Overload: a slow AWS, more people than the service can serve, and more sessions than its memory
//! can hold.

use std::collections::HashSet;
use std::thread::available_parallelism;

use futures_util::future::join_all;
use reqwest::StatusCode;
use rolecall::demo::people::Person;

use crate::credentials::{form, json_of};
use crate::support::app::{Options, Started, TestApp, person};
use crate::support::capture::Capture;
use crate::support::saml::{ROLE, ROLE_SESSION_NAME};
use crate::support::user_agent::{Page, UserAgent};

const READER: &str = "arn:aws:iam::111111111111:role/reader";

fn with_sts(sts: &Capture) -> TestApp {
    TestApp::start_with(Options {
        aws: format!("sts_endpoint = \"{}\"", sts.endpoint()),
        ..Options::default()
    })
}

fn limited(limits: &str) -> TestApp {
    TestApp::start_with(Options {
        limits: limits.to_owned(),
        ..Options::default()
    })
}

async fn signed_in(app: &TestApp, name: &str) -> UserAgent {
    let agent = UserAgent::new();
    let portal = app.sign_in(&agent, &person(name)).await;
    assert_eq!(portal.status, StatusCode::OK, "{portal}");
    agent
}

async fn credentials(app: &TestApp, agent: &UserAgent) -> Page {
    let role = form(READER, &[]);
    agent.post_form(app.at("/credentials"), &role).await
}

/// If the connection is still in use for the previous call, the next call opens a new one. So this
/// test counts the people who were served without a new connection.
#[actix_web::test]
async fn one_connection_to_aws_serves_many_people() {
    let sts = Capture::start();
    let app = with_sts(&sts);
    let mut known = HashSet::new();
    let (mut people, mut served) = (0, 0);
    while served < 5 {
        let agent = signed_in(&app, &format!("person-{people}")).await;
        let page = credentials(&app, &agent).await;
        assert_eq!(page.status, StatusCode::OK, "{page}");
        let used = sts.peers();
        assert!(!used.is_empty(), "no call to AWS");
        served += usize::from(used.is_subset(&known));
        known.extend(used);
        people += 1;
        assert!(people < 50, "{} connections", known.len());
    }
}

#[actix_web::test]
async fn sts_calls_of_different_people_run_concurrently() {
    // STS responds only when all twelve requests have arrived.
    let sts = Capture::holding(12);
    let app = with_sts(&sts);
    let mut agents = Vec::new();
    for number in 0..12 {
        agents.push(signed_in(&app, &format!("person-{number}")).await);
    }
    let pages = join_all(agents.iter().map(|agent| credentials(&app, agent))).await;
    for page in pages {
        assert_eq!(page.status, StatusCode::OK, "{page}");
    }
}

#[actix_web::test]
async fn a_slow_aws_delays_no_login() {
    // STS holds its responses until the test releases them.
    let sts = Capture::holding(usize::MAX);
    let app = with_sts(&sts);
    let agent = signed_in(&app, "early").await;
    let eight = join_all((0..8).map(|_| credentials(&app, &agent)));
    let meanwhile = async {
        sts.begins().await;
        for number in 0..5 {
            signed_in(&app, &format!("person-{number}")).await;
        }
        sts.respond();
    };
    let (pages, ()) = futures_util::future::join(eight, meanwhile).await;
    for page in pages {
        assert_eq!(page.status, StatusCode::OK, "{page}");
    }
}

#[actix_web::test]
async fn load_shedding_sends_retry_after_and_loses_nothing() {
    let app = limited("waiting_milliseconds = 2\nrequests_per_minute = 0");
    // More logins than all workers together can check within the waiting limit of 2 ms.
    let people = 30 * available_parallelism().unwrap().get();
    // Begin the logins one at a time; only the posts below are concurrent.
    let mut logins = Vec::new();
    for number in 0..people {
        let agent = UserAgent::new();
        let mut page = agent.get(app.at("/login?idp=corp")).await;
        while page.status == StatusCode::SERVICE_UNAVAILABLE {
            page = agent.get(app.at("/login?idp=corp")).await;
        }
        let started = Started::from_redirect(&page);
        let response = app.respond(&with_roles(&format!("person-{number}"), 100), &started);
        logins.push((agent, app.form(&response, &started.relay_state)));
    }
    let acs = app.at("/saml/acs");
    let posts = logins
        .iter()
        .map(|(agent, form)| agent.post_form(&acs, form));
    let pages = join_all(posts).await;
    let is_busy = |page: &Page| page.status == StatusCode::SERVICE_UNAVAILABLE;
    let busy: Vec<_> = pages.iter().filter(|page| is_busy(page)).collect();
    assert!(!busy.is_empty(), "no response was refused");
    for page in busy {
        assert_eq!(page.headers["retry-after"], "5");
        assert_eq!(page.headers["cache-control"], "no-store");
        assert!(page.body.contains("Too busy right now"), "{page}");
        let id = page.headers["x-request-id"].to_str().unwrap();
        assert!(page.body.contains(id), "{page}");
    }
    for ((agent, form), mut page) in logins.iter().zip(pages) {
        while is_busy(&page) {
            page = app.post_acs(agent, form).await;
        }
        let finish = page.redirect().expect("the login is accepted");
        while is_busy(&page) || page.redirect().as_ref() == Some(&finish) {
            page = agent.get(&finish).await;
        }
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{page}");
    }
    let accepted = app.audit();
    let accepted = accepted
        .iter()
        .filter(|line| line["event"] == "login_accepted");
    assert_eq!(accepted.count(), people);
}

fn with_roles(name: &str, roles: usize) -> Person {
    let values = (0..roles).map(|number| {
        let account = 111_111_111_111_u64 + u64::try_from(number).expect("a usize fits in a u64");
        format!(
            "arn:aws:iam::{account}:role/team-role-{number},arn:aws:iam::{account}:saml-provider/corp"
        )
    });
    Person::new(name, name)
        .with_attribute(ROLE, values)
        .with_attribute(ROLE_SESSION_NAME, [name])
}

#[actix_web::test]
async fn a_full_store_admits_no_new_session_and_ends_none() {
    let app = limited("session_megabytes = 1");
    let mut agents = Vec::new();
    let refused = loop {
        let agent = UserAgent::new();
        let page = agent.get(app.at("/login?idp=corp")).await;
        if page.status == StatusCode::SERVICE_UNAVAILABLE {
            break page;
        }
        let name = format!("person-{}", agents.len());
        let page = app.sign_in(&agent, &with_roles(&name, 50)).await;
        if page.status == StatusCode::SERVICE_UNAVAILABLE {
            break page;
        }
        assert_eq!(page.status, StatusCode::OK, "{page}");
        agents.push(agent);
        assert!(agents.len() < 1_000, "the store never fills up");
    };
    assert_eq!(refused.headers["retry-after"], "60");
    assert!(
        refused.body.contains("No more sign-ins right now"),
        "{refused}"
    );
    assert!(agents.len() > 10, "{} people fill the store", agents.len());
    for agent in &agents {
        let roles = agent.get(app.at("/api/roles")).await;
        assert_eq!(roles.status, StatusCode::OK, "{roles}");
    }
    // People with a session need new assertions throughout the day, so they can sign in again even
    // when the store is full.
    let renew = |number: usize| {
        let person = with_roles(&format!("person-{number}"), 50);
        let (app, agent) = (&app, &agents[number]);
        async move { app.sign_in(agent, &person).await.status }
    };
    assert_eq!(renew(5).await, StatusCode::OK);
    // While the store is full, each person's logins are limited. Otherwise, one person could use up
    // the memory that is reserved for people with a session.
    let mut renewed = 0;
    while renew(6).await == StatusCode::OK {
        renewed += 1;
        assert!(renewed < 100, "there is no limit");
    }
    assert!(renewed >= 3, "{renewed}");
    // The limit does not affect other people.
    assert_eq!(renew(5).await, StatusCode::OK);
    // When people sign out, others can sign in.
    for agent in agents.iter().take(3) {
        agent.post_form(app.at("/logout"), &[]).await;
    }
    let agent = signed_in(&app, "late").await;
    let roles = json_of(&agent.get(app.at("/api/roles")).await);
    assert_eq!(roles["name_id"], "late@example.com");
}

#[actix_web::test]
async fn logins_of_each_person_are_rate_limited() {
    let app = limited("logins_per_minute = 3\nrequests_per_minute = 0");
    let agent = UserAgent::new();
    let started = app.begin(&agent).await;
    let form = app.form(
        &app.respond(&person("alice"), &started),
        &started.relay_state,
    );
    assert_eq!(
        app.post_acs(&agent, &form).await.status,
        StatusCode::SEE_OTHER
    );
    // A used response, which another person may have copied, does not count toward the limit.
    for _ in 0..10 {
        let again = app.post_acs(&UserAgent::new(), &form).await;
        let again = UserAgent::new().follow(again).await;
        assert_eq!(again.status, StatusCode::FORBIDDEN);
    }
    let mut logins = 1;
    let refused = loop {
        let page = app.sign_in(&UserAgent::new(), &person("alice")).await;
        if page.status != StatusCode::OK {
            break page;
        }
        logins += 1;
        assert!(logins < 100, "there is no limit");
    };
    assert!(logins >= 3, "{logins}");
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers.contains_key("retry-after"));
    assert!(
        refused.body.contains("You have signed in too often"),
        "{refused}"
    );
    let line = app.last_audit();
    assert_eq!(line["check"], "too_many_logins");
    assert_eq!(line["name_id"], "alice@example.com");
    // The limit does not affect other people.
    signed_in(&app, "bob").await;
}

/// A person whose assertion is longer than AWS accepts can still sign in. A role that needs the
/// assertion is then refused, and the audit line gives the reason.
#[actix_web::test]
async fn an_assertion_too_large_for_aws_is_not_stored() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let portal = app.sign_in(&agent, &with_roles("alice", 600)).await;
    assert_eq!(portal.status, StatusCode::OK, "{portal}");
    let role = form("arn:aws:iam::111111111111:role/team-role-0", &[]);
    let refused = agent.post_form(app.at("/credentials"), &role).await;
    assert_eq!(
        app.last_audit()["code"],
        "sts_assertion_too_long",
        "{refused}"
    );
}

#[actix_web::test]
async fn a_login_refused_by_a_full_store_is_audited_and_can_be_retried() {
    let app = limited("session_megabytes = 1\nrequests_per_minute = 0");
    let late = UserAgent::new();
    let started = app.begin(&late).await;
    let form = app.form(
        &app.respond(&person("late"), &started),
        &started.relay_state,
    );
    let mut agents = Vec::new();
    // Fill the store with smaller and smaller sessions, because a session with few roles may still
    // fit when a larger one does not.
    for roles in [400, 100, 20, 1] {
        loop {
            let agent = UserAgent::new();
            let page = agent.get(app.at("/login?idp=corp")).await;
            if page.status == StatusCode::SERVICE_UNAVAILABLE {
                break;
            }
            let name = format!("person-{}", agents.len());
            let page = app.sign_in(&agent, &with_roles(&name, roles)).await;
            if page.status == StatusCode::SERVICE_UNAVAILABLE {
                break;
            }
            agents.push(agent);
        }
    }
    let refused = app.post_acs(&late, &form).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{refused}");
    let line = app.last_audit();
    assert_eq!(line["event"], "login_refused");
    assert_eq!(line["check"], "store_full");
    agents[0].post_form(app.at("/logout"), &[]).await;
    let portal = late.follow(app.post_acs(&late, &form).await).await;
    assert!(portal.body.contains(READER), "{portal}");
}
