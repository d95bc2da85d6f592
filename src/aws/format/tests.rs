use std::io::Write;
use std::process::{Command, Stdio};

use chrono::DateTime;
use proptest::prelude::*;

use super::*;

const NAMES: [&str; 4] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
];
const EXPIRATION: &str = "2033-05-18T03:33:20Z";

fn credentials(secret: &str, token: &str) -> Credentials {
    let expiration = DateTime::from_timestamp(2_000_000_000, 0).expect("a time");
    Credentials::new(
        "ASIAEXAMPLE".to_owned(),
        secret.into(),
        token.into(),
        expiration,
    )
    .expect("credentials")
}

fn profile() -> ProfileName {
    "prod-Admin".parse().expect("a profile name")
}

/// Renders example credentials and a Region in `format`.
fn rendered(format: Format) -> String {
    let credentials = credentials(
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "IQoJb3JpZ2luX2VjEA//EXAMPLE==",
    );
    let region = "eu-central-1".parse().expect("a region");
    format
        .render(&credentials, Some(&region), &profile())
        .expose_secret()
        .to_owned()
}

fn without_region(format: Format, secret: &str, token: &str) -> String {
    format
        .render(&credentials(secret, token), None, &profile())
        .expose_secret()
        .to_owned()
}

#[test]
fn ids_are_unique_and_found_again() {
    for format in Format::ALL {
        assert_eq!(Format::from_id(format.id()), Some(format));
    }
    assert_eq!(Format::from_id("zsh"), None);
}

#[test]
fn every_format_of_plain_credentials() {
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    let token = "IQoJb3JpZ2luX2VjEA//EXAMPLE==";
    for (format, expected) in [
        (
            Format::Bash,
            format!(
                "export AWS_ACCESS_KEY_ID='ASIAEXAMPLE'\nexport AWS_SECRET_ACCESS_KEY='{secret}'\nexport AWS_SESSION_TOKEN='{token}'\nexport AWS_CREDENTIAL_EXPIRATION='{EXPIRATION}'\nexport AWS_REGION='eu-central-1'\nexport AWS_DEFAULT_REGION='eu-central-1'\n"
            ),
        ),
        (
            Format::Fish,
            format!(
                "set -gx AWS_ACCESS_KEY_ID 'ASIAEXAMPLE'\nset -gx AWS_SECRET_ACCESS_KEY '{secret}'\nset -gx AWS_SESSION_TOKEN '{token}'\nset -gx AWS_CREDENTIAL_EXPIRATION '{EXPIRATION}'\nset -gx AWS_REGION 'eu-central-1'\nset -gx AWS_DEFAULT_REGION 'eu-central-1'\n"
            ),
        ),
        (
            Format::PowerShell,
            format!(
                "$Env:AWS_ACCESS_KEY_ID=\"ASIAEXAMPLE\"\n$Env:AWS_SECRET_ACCESS_KEY=\"{secret}\"\n$Env:AWS_SESSION_TOKEN=\"{token}\"\n$Env:AWS_CREDENTIAL_EXPIRATION=\"{EXPIRATION}\"\n$Env:AWS_REGION=\"eu-central-1\"\n$Env:AWS_DEFAULT_REGION=\"eu-central-1\"\n"
            ),
        ),
        (
            Format::Cmd,
            format!(
                "set AWS_ACCESS_KEY_ID=ASIAEXAMPLE\r\nset AWS_SECRET_ACCESS_KEY={secret}\r\nset AWS_SESSION_TOKEN={token}\r\nset AWS_CREDENTIAL_EXPIRATION={EXPIRATION}\r\nset AWS_REGION=eu-central-1\r\nset AWS_DEFAULT_REGION=eu-central-1\r\n"
            ),
        ),
        (
            Format::Csh,
            format!(
                "setenv AWS_ACCESS_KEY_ID 'ASIAEXAMPLE'\nsetenv AWS_SECRET_ACCESS_KEY '{secret}'\nsetenv AWS_SESSION_TOKEN '{token}'\nsetenv AWS_CREDENTIAL_EXPIRATION '{EXPIRATION}'\nsetenv AWS_REGION 'eu-central-1'\nsetenv AWS_DEFAULT_REGION 'eu-central-1'\n"
            ),
        ),
        (
            Format::Dotenv,
            format!(
                "AWS_ACCESS_KEY_ID=ASIAEXAMPLE\nAWS_SECRET_ACCESS_KEY={secret}\nAWS_SESSION_TOKEN={token}\nAWS_CREDENTIAL_EXPIRATION={EXPIRATION}\nAWS_REGION=eu-central-1\nAWS_DEFAULT_REGION=eu-central-1\n"
            ),
        ),
        (
            Format::CredentialsFile,
            format!(
                "[prod-Admin]\naws_access_key_id = ASIAEXAMPLE\naws_secret_access_key = {secret}\naws_session_token = {token}\nx_security_token_expires = {EXPIRATION}\nregion = eu-central-1\n"
            ),
        ),
        (
            Format::CredentialProcess,
            format!(
                "{{\"Version\":1,\"AccessKeyId\":\"ASIAEXAMPLE\",\"SecretAccessKey\":\"{secret}\",\"SessionToken\":\"{token}\",\"Expiration\":\"{EXPIRATION}\"}}"
            ),
        ),
    ] {
        assert_eq!(rendered(format), expected);
    }
}

#[test]
fn without_a_region_no_format_names_one() {
    for format in Format::ALL {
        let text = without_region(format, "secret", "token");
        assert!(!text.to_lowercase().contains("region"), "{text}");
    }
}

#[test]
fn the_masked_text_has_the_same_shape_and_no_secret() {
    let credentials = credentials("SeCrEt", "ToKeN");
    for format in Format::ALL {
        let masked = format.masked(&credentials, "••••", None, &profile());
        let text = format
            .render(&credentials, None, &profile())
            .expose_secret()
            .to_owned();
        assert!(
            !masked.contains("SeCrEt") && !masked.contains("ToKeN"),
            "{masked}"
        );
        assert_eq!(
            text.replace("SeCrEt", "••••").replace("ToKeN", "••••"),
            masked
        );
    }
}

#[test]
fn the_reserved_capacity_fits_any_credentials() {
    for value in ["'", "!", "\"", "\\", "%", "a"] {
        let credentials = credentials(&value.repeat(50), &value.repeat(2_000));
        let region = "eu-central-1".parse().expect("a region");
        for format in Format::ALL {
            let values = Values {
                secret_access_key: credentials.secret_access_key().expose_secret(),
                session_token: credentials.session_token().expose_secret(),
                ..Values::masked(&credentials, "", Some(&region))
            };
            let text = format.write(&values, &profile());
            assert!(text.len() <= values.room(), "{format:?} {value}");
        }
    }
}

#[test]
fn credential_process_is_json_with_exactly_five_keys() {
    let text = credential_process(&credentials("a\"b\\c", "t"));
    let json: serde_json::Value = serde_json::from_str(text.expose_secret()).expect("JSON");
    assert_eq!(
        json,
        serde_json::json!({
            "Version": 1,
            "AccessKeyId": "ASIAEXAMPLE",
            "SecretAccessKey": "a\"b\\c",
            "SessionToken": "t",
            "Expiration": EXPIRATION,
        })
    );
}

/// Feeds a script to the standard input of a shell and returns the shell's output.
fn run(shell: &str, script: &str) -> String {
    let mut child = Command::new(shell)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the shell starts");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(script.as_bytes()).expect("the shell reads");
    drop(input);
    let output = child.wait_with_output().expect("the shell ends");
    assert!(output.status.success(), "{script}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Starts a program from a shell that has read `text`. Returns the values that the program sees for
/// the variables in `NAMES`.
fn seen_by_children(shell: &str, text: &str) -> Vec<String> {
    let names = NAMES.map(|name| format!("\"${name}\"")).join(" ");
    let printed = run(
        shell,
        &format!("{text}exec sh -c 'printf \"%s\\n\" {names}'\n"),
    );
    printed.lines().map(str::to_owned).collect()
}

#[test]
fn posix_shells_read_every_printable_character() {
    let all: String = ('!'..='~').collect();
    let backwards: String = ('!'..='~').rev().collect();
    for shell in ["bash", "sh"] {
        let text = without_region(Format::Bash, &all, &backwards);
        let expected = ["ASIAEXAMPLE", &all, &backwards, EXPIRATION];
        assert_eq!(seen_by_children(shell, &text), expected);
    }
}

#[test]
fn posix_shells_read_env_files() {
    let all: String = ('!'..='~').collect();
    let without_quote = all.replace('\'', "");
    for shell in ["bash", "sh"] {
        let text = without_region(Format::Dotenv, &all, &without_quote);
        let script = format!("set -a\n{text}set +a\n");
        let expected = ["ASIAEXAMPLE", &all, &without_quote, EXPIRATION];
        assert_eq!(seen_by_children(shell, &script), expected);
    }
}

/// Reads `$Env:NAME="value"` according to PowerShell's `about_Quoting_Rules` and
/// `about_Special_Characters`. A backtick makes the next character literal unless the two form an
/// escape sequence. A dollar sign begins a variable. A double quote ends the string, but two
/// double quotes are one literal double quote. Returns `None` for an escape sequence, a variable or
/// text after the string.
fn powershell_reads(line: &str) -> Option<(String, String)> {
    let (name, quoted) = line.strip_prefix("$Env:")?.split_once('=')?;
    let mut characters = quoted.strip_prefix('"')?.chars();
    let mut value = String::new();
    loop {
        match characters.next()? {
            '`' => match characters.next()? {
                '0' | 'a' | 'b' | 'e' | 'f' | 'n' | 'r' | 't' | 'u' | 'v' => return None,
                character => value.push(character),
            },
            '$' => return None,
            '"' => match characters.next() {
                None => return Some((name.to_owned(), value)),
                Some('"') => value.push('"'),
                Some(_) => return None,
            },
            character => value.push(character),
        }
    }
}

/// Reads one line as the Command Prompt does, in its two documented phases. In the first phase,
/// `%name%` is replaced if the variable exists. A substitution may follow the name, after a colon:
/// `%name:old=new%`. In the second phase, a caret escapes the next character and `& | < > ( )` are
/// special, except between quotes. Returns `None` for an unescaped special character.
fn cmd_reads(line: &str, variables: &[&str]) -> Option<(String, String)> {
    let mut command = String::new();
    let mut is_quoted = false;
    let expanded = expand(line, variables);
    let mut characters = expanded.chars();
    while let Some(character) = characters.next() {
        match character {
            '^' if !is_quoted => command.push(characters.next()?),
            '"' => {
                is_quoted = !is_quoted;
                command.push('"');
            }
            '&' | '|' | '<' | '>' | '(' | ')' if !is_quoted => return None,
            character => command.push(character),
        }
    }
    let (name, value) = command.strip_prefix("set ")?.split_once('=')?;
    Some((name.to_owned(), value.to_owned()))
}

fn expand(line: &str, variables: &[&str]) -> String {
    let Some((before, rest)) = line.split_once('%') else {
        return line.to_owned();
    };
    if let Some((inside, after)) = rest.split_once('%') {
        let name = inside.split(':').next().unwrap_or_default();
        if variables
            .iter()
            .any(|variable| variable.eq_ignore_ascii_case(name))
        {
            return format!("{before}EXPANDED{}", expand(after, variables));
        }
    }
    format!("{before}%{}", expand(rest, variables))
}

#[test]
fn the_parsers_of_these_tests_follow_the_format_rules() {
    assert_eq!(
        powershell_reads("$Env:A=\"a`$b\""),
        Some(("A".to_owned(), "a$b".to_owned()))
    );
    assert_eq!(powershell_reads("$Env:A=\"a$b\""), None);
    assert_eq!(powershell_reads("$Env:A=\"a`nb\""), None);
    assert_eq!(powershell_reads("$Env:A=\"a\"b\""), None);
    let read = |line| cmd_reads(line, &["PATH"]).map(|(_, value)| value);
    assert_eq!(read("set A=%path%"), Some("EXPANDED".to_owned()));
    assert_eq!(read("set A=%PATH:a=b%"), Some("EXPANDED".to_owned()));
    assert_eq!(read("set A=%PATX%"), Some("%PATX%".to_owned()));
    assert_eq!(read("set A=a&b"), None);
    assert_eq!(read("set A=a^&b"), Some("a&b".to_owned()));
    assert_eq!(read("set A=\"a^&b\""), Some("\"a^&b\"".to_owned()));
}

/// Values in which characters that a shell could misread are more frequent than in random values.
fn values() -> impl Strategy<Value = String> {
    prop_oneof![
        "[!-~]{1,40}",
        "[a-z'\"`$\\\\!%^&|<>(){};#~=:-]{1,20}",
        prop::collection::vec(
            prop_oneof![
                Just("%PATH%"),
                Just("%PATH:P=x%"),
                Just("%"),
                Just("$HOME"),
                Just("$(id)"),
                Just("`id`"),
                Just("'"),
                Just("\\'"),
                Just("\\"),
                Just("!!"),
                Just("\""),
                Just("^"),
                Just("a"),
            ],
            1..8
        )
        .prop_map(|parts| parts.concat()),
    ]
}

proptest! {
    #[test]
    fn powershell_and_cmd_read_any_value(secret in values(), token in values()) {
        let expected = ["ASIAEXAMPLE", &secret, &token, EXPIRATION];
        let pairs: Vec<_> =
            NAMES.iter().zip(expected).map(|(name, value)| ((*name).to_owned(), value.to_owned())).collect();

        let text = without_region(Format::PowerShell, &secret, &token);
        let read: Option<Vec<_>> = text.lines().map(powershell_reads).collect();
        prop_assert_eq!(read.as_ref(), Some(&pairs), "{}", text);

        let text = without_region(Format::Cmd, &secret, &token);
        let variables = ["PATH", "A", "B"];
        let lines = text.split_terminator("\r\n");
        let read: Option<Vec<_>> = lines.map(|line| cmd_reads(line, &variables)).collect();
        prop_assert_eq!(read.as_ref(), Some(&pairs), "{}", text);
    }

    #[test]
    fn json_and_the_credentials_file_hold_any_value(secret in values(), token in values()) {
        let text = without_region(Format::CredentialProcess, &secret, &token);
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        prop_assert_eq!(json.get("SecretAccessKey").and_then(|value| value.as_str()), Some(secret.as_str()));
        prop_assert_eq!(json.get("SessionToken").and_then(|value| value.as_str()), Some(token.as_str()));

        let text = without_region(Format::CredentialsFile, &secret, &token);
        let settings: Vec<_> = text.lines().skip(1).filter_map(|line| line.split_once(" = ")).collect();
        let expected = [
            ("aws_access_key_id", "ASIAEXAMPLE"),
            ("aws_secret_access_key", &secret),
            ("aws_session_token", &token),
            ("x_security_token_expires", EXPIRATION),
        ];
        prop_assert_eq!(settings, expected);
    }
}

proptest! {
    // There are few cases, because each starts four shells.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn posix_shells_read_any_value(secret in values(), token in values()) {
        let expected = ["ASIAEXAMPLE", &secret, &token, EXPIRATION];
        let exports = without_region(Format::Bash, &secret, &token);
        let file = format!("set -a\n{}set +a\n", without_region(Format::Dotenv, &secret, &token));
        for shell in ["bash", "sh"] {
            prop_assert_eq!(&seen_by_children(shell, &exports), &expected);
            prop_assert_eq!(&seen_by_children(shell, &file), &expected);
        }
    }
}
