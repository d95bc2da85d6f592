//! Sessions of federated users, IAM users and root users, and the partitions that rolecall serves.

use chrono::TimeDelta;
use reqwest::StatusCode;
use rolecall::demo::credentials::{Holder, Origin};
use rolecall::demo::people::Person;
use rolecall::demo::role::Role;
use rolecall::demo::sts::RootAccess;
use rolecall::demo::user::User;
use serde_json::json;

use crate::credentials::{form, json_of, post_json};
use crate::grants::{SECRET, credentials, ourselves, session_of, tag};
use crate::support::app::{Options, Started, TestApp};
use crate::support::saml::{ROLE, ROLE_SESSION_NAME};
use crate::support::user_agent::{Page, UserAgent};

const PROXY: &str = "arn:aws:iam::111111111111:user/proxy";
const ROBOT: &str = "arn:aws:iam::111111111111:user/robot";
const ROOT: &str = "arn:aws:iam::222222222222:root";
const OUTSIDE: &str = "arn:aws:iam::333333333333:root";
const READER: &str = "arn:aws:iam::111111111111:role/Reader";
const CHINESE: &str = "arn:aws-cn:iam::444444444444:role/Reader";
const CODE: &str = "424242";

fn users() -> Vec<User> {
    let ourselves = User {
        allowed: vec!["sts:AssumeRoot"],
        ..ourselves()
    };
    let proxy = User {
        allowed: vec!["sts:GetFederationToken", "sts:TagSession"],
        ..User::new("111111111111", "proxy", "AKIAPROXYPROXYPROXY1", SECRET)
    };
    let robot = User {
        mfa_code: Some(CODE.to_owned()),
        ..User::new("111111111111", "robot", "AKIAROBOTROBOTROBOT1", SECRET)
    };
    vec![ourselves, proxy, robot]
}

fn roles(acs_url: &str) -> Vec<Role> {
    vec![
        Role::new("aws", "111111111111", "Reader", "corp", acs_url),
        Role::new("aws-cn", "444444444444", "Reader", "corp", acs_url),
    ]
}

const USERS: &str = r#"
[[iam_user]]
arn = "arn:aws:iam::111111111111:user/proxy"
access_key_id = "AKIAPROXYPROXYPROXY1"
secret_access_key_file = "secret"

[[iam_user]]
arn = "arn:aws:iam::111111111111:user/robot"
access_key_id = "AKIAROBOTROBOTROBOT1"
secret_access_key_file = "secret"
"#;

const GRANTS: &str = r#"
[[grant]]
name = "Billing"
idp = "*"
when = [{ attribute = "groups", any_of = ["billing"] }]
via = "federation-token"
user_arn = "arn:aws:iam::111111111111:user/proxy"
session_name = "{NameID|local}"
tags = { Department = "{attribute:department}" }
policy_arns = ["arn:aws:iam::aws:policy/job-function/Billing"]
max_duration_seconds = 129600

[[grant]]
name = "Looking"
idp = "*"
when = [{ attribute = "groups", any_of = ["billing"] }]
via = "federation-token"
user_arn = "arn:aws:iam::111111111111:user/proxy"
policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
require_reason = true
reason_tag = "Reason"

[[grant]]
name = "Robot"
idp = "*"
when = [{ attribute = "groups", any_of = ["robots"] }]
via = "session-token"
user_arn = "arn:aws:iam::111111111111:user/robot"
mfa_serial = "arn:aws:iam::111111111111:mfa/robot"

[[grant]]
name = "unlock buckets"
idp = "*"
when = [{ attribute = "groups", any_of = ["security"] }]
via = "root-task"
root_arns = ["arn:aws:iam::222222222222:root", "arn:aws:iam::333333333333:root"]
task_policy = "S3UnlockBucketPolicy"

[[session_policy]]
id = "read-only"
name = "Read-only"
on_each_role = true
policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
"#;

fn app() -> TestApp {
    app_with("", &format!("{USERS}{GRANTS}"))
}

fn app_with(aws: &str, more: &str) -> TestApp {
    let keys = "access_key_id = \"AKIAIOSFODNN7EXAMPLE\"\nsecret_access_key_file = \"secret\"\n";
    TestApp::start_with(Options {
        roles: Some(roles),
        users: users(),
        root_access: Some(RootAccess {
            administrator: "999999999999".to_owned(),
            members: vec!["222222222222".to_owned()],
        }),
        aws: format!("{keys}{aws}\n"),
        files: vec![("secret".into(), format!("{SECRET}\n"))],
        more: more.to_owned(),
        ..Options::default()
    })
}

fn person(name: &str, groups: &[&str]) -> Person {
    let role = |arn: &str, partition: &str, account: &str| {
        format!("{arn},arn:{partition}:iam::{account}:saml-provider/corp")
    };
    Person::new(name, name)
        .with_attribute("groups", groups.iter().copied())
        .with_attribute("department", ["Research"])
        .with_attribute(ROLE_SESSION_NAME, [name])
        .with_attribute(
            ROLE,
            [
                role(READER, "aws", "111111111111"),
                role(CHINESE, "aws-cn", "444444444444"),
            ],
        )
}

/// The paths to which the buttons in the portal's row for `value` submit.
fn actions(portal: &Page, value: &str) -> Vec<&'static str> {
    let has = |action: &&str| {
        let button = format!("[formaction='{action}'][value='{value}']");
        portal.pressed(&button).is_some()
    };
    ["/credentials", "/console"]
        .into_iter()
        .filter(has)
        .collect()
}

#[actix_web::test]
async fn a_federated_user_can_have_36_hours_and_the_console() {
    let app = app();
    let agent = UserAgent::new();
    let portal = app.sign_in(&agent, &person("ada", &["billing"])).await;
    // Two grants for one user are separate entries, each with its own buttons.
    for name in ["Billing", "Looking"] {
        let value = format!("{PROXY} {name}");
        assert_eq!(actions(&portal, &value), ["/credentials", "/console"]);
    }
    assert!(portal.text().contains("36 hours"), "{portal}");
    let more = [("grant", "Billing"), ("duration_seconds", "129600")];
    let page = credentials(&app, &agent, PROXY, &more).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    let seen = "arn:aws:sts::111111111111:federated-user/ada";
    assert!(page.text().contains(seen), "{page}");
    assert!(!page.text().contains("shorter than"), "{page}");
    let (session, expires) = session_of(&app, &page);
    assert_eq!((expires - app.now()).num_hours(), 36);
    let policies = vec!["arn:aws:iam::aws:policy/job-function/Billing".to_owned()];
    let name = "ada".to_owned();
    assert_eq!(session.holder, Holder::FederatedUser { name, policies });
    assert_eq!(tag(&session, "Department").as_deref(), Some("Research"));
    let line = app.last_audit();
    for (key, value) in [
        ("event", json!("credentials_issued")),
        ("role_arn", json!(PROXY)),
        ("grant", json!("Billing")),
        ("via", json!("federation-token")),
        ("session_name", json!("ada")),
        ("duration_seconds", json!(129_600)),
    ] {
        assert_eq!(line[key], value, "{line}");
    }
    assert!(line["sts_request_id"].is_string(), "{line}");
    // AWS accepts no duration for a federated user's console session, so rolecall must omit it. The
    // embedded AWS is equally strict.
    let console = agent
        .post_form(app.at("/console"), &form(PROXY, &more))
        .await;
    assert_eq!(console.status, StatusCode::SEE_OTHER, "{console}");
    let console = UserAgent::new()
        .open(console.redirect().unwrap().as_str())
        .await;
    assert!(console.body.contains("job-function/Billing"), "{console}");
    // The other grant requires a reason.
    let more = [("grant", "Looking"), ("reason", "INC-7")];
    let page = credentials(&app, &agent, PROXY, &more).await;
    let (session, expires) = session_of(&app, &page);
    assert_eq!(tag(&session, "Reason").as_deref(), Some("INC-7"));
    assert_eq!((expires - app.now()).num_minutes(), 60);
    assert!(!app.audit_text().contains(SECRET));
}

/// Only users' sessions may last 36 hours. A role session requested for that long gets the general
/// maximum of 12 hours.
#[actix_web::test]
async fn roles_keep_their_maximum_duration() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("ada", &["billing"])).await;
    let long = [("duration_seconds", "129600")];
    let page = credentials(&app, &agent, READER, &long).await;
    assert!(page.text().contains("12 hours"), "{page}");
    assert_eq!(app.last_audit()["duration_seconds"], 43_200);
    // A grant without its own maximum uses the general maximum.
    let more = [long[0], ("grant", "Looking"), ("reason", "INC-7")];
    credentials(&app, &agent, PROXY, &more).await;
    assert_eq!(app.last_audit()["duration_seconds"], 43_200);
    let beyond = [("duration_seconds", "129601"), ("grant", "Billing")];
    let page = credentials(&app, &agent, PROXY, &beyond).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page}");
}

/// A long name is not truncated, because two people could then have the same session name.
#[actix_web::test]
async fn a_name_that_is_too_long_is_refused() {
    let app = app();
    let agent = UserAgent::new();
    let name = "ada.lovelace.of.the.analytical.engine";
    app.sign_in(&agent, &person(name, &["billing"])).await;
    let page = credentials(&app, &agent, PROXY, &[("grant", "Billing")]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    assert!(page.text().contains("must be 2 to 32 characters"), "{page}");
    assert_eq!(app.last_audit()["code"], "grant_incomplete");
    // The request is refused before the person is asked for a reason.
    let page = credentials(&app, &agent, PROXY, &[("grant", "Looking")]).await;
    assert!(page.text().contains("must be 2 to 32 characters"), "{page}");
    // The page that a link opens shows this problem in advance.
    let page = agent
        .get(app.at("/go?account=111111111111&role=Billing"))
        .await;
    assert!(page.text().contains("must be 2 to 32 characters"), "{page}");
}

#[actix_web::test]
async fn a_user_session_requires_a_code_and_has_no_console() {
    let app = app();
    let agent = UserAgent::new();
    let portal = app.sign_in(&agent, &person("ada", &["robots"])).await;
    assert_eq!(
        actions(&portal, &format!("{ROBOT} Robot")),
        ["/credentials"]
    );
    let page = credentials(&app, &agent, ROBOT, &[]).await;
    assert!(page.text().contains("arn:aws:iam::111111111111:mfa/robot"));
    let filled_in = |code: &str| {
        page.form_with("token_code")
            .expect("a form")
            .with("token_code", code)
    };
    let again = agent.submit(&filled_in("111111")).await;
    assert!(again.text().contains("That code did not work"), "{again}");
    let done = agent.submit(&filled_in(CODE)).await;
    assert_eq!(done.status, StatusCode::OK, "{done}");
    assert!(done.text().contains(ROBOT), "{done}");
    let (session, _) = session_of(&app, &done);
    assert_eq!(session.origin, Origin::SessionToken);
    assert_eq!(session.principal(), ROBOT);
    let line = app.last_audit();
    assert_eq!(line["via"], "session-token", "{line}");
    assert!(line.get("session_name").is_none(), "{line}");
    // For sessions from GetSessionToken, AWS allows neither the console nor a session policy, so
    // the pages and the API offer neither.
    assert!(!done.body.contains("action=\"/console\""), "{done}");
    let go = agent
        .get(app.at("/go?account=111111111111&role=Robot"))
        .await;
    assert!(!go.body.contains("action=\"/console\""), "{go}");
    let body = json!({ "role_arn": ROBOT, "token_code": CODE });
    let page = post_json(&app, &agent, "/api/console", &body).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page}");
    assert_eq!(json_of(&page)["error"]["code"], "no_console");
    let body = json!({ "role_arn": ROBOT, "token_code": CODE, "policy": "read-only" });
    let page = post_json(&app, &agent, "/api/credentials", &body).await;
    assert_eq!(json_of(&page)["error"]["code"], "policy_fixed");
}

/// The API lists the requirements and limits of each role or session.
#[actix_web::test]
async fn the_api_lists_the_required_fields() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("ada", &["billing", "robots", "security"]))
        .await;
    let roles = json_of(&agent.get(app.at("/api/roles")).await);
    let roles = roles["accounts"].as_array().expect("accounts").iter();
    let roles: Vec<_> = roles
        .flat_map(|account| account["roles"].as_array().expect("roles"))
        .collect();
    let said = |name: &str| {
        let role = roles.iter().find(|role| role["name"] == name).expect(name);
        let keys = ["needs", "max_duration_seconds", "console", "served"];
        json!(keys.map(|key| role[key].clone()))
    };
    let root = json!(["fresh_login_required", "reason_required"]);
    for (name, expected) in [
        ("Billing", json!([[], 129_600, true, true])),
        ("Looking", json!([["reason_required"], 43_200, true, true])),
        ("Robot", json!([["mfa_code_required"], 43_200, false, true])),
        ("S3UnlockBucketPolicy", json!([root, 900, false, true])),
    ] {
        assert_eq!(said(name), expected, "{name}");
    }
}

/// If the keys of two users are swapped in the configuration, nobody gets credentials for the wrong
/// user.
#[actix_web::test]
async fn keys_of_another_user_are_detected() {
    let mixed = USERS
        .replace("AKIAPROXYPROXYPROXY1", "AKIAOTHER")
        .replace("AKIAROBOTROBOTROBOT1", "AKIAPROXYPROXYPROXY1")
        .replace("AKIAOTHER", "AKIAROBOTROBOTROBOT1");
    let grants = GRANTS.replace("mfa_serial = \"arn:aws:iam::111111111111:mfa/robot\"", "");
    let app = app_with("", &format!("{mixed}{grants}"));
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("ada", &["billing", "robots"]))
        .await;
    for (arn, more, found) in [
        (PROXY, vec![("grant", "Billing")], ROBOT),
        (ROBOT, vec![], PROXY),
    ] {
        let page = credentials(&app, &agent, arn, &more).await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{page}");
        assert!(!page.body.contains("AWS_ACCESS_KEY_ID"), "{page}");
        let line = app.last_audit();
        assert_eq!(line["code"], "sts_other_identity", "{line}");
        assert!(line["detail"].as_str().unwrap().contains(found), "{line}");
    }
}

#[actix_web::test]
async fn a_root_task_is_confirmed_marked_and_short() {
    let app = app();
    let agent = UserAgent::new();
    let portal = app.sign_in(&agent, &person("ada", &["security"])).await;
    let row = format!("{ROOT} unlock buckets");
    assert_eq!(actions(&portal, &row), ["/credentials"]);
    assert!(portal.text().contains("S3UnlockBucketPolicy"), "{portal}");
    // The page that a link opens shows the task policy in advance.
    let go = agent
        .get(app.at("/go?account=222222222222&role=S3UnlockBucketPolicy"))
        .await;
    let task = "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy";
    assert!(go.text().contains(task), "{go}");
    assert!(!go.body.contains("action=\"/console\""), "{go}");
    let ask = credentials(&app, &agent, ROOT, &[("duration_seconds", "3600")]).await;
    let form = ask.form_with("reason").expect("a form for the reason");
    let done = agent.submit(&form.with("reason", "INC-7")).await;
    assert_eq!(done.status, StatusCode::OK, "{done}");
    assert!(done.text().contains("15 minutes"), "{done}");
    let (session, expires) = session_of(&app, &done);
    assert_eq!((expires - app.now()).num_seconds(), 900);
    let task = task.to_owned();
    assert_eq!(session.holder, Holder::Root { task });
    let line = app.last_audit();
    for (key, value) in [
        ("event", json!("credentials_issued")),
        ("role_arn", json!(ROOT)),
        ("via", json!("root-task")),
        ("root_task", json!("S3UnlockBucketPolicy")),
        ("reason", json!("INC-7")),
        ("duration_seconds", json!(900)),
    ] {
        assert_eq!(line[key], value, "{line}");
    }
    // Root sessions never allow console access.
    let body = json!({ "role_arn": ROOT, "reason": "INC-7" });
    let page = post_json(&app, &agent, "/api/console", &body).await;
    assert_eq!(json_of(&page)["error"]["code"], "no_console", "{page}");
    let line = app.last_audit();
    assert_eq!(line["event"], "role_refused", "{line}");
    assert_eq!(line["root_task"], "S3UnlockBucketPolicy", "{line}");
    // AWS, not rolecall, refuses an account that is not a member of the organization.
    let body = json!({ "role_arn": OUTSIDE, "reason": "INC-7" });
    let page = post_json(&app, &agent, "/api/credentials", &body).await;
    assert_eq!(json_of(&page)["error"]["code"], "sts_access_denied");
    let message = json_of(&page)["error"]["message"].to_string();
    assert!(message.contains("root user"), "{page}");
    // A root task requires a sign-in within the last five minutes.
    app.clock.advance(TimeDelta::seconds(301));
    let to_idp = credentials(&app, &agent, ROOT, &[("reason", "INC-8")]).await;
    let started = Started::from_redirect(&to_idp);
    assert_eq!(started.request.force_authn, Some(true));
}

#[actix_web::test]
async fn a_partition_that_is_not_configured_is_reported() {
    let app = app_with("partitions = [\"aws\"]", "");
    let agent = UserAgent::new();
    let portal = app.sign_in(&agent, &person("ada", &[])).await;
    let provider = "arn:aws-cn:iam::444444444444:saml-provider/corp";
    assert!(portal.body.contains(CHINESE), "{portal}");
    assert!(portal.text().contains("not configured here"), "{portal}");
    let roles = json_of(&agent.get(app.at("/api/roles")).await).to_string();
    assert!(roles.contains("\"served\":false"), "{roles}");
    assert!(actions(&portal, &format!("{CHINESE} {provider}")).is_empty());
    let go = agent.get(app.at(&format!("/go?role={CHINESE}"))).await;
    assert!(go.text().contains("not configured here"), "{go}");
    assert!(!go.body.contains("action=\"/credentials\""), "{go}");
    for path in ["/credentials", "/console"] {
        let page = agent.post_form(app.at(path), &form(CHINESE, &[])).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
        assert!(page.text().contains("the partition aws-cn"), "{page}");
        assert_eq!(app.last_audit()["code"], "partition_not_served");
    }
    let page = credentials(&app, &agent, READER, &[]).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    // If `partitions` is not configured, all partitions are served.
    let app = app_with("", "");
    let agent = UserAgent::new();
    let portal = app.sign_in(&agent, &person("ada", &[])).await;
    assert!(!portal.text().contains("not configured here"), "{portal}");
    let page = credentials(&app, &agent, CHINESE, &[]).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
}

/// The first and second grants issue the same session. Only the first applies, so that nobody can
/// bypass its requirements through the second. The third requires an MFA code, so its session is
/// different.
#[actix_web::test]
async fn the_first_of_two_grants_for_the_same_user_applies() {
    let twice = |name: &str, more: &str| {
        format!(
            "[[grant]]\nname = {name:?}\nidp = \"*\"\nwhen = []\nvia = \"session-token\"\n\
             user_arn = \"{ROBOT}\"\n{more}\n"
        )
    };
    let first = twice("first", "require_reason = true");
    let second = twice("second", "max_duration_seconds = 129600");
    let with_code = "mfa_serial = \"arn:aws:iam::111111111111:mfa/robot\"";
    let third = twice("third", with_code);
    let app = app_with("", &format!("{USERS}{first}{second}{third}"));
    let agent = UserAgent::new();
    let portal = app.sign_in(&agent, &person("ada", &[])).await;
    for (name, expected) in [("first", 1), ("second", 0), ("third", 1)] {
        let there = actions(&portal, &format!("{ROBOT} {name}")).len();
        assert_eq!(there, expected, "{name}");
    }
    let page = credentials(&app, &agent, ROBOT, &[("grant", "second")]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
}

/// For a grant that the person does not have, the audit line contains no values from the grant's
/// configuration. So nobody can trigger an alarm that watches for such values.
#[actix_web::test]
async fn the_audit_trail_names_no_grant_that_the_person_lacks() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("ada", &["billing"])).await;
    let body = json!({ "role_arn": ROOT, "grant": "unlock buckets", "reason": "FAKE" });
    let page = post_json(&app, &agent, "/api/credentials", &body).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    let line = app.last_audit();
    assert_eq!(line["event"], "role_refused", "{line}");
    for key in ["via", "root_task", "hub_role_arn", "reason"] {
        assert!(line.get(key).is_none(), "{key}: {line}");
    }
    // Nobody can choose a duration that none of their roles allows.
    let other = UserAgent::new();
    app.sign_in(&other, &person("bob", &[])).await;
    let page = credentials(&app, &other, READER, &[("duration_seconds", "100000")]).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page}");
    assert!(
        page.text().contains("between 900 and 43200 seconds"),
        "{page}"
    );
}

/// AWS would refuse queries from users' sessions, so the tools do not offer such sessions.
#[actix_web::test]
async fn user_sessions_are_not_offered_in_the_tools() {
    let tools = "[tools]\nidp = \"*\"\nwhen = []\n";
    let app = app_with("", &format!("{USERS}{GRANTS}{tools}"));
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("ada", &["billing"])).await;
    let page = agent.get(app.at("/tools")).await;
    assert!(
        page.body.contains(READER) && !page.body.contains(PROXY),
        "{page}"
    );
    let key = "AKIAPROXYPROXYPROXY1";
    let body =
        json!({ "role_arn": PROXY, "grant": "Billing", "provider_arn": "", "access_key_id": key });
    let page = post_json(&app, &agent, "/api/tools/key", &body).await;
    assert_eq!(json_of(&page)["error"]["code"], "not_a_role", "{page}");
    // For a person without a usable role, the portal has no link to the tools page, and that page
    // shows a message.
    let app_of_users = app_with("", &format!("{USERS}{GRANTS}{tools}"));
    let other = UserAgent::new();
    let groups = ["billing"].iter().copied();
    let nobody = Person::new("eve", "eve").with_attribute("groups", groups);
    let portal = app_of_users.sign_in(&other, &nobody).await;
    assert!(!portal.body.contains("/tools"), "{portal}");
    assert!(
        !portal.body.contains("read-only"),
        "no role accepts the policy: {portal}"
    );
    let page = other.get(app_of_users.at("/tools")).await;
    assert!(
        page.text().contains("None of your roles can be used"),
        "{page}"
    );
    // The audit line records only what was done, not the other fields of the form.
    let more = [
        ("access_key_id", key),
        ("policy", "read-only"),
        ("duration_seconds", "43200"),
    ];
    let page = agent
        .post_form(app.at("/tools/key"), &form(READER, &more))
        .await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    let line = app.last_audit();
    assert_eq!(line["duration_seconds"], 900, "{line}");
    assert!(line.get("session_policy").is_none(), "{line}");
}

/// Two grants for one user have separate links.
#[actix_web::test]
async fn a_link_names_the_grant_where_needed() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("ada", &["billing"])).await;
    let more = [("grant", "Billing")];
    let console = agent
        .post_form(app.at("/console"), &form(PROXY, &more))
        .await;
    let url = console.redirect().unwrap();
    let (_, issuer) = url
        .query_pairs()
        .find(|(name, _)| name == "Issuer")
        .unwrap();
    let go = agent.get(&issuer).await;
    assert!(go.text().contains("The grant “Billing”"), "{go}");
    assert!(!go.text().contains("The grant “Looking”"), "{go}");
}
