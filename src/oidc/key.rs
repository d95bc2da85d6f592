//! The RSA key for signing tokens. The algorithm is RS256, which IAM's OIDC providers accept.

use std::fmt;
use std::path::Path;

use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey};
use openssl::pkey::{Id, PKey};
use thiserror::Error;
use zeroize::Zeroizing;

/// The maximum size of a key file, in bytes.
const FILE_MAXIMUM: u64 = 65_536;

/// A private key for signing tokens, with its public key.
pub struct SigningKey {
    /// The `kid`: the thumbprint of the public key (RFC 7638), which depends only on the key.
    pub(super) id: String,
    pub(super) private: EncodingKey,
    public: Jwk,
}

/// Why a file does not contain a usable signing key.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// The path of the file.
        path: String,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The file contains no private key or an encrypted one, is too large, or is not a regular
    /// file.
    #[error("{0} is not a PEM file of at most 64 KiB with an unencrypted private key")]
    Key(String),
    /// The key is not an RSA key, or its size is not 2048 to 4096 bits.
    #[error("the key in {0} is not an RSA key of 2048 to 4096 bits")]
    Weak(String),
}

impl SigningKey {
    /// Reads an unencrypted private key in PEM format.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let shown = path.display().to_string();
        let failed = |source| KeyError::File {
            path: shown.clone(),
            source,
        };
        let metadata = std::fs::metadata(path).map_err(failed)?;
        if !metadata.is_file() || metadata.len() > FILE_MAXIMUM {
            return Err(KeyError::Key(shown));
        }
        let pem = Zeroizing::new(std::fs::read(path).map_err(failed)?);
        Self::from_pem(&pem, &shown)
    }

    fn from_pem(pem: &[u8], shown: &str) -> Result<Self, KeyError> {
        let none = || KeyError::Key(shown.to_owned());
        // Without this callback, OpenSSL would ask for a passphrase on the terminal.
        let key = PKey::private_key_from_pem_callback(pem, |_| Ok(0)).map_err(|_| none())?;
        if key.id() != Id::RSA || !(2048..=4096).contains(&key.bits()) {
            return Err(KeyError::Weak(shown.to_owned()));
        }
        let rsa = key.rsa().map_err(|_| none())?;
        let der = Zeroizing::new(rsa.private_key_to_der().map_err(|_| none())?);
        let private = EncodingKey::from_rsa_der(&der);
        let public = Jwk::from_encoding_key(&private, Algorithm::RS256);
        let mut public = public.map_err(|_| none())?;
        let id = public.thumbprint(ThumbprintHash::SHA256);
        let id = id.map_err(|_| none())?;
        public.common.key_id = Some(id.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self {
            id,
            private,
            public,
        })
    }

    /// The public key, as published in the JWK Set.
    pub fn public(&self) -> &Jwk {
        &self.public
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("SigningKey");
        shown.field("id", &self.id).finish_non_exhaustive()
    }
}
