//! A session's assertion. A session lasts for hours, but its assertion is valid only for minutes.
//! So the assertion has a separate record, which expires when STS no longer accepts the assertion.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Session, SessionError, Sessions, into_sealed_record, until};
use crate::aws::sts::ASSERTION_MAXIMUM;
use crate::crypto;
use crate::store::sealed;
use crate::store::{Key, Kind, Operation};

const LABEL: &str = "assertion";

/// The first byte of a record that contains the form field `SAMLResponse` as it was received.
const AS_RECEIVED: u8 = 0;
/// The first byte of a record that contains the bytes that the form field encodes in base64. The
/// bytes take a quarter less memory than the field. Nearly every field is the canonical encoding of
/// its bytes and can be restored from them.
const DECODED: u8 = 1;
/// The first byte of a record that contains only the length of the form field. The field itself is
/// not stored, because it is longer than STS accepts and may be very long.
const TOO_LONG: u8 = 2;

/// The assertion to send to STS, or the reason why it cannot be sent.
#[derive(Clone, Debug)]
pub enum Assertion {
    /// The form field exactly as it was received, because STS verifies the IdP's signature itself.
    Whole(SecretString),
    /// The form field was longer than STS accepts.
    TooLong {
        /// The length of the form field, in bytes.
        characters: usize,
    },
}

/// The form field in which an assertion was posted.
#[derive(Clone, Copy)]
pub struct AssertionField<'a> {
    /// The field as it was received.
    pub field: &'a str,
    /// The bytes that the field encodes in base64.
    pub decoded: &'a [u8],
}

/// The secret with which an assertion's record can be found and opened. The secret is stored in the
/// session's sealed record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AssertionKey(#[serde(serialize_with = "into_sealed_record")] SecretString);

impl AssertionKey {
    /// Creates a random key. There is no record for this key yet.
    pub fn new() -> Result<Self, SessionError> {
        Ok(Self(SecretString::from(crypto::random_token()?)))
    }

    /// The store key of the assertion's record.
    pub fn record(&self) -> Key {
        Key::new(Kind::Assertion, sealed::name(self.0.expose_secret()))
    }
}

impl Sessions {
    /// Loads the session's assertion, if the assertion's record still exists and can be opened.
    pub async fn with_assertion(&self, session: Session) -> Result<Session, SessionError> {
        let key = &session.assertion_key;
        let record = self.store.get(key.record()).await?;
        let packed =
            record.and_then(|record| sealed::open_octets(key.0.expose_secret(), LABEL, &record));
        Ok(Session {
            assertion: packed.and_then(|packed| unpacked(&packed)),
            ..session
        })
    }
}

impl Session {
    /// Returns the operation that stores the assertion until STS no longer accepts it.
    pub fn keeping_assertion(
        &self,
        field: AssertionField<'_>,
        now: DateTime<Utc>,
    ) -> Result<Operation, SessionError> {
        let key = &self.assertion_key;
        let record = sealed::seal_octets(
            key.0.expose_secret(),
            LABEL,
            &packed(field.field, field.decoded),
        )?;
        let time_to_live = until(self.redeemable_until, now);
        Ok(Operation::put(key.record(), record, time_to_live))
    }
}

fn packed(field: &str, decoded: &[u8]) -> Zeroizing<Vec<u8>> {
    if field.len() > ASSERTION_MAXIMUM {
        let characters = u64::try_from(field.len()).unwrap_or(u64::MAX);
        return Zeroizing::new([&[TOO_LONG][..], &characters.to_be_bytes()].concat());
    }
    // STS must receive the field exactly as it was posted. But decoding loses, for example, line
    // breaks, so the decoded bytes are stored only if encoding them restores the field.
    let is_its_base64 = **Zeroizing::new(STANDARD.encode(decoded)) == *field;
    let (form, octets) = if is_its_base64 {
        (DECODED, decoded)
    } else {
        (AS_RECEIVED, field.as_bytes())
    };
    let mut packed = Zeroizing::new(Vec::with_capacity(1 + octets.len()));
    packed.push(form);
    packed.extend_from_slice(octets);
    packed
}

fn unpacked(packed: &[u8]) -> Option<Assertion> {
    let (form, octets) = packed.split_first()?;
    let field = match *form {
        DECODED => STANDARD.encode(octets),
        AS_RECEIVED => std::str::from_utf8(octets).ok()?.to_owned(),
        TOO_LONG => {
            let characters = u64::from_be_bytes(octets.try_into().ok()?);
            let characters = usize::try_from(characters).unwrap_or(usize::MAX);
            return Some(Assertion::TooLong { characters });
        }
        _ => return None,
    };
    Some(Assertion::Whole(field.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &[u8] = b"<samlp:Response/>";

    #[test]
    fn every_field_comes_back_as_it_was() {
        for field in [
            "PHNhbWxwOlJlc3BvbnNlLz4=",
            "PHNhbWxwOlJl\r\nc3BvbnNlLz4=",
            "PHNhbWxwOlJlc3BvbnNlLz4=\n",
            "PHNhbWxwOlJlc3BvbnNlLz4",
            "PHNhbWxwOlJlc3BvbnNlLz5=",
            "not base64",
            "",
        ] {
            let Some(Assertion::Whole(unpacked)) = unpacked(&packed(field, XML)) else {
                panic!("the field was not restored: {field}")
            };
            assert_eq!(unpacked.expose_secret(), field);
        }
        assert_eq!(packed("PHNhbWxwOlJlc3BvbnNlLz4=", XML).len(), 1 + 17);
        assert!(unpacked(&[]).is_none());
        assert!(unpacked(&[2, 3]).is_none());
        assert!(unpacked(&[3]).is_none());
    }

    /// If the field itself were stored, a message of 4 kB could make rolecall store 250 kB: an
    /// attacker could pad the field with white space, which base64 decoding ignores.
    #[test]
    fn only_the_length_of_an_oversized_assertion_is_kept() {
        let longest = "A".repeat(ASSERTION_MAXIMUM);
        let Some(Assertion::Whole(kept)) = unpacked(&packed(&longest, XML)) else {
            panic!("the longest accepted field was not kept")
        };
        assert_eq!(kept.expose_secret(), longest);
        let padded = format!("PHNhbWxwOlJlc3BvbnNlLz4={}", "\n".repeat(ASSERTION_MAXIMUM));
        let packed = packed(&padded, XML);
        assert_eq!(packed.len(), 9);
        let Some(Assertion::TooLong { characters }) = unpacked(&packed) else {
            panic!("a field that is too long was kept")
        };
        assert_eq!(characters, padded.len());
    }
}
