use std::path::{Path, PathBuf};

use super::kind::file;
use super::reader::{Reader, Reported};

/// `[audit]`: where the audit trail goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// The file to which audit lines are appended; `None` means standard output.
    pub file: Option<PathBuf>,
}

impl Audit {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let file = reader.optional("file", &file(reader.folder()))?;
        if let Some(file) = &file
            && !folder(file).is_dir()
        {
            let problem = format!("there is no folder {}", folder(file).display());
            return Err(reader.mistake("file", problem, "a file in an existing folder"));
        }
        Ok(Self { file })
    }
}

fn folder(file: &Path) -> &Path {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}
