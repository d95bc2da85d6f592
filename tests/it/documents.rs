//! Checks that the code still contains what the documents name.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// The names of all functions below `folder`.
fn functions(folder: &Path, found: &mut HashSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let names = text.split("fn ").skip(1);
            let names = names.filter_map(|rest| rest.split('(').next());
            found.extend(names.map(str::to_owned));
        }
    }
}

/// The names in backticks in the `test` column of the threat model's tables.
fn tests_of_the_threat_model() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/threat-model.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| "));
    let columns = rows.filter_map(|row| {
        let columns: Vec<_> = row.trim_matches('|').split(" | ").collect();
        (columns.len() == 3).then(|| columns[2].to_owned())
    });
    let quoted = columns.flat_map(|column| {
        let quoted = column.split('`').skip(1).step_by(2).map(str::to_owned);
        quoted.collect::<Vec<_>>()
    });
    // Commands contain spaces, and module names end with colons.
    quoted
        .filter(|name| !name.contains(' ') && !name.ends_with(':'))
        .collect()
}

#[test]
fn every_test_named_in_the_threat_model_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut known = HashSet::new();
    functions(&root.join("tests"), &mut known);
    functions(&root.join("src"), &mut known);
    let named = tests_of_the_threat_model();
    assert!(named.len() > 60, "{}", named.len());
    let missing: Vec<_> = named
        .iter()
        .filter(|name| !known.contains(name.rsplit("::").next().unwrap()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
