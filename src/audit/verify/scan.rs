//! Reads the files line by line, and divides each chain into segments without a break.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, BufRead, Read as _};
use std::path::Path;

use super::finding::{Finding, Place};
use super::{Known, MOST};
use crate::audit::chain::{ChainId, LineHash};
use crate::audit::fields::{self, Fields, MAX_LINE, Read};

/// Consecutive lines of a chain in one file, each with the hash of the one before.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub first: Place,
    pub first_seq: u64,
    pub first_prev: Option<LineHash>,
    pub last: Place,
    pub last_seq: u64,
    pub last_hash: LineHash,
}

/// What is known after reading some of the files.
#[derive(Debug)]
pub(super) struct Scan {
    pub segments: BTreeMap<ChainId, Vec<Segment>>,
    pub findings: Vec<Finding>,
    /// Lines that do not follow the right line in their file. A break in their chain may explain
    /// this.
    pub misplaced: Vec<Place>,
    /// The hashes that must exist and have not been found yet.
    pub wanted: HashSet<LineHash>,
    pub unlisted: u64,
    files: usize,
    breaks: usize,
}

/// The state within one file.
struct InFile {
    place: Place,
    /// The hash of the previous line. `None` before the first line, and after a line that could not
    /// be read.
    previous: Option<LineHash>,
    /// A line that is not an audit line: its number and length. The next line may explain it.
    torn: Option<(u64, u64)>,
    /// The open segment of each chain: its index.
    open: HashMap<ChainId, usize>,
    /// The first of the lines without a chain, and their number.
    unlinked: Option<(u64, u64)>,
}

impl Scan {
    pub(super) fn new(known: &Known) -> Self {
        Self {
            segments: BTreeMap::new(),
            findings: Vec::new(),
            misplaced: Vec::new(),
            wanted: known.last.clone(),
            unlisted: 0,
            files: 0,
            breaks: 0,
        }
    }

    /// Reads a file, and returns the number of its lines.
    pub(super) fn file(&mut self, path: &Path, reader: &mut dyn BufRead) -> io::Result<u64> {
        let mut file = InFile {
            place: Place::new(self.files, path, 0),
            previous: None,
            torn: None,
            open: HashMap::new(),
            unlinked: None,
        };
        self.files += 1;
        let (mut line, mut number) = (Vec::new(), 0);
        while self.breaks < MOST && read_line(reader, &mut line)? {
            number += 1;
            self.line(&mut file, number, &line);
        }
        if let Some((torn, _)) = file.torn {
            let ends = !line.ends_with(b"\n");
            let line = file.place.at(torn);
            self.note(if ends {
                Finding::NoEnd { line }
            } else {
                Finding::Torn { line }
            });
        }
        if let Some((first, count)) = file.unlinked {
            let first = file.place.at(first);
            self.note(Finding::WithoutChain { first, count });
        }
        if self.breaks >= MOST {
            let line = file.place.at(number);
            self.note(Finding::TooMany { line });
        }
        Ok(number)
    }

    fn line(&mut self, file: &mut InFile, number: u64, line: &[u8]) {
        let text = line.strip_suffix(b"\n");
        let read = text.map_or(Read::Unreadable, fields::read);
        let text = text.unwrap_or(line);
        let explained = match read {
            Read::Linked(fields) => fields.torn_bytes,
            Read::Unlinked | Read::Unreadable => None,
        };
        if let Some((torn, length)) = file.torn.take() {
            let line = file.place.at(torn);
            if explained == Some(length) {
                self.note(Finding::ClosedTornLine { line });
            } else {
                self.note(Finding::Torn { line });
                file.previous = None;
                self.breaks += 1;
            }
        } else if explained.is_some() {
            // The torn line that this line names has been removed.
            self.misplaced.push(file.place.at(number));
        }
        match read {
            Read::Linked(fields) => self.linked(file, number, &fields, LineHash::of(text)),
            Read::Unlinked => self.unlinked(file, number, LineHash::of(text)),
            Read::Unreadable => {
                let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
                file.torn = Some((number, length));
            }
        }
    }

    fn linked(&mut self, file: &mut InFile, number: u64, fields: &Fields, hash: LineHash) {
        let place = file.place.at(number);
        let expected = fields.after.or(fields.prev);
        if number > 1 && file.previous.is_none_or(|hash| Some(hash) != expected) {
            self.breaks += 1;
            self.misplaced.push(place.clone());
        }
        self.seen(file, hash);
        let segments = self.segments.entry(fields.chain).or_default();
        let open = file.open.get(&fields.chain);
        if let Some(segment) = open.and_then(|index| segments.get_mut(*index))
            && fields.seq == segment.last_seq + 1
            && fields.prev == Some(segment.last_hash)
        {
            segment.last = place;
            segment.last_seq = fields.seq;
            segment.last_hash = hash;
            return;
        }
        self.breaks += usize::from(open.is_some());
        file.open.insert(fields.chain, segments.len());
        segments.push(Segment {
            first: place.clone(),
            first_seq: fields.seq,
            first_prev: fields.prev,
            last: place,
            last_seq: fields.seq,
            last_hash: hash,
        });
    }

    fn unlinked(&mut self, file: &mut InFile, number: u64, hash: LineHash) {
        self.seen(file, hash);
        if file.open.is_empty() {
            file.unlinked.get_or_insert((number, 0)).1 += 1;
        } else {
            let line = file.place.at(number);
            self.breaks += 1;
            self.note(Finding::Foreign { line });
        }
    }

    fn seen(&mut self, file: &mut InFile, hash: LineHash) {
        file.previous = Some(hash);
        self.wanted.remove(&hash);
    }

    pub(super) fn note(&mut self, finding: Finding) {
        if self.findings.len() < MOST {
            self.findings.push(finding);
        } else {
            self.unlisted += 1;
        }
    }
}

/// Reads a line with its newline. Of a line that is too long, only the beginning is kept. Returns
/// whether there was one.
fn read_line(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let most = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
    let read = reader.take(most).read_until(b'\n', line)?;
    if read == MAX_LINE && !line.ends_with(b"\n") {
        // The rest of the line. The line itself does not end in a newline, so it is not valid.
        while !line_ends(reader)? {}
    }
    Ok(read > 0)
}

/// Skips what has been buffered, up to the end of the line. Returns whether the line has ended.
fn line_ends(reader: &mut dyn BufRead) -> io::Result<bool> {
    let buffered = reader.fill_buf()?;
    let newline = buffered.iter().position(|byte| *byte == b'\n');
    let (length, is_end) = (buffered.len(), buffered.is_empty());
    reader.consume(newline.map_or(length, |at| at + 1));
    Ok(newline.is_some() || is_end)
}
