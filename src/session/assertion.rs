//! A session's assertion: a record of its own, which is gone when STS no longer redeems it. A session
//! lives for hours, and its assertion for minutes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Session, SessionError, Sessions, into_sealed_record, until};
use crate::crypto;
use crate::store::sealed;
use crate::store::{Key, Kind};

const LABEL: &str = "assertion";

/// What the first octet of the record tells: that the form field follows, or what it is the base64 of.
/// Nearly every field is the one base64 of its octets, and those are a quarter less.
const AS_RECEIVED: u8 = 0;
const DECODED: u8 = 1;

/// The only way to an assertion's record: kept in the session's own, which is sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AssertionKey(#[serde(serialize_with = "into_sealed_record")] SecretString);

impl AssertionKey {
    /// A key of which nothing is known yet.
    pub fn new() -> Result<Self, SessionError> {
        Ok(Self(SecretString::from(crypto::random_token()?)))
    }

    /// The record's key.
    pub(super) fn record(&self) -> Key {
        Key::new(Kind::Assertion, sealed::name(self.0.expose_secret()))
    }
}

impl Sessions {
    /// Keeps the assertion of a session, the form field as it was received and what it is the base64
    /// of, until STS no longer redeems it.
    pub async fn keep_assertion(
        &self,
        session: &Session,
        (field, decoded): (&str, &[u8]),
        now: DateTime<Utc>,
    ) -> Result<(), SessionError> {
        let key = &session.assertion_key;
        let record = sealed::seal_octets(key.0.expose_secret(), LABEL, &packed(field, decoded))?;
        let time_to_live = until(session.redeemable_until, now);
        Ok(self.store.put(key.record(), record, time_to_live).await?)
    }

    /// Adds the assertion to a session, if it can still be redeemed.
    pub async fn with_assertion(&self, session: Session) -> Result<Session, SessionError> {
        let key = &session.assertion_key;
        let Some(record) = self.store.get(key.record()).await? else {
            return Ok(session);
        };
        let packed = sealed::open_octets(key.0.expose_secret(), LABEL, &record)?;
        Ok(Session {
            assertion: unpacked(&packed),
            ..session
        })
    }

    /// Forgets the assertion of a session.
    pub async fn forget_assertion(&self, session: &Session) -> Result<(), SessionError> {
        self.store.take(session.assertion_key.record()).await?;
        Ok(())
    }
}

fn packed(field: &str, decoded: &[u8]) -> Zeroizing<Vec<u8>> {
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

fn unpacked(packed: &[u8]) -> Option<SecretString> {
    match packed.split_first()? {
        (&DECODED, octets) => Some(STANDARD.encode(octets).into()),
        (&AS_RECEIVED, field) => Some(std::str::from_utf8(field).ok()?.into()),
        _ => None,
    }
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
            let unpacked = unpacked(&packed(field, XML)).expect("it is packed");
            assert_eq!(unpacked.expose_secret(), field);
        }
        assert_eq!(packed("PHNhbWxwOlJlc3BvbnNlLz4=", XML).len(), 1 + 17);
        assert!(unpacked(&[]).is_none());
        assert!(unpacked(&[2, 3]).is_none());
    }
}
