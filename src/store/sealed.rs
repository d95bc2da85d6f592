//! Sealing: encrypts records, each with a key that is derived from a secret. The store never
//! contains the secret in plaintext, so a dump of the store reveals no assertion.

use std::ops::Deref;
use std::sync::Arc;

use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;
use openssl::error::ErrorStack;
use openssl::symm::{self, decrypt_aead};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;
use zeroize::Zeroizing;

use super::Name;
use crate::crypto;

/// The version of the format, which is the first byte of every sealed record. The version changes
/// whenever the format of any sealed record changes, so that records in another format are
/// recognized before they are opened.
const VERSION: u8 = 4;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
const HEAD_BYTES: usize = 1 + NONCE_BYTES + TAG_BYTES;

/// A sealed record: version, nonce, tag and ciphertext.
#[derive(Clone, Debug)]
pub struct Sealed(Arc<[u8]>);

impl Deref for Sealed {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Sealed> for Arc<[u8]> {
    fn from(sealed: Sealed) -> Self {
        sealed.0
    }
}

/// A sealed record can be part of another record.
impl Serialize for Sealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self)
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let octets = <&serde_bytes::Bytes>::deserialize(deserializer)?;
        Ok(Self(Arc::from(&**octets)))
    }
}

/// The record could not be sealed, because OpenSSL or the serializer failed.
#[derive(Clone, Copy, Debug, Error)]
#[error("the record cannot be sealed")]
pub struct SealError;

/// The result of opening a record.
#[derive(Clone, Debug)]
pub enum Opened<T> {
    /// There is no record.
    Nothing,
    /// The record has another version or format, was sealed with another secret or label, or is
    /// damaged. Callers treat the record as absent, or start the login again.
    Unreadable,
    /// The content of the record.
    Record(T),
}

impl<T> Opened<T> {
    /// The content of the record. `None` if there is no record or it cannot be read.
    pub fn record(self) -> Option<T> {
        match self {
            Self::Record(record) => Some(record),
            Self::Nothing | Self::Unreadable => None,
        }
    }
}

/// The name under which the store keeps a record that is sealed with `secret`. The secret cannot be
/// computed from the name.
pub fn name(secret: &str) -> Name {
    crypto::derive("rolecall record name", secret.as_bytes())
}

/// Seals `record` using AES-256-GCM with a key derived from `secret`, which must contain at least
/// 128 random bits. `label` binds the record to its purpose.
pub fn seal<T: Serialize>(secret: &str, label: &str, record: &T) -> Result<Sealed, SealError> {
    seal_octets(secret, label, &serialized(record).map_err(|_| SealError)?)
}

/// Serializes into a buffer that has its final size from the start, because a growing buffer would
/// leave copies of secrets in memory.
fn serialized<T: Serialize>(record: &T) -> postcard::Result<Zeroizing<Vec<u8>>> {
    let size = postcard::experimental::serialized_size(record)?;
    let mut plain = Zeroizing::new(vec![0; size]);
    postcard::to_slice(record, &mut plain)?;
    Ok(plain)
}

/// Seals bytes in the same way as [`seal`] seals a record.
pub fn seal_octets(secret: &str, label: &str, plain: &[u8]) -> Result<Sealed, SealError> {
    encrypted(secret, label, plain).map_err(|_| SealError)
}

/// Encrypts directly into the new record. This avoids an intermediate copy, which could be large.
fn encrypted(secret: &str, label: &str, plain: &[u8]) -> Result<Sealed, ErrorStack> {
    let mut sealed = Sealed(std::iter::repeat_n(0, HEAD_BYTES + plain.len()).collect());
    let (head, text) = Arc::make_mut(&mut sealed.0).split_at_mut(HEAD_BYTES);
    let (version, head) = head.split_at_mut(1);
    let (nonce, tag) = head.split_at_mut(NONCE_BYTES);
    version.copy_from_slice(&[VERSION]);
    nonce.copy_from_slice(&crypto::random::<NONCE_BYTES>()?);
    let mut context = CipherCtx::new()?;
    context.encrypt_init(
        Some(Cipher::aes_256_gcm()),
        Some(&*key(secret)),
        Some(nonce),
    )?;
    context.cipher_update(label.as_bytes(), None)?;
    context.cipher_update(plain, Some(text))?;
    context.cipher_final(&mut [])?;
    context.tag(tag)?;
    Ok(sealed)
}

/// Opens a record that was sealed with [`seal`].
///
/// If the record cannot be opened, returns [`Opened::Unreadable`], not an error: the record may
/// have been written by another version of the program or sealed with a different secret.
pub fn open<T: DeserializeOwned>(secret: &str, label: &str, record: Option<&[u8]>) -> Opened<T> {
    match record {
        None => Opened::Nothing,
        Some(sealed) => match readable(secret, label, sealed) {
            Some(record) => Opened::Record(record),
            None => Opened::Unreadable,
        },
    }
}

fn readable<T: DeserializeOwned>(secret: &str, label: &str, sealed: &[u8]) -> Option<T> {
    let plain = open_octets(secret, label, sealed)?;
    let record = postcard::from_bytes(&plain).ok();
    if record.is_none() {
        tracing::info!(label, "a record in another format is ignored");
    }
    record
}

/// Opens a record that was sealed with [`seal_octets`]. Returns `None` if the record cannot be
/// opened.
pub fn open_octets(secret: &str, label: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let opened = decrypted(secret, label, sealed);
    if opened.is_none() {
        tracing::info!(label, "a record that cannot be opened is ignored");
    }
    opened
}

fn decrypted(secret: &str, label: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let rest = sealed.strip_prefix(&[VERSION])?;
    let (nonce, rest) = rest.split_at_checked(NONCE_BYTES)?;
    let (tag, text) = rest.split_at_checked(TAG_BYTES)?;
    let key = key(secret);
    let cipher = symm::Cipher::aes_256_gcm();
    let plain = decrypt_aead(cipher, &*key, Some(nonce), label.as_bytes(), text, tag);
    plain.ok().map(Zeroizing::new)
}

fn key(secret: &str) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(crypto::derive("rolecall record key", secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(secret: &str, label: &str, sealed: &[u8]) -> Option<String> {
        open(secret, label, Some(sealed)).record()
    }

    #[test]
    fn opens_only_with_the_same_secret_label_and_bytes() {
        let sealed = seal("secret", "session", &"assertion").unwrap();
        let open = |sealed: &[u8]| opened("secret", "session", sealed);
        assert_eq!(open(&sealed).as_deref(), Some("assertion"));
        assert!(opened("other", "session", &sealed).is_none());
        assert!(opened("secret", "code", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut changed = sealed.to_vec();
            changed[at] ^= 1;
            assert!(open(&changed).is_none(), "octet {at}");
            assert!(open(&sealed[..at]).is_none(), "{at} octets");
        }
    }

    #[test]
    fn missing_records_are_distinguished_from_unreadable_ones() {
        let open = |record| open::<String>("secret", "session", record);
        assert!(matches!(open(None), Opened::Nothing));
        assert!(matches!(open(Some(&[1, 2, 3])), Opened::Unreadable));
        let other = seal("secret", "session", &7_u64).unwrap();
        let sealed = seal_octets("secret", "session", &[255]).unwrap();
        assert!(matches!(open(Some(&other)), Opened::Unreadable));
        assert!(matches!(open(Some(&sealed)), Opened::Unreadable));
    }

    #[test]
    fn the_sealed_record_shows_nothing() {
        let sealed = seal("secret", "session", &"a rather long assertion").unwrap();
        assert!(memchr::memmem::find(&sealed, b"assertion").is_none());
        assert!(memchr::memmem::find(&name("secret"), b"secret").is_none());
    }
}
