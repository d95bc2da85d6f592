//! Roles that the configuration grants: rolecall assumes them with its own identity, through a hub
//! role, or with a token.

mod chain;
mod requirements;
mod token;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::StatusCode;
use rolecall::demo::credentials::{Origin, Session};
use rolecall::demo::people::Person;
use rolecall::demo::role::{OidcTrust, Role};
use rolecall::demo::user::User;
use serde_json::json;

use crate::credentials::{form, json_of, post_json};
use crate::support::app::{Options, TestApp, oidc_provider};
use crate::support::key_pair::KeyPair;
use crate::support::saml::{ROLE, ROLE_SESSION_NAME};
use crate::support::user_agent::{Page, UserAgent};

const ADMIN: &str = "arn:aws:iam::111111111111:role/Admin";
const GUARDED: &str = "arn:aws:iam::111111111111:role/Guarded";
const STRICT: &str = "arn:aws:iam::111111111111:role/Strict";
const UNTAGGED: &str = "arn:aws:iam::111111111111:role/Untagged";
const HUB: &str = "arn:aws:iam::111111111111:role/Hub";
const OWN_HUB: &str = "arn:aws:iam::111111111111:role/OwnHub";

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
