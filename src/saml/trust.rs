//! The trusted public keys, which verify the signatures on an IdP's messages or metadata. Each key
//! is prepared for every accepted signature method that it supports.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::signature as aws_lc;
use aws_lc_rs::signature::{ParsedPublicKey, VerificationAlgorithm};
use bergshamra_dsig::DsigContext;
use bergshamra_keys::KeysManager;
use kryptering::{EcCurve, HashAlgorithm};
use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::x509::X509;
use thiserror::Error;

/// The minimum size of an RSA signing key, in bits (NIST SP 800-131A).
const MIN_RSA_BITS: u32 = 2048;
/// The maximum size of an RSA signing key, in bits: the cost of verification grows with the square
/// of the size.
const MAX_RSA_BITS: u32 = 8192;

/// An accepted signature method: RSA with PKCS #1 v1.5 padding, or ECDSA (RFC 9231 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureMethod {
    /// `http://www.w3.org/2000/09/xmldsig#rsa-sha1`. Accepted only if [`Trust::allows_sha1`] is
    /// true.
    RsaSha1,
    /// `http://www.w3.org/2001/04/xmldsig-more#rsa-sha256`.
    RsaSha256,
    /// `http://www.w3.org/2001/04/xmldsig-more#rsa-sha384`.
    RsaSha384,
    /// `http://www.w3.org/2001/04/xmldsig-more#rsa-sha512`.
    RsaSha512,
    /// `http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256`.
    EcdsaSha256,
    /// `http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384`.
    EcdsaSha384,
    /// `http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512`.
    EcdsaSha512,
}

impl SignatureMethod {
    const ALL: [Self; 7] = [
        Self::RsaSha1,
        Self::RsaSha256,
        Self::RsaSha384,
        Self::RsaSha512,
        Self::EcdsaSha256,
        Self::EcdsaSha384,
        Self::EcdsaSha512,
    ];

    /// The method with this URI; `None` if no accepted method has this URI.
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.uri() == uri)
    }

    fn uri(self) -> &'static str {
        match self {
            Self::RsaSha1 => "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            Self::RsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            Self::RsaSha384 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
            Self::RsaSha512 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
            Self::EcdsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            Self::EcdsaSha384 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
            Self::EcdsaSha512 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        }
    }

    /// Whether the method uses SHA-1, which is not accepted by default.
    pub fn is_sha1(self) -> bool {
        self == Self::RsaSha1
    }

    fn algorithm(self) -> kryptering::SignatureAlgorithm {
        use kryptering::SignatureAlgorithm::{Ecdsa, RsaPkcs1v15};
        match self {
            Self::RsaSha1 => RsaPkcs1v15(HashAlgorithm::Sha1),
            Self::RsaSha256 => RsaPkcs1v15(HashAlgorithm::Sha256),
            Self::RsaSha384 => RsaPkcs1v15(HashAlgorithm::Sha384),
            Self::RsaSha512 => RsaPkcs1v15(HashAlgorithm::Sha512),
            // P-256 is a placeholder: the method does not determine the curve, because each key has
            // its own curve.
            Self::EcdsaSha256 => Ecdsa(EcCurve::P256, HashAlgorithm::Sha256),
            Self::EcdsaSha384 => Ecdsa(EcCurve::P256, HashAlgorithm::Sha384),
            Self::EcdsaSha512 => Ecdsa(EcCurve::P256, HashAlgorithm::Sha512),
        }
    }

    /// The algorithm with which a key of this kind verifies signatures made with this method;
    /// `None` if the method needs a different kind of key.
    fn verification(self, kind: KeyKind) -> Option<&'static dyn VerificationAlgorithm> {
        use KeyKind::{P256, P384, P521, Rsa};
        Some(match (self, kind) {
            // The names of these constants contain the key sizes that AWS-LC accepts.
            // `KeyKind::of` enforces our limits.
            (Self::RsaSha1, Rsa) => &aws_lc::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            (Self::RsaSha256, Rsa) => &aws_lc::RSA_PKCS1_2048_8192_SHA256,
            (Self::RsaSha384, Rsa) => &aws_lc::RSA_PKCS1_2048_8192_SHA384,
            (Self::RsaSha512, Rsa) => &aws_lc::RSA_PKCS1_2048_8192_SHA512,
            (Self::EcdsaSha256, P256) => &aws_lc::ECDSA_P256_SHA256_ASN1,
            (Self::EcdsaSha384, P256) => &aws_lc::ECDSA_P256_SHA384_ASN1,
            (Self::EcdsaSha512, P256) => &aws_lc::ECDSA_P256_SHA512_ASN1,
            (Self::EcdsaSha256, P384) => &aws_lc::ECDSA_P384_SHA256_ASN1,
            (Self::EcdsaSha384, P384) => &aws_lc::ECDSA_P384_SHA384_ASN1,
            (Self::EcdsaSha512, P384) => &aws_lc::ECDSA_P384_SHA512_ASN1,
            (Self::EcdsaSha256, P521) => &aws_lc::ECDSA_P521_SHA256_ASN1,
            (Self::EcdsaSha384, P521) => &aws_lc::ECDSA_P521_SHA384_ASN1,
            (Self::EcdsaSha512, P521) => &aws_lc::ECDSA_P521_SHA512_ASN1,
            _ => return None,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyKind {
    Rsa,
    P256,
    P384,
    P521,
}

impl KeyKind {
    fn of(key: &PKey<Public>) -> Result<Self, TrustError> {
        match key.id() {
            Id::RSA if key.bits() < MIN_RSA_BITS => Err(TrustError::Weak(key.bits())),
            Id::RSA if key.bits() > MAX_RSA_BITS => Err(TrustError::Huge(key.bits())),
            Id::RSA => Ok(Self::Rsa),
            Id::EC => {
                let key = key.ec_key().map_err(|_| TrustError::Unreadable)?;
                match key.group().curve_name() {
                    Some(Nid::X9_62_PRIME256V1) => Ok(Self::P256),
                    Some(Nid::SECP384R1) => Ok(Self::P384),
                    Some(Nid::SECP521R1) => Ok(Self::P521),
                    _ => Err(TrustError::KeyType),
                }
            }
            _ => Err(TrustError::KeyType),
        }
    }

    /// The length of r and of s in an ECDSA signature, in bytes; `None` for RSA.
    fn coordinate(self) -> Option<usize> {
        match self {
            Self::Rsa => None,
            Self::P256 => Some(32),
            Self::P384 => Some(48),
            Self::P521 => Some(66),
        }
    }
}

/// Why a list of signing certificates cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TrustError {
    /// The list of certificates is empty.
    #[error("there is no signing certificate")]
    NoCertificate,
    /// A list entry is not an X.509 certificate, or a certificate's key cannot be read.
    #[error("a signing certificate cannot be read")]
    Unreadable,
    /// A certificate's RSA key has fewer than 2048 bits.
    #[error("an RSA signing key has {0} bits; at least {MIN_RSA_BITS} are required")]
    Weak(u32),
    /// A certificate's RSA key has more than 8192 bits.
    #[error("an RSA signing key has {0} bits; at most {MAX_RSA_BITS} are allowed")]
    Huge(u32),
    /// A certificate's key is neither an RSA key nor an elliptic-curve key on an accepted curve.
    #[error("a signing key is neither an RSA key nor an EC key on P-256, P-384 or P-521")]
    KeyType,
}

/// A signature method with the keys that can verify its signatures.
struct Method {
    name: SignatureMethod,
    keys: Arc<[VerifyingKey]>,
    context: DsigContext,
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

/// The trusted public keys for an IdP's messages or metadata, and whether the signatures may use
/// SHA-1.
#[derive(Debug)]
pub struct Trust {
    /// One entry for each method that at least one key supports.
    methods: Vec<Method>,
    allow_sha1: bool,
}

impl Trust {
    /// Prepares the keys in these X.509 certificates (DER). The certificates' own validity periods
    /// and issuers do not matter: trust comes from the metadata or configuration that contains the
    /// certificates (saml-metadata 2.4.1.1, saml2int).
    pub fn new(certificates: &[Vec<u8>], allow_sha1: bool) -> Result<Self, TrustError> {
        if certificates.is_empty() {
            return Err(TrustError::NoCertificate);
        }
        let public_keys: Vec<PublicKey> = certificates
            .iter()
            .map(|certificate| PublicKey::read(certificate))
            .collect::<Result<_, _>>()?;
        let mut methods = Vec::with_capacity(SignatureMethod::ALL.len());
        for method in SignatureMethod::ALL {
            let keys: Arc<[VerifyingKey]> = public_keys
                .iter()
                .filter_map(|key| key.verifying(method).transpose())
                .collect::<Result<_, _>>()?;
            if !keys.is_empty() {
                // The signature library gets a verifier instead of keys, so it never uses a key in
                // the message.
                let context = DsigContext::new(KeysManager::new()).with_hsm_verifier(Box::new(
                    MethodVerifier {
                        method,
                        keys: Arc::clone(&keys),
                    },
                ));
                methods.push(Method {
                    name: method,
                    keys,
                    context,
                });
            }
        }
        Ok(Self {
            methods,
            allow_sha1,
        })
    }

    /// Whether SHA-1 is accepted in signature and digest methods.
    pub fn allows_sha1(&self) -> bool {
        self.allow_sha1
    }

    /// The context that verifies signatures made with this method; `None` if no key can verify
    /// them.
    pub fn context(&self, method: SignatureMethod) -> Option<&DsigContext> {
        let mut methods = self.methods.iter();
        methods.find_map(|known| (known.name == method).then_some(&known.context))
    }

    /// Whether one of the keys verifies this signature over `octets` (saml-bindings 3.4.4.1).
    pub fn verifies(&self, method: SignatureMethod, octets: &[u8], signature: &[u8]) -> bool {
        let mut methods = self.methods.iter().filter(|known| known.name == method);
        methods.any(|known| {
            let mut keys = known.keys.iter();
            keys.any(|key| key.verifies(octets, signature) || key.verifies_der(octets, signature))
        })
    }
}

/// The public key of a certificate.
struct PublicKey {
    kind: KeyKind,
    /// The SubjectPublicKeyInfo in DER.
    der: Vec<u8>,
}

impl PublicKey {
    fn read(certificate: &[u8]) -> Result<Self, TrustError> {
        let unreadable = |_: ErrorStack| TrustError::Unreadable;
        let certificate = X509::from_der(certificate).map_err(unreadable)?;
        let key = certificate.public_key().map_err(unreadable)?;
        Ok(Self {
            kind: KeyKind::of(&key)?,
            der: key.public_key_to_der().map_err(unreadable)?,
        })
    }

    /// The key, prepared for this method; `None` if the method needs a different kind of key.
    fn verifying(&self, method: SignatureMethod) -> Result<Option<VerifyingKey>, TrustError> {
        let Some(verification) = method.verification(self.kind) else {
            return Ok(None);
        };
        let key = ParsedPublicKey::new(verification, self.der.as_slice())
            .map_err(|_| TrustError::Unreadable)?;
        Ok(Some(VerifyingKey {
            kind: self.kind,
            key,
        }))
    }
}

/// A key that can verify signatures made with one method.
struct VerifyingKey {
    kind: KeyKind,
    key: ParsedPublicKey,
}

impl VerifyingKey {
    /// Verifies an ECDSA signature in DER. XML Signature requires r followed by s, but SAML defines
    /// no ECDSA format for signed query strings, and libraries differ.
    fn verifies_der(&self, octets: &[u8], signature: &[u8]) -> bool {
        self.kind.coordinate().is_some() && self.key.verify_sig(octets, signature).is_ok()
    }

    fn verifies(&self, octets: &[u8], signature: &[u8]) -> bool {
        let Some(coordinate) = self.kind.coordinate() else {
            return self.key.verify_sig(octets, signature).is_ok();
        };
        // The curve determines the length of r and s (XML Signature 6.4.3); AWS-LC expects DER.
        signature.len() == 2 * coordinate
            && der(signature, coordinate)
                .is_ok_and(|signature| self.key.verify_sig(octets, &signature).is_ok())
    }
}

fn der(signature: &[u8], coordinate: usize) -> Result<Vec<u8>, ErrorStack> {
    let (r, s) = signature.split_at(coordinate);
    EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?.to_der()
}

/// Verifies signatures made with one method, for the signature library.
struct MethodVerifier {
    method: SignatureMethod,
    keys: Arc<[VerifyingKey]>,
}

impl kryptering::traits::Verifier for MethodVerifier {
    fn algorithm(&self) -> kryptering::SignatureAlgorithm {
        self.method.algorithm()
    }

    fn verify(&self, octets: &[u8], signature: &[u8]) -> kryptering::Result<bool> {
        let mut keys = self.keys.iter();
        Ok(keys.any(|key| key.verifies(octets, signature)))
    }
}
