//! Verifies the chains in audit files.
//!
//! Two links are checked. In its chain, each line contains the number after that of the previous
//! line, and the hash of that line, in whichever file it is. In its file, each line directly follows
//! the line whose hash is in its field `after` or, without that field, in `prev`.
//!
//! The memory depends on the number of chains and of breaks in them, not on the size of the files.

mod finding;
mod join;
mod scan;

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Seek as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use flate2::read::MultiGzDecoder;
use thiserror::Error;

use super::chain::{Head, LineHash};
pub use finding::{Finding, Place};
use scan::Scan;

/// The maximum number of findings and of breaks that are listed. Anyone who can change a file could
/// otherwise fill the memory.
pub const MOST: usize = 10_000;

/// The first bytes of a gzip file (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Hashes that are known from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Hashes of lines in files that no longer exist. A chain may continue from such a line.
    pub first: HashSet<LineHash>,
    /// Hashes of lines that must exist.
    pub last: HashSet<LineHash>,
}

/// Why the files cannot be verified.
#[derive(Debug, Error)]
#[error("cannot read {path}: {source}")]
pub struct Unreadable {
    /// The path of the file.
    pub path: String,
    /// The operating system's error.
    pub source: io::Error,
}

/// The result of a verification.
#[derive(Debug, Default)]
pub struct Verified {
    /// The number of lines in each file, in the order in which the files were given.
    pub lines: Vec<(PathBuf, u64)>,
    /// The newest line of each chain.
    pub heads: Vec<Head>,
    /// What is wrong with the trail, ordered by file and line.
    pub problems: Vec<Finding>,
    /// What is not wrong, but cannot be verified or should be known.
    pub notes: Vec<Finding>,
    /// The number of further problems and notes, which are not listed.
    pub unlisted: u64,
}

/// Verifies the files, which may be given in any order and may be compressed with gzip.
///
/// # Errors
/// A file cannot be read.
pub fn verify(files: &[PathBuf], known: &Known) -> Result<Verified, Unreadable> {
    let mut scan = Scan::new(known);
    let (mut lines, mut seen) = (Vec::new(), HashSet::new());
    for path in files {
        let unreadable = |source| Unreadable {
            path: path.display().to_string(),
            source,
        };
        let file = File::open(path).map_err(unreadable)?;
        let id = file.metadata().map_err(unreadable)?;
        // The same file given twice is not a duplicated trail.
        if !seen.insert((id.dev(), id.ino())) {
            continue;
        }
        let mut reader = reader(file).map_err(unreadable)?;
        let count = scan.file(path, &mut reader).map_err(unreadable)?;
        lines.push((path.clone(), count));
    }
    let mut verified = scan.join(known);
    verified.lines = lines;
    Ok(verified)
}

fn reader(mut file: File) -> io::Result<Box<dyn BufRead>> {
    let mut start = Vec::new();
    let is_regular = file.metadata()?.is_file();
    if !is_regular {
        return Ok(Box::new(BufReader::new(file)));
    }
    file.by_ref().take(2).read_to_end(&mut start)?;
    file.rewind()?;
    Ok(if start == GZIP {
        Box::new(BufReader::new(MultiGzDecoder::new(file)))
    } else {
        Box::new(BufReader::new(file))
    })
}

#[cfg(test)]
mod tests;
