//! Credentials, from the button in the portal to the page that shows them. The tests use an STS
//! that is as strict as AWS's.

use chrono::TimeDelta;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, StatusCode};
use rolecall::clock::Clock;
use rolecall::demo::idp::RelyingParty;
use rolecall::demo::people::Person;
use rolecall::demo::{EmbeddedParts, Settings};
use serde_json::{Value, json};

use crate::support::app::{Options, Started, TestApp, fields};
pub use crate::support::roles::{CHINA, GONE, READER, SHORT, VAULT, roles, somebody};
use crate::support::saml::{ROLE, ROLE_SESSION_NAME};
use crate::support::server::Port;
use crate::support::user_agent::{Page, UserAgent};

pub fn with_aws() -> Options {
    Options {
        roles: Some(roles),
        ..Options::default()
    }
}

pub fn form(role: &str, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let fields = [("role_arn", role)].into_iter().chain(more.iter().copied());
    fields
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

pub async fn post_json(app: &TestApp, agent: &UserAgent, path: &str, body: &Value) -> Page {
    let request = agent.request(Method::POST, app.at(path));
    agent
        .send(
            request
                .header(CONTENT_TYPE, "application/json")
                .body(body.to_string()),
        )
        .await
}

pub fn json_of(page: &Page) -> Value {
    serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("not JSON: {page}"))
}

#[actix_web::test]
async fn the_page_has_every_format_and_masks_its_secrets() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    let portal = app.sign_in(&agent, &somebody("alice")).await;
    let button = portal.pressed(&format!("[formaction='/credentials'][value^='{READER} ']"));
    let page = agent
        .submit(&button.expect("the portal offers the role"))
        .await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    assert_eq!(page.headers["cache-control"], "no-store");
    for text in [
        "export AWS_ACCESS_KEY_ID=",
        "set -gx AWS_ACCESS_KEY_ID",
        "$Env:AWS_ACCESS_KEY_ID",
        "setenv AWS_ACCESS_KEY_ID",
        "set AWS_ACCESS_KEY_ID=",
        "aws_access_key_id = ",
        "&#34;Version&#34;",
        "x_security_token_expires",
        "prod-reader",
    ] {
        assert!(page.body.contains(text), "{text} is missing: {}", page.body);
    }
    let issued = app.last_audit();
    assert_eq!(issued["event"], "credentials_issued");
    assert_eq!(issued["role_arn"], READER);
    assert_eq!(
        issued["provider_arn"],
        "arn:aws:iam::111111111111:saml-provider/corp"
    );
    assert_eq!(issued["session_name"], "alice");
    assert_eq!(issued["duration_seconds"], 3600);
    assert!(issued["sts_request_id"].as_str().unwrap().len() > 8);
    assert_eq!(issued["session"].as_str().unwrap().len(), 16);
}

#[actix_web::test]
async fn the_api_returns_exactly_what_credential_process_expects() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    let body = json!({ "role_arn": READER, "duration_seconds": 900 });
    let page = post_json(&app, &agent, "/api/credentials", &body).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    let credentials = json_of(&page);
    let mut keys: Vec<_> = credentials.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(
        keys,
        [
            "AccessKeyId",
            "Expiration",
            "SecretAccessKey",
            "SessionToken",
            "Version"
        ]
    );
    assert_eq!(credentials["Version"], 1);
    let expiration = credentials["Expiration"]
        .as_str()
        .unwrap()
        .parse::<chrono::DateTime<chrono::Utc>>();
    let seconds = (expiration.unwrap() - app.now()).num_seconds();
    assert_eq!(seconds, 900);
    // The audit trail contains no secret.
    let audit = app.audit_text();
    for secret in ["SecretAccessKey", "SessionToken"] {
        assert!(!audit.contains(credentials[secret].as_str().unwrap()));
    }
}

#[actix_web::test]
async fn roles_of_other_partitions() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    let page = post_json(
        &app,
        &agent,
        "/api/credentials",
        &json!({ "role_arn": CHINA }),
    )
    .await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
}

#[actix_web::test]
async fn a_duration_above_the_maximum_of_the_role_is_shortened_and_shown() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    for _ in 0..2 {
        let page = agent
            .post_form(
                app.at("/credentials"),
                &form(SHORT, &[("duration_seconds", "43200")]),
            )
            .await;
        assert_eq!(page.status, StatusCode::OK, "{page}");
        assert!(page.body.contains("2 hours"), "{}", page.body);
        assert_eq!(app.last_audit()["duration_seconds"], 7200);
    }
    // The portal now shows the maximum next to the role. A person who has no other role cannot
    // choose a longer duration.
    let portal = agent.get(app.at("/")).await;
    let known = portal.texts(".role .arn");
    assert!(known.contains(&"Up to 2 hours".to_owned()), "{known:?}");
    assert_eq!(
        known.iter().filter(|text| text.contains("Up to")).count(),
        1
    );
    assert!(
        portal
            .texts("#duration option")
            .contains(&"12 hours".to_owned())
    );
    let agent = UserAgent::new();
    let provider = "arn:aws:iam::111111111111:saml-provider/corp";
    let bob = Person::new("bob", "bob")
        .with_attribute(ROLE, [format!("{SHORT},{provider}")])
        .with_attribute(ROLE_SESSION_NAME, ["bob"]);
    let portal = app.sign_in(&agent, &bob).await;
    let offered = portal.texts("#duration option");
    assert_eq!(offered, ["15 minutes", "30 minutes", "1 hour", "2 hours"]);
}

#[actix_web::test]
async fn a_duration_outside_the_bounds_is_refused() {
    let app = TestApp::start_with(Options {
        aws: "max_duration_seconds = 7200\n".to_owned(),
        ..with_aws()
    });
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    for seconds in ["899", "7201", "0", "4294967295"] {
        let page = agent
            .post_form(
                app.at("/credentials"),
                &form(READER, &[("duration_seconds", seconds)]),
            )
            .await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page}");
        assert_eq!(app.last_audit()["code"], "invalid_duration");
    }
    for seconds in ["x", "-1", "4294967296", "3600.0"] {
        let page = agent
            .post_form(
                app.at("/credentials"),
                &form(READER, &[("duration_seconds", seconds)]),
            )
            .await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page}");
    }
    for body in [
        json!({}),
        json!({ "role_arn": 1 }),
        json!({ "role_arn": READER, "x": 1 }),
        json!([]),
    ] {
        let page = post_json(&app, &agent, "/api/credentials", &body).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page}");
        assert_eq!(json_of(&page)["error"]["code"], "bad_request");
    }
}

#[actix_web::test]
async fn only_own_roles_can_be_requested() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    let corp = "arn:aws:iam::111111111111:saml-provider/corp";
    for (role, provider) in [
        ("arn:aws:iam::111111111111:role/admin", corp),
        (READER, "arn:aws:iam::111111111111:saml-provider/other"),
        ("<script>alert(1)</script>", corp),
        ("", corp),
    ] {
        let fields = form(role, &[("provider_arn", provider)]);
        let page = agent.post_form(app.at("/credentials"), &fields).await;
        assert!(page.status.is_client_error(), "{page}");
        assert!(!page.body.contains("<script>alert"), "{page}");
        let body = json!({ "role_arn": role, "provider_arn": provider });
        let page = post_json(&app, &agent, "/api/credentials", &body).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
        assert_eq!(json_of(&page)["error"]["code"], "not_entitled");
        assert_eq!(app.last_audit()["event"], "role_refused");
        assert_eq!(app.last_audit()["code"], "not_entitled");
    }
}

#[actix_web::test]
async fn a_refusal_by_sts_is_explained() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    for role in [VAULT, GONE] {
        let page = agent
            .post_form(app.at("/credentials"), &form(role, &[]))
            .await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
        assert!(
            page.body.contains("SAML:aud"),
            "the page does not name the likely cause: {page}"
        );
        // The page shows the details that an administrator will ask for.
        for said in [role, "alice@example.com", "request ID"] {
            assert!(page.text().contains(said), "{said}: {page}");
        }
        let refused = app.last_audit();
        assert_eq!(refused["event"], "role_refused");
        assert_eq!(refused["code"], "sts_access_denied");
        assert_eq!(refused["role_arn"], role);
        assert!(refused["sts_request_id"].as_str().unwrap().len() > 8);
        let page = post_json(
            &app,
            &agent,
            "/api/credentials",
            &json!({ "role_arn": role }),
        )
        .await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        let error = json_of(&page)["error"].clone();
        assert_eq!(error["code"], "sts_access_denied");
        assert_eq!(
            error["request_id"],
            page.headers["x-request-id"].to_str().unwrap()
        );
    }
}

#[actix_web::test]
async fn a_dead_sts_gives_an_error_page_without_hanging() {
    let nobody = Port::reserve();
    let aws = format!("sts_endpoint = \"http://127.0.0.1:{}\"\n", nobody.number());
    let app = TestApp::start_with(Options {
        aws,
        ..Options::default()
    });
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    let page = agent
        .post_form(app.at("/credentials"), &form(READER, &[]))
        .await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{page}");
    assert_eq!(app.last_audit()["code"], "sts_unreachable");
    // The service keeps working.
    assert_eq!(agent.get(app.at("/")).await.status, StatusCode::OK);
}

#[actix_web::test]
async fn no_credentials_are_issued_on_get() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    let lines = app.audit().len();
    for path in [
        "/credentials",
        "/console",
        "/api/credentials",
        "/api/console",
        "/logout",
    ] {
        let page = agent
            .get(app.at(&format!("{path}?role_arn={READER}")))
            .await;
        assert!(page.status.is_client_error(), "{page}");
    }
    assert_eq!(app.audit().len(), lines);
}

/// Signs `person` in at the IdP that `redirect` leads to, and returns the last page that the
/// browser loads.
pub async fn renew(app: &TestApp, agent: &UserAgent, redirect: &Page, person: &Person) -> Page {
    let started = Started::from_redirect(redirect);
    let form = app.form(&app.respond(person, &started), &started.relay_state);
    let page = app.post_acs(agent, &form).await;
    agent.follow(page).await
}

#[actix_web::test]
async fn a_stale_assertion_is_renewed_and_the_request_finished() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    let alice = somebody("alice");
    app.sign_in(&agent, &alice).await;
    app.clock.advance(TimeDelta::minutes(6));
    for (path, more) in [
        ("/credentials", vec![("duration_seconds", "1800")]),
        ("/console", vec![("destination", "/s3/home")]),
    ] {
        app.clock.advance(TimeDelta::minutes(6));
        let fields = form(READER, &more);
        let redirect = agent.post_form(app.at(path), &fields).await;
        assert_eq!(redirect.status, StatusCode::SEE_OTHER, "{redirect}");
        assert_eq!(
            redirect.redirect().unwrap().host_str(),
            Some("idp.example.com")
        );
        let page = renew(&app, &agent, &redirect, &alice).await;
        assert_eq!(page.status, StatusCode::OK);
        let repeat = page
            .form_with("role_arn")
            .expect("a form that the script submits");
        assert_eq!(repeat.action.path(), path);
        for field in &fields {
            assert!(repeat.fields.contains(field), "{field:?} in {repeat:?}");
        }
        let response = agent.submit(&repeat).await;
        if path == "/credentials" {
            assert_eq!(response.status, StatusCode::OK, "{response}");
            assert_eq!(app.last_audit()["event"], "credentials_issued");
            assert_eq!(app.last_audit()["duration_seconds"], 1800);
        } else {
            assert_eq!(response.status, StatusCode::SEE_OTHER, "{response}");
            assert_eq!(app.last_audit()["event"], "console_opened");
        }
    }
}

#[actix_web::test]
async fn the_api_reports_that_a_login_is_needed() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    app.clock.advance(TimeDelta::minutes(6));
    for path in ["/api/credentials", "/api/console"] {
        let page = post_json(&app, &agent, path, &json!({ "role_arn": READER })).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{page}");
        let error = json_of(&page)["error"].clone();
        assert_eq!(error["code"], "login_required");
        let login_url = error["login_url"].as_str().unwrap();
        assert!(
            login_url.starts_with(&app.at("/login?idp=corp")),
            "{login_url}"
        );
        let redirect = agent.get(login_url).await;
        assert_eq!(
            redirect.redirect().unwrap().host_str(),
            Some("idp.example.com")
        );
    }
}

#[actix_web::test]
async fn a_request_is_not_finished_for_somebody_else() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    app.clock.advance(TimeDelta::minutes(6));
    let redirect = agent
        .post_form(app.at("/credentials"), &form(READER, &[]))
        .await;
    let page = renew(&app, &agent, &redirect, &somebody("bob")).await;
    assert!(page.form_with("role_arn").is_none(), "{page}");
    assert!(
        page.body.contains("Somebody else asked for something"),
        "{page}"
    );
    assert_eq!(app.last_audit()["event"], "login_accepted");
    assert_eq!(app.last_audit()["name_id"], "bob@example.com");
}

#[actix_web::test]
async fn a_request_after_the_session_ended_is_completed_after_a_login() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    let redirect = agent
        .post_form(app.at("/credentials"), &form(READER, &[]))
        .await;
    let page = renew(&app, &agent, &redirect, &somebody("alice")).await;
    let response = agent.submit(&page.form_with("role_arn").unwrap()).await;
    assert_eq!(response.status, StatusCode::OK, "{response}");
}

#[actix_web::test]
async fn a_wrong_clock_causes_no_redirect_loop() {
    let app = TestApp::start_with(with_aws());
    let agent = UserAgent::new();
    app.sign_in(&agent, &somebody("alice")).await;
    app.clock.advance(TimeDelta::minutes(6));
    let mut fields = form(READER, &[]);
    fields.push(("repeated".to_owned(), "1".to_owned()));
    let page = agent.post_form(app.at("/credentials"), &fields).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{page}");
    assert!(page.body.contains("clock"), "{page}");
}

/// An assertion can be too old for STS if STS's clock is ahead of rolecall's, or if the assertion
/// took a long time to arrive. The person signs in again, and the audit line contains the request
/// ID from STS.
#[actix_web::test]
async fn an_assertion_that_sts_finds_too_old_is_renewed_and_logged() {
    let ahead = Clock::system();
    ahead.advance(TimeDelta::minutes(6));
    let sp = RelyingParty {
        entity_id: "urn:rolecall".to_owned(),
        acs_url: "http://localhost/saml/acs".to_owned(),
    };
    let aws = EmbeddedParts::start(Settings {
        roles: roles(&sp.acs_url),
        ..Settings::new(sp, ahead)
    })
    .unwrap();
    let app = TestApp::start_with(Options {
        metadata: Some(aws.idp().metadata_xml().unwrap()),
        aws: format!("sts_endpoint = \"{}\"\n", aws.sts_endpoint()),
        ..Options::default()
    });
    let agent = UserAgent::new();
    let started = app.begin(&agent).await;
    let spec = aws.idp().response(
        &somebody("alice"),
        &app.relying_party(),
        Some(&started.request_id),
        app.now(),
    );
    let field = aws.idp().form_field(&spec).unwrap();
    let page = app
        .post_acs(&agent, &fields(&field, &started.relay_state))
        .await;
    agent.follow(page).await;

    let redirect = agent
        .post_form(app.at("/credentials"), &form(READER, &[]))
        .await;
    assert_eq!(redirect.status, StatusCode::SEE_OTHER, "{redirect}");
    assert!(redirect.redirect().unwrap().query().is_some(), "no query");
    let refused = app.last_audit();
    assert_eq!(refused["event"], "role_refused", "{refused}");
    assert_eq!(refused["code"], "sts_expired_token");
    assert!(refused["sts_request_id"].as_str().unwrap().len() > 8);

    let page = post_json(
        &app,
        &agent,
        "/api/credentials",
        &json!({ "role_arn": READER }),
    )
    .await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{page}");
    assert_eq!(json_of(&page)["error"]["code"], "login_required");
}

/// A session policy is sent to STS, appears on the page and in the audit trail, and is never
/// silently omitted.
#[actix_web::test]
async fn session_policies_restrict_credentials() {
    let app = TestApp::start_with(Options {
        more: "[[session_policy]]\nid = \"read-only\"\nname = \"Read-only\"\n\
               policy_arns = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]\n\
               [[session_policy]]\nid = \"no-iam\"\nname = \"Without IAM\"\n\
               policy_file = \"no-iam.json\"\n"
            .to_owned(),
        files: vec![(
            "no-iam.json".into(),
            r#"{"Statement":[{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}"#.to_owned(),
        )],
        ..with_aws()
    });
    let agent = UserAgent::new();
    let portal = app.sign_in(&agent, &somebody("alice")).await;
    for text in [
        "Permissions",
        "Full permissions",
        "Read-only",
        "Without IAM",
    ] {
        assert!(portal.body.contains(text), "{text}: {portal}");
    }
    let credentials = |role, policy| {
        let form = form(role, &[("policy", policy)]);
        let (app, agent) = (&app, &agent);
        async move { agent.post_form(app.at("/credentials"), &form).await }
    };
    let page = credentials(READER, "read-only").await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    for text in [
        "Limited to",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "% of the AWS limit for session policies and tags",
    ] {
        assert!(page.text().contains(text), "{text}: {page}");
    }
    assert_eq!(app.last_audit()["session_policy"], "read-only");
    let page = credentials(CHINA, "read-only").await;
    assert!(
        page.text()
            .contains("arn:aws-cn:iam::aws:policy/ReadOnlyAccess"),
        "{page}"
    );
    let page = credentials(READER, "no-iam").await;
    assert!(page.body.contains("Without IAM"), "{page}");
    // Without a session policy, the page mentions none.
    let page = agent
        .post_form(app.at("/credentials"), &form(READER, &[]))
        .await;
    assert!(!page.body.contains("Limited to"), "{page}");
    assert!(app.last_audit().get("session_policy").is_none());
    // An unknown policy is refused, not ignored.
    let page = credentials(READER, "admin").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page}");
    assert_eq!(app.last_audit()["code"], "invalid_policy");
    let body = json!({ "role_arn": READER, "policy": "read-only" });
    let response = post_json(&app, &agent, "/api/credentials", &body).await;
    assert_eq!(response.status, StatusCode::OK, "{response}");
    assert_eq!(app.last_audit()["session_policy"], "read-only");
    // The policy also applies to the console and to links.
    let console = form(READER, &[("policy", "read-only")]);
    let page = agent.post_form(app.at("/console"), &console).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page}");
    assert_eq!(app.last_audit()["session_policy"], "read-only");
    // After the console session ends, the console links back to the role with the same policy.
    let fields = form(READER, &[("policy", "read-only")]);
    let console = agent.post_form(app.at("/console"), &fields).await;
    let url = console.redirect().expect("a redirect to the console");
    let issuer = url.query_pairs().find(|(name, _)| name == "Issuer");
    let (_, issuer) = issuer.expect("an issuer");
    assert!(issuer.ends_with("&policy=read-only"), "{issuer}");
    // Once a policy is chosen, the link in the portal contains it.
    let portal = agent.get(app.at("/?policy=read-only")).await;
    let link = "/go?account=111111111111&#38;role=reader&policy=read-only";
    assert!(portal.body.contains(link), "{portal}");
    let link = "/go?account=111111111111&role=reader&policy=read-only";
    let page = agent.get(app.at(link)).await;
    assert!(
        page.text()
            .contains("arn:aws:iam::aws:policy/ReadOnlyAccess"),
        "{page}"
    );
}
