//! Secrets in the wrong place of the configuration, and files with secrets that others can read.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::program::{Service, rolecall};
use crate::support::app::{TestApp, first_idp};
use crate::support::key_pair::KeyPair;
use crate::support::patience::until;

/// What people might paste instead of the path of a file. The parts in the second place must not be
/// printed.
const PASTED: [(&str, &[&str]); 6] = [
    (
        r#""-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n""#,
        &["MIIEvQIBADANBg", "kqhkiG9w0BAQEFAASC", "BEGIN PRIVATE"],
    ),
    (
        "'''\n-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\n'''",
        &["MIIEvQIBADANBg", "BEGIN PRIVATE"],
    ),
    (
        r#""-----BEGIN PRIVATE KEY----- MIIEvQIBADANBg""#,
        &["MIIEvQIBADANBg", "BEGIN PRIVATE"],
    ),
    (
        r#""wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY""#,
        &["wJalrXUtnFEMI", "bPxRfiCY"],
    ),
    (
        r#""/JalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY""#,
        &["JalrXUtnFEMI", "bPxRfiCY"],
    ),
    (r#""hunter2""#, &["hunter2"]),
];

/// Each key that names a file, with the lines before and after its value, and whether it is a list.
const KEYS: [(&str, &str, &str, bool); 14] = [
    (
        "[saml]\nkey_file",
        "certificate_file = \"sp.crt\"",
        "saml.key_file",
        false,
    ),
    (
        "[saml]\ncertificate_file",
        "key_file = \"sp.key\"",
        "saml.certificate_file",
        false,
    ),
    (
        "[saml]\nencryption_key_file",
        "encryption_certificate_file = \"sp.crt\"",
        "saml.encryption_key_file",
        false,
    ),
    (
        "[saml]\nencryption_certificate_file",
        "encryption_key_file = \"sp.key\"",
        "saml.encryption_certificate_file",
        false,
    ),
    (
        "[saml]\ndecryption_key_files",
        "",
        "saml.decryption_key_files",
        true,
    ),
    (
        "[http]\ntls_key_file",
        "tls_certificate_file = \"sp.crt\"",
        "http.tls_key_file",
        false,
    ),
    (
        "[http]\ntls_certificate_file",
        "tls_key_file = \"sp.key\"",
        "http.tls_certificate_file",
        false,
    ),
    (
        "[oidc]\nsigning_key_files",
        "",
        "oidc.signing_key_files",
        true,
    ),
    (
        "[aws]\nsecret_access_key_file",
        "access_key_id = \"AKIAIOSFODNN7EXAMPLE\"",
        "aws.secret_access_key_file",
        false,
    ),
    (
        "[[iam_user]]\nsecret_access_key_file",
        "access_key_id = \"AKIAIOSFODNN7EXAMPLE\"\narn = \"arn:aws:iam::111111111111:user/x\"",
        "iam_user[0].secret_access_key_file",
        false,
    ),
    (
        "[[grant]]\nexternal_id_file",
        "name = \"g\"\nwhen = []\nvia = \"assume-role\"\nrole_arns = [\"arn:aws:iam::111111111111:role/R\"]",
        "grant[0].external_id_file",
        false,
    ),
    ("[portal]\nlogo_file", "", "portal.logo_file", false),
    (
        "[[session_policy]]\npolicy_file",
        "id = \"p\"\nname = \"P\"",
        "session_policy[0].policy_file",
        false,
    ),
    (
        "[[idp]]\nmetadata_certificate_file",
        "id = \"two\"\nname = \"x\"\nmetadata_file = \"idp.xml\"",
        "idp[1].metadata_certificate_file",
        false,
    ),
];

const IDP: &str = "public_url = \"http://localhost:8080\"\n[[idp]]\nid = \"corp\"\nname = \"Corp\"\nmetadata_file = \"idp.xml\"\n";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("idp.xml", &first_idp().metadata_xml().unwrap());
    let pair = KeyPair::generate("sp.example.com");
    write("sp.key", &pair.key_pem);
    write("sp.crt", &pair.certificate_pem);
    folder
}

/// Everything that `check-config` and `serve` print about a configuration with mistakes.
fn printed(folder: &Path, config: &str, variables: &[(String, String)]) -> String {
    let file = folder.join("rolecall.toml");
    fs::write(&file, config).unwrap();
    let run = |command: &str| {
        let mut program = rolecall();
        program.args([command, "--config"]).arg(&file);
        program
            .env("RUST_LOG", "trace")
            .envs(variables.iter().cloned());
        let run = program.output().unwrap();
        assert!(!run.status.success(), "{config}");
        String::from_utf8([run.stdout, run.stderr].concat()).unwrap()
    };
    format!("{}{}", run("check-config"), run("serve"))
}

#[test]
fn a_secret_in_place_of_a_path_is_not_repeated() {
    let folder = folder();
    for (before, after, key, is_list) in KEYS {
        for (pasted, secrets) in PASTED {
            let value = if is_list {
                format!("[{pasted}]")
            } else {
                pasted.to_owned()
            };
            let config = format!("{IDP}{before} = {value}\n{after}\n");
            let shown = printed(folder.path(), &config, &[]);
            assert!(shown.contains(&format!("error: {key}")), "{config}{shown}");
            for secret in secrets {
                assert!(!shown.contains(secret), "{key} {secret}: {shown}");
            }
        }
    }
}

/// The audit file and the folder for saved metadata need not exist yet, so most texts could name
/// one. A text with several lines or with PEM could not.
#[test]
fn a_secret_in_place_of_a_new_file_is_not_repeated() {
    let folder = folder();
    for (before, key) in [
        ("[audit]\nfile", "audit.file"),
        ("[saml]\nmetadata_directory", "saml.metadata_directory"),
    ] {
        for (pasted, secrets) in &PASTED[..3] {
            let config = format!("{IDP}{before} = {pasted}\n");
            let shown = printed(folder.path(), &config, &[]);
            assert!(
                shown.contains(&format!("error: {key}: ")),
                "{config}{shown}"
            );
            for secret in *secrets {
                assert!(!shown.contains(secret), "{key} {secret}: {shown}");
            }
        }
    }
}

#[test]
fn a_secret_in_a_variable_or_of_the_wrong_type_is_not_repeated() {
    let folder = folder();
    for name in [
        "SAML__KEY_FILE",
        "SAML__DECRYPTION_KEY_FILES",
        "AWS__SECRET_ACCESS_KEY",
        "PASSWORD",
        "HTTP__LISTEN",
    ] {
        let variable = (
            format!("ROLECALL_{name}"),
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
        );
        let shown = printed(folder.path(), IDP, &[variable]);
        assert!(shown.contains(&format!("ROLECALL_{name}")), "{shown}");
        assert!(!shown.contains("wJalr"), "{shown}");
    }
    for lines in [
        "[saml]\ndecryption_key_files = \"hunter2 wJalrXUtnFEMI\"",
        "[aws]\nsecret_access_key = \"hunter2\"",
        "[aws]\npassword = \"hunter2\"",
        "[aws]\naccess_key_id = \"hunter2wJalrXUtnFEMI/K7MDENG\"\nsecret_access_key_file = \"sp.key\"",
        "[oidc]\nsigning_key_files = [\"sp.key\", \"hunter2\"]",
        "[portal]\nname = \"\"\"-----BEGIN PRIVATE KEY-----\nhunter2\n\"\"\"",
        "[saml]\nkey_file = \"-----BEGIN PRIVATE KEY-----\nhunter2\n\"",
        "[http]\nlisten = \"hunter2hunter2HUNTER2\"",
        "saml = \"hunter2\"",
    ] {
        let config = if lines.starts_with("saml") {
            format!("{lines}\n{IDP}")
        } else {
            format!("{IDP}{lines}\n")
        };
        let shown = printed(folder.path(), &config, &[]);
        assert!(!shown.contains("hunter2"), "{lines}: {shown}");
        assert!(!shown.contains("wJalr"), "{lines}: {shown}");
    }
}

/// The name of a missing file is repeated if it is surely the name of a file.
#[test]
fn a_missing_file_is_named() {
    let folder = folder();
    let config =
        format!("{IDP}[saml]\nkey_file = \"keys/missing.key\"\ncertificate_file = \"sp.crt\"\n");
    let shown = printed(folder.path(), &config, &[]);
    assert!(shown.contains("keys/missing.key"), "{shown}");
}

/// Each of these keys names a file with a secret: the lines before the key, the key, and the lines
/// after it.
const SECRETS: [(&str, &str, &str); 8] = [
    (
        "[saml]\nkey_file = \"secret\"",
        "saml.key_file",
        "certificate_file = \"sp.crt\"",
    ),
    (
        "[saml]\nencryption_key_file = \"secret\"",
        "saml.encryption_key_file",
        "encryption_certificate_file = \"sp.crt\"",
    ),
    (
        "[saml]\ndecryption_key_files = [\"secret\"]",
        "saml.decryption_key_files[0]",
        "",
    ),
    (
        "[http]\ntls_key_file = \"secret\"",
        "http.tls_key_file",
        "tls_certificate_file = \"sp.crt\"",
    ),
    (
        "[oidc]\nsigning_key_files = [\"secret\"]",
        "oidc.signing_key_files[0]",
        "",
    ),
    (
        "[aws]\nsecret_access_key_file = \"key\"",
        "aws.secret_access_key_file",
        "access_key_id = \"AKIAIOSFODNN7EXAMPLE\"",
    ),
    (
        "[[iam_user]]\nsecret_access_key_file = \"key\"",
        "iam_user[0].secret_access_key_file",
        "access_key_id = \"AKIAIOSFODNN7EXAMPLE\"\narn = \"arn:aws:iam::111111111111:user/x\"",
    ),
    (
        "[[grant]]\nexternal_id_file = \"key\"",
        "grant[0].external_id_file",
        "name = \"g\"\nwhen = []\nvia = \"assume-role\"\nrole_arns = [\"arn:aws:iam::111111111111:role/R\"]\nsession_name = \"xx\"",
    ),
];

#[test]
fn each_file_with_a_secret_that_others_can_read_is_a_warning() {
    let folder = folder();
    fs::copy(folder.path().join("sp.key"), folder.path().join("secret")).unwrap();
    fs::write(
        folder.path().join("key"),
        "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
    )
    .unwrap();
    for (lines, key, more) in SECRETS {
        let file = folder.path().join("rolecall.toml");
        fs::write(&file, format!("{IDP}{lines}\n{more}\n")).unwrap();
        for (mode, readers) in [
            (0o600, None),
            (0o400, None),
            (0o640, Some("every user in the file's group")),
            (0o644, Some("every user on this machine")),
            (0o604, Some("every user on this machine")),
        ] {
            for name in ["secret", "key"] {
                fs::set_permissions(folder.path().join(name), Permissions::from_mode(mode))
                    .unwrap();
            }
            let run = rolecall()
                .args(["check-config", "--config"])
                .arg(&file)
                .output()
                .unwrap();
            let shown = String::from_utf8(run.stdout).unwrap();
            assert!(
                run.status.success(),
                "{key}: {}",
                String::from_utf8_lossy(&run.stderr)
            );
            let is_shown = readers
                .is_some_and(|readers| shown.contains(&format!("{key}: {readers} can read")));
            assert_eq!(is_shown, readers.is_some(), "{mode:o}: {shown}");
            assert_eq!(shown.contains(" can read "), is_shown, "{mode:o}: {shown}");
        }
    }
}

#[actix_web::test]
async fn the_service_also_warns_of_exposed_secrets() {
    let pair = actix_web::web::block(|| KeyPair::generate("sp.example.com"))
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [key, certificate] = ["exposed.key", "exposed.crt"].map(|name| folder.path().join(name));
    fs::write(&key, pair.key_pem).unwrap();
    fs::write(&certificate, pair.certificate_pem).unwrap();
    fs::set_permissions(&key, Permissions::from_mode(0o640)).unwrap();
    let mut command = rolecall();
    command.env("ROLECALL_SAML__KEY_FILE", &key);
    command.env("ROLECALL_SAML__CERTIFICATE_FILE", &certificate);
    let service = Service::start_by(command).await;
    let warned = |times: usize| {
        let log = service.read("stderr");
        let warning = "saml.key_file: every user in the file's group can read";
        let is_logged = log.matches(warning).count() == times;
        is_logged.then_some(()).ok_or(log)
    };
    // At the start, and after a reload.
    until(async || warned(1)).await;
    service.reload_with(|text| text).await;
    until(async || warned(2)).await;
}

#[actix_web::test]
async fn a_reload_does_not_repeat_a_secret_in_readiness() {
    let app = TestApp::start();
    let text = app.read("rolecall.toml").unwrap();
    app.write(
        "rolecall.toml",
        &format!("{text}\ndecryption_key_files = [\"hunter2\"]\n"),
    );
    let error = app.handle().reload().await.unwrap_err().to_string();
    assert!(error.contains("saml.decryption_key_files"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
    let ready = reqwest::get(format!("{}/healthz/ready", app.internal_url))
        .await
        .unwrap();
    let ready = ready.text().await.unwrap();
    assert!(
        ready.contains("saml.decryption_key_files") && !ready.contains("hunter2"),
        "{ready}"
    );
}
