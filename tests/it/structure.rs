//! Checks that only the desk calls AWS for people and makes OIDC tokens.
//!
//! The tests search the source for names. They miss a call through a `pub use … as …`, through a
//! public function of `src/aws` or `src/desk` that calls STS, through a name that a macro builds,
//! or through a hand-written HTTP request. The compiler rejects code outside the desk that accesses
//! the AWS clients in the desk's rules: see the examples in `src/desk.rs`.

use std::fs;
use std::path::{Path, PathBuf};

/// Files and folders that are not searched: they may call AWS, model it, or query the model.
const AT_HOME: [&str; 6] = [
    "src/aws",
    "src/aws.rs",
    "src/desk",
    "src/desk.rs",
    // The model of AWS, and `rolecall inspect`, which queries the model.
    "src/demo",
    "src/cli/inspect",
];

/// Names of the AWS SDK's STS crate, the AWS clients, and their settings, requests and operations.
const NAMES: [&str; 20] = [
    "aws_sdk_sts",
    "Sts",
    "StsSettings",
    "Signin",
    "SigninSettings",
    "AssumeRoleWithSaml",
    "AssumeRoleWithWebIdentity",
    "ConsoleSignIn",
    "GetFederationToken",
    "GetSessionToken",
    "assume_role",
    "assume_role_with_saml",
    "assume_role_with_web_identity",
    "assume_root",
    "federation_token",
    "caller_identity",
    "user_identity",
    "decode_authorization_message",
    "access_key_account",
    "sign_in_url",
];

/// Variants of the desk's error that have the same names as the clients.
const ERRORS: [&str; 2] = ["DeskError::Sts", "DeskError::Signin"];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a source folder") {
        let path = entry.expect("a folder entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The names in `text` that only the desk may use.
fn forbidden(text: &str) -> Vec<&'static str> {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let code: Vec<&str> = text.lines().filter(is_code).collect();
    let mut code = code.join("\n");
    for error in ERRORS {
        code = code.replace(error, "");
    }
    let glob = ["sts::*", "signin::*"]
        .into_iter()
        .filter(|all| code.contains(all));
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let words: Vec<&str> = code.split(|c| !is_part(c)).collect();
    let named = NAMES.into_iter().filter(|name| words.contains(name));
    named.chain(glob).collect()
}

fn is_test(path: &Path) -> bool {
    path.ends_with("tests.rs")
}

/// Whether `text` uses the types from which tokens are made.
fn makes_tokens(text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let words = text.split(|c| !is_part(c));
    let of_oidc = text.contains("oidc::");
    of_oidc
        && words
            .into_iter()
            .any(|word| ["Issuer", "Subject"].contains(&word))
}

#[test]
fn nothing_but_the_desk_calls_aws() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("src"), &mut found);
    let (mut seen, mut wrong) = (0, Vec::new());
    for file in found {
        let path = file.strip_prefix(root).expect("below the root");
        if AT_HOME.iter().any(|home| path.starts_with(home)) {
            continue;
        }
        seen += 1;
        let text = fs::read_to_string(&file).expect("UTF-8");
        let names = forbidden(&text);
        if !names.is_empty() {
            wrong.push(format!("{}: {}", path.display(), names.join(", ")));
        }
        // Like calls to AWS, our own tokens give access to roles, so only the desk may make
        // tokens.
        let is_of_oidc = path.starts_with("src/oidc") || path.starts_with("src/oidc.rs");
        if !is_of_oidc && !is_test(path) && makes_tokens(&text) {
            wrong.push(format!("{}: a token", path.display()));
        }
    }
    assert!(seen > 100, "only {seen} files were searched");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_search_finds_a_token() {
    assert!(makes_tokens("use crate::oidc::{Issuer, KeyError};"));
    assert!(makes_tokens("let subject = oidc::Subject { name };"));
    assert!(!makes_tokens("use crate::oidc::JWKS_PATH;"));
}

#[test]
fn the_search_finds_a_call() {
    for call in [
        "use crate::aws::sts::{Issued, Sts};",
        "use crate::aws::sts::*;",
        "let issued = desk_rules.sts().assume_role(request).await;",
        "signin.sign_in_url(&credentials, sign_in, now)",
        "fn of(error: &DeskError::Sts, client: &Signin) {}",
    ] {
        assert!(!forbidden(call).is_empty(), "{call}");
    }
    for harmless in [
        "//! Sts is somebody else's.",
        "use crate::aws::sts::StsError;",
        "DeskError::Sts(error) | DeskError::Signin { error, .. }",
    ] {
        assert_eq!(forbidden(harmless), [""; 0], "{harmless}");
    }
}
