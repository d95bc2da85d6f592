//! The end of an existing audit file.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use super::chain::{ChainId, LineHash};
use super::fields::{self, MAX_LINE, Read};

/// How much is read at once.
const PIECE: usize = 64 * 1024;

/// The last whole line of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastLine {
    pub hash: LineHash,
    /// The line's chain, and its number there.
    pub place: Option<(ChainId, u64)>,
}

/// The end of a file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tail {
    pub last: Option<LastLine>,
    /// The number of bytes after the last whole line.
    pub torn: u64,
    /// Whether only the newline after the last line is missing.
    pub lacks_newline: bool,
}

impl Tail {
    /// Reads the end of a file of this length. Returns `None` if the file does not end in lines of
    /// a plausible length.
    pub(super) fn of(file: &File, length: u64) -> io::Result<Option<Self>> {
        let mut end = Vec::new();
        let mut start = length;
        // Two newlines delimit the last whole line. At the start of the file, there is only one.
        while start > 0 && newlines(&end) < 2 {
            if end.len() > 2 * MAX_LINE {
                return Ok(None);
            }
            let piece = u64::try_from(PIECE).unwrap_or(u64::MAX).min(start);
            start -= piece;
            let mut read = vec![0; usize::try_from(piece).unwrap_or(PIECE)];
            file.read_exact_at(&mut read, start)?;
            read.append(&mut end);
            end = read;
        }
        Ok(Some(Self::of_bytes(&end)))
    }

    fn of_bytes(end: &[u8]) -> Self {
        let mut lines = end.rsplit(|byte| *byte == b'\n');
        let torn = lines.next().unwrap_or_default();
        if matches!(fields::read(torn), Read::Linked(_) | Read::Unlinked) {
            return Self {
                last: Some(LastLine::of(torn)),
                torn: 0,
                lacks_newline: true,
            };
        }
        Self {
            last: lines.next().map(LastLine::of),
            torn: u64::try_from(torn.len()).unwrap_or(u64::MAX),
            lacks_newline: false,
        }
    }
}

impl LastLine {
    fn of(line: &[u8]) -> Self {
        let place = match fields::read(line) {
            Read::Linked(fields) => Some((fields.chain, fields.seq)),
            Read::Unlinked | Read::Unreadable => None,
        };
        Self {
            hash: LineHash::of(line),
            place,
        }
    }
}

#[expect(clippy::naive_bytecount, reason = "a few lines at the end of a file")]
fn newlines(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count()
}
