//! Roles that the configuration grants: rolecall assumes them with its own identity, through a hub
//! role, or with a token.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::StatusCode;
use rolecall::demo::credentials::{Origin, Session};
use rolecall::demo::people::Person;
use rolecall::demo::role::{OidcTrust, Role};
use rolecall::demo::user::User;
use serde_json::json;

use crate::credentials::{form, json_of, post_json};
use crate::support::app::{Options, Started, TestApp, oidc_provider};
use crate::support::key_pair::KeyPair;
use crate::support::saml::{ROLE, ROLE_SESSION_NAME};
use crate::support::user_agent::{Page, UserAgent};

const ADMIN: &str = "arn:aws:iam::111111111111:role/Admin";
const GUARDED: &str = "arn:aws:iam::111111111111:role/Guarded";
const STRICT: &str = "arn:aws:iam::111111111111:role/Strict";
const UNTAGGED: &str = "arn:aws:iam::111111111111:role/Untagged";
const HUB: &str = "arn:aws:iam::111111111111:role/Hub";
const OWN_HUB: &str = "arn:aws:iam::111111111111:role/OwnHub";
const AUDIT: &str = "arn:aws:iam::222222222222:role/Audit";
const FAR: &str = "arn:aws:iam::222222222222:role/Far";

pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const CODE: &str = "424242";

/// The IAM user that rolecall uses in the tests.
pub fn ourselves() -> User {
    User {
        mfa_code: Some(CODE.to_owned()),
        ..User::new("999999999999", "rolecall", "AKIAIOSFODNN7EXAMPLE", SECRET)
    }
}

fn roles(acs_url: &str) -> Vec<Role> {
    let ourselves = ourselves().arn();
    let ours = |name| Role::trusting("aws", "111111111111", name, &ourselves);
    let mut admin = ours("Admin");
    admin.trust.external_id = Some("rolecall-7Qm2".to_owned());
    let mut guarded = ours("Guarded");
    guarded.trust.wants_mfa = true;
    let mut untagged = ours("Untagged");
    untagged.trust.allows_tags = false;
    vec![
        admin,
        guarded,
        ours("Strict"),
        untagged,
        Role::new("aws", "111111111111", "Hub", "corp", acs_url),
        ours("OwnHub"),
        by_token("Token", acs_url, Some("corp:ada@example.com")),
        by_token("Other", acs_url, Some("corp:bob@example.com")),
        Role::trusting("aws", "222222222222", "Audit", HUB),
        Role::trusting("aws", "222222222222", "Far", OWN_HUB),
    ]
}

/// A role that can be assumed with an OpenID Connect token from the application with this ACS URL.
/// The token must be for `subject`, unless `subject` is `None`.
fn by_token(name: &str, acs_url: &str, subject: Option<&str>) -> Role {
    let mut role = Role::trusting("aws", "111111111111", name, "");
    let url = acs_url.strip_suffix("/saml/acs").expect("an ACS URL");
    role.trust.oidc = Some(OidcTrust {
        provider_arn: oidc_provider(url),
        subject: subject.map(str::to_owned),
    });
    role
}

const GRANTS: &str = r#"
[[grant]]
name = "token"
idp = "*"
when = [{ attribute = "groups", any_of = ["aws-prod-admins"] }]
role_arns = ["arn:aws:iam::111111111111:role/Token", "arn:aws:iam::111111111111:role/Other"]
via = "web-identity"
session_name = "{NameID}"
source_identity = "{NameID|local}"
tags = { Department = "{attribute:department}" }
transitive_tags = ["Department"]
max_duration_seconds = 14400

[oidc]
signing_key_files = ["oidc.pem"]

[[grant]]
name = "prod admins"
idp = "corp"
when = [{ attribute = "groups", any_of = ["aws-prod-admins"] }]
role_arns = ["arn:aws:iam::111111111111:role/Admin"]
via = "assume-role"
session_name = "{NameID}"
source_identity = "{NameID|local}"
tags = { Department = "{attribute:department}", Via = "rolecall" }
transitive_tags = ["Department"]
external_id = "rolecall-7Qm2"
max_duration_seconds = 7200

[[grant]]
name = "with a reason"
idp = "*"
when = [{ attribute = "groups", any_of = ["aws-prod-admins"] }]
role_arns = ["arn:aws:iam::111111111111:role/Strict"]
via = "assume-role"
require_reason = true
reason_tag = "Reason"
require_fresh_login_seconds = 300
policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]

[[grant]]
name = "with a code"
idp = "*"
when = [{ attribute = "groups", any_of = ["aws-prod-admins"] }]
role_arns = ["arn:aws:iam::111111111111:role/Guarded"]
via = "assume-role"
mfa_serial = "arn:aws:iam::999999999999:mfa/rolecall"

[[grant]]
name = "in vain"
idp = "*"
when = [{ attribute = "groups", any_of = ["aws-prod-admins"] }]
role_arns = ["arn:aws:iam::111111111111:role/Untagged"]
via = "assume-role"
tags = { Via = "rolecall" }

[[grant]]
name = "audit"
idp = "*"
when = [{ attribute = "groups", matches = "audit.*" }]
role_arns = ["arn:aws:iam::222222222222:role/Audit"]
via = "chain"
hub_role_arn = "arn:aws:iam::111111111111:role/Hub"
tags = { Why = "audit" }

[[grant]]
name = "audit, and why"
idp = "*"
when = [{ attribute = "groups", any_of = ["why"] }]
role_arns = ["arn:aws:iam::222222222222:role/Why"]
via = "chain"
hub_role_arn = "arn:aws:iam::111111111111:role/Hub"
require_reason = true

[[grant]]
name = "own hub"
idp = "*"
when = [{ attribute = "groups", any_of = ["aws-prod-admins"] }]
role_arns = ["arn:aws:iam::111111111111:role/OwnHub"]
via = "assume-role"
source_identity = "{NameID|local}"

[[grant]]
name = "far"
idp = "*"
when = [{ attribute = "groups", any_of = ["aws-prod-admins"] }]
role_arns = ["arn:aws:iam::222222222222:role/Far"]
via = "chain"
hub_role_arn = "arn:aws:iam::111111111111:role/OwnHub"

[[session_policy]]
id = "read-only"
name = "Read-only"
on_each_role = true
policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
"#;

fn oidc_key() -> String {
    KeyPair::generate("oidc").key_pem
}

fn app() -> TestApp {
    app_with("", GRANTS)
}

fn app_with(aws: &str, grants: &str) -> TestApp {
    let keys = "access_key_id = \"AKIAIOSFODNN7EXAMPLE\"\nsecret_access_key_file = \"secret\"\n";
    TestApp::start_with(Options {
        roles: Some(roles),
        users: vec![ourselves()],
        aws: format!("{keys}{aws}\n"),
        files: vec![
            ("secret".into(), format!("{SECRET}\n")),
            ("oidc.pem".into(), oidc_key()),
        ],
        more: grants.to_owned(),
        ..Options::default()
    })
}

/// A person in these groups, with the hub role in the assertion.
fn person(name: &str, groups: &[&str]) -> Person {
    Person::new(name, name)
        .with_attribute("groups", groups.iter().copied())
        .with_attribute("department", ["Research"])
        .with_attribute(ROLE_SESSION_NAME, [name])
        .with_attribute(
            ROLE,
            [format!(
                "{HUB},arn:aws:iam::111111111111:saml-provider/corp"
            )],
        )
        .with_attribute(
            "https://aws.amazon.com/SAML/Attributes/SourceIdentity",
            ["ada.l"],
        )
        .with_attribute(
            "https://aws.amazon.com/SAML/Attributes/PrincipalTag:Team",
            ["blue"],
        )
        .with_attribute(
            "https://aws.amazon.com/SAML/Attributes/TransitiveTagKeys",
            ["Team"],
        )
}

fn admin() -> Person {
    person("ada", &["staff", "aws-prod-admins"])
}

/// The session that the credentials on `page` belong to, and when the credentials expire.
pub fn session_of(app: &TestApp, page: &Page) -> (Session, DateTime<Utc>) {
    let (_, id) = page
        .body
        .split_once("AWS_ACCESS_KEY_ID=&#39;")
        .or_else(|| page.body.split_once("AWS_ACCESS_KEY_ID="))
        .unwrap_or_else(|| panic!("no credentials: {page}"));
    let id: String = id.chars().take_while(char::is_ascii_alphanumeric).collect();
    let register = app.aws.as_ref().expect("an embedded AWS").register();
    let issued = register
        .find(&id)
        .unwrap_or_else(|| panic!("not issued: {id}"));
    (issued.session.clone(), issued.expires)
}

pub async fn credentials(
    app: &TestApp,
    agent: &UserAgent,
    role: &str,
    more: &[(&str, &str)],
) -> Page {
    agent
        .post_form(app.at("/credentials"), &form(role, more))
        .await
}

pub fn tag(session: &Session, key: &str) -> Option<String> {
    let mut tags = session.tags.iter();
    tags.find(|(known, _)| known == key)
        .map(|(_, value)| value.clone())
}

#[actix_web::test]
async fn a_grant_adds_roles_that_the_assertion_does_not_name() {
    let app = app();
    let agent = UserAgent::new();
    let portal = app.sign_in(&agent, &admin()).await;
    let button = portal.pressed(&format!(
        "[formaction='/credentials'][value='{ADMIN} prod admins']"
    ));
    let page = agent.submit(&button.expect("a button")).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    let (session, _) = session_of(&app, &page);
    assert_eq!(session.principal(), ADMIN);
    assert_eq!(session.session_name(), Some("ada@example.com"));
    assert_eq!(session.source_identity.as_deref(), Some("ada"));
    assert_eq!(tag(&session, "Department").as_deref(), Some("Research"));
    assert_eq!(tag(&session, "Via").as_deref(), Some("rolecall"));
    assert_eq!(session.transitive_tags, ["Department"]);
    assert_eq!(session.origin, Origin::AssumeRole);
    let line = app.last_audit();
    for (key, value) in [
        ("event", "credentials_issued"),
        ("role_arn", ADMIN),
        ("grant", "prod admins"),
        ("via", "assume-role"),
        ("session_name", "ada@example.com"),
        ("source_identity", "ada"),
        ("name_id", "ada@example.com"),
    ] {
        assert_eq!(line[key], value, "{line}");
    }
    assert!(line.get("provider_arn").is_none(), "{line}");
    assert!(!app.audit_text().contains(SECRET));
    // The API shows which grant a role comes from, and accepts the grant's name.
    let roles = json_of(&agent.get(app.at("/api/roles")).await).to_string();
    assert!(roles.contains(r#""grant":"prod admins""#), "{roles}");
    let body = json!({ "role_arn": ADMIN, "grant": "prod admins" });
    let page = post_json(&app, &agent, "/api/credentials", &body).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
}

/// A role that is assumed with rolecall's own identity needs no assertion. So people need not sign
/// in again until their session ends.
#[actix_web::test]
async fn a_grant_outlives_the_assertion() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    app.clock.advance(TimeDelta::seconds(3600));
    for path in ["/credentials", "/console"] {
        let page = agent.post_form(app.at(path), &form(ADMIN, &[])).await;
        let is_done = page.status == StatusCode::OK || page.body.is_empty();
        assert!(is_done, "{page}");
        let to_idp = page
            .redirect()
            .is_some_and(|url| url.query_pairs().any(|(name, _)| name == "SAMLRequest"));
        assert!(!to_idp, "{page}");
    }
    assert_eq!(app.last_audit()["event"], "console_opened");
}

#[actix_web::test]
async fn a_grant_applies_to_nobody_else() {
    let app = app();
    let agent = UserAgent::new();
    let portal = app.sign_in(&agent, &person("bob", &["staff"])).await;
    assert!(!portal.body.contains(ADMIN), "{portal}");
    for more in [&[][..], &[("grant", "prod admins")], &[("grant", "audit")]] {
        let page = credentials(&app, &agent, ADMIN, more).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
        assert_eq!(app.last_audit()["code"], "not_entitled");
    }
    let named = format!("{ADMIN} prod admins");
    let page = credentials(&app, &agent, &named, &[]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    assert_eq!(app.last_audit()["grant"], "prod admins");
    // A group with the same name at another identity provider is a different group.
    let two = TestApp::start_with(Options {
        roles: Some(roles),
        files: vec![("oidc.pem".into(), oidc_key())],
        two_idps: true,
        more: GRANTS.to_owned(),
        ..Options::default()
    });
    let agent = UserAgent::new();
    let portal = two.sign_in_at_the_other(&agent, &admin()).await;
    assert!(!portal.body.contains(ADMIN), "{portal}");
    assert!(portal.body.contains(GUARDED), "{portal}");
}

#[actix_web::test]
async fn the_grant_limits_the_duration() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    let page = credentials(&app, &agent, ADMIN, &[("duration_seconds", "43200")]).await;
    assert!(page.text().contains("Valid for 2 hours"), "{page}");
    assert_eq!(app.last_audit()["duration_seconds"], 7200);
    let (_, expires) = session_of(&app, &page);
    assert_eq!(expires, app.now() + TimeDelta::seconds(7200));
}

#[actix_web::test]
async fn a_chain_uses_its_hub_without_showing_it() {
    let app = app();
    let agent = UserAgent::new();
    let portal = app.sign_in(&agent, &person("carol", &["auditors"])).await;
    assert!(
        portal.body.contains(AUDIT) && !portal.body.contains(HUB),
        "{portal}"
    );
    assert!(portal.text().contains("Up to 1 hour"), "{portal}");
    let page = credentials(&app, &agent, AUDIT, &[("duration_seconds", "43200")]).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    let (session, expires) = session_of(&app, &page);
    assert_eq!(session.origin, Origin::RoleChaining);
    assert_eq!(expires, app.now() + TimeDelta::hours(1));
    // The hub session's values from the assertion are kept, and the grant adds its own tag.
    assert_eq!(session.source_identity.as_deref(), Some("ada.l"));
    assert_eq!(tag(&session, "Team").as_deref(), Some("blue"));
    assert_eq!(tag(&session, "Why").as_deref(), Some("audit"));
    assert!(page.text().contains("Valid for 1 hour"), "{page}");
    let line = app.last_audit();
    assert_eq!(
        (&line["via"], &line["grant"]),
        (&json!("chain"), &json!("audit"))
    );
    assert_eq!(line["hub_role_arn"], HUB);
    let requests = [&line["hub_sts_request_id"], &line["sts_request_id"]];
    assert!(requests.iter().all(|id| id.is_string()), "{line}");
    assert_ne!(requests[0], requests[1], "{line}");
    // Nobody gets credentials for the hub role itself.
    for through in ["", "arn:aws:iam::111111111111:saml-provider/corp"] {
        let role = format!("{HUB} {through}");
        let page = credentials(&app, &agent, role.trim(), &[]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    }
    // AWS accepts no SessionDuration for the console session of a chained role, so rolecall sends
    // none.
    let console = agent.post_form(app.at("/console"), &form(AUDIT, &[])).await;
    assert_eq!(console.status, StatusCode::SEE_OTHER, "{console}");
    // A stale assertion is renewed, as it is for a role in the assertion.
    app.clock.advance(TimeDelta::seconds(600));
    let page = credentials(&app, &agent, AUDIT, &[]).await;
    Started::from_redirect(&page);
}

/// If the reason were requested first, it would be lost during the new sign-in.
#[actix_web::test]
async fn a_stale_hub_assertion_is_renewed_before_a_reason_is_requested() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("carol", &["why"])).await;
    let why = "arn:aws:iam::222222222222:role/Why";
    let page = credentials(&app, &agent, why, &[]).await;
    assert!(page.form_with("reason").is_some(), "{page}");
    app.clock.advance(TimeDelta::seconds(600));
    let page = credentials(&app, &agent, why, &[]).await;
    Started::from_redirect(&page);
}

#[actix_web::test]
async fn a_hub_that_we_assume_ourselves_needs_no_assertion() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    app.clock.advance(TimeDelta::seconds(3600));
    let page = credentials(&app, &agent, FAR, &[]).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    let (session, _) = session_of(&app, &page);
    assert_eq!(session.source_identity.as_deref(), Some("ada"));
    assert_eq!(session.origin, Origin::RoleChaining);
}

const TOKEN: &str = "arn:aws:iam::111111111111:role/Token";
const OTHER: &str = "arn:aws:iam::111111111111:role/Other";

/// AWS reads the discovery document and the keys, and accepts a token even hours after the sign-in.
#[actix_web::test]
async fn aws_accepts_our_tokens_for_the_whole_session() {
    let app = app();
    let discovery = UserAgent::new()
        .get(app.at("/.well-known/openid-configuration"))
        .await;
    assert_eq!(discovery.status, StatusCode::OK, "{discovery}");
    assert_eq!(json_of(&discovery)["issuer"], app.url);
    let cache = discovery.headers["cache-control"].to_str().unwrap();
    assert!(cache.starts_with("public"), "{cache}");
    assert!(discovery.headers.get("set-cookie").is_none());
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    app.clock.advance(TimeDelta::seconds(3 * 3600));
    let page = credentials(&app, &agent, TOKEN, &[("duration_seconds", "43200")]).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    assert!(page.text().contains("Valid for 4 hours"), "{page}");
    let (session, _) = session_of(&app, &page);
    assert_eq!(session.origin, Origin::AssumeRoleWithWebIdentity);
    assert_eq!(session.session_name(), Some("ada@example.com"));
    assert_eq!(session.source_identity.as_deref(), Some("ada"));
    assert_eq!(tag(&session, "Department").as_deref(), Some("Research"));
    assert_eq!(session.transitive_tags, ["Department"]);
    let line = app.last_audit();
    assert_eq!(
        (&line["via"], &line["grant"]),
        (&json!("web-identity"), &json!("token"))
    );
    assert!(
        !app.audit_text().contains("eyJ"),
        "the audit trail contains a token"
    );
    let console = agent.post_form(app.at("/console"), &form(TOKEN, &[])).await;
    assert_eq!(console.status, StatusCode::SEE_OTHER, "{console}");
    // AWS refuses a role if its trust policy does not allow the person.
    let page = credentials(&app, &agent, OTHER, &[]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    assert_eq!(app.last_audit()["code"], "sts_access_denied");
}

/// When the key file changes, rolecall publishes the new key and signs tokens with it.
#[actix_web::test]
async fn signing_keys_can_be_rotated_during_sessions() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    let keys = async || {
        let jwks = UserAgent::new().get(app.at("/oidc/jwks")).await;
        json_of(&jwks)["keys"].clone()
    };
    let before = keys().await;
    app.write("oidc.pem", &oidc_key());
    app.handle().reload_signing_keys();
    let after = keys().await;
    assert_ne!(before[0]["kid"], after[0]["kid"]);
    let page = credentials(&app, &agent, TOKEN, &[]).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    // If the file contains no key, the previous key stays in use.
    app.write("oidc.pem", "nothing");
    app.handle().reload_signing_keys();
    assert_eq!(keys().await, after);
    // A reload of the configuration fails, as a restart would.
    let error = app.handle().reload().await.unwrap_err().to_string();
    assert!(error.contains("oidc.signing_key_files[0]"), "{error}");
    assert_eq!(keys().await, after);
}

/// Without the section `[oidc]`, rolecall issues no tokens, and the issuer's URLs do not exist.
#[actix_web::test]
async fn without_keys_there_is_no_issuer() {
    let app = TestApp::start();
    for path in ["/.well-known/openid-configuration", "/oidc/jwks"] {
        let page = UserAgent::new().get(app.at(path)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{page}");
    }
}

#[actix_web::test]
async fn a_reason_is_required_and_recorded() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    let lines = app.audit().len();
    let page = credentials(&app, &agent, STRICT, &[]).await;
    assert!(page.text().contains("Why do you need this role?"), "{page}");
    assert_eq!(app.audit().len(), lines, "asking adds an audit line");
    let filled_in = |text: &str| {
        page.form_with("reason")
            .expect("a form")
            .with("reason", text)
    };
    // If the text is not a valid reason, the page asks again.
    for text in [&"x".repeat(257), "a\u{7}b", "\u{200b}", "\u{3164}", "..."] {
        let again = agent.submit(&filled_in(text)).await;
        assert!(again.text().contains("Enter a reason"), "{again}");
    }
    let done = agent.submit(&filled_in("  INC-7:\n disk full ")).await;
    assert_eq!(done.status, StatusCode::OK, "{done}");
    assert_eq!(app.last_audit()["reason"], "INC-7: disk full");
    let (session, _) = session_of(&app, &done);
    assert_eq!(tag(&session, "Reason").as_deref(), Some("INC-7: disk full"));
    // The audit trail contains the original text. In the text that is sent to AWS, characters that
    // AWS does not accept are replaced.
    let done = agent.submit(&filled_in("customer can't pay!")).await;
    assert_eq!(app.last_audit()["reason"], "customer can't pay!");
    let (report, _) = session_of(&app, &done);
    assert_eq!(
        tag(&report, "Reason").as_deref(),
        Some("customer can-t pay-")
    );
    // Programs get an error code that shows what is missing.
    let body = json!({ "role_arn": STRICT });
    let page = post_json(&app, &agent, "/api/credentials", &body).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
    assert_eq!(json_of(&page)["error"]["code"], "reason_required");
    let body = json!({ "role_arn": STRICT, "reason": "INC-8" });
    let page = post_json(&app, &agent, "/api/credentials", &body).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    // Opening the console requires a reason too.
    let page = agent
        .post_form(app.at("/console"), &form(STRICT, &[]))
        .await;
    let filled_in = page
        .form_with("reason")
        .expect("a form")
        .with("reason", "INC-9");
    let console = agent.submit(&filled_in).await;
    assert_eq!(console.status, StatusCode::SEE_OTHER, "{console}");
    assert_eq!(app.last_audit()["reason"], "INC-9");
}

/// Whether the person may use a role that requires a fresh sign-in.
async fn is_fresh(app: &TestApp, agent: &UserAgent) -> bool {
    let answer = credentials(app, agent, STRICT, &[("reason", "INC-7")]).await;
    let is_fresh = answer.status == StatusCode::OK;
    if !is_fresh {
        let started = Started::from_redirect(&answer);
        assert_eq!(started.request.force_authn, Some(true));
    }
    is_fresh
}

/// A sign-in is dated in the future if rolecall's clock is set back, or if the identity provider's
/// clock is ahead. A difference of `saml.clock_skew_seconds` is nobody's fault.
#[actix_web::test]
async fn a_sign_in_dated_in_the_future_is_not_fresh() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    app.clock.advance(TimeDelta::seconds(-60));
    assert!(is_fresh(&app, &agent).await);
    app.clock.advance(TimeDelta::seconds(-1));
    assert!(!is_fresh(&app, &agent).await);
}

/// Signs in with an AuthnInstant this many seconds ahead.
async fn sign_in_ahead(app: &TestApp, agent: &UserAgent, seconds: i64) {
    let started = app.begin(agent).await;
    let mut response = app.respond(&admin(), &started);
    let statement = &mut response.assertion.as_mut().expect("an assertion").authn;
    let statement = statement.as_mut().expect("a statement");
    statement.instant = app.now() + TimeDelta::seconds(seconds);
    let form = app.form(&response, &started.relay_state);
    let page = app.post_acs(agent, &form).await;
    agent.follow(page).await;
    assert_eq!(app.last_audit()["event"], "login_accepted");
}

/// The login itself does not need to be fresh. A sign-in that is too far ahead does not become
/// fresh when its time comes.
#[actix_web::test]
async fn a_sign_in_far_ahead_never_becomes_fresh() {
    let app = app();
    for (ahead, later, fresh) in [
        (60, 0, true),
        (61, 0, false),
        (61, 1, false),
        (61, 61, false),
        (3_600, 3_600, false),
        // The sign-in counts from the login, although its time is later.
        (60, 299, true),
        (60, 301, false),
    ] {
        let agent = UserAgent::new();
        sign_in_ahead(&app, &agent, ahead).await;
        app.clock.advance(TimeDelta::seconds(later));
        assert_eq!(is_fresh(&app, &agent).await, fresh, "{ahead} {later}");
    }
}

#[actix_web::test]
async fn an_old_sign_in_is_renewed_with_force_authn() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    app.clock.advance(TimeDelta::seconds(301));
    let to_idp = credentials(&app, &agent, STRICT, &[("reason", "INC-7")]).await;
    let started = Started::from_redirect(&to_idp);
    assert_eq!(started.request.force_authn, Some(true));
    // A response based on the old sign-in is refused.
    let mut stale = app.respond(&admin(), &started);
    let old = app.now() - TimeDelta::seconds(400);
    let statement = &mut stale.assertion.as_mut().expect("an assertion").authn;
    statement.as_mut().expect("a statement").instant = old;
    let page = app
        .post_acs(&agent, &app.form(&stale, &started.relay_state))
        .await;
    assert_eq!(app.last_audit()["check"], "not_asked_anew", "{page}");
    // After a fresh sign-in, the original request continues.
    let to_idp = credentials(&app, &agent, STRICT, &[("reason", "INC-7")]).await;
    let started = Started::from_redirect(&to_idp);
    let response = app.respond(&admin(), &started);
    let page = app
        .post_acs(&agent, &app.form(&response, &started.relay_state))
        .await;
    let page = agent.follow(page).await;
    let repeat = page.form_with("role_arn").expect("the original request");
    let page = agent.submit(&repeat).await;
    let filled_in = page
        .form_with("reason")
        .expect("a form for the reason")
        .with("reason", "INC-7");
    let done = agent.submit(&filled_in).await;
    assert_eq!(done.status, StatusCode::OK, "{done}");
    assert_eq!(app.last_audit()["reason"], "INC-7");
    // Programs get the URL for signing in.
    app.clock.advance(TimeDelta::seconds(301));
    let body = json!({ "role_arn": STRICT, "reason": "INC-8" });
    let page = post_json(&app, &agent, "/api/credentials", &body).await;
    let error = json_of(&page)["error"].clone();
    assert_eq!(error["code"], "login_required", "{page}");
    let login_url = error["login_url"].as_str().expect("a login URL");
    let to_idp = agent.get(login_url).await;
    assert_eq!(
        Started::from_redirect(&to_idp).request.force_authn,
        Some(true)
    );
}

#[actix_web::test]
async fn the_code_of_an_mfa_device_is_required() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    let page = credentials(&app, &agent, GUARDED, &[]).await;
    assert!(
        page.text()
            .contains("arn:aws:iam::999999999999:mfa/rolecall"),
        "{page}"
    );
    let filled_in = |code: &str| {
        page.form_with("token_code")
            .expect("a form")
            .with("token_code", code)
    };
    let again = agent.submit(&filled_in("12345")).await;
    assert!(again.text().contains("That code did not work"), "{again}");
    let again = agent.submit(&filled_in("111111")).await;
    assert!(again.form_with("token_code").is_some(), "{again}");
    assert!(again.text().contains("That code did not work"), "{again}");
    assert_eq!(app.last_audit()["code"], "mfa_code_refused");
    let done = agent.submit(&filled_in(CODE)).await;
    assert_eq!(done.status, StatusCode::OK, "{done}");
    let (session, _) = session_of(&app, &done);
    assert_eq!(session.principal(), GUARDED);
    assert!(
        !app.audit_text().contains(CODE),
        "the audit trail contains the code"
    );
    for (code, expected) in [
        (None, "mfa_code_required"),
        (Some("111111"), "mfa_code_refused"),
    ] {
        let body = json!({ "role_arn": GUARDED, "token_code": code });
        let page = post_json(&app, &agent, "/api/credentials", &body).await;
        assert_eq!(json_of(&page)["error"]["code"], expected, "{page}");
    }
}

/// A code has only six digits, so without a limit it could be guessed.
#[actix_web::test]
async fn wrong_mfa_codes_are_limited() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    let code = async |agent: &UserAgent, code: &str| {
        let body = json!({ "role_arn": GUARDED, "token_code": code });
        post_json(&app, agent, "/api/credentials", &body).await
    };
    for number in 0..5 {
        let page = code(&agent, &format!("00000{number}")).await;
        assert_eq!(
            json_of(&page)["error"]["code"],
            "mfa_code_refused",
            "{page}"
        );
    }
    // Now even the right code is refused, also in the person's other session.
    let other = UserAgent::new();
    app.sign_in(&other, &admin()).await;
    for agent in [&agent, &other] {
        let page = code(agent, CODE).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{page}");
        assert_eq!(app.last_audit()["code"], "too_many_mfa_codes");
    }
    // The limit does not affect other people.
    let somebody = UserAgent::new();
    app.sign_in(&somebody, &person("eve", &["aws-prod-admins"]))
        .await;
    assert_eq!(code(&somebody, CODE).await.status, StatusCode::OK);
}

#[actix_web::test]
async fn a_grant_with_a_policy_accepts_no_other_session_policy() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    let more = [("policy", "read-only"), ("reason", "INC-7")];
    let page = credentials(&app, &agent, STRICT, &more).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page}");
    assert_eq!(app.last_audit()["code"], "policy_fixed");
    let page = credentials(&app, &agent, ADMIN, &more[..1]).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    assert_eq!(app.last_audit()["session_policy"], "read-only");
}

#[actix_web::test]
async fn a_refusal_by_aws_is_explained() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    let page = credentials(&app, &agent, UNTAGGED, &[]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    for said in [
        "user/rolecall is not authorized to perform: sts:TagSession",
        "sts:TagSession if the grant sets tags",
        "the grant's external ID",
    ] {
        assert!(page.text().contains(said), "{said}: {page}");
    }
    let line = app.last_audit();
    assert_eq!(
        (&line["code"], &line["grant"]),
        (&json!("sts_access_denied"), &json!("in vain"))
    );
    // The grant `prod admins` requires a department, and the identity provider sends none.
    let agent = UserAgent::new();
    let person = Person::new("eve", "Eve")
        .with_attribute("groups", ["aws-prod-admins"])
        .with_attribute(ROLE_SESSION_NAME, ["eve"]);
    app.sign_in(&agent, &person).await;
    let page = credentials(&app, &agent, ADMIN, &[]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    assert!(
        page.text().contains("tags.Department requires department"),
        "{page}"
    );
}

/// The service is configured with keys that AWS does not recognize.
#[actix_web::test]
async fn unknown_service_credentials_are_reported() {
    let app = TestApp::start_with(Options {
        roles: Some(roles),
        aws: "access_key_id = \"AKIAUNKNOWNUNKNOWN12\"\nsecret_access_key_file = \"secret\"\n"
            .to_owned(),
        files: vec![
            ("secret".into(), SECRET.to_owned()),
            ("oidc.pem".into(), oidc_key()),
        ],
        more: GRANTS.to_owned(),
        ..Options::default()
    });
    let agent = UserAgent::new();
    app.sign_in(&agent, &admin()).await;
    let page = credentials(&app, &agent, ADMIN, &[]).await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{page}");
    assert!(page.text().contains("AWS rejected this service"), "{page}");
    assert_eq!(app.last_audit()["code"], "sts_identity_refused");
}

#[actix_web::test]
async fn the_configuration_decides_between_grant_and_assertion() {
    let grants = "[[grant]]\nname = \"hub\"\nwhen = []\nvia = \"assume-role\"\n\
        role_arns = [\"arn:aws:iam::111111111111:role/Hub\"]\n";
    for (aws, expected) in [
        ("", format!("{HUB} hub")),
        (
            "prefer_grants = false",
            format!("{HUB} arn:aws:iam::111111111111:saml-provider/corp"),
        ),
    ] {
        let app = app_with(aws, grants);
        let agent = UserAgent::new();
        let portal = app.sign_in(&agent, &admin()).await;
        let button = portal
            .pressed("[formaction='/credentials']")
            .expect("one role");
        assert_eq!(button.field("role_arn"), Some(expected.as_str()));
    }
}
