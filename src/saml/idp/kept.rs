//! Saved copies of the metadata that was fetched from a URL.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::source::{SourceError, read_file};

/// How many hexadecimal digits of a digest are in a copy's name.
const DIGITS: usize = 32;
/// How many digits earlier versions used. Their digest covered only the URL.
const DIGITS_BEFORE: usize = 8;

/// The saved copy of the last good document from a URL.
///
/// The name of the file contains the configured ID, and a digest of everything that decides whose
/// document it is: the URL, the certificates that must have signed it, and the configured entity ID.
/// If one of them changes, the copy is not used any more. Otherwise, an administrator who moves away
/// from a compromised identity provider would still trust its keys until the new URL responds.
#[derive(Debug)]
pub(super) struct Kept {
    folder: PathBuf,
    id: String,
    name: String,
}

impl Kept {
    /// The copy in `folder` for the identity provider with this configured ID. `origin` is the
    /// digest. Every configured ID is safe in a file name.
    pub(super) fn new(folder: &Path, id: &str, origin: &[u8; 32]) -> Self {
        let mut name = format!("{id}-");
        for octet in &origin[..DIGITS / 2] {
            // Writing to a string cannot fail.
            let _ = write!(name, "{octet:02x}");
        }
        name.push_str(".xml");
        Self {
            folder: folder.to_owned(),
            id: id.to_owned(),
            name,
        }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    pub(super) fn read(&self) -> Result<Option<String>, SourceError> {
        let path = self.path();
        if path.exists() {
            read_file(&path).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Saves the document as the copy. An earlier copy is replaced atomically. Copies that were
    /// saved with other settings are removed, because nothing uses them again.
    pub(super) fn write(&self, document: &str) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut file = NamedTempFile::new_in(&self.folder)?;
        file.write_all(document.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(self.path())?;
        for path in self.of_other_settings() {
            remove(&path);
        }
        Ok(())
    }

    /// The identity provider's copies that were saved with other settings, or by an earlier version.
    pub(super) fn of_other_settings(&self) -> Vec<PathBuf> {
        let is_it = |name: &str| id_of(name) == Some(&self.id) && name != self.name;
        copies(&self.folder, is_it)
    }
}

/// Removes the copies in `folder` that belong to none of these configured IDs.
pub fn remove_copies_of_others(folder: &Path, ids: &BTreeSet<&str>) {
    for path in copies(folder, |name| {
        id_of(name).is_some_and(|id| !ids.contains(id))
    }) {
        remove(&path);
    }
}

/// The files in `folder` whose name passes `is_it`. A folder that cannot be read contains none.
fn copies(folder: &Path, is_it: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    files
        .filter(|entry| entry.file_name().to_str().is_some_and(&is_it))
        .map(|entry| entry.path())
        .collect()
}

fn remove(path: &Path) {
    let file = path.display();
    match fs::remove_file(path) {
        Ok(()) => {
            tracing::info!(%file, "a copy of metadata that nothing uses any more was removed");
        }
        Err(error) => {
            tracing::warn!(%file, %error, "a copy of metadata that nothing uses any more cannot be removed");
        }
    }
}

/// The configured ID in a copy's name; `None` if the file is not a copy.
fn id_of(name: &str) -> Option<&str> {
    let (id, digest) = name.strip_suffix(".xml")?.rsplit_once('-')?;
    let is_digest = matches!(digest.len(), DIGITS | DIGITS_BEFORE)
        && digest
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let is_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (is_digest && !id.is_empty() && id.bytes().all(is_id)).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_with_the_name_of_a_copy_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let digest = "0123456789abcdef0123456789abcdef";
        let kept = Kept::new(folder.path(), "corp", &[7; 32]);
        let names = [
            format!("corp-{digest}.xml"),
            "corp-0123abcd.xml".to_owned(),
            format!("corp-old-{digest}.xml"),
            format!("corp-{digest}.txt"),
            format!("Corp-{digest}.xml"),
            "corp-0123.xml".to_owned(),
            format!("-{digest}.xml"),
        ];
        for name in &names {
            fs::write(folder.path().join(name), "").unwrap();
        }
        kept.write("new").unwrap();
        assert_eq!(kept.read().unwrap().as_deref(), Some("new"));
        let left = |names: &[String]| -> Vec<bool> {
            let is_there = |name: &String| folder.path().join(name).exists();
            names.iter().map(is_there).collect()
        };
        assert_eq!(left(&names), [false, false, true, true, true, true, true]);
        remove_copies_of_others(folder.path(), &BTreeSet::from(["corp"]));
        assert_eq!(left(&names), [false, false, false, true, true, true, true]);
        assert!(kept.path().exists());
    }
}
