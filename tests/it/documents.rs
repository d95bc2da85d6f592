//! Checks that the documents match the code: every test named in the threat model exists, and the
//! API page lists every URL. Also checks that each document begins by naming its readers.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// Adds the names of all functions in and below `folder` to `found`.
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
    // Leave out commands, which contain spaces, and module names, which end with colons.
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

/// The paths of the `.service(` lines in routes.rs, up to the first placeholder.
fn paths_of_routes() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("src/routes.rs")).unwrap();
    let lines = text
        .lines()
        .filter(|line| line.trim().starts_with(".service("));
    let quoted = lines.filter_map(|line| line.split('"').nth(1));
    // On the API page, the placeholders may have other names.
    let paths = quoted.map(|path| path.split('{').next().unwrap_or_default());
    paths
        .map(|path| path.trim_end_matches('/').to_owned())
        .collect()
}

#[test]
fn every_url_is_in_the_api_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/api.md")).unwrap();
    let paths = paths_of_routes();
    assert!(paths.len() > 20, "{paths:?}");
    let missing: Vec<_> = paths.iter().filter(|path| !page.contains(*path)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn each_page_begins_with_its_reader() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["docs", "docs/grants"].map(|folder| root.join(folder));
    let entries = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    let pages = entries.map(|entry| entry.unwrap().path());
    let pages = pages.filter(|path| path.extension().is_some_and(|it| it == "md"));
    for path in pages {
        // These two documents only list the others.
        if path.ends_with("docs/README.md") || path.ends_with("docs/SUMMARY.md") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let first = text.lines().skip(1).find(|line| !line.is_empty());
        assert!(first.unwrap().starts_with("For "), "{}", path.display());
    }
}
