//! The service provider's own key: signs requests, and opens what is encrypted to it.

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

/// A private key and the certificate that tells IdPs its public half.
pub struct SpKey {
    private: PKey<Private>,
    certificate: X509,
}

impl std::fmt::Debug for SpKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SpKey")
    }
}

/// A key pair that cannot be used.
#[derive(Debug, Error)]
pub enum SpKeyError {
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// The file.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The key file holds no private key in PEM without a passphrase.
    #[error("{0} holds no unencrypted private key in PEM form")]
    Key(String),
    /// The certificate file holds no certificate in PEM.
    #[error("{0} holds no X.509 certificate in PEM form")]
    Certificate(String),
    /// They do not belong together.
    #[error("the certificate is not this key's")]
    Mismatch,
    /// A key that is only to decrypt, and cannot.
    #[error("a key that decrypts must be RSA of 2048 to 4096 bits")]
    NoDecryption,
    /// Too small, or of another kind.
    #[error("the key must be RSA of at least 2048 bits or on the curve P-256")]
    Weak,
}

impl SpKeyError {
    /// The file that is at fault, where it is one of the two.
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::File { path, .. } | Self::Key(path) | Self::Certificate(path) => Some(path),
            Self::Mismatch | Self::Weak | Self::NoDecryption => None,
        }
    }
}

impl SpKey {
    /// Reads the pair from PEM files.
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

    /// The certificate, DER.
    pub fn certificate_der(&self) -> Result<Vec<u8>, ErrorStack> {
        self.certificate.to_der()
    }

    /// The key as one that decrypts, if it is RSA.
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

    /// Signs `octets` by [`SpKey::algorithm`].
    pub fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        sign(&self.private, octets)
    }

    /// The same for the signature library.
    pub fn message_signer(&self) -> MessageSigner {
        MessageSigner(self.private.clone())
    }
}

/// Reads a private key that decrypts what is encrypted to an earlier or later certificate of ours.
pub fn read_decryption_key(path: &Path) -> Result<DecryptionKey, SpKeyError> {
    let private = read_private(path)?;
    DecryptionKey::new(&private).ok_or(SpKeyError::NoDecryption)
}

fn read_private(path: &Path) -> Result<PKey<Private>, SpKeyError> {
    let pem = zeroize::Zeroizing::new(read(path)?);
    // The callback answers the question for a passphrase: without it OpenSSL would ask on the
    // terminal, and a service would hang.
    PKey::private_key_from_pem_callback(&pem, |_| Ok(0))
        .map_err(|_| SpKeyError::Key(path.display().to_string()))
}

/// Signs for the signature library.
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

/// Signs `octets` with SHA-256; an ECDSA signature is r and s of 32 octets each, as XML Signature
/// wants them (RFC 4050 3.3), not DER.
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
