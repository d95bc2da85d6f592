//! Messages made to mislead the administrator who inspects them or reads the audit trail, and
//! messages on which an inspection and a login could disagree.

use chrono::TimeDelta;
use rolecall::config::Config;
use rolecall::saml::inspection::{Bench, CheckResult, Inspection};
use rolecall::saml::response::Unverified;
use rolecall::saml::{SentRequest, ServiceProvider, check};

use super::*;
use crate::saml::bench::{decryption, element, judge_encrypted};
use crate::support::app::{Options, TestApp, fields};
use crate::support::user_agent::UserAgent;

const METHOD: &str = "\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"";

/// A copy of the application's configuration, for inspecting messages that were posted to the
/// application.
fn folder_of(app: &TestApp) -> Folder {
    let folder = tempfile::tempdir().unwrap();
    let config = app.read("rolecall.toml").unwrap();
    std::fs::write(folder.path().join("rolecall.toml"), config).unwrap();
    let metadata = app.idp.metadata_xml().unwrap();
    std::fs::write(folder.path().join("idp.xml"), metadata).unwrap();
    Folder(folder)
}

#[test]
fn a_refusal_cannot_send_escape_sequences_to_the_terminal() {
    let folder = Folder::new("");
    let report = folder.inspect("<x>&#\u{1b}[2J\u{1b}[1m;</x>");
    report.lacks("\u{1b}");
    let algorithm = changed(|_| {}).replace(
        METHOD,
        "\"x&#10;  ok      signature and decryption&#10;  ok      every check&#x9b;31m\"",
    );
    let report = folder.inspect(&encode(&algorithm));
    report.lacks("\n  ok      signature and decryption\n");
    report.lacks("\u{9b}");
    let report = folder.inspect(&signed_by_the_idp(|spec| {
        spec.assertion = None;
        spec.status.code = "urn:oasis:names:tc:SAML:2.0:status:Responder".to_owned();
        spec.status.message = Some("no\n  ok      everything\u{9b}31m\u{202e}".to_owned());
    }));
    assert_eq!(report.refusals(), ["status"], "{}", report.text);
    report.lacks("\n  ok      everything");
    report.lacks("\u{9b}");
    let report = folder.inspect(&signed_by_the_idp(|spec| {
        spec.in_response_to = Some("_re\u{9b}t".to_owned());
    }));
    assert_eq!(report.refusals(), ["in_response_to"], "{}", report.text);
    report.lacks("\u{9b}");
}

#[actix_web::test]
async fn an_audit_line_is_printable() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let started = app.begin(&agent).await;
    let mut form = app.form(
        &app.respond(&person("alice"), &started),
        &started.relay_state,
    );
    let xml = rolecall::saml::response::decode(&form[0].1).unwrap();
    form[0].1 = encode(&xml.replace(METHOD, "\"x\u{202e}\u{9b}31m\""));
    app.post_acs(&agent, &form).await;
    assert_eq!(app.last_audit()["check"], "algorithm");
    // The audit lines for a signed-in person's requests are printable too.
    app.sign_in(&agent, &person("alice")).await;
    let asked = [("role_arn".to_owned(), "x\u{202e}\u{9b}".to_owned())];
    agent.post_form(app.at("/credentials"), &asked).await;
    assert_eq!(app.last_audit()["event"], "role_refused");
    let text = app.audit_text();
    assert!(!text.contains(['\u{202e}', '\u{9b}']), "{text:?}");
}

#[test]
fn extreme_timestamps_cause_no_panic() {
    let folder = Folder::new("");
    for time in [
        "+262142-12-31T23:59:59Z",
        "-262143-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ] {
        let xml = changed(|_| {});
        let at = xml.rfind("IssueInstant=\"").unwrap() + "IssueInstant=\"".len();
        let end = at + xml[at..].find('"').unwrap();
        let xml = format!("{}{time}{}", &xml[..at], &xml[end..]);
        for more in [&[][..], &["--config", "rolecall.toml"]] {
            let report = folder.inspect_with(&xml, &[&["--at", "issued"], more].concat());
            assert!(!report.errors.contains("panicked"), "{}", report.errors);
            report.has("How AWS would respond");
        }
    }
}

#[actix_web::test]
async fn a_response_that_names_the_request_only_in_the_assertion() {
    let app = TestApp::start();
    let agent = UserAgent::new();
    let started = app.begin(&agent).await;
    let mut spec = app.respond(&person("alice"), &started);
    spec.in_response_to = None;
    let signed = app
        .idp
        .signed_xml(&spec, Signed::Assertion, &SigningOptions::default());
    let form = fields(&encode(&signed.unwrap()), &started.relay_state);
    let page = app.post_acs(&agent, &form).await;
    assert!(page.redirect().is_some(), "refused by the service");
    let arguments = ["--config", "rolecall.toml"];
    let report = folder_of(&app).inspect_with(&form[0].1, &arguments);
    assert_eq!(report.refusals(), [""; 0], "{}", report.text);
}

#[test]
fn an_encrypted_response_that_names_the_request_only_in_the_assertion() {
    let mut spec = good();
    spec.in_response_to = None;
    let options = EncryptionOptions::default();
    let signing = SigningOptions::default();
    let xml = idp().encrypted_xml(&spec, Signed::Assertion, &signing, &sp_key().1, &options);
    let xml = xml.unwrap();
    judge_encrypted(&xml, &decryption()).unwrap();
    for more in ["", "allow_unsolicited = true\n"] {
        let report = Folder::new(&format!("{more}{KEYS}")).inspect(&encode(&xml));
        assert_eq!(report.refusals(), [""; 0], "{more} {}", report.text);
    }
}

#[actix_web::test]
async fn a_sign_in_that_ignores_force_authn() {
    let app = TestApp::start_with(Options {
        idp: "force_authn = true".to_owned(),
        ..Options::default()
    });
    for is_old in [false, true] {
        let agent = UserAgent::new();
        let started = app.begin(&agent).await;
        let mut spec = app.respond(&person("alice"), &started);
        let authn = spec.assertion.as_mut().unwrap().authn.as_mut().unwrap();
        authn.instant -= TimeDelta::days(1);
        let mut xml = xml_unsigned(&spec).unwrap();
        if !is_old {
            let at = xml.find(" AuthnInstant=").unwrap();
            let end = at + 15 + xml[at + 15..].find('"').unwrap() + 1;
            xml.replace_range(at..end, "");
        }
        let options = SigningOptions::default();
        let assertion = &spec.assertion.as_ref().unwrap().id;
        let xml = sign(&xml, assertion, app.idp.key(), &options).unwrap();
        let xml = sign(&xml, &spec.id, app.idp.key(), &options).unwrap();
        let form = fields(&encode(&xml), &started.relay_state);
        app.post_acs(&agent, &form).await;
        assert_eq!(app.last_audit()["check"], "not_asked_anew");
        let arguments = ["--config", "rolecall.toml"];
        let report = folder_of(&app).inspect_with(&form[0].1, &arguments);
        assert_eq!(report.refusals(), ["not_asked_anew"], "{}", report.text);
    }
}

/// Every logged value of this unsigned message contains characters that grow when escaped.
#[actix_web::test]
async fn invisible_characters_do_not_inflate_the_audit_line() {
    for text in ["\u{e0041}", "\u{1f600}"] {
        let app = TestApp::start();
        let agent = UserAgent::new();
        let started = app.begin(&agent).await;
        let mut spec = app.respond(&person("alice"), &started);
        let long = text.repeat(200);
        spec.issuer = Some(long.clone());
        spec.destination = Some(long.clone());
        spec.in_response_to = Some(long.clone());
        spec.status.second_code = Some(long.clone());
        spec.status.message = Some(long.clone());
        let assertion = spec.assertion.as_mut().unwrap();
        assertion.issuer.clone_from(&long);
        assertion.conditions.as_mut().unwrap().audience_restrictions = vec![vec![long.clone(); 4]];
        let subject = assertion.subject.as_mut().unwrap();
        subject.name_id.as_mut().unwrap().value.clone_from(&long);
        subject.name_id.as_mut().unwrap().format = Some(long.clone());
        let confirmation = &mut subject.confirmations[0];
        confirmation.method.clone_from(&long);
        confirmation.recipient = Some(long.clone());
        confirmation.in_response_to = Some(long.clone());
        subject.confirmations = vec![subject.confirmations[0].clone(); 4];
        assertion
            .authn
            .as_mut()
            .unwrap()
            .context_class
            .clone_from(&long);
        let xml = xml_unsigned(&spec).unwrap();
        let statement = element(&xml, "saml:AuthnStatement");
        let times = format!("SessionNotOnOrAfter=\"{long}\" AuthnInstant=\"{long}");
        let other = statement.replace("AuthnInstant=\"", &times).repeat(4);
        let xml = xml.replace(statement, &other);
        app.post_acs(&agent, &fields(&encode(&xml), "")).await;
        assert_eq!(app.last_audit()["check"], "unknown_idp");
        let line = app.audit_text();
        assert!(line.len() < 8_000, "{}: {line}", line.len());
    }
}

#[test]
fn a_message_larger_than_the_service_accepts() {
    let large = |bytes: usize| {
        signed_by_the_idp(|spec| {
            let attributes = &mut spec.assertion.as_mut().unwrap().attributes;
            attributes.push(AttributeSpec::new("photo", ["x".repeat(bytes)]));
        })
    };
    let folder = Folder::new("");
    let report = folder.inspect(&large(300 * 1024));
    assert_eq!(report.refusals(), ["too_large"], "{}", report.errors);
    report.has("SAMLAssertion may have at most 100000 characters");
    let report = folder.inspect(&large(100 * 1024));
    assert_eq!(report.refusals(), [""; 0]);
    report.has("ok      size");
    let folder = Folder::new("[limits]\nbody_bytes = 0\n");
    assert_eq!(folder.inspect(&large(300 * 1024)).refusals(), [""; 0]);
}

#[test]
fn a_value_that_is_not_escaped_is_not_quoted() {
    let xml = changed(|spec| {
        let attributes = &mut spec.assertion.as_mut().unwrap().attributes;
        attributes.push(AttributeSpec::new("salary", ["R+D-100000;"]));
    });
    let report = Folder::new("").inspect(&xml.replace("R+D", "R&D"));
    assert_eq!(report.refusals(), ["not_well_formed"], "{}", report.text);
    report.lacks("100000");
}

/// Makes 600 variants of a good message, each with one change, and signs those that can be signed.
/// For each variant, the first failure in the inspection must be the failure that ends the login.
#[test]
fn an_inspection_reports_the_same_failure_as_a_login() {
    const PIECES: [&str; 24] = [
        "\"",
        "<",
        ">",
        "&",
        "&#10;",
        "&#x9b;",
        "\u{202e}",
        "",
        " ",
        "0",
        "9",
        "-",
        "T",
        "Z",
        "262142",
        "urn:",
        "#",
        "xmlns=\"\"",
        "<saml:Issuer>x</saml:Issuer>",
        "<saml:Audience/>",
        "<saml:Condition/>",
        "<saml:AuthnStatement/>",
        " Version=\"2.0\"",
        "9999-12-31T23:59:59Z",
    ];
    let folder = Folder::new("allow_unsolicited = true\nforce_authn = true\n");
    let config = Config::load(&folder.0.path().join("rolecall.toml"), []).unwrap();
    let sp = ServiceProvider::from_config(&config, rolecall::clock::Clock::system().now()).unwrap();
    let corp = sp.idp("corp").unwrap();
    let published = corp.published(now()).unwrap();
    let spec = good();
    let base = xml_unsigned(&spec).unwrap();
    let boundary = |at: usize| base.floor_char_boundary(at);
    let options = SigningOptions::default();
    let mut refused = std::collections::BTreeSet::new();
    for number in 0..600_usize {
        // Replace 0 to 12 bytes, each time at a different position and with the next piece.
        let at = boundary(number * 7919 % base.len());
        let end = boundary(at + [0, 1, 4, 12][number % 4]);
        let piece = PIECES[number % PIECES.len()];
        let xml = format!("{}{piece}{}", &base[..at], &base[end.max(at)..]);
        let assertion = &spec.assertion.as_ref().unwrap().id;
        let signed = sign(&xml, assertion, idp().key(), &options);
        let signed = signed.and_then(|xml| sign(&xml, &spec.id, idp().key(), &options));
        let xml = signed.unwrap_or(xml);
        let bench = Bench {
            sp: &sp,
            idp: Some("corp"),
            now: now(),
        };
        let inspection = Inspection::of(&xml, Some(bench));
        let report = inspection.verdicts.iter();
        let report = report.filter_map(|verdict| match &verdict.outcome {
            CheckResult::Refused { name, explanation } => {
                assert!(
                    !explanation.chars().any(char::is_control),
                    "{explanation:?}"
                );
                Some(*name)
            }
            _ => None,
        });
        let first = report.collect::<Vec<_>>().first().copied();
        let login = |request: Option<&str>| {
            let at = now() - TimeDelta::minutes(15);
            let asked = request.map(|id| SentRequest {
                id,
                at,
                anew: false,
            });
            let expected = sp.expected(corp, &published, asked, now());
            let opened = Unverified::parse(&xml)
                .and_then(|message| message.open(&published.trust, &sp.decryption(corp)));
            let judged = opened.and_then(|opened| check::check(opened, &expected));
            judged.err().map(|refusal| refusal.name())
        };
        let (solicited, unsolicited) = (login(Some("_request")), login(None));
        // An inspection has no record of sent requests, so it uses the message's own request ID.
        let of_the_request = ["in_response_to", "response_in_response_to"];
        let is_about_it = solicited.is_some_and(|name| of_the_request.contains(&name));
        assert!(
            first == solicited || first == unsolicited || is_about_it,
            "{first:?} {solicited:?} {unsolicited:?}\n{xml}"
        );
        refused.extend(first);
    }
    assert!(refused.len() > 12, "{refused:?}");
}

/// An inspection that root runs must not leave files that the service cannot read.
#[test]
fn inspecting_writes_nothing() {
    use std::io::Read as _;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/metadata", listener.local_addr().unwrap());
    let metadata = idp().metadata_xml().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().take(1) {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let length = metadata.len();
            let response = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{metadata}"
            );
            stream.write_all(response.as_bytes()).unwrap();
        }
    });
    let folder = Folder::new("");
    let kept = folder.0.path().join("kept");
    let config = format!(
        "public_url = \"https://sp.example.com\"\n[http]\ntrusted_proxies = [\"127.0.0.1\"]\n[saml]\nmetadata_directory = \"kept\"\n\
         [[idp]]\nid = \"corp\"\nname = \"Corp\"\nmetadata_url = \"{url}\"\n"
    );
    std::fs::write(folder.0.path().join("rolecall.toml"), config).unwrap();
    std::fs::create_dir(&kept).unwrap();
    let report = folder.inspect(&signed_by_the_idp(|_| {}));
    assert_eq!(report.status, Some(0), "{}{}", report.text, report.errors);
    assert_eq!(std::fs::read_dir(kept).unwrap().count(), 0);
}

#[test]
fn a_message_cannot_send_escape_sequences_to_the_terminal() {
    let report = Folder::new("").inspect(&signed_by_the_idp(|spec| {
        spec.issuer = Some("https://idp.example.com/\u{202e}moc.live\u{9b}".to_owned());
        let attributes = &mut spec.assertion.as_mut().unwrap().attributes;
        attributes.push(AttributeSpec::new("a\u{202e}b\n  ok      forged", ["x"]));
    }));
    report.lacks("\u{202e}");
    report.lacks("\u{9b}");
    report.lacks("\n  ok      forged");
    report.has("https://idp.example.com/\\u{202e}moc.live\\u{9b}");
}
