//! `rolecall inspect`, which explains messages to an administrator.

mod attacks;
mod input;
mod trail;

use std::io::Write as _;
use std::process::{Output, Stdio};

use openssl::x509::X509;
use rolecall::demo::idp::encryption::EncryptionOptions;
use rolecall::demo::idp::response::AttributeSpec;
use rolecall::demo::idp::{ResponseSpec, Signed, SigningOptions, encode, sign, xml_unsigned};
use tempfile::TempDir;

use crate::program::rolecall;
use crate::saml::bench::{REQUEST_ID, changed, good, idp, now, other_key, sp_key, sp_private_key};
use crate::support::app::person;

/// Configures the key pair for encrypted assertions.
const KEYS: &str =
    "[saml]\nencryption_key_file = \"sp.key\"\nencryption_certificate_file = \"sp.crt\"\n";

/// A folder with the configuration of the service provider that the messages are for.
struct Folder(TempDir);

impl Folder {
    fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text);
        let config = format!(
            "public_url = \"https://sp.example.com\"\n[http]\ntrusted_proxies = [\"127.0.0.1\"]\n\
             [[idp]]\nid = \"corp\"\nname = \"Corp\"\nmetadata_file = \"idp.xml\"\n{more}"
        );
        write("rolecall.toml", config.as_bytes()).unwrap();
        write("idp.xml", idp().metadata_xml().unwrap().as_bytes()).unwrap();
        let key = sp_private_key().private_key_to_pem_pkcs8().unwrap();
        write("sp.key", &key).unwrap();
        let certificate = X509::from_der(&sp_key().1).unwrap().to_pem().unwrap();
        write("sp.crt", &certificate).unwrap();
        Self(folder)
    }

    /// Inspects a message with the configuration, as of the tests' fixed time.
    fn inspect(&self, message: &str) -> Report {
        let at = now().to_rfc3339();
        self.inspect_with(message, &["--config", "rolecall.toml", "--at", &at])
    }

    fn inspect_with(&self, message: &str, arguments: &[&str]) -> Report {
        let mut child = rolecall()
            .current_dir(self.0.path())
            .args(["inspect", "-"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(message.as_bytes()).unwrap();
        drop(input);
        Report::from(child.wait_with_output().unwrap())
    }
}

struct Report {
    text: String,
    errors: String,
    status: Option<i32>,
}

impl From<Output> for Report {
    fn from(output: Output) -> Self {
        Self {
            text: String::from_utf8(output.stdout).unwrap(),
            errors: String::from_utf8(output.stderr).unwrap(),
            status: output.status.code(),
        }
    }
}

impl Report {
    #[track_caller]
    fn has(&self, text: &str) {
        assert!(
            self.text.contains(text),
            "{text}\n{}\n{}",
            self.text,
            self.errors
        );
    }

    #[track_caller]
    fn lacks(&self, text: &str) {
        assert!(!self.text.contains(text), "{text}\n{}", self.text);
    }

    /// The names of rolecall's checks that failed. AWS's checks are left out.
    fn refusals(&self) -> Vec<&str> {
        let lines = self
            .text
            .lines()
            .filter(|line| line.starts_with("  REFUSED "));
        lines
            .filter_map(|line| line.strip_suffix(']')?.rsplit_once('['))
            .map(|(_, name)| name)
            .collect()
    }
}

fn signed_by_the_idp(change: impl FnOnce(&mut ResponseSpec)) -> String {
    encode(&changed(change))
}

#[test]
fn a_good_message_passes_every_check() {
    let report = Folder::new("").inspect(&signed_by_the_idp(|_| {}));
    assert_eq!(report.refusals(), [""; 0], "{}", report.text);
    assert_eq!(report.status, Some(0), "{}", report.errors);
    let request = format!("in response to     {}", *REQUEST_ID);
    for line in [
        "issuer             https://idp.example.com/metadata",
        "destination        https://sp.example.com/saml/acs",
        &request,
        "status             Success",
        "signature          of the Response: rsa-sha256, digest sha256, xml-exc-c14n",
        "signature          of the Assertion: rsa-sha256, digest sha256, xml-exc-c14n",
        "name id            alice@example.com",
        "recipient        https://sp.example.com/saml/acs",
        "audience           https://sp.example.com/saml/metadata",
        "arn:aws:iam::111111111111:role/reader",
        "ok      structure",
        "ok      signature and decryption",
        "ok      audience",
        "for the identity provider corp",
        "SAML:aud         https://sp.example.com/saml/acs",
    ] {
        report.has(line);
    }
}

/// The configuration of a grant with the conditions and templates in `more`.
fn grant(name: &str, more: &str) -> String {
    format!(
        "[[grant]]\nname = \"{name}\"\nvia = \"assume-role\"\n\
         role_arns = [\"arn:aws:iam::111111111111:role/x\"]\n\
         session_name = \"{{NameID}}\"\n{more}\n"
    )
}

/// The report explains why a person does or does not have a role.
#[test]
fn the_report_lists_the_grants_that_match_a_message() {
    let grants = [
        grant("everybody", "when = []"),
        grant(
            "by group",
            "when = [{ attribute = \"Groups\", any_of = [\"a\", \"b\"] }]",
        ),
        grant(
            "by pattern",
            "when = [{ attribute = \"https://aws.amazon.com/SAML/Attributes/Role\", matches = \"x.*\" }]",
        ),
        grant(
            "by template",
            "when = []\nsource_identity = \"{attribute:uid}\"",
        ),
    ];
    let report = Folder::new(&grants.concat()).inspect(&signed_by_the_idp(|_| {}));
    assert_eq!(report.status, Some(0), "{}", report.errors);
    for line in [
        "Which grants apply",
        "yes     everybody: assume-role",
        "no      by group: Groups was not sent, but must be one of a, b",
        "no      by pattern: https://aws.amazon.com/SAML/Attributes/Role is arn:aws:iam::111111111111:role/reader",
        "but must be matched by x.*",
        "no      by template: source_identity: the identity provider sends no value for uid",
    ] {
        report.has(line);
    }
    Folder::new("")
        .inspect(&signed_by_the_idp(|_| {}))
        .lacks("Which grants");
}

#[test]
fn all_failures_are_reported_at_once_with_the_expected_values() {
    let report = Folder::new("").inspect(&signed_by_the_idp(|spec| {
        spec.destination = Some("https://other.example.com/acs".to_owned());
        let assertion = spec.assertion.as_mut().unwrap();
        let conditions = assertion.conditions.as_mut().unwrap();
        conditions.audience_restrictions = vec![vec!["https://other.example.com".to_owned()]];
        conditions.not_on_or_after = Some(now() - chrono::TimeDelta::minutes(10));
        let confirmation = &mut assertion.subject.as_mut().unwrap().confirmations[0];
        confirmation.recipient = Some("https://other.example.com/acs".to_owned());
    }));
    let refusals = ["destination", "expired", "audience", "recipient"];
    assert_eq!(report.refusals(), refusals, "{}", report.text);
    report.has(
        "received https://other.example.com/acs, expected https://sp.example.com/saml/acs [destination]",
    );
    report.has("(10 min ago); clocks may differ by up to 60 seconds [expired]");
    report.has("received https://other.example.com, expected urn:amazon:webservices or https://sp.example.com/saml/metadata [");
    report.has("REFUSED ExpiredTokenException: Response has expired");
    assert_eq!(report.status, Some(1));
    assert_eq!(
        report.errors,
        "rolecall: error: refused: destination, expired, audience, recipient\n"
    );
}

#[test]
fn a_wrong_signature_names_the_keys_and_hides_no_other_mistake() {
    let mut spec = good();
    let assertion = spec.assertion.as_mut().unwrap();
    assertion.conditions.as_mut().unwrap().audience_restrictions = vec![vec!["x".to_owned()]];
    let unsigned = xml_unsigned(&spec).unwrap();
    let options = SigningOptions::default();
    let xml = sign(&unsigned, &spec.id, other_key(), &options).unwrap();
    let report = Folder::new("").inspect(&encode(&xml));
    assert_eq!(
        report.refusals(),
        ["signature", "audience"],
        "{}",
        report.text
    );
    let named = rolecall::crypto::fingerprint(other_key().certificate_der());
    let known = rolecall::crypto::fingerprint(idp().key().certificate_der());
    report.has(&format!(
        "the message contains the certificate {named}; the metadata contains {known} [signature]"
    ));
    report.has("The signature was not verified");
    report.has("REFUSED InvalidIdentityToken: Response signature invalid");
    // The key is right, but the message was changed after it was signed.
    let changed = changed(|_| {}).replace("alice@example.com", "alicia@example.com");
    let report = Folder::new("").inspect(&changed);
    assert_eq!(report.refusals(), ["signature"], "{}", report.text);
    report.has(&format!(
        "the message contains the certificate {known}, which the metadata contains too: the message was changed after it was signed"
    ));
    let cut = &encode(&changed)[..2_000];
    let report = Folder::new("").inspect(cut);
    assert_eq!(report.refusals(), ["not_well_formed"], "{}", report.text);
    report.has("the message is truncated [not_well_formed]");
}

#[test]
fn an_error_of_the_identity_provider_is_its_status() {
    use rolecall::demo::idp::response::StatusSpec;
    let sp = crate::saml::bench::service_provider();
    let spec = ResponseSpec::failure(
        idp().entity_id(),
        &sp,
        Some("_request"),
        StatusSpec::failure(
            "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed",
            "User cancelled",
        ),
        now(),
    );
    let report = Folder::new("").inspect(&encode(&xml_unsigned(&spec).unwrap()));
    assert_eq!(report.refusals(), ["status"], "{}", report.text);
    report.has("status             Responder, AuthnFailed, User cancelled");
    report.has("REFUSED status: ");
}

/// Most inspected messages are old, so STS's other reasons for refusing them are reported as well.
#[test]
fn the_age_of_a_message_hides_no_other_failure() {
    let report = Folder::new("").inspect_with(&signed_by_the_idp(|_| {}), &[]);
    report.has("REFUSED ExpiredTokenException: ");
    report.has("REFUSED InvalidIdentityToken: RoleSessionName is required in AuthnResponse");
}

#[test]
fn an_encrypted_assertion_is_opened_with_the_configured_key_only() {
    let message = |signed| {
        let options = EncryptionOptions::default();
        let signing = SigningOptions::default();
        idp()
            .encrypted_xml(&good(), signed, &signing, &sp_key().1, &options)
            .unwrap()
    };
    for signed in [Signed::Assertion, Signed::Response] {
        let message = encode(&message(signed));
        let report = Folder::new(KEYS).inspect(&message);
        assert_eq!(report.status, Some(0), "{}\n{}", report.text, report.errors);
        report.has("encryption         aes256-gcm, rsa-oaep");
        report.has("name id            alice@example.com");
        report.has("arn:aws:iam::111111111111:role/reader");
        report.has("the SAML provider in IAM also needs the decryption key");
        for more in ["", "--config"] {
            let without = Folder::new("");
            let report = match more {
                "" => without.inspect_with(&message, &[]),
                _ => without.inspect(&message),
            };
            report.has("The Assertion is encrypted");
            report.lacks("alice@example.com");
            report.lacks("role/reader");
        }
    }
}

#[test]
fn an_unsolicited_response_is_reported_if_not_allowed() {
    let message = signed_by_the_idp(|spec| {
        spec.in_response_to = None;
        let assertion = spec.assertion.as_mut().unwrap();
        assertion.subject.as_mut().unwrap().confirmations[0].in_response_to = None;
    });
    let report = Folder::new("").inspect(&message);
    assert_eq!(
        report.refusals(),
        ["unsolicited_not_allowed"],
        "{}",
        report.text
    );
    // The results of the other checks are also reported.
    report.has("for the identity provider corp");
    report.has("ok      audience");
    let report = Folder::new("allow_unsolicited = true\n").inspect(&message);
    assert_eq!(report.status, Some(0), "{}", report.text);
}

#[test]
fn secrets_are_printed_only_when_asked_for() {
    let by_salary = grant(
        "by salary",
        "when = [{ attribute = \"salary\", any_of = [\"x\"] }]",
    );
    let with_salary = grant(
        "with salary",
        "when = []\nsource_identity = \"{attribute:title}\"",
    );
    let folder = Folder::new(&format!("{by_salary}{with_salary}"));
    let xml = changed(|spec| {
        let attributes = &mut spec.assertion.as_mut().unwrap().attributes;
        attributes.push(AttributeSpec::new("salary", ["a-secret-value"]));
        attributes.push(AttributeSpec::new("title", ["a secret title"]));
    });
    let value = crate::saml::bench::element(&xml, "ds:SignatureValue");
    let value = &value["<ds:SignatureValue>".len()..][..60];
    let hidden = folder.inspect(&encode(&xml));
    hidden.has("  salary\n    (1 value)\n");
    hidden.has("--show-secrets");
    hidden.has("no      by salary: salary has 1 value, but must be one of x");
    hidden.has("no      with salary: source_identity: the value is invalid: it must be");
    for secret in [
        "a-secret-value",
        "a secret title",
        value,
        &encode(&xml)[400..460],
    ] {
        hidden.lacks(secret);
        assert!(!hidden.errors.contains(secret));
    }
    let shown = folder.inspect_with(
        &encode(&xml),
        &["--config", "rolecall.toml", "--show-secrets"],
    );
    shown.has("  salary\n    a-secret-value\n");
    shown.has("no      by salary: salary is a-secret-value, but must be one of x");
    shown.has("no      with salary: source_identity: \"a secret title\" is invalid: it must be");
    shown.has(value);
}

/// Values that are not text are reported, whether AWS or a grant would read them or nobody.
#[test]
fn values_that_are_not_text_are_reported() {
    let targeted = "urn:oid:1.3.6.1.4.1.5923.1.1.1.10";
    let message = crate::saml::bench::rewritten(|xml| {
        let value = "<saml:AttributeValue><saml:NameID>opaque</saml:NameID></saml:AttributeValue>";
        let attribute = format!("<saml:Attribute Name=\"{targeted}\">{value}</saml:Attribute>");
        xml.replacen("</saml:Attribute>", &format!("{value}</saml:Attribute>"), 1)
            .replace(
                "</saml:AttributeStatement>",
                &format!("{attribute}</saml:AttributeStatement>"),
            )
    });
    let report = Folder::new("").inspect(&encode(&message));
    assert_eq!(report.refusals(), [""; 0], "{}", report.text);
    report.has(targeted);
    report.has("(1 left out: not text, but elements or nil)");
    report
        .has("ignored https://aws.amazon.com/SAML/Attributes/Role: : the value contains elements");
    report.lacks("opaque");
}

/// The attribute that identifies people is checked.
#[test]
fn the_attribute_of_the_person_is_checked() {
    let message = crate::saml::bench::signed(Signed::Both);
    let setting = "person_attribute = \"urn:missing\"\n";
    let report = Folder::new(setting).inspect(&encode(&message));
    assert_eq!(
        report.refusals(),
        ["no_person_attribute"],
        "{}",
        report.text
    );
    report.has("idp.person_attribute is urn:missing");
    let setting = "person_attribute = \"https://aws.amazon.com/SAML/Attributes/Role\"\n";
    let report = Folder::new(setting).inspect(&encode(&message));
    assert_eq!(report.refusals(), [""; 0], "{}", report.text);
}

/// A gateway that sends another Format of its Issuer needs a setting.
#[test]
fn the_format_of_the_issuer_is_a_setting() {
    let format = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName";
    let message = crate::saml::bench::rewritten(|xml| {
        xml.replace(
            "<saml:Issuer>",
            &format!("<saml:Issuer Format=\"{format}\">"),
        )
    });
    let report = Folder::new("").inspect(&encode(&message));
    assert_eq!(report.refusals(), ["issuer_format"], "{}", report.text);
    report.has(&format!(
        "an Issuer has a Format other than entity: {format}"
    ));
    let setting = format!("issuer_format = \"{format}\"\n");
    let report = Folder::new(&setting).inspect(&encode(&message));
    assert_eq!(report.refusals(), [""; 0], "{}", report.text);
}
