//! The second opinion: samael's own verifier, which is libxml2 and xmlsec1.
//!
//! Whatever rolecall accepts, samael must accept as well, and both must read the same.

use rolecall::demo::idp::encode;
use rolecall::saml::encryption::Decryption;
use rolecall::saml::response::{self, Opened};
use rolecall::saml::{Refusal, Trust};
use samael::crypto::{CertificateDer, Crypto, CryptoProvider as _, ReduceMode};
use samael::schema::{Assertion, Response};

/// What rolecall makes of `xml`, with these certificates and SHA-1 allowed. Where it accepts,
/// samael must agree.
#[track_caller]
pub fn open(xml: &str, certificates: &[Vec<u8>]) -> Result<Opened, Refusal> {
    let trust = Trust::new(certificates, true).expect("the key is good enough");
    let opened = response::open(&encode(xml), &trust, &Decryption::NONE)?;
    agree(&opened.assertion, &assertion(xml, certificates));
    Ok(opened)
}

/// Asserts that samael verifies `xml` with one of these certificates, and reads the same subject,
/// conditions, authentication and attributes from it as rolecall does.
#[track_caller]
pub fn assert_agrees(xml: &str, certificates: &[Vec<u8>]) {
    open(xml, certificates).expect("rolecall accepted it");
}

/// Asserts no more than that samael verifies `xml`: for messages that its types cannot read.
#[track_caller]
pub fn assert_verifies(xml: &str, certificates: &[Vec<u8>]) {
    reduced(xml, certificates);
}

#[track_caller]
fn agree(ours: &Assertion, theirs: &Assertion) {
    assert_eq!(ours.id, theirs.id, "samael reads another assertion");
    assert_eq!(ours.issuer, theirs.issuer, "samael reads another issuer");
    assert_eq!(ours.subject, theirs.subject, "samael reads another subject");
    assert_eq!(
        ours.conditions, theirs.conditions,
        "samael reads other conditions"
    );
    assert_eq!(
        (&ours.authn_statements, &ours.attribute_statements),
        (&theirs.authn_statements, &theirs.attribute_statements),
        "samael reads other statements"
    );
}

#[track_caller]
fn assertion(xml: &str, certificates: &[Vec<u8>]) -> Assertion {
    let signed = reduced(xml, certificates);
    // What is left is the signed element; samael's types tell a Response from an Assertion only
    // by what they hold.
    let response = signed
        .parse::<Response>()
        .ok()
        .and_then(|response| response.assertion);
    response.unwrap_or_else(|| signed.parse().expect("samael reads the signed assertion"))
}

/// `xml` without everything that is not signed.
#[track_caller]
fn reduced(xml: &str, certificates: &[Vec<u8>]) -> String {
    let certificates: Vec<_> = certificates
        .iter()
        .cloned()
        .map(CertificateDer::from)
        .collect();
    Crypto::reduce_xml_to_signed(xml, &certificates, ReduceMode::default())
        .expect("samael verifies what rolecall accepts")
}
