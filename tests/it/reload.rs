//! Reloads of the configuration while the service is in use.

use reqwest::{Method, StatusCode};
use rolecall::demo::idp::{SigningOptions, encode, sign, xml_unsigned};
use serde_json::{Value, json};

use crate::credentials::{form, json_of, post_json};
use crate::support::app::{Options, Started, TestApp, fields, person};
use crate::support::capture::Capture;
use crate::support::key_pair::KeyPair;
use crate::support::saml::ROLE_SESSION_NAME;
use crate::support::user_agent::{Page, UserAgent};

const READER: &str = "arn:aws:iam::111111111111:role/reader";
const ON_CALL: &str = "arn:aws:iam::111111111111:role/OnCall";

/// A grant for everyone at the first IdP.
const GRANT: &str = r#"
[[grant]]
name = "on call"
idp = "corp"
when = []
role_arns = ["arn:aws:iam::111111111111:role/OnCall"]
via = "assume-role"
session_name = "{NameID|local}"
"#;

/// An application with two IdPs.
fn app() -> TestApp {
    TestApp::start_with(Options {
        two_idps: true,
        ..Options::default()
    })
}

impl TestApp {
    /// Changes the configuration file, and reloads the configuration.
    pub async fn reload_with(&self, change: impl FnOnce(String) -> String) {
        self.change_configuration(change);
        let reloaded = self.handle().reload().await;
        assert!(reloaded.is_ok(), "{reloaded:?}");
    }

    pub fn change_configuration(&self, change: impl FnOnce(String) -> String) {
        let text = self.read("rolecall.toml").expect("the configuration");
        self.write("rolecall.toml", &change(text));
    }

    /// Removes the section of the second IdP, and reloads the configuration.
    async fn without_the_other_idp(&self) {
        self.reload_with(|text| {
            let (start, end) = section(&text, "id = \"other\"");
            format!("{}{}", &text[..start], &text[end..])
        })
        .await;
    }

    async fn ready(&self) -> Value {
        let page = UserAgent::new()
            .get(format!("{}/healthz/ready", self.internal_url))
            .await;
        assert_eq!(page.status, StatusCode::OK, "{page}");
        json_of(&page)
    }
}

/// The byte range of the table that contains `line`.
fn section(text: &str, line: &str) -> (usize, usize) {
    let at = text.find(line).expect("the text contains the line");
    let start = text[..at].rfind("[[").expect("a table");
    let end = text[at..]
        .find("\n[")
        .map_or(text.len(), |end| at + end + 1);
    (start, end)
}

async fn signed_in(app: &TestApp, name: &str) -> UserAgent {
    let agent = UserAgent::new();
    let page = app.sign_in(&agent, &person(name)).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    agent
}

async fn signed_in_at_the_other(app: &TestApp, name: &str) -> UserAgent {
    let agent = UserAgent::new();
    let page = app.sign_in_at_the_other(&agent, &person(name)).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    agent
}

async fn roles(app: &TestApp, agent: &UserAgent) -> Page {
    agent.get(app.at("/api/roles")).await
}

#[actix_web::test]
async fn the_newest_rules_apply_at_the_next_use() {
    let app = app();
    let alice = signed_in(&app, "alice").await;
    assert!(!roles(&app, &alice).await.body.contains(ON_CALL));
    app.reload_with(|text| text + GRANT).await;
    assert!(roles(&app, &alice).await.body.contains(ON_CALL));
    app.reload_with(|text| text.replace(GRANT, "")).await;
    let page = roles(&app, &alice).await;
    assert!(page.body.contains(READER), "{page}");
    assert!(!page.body.contains(ON_CALL), "{page}");
    let asked = form(ON_CALL, &[("grant", "on call")]);
    let refused = alice.post_form(app.at("/credentials"), &asked).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused}");
}

#[actix_web::test]
async fn a_reload_signs_nobody_out_and_writes_an_audit_line() {
    let app = app();
    let alice = signed_in(&app, "alice").await;
    let before = app.ready().await["checks"]["rules"].clone();
    assert_eq!(app.last_audit()["rules"], before);
    app.reload_with(|text| text.replace("name = \"prod\"", "name = \"Renamed\""))
        .await;
    let line = app.last_audit();
    assert_eq!(line["event"], "rules_reloaded");
    assert_eq!(line["before"], before);
    let after = app.ready().await["checks"]["rules"].clone();
    assert_ne!(after, before);
    assert_eq!(line["rules"], after);
    let page = alice.get(app.at("/")).await;
    assert!(page.body.contains("Renamed"), "{page}");
    // Later audit lines also refer to the new rules.
    alice.post_form(app.at("/logout"), &[]).await;
    assert_eq!(app.last_audit()["rules"], after);
}

#[actix_web::test]
async fn a_reload_with_mistakes_changes_nothing_and_reports_each() {
    let app = app();
    let alice = signed_in(&app, "alice").await;
    let before = app.ready().await["checks"]["rules"].clone();
    app.change_configuration(|text| {
        let text = text.replace("[session]\n", "[session]\nmax_age_seconds = 1\n");
        format!("colour = 1\n{text}{GRANT}")
    });
    let refused = app
        .handle()
        .reload()
        .await
        .expect_err("the configuration has mistakes")
        .to_string();
    for key in ["colour", "session.max_age_seconds"] {
        assert!(refused.contains(key), "{refused}");
    }
    assert!(!roles(&app, &alice).await.body.contains(ON_CALL));
    let checks = app.ready().await["checks"].clone();
    assert_eq!(checks["rules"], before);
    assert_eq!(checks["configuration"], false);
    assert!(
        checks["configuration_problems"]
            .to_string()
            .contains("colour"),
        "{checks}"
    );
    let lines = app.audit();
    assert!(lines.iter().all(|line| line["event"] != "rules_reloaded"));
    // Once the mistakes are fixed, a reload succeeds and the health check reports no problem.
    app.reload_with(|text| text.replace("colour = 1\n", "").replace("= 1\n", "= 300\n"))
        .await;
    assert!(roles(&app, &alice).await.body.contains(ON_CALL));
    assert_eq!(app.ready().await["checks"]["configuration"], true);
}

#[actix_web::test]
async fn unreadable_metadata_makes_a_reload_change_nothing() {
    let app = app();
    app.write("idp-2.xml", "<nonsense/>");
    app.change_configuration(|text| text.replace("\"idp.xml\"", "\"idp-2.xml\""));
    let refused = app
        .handle()
        .reload()
        .await
        .expect_err("the file is not metadata")
        .to_string();
    assert!(refused.contains("idp[0].metadata_file"), "{refused}");
    signed_in(&app, "alice").await;
}

#[actix_web::test]
async fn settings_that_need_a_restart_are_named_and_kept() {
    let app = app();
    let limits = "[limits]\nconnections = 77\nrequests_per_minute = 1\n";
    app.reload_with(|text| text.replace("[limits]\n", limits))
        .await;
    let line = app.last_audit();
    let named = line["need_restart"].to_string();
    assert!(named.contains("limits.connections"), "{line}");
    let checks = app.ready().await["checks"].clone();
    assert_eq!(checks["need_restart"], line["need_restart"]);
    // The changed limit that needs no restart takes effect.
    let agent = UserAgent::new();
    agent.get(app.at("/")).await;
    let limited = agent.get(app.at("/")).await;
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS, "{limited}");
}

#[actix_web::test]
async fn sessions_of_a_removed_idp_end_at_their_next_use() {
    let app = app();
    let alice = signed_in(&app, "alice").await;
    let bob = signed_in_at_the_other(&app, "bob").await;
    app.without_the_other_idp().await;
    let page = bob.get(app.at("/")).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{page}");
    assert!(page.body.contains("no longer"), "{page}");
    let line = app.last_audit();
    assert_eq!(line["event"], "session_ended");
    assert_eq!(line["cause"], "idp_removed");
    assert_eq!(line["name_id"], "bob@example.com");
    // The session's end is audited only once; after that, the browser has no session.
    let lines = app.audit().len();
    assert_eq!(roles(&app, &bob).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.audit().len(), lines);
    assert_eq!(roles(&app, &alice).await.status, StatusCode::OK);
}

#[actix_web::test]
async fn the_api_also_reports_a_removed_idp() {
    let app = app();
    let bob = signed_in_at_the_other(&app, "bob").await;
    app.without_the_other_idp().await;
    let page = roles(&app, &bob).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{page}");
    assert_eq!(json_of(&page)["error"]["code"], "idp_removed");
}

/// The IdP's `id` now refers to another entity, and that entity's Alice is another person.
#[actix_web::test]
async fn sessions_end_if_their_idp_gets_another_entity_id() {
    let app = TestApp::start();
    let alice = signed_in(&app, "alice").await;
    app.reload_with(|text| text.replace("\"idp.xml\"", "\"other-idp.xml\""))
        .await;
    let page = alice.get(app.at("/")).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{page}");
    assert_eq!(app.last_audit()["cause"], "idp_replaced");
}

/// The IdP's section is unchanged, but its metadata file has changed.
#[actix_web::test]
async fn a_metadata_file_that_changed_to_another_entity_is_loaded_at_once() {
    let app = TestApp::start();
    let alice = signed_in(&app, "alice").await;
    let other = app.read("other-idp.xml").expect("the other metadata");
    app.write("idp.xml", &other);
    app.reload_with(|text| text).await;
    // The rules are different, although the configuration is the same.
    let line = app.last_audit();
    assert_ne!(line["before"], line["rules"]);
    let page = alice.get(app.at("/")).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{page}");
    assert_eq!(app.last_audit()["cause"], "idp_replaced");
}

/// Until the metadata arrives, it is unknown whether the IdP is still the one that signed Alice in.
#[actix_web::test]
async fn no_credentials_are_issued_until_the_metadata_of_an_idp_is_known() {
    let app = TestApp::start();
    let alice = signed_in(&app, "alice").await;
    let unknown = "metadata_url = \"http://127.0.0.1:9/metadata\"";
    app.reload_with(|text| text.replace("metadata_file = \"idp.xml\"", unknown))
        .await;
    let body = format!("{{\"role_arn\": \"{READER}\"}}");
    let ask = || {
        let request = alice.request(Method::POST, app.at("/api/credentials"));
        request.body(body.clone())
    };
    let page = alice.send(ask()).await;
    assert_eq!(json_of(&page)["error"]["code"], "login_required", "{page}");
    // The entity ID in the configuration now differs from that of the IdP that signed Alice in.
    let named = format!("{unknown}\nentity_id = \"https://idp.example.org/\"");
    app.reload_with(|text| text.replace(unknown, &named)).await;
    let page = alice.get(app.at("/")).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{page}");
    assert_eq!(app.last_audit()["cause"], "idp_replaced");
}

/// An IdP's `id` in the configuration is only a local name. A used assertion is recorded under its
/// issuer's entity ID.
#[actix_web::test]
async fn renaming_an_idp_allows_no_replay_of_its_assertions() {
    let app = TestApp::start_with(Options {
        idp: "allow_unsolicited = true".to_owned(),
        ..Options::default()
    });
    let response = app
        .idp
        .response(&person("alice"), &app.relying_party(), None, app.now());
    let form = app.form(&response, "");
    let page = app.post_acs(&UserAgent::new(), &form).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page}");
    app.reload_with(|text| text.replace("id = \"corp\"", "id = \"corporation\""))
        .await;
    let page = app.post_acs(&UserAgent::new(), &form).await;
    let page = UserAgent::new().follow(page).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    assert_eq!(app.last_audit()["check"], "replay");
}

#[actix_web::test]
async fn a_login_in_progress_at_a_removed_idp_ends_with_an_error_page() {
    let app = app();
    let bob = UserAgent::new();
    let started = app.begin_at(&bob, "/login?idp=other").await;
    let response = app.other_idp.response(
        &person("bob"),
        &app.relying_party(),
        Some(&started.request_id),
        app.now(),
    );
    let field = app.other_idp.form_field(&response).expect("a response");
    let form = fields(&field, &started.relay_state);
    app.without_the_other_idp().await;
    let page = bob.post_form(app.at("/saml/acs"), &form).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    assert_eq!(app.last_audit()["check"], "idp_removed");
    assert!(page.body.contains("no longer"), "{page}");
}

#[actix_web::test]
async fn an_arrival_ends_when_its_idp_is_replaced() {
    let app = TestApp::start();
    let alice = UserAgent::new();
    let started = app.begin(&alice).await;
    let form = app.form(
        &app.respond(&person("alice"), &started),
        &started.relay_state,
    );
    let to_finish = app.post_acs(&alice, &form).await;
    app.reload_with(|text| text.replace("\"idp.xml\"", "\"other-idp.xml\""))
        .await;
    let page = alice.follow(to_finish).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{page}");
    assert_eq!(app.last_audit()["check"], "idp_replaced");
}

#[actix_web::test]
async fn a_shorter_session_counts_from_the_sign_in() {
    let app = app();
    let alice = signed_in(&app, "alice").await;
    app.clock.advance(chrono::TimeDelta::minutes(30));
    let ends = |page: &Page| json_of(page)["expires_at"].as_str().unwrap().to_owned();
    let long = ends(&roles(&app, &alice).await);
    app.reload_with(|text| text.replace("[session]\n", "[session]\nmax_age_seconds = 3600\n"))
        .await;
    let page = roles(&app, &alice).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    assert!(ends(&page) < long, "{page}");
    app.clock.advance(chrono::TimeDelta::minutes(29));
    assert_eq!(roles(&app, &alice).await.status, StatusCode::OK);
    app.clock.advance(chrono::TimeDelta::minutes(2));
    // When the limit is raised again, an expired session stays expired, even if nobody has used it
    // since it expired.
    app.reload_with(|text| text.replace("max_age_seconds = 3600", "max_age_seconds = 28800"))
        .await;
    assert_eq!(roles(&app, &alice).await.status, StatusCode::UNAUTHORIZED);
}

/// A reload allows another Format of the Issuer.
#[actix_web::test]
async fn a_reload_changes_the_format_of_the_issuer() {
    let app = app();
    let format = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName";
    let posted = async || {
        let agent = UserAgent::new();
        let started = app.begin(&agent).await;
        let spec = app.respond(&person("alice"), &started);
        let issuer = format!("<saml:Issuer Format=\"{format}\">");
        let xml = xml_unsigned(&spec).expect("a message");
        let xml = xml.replace("<saml:Issuer>", &issuer);
        let options = SigningOptions::default();
        let xml = sign(&xml, &spec.id, app.idp.key(), &options).expect("a signed message");
        let form = fields(&encode(&xml), &started.relay_state);
        let page = app.post_acs(&agent, &form).await;
        agent.follow(page).await;
        app.last_audit()
    };
    assert_eq!(posted().await["check"], "issuer_format");
    let setting = format!("id = \"corp\"\nissuer_format = \"{format}\"\n");
    app.reload_with(|text| text.replacen("id = \"corp\"\n", &setting, 1))
        .await;
    assert_eq!(posted().await["event"], "login_accepted");
}

#[actix_web::test]
async fn a_reload_changes_the_attribute_of_the_person() {
    let app = app();
    let agent = UserAgent::new();
    app.sign_in(&agent, &person("alice")).await;
    assert!(app.last_audit().get("person").is_none());
    let setting = format!("id = \"corp\"\nperson_attribute = \"{ROLE_SESSION_NAME}\"\n");
    app.reload_with(|text| text.replacen("id = \"corp\"\n", &setting, 1))
        .await;
    // The person must sign in again before anything is issued in a session without the attribute.
    let body = json!({ "role_arn": "arn:aws:iam::111111111111:role/reader" });
    let page = post_json(&app, &agent, "/api/credentials", &body).await;
    assert_eq!(json_of(&page)["error"]["code"], "login_required", "{page}");
    app.sign_in(&agent, &person("alice")).await;
    assert_eq!(app.last_audit()["person"], "alice");
}

#[actix_web::test]
async fn a_sign_in_that_no_longer_meets_the_rules_is_renewed_at_the_idp() {
    for lines in [
        "force_authn = true\n",
        "authn_contexts = [\"https://refeds.org/profile/mfa\"]\n",
    ] {
        let app = app();
        let alice = signed_in(&app, "alice").await;
        app.reload_with(|text| {
            text.replacen("id = \"corp\"\n", &format!("id = \"corp\"\n{lines}"), 1)
        })
        .await;
        // Alice stays signed in, but gets no credentials.
        assert_eq!(roles(&app, &alice).await.status, StatusCode::OK);
        let asked = form(READER, &[]);
        let page = alice.post_form(app.at("/credentials"), &asked).await;
        let started = Started::from_redirect(&page);
        assert!(!started.request_id.is_empty());
        let body = format!("{{\"role_arn\": \"{READER}\"}}");
        let request = alice
            .request(Method::POST, app.at("/api/credentials"))
            .body(body);
        let page = alice.send(request).await;
        let error = json_of(&page)["error"].clone();
        assert_eq!(error["code"], "login_required", "{page}");
        let message = error["message"].to_string();
        assert!(message.contains("sign-in rules have changed"), "{page}");
    }
}

#[actix_web::test]
async fn without_an_audit_line_the_old_rules_stay() {
    let app = TestApp::start_with(Options {
        audit: Some("/dev/full".into()),
        ..Options::default()
    });
    let rules = async || {
        let ready = format!("{}/healthz/ready", app.internal_url);
        let page = UserAgent::new().get(ready).await;
        let checks: Value = serde_json::from_str(&page.body).unwrap();
        checks["checks"]["rules"].clone()
    };
    let before = rules().await;
    app.change_configuration(|text| text + GRANT);
    let refused = app.handle().reload().await.unwrap_err().to_string();
    assert!(
        refused.contains("the audit trail cannot be written"),
        "{refused}"
    );
    assert_eq!(rules().await, before);
}

/// A reload keeps the metadata in use if the IdP's section and entity are unchanged, even if the
/// metadata file is now broken.
#[actix_web::test]
async fn an_idp_whose_section_did_not_change_keeps_its_metadata() {
    let app = app();
    app.write("idp.xml", "<nonsense/>");
    app.reload_with(|text| text + GRANT).await;
    signed_in(&app, "alice").await;
    // Removing `metadata_directory` changes nothing for the IdP. Its metadata comes from a file,
    // and rolecall keeps copies only of metadata that it fetches from a URL.
    app.reload_with(|text| text.replace("metadata_directory = \"kept\"\n", ""))
        .await;
    signed_in(&app, "bob").await;
}

/// New paths of TLS files take effect only after a restart. A reload checks the files anyway,
/// because the next start would fail if the files were unusable.
#[actix_web::test]
async fn unusable_tls_files_are_a_mistake() {
    let app = app();
    let before = app.ready().await["checks"]["rules"].clone();
    let lines = "[http]\ntls_key_file = \"idp.xml\"\ntls_certificate_file = \"idp.xml\"\n";
    app.change_configuration(|text| text.replacen("[http]\n", lines, 1));
    app.write("idp-2.xml", "<nonsense/>");
    app.change_configuration(|text| {
        text.replace(
            "metadata_file = \"idp.xml\"",
            "metadata_file = \"idp-2.xml\"",
        )
    });
    let refused = app.handle().reload().await.expect_err("no certificate");
    // All mistakes are reported together.
    assert!(
        refused.to_string().contains("idp[0].metadata_file"),
        "{refused}"
    );
    app.change_configuration(|text| text.replace("\"idp-2.xml\"", "\"idp.xml\""));
    assert!(
        refused.to_string().contains("http.tls_key_file"),
        "{refused}"
    );
    assert_eq!(app.ready().await["checks"]["rules"], before);
    let pair = KeyPair::generate("localhost");
    app.write("tls.key", &pair.key_pem);
    app.write("tls.crt", &pair.certificate_pem);
    app.reload_with(|text| {
        let text = text.replace("tls_key_file = \"idp.xml\"", "tls_key_file = \"tls.key\"");
        text.replace(
            "certificate_file = \"idp.xml\"",
            "certificate_file = \"tls.crt\"",
        )
    })
    .await;
    let keys = ["http.tls_key_file", "http.tls_certificate_file"];
    assert_eq!(app.last_audit()["need_restart"], json!(keys));
}

/// Changes the text of the configuration file.
type Change = fn(String) -> String;

/// Credentials that we requested under outdated rules are not handed out.
#[actix_web::test]
async fn a_reload_during_an_sts_call_decides_its_outcome() {
    let changes: [(Change, _, _); 3] = [
        (
            |text| text.replace("id = \"corp\"", "id = \"corporation\""),
            "session_ended",
            1,
        ),
        (
            |text| text.replacen("id = \"corp\"\n", "id = \"corp\"\nforce_authn = true\n", 1),
            "login_required",
            1,
        ),
        (
            |text| text.replace("[aws]\n", "[aws]\nregion = \"eu-central-1\"\n"),
            "",
            2,
        ),
    ];
    for (change, code, calls) in changes {
        let sts = Capture::holding(usize::MAX);
        let app = TestApp::start_with(Options {
            aws: format!("sts_endpoint = \"{}\"\n", sts.endpoint()),
            ..Options::default()
        });
        let alice = signed_in(&app, "alice").await;
        let request = alice.request(Method::POST, app.at("/api/credentials"));
        let asked = alice.send(request.body(format!("{{\"role_arn\": \"{READER}\"}}")));
        let meanwhile = async {
            sts.begins().await;
            app.reload_with(change).await;
            sts.respond();
        };
        let (page, ()) = futures_util::future::join(asked, meanwhile).await;
        let response = json_of(&page);
        let report = response["error"]["code"].as_str().unwrap_or_default();
        assert_eq!(report, code, "{page}");
        assert_eq!(
            page.body.contains("SecretAccessKey"),
            code.is_empty(),
            "{page}"
        );
        let is_asking = |call: &Vec<(String, String)>| {
            call.iter()
                .any(|(_, action)| action == "AssumeRoleWithSAML")
        };
        let called = sts.asked().iter().filter(|call| is_asking(call)).count();
        assert_eq!(called, calls, "{code}");
        let issued = app.audit();
        let issued = issued
            .iter()
            .filter(|line| line["event"] == "credentials_issued");
        assert_eq!(issued.count(), usize::from(code.is_empty()), "{code}");
    }
}

/// The configuration is the same, but the rules change with the key.
#[actix_web::test]
async fn a_new_key_in_the_same_file_makes_new_rules() {
    for (name, option) in [("sp", 0), ("sp-encryption", 1)] {
        let pair = || Some(KeyPair::generate("rolecall"));
        let app = TestApp::start_with(Options {
            key: pair().filter(|_| option == 0),
            encryption_key: pair().filter(|_| option == 1),
            ..Options::default()
        });
        app.reload_with(|text| text).await;
        let line = app.last_audit();
        assert_eq!(line["before"], line["rules"], "{name}");
        let other = KeyPair::generate("rolecall");
        app.write(&format!("{name}.key"), &other.key_pem);
        app.write(&format!("{name}.crt"), &other.certificate_pem);
        app.reload_with(|text| text).await;
        let line = app.last_audit();
        assert_ne!(line["before"], line["rules"], "{name}");
    }
}

#[actix_web::test]
async fn sessions_of_a_removed_idp_do_not_come_back_with_it() {
    let app = app();
    let (alice, bob) = (
        signed_in(&app, "alice").await,
        signed_in_at_the_other(&app, "bob").await,
    );
    let before = app.read("rolecall.toml").expect("the configuration");
    app.without_the_other_idp().await;
    app.clock.advance(chrono::TimeDelta::minutes(1));
    app.reload_with(|_| before).await;
    assert_eq!(roles(&app, &bob).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(roles(&app, &alice).await.status, StatusCode::OK);
    let bob = signed_in_at_the_other(&app, "bob").await;
    assert_eq!(roles(&app, &bob).await.status, StatusCode::OK);
}
