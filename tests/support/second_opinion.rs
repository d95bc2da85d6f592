//! The second opinion: samael's own verifier, which uses libxml2 and xmlsec1.
//!
//! samael must verify every unencrypted message that rolecall accepts. If samael's types can read
//! the message, samael and rolecall must read the same content.

use rolecall::demo::idp::encode;
use rolecall::saml::encryption::Decryption;
use rolecall::saml::response::{self, Opened};
use rolecall::saml::xml::{self, ns};
use rolecall::saml::{Refusal, Trust};
use samael::crypto::{CertificateDer, Crypto, CryptoProvider as _, ReduceMode};
use samael::schema::{Assertion, Response};

/// Opens `xml` with rolecall, which trusts these certificates and allows SHA-1. If rolecall accepts
/// the message, samael must agree.
#[track_caller]
pub fn open(xml: &str, certificates: &[Vec<u8>]) -> Result<Opened, Refusal> {
    let trust = Trust::new(certificates, true).expect("an acceptable key");
    let opened = response::open(&encode(xml), &trust, &Decryption::NONE)?;
    agree(&opened.assertion, &assertion(xml, certificates));
    Ok(opened)
}

/// Asserts that samael verifies `xml` with one of these certificates, and reads the same assertion
/// as rolecall (see [`difference`]).
#[track_caller]
pub fn assert_agrees(xml: &str, certificates: &[Vec<u8>]) {
    open(xml, certificates).expect("rolecall accepts the message");
}

/// Asserts only that samael verifies `xml`, for messages that its types cannot read.
#[track_caller]
pub fn assert_verifies(xml: &str, certificates: &[Vec<u8>]) {
    reduced(xml, certificates);
}

/// The assertion that samael reads from `xml`, if `xml` verifies with one of these certificates.
pub fn verify(xml: &str, certificates: &[Vec<u8>]) -> Result<Assertion, String> {
    let certificates: Vec<_> = certificates
        .iter()
        .cloned()
        .map(CertificateDer::from)
        .collect();
    let signed = Crypto::reduce_xml_to_signed(xml, &certificates, ReduceMode::default())
        .map_err(|error| error.to_string())?;
    // Only the signed element is left: a Response or an Assertion. Its name must be checked,
    // because samael's types would read each of them as the other.
    let document = xml::parse(&signed).map_err(|refusal| refusal.to_string())?;
    let root = document.document_element();
    if root.is_some_and(|root| xml::is(&document, root, ns::PROTOCOL, "Response")) {
        let response: Response = signed.parse().map_err(unreadable)?;
        response
            .assertion
            .ok_or_else(|| "samael finds no assertion".to_owned())
    } else {
        signed.parse().map_err(unreadable)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes by value")]
fn unreadable(error: impl ToString) -> String {
    format!(
        "samael cannot read the signed element: {}",
        error.to_string()
    )
}

/// The part that samael reads differently from rolecall, if any. Intentional omissions do not
/// count: rolecall uses neither the address that a person signed in from nor the declared types of
/// values.
pub fn difference(ours: &Assertion, theirs: &Assertion) -> Option<&'static str> {
    let mut authn_statements = theirs.authn_statements.clone();
    for statement in authn_statements.iter_mut().flatten() {
        statement.subject_locality = None;
    }
    let mut attribute_statements = theirs.attribute_statements.clone();
    for statement in attribute_statements.iter_mut().flatten() {
        let attributes = statement.attributes.iter_mut();
        for value in attributes.flat_map(|attribute| &mut attribute.values) {
            value.attribute_type = None;
        }
    }
    let same = [
        (ours.id == theirs.id, "the ID"),
        (ours.issuer == theirs.issuer, "the issuer"),
        (ours.subject == theirs.subject, "the subject"),
        (ours.conditions == theirs.conditions, "the conditions"),
        (
            ours.authn_statements == authn_statements,
            "how the person signed in",
        ),
        (
            ours.attribute_statements == attribute_statements,
            "the attributes",
        ),
    ];
    same.into_iter()
        .find(|(is_same, _)| !is_same)
        .map(|(_, what)| what)
}

#[track_caller]
fn agree(ours: &Assertion, theirs: &Assertion) {
    assert_eq!(difference(ours, theirs), None, "{ours:?}\n{theirs:?}");
}

#[track_caller]
fn assertion(xml: &str, certificates: &[Vec<u8>]) -> Assertion {
    verify(xml, certificates).expect("samael verifies and reads what rolecall accepts")
}

/// The signed part of `xml`.
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
