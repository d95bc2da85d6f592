//! Makes SAML messages of any size, in the form that real identity providers send, and verifies
//! them.

#![allow(dead_code, reason = "each benchmark uses only part of it")]

use chrono::{DateTime, TimeDelta, Utc};
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use rolecall::demo::idp::encryption::{EncryptionOptions, encrypt};
use rolecall::demo::idp::key::self_signed;
use rolecall::demo::idp::{
    Curve, EmbeddedIdp, RelyingParty, Signed, SigningKey, SigningOptions, encode, sign,
    xml_unsigned,
};
use rolecall::demo::people::{Person, attribute};
use rolecall::saml::check::{self, Expected};
use rolecall::saml::encryption::{Cipher, Decryption, DecryptionKey};
use rolecall::saml::response::{self, Opened};
use rolecall::saml::{Login, Refusal, Trust};
use url::Url;

const REQUEST: &str = "_5e1f0c7a9b3d4c2e8f6a7b9c0d1e2f3a";
const ECDSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
/// The start of an attribute value. Several identity providers repeat these namespace declarations
/// in every value.
const DECLARED: &str = "<saml:AttributeValue xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" \
                        xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

/// The type of the key that an identity provider signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA with a modulus of this many bits.
    Rsa(u32),
    /// ECDSA on P-256.
    P256,
}

/// An identity provider, and the keys and expectations that its messages are checked against.
pub struct Bench {
    /// The IdP that makes and signs the messages.
    pub idp: EmbeddedIdp,
    /// The IdP's keys, for verifying its messages.
    pub trust: Trust,
    algorithm: Algorithm,
    sp: RelyingParty,
    audiences: Vec<String>,
    now: DateTime<Utc>,
    key: DecryptionKey,
    certificate: Vec<u8>,
}

impl Bench {
    /// Makes an identity provider with a new signing key of this type, and a new decryption key.
    pub fn new(algorithm: Algorithm) -> Self {
        let now = DateTime::from_timestamp(1_790_000_000, 0).expect("a valid time");
        let sso = Url::parse("https://idp.example.com/sso").expect("a URL");
        let key = match algorithm {
            Algorithm::Rsa(bits) => SigningKey::rsa(bits, now),
            Algorithm::P256 => SigningKey::ec(Curve::P256, now),
        };
        let key = key.expect("a key");
        let idp = EmbeddedIdp::with_key("https://idp.example.com/metadata", sso, key);
        let trust = idp.trust().expect("a good key");
        let sp = RelyingParty {
            entity_id: "https://aws.example.com/saml/metadata".to_owned(),
            acs_url: "https://aws.example.com/saml/acs".to_owned(),
        };
        let key = Rsa::generate(2048).and_then(PKey::from_rsa).expect("a key");
        Self {
            algorithm,
            idp,
            trust,
            audiences: vec![sp.entity_id.clone()],
            sp,
            now,
            certificate: self_signed(&key, now).expect("a certificate"),
            key: DecryptionKey::new(&key).expect("a good key"),
        }
    }

    /// A message about a person with this many roles. With one signature and one role, a message is
    /// about 4.5 kB long. Each additional role adds 300 bytes.
    pub fn xml(&self, roles: usize, signed: Signed) -> String {
        let values = (0..roles).map(|number| {
            let account = 100_000_000_000 + number / 5;
            format!(
                "arn:aws:iam::{account}:role/engineering/platform-team-{number:04}/administrator,\
                 arn:aws:iam::{account}:saml-provider/company-identity-provider"
            )
        });
        let person = Person::new("alice", "Alice").with_attribute(attribute::ROLE, values);
        let spec = self
            .idp
            .response(&person, &self.sp, Some(REQUEST), self.now);
        let xml = xml_unsigned(&spec).expect("the IdP writes XML");
        let mut xml = xml.replace("<saml:AttributeValue", DECLARED);
        let assertion = spec.assertion.expect("a successful response").id;
        for (id, is_signed) in [
            (&assertion, signed.assertion()),
            (&spec.id, signed.response()),
        ] {
            if is_signed {
                xml = self.signed(&xml, id);
            }
        }
        xml
    }

    fn signed(&self, xml: &str, id: &str) -> String {
        let options = match self.algorithm {
            Algorithm::Rsa(_) => SigningOptions::default(),
            Algorithm::P256 => SigningOptions::with_methods(ECDSA_SHA256, SHA256),
        };
        sign(xml, id, self.idp.key(), &options).expect("the IdP signs")
    }

    /// Like [`xml`](Self::xml), but encoded as the value of the form field `SAMLResponse`.
    pub fn field(&self, roles: usize, signed: Signed) -> String {
        encode(&self.xml(roles, signed))
    }

    /// The form field of a signed Response that contains a signed and encrypted assertion.
    pub fn encrypted(&self, roles: usize, cipher: Cipher) -> String {
        self.encrypted_with(roles, cipher, |_| {})
    }

    /// Like [`encrypted`](Self::encrypted), but changes the ciphertext before the Response is
    /// signed.
    pub fn encrypted_with(
        &self,
        roles: usize,
        cipher: Cipher,
        change: impl FnOnce(&mut Vec<u8>),
    ) -> String {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        let xml = self.xml(roles, Signed::Assertion);
        let options = EncryptionOptions::with_cipher(cipher);
        let xml = encrypt(&xml, &self.certificate, &options).expect("an encrypted assertion");
        let start = xml.rfind("CipherValue>").map(|end| xml[..end].rfind('>'));
        let start = start.flatten().expect("a ciphertext") + 1;
        let end = start + xml[start..].find('<').expect("the end of the ciphertext");
        let mut octets = STANDARD.decode(xml[start..end].trim()).expect("base64");
        change(&mut octets);
        let changed = STANDARD.encode(octets);
        let xml = format!("{}{changed}{}", &xml[..start], &xml[end..]);
        let id = xml
            .split("ID=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let id = id.expect("the response has an ID").to_owned();
        encode(&self.signed(&xml, &id))
    }

    /// The key that decrypts the messages from [`encrypted`](Self::encrypted).
    pub fn decryption(&self) -> Decryption<'_> {
        Decryption {
            keys: std::slice::from_ref(&self.key),
            allow_cbc: true,
        }
    }

    /// The expectations that a message is checked against.
    pub fn expected(&self) -> Expected<'_> {
        Expected {
            idp: "corp",
            idp_entity_id: self.idp.entity_id(),
            issuer_format: None,
            person_attribute: None,
            acs_url: &self.sp.acs_url,
            audiences: &self.audiences,
            request_id: Some(REQUEST),
            authenticated_since: None,
            authn_contexts: &[],
            now: self.now,
            skew: TimeDelta::seconds(60),
        }
    }

    /// Decodes, decrypts and verifies a form field.
    pub fn open(&self, field: &str) -> Result<Opened, Refusal> {
        response::open(field, &self.trust, &self.decryption())
    }

    /// [Opens](Self::open) and checks a form field; panics if the message is refused.
    pub fn login(&self, field: &str) -> Login {
        let opened = self.open(field).expect("the message is good");
        check::check(opened, &self.expected()).expect("the message passes the checks")
    }
}
