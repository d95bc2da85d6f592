//! Who a person is if the IdP sends a different NameID at each login: limits, guesses, the audit trail,
//! and what a person asked for before a login.

use std::net::Ipv4Addr;

use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use rolecall::demo::idp::name_id_format::{PERSISTENT, TRANSIENT};
use rolecall::demo::people::Person;
use rolecall::demo::role::Role;
use rolecall::demo::user::User;
use serde_json::json;

use crate::credentials::{form, json_of, post_json, renew, somebody, with_aws};
use crate::support::app::{Options, TestApp, first_idp};
use crate::support::patience::until;
use crate::support::program::{Service, rolecall};
use crate::support::user_agent::{Page, UserAgent};

const READER: &str = "arn:aws:iam::111111111111:role/reader";
/// The attribute that identifies a person in these tests.
const UID: &str = "urn:oid:0.9.2342.19200300.100.1.1";

/// The setting that makes [`UID`] identify people.
fn by_uid() -> String {
    format!("person_attribute = \"{UID}\"\n")
}

/// `person` with a NameID for one login only, and with the values `uid` of [`UID`].
fn for_now(person: Person, name_id: &str, uid: &[&str]) -> Person {
    Person {
        name_id: name_id.to_owned(),
        name_id_format: TRANSIENT.to_owned(),
        ..person
    }
    .with_attribute(UID, uid.iter().copied())
}

#[actix_web::test]
async fn what_was_requested_survives_a_renewal_with_another_name_id() {
    for idp in [String::new(), by_uid()] {
        let app = TestApp::start_with(Options { idp, ..with_aws() });
        let agent = UserAgent::new();
        app.sign_in(&agent, &for_now(somebody("alice"), "_1", &["alice"]))
            .await;
        app.clock.advance(TimeDelta::minutes(6));
        let fields = form(READER, &[("duration_seconds", "1800")]);
        let redirect = agent.post_form(app.at("/credentials"), &fields).await;
        let alice = for_now(somebody("alice"), "_2", &["alice"]);
        let page = renew(&app, &agent, &redirect, &alice).await;
        let repeat = page.form_with("role_arn").expect("the request");
        let response = agent.submit(&repeat).await;
        assert_eq!(response.status, StatusCode::OK, "{response}");
        assert_eq!(app.last_audit()["event"], "credentials_issued");
        assert_eq!(app.last_audit()["duration_seconds"], 1800);
    }
}

#[actix_web::test]
async fn a_request_is_not_repeated_for_a_person_with_another_attribute() {
    let app = TestApp::start_with(Options {
        idp: by_uid(),
        ..with_aws()
    });
    let agent = UserAgent::new();
    // Even the same NameID does not make them the same person.
    app.sign_in(&agent, &for_now(somebody("alice"), "_1", &["alice"]))
        .await;
    app.clock.advance(TimeDelta::minutes(6));
    let redirect = agent
        .post_form(app.at("/credentials"), &form(READER, &[]))
        .await;
    let bob = for_now(somebody("bob"), "_1", &["bob"]);
    let page = renew(&app, &agent, &redirect, &bob).await;
    assert!(page.form_with("role_arn").is_none(), "{page}");
    assert!(
        page.body.contains("Somebody else asked for something"),
        "{page}"
    );
    assert_eq!(app.last_audit()["event"], "login_accepted");
    assert_eq!(app.last_audit()["person"], "bob");
}

#[actix_web::test]
async fn the_attribute_identifies_the_person_in_the_audit_trail_and_on_pages() {
    let app = TestApp::start_with(Options {
        idp: format!("{}allow_unsolicited = true\n", by_uid()),
        ..with_aws()
    });
    let agent = UserAgent::new();
    app.sign_in(&agent, &for_now(somebody("alice"), "_1", &["alice"]))
        .await;
    let page = agent
        .post_form(app.at("/credentials"), &form(READER, &[]))
        .await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    assert_eq!(page.texts(".who strong"), ["alice"], "{page}");
    let lines = app.audit();
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert_eq!(line["name_id"], "_1", "{line}");
        assert_eq!(line["person"], "alice", "{line}");
    }
    let me = agent.get(app.at("/me")).await;
    assert!(me.texts("dd").contains(&"_1".to_owned()), "{me}");
    assert!(me.texts("dd").contains(&"alice".to_owned()), "{me}");
    // The IdP starts another login of the same person, which replaces the session without asking.
    let alice = for_now(somebody("alice"), "_2", &["alice"]);
    let spec = app
        .idp
        .response(&alice, &app.relying_party(), None, app.now());
    let page = app.finish(&agent, &app.form(&spec, "")).await;
    assert_eq!(page.url.path(), "/", "{page}");
    assert_eq!(app.last_audit()["name_id"], "_2");
    // Without the attribute, the line has no person.
    let app = TestApp::start();
    app.sign_in(
        &UserAgent::new(),
        &for_now(somebody("alice"), "_1", &["alice"]),
    )
    .await;
    assert!(app.last_audit().get("person").is_none());
}

#[actix_web::test]
async fn invisible_characters_of_the_attribute_are_escaped() {
    let app = TestApp::start_with(Options {
        idp: by_uid(),
        ..Options::default()
    });
    let agent = UserAgent::new();
    let eve = for_now(somebody("eve"), "_1", &["eve\u{202e}\u{200b}"]);
    let page = app.sign_in(&agent, &eve).await;
    let shown = "eve\\u{202e}\\u{200b}";
    assert_eq!(page.texts(".who strong"), [shown], "{page}");
    assert_eq!(app.last_audit()["person"], shown);
}

#[actix_web::test]
async fn a_message_without_exactly_one_value_is_refused() {
    let app = TestApp::start_with(Options {
        idp: by_uid(),
        ..Options::default()
    });
    for (values, check) in [
        (&[][..], "no_person_attribute"),
        (&["", " "], "no_person_attribute"),
        (&["alice", "bob"], "several_person_values"),
    ] {
        let agent = UserAgent::new();
        let page = app
            .sign_in(&agent, &for_now(somebody("alice"), "_1", values))
            .await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
        let line = app.last_audit();
        assert_eq!(line["check"], check, "{line}");
        let detail = line["detail"].as_str().unwrap();
        assert!(detail.contains(UID), "{line}");
        assert!(!detail.contains("alice"), "{line}");
    }
    let agent = UserAgent::new();
    let alice = for_now(somebody("alice"), "_1", &["alice", "alice"]);
    let page = app.sign_in(&agent, &alice).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
}

#[actix_web::test]
async fn the_attribute_identifies_the_person_in_the_limit_on_logins() {
    for (idp, is_limited) in [(by_uid(), true), (String::new(), false)] {
        let app = TestApp::start_with(Options {
            idp,
            limits: "logins_per_minute = 2".to_owned(),
            ..Options::default()
        });
        let sign_in = async |name_id: &str, uid: &str| {
            let person = for_now(somebody("alice"), name_id, &[uid]);
            app.sign_in(&UserAgent::new(), &person).await.status
        };
        assert_eq!(sign_in("_1", "alice").await, StatusCode::OK);
        assert_eq!(sign_in("_2", "alice").await, StatusCode::OK);
        let third = sign_in("_3", "alice").await;
        assert_eq!(third == StatusCode::TOO_MANY_REQUESTS, is_limited);
        if is_limited {
            let line = app.last_audit();
            assert_eq!(line["check"], "too_many_logins", "{line}");
            assert_eq!(line["person"], "alice", "{line}");
        }
        assert_eq!(sign_in("_1", "bob").await, StatusCode::OK);
    }
}

#[actix_web::test]
async fn a_used_response_leads_the_same_person_to_the_portal_despite_another_name_id() {
    let app = TestApp::start_with(Options {
        idp: by_uid(),
        ..Options::default()
    });
    let agent = UserAgent::new();
    let started = app.begin(&agent).await;
    let first = for_now(somebody("alice"), "_1", &["alice"]);
    let first = app.form(&app.respond(&first, &started), &started.relay_state);
    app.finish(&agent, &first).await;
    app.sign_in(&agent, &for_now(somebody("alice"), "_2", &["alice"]))
        .await;
    let page = agent.post_form(app.at("/saml/acs"), &first).await;
    let page = agent.follow(page).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    assert_eq!(page.url.path(), "/", "{page}");
}

/// The ARN of an MFA device, and a role that requires its code.
fn guarded(device: u8) -> (String, String) {
    (
        format!("arn:aws:iam::999999999999:mfa/device-{device}"),
        format!("arn:aws:iam::111111111111:role/Guarded{device}"),
    )
}

fn guarded_roles(_: &str) -> Vec<Role> {
    let ours = "arn:aws:iam::999999999999:user/device-0";
    let roles = (0..4).map(|device| {
        let name = format!("Guarded{device}");
        let mut role = Role::trusting("aws", "111111111111", &name, ours);
        role.trust.wants_mfa = true;
        role
    });
    roles.collect()
}

const CODE: &str = "424242";

/// An application with four roles that require codes of different MFA devices. Only the device of
/// the first role belongs to rolecall's IAM user, so only its code can be correct.
fn with_codes(idp: &str) -> TestApp {
    let secret = crate::grants::SECRET;
    let user = User {
        mfa_code: Some(CODE.to_owned()),
        ..User::new("999999999999", "device-0", "AKIAIOSFODNN7EXAMPLE", secret)
    };
    let grant = |device| {
        let (serial, role) = guarded(device);
        format!(
            "[[grant]]\nname = \"grant {device}\"\nidp = \"*\"\nwhen = []\nvia = \"assume-role\"\n\
             role_arns = [\"{role}\"]\nmfa_serial = \"{serial}\"\n"
        )
    };
    TestApp::start_with(Options {
        http: "trusted_proxies = [\"127.0.0.1/32\"]".to_owned(),
        idp: idp.to_owned(),
        roles: Some(guarded_roles),
        users: vec![user],
        aws: "access_key_id = \"AKIAIOSFODNN7EXAMPLE\"\nsecret_access_key_file = \"secret\"\n"
            .to_owned(),
        files: vec![("secret".into(), format!("{secret}\n"))],
        more: (0..4).map(grant).collect(),
        ..Options::default()
    })
}

/// Enters a code for a role that requires a code of this device, from this address. Returns the
/// status and the code of the response.
async fn enter(
    app: &TestApp,
    agent: &UserAgent,
    device: u8,
    code: &str,
    address: Ipv4Addr,
) -> String {
    let (_, role) = guarded(device);
    let body = json!({ "role_arn": role, "token_code": code });
    let request = agent
        .request(Method::POST, app.at("/api/credentials"))
        .header("x-forwarded-for", address.to_string())
        .header("origin", &app.url)
        .json(&body);
    let page: Page = agent.send(request).await;
    match page.status {
        StatusCode::OK => "ok".to_owned(),
        _ => json_of(&page)["error"]["code"].as_str().unwrap().to_owned(),
    }
}

const WRONG: &str = "mfa_code_refused";
const TOO_MANY: &str = "too_many_mfa_codes";

fn address(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(192, 0, 2, last)
}

/// Signs alice in with a NameID that she has never had.
async fn alice_again(app: &TestApp, number: u8) -> UserAgent {
    let agent = UserAgent::new();
    let alice = for_now(somebody("alice"), &format!("_{number}"), &["alice"]);
    app.sign_in(&agent, &alice).await;
    agent
}

#[actix_web::test]
async fn the_attribute_identifies_the_person_who_enters_wrong_codes() {
    let app = with_codes(&by_uid());
    for number in 0..5 {
        let agent = alice_again(&app, number).await;
        let entered = enter(&app, &agent, 0, "000000", address(number));
        assert_eq!(entered.await, WRONG);
    }
    let agent = alice_again(&app, 5).await;
    assert_eq!(enter(&app, &agent, 0, CODE, address(9)).await, TOO_MANY);
    let detail = app.last_audit()["detail"].clone();
    assert_eq!(
        detail,
        "too many wrong MFA codes from this person for the device"
    );
    let bob = UserAgent::new();
    app.sign_in(&bob, &for_now(somebody("bob"), "_9", &["bob"]))
        .await;
    assert_eq!(enter(&app, &bob, 0, CODE, address(1)).await, "ok");
}

/// Nobody can be recognized here, so the wrong codes of all people count.
#[actix_web::test]
async fn wrong_codes_are_limited_for_each_device_across_all_people() {
    let app = with_codes("");
    for number in 0..10 {
        let agent = alice_again(&app, number).await;
        let entered = enter(&app, &agent, 0, "000000", address(number));
        assert_eq!(entered.await, WRONG);
    }
    let bob = UserAgent::new();
    app.sign_in(&bob, &somebody("bob")).await;
    assert_eq!(enter(&app, &bob, 0, CODE, address(99)).await, TOO_MANY);
    let detail = app.last_audit()["detail"].clone();
    assert_eq!(detail, "too many wrong MFA codes for the device");
    let body = json!({ "role_arn": guarded(0).1, "token_code": CODE });
    let page = post_json(&app, &bob, "/api/credentials", &body).await;
    let message = json_of(&page)["error"]["message"].clone();
    assert!(
        message.to_string().contains("by you or by others"),
        "{page}"
    );
    // Another device is not affected.
    assert_eq!(enter(&app, &bob, 1, "000000", address(99)).await, WRONG);
}

#[actix_web::test]
async fn wrong_codes_are_limited_for_each_address_across_all_devices() {
    let app = with_codes("");
    let mut number = 0;
    for device in 1..4 {
        for _ in 0..2 {
            number += 1;
            let agent = alice_again(&app, number).await;
            for _ in 0..5 {
                let entered = enter(&app, &agent, device, "000000", address(1));
                assert_eq!(entered.await, WRONG);
            }
        }
    }
    let bob = UserAgent::new();
    app.sign_in(&bob, &somebody("bob")).await;
    assert_eq!(enter(&app, &bob, 0, CODE, address(1)).await, TOO_MANY);
    let detail = app.last_audit()["detail"].clone();
    assert_eq!(detail, "too many wrong MFA codes from this address");
    assert_eq!(enter(&app, &bob, 0, CODE, address(2)).await, "ok");
}

/// An address that is the proxy's says nothing about the client.
#[actix_web::test]
async fn wrong_codes_from_a_proxy_itself_are_not_limited_by_address() {
    let app = with_codes("");
    let proxy = Ipv4Addr::LOCALHOST;
    for number in 0..9 {
        let agent = alice_again(&app, number).await;
        for device in 0..4 {
            assert_eq!(enter(&app, &agent, device, "000000", proxy).await, WRONG);
        }
    }
    let agent = alice_again(&app, 9).await;
    assert_eq!(enter(&app, &agent, 0, CODE, proxy).await, "ok");
}

#[actix_web::test]
async fn the_service_warns_once_of_transient_name_ids() {
    let service = Service::start().await;
    let grant = "[[grant]]\nname = \"guarded\"\nidp = \"*\"\nwhen = []\nvia = \"assume-role\"\n\
        role_arns = [\"arn:aws:iam::111111111111:role/Guarded\"]\n\
        mfa_serial = \"arn:aws:iam::999999999999:mfa/rolecall\"\n";
    let format = format!("name_id_format = \"{TRANSIENT}\"\n");
    service
        .reload_with(|text| {
            let text = text.replacen("[[idp]]\n", &format!("[[idp]]\n{format}"), 1);
            format!("{text}{grant}")
        })
        .await;
    let sent = "sends transient NameIDs and person_attribute is not set";
    assert!(!service.read("stderr").contains(sent));
    for number in 0..2 {
        let alice = for_now(somebody("alice"), &format!("_{number}"), &[]);
        service.sign_in(&UserAgent::new(), &alice).await;
    }
    until(async || {
        let log = service.read("stderr");
        let is_logged =
            log.matches(sent).count() == 1 && log.contains("\"grants_with_mfa_code\":\"guarded\"");
        is_logged.then_some(()).ok_or(log)
    })
    .await;
    let ready = reqwest::get(&service.ready).await.unwrap();
    let ready = ready.text().await.unwrap();
    assert!(ready.contains("sends transient NameIDs"), "{ready}");
    until(async || {
        let log = service.read("stderr");
        let is_logged = log.contains("name_id_format requests transient NameIDs")
            && log.contains("each login starts a new count of wrong MFA codes for guarded");
        is_logged.then_some(()).ok_or(log)
    })
    .await;
}

#[actix_web::test]
async fn metadata_that_offers_only_transient_name_ids_is_a_warning() {
    let metadata = first_idp().metadata_xml().unwrap();
    let transient = metadata.replace(PERSISTENT, TRANSIENT);
    assert_ne!(metadata, transient);
    for (metadata, idp, is_warned) in [
        (&transient, String::new(), true),
        (&transient, by_uid(), false),
        (&metadata, String::new(), false),
    ] {
        let app = TestApp::start_with(Options {
            idp,
            metadata: Some(metadata.clone()),
            ..Options::default()
        });
        let ready = reqwest::get(format!("{}/healthz/ready", app.internal_url));
        let ready = ready.await.unwrap().text().await.unwrap();
        let has = ready.contains("offers only transient NameIDs");
        assert_eq!(has, is_warned, "{ready}");
    }
}

#[test]
fn check_config_says_what_identifies_people() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rolecall.toml");
    let metadata = first_idp().metadata_xml().unwrap();
    std::fs::write(folder.path().join("idp.xml"), metadata).unwrap();
    let text = format!(
        "public_url = \"http://localhost\"\n[[idp]]\nid = \"corp\"\nname = \"Corp\"\n\
         metadata_file = \"idp.xml\"\nname_id_format = \"{TRANSIENT}\"\n"
    );
    for (lines, said) in [
        (
            by_uid(),
            format!("person       corp: identified by {UID}\n"),
        ),
        (
            String::new(),
            "warning      corp: people cannot be recognized".to_owned(),
        ),
    ] {
        std::fs::write(&file, format!("{text}{lines}")).unwrap();
        let run = rolecall()
            .args(["check-config", "--config"])
            .arg(&file)
            .output();
        let printed = String::from_utf8(run.unwrap().stdout).unwrap();
        assert!(printed.contains(&said), "{printed}");
        let other = ["identified by", "cannot be recognized"];
        let number = other.iter().filter(|text| printed.contains(**text)).count();
        assert_eq!(number, 1, "{printed}");
    }
}
