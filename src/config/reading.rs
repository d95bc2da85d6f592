//! The state of one pass through the whole configuration.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use toml::Table;

use super::environment::Variables;
use super::reader::{Reader, Reported};
use super::unknown::Unknown;
use super::{Mistake, Mistakes, NamedFiles};

/// The state that the readers of all tables share.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) folder: PathBuf,
    pub(super) mistakes: Vec<Mistake>,
    pub(super) unknown: Vec<Unknown>,
    /// Every key that a reader has looked for, without indices, such as `idp[].id`.
    pub(super) known: BTreeSet<String>,
    /// The values that must be unique within a list. Maps each key (without indices) and value to
    /// the first full key that has the value.
    pub(super) taken: HashMap<(String, String), String>,
    /// The files that the configuration refers to. They are recorded while a table is read, because
    /// the table is discarded if it contains a mistake.
    pub(super) files: NamedFiles,
}

impl Reading {
    /// Starts a pass. Relative paths are relative to `folder`.
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            ..Self::default()
        }
    }

    /// Reads the top-level table.
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

    /// Returns the value if there are no mistakes, and otherwise all mistakes.
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
