//! RSA keys with self-signed certificates, generated in every test run.

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509NameBuilder};

/// A private key, and a certificate for its public key.
#[derive(Clone)]
pub struct KeyPair {
    /// PKCS #8, PEM.
    pub key_pem: String,
    /// X.509 v3, PEM, self-signed with SHA-256, valid from now for ten days.
    pub certificate_pem: String,
}

impl KeyPair {
    /// Generates a 2048-bit RSA key, and a certificate for it with this common name.
    pub fn generate(common_name: &str) -> Self {
        Self::try_generate(common_name).expect("OpenSSL makes a key and a certificate")
    }

    fn try_generate(common_name: &str) -> Result<Self, openssl::error::ErrorStack> {
        let key = PKey::from_rsa(Rsa::generate(2048)?)?;
        let mut name = X509NameBuilder::new()?;
        name.append_entry_by_text("CN", common_name)?;
        let name = name.build();

        let mut certificate = X509::builder()?;
        certificate.set_version(2)?;
        let mut serial = BigNum::new()?;
        serial.rand(127, openssl::bn::MsbOption::ONE, false)?;
        certificate.set_serial_number(serial.to_asn1_integer()?.as_ref())?;
        certificate.set_subject_name(&name)?;
        certificate.set_issuer_name(&name)?;
        certificate.set_not_before(Asn1Time::days_from_now(0)?.as_ref())?;
        certificate.set_not_after(Asn1Time::days_from_now(10)?.as_ref())?;
        certificate.set_pubkey(&key)?;
        certificate.sign(&key, MessageDigest::sha256())?;

        let pem = |bytes: Vec<u8>| String::from_utf8(bytes).expect("PEM is ASCII");
        Ok(Self {
            key_pem: pem(key.private_key_to_pem_pkcs8()?),
            certificate_pem: pem(certificate.build().to_pem()?),
        })
    }

    /// The certificate as base64, in the form that metadata contains.
    pub fn certificate_base64(&self) -> String {
        base64_of_pem(&self.certificate_pem)
    }
}

/// The base64 content of a PEM string, on one line.
pub fn base64_of_pem(pem: &str) -> String {
    pem.lines()
        .filter(|line| !line.starts_with("-----"))
        .collect()
}
