//! The file as bytes, as text, as tables.

use std::fs;
use std::io;
use std::path::Path;

use toml::Table;

use super::{Mistake, Mistakes};

/// The text of the file.
pub(super) fn read(path: &Path) -> Result<String, Mistakes> {
    let mistake = |problem: String, allowed: &str| Mistake {
        key: path.display().to_string(),
        problem,
        allowed: allowed.to_owned(),
    };
    let bytes = fs::read(path).map_err(|error| {
        mistake(
            format!("cannot be read: {}", plain(&error)),
            "a file that this user may read",
        )
    })?;
    let text = String::from_utf8(bytes);
    Ok(text.map_err(|_| mistake("not UTF-8".to_owned(), "TOML, which is always UTF-8"))?)
}

/// The file's tables.
pub(super) fn parse(path: &Path, text: &str) -> Result<Table, Mistakes> {
    text.parse().map_err(|error: toml::de::Error| {
        let start = error.span().map_or(0, |span| span.start);
        let before = text.get(..start).unwrap_or_default();
        let line = before.split('\n').count();
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        Mistakes::from(Mistake {
            key: format!("{}:{line}:{column}", path.display()),
            problem: format!("not TOML: {}", error.message().replace('\n', ", ")),
            allowed: "TOML 1.0, see https://toml.io".to_owned(),
        })
    })
}

/// The operating system's reason in its plain words, without the number.
fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    }
}
