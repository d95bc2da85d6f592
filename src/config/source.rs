//! Where a configuration is read from, and read again at each reload.

use std::path::PathBuf;

use super::{Config, Mistakes, NamedFiles, environment};

/// A configuration file, and the variables of the environment that win over it.
#[derive(Clone, Debug)]
pub struct Source {
    path: PathBuf,
    environment: Vec<(String, String)>,
}

impl Source {
    /// A file and these variables.
    pub fn new(path: PathBuf, environment: Vec<(String, String)>) -> Self {
        Self { path, environment }
    }

    /// A file and the `ROLECALL_…` variables of this process.
    pub fn of_process(path: PathBuf) -> Result<Self, Mistakes> {
        Ok(Self::new(path, environment::of_process()?))
    }

    /// Reads the configuration as it is now.
    pub fn load(&self) -> Result<Config, Mistakes> {
        self.load_with_files().0
    }

    /// The same, and the files that are named in it: see [`Config::load_with_files`].
    pub fn load_with_files(&self) -> (Result<Config, Mistakes>, NamedFiles) {
        Config::load_with_files(&self.path, self.environment.clone())
    }
}
