//! The few primitives that several rooms need, each a thin name over OpenSSL.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::error::ErrorStack;

/// `N` bytes from the operating system's random number generator.
///
/// # Errors
/// OpenSSL's, when the generator cannot be seeded; nothing sensible can be done without one.
pub fn random<const N: usize>() -> Result<[u8; N], ErrorStack> {
    let mut bytes = [0; N];
    openssl::rand::rand_bytes(&mut bytes)?;
    Ok(bytes)
}

/// A random token of 256 bits as 43 characters of base64url: for cookies, codes, request IDs.
pub fn random_token() -> Result<String, ErrorStack> {
    Ok(URL_SAFE_NO_PAD.encode(random::<32>()?))
}

/// SHA-256.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    openssl::sha::sha256(data)
}

/// The SHA-256 fingerprint of a certificate (DER): 64 hexadecimal digits in lower case.
pub fn fingerprint(certificate: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(64);
    for octet in sha256(certificate) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{octet:02x}");
    }
    text
}

/// SHA-256 of `label`, a zero byte and `data`, so that two uses of one secret give unrelated
/// values.
pub fn derive(label: &str, data: &[u8]) -> [u8; 32] {
    let mut hasher = openssl::sha::Sha256::new();
    hasher.update(label.as_bytes());
    hasher.update(&[0]);
    hasher.update(data);
    hasher.finish()
}

/// The same of several values, none of which can run over into the next one.
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

/// [`derive`] as 43 characters of base64url.
pub fn derive_text(label: &str, data: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(derive(label, data))
}
