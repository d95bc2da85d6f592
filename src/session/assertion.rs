//! A session's assertion: a record of its own, which is gone when STS no longer redeems it. A session
//! lives for hours, and its assertion for minutes.

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

/// What the first octet of the record tells: that the form field follows, or what it is the base64 of.
/// Nearly every field is the one base64 of its octets, and those are a quarter less.
const AS_RECEIVED: u8 = 0;
const DECODED: u8 = 1;
/// That it is longer than STS takes, and how long: it would be of no use, and may be very long.
const TOO_LONG: u8 = 2;

/// What there is for STS.
#[derive(Clone, Debug)]
pub enum Assertion {
    /// The form field as it was received, byte for byte, since STS verifies the IdP's signature itself.
    Whole(SecretString),
    /// It was longer than STS takes.
    TooLong {
        /// So long.
        characters: usize,
    },
}

/// The only way to an assertion's record: kept in the session's own, which is sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AssertionKey(#[serde(serialize_with = "into_sealed_record")] SecretString);

impl AssertionKey {
    /// A key of which nothing is known yet.
    pub fn new() -> Result<Self, SessionError> {
        Ok(Self(SecretString::from(crypto::random_token()?)))
    }

    /// The record's key.
    pub fn record(&self) -> Key {
        Key::new(Kind::Assertion, sealed::name(self.0.expose_secret()))
    }
}

impl Sessions {
    /// Adds the assertion to a session, if it can still be redeemed.
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
    /// What keeps the assertion until STS no longer redeems it: the form field as it was received, and
    /// what it is the base64 of.
    pub fn keeping_assertion(
        &self,
        (field, decoded): (&str, &[u8]),
        now: DateTime<Utc>,
    ) -> Result<Operation, SessionError> {
        let key = &self.assertion_key;
        let record = sealed::seal_octets(key.0.expose_secret(), LABEL, &packed(field, decoded))?;
        let time_to_live = until(self.redeemable_until, now);
        Ok(Operation::put(key.record(), record, time_to_live))
    }
}

fn packed(field: &str, decoded: &[u8]) -> Zeroizing<Vec<u8>> {
    if field.len() > ASSERTION_MAXIMUM {
        let characters = u64::try_from(field.len()).unwrap_or(u64::MAX);
        return Zeroizing::new([&[TOO_LONG][..], &characters.to_be_bytes()].concat());
    }
    // STS is to get each octet as it came: line breaks, for one, are not in what is decoded.
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
                panic!("it is whole: {field}")
            };
            assert_eq!(unpacked.expose_secret(), field);
        }
        assert_eq!(packed("PHNhbWxwOlJlc3BvbnNlLz4=", XML).len(), 1 + 17);
        assert!(unpacked(&[]).is_none());
        assert!(unpacked(&[2, 3]).is_none());
        assert!(unpacked(&[3]).is_none());
    }

    /// White space in base64 is as good as none, and 250 kB of it would be kept for a message of 4 kB.
    #[test]
    fn of_what_sts_does_not_take_only_the_length_is_kept() {
        let longest = "A".repeat(ASSERTION_MAXIMUM);
        let Some(Assertion::Whole(kept)) = unpacked(&packed(&longest, XML)) else {
            panic!("STS takes it")
        };
        assert_eq!(kept.expose_secret(), longest);
        let padded = format!("PHNhbWxwOlJlc3BvbnNlLz4={}", "\n".repeat(ASSERTION_MAXIMUM));
        let packed = packed(&padded, XML);
        assert_eq!(packed.len(), 9);
        let Some(Assertion::TooLong { characters }) = unpacked(&packed) else {
            panic!("STS does not take it")
        };
        assert_eq!(characters, padded.len());
    }
}
