//! Credentials in text formats, read by third-party programs: fish, csh, botocore and the AWS CLI.
//!
//! The formats that can be tested without third-party programs are tested in
//! `src/aws/format/tests.rs`.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use chrono::DateTime;
use proptest::prelude::*;
use rolecall::aws::credentials::Credentials;
use rolecall::aws::format::{Format, ProfileName, credential_process};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::partners::{installed, program};

const KEY: &str = "ASIAEXAMPLE";
const EXPIRATION: &str = "2033-05-18T03:33:20Z";

fn credentials(secret: &str, token: &str) -> Credentials {
    let expiration = DateTime::from_timestamp(2_000_000_000, 0).expect("a valid time");
    Credentials::new(KEY.to_owned(), secret.into(), token.into(), expiration).expect("credentials")
}

fn profile() -> ProfileName {
    "prod.eu-Admin@1+2_3".parse().expect("a profile name")
}

fn text(format: Format, secret: &str, token: &str) -> String {
    let region = "eu-central-1".parse().expect("a region");
    let text = format.render(&credentials(secret, token), Some(&region), &profile());
    text.expose_secret().to_owned()
}

/// Every character that credentials can contain, forwards and backwards.
fn every_character() -> (String, String) {
    (('!'..='~').collect(), ('!'..='~').rev().collect())
}

/// Feeds `text` to a shell's standard input, and returns the `AWS_*` variables of a program that
/// the shell then starts.
fn variables_after(shell: &Path, arguments: &[&str], text: &str) -> HashMap<String, String> {
    let mut child = Command::new(shell)
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", "/nonexistent")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the shell starts");
    let mut input = child.stdin.take().expect("a pipe");
    input
        .write_all(format!("{text}env\n").as_bytes())
        .expect("the shell reads its input");
    drop(input);
    let output = child.wait_with_output().expect("the shell ends");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{text}");
    printed
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .filter(|(name, _)| name.starts_with("AWS_"))
        .collect()
}

fn expected(secret: &str, token: &str) -> HashMap<String, String> {
    [
        ("AWS_ACCESS_KEY_ID", KEY),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_SESSION_TOKEN", token),
        ("AWS_CREDENTIAL_EXPIRATION", EXPIRATION),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_DEFAULT_REGION", "eu-central-1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// Each format with the shell that reads it, the shell's arguments and the beginning of the script.
/// `-f` makes csh skip its start-up files. `backslash_quote` changes the meaning of a backslash in
/// csh.
const SHELLS: [(Format, &str, &[&str], &str); 3] = [
    (Format::Fish, "fish", &["--no-config"], ""),
    (Format::Csh, "tcsh", &["-f"], ""),
    (Format::Csh, "tcsh", &["-f"], "set backslash_quote\n"),
];

fn assert_shells_read(secret: &str, token: &str) {
    for (format, shell, arguments, before) in SHELLS {
        let script = format!("{before}{}", text(format, secret, token));
        let seen = variables_after(&program(shell), arguments, &script);
        assert_eq!(seen, expected(secret, token), "{shell}: {script}");
    }
}

#[test]
fn fish_and_csh_read_every_printable_character() {
    let (secret, token) = every_character();
    assert_shells_read(&secret, &token);
}

proptest! {
    // There are few cases because each one starts three shells.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn fish_and_csh_read_any_value(
        secret in "([!-~]{1,30}|['\"\\\\!$`*?~{}()<>|&;#a]{1,20})",
        token in "([!-~]{1,30}|(\\\\'|!!|!\\$|'|\\\\|\\$HOME|~|a){1,9})",
    ) {
        assert_shells_read(&secret, &token);
    }
}

/// The key, secret, token and region that botocore reads from files and the environment. The AWS
/// CLI and boto3 use botocore.
fn botocore_reads(home: &Path, environment: &HashMap<String, String>) -> Value {
    const SCRIPT: &str = "
import json
import botocore.session
session = botocore.session.Session()
frozen = session.get_credentials().get_frozen_credentials()
region = session.get_config_variable('region')
print(json.dumps([frozen.access_key, frozen.secret_key, frozen.token, region]))
";
    let output = Command::new(installed("python/bin/python"))
        .args(["-c", SCRIPT])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(environment)
        .output()
        .expect("Python starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn only(name: &str, value: &str) -> HashMap<String, String> {
    HashMap::from([(name.to_owned(), value.to_owned())])
}

fn write(home: &TempDir, name: &str, text: &str) {
    let folder = home.path().join(".aws");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(name), text).expect("a file");
}

#[test]
fn botocore_reads_the_environment() {
    let (secret, token) = every_character();
    let home = TempDir::new().expect("a folder");
    let read = botocore_reads(home.path(), &expected(&secret, &token));
    assert_eq!(read, json!([KEY, secret, token, "eu-central-1"]));
}

#[test]
fn botocore_reads_the_credentials_file() {
    let (secret, token) = every_character();
    let home = TempDir::new().expect("a folder");
    let other = "[default]\naws_access_key_id = OTHER\naws_secret_access_key = OTHER\n";
    let ours = text(Format::CredentialsFile, &secret, &token);
    write(&home, "credentials", &format!("{other}{ours}"));
    let read = botocore_reads(home.path(), &only("AWS_PROFILE", profile().as_str()));
    assert_eq!(read, json!([KEY, secret, token, "eu-central-1"]));
}

#[test]
fn botocore_reads_what_a_credential_process_prints() {
    let (secret, token) = every_character();
    let home = TempDir::new().expect("a folder");
    let printed = credential_process(&credentials(&secret, &token));
    write(&home, "printed.json", printed.expose_secret());
    let file = home.path().join(".aws/printed.json");
    write(
        &home,
        "config",
        &format!("[default]\ncredential_process = cat {}\n", file.display()),
    );
    let read = botocore_reads(home.path(), &HashMap::new());
    assert_eq!(read, json!([KEY, secret, token, null]));
}

#[test]
fn the_aws_cli_reads_the_credentials_file() {
    let (secret, token) = every_character();
    let home = TempDir::new().expect("a folder");
    write(
        &home,
        "credentials",
        &text(Format::CredentialsFile, &secret, &token),
    );
    for (setting, value) in [
        ("aws_access_key_id", KEY),
        ("aws_secret_access_key", &secret),
        ("aws_session_token", &token),
        ("x_security_token_expires", EXPIRATION),
        ("region", "eu-central-1"),
    ] {
        let output = Command::new(installed("python/bin/aws"))
            .args(["configure", "get", setting, "--profile", profile().as_str()])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path())
            .output()
            .expect("the AWS CLI starts");
        let printed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(printed.trim_end_matches('\n'), value, "{setting}");
    }
}
