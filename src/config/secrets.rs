//! Keeps secrets out of mistakes.
//!
//! Mistakes are printed, logged and shown by the readiness check. People sometimes paste a key or a
//! password where the path of its file belongs, so a value is repeated only if it cannot be one.

use std::path::Path;

/// The endings of files that a configuration usually names.
const ENDINGS: [&str; 12] = [
    "pem", "key", "crt", "cer", "xml", "json", "svg", "png", "txt", "toml", "jsonl", "log",
];
/// The length from which a mixture of letters and digits may be a key. Secret access keys have 40
/// characters, and passwords that programs generate usually have at least 16.
const LONG: usize = 16;

/// Whether a text may be a secret: it has several lines, contains PEM, or contains a long run of
/// upper-case letters, lower-case letters and digits, as base64 does.
pub(super) fn may_be_secret(text: &str) -> bool {
    let is_of_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_');
    let is_random = |run: &str| {
        run.len() >= LONG
            && run.bytes().any(|byte| byte.is_ascii_uppercase())
            && run.bytes().any(|byte| byte.is_ascii_lowercase())
            && run.bytes().any(|byte| byte.is_ascii_digit())
    };
    is_content(text) || text.split(|c| !is_of_key(c)).any(is_random)
}

/// Whether a text is the content of a file rather than a path.
pub(super) fn is_content(text: &str) -> bool {
    text.contains("-----") || text.chars().any(char::is_control)
}

/// Whether a value that names no file can be nothing but a path: it has the ending of a file that a
/// configuration usually names, or names an existing folder below the root.
pub(super) fn is_surely_a_path(text: &str) -> bool {
    let path = Path::new(text);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    let ending = path.extension().and_then(|ending| ending.to_str());
    let has_ending = ending.is_some_and(|ending| ENDINGS.contains(&ending));
    let folder = path.parent().filter(|folder| folder.parent().is_some());
    let is_in_folder = folder.is_some_and(|folder| folder.is_absolute() && folder.is_dir());
    text.chars().all(is_plain) && has_ending || is_in_folder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_passwords_are_not_taken_for_paths() {
        for secret in [
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "/JalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "hunter2",
            "correct horse battery staple",
            "/hunter2",
            "pass.word",
            "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0",
        ] {
            assert!(!is_surely_a_path(secret), "{secret}");
        }
        for path in ["sp.key", "keys/sp-2.pem", "/nowhere/idp.xml", "/dev/shm-x"] {
            assert!(is_surely_a_path(path), "{path}");
        }
    }

    #[test]
    fn random_looking_texts_may_be_secrets() {
        for secret in [
            "-----BEGIN PRIVATE KEY-----",
            "one\ntwo",
            "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
            "id: wJalrXUtnFEMI/K7MDENG",
        ] {
            assert!(may_be_secret(secret), "{secret}");
        }
        for other in [
            "localhost",
            "arn:aws:iam::111111111111:role/Admin",
            "https://idp.example.com/metadata",
            "AKIAIOSFODNN7EXAMPLE",
            "eu-central-1",
        ] {
            assert!(!may_be_secret(other), "{other}");
        }
    }
}
