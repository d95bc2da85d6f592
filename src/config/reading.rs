//! One reading of the whole configuration.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use toml::Table;

use super::environment::Variables;
use super::reader::{Reader, Reported};
use super::unknown::Unknown;
use super::{Mistake, Mistakes, NamedFiles};

/// What the readers of all tables share.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) folder: PathBuf,
    pub(super) mistakes: Vec<Mistake>,
    pub(super) unknown: Vec<Unknown>,
    /// Every key that was asked for, without indices: `idp[].id`.
    pub(super) known: BTreeSet<String>,
    /// The first key that has a value, for keys whose values must differ within a list.
    pub(super) taken: HashMap<(String, String), String>,
    /// Noted as they are read, since a mistake beside them keeps their table from being made.
    pub(super) files: NamedFiles,
}

impl Reading {
    /// Relative paths are relative to `folder`.
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            ..Self::default()
        }
    }

    /// Reads the outermost table.
    pub(super) fn whole<T>(
        &mut self,
        table: Table,
        variables: Variables,
        read: impl FnOnce(&mut Reader<'_>) -> Result<T, Reported>,
    ) -> Result<T, Reported> {
        let mut reader = Reader::new(self, table, variables);
        let value = read(&mut reader);
        reader.note_unknown();
        value
    }

    /// The value if there is no mistake.
    pub(super) fn finish<T>(mut self, read: Result<T, Reported>) -> Result<T, Mistakes> {
        let unknown = self
            .unknown
            .iter()
            .map(|unknown| unknown.mistake(&self.known));
        self.mistakes.extend(unknown);
        match read {
            Ok(value) if self.mistakes.is_empty() => Ok(value),
            _ => Err(Mistakes::from(self.mistakes)),
        }
    }
}
