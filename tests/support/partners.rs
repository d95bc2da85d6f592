//! The real programs that rolecall is tested with. `tests/partners/install.sh` installs them;
//! here each is started, and each is missed loudly.

pub mod aws_cli;
pub mod chromium;
pub mod moto;
pub mod nanoidp;
pub mod samlp;
pub mod simplesamlphp;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

/// A file or program under the folder that `install.sh` fills: `$PARTNERS`, or
/// `target/partners` of the checkout. Panics when it is not there.
pub fn installed(path: &str) -> PathBuf {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/partners");
    let file = std::env::var_os("PARTNERS")
        .map_or_else(default, PathBuf::from)
        .join(path);
    assert!(
        file.exists(),
        "{} is missing: run tests/partners/install.sh",
        file.display()
    );
    file
}

/// A program that `install.sh` installs for the whole system. Panics when it is not there.
pub fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|directory| directory.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("{name} is not installed: run tests/partners/install.sh"))
}

/// Something of this project's `tests/partners/`.
fn project_file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/partners")
        .join(path)
}

/// A person at an IdP.
#[derive(Clone, Debug, Serialize)]
pub struct User {
    /// What they sign in as; it becomes the attribute `uid` too.
    pub name: String,
    /// What they sign in with.
    pub password: String,
    /// What the IdP says of them, by attribute Name.
    pub attributes: BTreeMap<String, Vec<String>>,
}

impl User {
    /// A person with a password, a `uid` and a `mail`, and no role.
    pub fn new(name: &str) -> Self {
        let user = Self {
            name: name.to_owned(),
            password: format!("password of {name}"),
            attributes: BTreeMap::new(),
        };
        user.with("uid", [name])
            .with("mail", [format!("{name}@example.com")])
    }

    /// The person with one more attribute.
    pub fn with<V: Into<String>>(
        mut self,
        attribute: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        self.attributes.insert(attribute.to_owned(), values);
        self
    }
}

/// With which algorithm an IdP signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// RSA PKCS #1 v1.5 with SHA-1: what nobody should accept.
    RsaSha1,
    /// RSA PKCS #1 v1.5 with SHA-256
    RsaSha256,
    /// RSA PKCS #1 v1.5 with SHA-384
    RsaSha384,
    /// RSA PKCS #1 v1.5 with SHA-512
    RsaSha512,
}

impl SignatureAlgorithm {
    /// The identifier in `ds:SignatureMethod` (RFC 6931, 2.3.2).
    pub fn uri(self) -> &'static str {
        match self {
            Self::RsaSha1 => "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            Self::RsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            Self::RsaSha384 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
            Self::RsaSha512 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        }
    }
}

/// What kind of NameID an IdP gives (saml-core 8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameIdFormat {
    /// The same opaque value at every login
    Persistent,
    /// Another value at every login
    Transient,
    /// An e-mail address
    Email,
    /// Nothing is said
    Unspecified,
}

impl NameIdFormat {
    /// The identifier in `Format`.
    pub fn uri(self) -> &'static str {
        match self {
            Self::Persistent => "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            Self::Transient => "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
            Self::Email => "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            Self::Unspecified => "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
        }
    }
}

/// What an IdP is told of a service provider, and how it shall answer to it.
#[derive(Clone, Debug)]
pub struct SpRegistration {
    /// The service provider's entity ID, which becomes the Audience.
    pub entity_id: String,
    /// Where answers are posted to, which becomes Recipient and Destination.
    pub acs_url: String,
    /// Whether the assertion is signed.
    pub sign_assertion: bool,
    /// Whether the response around it is signed.
    pub sign_response: bool,
    /// With what it is signed.
    pub signature_algorithm: SignatureAlgorithm,
    /// What kind of NameID is given when the request asks for none.
    pub name_id_format: NameIdFormat,
    /// The attribute whose first value is the NameID; an opaque value of the IdP's own when `None`.
    pub name_id_attribute: Option<String>,
    /// Audiences beside the entity ID.
    pub more_audiences: Vec<String>,
    /// How long the assertion is valid, in seconds.
    pub lifetime_seconds: u32,
    /// Requests must be signed, with the key of this certificate (PEM).
    pub request_certificate: Option<String>,
    /// The service provider's single logout service and its binding, such as `HTTP-Redirect`.
    pub single_logout: Option<(String, &'static str)>,
    /// Assertions are encrypted, for the key of this certificate (PEM).
    pub encryption_certificate: Option<String>,
    /// The service provider's own metadata, where the IdP reads it; the fields above come first.
    pub metadata_xml: Option<String>,
}

impl SpRegistration {
    /// What AWS recommends: a persistent NameID, everything signed with RSA-SHA256, five minutes.
    pub fn new(entity_id: &str, acs_url: &str) -> Self {
        Self {
            entity_id: entity_id.to_owned(),
            acs_url: acs_url.to_owned(),
            sign_assertion: true,
            sign_response: true,
            signature_algorithm: SignatureAlgorithm::RsaSha256,
            name_id_format: NameIdFormat::Persistent,
            name_id_attribute: Some("uid".to_owned()),
            more_audiences: Vec::new(),
            lifetime_seconds: 300,
            request_certificate: None,
            single_logout: None,
            encryption_certificate: None,
            metadata_xml: None,
        }
    }
}

/// A file name for a text that may hold anything.
fn file_name_for(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(openssl::sha::sha256(text.as_bytes()))
}
