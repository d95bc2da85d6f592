//! Decryption of assertions with the service provider's own keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::encrypt::Decrypter;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::Padding;
use openssl::symm::{self, Crypter, Mode};
use uppsala::{Document, NodeId};
use zeroize::Zeroizing;

use super::Refusal;
use super::policy::EncryptedAssertion;
use super::xml;
use crate::crypto;

/// The length of a GCM nonce, in bytes (xmlenc-core 1.1 5.2.4).
const NONCE: usize = 12;
/// The length of a GCM tag, in bytes.
const TAG: usize = 16;
/// The length of an AES block, in bytes.
const BLOCK: usize = 16;

/// A block cipher for assertions (xmlenc-core 1.1 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cipher {
    /// AES-GCM, with a key of this many bytes.
    Gcm(usize),
    /// AES-CBC, with a key of this many bytes. This mode does not detect tampering.
    Cbc(usize),
}

impl Cipher {
    /// Every supported cipher.
    pub const ALL: [Self; 6] = [
        Self::Gcm(16),
        Self::Gcm(24),
        Self::Gcm(32),
        Self::Cbc(16),
        Self::Cbc(24),
        Self::Cbc(32),
    ];

    /// The cipher that this URI identifies in the `Algorithm` of an `EncryptionMethod`; `None` if
    /// we do not support it.
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cipher| cipher.uri() == uri)
    }

    /// The URI that identifies the cipher in the `Algorithm` of an `EncryptionMethod`.
    pub fn uri(self) -> &'static str {
        match self {
            Self::Gcm(16) => "http://www.w3.org/2009/xmlenc11#aes128-gcm",
            Self::Gcm(24) => "http://www.w3.org/2009/xmlenc11#aes192-gcm",
            Self::Gcm(_) => "http://www.w3.org/2009/xmlenc11#aes256-gcm",
            Self::Cbc(16) => "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
            Self::Cbc(24) => "http://www.w3.org/2001/04/xmlenc#aes192-cbc",
            Self::Cbc(_) => "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
        }
    }

    /// The length of the cipher's key, in bytes.
    pub fn key_length(self) -> usize {
        match self {
            Self::Gcm(length) | Self::Cbc(length) => length,
        }
    }

    /// OpenSSL's identifier for the algorithm.
    pub fn openssl(self) -> symm::Cipher {
        match self {
            Self::Gcm(16) => symm::Cipher::aes_128_gcm(),
            Self::Gcm(24) => symm::Cipher::aes_192_gcm(),
            Self::Gcm(_) => symm::Cipher::aes_256_gcm(),
            Self::Cbc(16) => symm::Cipher::aes_128_cbc(),
            Self::Cbc(24) => symm::Cipher::aes_192_cbc(),
            Self::Cbc(_) => symm::Cipher::aes_256_cbc(),
        }
    }

    /// The refusal to report when the plaintext is refused with `refusal`. With CBC, every refusal
    /// is reported as [`Refusal::Decryption`]. Otherwise, an IdP that may use CBC could decrypt
    /// another IdP's assertions by sending us changed ciphertexts in signed Responses and observing
    /// our reactions.
    pub fn reported(self, refusal: Refusal) -> Refusal {
        match self {
            Self::Gcm(_) => refusal,
            Self::Cbc(_) => Refusal::Decryption,
        }
    }

    fn decrypt(self, key: &[u8], octets: &[u8]) -> Option<Plaintext> {
        let octets = match self {
            Self::Gcm(_) => {
                let (nonce, rest) = octets.split_at_checked(NONCE)?;
                let (ciphertext, tag) = rest.split_at_checked(rest.len().checked_sub(TAG)?)?;
                symm::decrypt_aead(self.openssl(), key, Some(nonce), &[], ciphertext, tag).ok()?
            }
            Self::Cbc(_) => {
                let (iv, ciphertext) = octets.split_at_checked(BLOCK)?;
                return cbc(self.openssl(), key, iv, ciphertext).ok();
            }
        };
        Some(Plaintext::new(&Zeroizing::new(octets), true))
    }
}

/// The plaintext of a ciphertext. It may be unsound: see [`Self::is_sound`].
#[derive(Debug)]
pub struct Plaintext {
    /// The decrypted text, up to the first byte that is not valid UTF-8.
    pub text: Zeroizing<String>,
    /// Whether the padding and the UTF-8 are valid. An unsound plaintext goes through the same
    /// steps as a sound one and is refused only at the end: with AES-CBC, timing must not reveal
    /// whether the padding was wrong.
    pub is_sound: bool,
}

impl Plaintext {
    fn new(octets: &[u8], is_sound: bool) -> Self {
        let (text, is_utf8) = match std::str::from_utf8(octets) {
            Ok(text) => (text, true),
            Err(error) => {
                let valid = &octets[..error.valid_up_to()];
                (std::str::from_utf8(valid).unwrap_or_default(), false)
            }
        };
        Self {
            text: Zeroizing::new(text.to_owned()),
            is_sound: is_sound && is_utf8,
        }
    }
}

/// Decrypts AES-CBC. The plaintext's last byte is the number of padding bytes, including itself;
/// the other padding bytes may have any value (xmlenc-core 1.1 5.2). If that number is zero, or
/// larger than the length of a block or of the plaintext, the plaintext is not sound.
fn cbc(
    cipher: symm::Cipher,
    key: &[u8],
    iv: &[u8],
    octets: &[u8],
) -> Result<Plaintext, ErrorStack> {
    let mut crypter = Crypter::new(cipher, Mode::Decrypt, key, Some(iv))?;
    crypter.pad(false);
    let mut plaintext = Zeroizing::new(vec![0; octets.len() + BLOCK]);
    let mut length = crypter.update(octets, &mut plaintext)?;
    length += crypter.finalize(&mut plaintext[length..])?;
    let padding = length
        .checked_sub(1)
        .map_or(0, |last| usize::from(plaintext[last]));
    let is_padding = (1..=BLOCK.min(length)).contains(&padding);
    plaintext.truncate(length - if is_padding { padding } else { 0 });
    Ok(Plaintext::new(&plaintext, is_padding))
}

/// A hash function for RSA-OAEP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1, which is safe here: OAEP does not need collision resistance.
    Sha1,
    /// SHA-256, which is used only if the message specifies it: the default is SHA-1.
    Sha256,
}

impl Hash {
    /// OpenSSL's identifier for the algorithm.
    pub fn openssl(self) -> MessageDigest {
        match self {
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha256 => MessageDigest::sha256(),
        }
    }
}

/// RSA-OAEP with its parameters (xmlenc-core 1.1 5.5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyTransport {
    /// The hash function of OAEP itself.
    pub digest: Hash,
    /// The hash function of the mask generation function (MGF1).
    pub mask: Hash,
}

impl KeyTransport {
    /// The URI of RSA-OAEP in XML Encryption 1.0, where MGF1 always uses SHA-1.
    pub const OAEP_MGF1P: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
    /// The URI of RSA-OAEP in XML Encryption 1.1, where the hash function of MGF1 can be chosen.
    pub const OAEP: &str = "http://www.w3.org/2009/xmlenc11#rsa-oaep";
    /// The URIs that identify RSA-OAEP in an `EncryptionMethod`.
    pub const URIS: [&str; 2] = [Self::OAEP_MGF1P, Self::OAEP];
}

/// A private RSA key for decrypting content keys that were encrypted with its public key.
#[derive(Clone)]
pub struct DecryptionKey {
    key: PKey<Private>,
    /// The SHA-256 hash of the public key.
    fingerprint: [u8; 32],
}

impl std::fmt::Debug for DecryptionKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("DecryptionKey")
    }
}

impl DecryptionKey {
    /// Prepares a key for decryption; `None` unless it is an RSA key of 2048 to 4096 bits. The size
    /// is limited because anybody can make us decrypt with the key, and the cost of a decryption
    /// grows with the cube of the key's length.
    pub fn new(key: &PKey<Private>) -> Option<Self> {
        let fits = key.id() == Id::RSA && (2048..=4096).contains(&key.bits());
        let public = key.public_key_to_der().ok()?;
        fits.then(|| Self {
            key: key.clone(),
            fingerprint: crypto::sha256(&public),
        })
    }

    /// The SHA-256 hash of the public key (SubjectPublicKeyInfo, DER).
    pub fn fingerprint(&self) -> &[u8] {
        &self.fingerprint
    }

    fn unwrap(
        &self,
        transport: KeyTransport,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
        let mut decrypter = Decrypter::new(&self.key)?;
        decrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
        decrypter.set_rsa_oaep_md(transport.digest.openssl())?;
        decrypter.set_rsa_mgf1_md(transport.mask.openssl())?;
        let mut key = Zeroizing::new(vec![0; decrypter.decrypt_len(wrapped)?]);
        let length = decrypter.decrypt(wrapped, &mut key)?;
        key.truncate(length);
        Ok(key)
    }
}

/// The keys and settings for decrypting assertions from one IdP.
#[derive(Clone, Copy, Debug)]
pub struct Decryption<'a> {
    /// Our keys: the current one, and others during a rollover.
    pub keys: &'a [DecryptionKey],
    /// Whether AES-CBC is allowed inside a signed Response.
    pub allow_cbc: bool,
}

impl Decryption<'_> {
    /// No keys: every encrypted assertion is refused.
    pub const NONE: Self = Self {
        keys: &[],
        allow_cbc: false,
    };

    /// Decrypts `encrypted`. The plaintext may be unsound. Every failure to decrypt with our keys
    /// leads to the same refusal after the same steps, so that nobody can learn from our reaction
    /// what a ciphertext contains.
    ///
    /// # Errors
    /// [`Refusal::NoDecryptionKey`] if there are no keys; [`Refusal::EncryptionAlgorithm`] if the
    /// cipher is CBC, unless CBC is allowed and the Response is signed; and
    /// [`Refusal::Decryption`] for everything else.
    pub fn open(
        &self,
        document: &Document<'_>,
        encrypted: &EncryptedAssertion,
        in_signed_response: bool,
    ) -> Result<Plaintext, Refusal> {
        if self.keys.is_empty() {
            return Err(Refusal::NoDecryptionKey);
        }
        // An attacker who can change a CBC ciphertext and observe the outcome can learn the
        // plaintext. Only the IdP's signature over the ciphertext prevents such changes.
        let is_cbc = matches!(encrypted.cipher, Cipher::Cbc(_));
        if is_cbc && !(self.allow_cbc && in_signed_response) {
            return Err(Refusal::EncryptionAlgorithm(
                encrypted.cipher.uri().to_owned(),
            ));
        }
        let wrapped = octets(document, encrypted.wrapped_key)?;
        let ciphertext = octets(document, encrypted.ciphertext)?;
        let mut opened = None;
        for key in self.keys {
            let unwrapped = key.unwrap(encrypted.transport, &wrapped);
            let length = encrypted.cipher.key_length();
            let known = unwrapped.ok().filter(|key| key.len() == length);
            let is_known = known.is_some();
            let content_key = match known {
                Some(key) => key,
                None => Zeroizing::new(random(length)?),
            };
            let plaintext = encrypted.cipher.decrypt(&content_key, &ciphertext);
            opened = opened.or(plaintext.filter(|_| is_known));
        }
        opened.ok_or(Refusal::Decryption)
    }
}

fn random(length: usize) -> Result<Vec<u8>, Refusal> {
    let mut octets = vec![0; length];
    openssl::rand::rand_bytes(&mut octets).map_err(|_| Refusal::Decryption)?;
    Ok(octets)
}

fn octets(document: &Document<'_>, value: NodeId) -> Result<Vec<u8>, Refusal> {
    let text = xml::text(document, value).unwrap_or_default();
    let base64: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(base64).map_err(|_| Refusal::Decryption)
}
