//! The fields of an audit line that the chain needs.

use serde::Deserialize;

use super::chain::{ChainId, LineHash};

/// Longer lines are not audit lines: rolecall bounds every value in a line.
pub(super) const MAX_LINE: usize = 1024 * 1024;

/// The fields as JSON. Duplicate fields make a line invalid.
#[derive(Deserialize)]
struct Raw {
    chain: Option<String>,
    seq: Option<u64>,
    prev: Option<String>,
    after: Option<String>,
    torn_bytes: Option<u64>,
}

/// The place that a line says it has in its chain and in its file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    pub chain: ChainId,
    pub seq: u64,
    pub prev: Option<LineHash>,
    /// The hash of the previous line in the file, if that is not the chain's previous line.
    pub after: Option<LineHash>,
    /// The length of the torn line before this line, without its newline.
    pub torn_bytes: Option<u64>,
}

/// What a line is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Read {
    /// A line of a chain.
    Linked(Fields),
    /// A JSON object without the fields of a chain. Versions without chains wrote such lines.
    Unlinked,
    /// Not an audit line: torn, changed, or something else.
    Unreadable,
}

/// Reads a line, which is given without its newline.
pub(super) fn read(line: &[u8]) -> Read {
    let Ok(raw) = serde_json::from_slice::<Raw>(line) else {
        return Read::Unreadable;
    };
    if raw.chain.is_none() && raw.seq.is_none() && raw.prev.is_none() {
        return Read::Unlinked;
    }
    linked(&raw).map_or(Read::Unreadable, Read::Linked)
}

fn linked(raw: &Raw) -> Option<Fields> {
    let hash = |text: &Option<String>| match text {
        Some(text) => text.parse().map(Some).ok(),
        None => Some(None),
    };
    Some(Fields {
        chain: ChainId::parse(raw.chain.as_deref()?)?,
        seq: raw.seq.filter(|seq| *seq > 0)?,
        prev: hash(&raw.prev)?,
        after: hash(&raw.after)?,
        torn_bytes: raw.torn_bytes,
    })
}
