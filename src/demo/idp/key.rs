//! The signing key of an embedded IdP, and the certificate that contains the public key.

use bergshamra_dsig::DsigContext;
use bergshamra_keys::{Key, KeysManager, loader};
use chrono::{DateTime, Utc};
use kryptering::{HashAlgorithm, SignatureAlgorithm};
use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509NameBuilder};
use thiserror::Error;

use super::signing::algorithm;

const CERTIFICATE_SECONDS: i64 = 365 * 24 * 60 * 60;

/// Why a key or its certificate could not be created.
#[derive(Debug, Error)]
pub enum SigningKeyError {
    /// OpenSSL could not generate the key or the certificate.
    #[error("generating the key failed: {0}")]
    OpenSsl(#[from] ErrorStack),
    /// The signature library rejected the key.
    #[error("loading the key failed: {0}")]
    Load(String),
}

/// A NIST elliptic curve (FIPS 186-4 D.1.2).
#[derive(Clone, Copy, Debug)]
pub enum Curve {
    /// P-256, also called secp256r1.
    P256,
    /// P-384, also called secp384r1.
    P384,
    /// P-521, also called secp521r1.
    P521,
}

/// A private key with its self-signed certificate.
#[derive(Debug)]
pub struct SigningKey {
    certificate: Vec<u8>,
    dsig: DsigContext,
    dsig_sha1: DsigContext,
}

impl SigningKey {
    /// Generates an RSA key of `bits` bits, with a certificate valid from `now`.
    pub fn rsa(bits: u32, now: DateTime<Utc>) -> Result<Self, SigningKeyError> {
        let key = PKey::from_rsa(Rsa::generate(bits)?)?;
        Self::new(&key, loader::load_rsa_private_pem, now)
    }

    /// Generates a key on an elliptic curve, with a certificate valid from `now`.
    pub fn ec(curve: Curve, now: DateTime<Utc>) -> Result<Self, SigningKeyError> {
        let (curve, load): (_, fn(&[u8]) -> _) = match curve {
            Curve::P256 => (Nid::X9_62_PRIME256V1, loader::load_ec_p256_private_pem),
            Curve::P384 => (Nid::SECP384R1, loader::load_ec_p384_private_pem),
            Curve::P521 => (Nid::SECP521R1, loader::load_ec_p521_private_pem),
        };
        let group = EcGroup::from_curve_name(curve)?;
        let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
        Self::new(&key, load, now)
    }

    fn new<E: ToString>(
        key: &PKey<Private>,
        load: impl FnOnce(&[u8]) -> Result<Key, E>,
        now: DateTime<Utc>,
    ) -> Result<Self, SigningKeyError> {
        let pem = zeroize::Zeroizing::new(key.private_key_to_pem_pkcs8()?);
        let loaded = load(&pem).map_err(|error| SigningKeyError::Load(error.to_string()))?;
        let mut keys = KeysManager::new();
        keys.add_key(loaded);
        let mut dsig_sha1 = DsigContext::new(KeysManager::new());
        dsig_sha1.hsm_signer = Some(Box::new(Sha1Signer(key.clone())));
        Ok(Self {
            certificate: self_signed(key, now)?,
            dsig: DsigContext::new(keys),
            dsig_sha1,
        })
    }

    /// The self-signed certificate, in DER.
    pub fn certificate_der(&self) -> &[u8] {
        &self.certificate
    }

    /// The context that signs with `signature_method`, the URI of a SignatureMethod.
    pub(super) fn dsig(&self, signature_method: &str) -> &DsigContext {
        if signature_method == algorithm::RSA_SHA1 {
            &self.dsig_sha1
        } else {
            &self.dsig
        }
    }
}

/// Signs with RSA-SHA1, which some IdPs still use. OpenSSL creates these signatures, because the
/// signature library uses AWS-LC, which can only verify them.
struct Sha1Signer(PKey<Private>);

impl kryptering::traits::Signer for Sha1Signer {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::RsaPkcs1v15(HashAlgorithm::Sha1)
    }

    fn sign(&self, data: &[u8]) -> kryptering::Result<Vec<u8>> {
        let sign = || {
            let mut signer = openssl::sign::Signer::new(MessageDigest::sha1(), &self.0)?;
            signer.sign_oneshot_to_vec(data)
        };
        sign().map_err(|error: ErrorStack| kryptering::Error::Crypto(error.to_string()))
    }
}

/// A self-signed certificate for `key`, in DER, valid for a year from `now`.
pub fn self_signed(key: &PKey<Private>, now: DateTime<Utc>) -> Result<Vec<u8>, ErrorStack> {
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_text("CN", "rolecall demo identity provider")?;
    let name = name.build();
    let mut serial = BigNum::new()?;
    serial.rand(127, MsbOption::MAYBE_ZERO, false)?;
    let mut certificate = X509::builder()?;
    certificate.set_version(2)?;
    certificate.set_serial_number(&*serial.to_asn1_integer()?)?;
    certificate.set_subject_name(&name)?;
    certificate.set_issuer_name(&name)?;
    certificate.set_pubkey(key)?;
    let (from, until) = (now.timestamp(), now.timestamp() + CERTIFICATE_SECONDS);
    certificate.set_not_before(&*Asn1Time::from_unix(from)?)?;
    certificate.set_not_after(&*Asn1Time::from_unix(until)?)?;
    certificate.sign(key, MessageDigest::sha256())?;
    certificate.build().to_der()
}
