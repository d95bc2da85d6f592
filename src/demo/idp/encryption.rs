//! Creates EncryptedAssertions like those of real IdPs, for tests and benchmarks.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bergshamra_c14n::{C14nMode, canonicalize_doc};
use bergshamra_xml::nodeset::NodeSet;
use openssl::encrypt::Encrypter;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Public};
use openssl::rsa::Padding;
use openssl::symm;
use openssl::x509::X509;
use thiserror::Error;

use crate::saml::encryption::{Cipher, Hash, KeyTransport};
use crate::saml::xml::ns;

/// How an assertion is encrypted.
#[derive(Clone, Debug)]
pub struct EncryptionOptions {
    /// The cipher that encrypts the assertion: AES-GCM or AES-CBC.
    pub cipher: Cipher,
    /// The `Algorithm` attribute of the EncryptedKey's EncryptionMethod.
    pub transport: String,
    /// The URI of the DigestMethod in the EncryptedKey's EncryptionMethod; `None` omits the
    /// element.
    pub digest: Option<String>,
    /// The URI of the MGF in the EncryptedKey's EncryptionMethod; `None` omits the element.
    pub mask: Option<String>,
    /// The hash functions that are actually used for the digest and for MGF1, even if `digest` and
    /// `mask` specify others.
    pub hashes: (Hash, Hash),
    /// Whether the EncryptedKey is next to the EncryptedData instead of in the EncryptedData's
    /// KeyInfo.
    pub key_next_to_data: bool,
}

impl Default for EncryptionOptions {
    fn default() -> Self {
        Self::with_cipher(Cipher::Gcm(32))
    }
}

impl EncryptionOptions {
    /// Options with this cipher and with RSA-OAEP as in XML Encryption 1.0.
    pub fn with_cipher(cipher: Cipher) -> Self {
        Self {
            cipher,
            transport: KeyTransport::OAEP_MGF1P.to_owned(),
            digest: None,
            mask: None,
            hashes: (Hash::Sha1, Hash::Sha1),
            key_next_to_data: false,
        }
    }
}

/// Why an assertion could not be encrypted.
#[derive(Debug, Error)]
pub enum EncryptionError {
    /// OpenSSL could not read the certificate, or the encryption failed.
    #[error("encrypting failed: {0}")]
    OpenSsl(#[from] ErrorStack),
    /// The template for the EncryptedAssertion could not be rendered.
    #[error("writing the encrypted assertion failed: {0}")]
    Template(#[from] askama::Error),
    /// The message is not well-formed XML, or its assertion is missing or cannot be replaced.
    #[error("the assertion cannot be encrypted: {0}")]
    Message(String),
}

/// Replaces the first assertion in `xml` with an EncryptedAssertion for the public key in
/// `certificate` (DER), and returns the whole message.
pub fn encrypt(
    xml: &str,
    certificate: &[u8],
    options: &EncryptionOptions,
) -> Result<String, EncryptionError> {
    let unusable = |error: &dyn ToString| EncryptionError::Message(error.to_string());
    let mut document = uppsala::parse(xml).map_err(|error| unusable(&error))?;
    let assertions = document.get_elements_by_tag_name_ns(ns::ASSERTION, "Assertion");
    let assertion = *assertions
        .first()
        .ok_or_else(|| unusable(&"there is none"))?;
    let parent = document
        .parent(assertion)
        .ok_or_else(|| unusable(&"it is the root element"))?;
    let visible = NodeSet::tree_without_comments(assertion, &document);
    let plaintext = canonicalize_doc::<&str>(&document, C14nMode::Exclusive, Some(&visible), &[])
        .map_err(|error| unusable(&error))?;
    let encrypted = encrypted(&plaintext, certificate, options)?;
    let source = uppsala::parse(&encrypted).map_err(|error| unusable(&error))?;
    let root = source
        .document_element()
        .ok_or_else(|| unusable(&"the encrypted element is missing"))?;
    let encrypted = document
        .import_subtree(&source, root)
        .ok_or_else(|| unusable(&"the encrypted element cannot be copied"))?;
    document.insert_before(parent, encrypted, assertion);
    document.remove_child(parent, assertion);
    Ok(document.to_xml())
}

/// An EncryptedAssertion that contains `plaintext`, encrypted for the public key in `certificate`
/// (DER).
pub fn encrypted(
    plaintext: &[u8],
    certificate: &[u8],
    options: &EncryptionOptions,
) -> Result<String, EncryptionError> {
    let key = crate::crypto::random::<32>()?;
    let key = &key[..options.cipher.key_length()];
    let public = X509::from_der(certificate)?.public_key()?;
    let template = Encrypted {
        cipher: options.cipher.uri(),
        certificate: STANDARD.encode(certificate),
        wrapped_key: STANDARD.encode(wrap(&public, key, options.hashes)?),
        ciphertext: STANDARD.encode(ciphertext(options.cipher, key, plaintext)?),
        options,
    };
    Ok(template.render()?)
}

fn wrap(key: &PKey<Public>, octets: &[u8], hashes: (Hash, Hash)) -> Result<Vec<u8>, ErrorStack> {
    let mut encrypter = Encrypter::new(key)?;
    encrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
    encrypter.set_rsa_oaep_md(hashes.0.openssl())?;
    encrypter.set_rsa_mgf1_md(hashes.1.openssl())?;
    let mut wrapped = vec![0; encrypter.encrypt_len(octets)?];
    let length = encrypter.encrypt(octets, &mut wrapped)?;
    wrapped.truncate(length);
    Ok(wrapped)
}

fn ciphertext(cipher: Cipher, key: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    match cipher {
        Cipher::Gcm(_) => {
            let nonce = crate::crypto::random::<12>()?;
            let mut tag = [0; 16];
            let octets = symm::encrypt_aead(
                cipher.openssl(),
                key,
                Some(&nonce),
                &[],
                plaintext,
                &mut tag,
            )?;
            Ok([&nonce, octets.as_slice(), &tag].concat())
        }
        // OpenSSL uses PKCS #7 padding, which is one of the paddings that XML Encryption allows.
        Cipher::Cbc(_) => {
            let iv = crate::crypto::random::<16>()?;
            let octets = symm::encrypt(cipher.openssl(), key, Some(&iv), plaintext)?;
            Ok([&iv, octets.as_slice()].concat())
        }
    }
}

#[derive(Template)]
#[template(path = "demo/idp/encrypted-assertion.xml")]
struct Encrypted<'a> {
    options: &'a EncryptionOptions,
    cipher: &'static str,
    certificate: String,
    wrapped_key: String,
    ciphertext: String,
}
