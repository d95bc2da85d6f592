use std::path::{Path, PathBuf};

use super::Problem;
use super::kind::{Kind, new_file, text};
use super::reader::{Reader, Reported};

/// When audit lines must be on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sync {
    /// Before anything is handed out (fdatasync(2)). Lines survive a power failure.
    Line,
    /// When the operating system writes them. Lines survive a crash of rolecall.
    #[default]
    None,
}

/// `[audit]`: where the audit trail goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// The file to which audit lines are appended; `None` means standard output.
    pub file: Option<PathBuf>,
    /// When the lines must be on the disk. Default: [`Sync::None`].
    pub sync: Sync,
}

impl Audit {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let file = reader.optional("file", &new_file(reader.folder()));
        let sync = reader.optional("sync", &sync());
        let (file, sync) = (file?, sync?.unwrap_or_default());
        if let Some(file) = &file
            && !folder(file).is_dir()
        {
            let problem = format!("there is no folder {}", folder(file).display());
            return Err(reader.mistake("file", problem, "a file in an existing folder"));
        }
        if file.is_none() && sync == Sync::Line {
            let problem = "standard output cannot be synced";
            return Err(reader.mistake("sync", problem, "line only with audit.file"));
        }
        Ok(Self { file, sync })
    }
}

fn sync() -> Kind<Sync> {
    text("line or none", |text| match text {
        "line" => Ok(Sync::Line),
        "none" => Ok(Sync::None),
        _ => Err(Problem::from(format!("{text:?} is neither line nor none"))),
    })
}

fn folder(file: &Path) -> &Path {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}
