//! The destination of the audit lines.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::AuditError;

/// The file that the lines are appended to.
#[derive(Debug)]
pub(super) struct Sink {
    file: File,
}

impl Sink {
    /// Standard output. This is a descriptor of its own: a write that blocks must not hold the lock
    /// of the standard library's `Stdout`, which is flushed when the process exits.
    pub(super) fn standard_output() -> io::Result<Self> {
        let file = io::stdout().as_fd().try_clone_to_owned()?.into();
        Ok(Self { file })
    }

    pub(super) fn file(path: &Path) -> Result<Self, AuditError> {
        let mut options = OpenOptions::new();
        options.create(true).append(true).mode(0o600);
        let file = options.open(path).map_err(|source| AuditError::Open {
            path: path.display().to_string(),
            source,
        })?;
        Ok(Self { file })
    }

    pub(super) fn write(&mut self, line: &[u8]) -> io::Result<()> {
        self.file.write_all(line)
    }
}
