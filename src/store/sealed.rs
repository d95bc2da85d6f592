//! Sealing: a record is encrypted with a key that only its holder's secret gives, so that a dump
//! of the store yields no assertion.

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

/// The first byte of every record: the version of its form.
const VERSION: u8 = 2;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
const HEAD_BYTES: usize = 1 + NONCE_BYTES + TAG_BYTES;

/// A sealed record: the version, nonce, tag and text.
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

/// A record may be part of another one.
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

/// A record that cannot be sealed or opened.
#[derive(Debug, Error)]
pub enum SealError {
    /// Another version, another secret, or changed octets.
    #[error("the record cannot be opened")]
    Open,
    /// OpenSSL or the serialiser failed.
    #[error("the record cannot be sealed")]
    Seal,
}

/// The name under which the record of `secret` is stored; it does not tell the secret.
pub fn name(secret: &str) -> Name {
    crypto::derive("rolecall record name", secret.as_bytes())
}

/// Seals `record` with AES-256-GCM under a key derived from `secret`, which must hold at least 128
/// random bits; `label` binds the record to what it is for.
pub fn seal<T: Serialize>(secret: &str, label: &str, record: &T) -> Result<Sealed, SealError> {
    seal_octets(
        secret,
        label,
        &serialized(record).map_err(|_| SealError::Seal)?,
    )
}

/// In one piece: a buffer that grows would leave copies behind.
fn serialized<T: Serialize>(record: &T) -> postcard::Result<Zeroizing<Vec<u8>>> {
    let size = postcard::experimental::serialized_size(record)?;
    let mut plain = Zeroizing::new(vec![0; size]);
    postcard::to_slice(record, &mut plain)?;
    Ok(plain)
}

/// The same for octets.
pub fn seal_octets(secret: &str, label: &str, plain: &[u8]) -> Result<Sealed, SealError> {
    encrypted(secret, label, plain).map_err(|_| SealError::Seal)
}

/// Straight into the record: there is no copy of it, which may be long.
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

/// Opens what [`seal`] sealed.
pub fn open<T: DeserializeOwned>(secret: &str, label: &str, sealed: &[u8]) -> Result<T, SealError> {
    let plain = open_octets(secret, label, sealed)?;
    postcard::from_bytes(&plain).map_err(|_| SealError::Open)
}

/// Opens what [`seal_octets`] sealed.
pub fn open_octets(
    secret: &str,
    label: &str,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let rest = sealed.strip_prefix(&[VERSION]).ok_or(SealError::Open)?;
    let (nonce, rest) = rest.split_at_checked(NONCE_BYTES).ok_or(SealError::Open)?;
    let (tag, text) = rest.split_at_checked(TAG_BYTES).ok_or(SealError::Open)?;
    let key = key(secret);
    let cipher = symm::Cipher::aes_256_gcm();
    decrypt_aead(cipher, &*key, Some(nonce), label.as_bytes(), text, tag)
        .map(Zeroizing::new)
        .map_err(|_| SealError::Open)
}

fn key(secret: &str) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(crypto::derive("rolecall record key", secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_with_the_same_secret_label_and_octets() {
        let sealed = seal("secret", "session", &"assertion").unwrap();
        assert_eq!(
            open::<String>("secret", "session", &sealed).unwrap(),
            "assertion"
        );
        assert!(open::<String>("other", "session", &sealed).is_err());
        assert!(open::<String>("secret", "code", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.to_vec();
            changed[at] ^= 1;
            assert!(
                open::<String>("secret", "session", &changed).is_err(),
                "octet {at}"
            );
            assert!(
                open::<String>("secret", "session", &sealed[..at]).is_err(),
                "{at} octets"
            );
        }
    }

    #[test]
    fn the_sealed_record_shows_nothing() {
        let sealed = seal("secret", "session", &"a rather long assertion").unwrap();
        assert!(memchr::memmem::find(&sealed, b"assertion").is_none());
        assert!(memchr::memmem::find(&name("secret"), b"secret").is_none());
    }
}
