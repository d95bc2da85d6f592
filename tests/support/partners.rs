//! The third-party programs that rolecall is tested with. `tests/partners/install.sh` installs
//! them, and the modules here start them. If a program is missing, the tests that need it fail.

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

/// A file or program in the folder that `install.sh` installs into: `$PARTNERS` or, if that is not
/// set, `target/partners` in the checkout. Panics if the file or program is missing.
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

/// A program that `install.sh` installs system-wide. Panics if the program is missing.
pub fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|directory| directory.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("{name} is not installed: run tests/partners/install.sh"))
}

/// A file in this project's `tests/partners/`.
fn project_file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/partners")
        .join(path)
}

/// A person with an account at an IdP.
#[derive(Clone, Debug, Serialize)]
pub struct User {
    /// The user name for signing in, and the value of the attribute `uid`.
    pub name: String,
    pub password: String,
    /// The attributes that the IdP asserts, by Name.
    pub attributes: BTreeMap<String, Vec<String>>,
}

impl User {
    /// A person with a password and the attributes `uid` and `mail`, but without roles.
    pub fn new(name: &str) -> Self {
        let user = Self {
            name: name.to_owned(),
            password: format!("password of {name}"),
            attributes: BTreeMap::new(),
        };
        user.with("uid", [name])
            .with("mail", [format!("{name}@example.com")])
    }

    /// Adds or replaces an attribute.
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

/// The algorithm that an IdP signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// RSA PKCS #1 v1.5 with SHA-1, which service providers should refuse.
    RsaSha1,
    /// RSA PKCS #1 v1.5 with SHA-256.
    RsaSha256,
    /// RSA PKCS #1 v1.5 with SHA-384.
    RsaSha384,
    /// RSA PKCS #1 v1.5 with SHA-512.
    RsaSha512,
}

impl SignatureAlgorithm {
    /// The identifier in `ds:SignatureMethod` (XML Signature, 6.4.2; RFC 6931, 2.3.2 to 2.3.4).
    pub fn uri(self) -> &'static str {
        match self {
            Self::RsaSha1 => "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            Self::RsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            Self::RsaSha384 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
            Self::RsaSha512 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        }
    }
}

/// The kind of NameID that an IdP issues (saml-core 8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameIdFormat {
    /// The same value at every login.
    Persistent,
    /// A different value at every login.
    Transient,
    /// An e-mail address.
    Email,
    Unspecified,
}

impl NameIdFormat {
    /// The URI in the attribute `Format`.
    pub fn uri(self) -> &'static str {
        match self {
            Self::Persistent => "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            Self::Transient => "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
            Self::Email => "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            Self::Unspecified => "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
        }
    }
}

/// A service provider's registration with an IdP, including the options for the IdP's responses.
#[derive(Clone, Debug)]
pub struct SpRegistration {
    /// The service provider's entity ID, which becomes the Audience.
    pub entity_id: String,
    /// The ACS URL, which becomes Recipient and Destination.
    pub acs_url: String,
    /// Whether the assertion is signed.
    pub sign_assertion: bool,
    /// Whether the Response is signed.
    pub sign_response: bool,
    /// The algorithm for both signatures.
    pub signature_algorithm: SignatureAlgorithm,
    /// The kind of NameID to issue if the request specifies none.
    pub name_id_format: NameIdFormat,
    /// The IdP sends the first value of this attribute as the NameID. `None` means that the IdP
    /// chooses the NameID.
    pub name_id_attribute: Option<String>,
    /// Audiences in addition to the entity ID.
    pub more_audiences: Vec<String>,
    /// How long the assertion is valid, in seconds.
    pub lifetime_seconds: u32,
    /// If set, requests must be signed with the key of this certificate (PEM).
    pub request_certificate: Option<String>,
    /// The URL of the service provider's single logout service, and the binding for it, such as
    /// `HTTP-Redirect`.
    pub single_logout: Option<(String, &'static str)>,
    /// If set, assertions are encrypted for the key of this certificate (PEM).
    pub encryption_certificate: Option<String>,
    /// The service provider's own metadata, for IdPs that read metadata. The fields above take
    /// precedence.
    pub metadata_xml: Option<String>,
}

impl SpRegistration {
    /// The usual settings: the `uid` as a persistent NameID, both signatures with RSA-SHA256, and a
    /// lifetime of five minutes.
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

/// A file name for arbitrary text.
fn file_name_for(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(openssl::sha::sha256(text.as_bytes()))
}
