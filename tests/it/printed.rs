//! Whatever an identity provider sends, nothing that rolecall prints contains characters that could
//! make one text look like another: control characters, invisible ones, and those that change the
//! direction of text.

use reqwest::StatusCode;
use rolecall::demo::people::Person;

use crate::support::app::{Options, TestApp, person};
use crate::support::saml::{ROLE, ROLE_SESSION_NAME};
use crate::support::user_agent::{Page, UserAgent};

/// Characters that XML allows and that nobody sees.
const INVISIBLE: [char; 9] = [
    '\u{202e}',
    '\u{2066}',
    '\u{200b}',
    '\u{7f}',
    '\u{85}',
    '\u{9b}',
    '\u{2028}',
    '\u{feff}',
    '\u{e0041}',
];
const ADMIN: &str = "arn:aws:iam::111111111111:role/Admin";

/// Text with every invisible character, and longer than anybody wants to read.
fn hostile(text: &str) -> String {
    let invisible: String = INVISIBLE.iter().collect();
    format!("{text}{invisible}\u{301}\t\n{}", "x".repeat(3_000))
}

fn somebody() -> Person {
    let mut person = Person::new("eve", "Eve")
        .with_attribute(
            ROLE,
            [
                hostile("arn:aws:iam::111111111111:role/reader,"),
                format!("{ADMIN},arn:aws:iam::111111111111:saml-provider/corp"),
            ],
        )
        .with_attribute(ROLE_SESSION_NAME, [hostile("eve")])
        .with_attribute(
            "https://aws.amazon.com/SAML/Attributes/PrincipalTag:a",
            [hostile("b")],
        )
        .with_attribute(
            "https://aws.amazon.com/SAML/Attributes/\u{202e}",
            [hostile("c")],
        )
        .with_attribute("groups", [hostile("staff"), "admins".to_owned()]);
    person.name_id = hostile("eve");
    person
}

/// A grant whose session name is the NameID, which AWS does not accept here.
const GRANT: &str = r#"
[[grant]]
name = "admins"
idp = "*"
when = [{ attribute = "groups", any_of = ["admins"] }]
role_arns = ["arn:aws:iam::111111111111:role/Granted"]
via = "assume-role"
session_name = "{NameID}"
"#;

fn app() -> TestApp {
    let keys = "access_key_id = \"AKIAIOSFODNN7EXAMPLE\"\nsecret_access_key_file = \"secret\"\n";
    TestApp::start_with(Options {
        idp: "allow_unsolicited = true".to_owned(),
        aws: keys.to_owned(),
        files: vec![(
            "secret".into(),
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n".into(),
        )],
        more: GRANT.to_owned(),
        ..Options::default()
    })
}

#[track_caller]
fn assert_visible(what: &str, text: &str) {
    let hidden: Vec<_> = text.chars().filter(|c| INVISIBLE.contains(c)).collect();
    assert!(hidden.is_empty(), "{what}: {hidden:?} in {text}");
    assert!(!text.contains(&"x".repeat(300)), "{what}: {text}");
}

#[track_caller]
fn assert_shown(what: &str, page: &Page) {
    assert_visible(what, &page.body);
    assert!(page.body.contains("eve\\u{202e}"), "{what}: {page}");
}

async fn post(app: &TestApp, agent: &UserAgent, path: &str, fields: &[(&str, &str)]) -> Page {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let fields: Vec<_> = fields.iter().map(owned).collect();
    agent.post_form(app.at(path), &fields).await
}

#[actix_web::test]
async fn a_hostile_name_is_visible_everywhere() {
    let (app, agent) = (app(), UserAgent::new());
    let portal = app.sign_in(&agent, &somebody()).await;
    assert_shown("the portal", &portal);
    assert_shown("me", &agent.get(app.at("/me")).await);
    let foreign = "arn:aws:iam::222222222222:role/Foreign";
    let granted = "arn:aws:iam::111111111111:role/Granted";
    for (path, fields) in [
        ("/credentials", vec![("role_arn", foreign)]),
        ("/credentials", vec![("role_arn", granted)]),
        ("/credentials", vec![("role_arn", ADMIN)]),
        ("/console", vec![("role_arn", foreign)]),
        ("/console", vec![("role_arn", granted)]),
        (
            "/credentials/several",
            vec![("role", foreign), ("role", granted)],
        ),
    ] {
        let page = post(&app, &agent, path, &fields).await;
        assert_visible(&format!("{path} {fields:?}"), &page.body);
    }
    let link = format!("/go?role={ADMIN}");
    let page = agent.get(app.at(&link)).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    assert_visible("a link", &page.body);
    // Another person's unsolicited login asks whether to replace the session.
    let other = app
        .idp
        .response(&person("bob"), &app.relying_party(), None, app.now());
    let asked = agent
        .follow(app.post_acs(&agent, &app.form(&other, "")).await)
        .await;
    assert_eq!(asked.status, StatusCode::OK);
    assert_shown("the question", &asked);
    post(&app, &agent, "/logout", &[]).await;
    for line in app.audit_text().lines() {
        assert_visible("the audit trail", line);
    }
    let accepted = app
        .audit()
        .into_iter()
        .find(|line| line["event"] == "login_accepted");
    let name = accepted.expect("a login")["name_id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        name.starts_with("eve\\u{202e}") && name.chars().count() <= 257,
        "{name}"
    );
}

/// A refused message is summarized in the audit trail.
#[actix_web::test]
async fn a_refused_message_is_visible_too() {
    let (app, agent) = (app(), UserAgent::new());
    let started = app.begin(&agent).await;
    let mut spec = app.respond(&somebody(), &started);
    spec.destination = Some(hostile("https://sp"));
    spec.issuer = Some(hostile("https://idp"));
    let page = app
        .post_acs(&agent, &app.form(&spec, &started.relay_state))
        .await;
    assert_visible("the page", &page.body);
    assert_eq!(app.last_audit()["event"], "login_refused");
    assert_visible("the audit trail", &app.audit_text());
}
