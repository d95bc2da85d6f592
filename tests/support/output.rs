//! The files that a test run leaves behind: the partners' output, and screenshots.

use std::fs;
use std::path::PathBuf;

/// Returns the folder `target/test-output/NAME` of the checkout, and creates it if it is missing.
pub fn directory(name: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("target/test-output")
        .join(name);
    fs::create_dir_all(&directory)
        .unwrap_or_else(|error| panic!("cannot create {}: {error}", directory.display()));
    directory
}
