//! The keys that only the program has. With them, it authenticates and encrypts what browsers keep
//! for it, so that a login in progress needs no record in the store.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::error::ErrorStack;
use secrecy::{ExposeSecret as _, SecretBox};
use zeroize::Zeroizing;

use crate::crypto;

/// 256 random bits.
type Key = SecretBox<[u8; 32]>;

/// The keys that only the program has. The newest key is used for everything new. What was made
/// with one of the older keys is still accepted, so that the keys can be replaced.
#[derive(Debug)]
pub struct ProgramKeys {
    newest: Key,
    older: Vec<Key>,
}

/// One of the program's keys.
#[derive(Clone, Copy)]
pub(super) struct ProgramKey<'a>(&'a Key);

impl ProgramKeys {
    /// Draws one random key, which exists only in this process.
    pub fn draw() -> Result<Self, ErrorStack> {
        Ok(Self::new(crypto::random()?, []))
    }

    /// Uses these keys, which must be random.
    pub fn new(newest: [u8; 32], older: impl IntoIterator<Item = [u8; 32]>) -> Self {
        let boxed = |key| SecretBox::new(Box::new(key));
        Self {
            newest: boxed(newest),
            older: older.into_iter().map(boxed).collect(),
        }
    }

    /// The key for everything new.
    pub(super) fn newest(&self) -> ProgramKey<'_> {
        ProgramKey(&self.newest)
    }

    /// All keys, the newest first.
    pub(super) fn all(&self) -> impl Iterator<Item = ProgramKey<'_>> {
        std::iter::once(&self.newest)
            .chain(&self.older)
            .map(ProgramKey)
    }
}

impl ProgramKey<'_> {
    /// Computes a MAC of `data` for the purpose `label`.
    pub fn mac(self, label: &str, data: &[u8]) -> Result<[u8; 32], ErrorStack> {
        crypto::mac(self.0.expose_secret(), label, data)
    }

    /// Derives a secret for [`crate::store::sealed`] from `data`.
    pub fn secret(self, label: &str, data: &[u8]) -> Result<Zeroizing<String>, ErrorStack> {
        let secret = Zeroizing::new(self.mac(label, data)?);
        Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(*secret)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_never_shown() {
        let keys = ProgramKeys::new([b'k'; 32], [[b'o'; 32]]);
        let shown = format!("{keys:?}");
        assert!(!shown.contains("107") && !shown.contains("111"), "{shown}");
        assert!(!shown.contains("kk") && !shown.contains("oo"), "{shown}");
    }
}
