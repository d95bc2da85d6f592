//! The service provider's own keys: the key that signs our messages, and the keys that decrypt
//! assertions.

use std::path::Path;

use kryptering::{EcCurve, HashAlgorithm, SignatureAlgorithm};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{Id, PKey, Private};
use openssl::sign::Signer;
use openssl::x509::X509;
use thiserror::Error;

use super::encryption::DecryptionKey;

const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const ECDSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";

/// A private key and its certificate. IdPs get the public key from the certificate.
pub struct SpKey {
    private: PKey<Private>,
    certificate: X509,
}

impl std::fmt::Debug for SpKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SpKey")
    }
}

/// Why a private key or its certificate cannot be used.
#[derive(Debug, Error)]
pub enum SpKeyError {
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// The file's path.
        path: String,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// The key file contains no unencrypted PEM private key.
    #[error("{0} contains no unencrypted private key in PEM format")]
    Key(String),
    /// The certificate file contains no PEM certificate.
    #[error("{0} contains no X.509 certificate in PEM format")]
    Certificate(String),
    /// The certificate's public key cannot be read, or does not match the private key.
    #[error("the certificate does not match the private key")]
    Mismatch,
    /// The key is to be used for decryption, but its type or size is unsuitable.
    #[error("a decryption key must be RSA with 2048 to 4096 bits")]
    NoDecryption,
    /// The key is neither an RSA key with at least 2048 bits nor a key on the curve P-256.
    #[error("the key must be RSA with at least 2048 bits, or on the curve P-256")]
    Weak,
}

impl SpKeyError {
    /// The path of the file that the error names; `None` if it names none.
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::File { path, .. } | Self::Key(path) | Self::Certificate(path) => Some(path),
            Self::Mismatch | Self::Weak | Self::NoDecryption => None,
        }
    }
}

impl SpKey {
    /// Reads the key pair from PEM files.
    pub fn read(key_file: &Path, certificate_file: &Path) -> Result<Self, SpKeyError> {
        let private = read_private(key_file)?;
        let certificate = X509::from_pem(&read(certificate_file)?)
            .map_err(|_| SpKeyError::Certificate(certificate_file.display().to_string()))?;
        let public = certificate.public_key().map_err(|_| SpKeyError::Mismatch)?;
        if !private.public_eq(&public) {
            return Err(SpKeyError::Mismatch);
        }
        match (private.id(), private.bits()) {
            (Id::RSA, 2048..) | (Id::EC, 256) => Ok(Self {
                private,
                certificate,
            }),
            _ => Err(SpKeyError::Weak),
        }
    }

    /// The certificate in DER.
    pub fn certificate_der(&self) -> Result<Vec<u8>, ErrorStack> {
        self.certificate.to_der()
    }

    /// The key as a decryption key; `None` unless it is an RSA key of 2048 to 4096 bits.
    pub fn decryption_key(&self) -> Option<DecryptionKey> {
        DecryptionKey::new(&self.private)
    }

    /// The URI of the algorithm that [`SpKey::sign`] uses.
    pub fn algorithm(&self) -> &'static str {
        if self.private.id() == Id::EC {
            ECDSA_SHA256
        } else {
            RSA_SHA256
        }
    }

    /// Signs `octets` with [`SpKey::algorithm`].
    pub fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        sign(&self.private, octets)
    }

    /// A signer that uses this key, for the signature library.
    pub fn message_signer(&self) -> MessageSigner {
        MessageSigner(self.private.clone())
    }
}

/// Reads an additional private key for decrypting assertions during a key rollover.
pub fn read_decryption_key(path: &Path) -> Result<DecryptionKey, SpKeyError> {
    let private = read_private(path)?;
    DecryptionKey::new(&private).ok_or(SpKeyError::NoDecryption)
}

fn read_private(path: &Path) -> Result<PKey<Private>, SpKeyError> {
    let pem = zeroize::Zeroizing::new(read(path)?);
    // The callback supplies an empty passphrase. Without the callback, OpenSSL would prompt on the
    // terminal for the passphrase of an encrypted key, and the service would hang.
    PKey::private_key_from_pem_callback(&pem, |_| Ok(0))
        .map_err(|_| SpKeyError::Key(path.display().to_string()))
}

/// A private key that the signature library can use to sign our messages.
pub struct MessageSigner(PKey<Private>);

impl kryptering::traits::Signer for MessageSigner {
    fn algorithm(&self) -> SignatureAlgorithm {
        if self.0.id() == Id::EC {
            SignatureAlgorithm::Ecdsa(EcCurve::P256, HashAlgorithm::Sha256)
        } else {
            SignatureAlgorithm::RsaPkcs1v15(HashAlgorithm::Sha256)
        }
    }

    fn sign(&self, octets: &[u8]) -> kryptering::Result<Vec<u8>> {
        sign(&self.0, octets).map_err(|error| kryptering::Error::Crypto(error.to_string()))
    }
}

/// Signs the SHA-256 digest of `octets`. An ECDSA signature is not in DER: it consists of r and s,
/// 32 bytes each, as XML Signature requires (RFC 4050 3.3).
fn sign(key: &PKey<Private>, octets: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let mut signer = Signer::new(MessageDigest::sha256(), key)?;
    let signature = signer.sign_oneshot_to_vec(octets)?;
    if key.id() != Id::EC {
        return Ok(signature);
    }
    let signature = EcdsaSig::from_der(&signature)?;
    let mut raw = signature.r().to_vec_padded(32)?;
    raw.extend(signature.s().to_vec_padded(32)?);
    Ok(raw)
}

fn read(path: &Path) -> Result<Vec<u8>, SpKeyError> {
    std::fs::read(path).map_err(|source| SpKeyError::File {
        path: path.display().to_string(),
        source,
    })
}
