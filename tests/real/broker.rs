//! rolecall with third-party programs: sign-ins and logouts at identity providers, and credentials
//! in the AWS CLI.

mod aws_cli;
mod simplesamlphp;

use reqwest::StatusCode;

use crate::support::app::{Options, TestApp};
use crate::support::key_pair::KeyPair;
use crate::support::partners::nanoidp::{Canonicalization, NanoIdp};
use crate::support::partners::samlp::Samlp;
use crate::support::partners::{SpRegistration, User};
use crate::support::saml::{ROLE, ROLE_SESSION_NAME};
use crate::support::user_agent::{Form, Page, UserAgent};

const READER: &str = "arn:aws:iam::123456789012:role/Reader";
const WRITER: &str = "arn:aws:iam::123456789012:role/Writer";
const PROVIDER: &str = "arn:aws:iam::123456789012:saml-provider/Corp";

fn user(name: &str) -> User {
    // Both orders of role and provider occur in practice.
    User::new(name)
        .with(
            ROLE,
            [
                format!("{READER},{PROVIDER}"),
                format!("{PROVIDER},{WRITER}"),
            ],
        )
        .with(ROLE_SESSION_NAME, [name])
}

fn unsolicited() -> Options {
    Options {
        idp: "allow_unsolicited = true".to_owned(),
        ..Options::default()
    }
}

fn registration(app: &TestApp) -> SpRegistration {
    let sp = app.relying_party();
    SpRegistration::new(&sp.entity_id, &sp.acs_url)
}

/// Submits the IdP's form to the ACS, and follows the redirects to the portal.
async fn arrive(app: &TestApp, agent: &UserAgent, form: &Form) -> Page {
    assert_eq!(form.action.as_str(), app.at("/saml/acs"));
    let page = app.post_acs(agent, &form.fields).await;
    agent.follow(page).await
}

/// Signs in, starting at rolecall, and asserts that the portal shows both roles.
async fn solicited(app: &TestApp, user: &User, name_id: &str) -> UserAgent {
    let agent = UserAgent::new();
    let form = agent
        .sign_in(app.at("/login?idp=corp"), &user.name, &user.password)
        .await;
    assert_portal(app, &arrive(app, &agent, &form).await, name_id);
    assert_eq!(app.last_audit()["unsolicited"], false);
    agent
}

#[track_caller]
fn assert_portal(app: &TestApp, page: &Page, name_id: &str) {
    assert_eq!(page.status, StatusCode::OK, "{page}");
    assert_eq!(page.url.path(), "/", "{page}");
    for text in [READER, WRITER, name_id] {
        assert!(page.body.contains(text), "{text}: {page}");
    }
    let login = app.last_audit();
    assert_eq!(login["event"], "login_accepted");
    assert_eq!(login["name_id"], name_id);
    assert_eq!(login["roles"], 2);
}

#[actix_web::test]
async fn samlp_encrypts() {
    let idp = Samlp::shared().await;
    let key = KeyPair::generate("rolecall, encryption");
    let app = TestApp::start_with(Options {
        metadata: Some(idp.metadata_xml().await),
        encryption_key: Some(key.clone()),
        ..Options::default()
    });
    let user = user("samlp-broker-encrypted");
    idp.add_user(&user);
    for sign_response in [false, true] {
        idp.add_service_provider(&SpRegistration {
            sign_assertion: true,
            sign_response,
            encryption_certificate: Some(key.certificate_pem.clone()),
            ..registration(&app)
        });
        solicited(&app, &user, &user.name).await;
    }
}

/// Signs in, starting at rolecall, and asserts that the response fails `check` at the ACS.
async fn assert_refused(app: &TestApp, user: &User, check: &str) {
    let agent = UserAgent::new();
    let form = agent
        .sign_in(app.at("/login?idp=corp"), &user.name, &user.password)
        .await;
    let page = app.post_acs(&agent, &form.fields).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    assert_eq!(app.last_audit()["check"], check);
}

#[actix_web::test]
async fn samlp_from_both_sides_with_one_and_two_signatures() {
    let idp = Samlp::shared().await;
    let options = Options {
        metadata: Some(idp.metadata_xml().await),
        ..unsolicited()
    };
    let app = TestApp::start_with(options);
    let user = user("samlp-broker");
    idp.add_user(&user);
    for (sign_assertion, sign_response) in [(true, false), (true, true)] {
        let sp = SpRegistration {
            sign_assertion,
            sign_response,
            ..registration(&app)
        };
        idp.add_service_provider(&sp);
        solicited(&app, &user, &user.name).await;
        let agent = UserAgent::new();
        let start = idp.idp_initiated_url(&sp.entity_id, "");
        let form = agent.sign_in(start, &user.name, &user.password).await;
        assert_portal(&app, &arrive(&app, &agent, &form).await, &user.name);
    }
}

#[actix_web::test]
async fn nanoidp_with_every_canonicalisation_and_its_signature_last() {
    for (canonicalization, name) in [
        (Canonicalization::Exclusive, "nano-broker-exclusive"),
        (Canonicalization::Inclusive10, "nano-broker-inclusive-10"),
        (Canonicalization::Inclusive11, "nano-broker-inclusive-11"),
    ] {
        let idp = NanoIdp::shared(canonicalization).await;
        let options = Options {
            metadata: Some(idp.metadata_xml().await),
            ..Options::default()
        };
        let app = TestApp::start_with(options);
        let user = user(name);
        idp.add_user(&user).await;
        solicited(&app, &user, &format!("{name}@example.com")).await;
    }
}
