//! Reads the configuration file and the small files that it refers to.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use toml::Table;

use super::{Mistake, Mistakes, Problem};

/// Reads the configuration file as text.
pub(super) fn read(path: &Path) -> Result<String, Mistakes> {
    let mistake = |problem: String, allowed: &str| Mistake {
        key: path.display().to_string(),
        problem,
        allowed: allowed.to_owned(),
    };
    let bytes = fs::read(path).map_err(|error| {
        mistake(
            format!("cannot be read: {}", plain(&error)),
            "a file that this user can read",
        )
    })?;
    let text = String::from_utf8(bytes);
    Ok(text.map_err(|_| mistake("not UTF-8".to_owned(), "TOML, which must be UTF-8"))?)
}

/// The maximum size of a file that [`small`] reads, in bytes.
const SMALL: u64 = 65_536;

/// Reads a regular file of at most 65,536 bytes. Devices and pipes are rejected, because opening or
/// reading them could block forever.
pub(super) fn small(path: &Path) -> Result<Vec<u8>, Problem> {
    let shown = path.display();
    let cannot = |error: io::Error| Problem::from(format!("cannot read {shown}: {error}"));
    // Check the type before opening the file, because opening a pipe waits for a writer.
    if !fs::metadata(path).map_err(cannot)?.is_file() {
        return Err(format!("{shown} is not a regular file").into());
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(cannot)?;
    file.take(SMALL + 1)
        .read_to_end(&mut bytes)
        .map_err(cannot)?;
    if bytes.len() as u64 > SMALL {
        return Err(format!("{shown} is larger than {SMALL} bytes").into());
    }
    Ok(bytes)
}

/// Like [`small`], but the content must be UTF-8 text.
pub(super) fn small_text(path: &Path) -> Result<String, Problem> {
    let text = String::from_utf8(small(path)?);
    text.map_err(|_| format!("{} is not UTF-8", path.display()).into())
}

/// Parses the text of the configuration file. If it is not TOML, the mistake shows the line and
/// column of the error.
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
            allowed: "TOML 1.0 (see https://toml.io)".to_owned(),
        })
    })
}

/// Describes an error from the operating system in plain words, without the error number.
fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    }
}

/// Who can read a file besides its owner and root. `None` for nobody, and for a file whose
/// permissions cannot be read; such files are reported elsewhere.
#[cfg(unix)]
pub(super) fn readers(path: &Path) -> Option<&'static str> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).ok()?.permissions().mode();
    if mode & 0o004 != 0 {
        Some("every user on this machine")
    } else if mode & 0o040 != 0 && !path.starts_with(CREDENTIALS) {
        Some("every user in the file's group")
    } else {
        None
    }
}

/// Where systemd puts the files of `LoadCredential=`. Only the service's user can enter the folder.
/// The bits for the group are the mask of an access control list that names this user.
#[cfg(unix)]
const CREDENTIALS: &str = "/run/credentials";

#[cfg(not(unix))]
pub(super) fn readers(_: &Path) -> Option<&'static str> {
    None
}
