//! What a verification finds. Nothing from a file is shown except numbers, IDs and hashes, and file
//! names are made printable, so no file can control a terminal.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::audit::chain::{ChainId, LineHash};
use crate::printable::printable;

/// The maximum number of characters of a file name.
const MAX_NAME: usize = 200;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The position of the file in the order in which the files were given.
    pub file: usize,
    /// The line's number in the file, from 1.
    pub line: u64,
    name: Arc<str>,
}

impl Place {
    pub(super) fn new(file: usize, path: &Path, line: u64) -> Self {
        Self {
            file,
            line,
            name: printable(&path.display().to_string(), MAX_NAME).into(),
        }
    }

    pub(super) fn at(&self, line: u64) -> Self {
        Self {
            line,
            ..self.clone()
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.name, self.line)
    }
}

/// Something that a verification finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Lines of a chain are in none of the files.
    Missing {
        /// The chain.
        chain: ChainId,
        /// The number of the first missing line.
        from: u64,
        /// The number of the last missing line.
        to: u64,
        /// The last line before the gap.
        after: Option<Place>,
        /// The first line after the gap.
        before: Place,
        /// The hash that the first line after the gap contains.
        prev: Option<LineHash>,
    },
    /// The hash of a line is not the one that the chain's next line contains.
    Changed {
        /// The chain.
        chain: ChainId,
        /// The number of the line.
        seq: u64,
        /// The line.
        line: Place,
        /// The chain's next line.
        next: Place,
    },
    /// Two lines have the same number in the same chain.
    Doubled {
        /// The chain.
        chain: ChainId,
        /// The number of the line.
        seq: u64,
        /// The first of the two lines.
        first: Place,
        /// The second of the two lines.
        second: Place,
    },
    /// In the file, a line does not follow the line that it was written after.
    Misplaced {
        /// The line.
        line: Place,
    },
    /// A line is not a whole audit line.
    Torn {
        /// The line.
        line: Place,
    },
    /// The end of a file is not the end of a line.
    NoEnd {
        /// The last line.
        line: Place,
    },
    /// A line without the fields of a chain follows a line with these fields.
    Foreign {
        /// The line.
        line: Place,
    },
    /// The line with a hash that is known from elsewhere is in none of the files.
    LastMissing {
        /// The hash.
        hash: LineHash,
    },
    /// There are more breaks than can be examined.
    TooMany {
        /// Where the examination ended.
        line: Place,
    },
    /// Note: a torn line, which the program found and closed when it continued.
    ClosedTornLine {
        /// The torn line.
        line: Place,
    },
    /// Note: lines that were written by a version without chains.
    WithoutChain {
        /// The first of these lines.
        first: Place,
        /// The number of lines.
        count: u64,
    },
    /// Note: a chain continues from a line whose hash is known from elsewhere.
    Continued {
        /// The chain.
        chain: ChainId,
        /// The first line.
        line: Place,
    },
}

impl Finding {
    /// The line that the finding is about, if there is one.
    pub fn at(&self) -> Option<&Place> {
        Some(match self {
            Self::Missing { before, .. } => before,
            Self::Doubled { second, .. } => second,
            Self::Changed { line, .. }
            | Self::Misplaced { line }
            | Self::Torn { line }
            | Self::NoEnd { line }
            | Self::Foreign { line }
            | Self::TooMany { line }
            | Self::ClosedTornLine { line }
            | Self::Continued { line, .. }
            | Self::WithoutChain { first: line, .. } => line,
            Self::LastMissing { .. } => return None,
        })
    }

    /// The lines at which a finding about the order in the file would only repeat this finding.
    pub(super) fn explains(&self) -> Vec<&Place> {
        match self {
            Self::Missing { before, .. } => vec![before],
            Self::Changed { next, .. } => vec![next],
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing {
                chain,
                from,
                to,
                after,
                before,
                prev,
            } => {
                match to - from {
                    0 => write!(f, "{before}: line {from} of chain {chain} is missing")?,
                    _ => write!(
                        f,
                        "{before}: lines {from} to {to} of chain {chain} are missing"
                    )?,
                }
                match (after, prev) {
                    (Some(after), _) => write!(f, "; the line before them is {after}"),
                    (None, Some(prev)) => write!(
                        f,
                        "; if they were in files that were deleted on purpose, add --first {prev}"
                    ),
                    (None, None) => Ok(()),
                }
            }
            Self::Changed {
                chain,
                seq,
                line,
                next,
            } => write!(
                f,
                "{line}: line {seq} of chain {chain} was changed, or the hash in {next} was"
            ),
            Self::Doubled {
                chain,
                seq,
                first,
                second,
            } => write!(
                f,
                "{second}: line {seq} of chain {chain} occurs twice; the other one is {first}"
            ),
            Self::Misplaced { line } => write!(
                f,
                "{line}: in the file, this line was not written after the line before it; \
                 a line was changed, inserted, moved or removed here"
            ),
            Self::Torn { line } => write!(f, "{line}: not a whole audit line; torn or changed"),
            Self::NoEnd { line } => write!(f, "{line}: the file ends within a line"),
            Self::Foreign { line } => {
                write!(
                    f,
                    "{line}: the line belongs to no chain, but lines before it do"
                )
            }
            Self::LastMissing { hash } => write!(f, "no line has the hash {hash} (--last)"),
            Self::TooMany { line } => {
                write!(f, "{line}: too many breaks; the examination ended here")
            }
            Self::ClosedTornLine { line } => write!(
                f,
                "{line}: a torn line; rolecall found it when it continued, and said so in the next"
            ),
            Self::WithoutChain { first, count } => write!(
                f,
                "{first}: {count} lines without a chain begin here, from an older version of \
                 rolecall; changes in them cannot be found"
            ),
            Self::Continued { chain, line } => {
                write!(
                    f,
                    "{line}: chain {chain} continues from a line given with --first"
                )
            }
        }
    }
}
