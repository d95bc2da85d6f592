//! Names that XML 1.0 allows but Namespaces in XML 1.0 does not (4, 7), and IDs that XML Schema
//! does not allow. Parsers disagree about the namespace and the local name of such a name.

use rolecall::demo::idp::{Signed, SigningOptions, sign, xml_unsigned};

use super::bench::*;

/// [`good`] with this content in an extension of the Response, which is not signed. Only the
/// Assertion is, so nothing but the content can be wrong.
fn extended(content: &str) -> String {
    let extensions = format!("<samlp:Extensions>{content}</samlp:Extensions><samlp:Status>");
    let xml = signed(Signed::Assertion);
    let changed = xml.replacen("<samlp:Status>", &extensions, 1);
    assert_ne!(xml, changed, "the change must change something");
    changed
}

/// An element and an attribute with this name.
fn named(name: &str) -> [String; 2] {
    let declared = "xmlns:a=\"urn:a\" xmlns:b=\"urn:b\"";
    [
        format!("<{name} {declared}/>"),
        format!("<x xmlns=\"urn:x\" {declared} {name}=\"\"/>"),
    ]
}

#[test]
pub fn names_with_several_colons_or_none_around() {
    for name in [
        "a:b:c",
        "a:",
        ":a",
        ":",
        "::",
        "a::b",
        ":a:b",
        "a:b:",
        "a:1b",
        "a:-b",
        "a:.b",
        "a:\u{b7}b",
        "a:\u{300}b",
        "a:\u{2040}b",
    ] {
        for content in named(name) {
            assert_refused(&extended(&content), "not_well_formed");
        }
    }
    for name in ["a:b", "a", "_", "a:_", "a:b.-1", "\u{e4}", "b:\u{e4}\u{b7}"] {
        for content in named(name) {
            judge(&extended(&content)).unwrap_or_else(|refusal| panic!("{content}: {refusal}"));
        }
    }
}

/// Names of elements and attributes that are read.
#[test]
pub fn names_that_a_careless_reader_would_take() {
    for (from, to) in [
        ("<saml:Subject>", "<saml:x:Subject/><saml:Subject>"),
        ("<saml:Subject>", "<:Subject/><saml:Subject>"),
        ("<saml:Subject>", "<saml:Subject :a=\"\">"),
        ("<saml:Subject>", "<saml:Subject xml:a:b=\"\">"),
        ("<samlp:Response ", "<samlp:Response saml:ID:x=\"\" "),
        ("<saml:Conditions ", "<saml:Conditions NotOnOrAfter:=\"\" "),
    ] {
        let xml = signed(Signed::Both).replacen(from, to, 1);
        assert_refused(&xml, "not_well_formed");
    }
}

/// The prefix `xmlns` is reserved, and a prefix cannot be undeclared (Namespaces in XML 1.0, 3, 5).
#[test]
pub fn reserved_and_undeclared_prefixes() {
    for content in ["<xmlns:a/>", "<x xmlns=\"urn:x\" xmlns:p=\"\"/>"] {
        assert_refused(&extended(content), "not_well_formed");
    }
    judge(&extended("<x xmlns=\"\"/>")).unwrap();
}

/// [`good`], with this ID, signed after the change.
fn identified(id: &str) -> String {
    let spec = good();
    let xml = xml_unsigned(&spec).unwrap();
    let xml = xml.replacen(&format!("ID=\"{}\"", spec.id), &format!("ID=\"{id}\""), 1);
    sign(&xml, id, idp().key(), &SigningOptions::default()).unwrap()
}

#[test]
pub fn an_id_with_a_colon() {
    for id in ["a:b", ":a", "a:", "_:", ":"] {
        assert_refused(&identified(id), "invalid_id");
    }
    for content in [
        "<x xmlns=\"urn:x\" ID=\"a:b\"/>",
        "<x xmlns=\"urn:x\" id=\"a:b\"/>",
        "<samlp:x ID=\":\"/>",
        "<ds:x xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Id=\"a:b\"/>",
    ] {
        assert_refused(&extended(content), "invalid_id");
    }
    let xml = signed(Signed::Both).replacen("<ds:Signature ", "<ds:Signature Id=\"a:b\" ", 1);
    assert_refused(&xml, "invalid_id");
}

/// CAS and mocksaml send IDs that begin with a digit (apereo/cas#1827, ory/mocksaml#76), although
/// XML Schema does not allow them. libxml2 does not find such IDs, so there is no second opinion.
#[test]
pub fn an_id_that_begins_with_a_digit() {
    for id in ["1a", "7", "-a", ".a"] {
        let judged = judge_encrypted(&identified(id), &decryption());
        judged.unwrap_or_else(|refusal| panic!("{id}: {refusal}"));
    }
}
