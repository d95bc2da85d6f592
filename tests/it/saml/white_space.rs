//! White space in attribute values, as XML 1.0 (2.11 and 3.3.3) defines it, and line ends in text.
//!
//! A raw tab or line break in an attribute value means a blank, and a character reference such as
//! `&#10;` means the character itself. A parser that confuses them computes a different digest from
//! the signer's, or accepts a change that the signer never signed. Each accepted message must also
//! convince the second opinion.

use rolecall::demo::idp::Signed;
use rolecall::demo::idp::signing::algorithm;
use rolecall::demo::idp::{SigningOptions, encode, sign, xml_unsigned};
use rolecall::saml::response;

use super::bench::*;

const SCHEMAS: &str = "urn:oasis:names:tc:SAML:2.0:protocol saml-schema-protocol-2.0.xsd";

/// [`good`] with an `xsi:schemaLocation` on the Response and one on the Assertion.
fn located(value: &str) -> String {
    let declared = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
    let location = format!("xsi:schemaLocation=\"{value}\"");
    rewritten(|xml| {
        let response = format!("<samlp:Response {declared} {location} ");
        xml.replacen("<samlp:Response ", &response, 1).replacen(
            "<saml:Assertion ",
            &format!("<saml:Assertion {location} "),
            1,
        )
    })
}

/// The number of places in which [`located`] puts the value.
#[track_caller]
fn replaced(xml: &str, from: &str, to: &str) -> String {
    assert_eq!(xml.matches(from).count(), 2, "{from:?} in {xml}");
    xml.replace(from, to)
}

/// Sends `blanks` as `raw`, after signing.
#[track_caller]
fn accepted(blanks: &str, raw: &str) {
    let signed = SCHEMAS.replace(' ', blanks);
    let broken = replaced(&located(&signed), &signed, &SCHEMAS.replace(' ', raw));
    judge(&broken).unwrap_or_else(|refusal| panic!("{raw:?}: {refusal}"));
}

#[test]
pub fn a_signed_blank_may_be_sent_as_a_line_break() {
    for raw in ["\n", "\r\n", "\r", "\t"] {
        accepted(" ", raw);
    }
    // A line break with indentation stands for as many blanks as it has characters, but CR LF is
    // one character.
    for raw in [
        "\n   ",
        "\n\t\t\t",
        "\r\n\r\n\r\n\r\n",
        "\r\r\r\r",
        "\r\n\n\r\r\n",
    ] {
        accepted("    ", raw);
    }
}

/// Every canonicalization, and every part that can be signed.
#[test]
pub fn line_breaks_survive_every_signature() {
    let location = format!(
        "<samlp:Response xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:schemaLocation=\"{SCHEMAS}\" "
    );
    for method in [
        algorithm::EXCLUSIVE_C14N,
        algorithm::INCLUSIVE_C14N,
        algorithm::INCLUSIVE_C14N_11,
    ] {
        let spec = good();
        let xml = xml_unsigned(&spec).unwrap();
        let xml = xml.replacen("<samlp:Response ", &location, 1);
        let options = SigningOptions::with_canonicalization(method);
        let xml = sign(&xml, &spec.id, idp().key(), &options).unwrap();
        let broken = xml.replace(SCHEMAS, &SCHEMAS.replace(' ', "\n"));
        assert_ne!(xml, broken);
        judge(&broken).unwrap_or_else(|refusal| panic!("{method}: {refusal}"));
    }
}

#[test]
pub fn a_raw_line_break_does_not_replace_a_signed_reference() {
    for (reference, written, raw) in [
        ("&#10;", "&#xA;", "\n"),
        ("&#xA;", "&#xA;", "\r\n"),
        ("&#10;", "&#xA;", "\r"),
        ("&#9;", "&#x9;", "\t"),
        ("&#13;", "&#xD;", "\r"),
        ("&#13;&#10;", "&#xD;&#xA;", "\r\n"),
        ("&#10;", "&#xA;", " "),
        (" ", " ", "&#10;"),
        (" ", " ", "&#9;"),
        (" ", " ", "\r\n\n"),
    ] {
        let xml = located(&SCHEMAS.replace(' ', reference));
        let sent = SCHEMAS.replace(' ', written);
        judge(&xml).unwrap_or_else(|refusal| panic!("{reference}: {refusal}"));
        assert_refused(
            &replaced(&xml, &sent, &SCHEMAS.replace(' ', raw)),
            "signature",
        );
    }
}

/// A value that is read has the blank, not the line break.
#[test]
pub fn a_read_value_has_blanks() {
    let xml = rewritten(|xml| {
        xml.replace(
            &format!("Name=\"{ROLE}\""),
            &format!("Name=\"{ROLE}\" FriendlyName=\"a b&#10;c\""),
        )
        .replacen("SessionIndex=\"", "SessionIndex=\"one two ", 1)
    });
    let broken = xml
        .replacen("SessionIndex=\"one two ", "SessionIndex=\"one\r\ntwo\t", 1)
        .replacen("FriendlyName=\"a b", "FriendlyName='a\nb", 1)
        .replacen("c\" NameFormat", "c' NameFormat", 1);
    assert_ne!(xml, broken);
    let index = judge(&broken).unwrap().session_index.unwrap();
    assert!(index.starts_with("one two "), "{index:?}");
}

/// Only attribute values change: neither text nor the white space between attributes, and no value
/// ends at a `>` or at the other kind of quote.
#[test]
pub fn only_attribute_values_are_normalized() {
    let value = "<saml:AttributeValue>x=\"one\ntwo\" 'three\tfour'</saml:AttributeValue>";
    let xml = rewritten(|xml| {
        xml.replacen(
            "<saml:AttributeValue",
            &format!("{value}<saml:AttributeValue"),
            1,
        )
        .replacen(
            "<saml:Subject>",
            "<saml:Subject xmlns:e=\"urn:e\" e:a=\"b > c ' d e\" e:f='g \" h > i' e:z=\"\">",
            1,
        )
    });
    // `>` needs no escape in a value, and the other kind of quote needs none either.
    let mut broken = xml;
    for (from, to) in [
        ("\"b &gt; c ' d e\"", "\"b\n>\tc ' d\re\""),
        ("\"g &quot; h &gt; i\"", "'g \"\nh\n>\r\ni'"),
        ("<saml:Subject xmlns:e", "<saml:Subject\r\n\txmlns:e"),
        ("e:z=\"\"", "e:z =\n\"\""),
    ] {
        assert_eq!(broken.matches(from).count(), 1, "{from} in {broken}");
        broken = broken.replacen(from, to, 1);
    }
    let login = judge(&broken).unwrap();
    let values = &login.attributes[0].values;
    assert_eq!(values[0], "x=\"one\ntwo\" 'three\tfour'");
}

/// A namespace name with a blank is nothing that an IdP sends, and libxml2 refuses it, so there is
/// no second opinion. It is normalized like any other value.
#[test]
pub fn namespace_declarations_are_normalized() {
    let with = |name: &str| {
        let subject = format!("<saml:Subject xmlns:e=\"{name}\" e:a=\"\">");
        rewritten(|xml| xml.replacen("<saml:Subject>", &subject, 1))
    };
    let judge = |xml: &str| judge_encrypted(xml, &decryption());
    let blank = with("urn:e f");
    judge(&blank).unwrap();
    let sent = blank.replacen("urn:e f", "urn:e\nf", 1);
    assert_ne!(blank, sent);
    judge(&sent).unwrap();
    let reference = with("urn:e&#10;f");
    judge(&reference).unwrap();
    let sent = reference.replacen("urn:e&#xA;f", "urn:e\nf", 1);
    assert_ne!(reference, sent);
    assert_eq!(judge(&sent).unwrap_err().name(), "signature");
}

/// A line break in text is a line feed, however it is sent (XML 1.0 2.11).
#[test]
pub fn line_ends_in_text() {
    let named = || rewritten(|xml| xml.replacen("alice@example.com", "alice\nb", 1));
    for raw in ["\r\n", "\r", "\n"] {
        let broken = named().replacen("alice\nb", &format!("alice{raw}b"), 1);
        assert_eq!(
            judge(&broken).unwrap().person.name_id,
            "alice\nb",
            "{raw:?}"
        );
    }
    let xml = named();
    for changed in ["\r\r", "\n\r\n", " ", "&#13;&#10;", "&#13;"] {
        let changed = xml.replacen("alice\nb", &format!("alice{changed}b"), 1);
        assert_refused(&changed, "signature");
    }
    // The two rules meet in one message.
    let both = located(SCHEMAS).replace("><saml:", ">\r\n<saml:");
    assert_refused(&both, "signature");
}

/// STS checks the signature itself, so the field is kept as it was received.
#[test]
pub fn the_message_is_kept_as_received() {
    let xml = replaced(&located(SCHEMAS), SCHEMAS, &SCHEMAS.replace(' ', "\r\n"));
    let text = response::decode(&encode(&xml)).unwrap();
    assert_eq!(text, xml);
    judge(&text).unwrap();
}

/// A message without raw white space in its values takes the same way.
#[test]
pub fn a_message_without_line_breaks() {
    judge(&signed(Signed::Both)).unwrap();
}
