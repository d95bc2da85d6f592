//! What the fuzz targets share: an IdP, good messages that it signed, and functions that read and
//! check a message.
//!
//! The messages are files in `seeds/`, so that a finding can be reproduced later. The signing keys
//! were discarded; `cargo run --example seeds` regenerates all files with new keys.

pub mod tree;

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta};
use rolecall::saml::check::{self, Expected};
use rolecall::saml::encryption::Decryption;
use rolecall::saml::metadata::IdpMetadata;
use rolecall::saml::response::{self, Opened, Unverified};
use rolecall::saml::{Login, Refusal, Trust};

/// The ID of the AuthnRequest that the messages respond to.
pub const REQUEST_ID: &str = "_request";
/// The entity ID of the IdP.
pub const IDP: &str = "https://idp.example.com/metadata";
pub const ACS_URL: &str = "https://sp.example.com/saml/acs";
pub const SLO_URL: &str = "https://sp.example.com/saml/slo";
/// The service provider's entity ID.
pub const SP: &str = "https://sp.example.com/saml/metadata";
/// When the messages were made, in seconds since 1970; the targets check them as of this time.
pub const NOW: i64 = 1_790_000_000;

/// The names of the good messages in `seeds/policy`, without `.xml`.
pub const ORIGINALS: &[&str] = &[
    "assertion",
    "response",
    "both",
    "inclusive",
    "inclusive11",
    "last",
];

/// The good messages, in the order of [`ORIGINALS`].
pub static MESSAGES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let read = |name: &&str| seed(&format!("policy/{name}.xml"));
    ORIGINALS.iter().map(read).collect()
});

/// Reads a file below `seeds/`.
fn seed(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("seeds")
        .join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The signing keys in the IdP's metadata.
pub static TRUST: LazyLock<Trust> = LazyLock::new(|| {
    let metadata = IdpMetadata::parse(&seed("metadata/idp.xml"), None).expect("the IdP's metadata");
    Trust::new(&metadata.signing_certificates, false).expect("the IdP's key")
});

/// Everything that rolecall reads from a message.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    /// The fields of the Response, if they are signed.
    pub envelope: Option<String>,
    /// The assertion and its NameID, in their debug form.
    pub assertion: String,
    /// The result of the profile checks.
    pub login: Result<Login, Refusal>,
}

/// Reads everything in `xml` if the IdP's signatures verify.
pub fn read(xml: &str) -> Result<Said, Refusal> {
    let opened = Unverified::parse(xml)?.open(&TRUST, &Decryption::NONE)?;
    let envelope = opened
        .envelope
        .signed
        .then(|| format!("{:?}", opened.envelope));
    let assertion = format!("{:?} {:?}", opened.assertion, opened.name_id);
    Ok(Said {
        envelope,
        assertion,
        login: judge(opened),
    })
}

/// Runs a form field through every check, from base64 to the profile.
pub fn log_in(field: &str) -> Result<Login, Refusal> {
    judge(response::open(field, &TRUST, &Decryption::NONE)?)
}

fn judge(opened: Opened) -> Result<Login, Refusal> {
    let audiences = [SP.to_owned()];
    check::check(
        opened,
        &Expected {
            idp: "corp",
            idp_entity_id: IDP,
            issuer_format: None,
            person_attribute: None,
            acs_url: ACS_URL,
            audiences: &audiences,
            request_id: Some(REQUEST_ID),
            authenticated_since: None,
            authn_contexts: &[],
            now: DateTime::from_timestamp(NOW, 0).expect("a valid time"),
            skew: TimeDelta::seconds(60),
        },
    )
}

/// What rolecall reads from the good messages, in the order of [`ORIGINALS`].
pub static SAID: LazyLock<Vec<Said>> = LazyLock::new(|| {
    let read = |(name, xml): (&&str, &String)| {
        let said = read(xml).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert!(said.login.is_ok(), "{name}: {:?}", said.login);
        said
    };
    ORIGINALS.iter().zip(MESSAGES.iter()).map(read).collect()
});
