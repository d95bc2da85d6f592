//! The source of the configuration, which is read at startup and at each reload.

use std::path::PathBuf;

use super::{Config, Mistakes, NamedFiles, environment};

/// A configuration file and the environment variables that override it.
#[derive(Clone, Debug)]
pub struct Source {
    path: PathBuf,
    environment: Vec<(String, String)>,
}

impl Source {
    /// Creates a source from a file and the `ROLECALL_…` variables in `environment`.
    pub fn new(path: PathBuf, environment: Vec<(String, String)>) -> Self {
        Self { path, environment }
    }

    /// Creates a source from a file and the `ROLECALL_…` variables of this process.
    pub fn of_process(path: PathBuf) -> Result<Self, Mistakes> {
        Ok(Self::new(path, environment::of_process()?))
    }

    /// Reads the current content of the file. The variables keep the values that they had when the
    /// source was created.
    pub fn load(&self) -> Result<Config, Mistakes> {
        self.load_with_files().0
    }

    /// Like [`Self::load`], but also returns the files that the configuration refers to (see
    /// [`Config::load_with_files`]).
    pub fn load_with_files(&self) -> (Result<Config, Mistakes>, NamedFiles) {
        Config::load_with_files(&self.path, self.environment.clone())
    }
}
