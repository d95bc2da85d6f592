//! Sealing: a record is encrypted with a key that only its holder's secret gives, so that a dump
//! of the store yields no assertion.

use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use zeroize::Zeroizing;

use super::Name;
use crate::crypto;

/// The first byte of every record: the version of its form.
const VERSION: u8 = 2;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

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
pub fn seal<T: Serialize>(secret: &str, label: &str, record: &T) -> Result<Vec<u8>, SealError> {
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
pub fn seal_octets(secret: &str, label: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
    let key = key(secret);
    let nonce = crypto::random::<NONCE_BYTES>().map_err(|_| SealError::Seal)?;
    let mut tag = [0; TAG_BYTES];
    let cipher = Cipher::aes_256_gcm();
    let text = encrypt_aead(
        cipher,
        &*key,
        Some(&nonce),
        label.as_bytes(),
        plain,
        &mut tag,
    )
    .map_err(|_| SealError::Seal)?;
    let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + TAG_BYTES + text.len());
    sealed.push(VERSION);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&tag);
    sealed.extend_from_slice(&text);
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
    let cipher = Cipher::aes_256_gcm();
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
            let mut changed = sealed.clone();
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
