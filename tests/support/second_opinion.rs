//! The second opinion: samael's own verifier, which is libxml2 and xmlsec1.
//!
//! Whatever rolecall accepts, samael must accept as well, and both must read the same.

use samael::crypto::{CertificateDer, Crypto, CryptoProvider as _, ReduceMode};
use samael::schema::{Assertion, Response};

use rolecall::saml::{Attribute, Login};

/// Asserts that samael verifies `xml` with this certificate and reads the same subject and
/// attributes from it as `login` has.
pub fn assert_agrees(xml: &str, certificate: &[u8], login: &Login) {
    let assertion = assertion(xml, certificate);
    let subject = assertion.subject.as_ref().expect("samael finds the subject");
    let name_id = subject.name_id.as_ref().expect("samael finds the NameID");
    assert_eq!(name_id.value, login.person.name_id, "samael reads another subject");
    assert_eq!(assertion.id, login.assertion_id, "samael reads another assertion");
    assert_eq!(attributes(&assertion), login.attributes, "samael reads other attributes");
}

fn assertion(xml: &str, certificate: &[u8]) -> Assertion {
    let certificates = [CertificateDer::from(certificate.to_vec())];
    let signed = Crypto::reduce_xml_to_signed(xml, &certificates, ReduceMode::default())
        .expect("samael verifies what rolecall accepts");
    // What is left is the signed element; samael's types tell a Response from an Assertion only
    // by what they hold.
    let response = signed.parse::<Response>().ok().and_then(|response| response.assertion);
    response.unwrap_or_else(|| signed.parse().expect("samael reads the signed assertion"))
}

fn attributes(assertion: &Assertion) -> Vec<Attribute> {
    let statements = assertion.attribute_statements.iter().flatten();
    let attributes = statements.flat_map(|statement| &statement.attributes);
    attributes
        .filter_map(|attribute| {
            let values = attribute.values.iter().filter_map(|value| value.value.clone());
            Some(Attribute { name: attribute.name.clone()?, values: values.collect() })
        })
        .collect()
}
