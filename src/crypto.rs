//! Cryptographic primitives that several modules need, each a thin wrapper around OpenSSL.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;

/// `N` bytes from OpenSSL's random number generator, which is seeded by the operating system.
///
/// # Errors
///
/// Returns OpenSSL's error if the generator cannot be seeded. Callers cannot continue without
/// random bytes.
pub fn random<const N: usize>() -> Result<[u8; N], ErrorStack> {
    let mut bytes = [0; N];
    openssl::rand::rand_bytes(&mut bytes)?;
    Ok(bytes)
}

/// A random token for cookies, codes and request IDs: 256 bits as 43 characters of base64url.
pub fn random_token() -> Result<String, ErrorStack> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// The SHA-256 digest of `data`.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    // OpenSSL's one-shot function looks up the algorithm at each call, which takes longer than the
    // digest of a short text.
    let mut hasher = openssl::sha::Sha256::new();
    hasher.update(data);
    hasher.finish()
}

/// The SHA-256 fingerprint of a DER certificate: 64 lowercase hexadecimal digits.
pub fn fingerprint(certificate: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(64);
    for octet in sha256(certificate) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{octet:02x}");
    }
    text
}

/// SHA-256 of `label`, a zero byte and `data`. The label states the purpose of the result: results
/// from the same data with different labels are unrelated.
pub fn derive(label: &str, data: &[u8]) -> [u8; 32] {
    let mut hasher = openssl::sha::Sha256::new();
    hasher.update(label.as_bytes());
    hasher.update(&[0]);
    hasher.update(data);
    hasher.finish()
}

/// Like [`derive()`], but for several values. Each value is prefixed with its length, so that bytes
/// cannot move from one value to the next unnoticed.
pub fn derive_of<const N: usize>(label: &str, parts: [&[u8]; N]) -> [u8; 32] {
    let mut hasher = openssl::sha::Sha256::new();
    hasher.update(label.as_bytes());
    hasher.update(&[0]);
    for part in parts {
        hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part);
    }
    hasher.finish()
}

/// HMAC-SHA256 of `label`, a zero byte and `data`. The label states the purpose of the result, as in
/// [`derive()`].
///
/// # Errors
///
/// Returns OpenSSL's error if OpenSSL has no memory or does not allow HMAC.
pub fn mac(key: &[u8; 32], label: &str, data: &[u8]) -> Result<[u8; 32], ErrorStack> {
    let key = PKey::hmac(key)?;
    let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
    signer.update(label.as_bytes())?;
    signer.update(&[0])?;
    signer.update(data)?;
    let mut mac = [0; 32];
    signer.sign(&mut mac)?;
    Ok(mac)
}

/// Whether two values are equal. The time that the comparison takes does not depend on the values.
pub fn are_equal<const N: usize>(one: &[u8; N], other: &[u8; N]) -> bool {
    openssl::memcmp::eq(one, other)
}

/// The result of [`derive()`] as 43 characters of base64url.
pub fn derive_text(label: &str, data: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(derive(label, data))
}
