//! Lines about the trail itself, which the writer adds.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::chain::ChainId;

/// Why a chain continues at another place, or after a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Cause {
    /// The name leads to another file: the previous one was moved, deleted or replaced.
    FileReplaced,
    /// The file was truncated. What it contained is not known.
    FileTruncated,
    /// The last line of the file was torn.
    TornLine,
    /// Lines could not be written before.
    WritableAgain,
}

/// What the chain continues from: the file's last whole line, or why that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum From {
    /// The file contains no whole line.
    EmptyFile,
    /// The file's last whole line. Its hash is in the field `after` or `prev`.
    LastLine,
    /// Standard output, a pipe or a device: what was written to it is not known.
    Stream,
    /// The file cannot be read, or does not end in a line.
    Unreadable,
}

/// Which line a marker continues from.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Before {
    pub from: From,
    /// The chain of the file's last whole line, if that line has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_chain: Option<ChainId>,
    /// The number of the file's last whole line in its chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_seq: Option<u64>,
    /// The length of the torn line before this line. It was closed with a newline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub torn_bytes: Option<u64>,
}

/// A line about the trail itself.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Marker {
    /// The first line of a chain.
    TrailBegun {
        version: &'static str,
        #[serde(flatten)]
        before: Before,
    },
    /// The chain continues at another place, or after a gap.
    TrailContinued {
        cause: Cause,
        /// The number of lines that could not be written since the previous line.
        #[serde(skip_serializing_if = "Option::is_none")]
        failed: Option<u64>,
        #[serde(flatten)]
        before: Before,
    },
    /// The result that a line announces was not handed over, because the line was not confirmed in
    /// time.
    NotHandedOver {
        /// The number of that line in this chain.
        line: u64,
    },
}

/// A marker with its time.
#[derive(Serialize)]
struct Timed<'a> {
    time: DateTime<Utc>,
    #[serde(flatten)]
    marker: &'a Marker,
}

impl Marker {
    /// The JSON object, without the fields of the chain.
    pub(super) fn object(&self, time: DateTime<Utc>) -> Vec<u8> {
        // Serializing numbers and short strings cannot fail.
        serde_json::to_vec(&Timed { time, marker: self }).unwrap_or_default()
    }
}

impl Before {
    /// Nothing is known except why.
    pub(super) fn nothing(from: From) -> Self {
        Self {
            from,
            from_chain: None,
            from_seq: None,
            torn_bytes: None,
        }
    }
}
