//! The chain of audit lines: each line contains a number and the hash of the line before it.
//!
//! A process has one chain, with a random ID. The hash of a line is the SHA-256 digest of the
//! line's bytes without the newline, as 64 lower-case hexadecimal digits. These fields end a line:
//!
//! | field | |
//! |---|---|
//! | `chain` | the chain's ID: 16 lower-case hexadecimal digits |
//! | `seq` | the line's number in the chain, from 1 |
//! | `prev` | the hash of the chain's previous line; the first line has none |
//! | `after` | the hash of the previous line in the file, if that is not the chain's previous line |
//! | `again` | if the line is a copy of a line that went to a file that no longer had the name: its `seq` |

use std::fmt;
use std::str::FromStr;

use openssl::error::ErrorStack;
use serde::Serialize;
use serde_json::ser::to_vec;
use thiserror::Error;

use crate::crypto;

/// The hash of an audit line.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LineHash([u8; 32]);

impl LineHash {
    /// The hash of a line, which is given without its newline.
    pub fn of(line: &[u8]) -> Self {
        Self(crypto::sha256(line))
    }

    /// The hash as lower-case hexadecimal digits.
    fn digits<'a>(&self, digits: &'a mut [u8; 64]) -> &'a str {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        for (pair, octet) in digits.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(octet >> 4)];
            pair[1] = DIGITS[usize::from(octet & 15)];
        }
        // The digits are ASCII.
        str::from_utf8(digits).unwrap_or_default()
    }
}

impl fmt::Display for LineHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.digits(&mut [0; 64]))
    }
}

impl fmt::Debug for LineHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for LineHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.digits(&mut [0; 64]))
    }
}

/// The text is not the hash of a line.
#[derive(Clone, Copy, Debug, Error)]
#[error("not 64 hexadecimal digits")]
pub struct NotAHash;

impl FromStr for LineHash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let mut octets = [0; 32];
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(NotAHash);
        }
        for (octet, pair) in octets.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = [pair[0], pair[1]].map(|digit| char::from(digit).to_digit(16));
            let value = high.zip(low).map(|(high, low)| high * 16 + low);
            *octet = value
                .and_then(|value| value.try_into().ok())
                .ok_or(NotAHash)?;
        }
        Ok(Self(octets))
    }
}

/// The ID of a chain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainId(u64);

impl ChainId {
    fn random() -> Result<Self, ErrorStack> {
        Ok(Self(u64::from_be_bytes(crypto::random()?)))
    }

    /// Reads an ID in the form that lines contain.
    pub fn parse(text: &str) -> Option<Self> {
        let id = Self(u64::from_str_radix(text, 16).ok()?);
        (id.to_string() == text).then_some(id)
    }
}

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for ChainId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The newest line of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    /// The chain's ID.
    pub chain: ChainId,
    /// The line's number in the chain.
    pub seq: u64,
    /// The line's hash.
    pub hash: LineHash,
}

/// A chain that lines are added to.
#[derive(Clone, Copy, Debug)]
pub struct Chain {
    id: ChainId,
    seq: u64,
    prev: Option<LineHash>,
}

/// The fields at the end of a line.
#[derive(Serialize)]
struct Link {
    chain: ChainId,
    seq: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    prev: Option<LineHash>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<LineHash>,
    #[serde(skip_serializing_if = "Option::is_none")]
    again: Option<u64>,
}

/// What a line says about its place, positions its number.
#[derive(Clone, Copy, Debug, Default)]
pub struct Position {
    /// The hash of the previous line in the file, if that is not the chain's previous line.
    pub after: Option<LineHash>,
    /// The number of the line that this line is a copy of.
    pub again: Option<u64>,
}

impl Chain {
    /// Starts a chain with a random ID.
    pub fn new() -> Result<Self, ErrorStack> {
        Ok(Self {
            id: ChainId::random()?,
            seq: 0,
            prev: None,
        })
    }

    /// The newest line, if there is one.
    pub fn head(&self) -> Option<Head> {
        self.prev.map(|hash| Head {
            chain: self.id,
            seq: self.seq,
            hash,
        })
    }

    /// Adds a line: writes the JSON object `object`, which has at least one field, with the fields
    /// of the chain and a newline to the end of `text`.
    pub fn add(&mut self, object: &[u8], position: Position, text: &mut Vec<u8>) {
        let link = Link {
            chain: self.id,
            seq: self.seq + 1,
            prev: self.prev,
            after: position.after,
            again: position.again,
        };
        // Serializing numbers and short strings cannot fail.
        let link = to_vec(&link).unwrap_or_default();
        let start = text.len();
        text.extend_from_slice(object.strip_suffix(b"}").unwrap_or(object));
        text.push(b',');
        text.extend_from_slice(link.strip_prefix(b"{").unwrap_or(&link));
        self.prev = Some(LineHash::of(&text[start..]));
        self.seq += 1;
        text.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_contains_its_number_and_the_hash_of_the_line_before() {
        let (mut chain, mut text) = (Chain::new().unwrap(), Vec::new());
        chain.add(br#"{"event":"a"}"#, Position::default(), &mut text);
        let first = chain.head().unwrap();
        chain.add(br#"{"event":"b"}"#, Position::default(), &mut text);
        let text = String::from_utf8(text).unwrap();
        let lines: Vec<_> = text.lines().collect();
        let (id, hash) = (first.chain, LineHash::of(lines[0].as_bytes()));
        let line = format!(r#"{{"event":"a","chain":"{id}","seq":1}}"#);
        assert_eq!(lines[0], line);
        let line = format!(r#"{{"event":"b","chain":"{id}","seq":2,"prev":"{hash}"}}"#);
        assert_eq!(lines[1], line);
        assert_eq!(first.hash, hash);
    }

    #[test]
    fn hashes_and_ids_are_read_as_they_are_written() {
        let hash = LineHash::of(b"");
        let text = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hash.to_string(), text);
        assert_eq!(text.parse::<LineHash>().unwrap(), hash);
        for wrong in ["", &text[1..], &text.replace('e', "g")] {
            wrong.parse::<LineHash>().unwrap_err();
        }
        let id = ChainId::parse("00000000000000ff").unwrap();
        assert_eq!(id.to_string(), "00000000000000ff");
        for wrong in ["ff", "00000000000000FF", "+0000000000000ff", ""] {
            assert_eq!(ChainId::parse(wrong), None, "{wrong}");
        }
    }
}
