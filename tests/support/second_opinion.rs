//! The second opinion: samael's own verifier, which is libxml2 and xmlsec1.
//!
//! Whatever rolecall accepts, samael must accept as well, and both must read the same.

use rolecall::demo::idp::encode;
use rolecall::saml::{Trust, response};
use samael::crypto::{CertificateDer, Crypto, CryptoProvider as _, ReduceMode};
use samael::schema::{Assertion, Response};

/// Asserts that samael verifies `xml` with one of these certificates, and reads the same subject,
/// conditions, authentication and attributes from it as rolecall does.
#[track_caller]
pub fn assert_agrees(xml: &str, certificates: &[Vec<u8>]) {
    let trust = Trust::new(certificates, false).expect("the key is good enough");
    let ours = response::open(&encode(xml), &trust)
        .expect("rolecall accepted it")
        .assertion;
    let theirs = assertion(xml, certificates);
    assert_eq!(ours.id, theirs.id, "samael reads another assertion");
    assert_eq!(ours.issuer, theirs.issuer, "samael reads another issuer");
    assert_eq!(ours.subject, theirs.subject, "samael reads another subject");
    assert_eq!(
        ours.conditions, theirs.conditions,
        "samael reads other conditions"
    );
    let (ours, theirs) = (
        (ours.authn_statements, ours.attribute_statements),
        (theirs.authn_statements, theirs.attribute_statements),
    );
    assert_eq!(ours, theirs, "samael reads other statements");
}

fn assertion(xml: &str, certificates: &[Vec<u8>]) -> Assertion {
    let certificates: Vec<_> = certificates
        .iter()
        .cloned()
        .map(CertificateDer::from)
        .collect();
    let signed = Crypto::reduce_xml_to_signed(xml, &certificates, ReduceMode::default())
        .expect("samael verifies what rolecall accepts");
    // What is left is the signed element; samael's types tell a Response from an Assertion only
    // by what they hold.
    let response = signed
        .parse::<Response>()
        .ok()
        .and_then(|response| response.assertion);
    response.unwrap_or_else(|| signed.parse().expect("samael reads the signed assertion"))
}
