//! Checks that abandoned words and names do not come back, so that each word keeps one meaning.
//! Also checks that parameters and errors have named types.
//!
//! The glossary is in docs/architecture.md. The tests find whole words only, and cannot judge
//! whether a sentence is good.

use std::path::{Path, PathBuf};
use std::{fs, iter};

/// Names that had several meanings, each with its replacement.
const NAMES: &[(&str, &str)] = &[
    ("Told", "SessionParameters"),
    ("Asks", "Requirement"),
    ("Asked", "Supplied or SentRequest"),
    ("Asking", "Prompt"),
    ("Begun", "StartedLogin or InProgress"),
    ("Question", "Query"),
    ("Terms", "DeskRules or SignInRules"),
    ("Answer", "a response: StsResponse, PostedResponse"),
    ("Answered", "a response"),
    ("Standing", "Basis, which a decision is based on"),
];

/// Abandoned words and phrases, in lower case, each with its replacement.
const WORDS: &[(&str, &str)] = &[
    ("whom", "a sentence that needs no such word"),
    ("told", "reported, logged, shown or sent"),
    ("is had", "comes from"),
    ("be had", "available"),
    ("does not do", "is not valid"),
    ("do not do", "are not valid"),
    ("lately", "recently"),
    ("takes up", "applies or loads"),
    ("take up", "apply or load"),
    ("goes along", "is sent with it"),
    ("go along", "are sent with it"),
    ("well again", "available again"),
    ("nearest there is", "did you mean"),
    ("in the place of", "instead of"),
    ("whoever", "anyone who"),
    ("mend", "fix"),
    ("mends", "fixes"),
    ("mended", "fixed"),
    ("beside", "next to or in addition to"),
];

/// Folders and files with text that people read or write.
const PLACES: &[&str] = &[
    "src",
    "tests/it",
    "tests/real",
    "tests/browser",
    "tests/support",
    "benches",
    "docs",
    "config",
    "templates",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "Makefile",
];

fn files(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            files(&entry.unwrap().path(), found);
        }
        return;
    }
    let extension = path.extension().and_then(|extension| extension.to_str());
    let is_text = matches!(extension, Some("rs" | "md" | "toml" | "html") | None);
    // The German texts are not English, so they are left out.
    if (is_text || path.ends_with("en.ftl")) && !path.ends_with("words.rs") {
        found.push(path.to_owned());
    }
}

/// Whether `text` contains `phrase` as whole words.
fn contains(text: &str, phrase: &str) -> bool {
    let is_word = |character: char| character.is_alphanumeric();
    text.match_indices(phrase).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + phrase.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// Complaints about all lines that contain one of `words`, each with the word's replacement. `fold`
/// prepares a line for the comparison.
fn found(words: &[(&str, &str)], fold: fn(&str) -> String) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    for place in PLACES {
        files(&root.join(place), &mut paths);
    }
    assert!(paths.len() > 400, "{}", paths.len());
    let mut complaints = Vec::new();
    for path in paths {
        // Skip files that are not UTF-8.
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            let line = fold(line);
            for (word, better) in words {
                if contains(&line, word) {
                    let path = path.strip_prefix(root).unwrap().display();
                    complaints.push(format!("{path}:{}: {word}: say {better}", number + 1));
                }
            }
        }
    }
    complaints
}

#[test]
fn words_that_were_given_up_do_not_come_back() {
    let complaints = found(WORDS, str::to_lowercase);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// The parts of a line that can contain names: code, and what a comment quotes in backticks.
fn names_in(line: &str) -> String {
    let (code, comment) = line.split_once("//").unwrap_or((line, ""));
    let quoted = comment.split('`').skip(1).step_by(2);
    iter::once(code).chain(quoted).collect::<Vec<_>>().join(" ")
}

#[test]
fn names_that_were_given_up_do_not_come_back() {
    let complaints = found(NAMES, names_in);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Whether a line of code has a parameter that is a tuple, or an error that is a string.
fn is_shapeless(line: &str) -> bool {
    let line = line.trim_start();
    let is_parameter = line.starts_with('(') && line.ends_with(',');
    let is_tuple = line.contains("): (") && (is_parameter || line.contains("fn "));
    is_tuple || line.contains("-> Result<") && line.ends_with(", String> {")
}

#[test]
fn parameters_and_errors_have_names() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    files(&root.join("src"), &mut paths);
    assert!(paths.len() > 200, "{}", paths.len());
    let mut complaints = Vec::new();
    for path in paths {
        // Tests may use such types for brevity.
        if path.ends_with("tests.rs") || path.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.lines().take_while(|line| *line != "#[cfg(test)]");
        for (number, line) in code.enumerate() {
            if is_shapeless(line) {
                complaints.push(format!("{}:{}: {line}", path.display(), number + 1));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn shapeless_lines_are_found() {
    assert!(is_shapeless("    (idp, published): (&Idp, &Published),"));
    assert!(is_shapeless("fn draw((x, y): (u32, u32)) {"));
    assert!(is_shapeless("fn read() -> Result<Value, String> {"));
    assert!(!is_shapeless("    let (x, y): (u32, u32) = at;"));
    assert!(!is_shapeless("    let draw = |(x, y): (u32, u32)| x + y;"));
}

#[test]
fn names_are_found_in_code_and_in_backticks() {
    assert_eq!(names_in("/// Asks AWS."), "");
    assert_eq!(
        names_in("let x = Asks; // an old `Told`"),
        "let x = Asks;  Told"
    );
}

#[test]
fn whole_words_are_found() {
    assert!(contains("// nobody told it", "told"));
    assert!(contains("fn who_is_told()", "told"));
    assert!(!contains("untold stories", "told"));
}
