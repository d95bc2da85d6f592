//! Tests of the encoding of the form field `SAMLResponse`, of XML that is malformed or dangerous to
//! parse, and of markup that two parsers could read differently.

use rolecall::demo::idp::{Signed, encode};
use rolecall::saml::response::{self, Unverified};

use super::bench::*;
use super::corpus;

/// Replaces the first `from` in a message with `to` before signing, so that the signatures are
/// valid. Asserts that the message fails `check`.
#[track_caller]
fn refused_before_signing(from: &str, to: &str, check: &str) {
    assert_refused(&rewritten(|xml| xml.replacen(from, to, 1)), check);
}

#[track_caller]
fn refused_field(field: &str, check: &str) {
    corpus::note(field, Some(check));
    let refusal = response::decode(field).and_then(|text| Unverified::parse(&text).map(drop));
    assert_eq!(refusal.unwrap_err().name(), check);
}

#[test]
pub fn the_field_is_base64_of_utf8() {
    let good = encode(&signed(Signed::Both));
    refused_field("", "not_well_formed");
    refused_field("%%%", "base64");
    refused_field(&good[..good.len() - 1], "base64");
    refused_field(&format!(" {good}"), "base64");
    refused_field(&format!("{good}\0"), "base64");
    refused_field(&format!("{good}===="), "base64");
    refused_field(
        &good
            .replace('+', "-")
            .replace('/', "_")
            .replacen('A', "-", 1),
        "base64",
    );
    refused_field("/////w==", "utf8");
    refused_field(&encode("\0"), "nul_character");
    refused_field(&encode("<a>\0</a>"), "nul_character");
}

#[test]
pub fn comments() {
    // C14N removes comments, so a signature verifies with or without them. A reader that takes only
    // the first text node sees only a part of the value (CVE-2017-11427 and similar).
    for (from, to) in [
        (
            "alice@example.com",
            "admin@example.com<!-- -->.evil.example",
        ),
        ("alice@example.com", "alice<!---->@example.com"),
        ("role/reader", "role/<!--x-->reader"),
    ] {
        refused_before_signing(from, to, "comment");
        assert_refused(&signed(Signed::Both).replacen(from, to, 1), "comment");
    }
    assert_refused(&format!("<!-- x -->{}", signed(Signed::Both)), "comment");
    assert_refused(&format!("{}<!-- x -->", signed(Signed::Both)), "comment");
    let digest =
        signed(Signed::Both).replacen("<ds:DigestValue>", "<ds:DigestValue><!--AAAA-->", 1);
    assert_refused(&digest, "comment");
}

#[test]
pub fn cdata_sections() {
    refused_before_signing(
        "alice@example.com",
        "<![CDATA[alice@example.com]]>",
        "cdata_section",
    );
    refused_before_signing("alice@", "<![CDATA[admin]]>@", "cdata_section");
}

#[test]
pub fn processing_instructions() {
    refused_before_signing("alice@", "alice<?x y?>@", "processing_instruction");
    let good = signed(Signed::Both);
    assert_refused(
        &format!("<?xml-stylesheet href=\"x\"?>{good}"),
        "processing_instruction",
    );
    assert_refused(&format!("{good}<?x?>"), "processing_instruction");
    assert_refused(
        &format!("<?xml version=\"1.0\"?><?x?>{good}"),
        "processing_instruction",
    );
    assert_refused(
        &format!("\n<?xml version=\"1.0\"?>{good}"),
        "processing_instruction",
    );
}

#[test]
pub fn document_types() {
    let good = signed(Signed::Both);
    for doctype in [
        "<!DOCTYPE x>",
        "<!DOCTYPE x SYSTEM \"http://127.0.0.1:1/x.dtd\">",
        "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>",
        "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>",
        "<!DOCTYPE x [<!ATTLIST samlp:Response ID ID #REQUIRED>]>",
        "<!doctype x>",
    ] {
        assert_refused(&format!("{doctype}{good}"), "doctype");
        assert_refused(
            &format!("<?xml version=\"1.0\"?>{doctype}{good}"),
            "doctype",
        );
    }
    let quadratic = format!(
        "<!DOCTYPE x [<!ENTITY a \"{}\">]>{good}",
        "a".repeat(50_000)
    );
    assert_refused(&quadratic, "doctype");
}

#[test]
pub fn undeclared_entities() {
    let xml = signed(Signed::Both).replacen("alice@", "&alice;@", 1);
    assert_refused(&xml, "not_well_formed");
}

#[test]
pub fn xml_1_1() {
    let good = signed(Signed::Both);
    assert_refused(&format!("<?xml version=\"1.1\"?>{good}"), "not_well_formed");
    judge(&format!("<?xml version=\"1.0\"?>{good}")).unwrap();
}

#[test]
pub fn other_encodings() {
    let good = signed(Signed::Both);
    for encoding in ["UTF-16", "ISO-8859-1", "utf-7"] {
        let xml = format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>{good}");
        assert_refused(&xml, "encoding");
    }
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    refused_field(&openssl::base64::encode_block(&utf16), "nul_character");
}

#[test]
pub fn deep_nesting() {
    let deep = |levels: usize| {
        let nested = format!(
            "{}{}",
            "<x xmlns=\"urn:x\">".repeat(levels),
            "</x>".repeat(levels)
        );
        let extensions = format!("<samlp:Extensions>{nested}</samlp:Extensions><samlp:Status>");
        rewritten(|xml| xml.replace("<samlp:Status>", &extensions))
    };
    judge(&deep(60)).unwrap();
    for levels in [4_000, 64] {
        let nested = format!("{}{}", "<x>".repeat(levels), "</x>".repeat(levels));
        let bomb = format!("<Response>{nested}</Response>");
        assert_refused(&bomb, "too_deep");
    }
}

#[test]
pub fn not_xml() {
    for text in [
        "",
        "x",
        "<",
        "<Response",
        "<Response>",
        "<Response></b>",
        "<Response/><b/>",
        "<p:Response/>",
        "<Response b=1/>",
        "<Response b='1' b='2'/>",
        "{}",
    ] {
        assert_refused(text, "not_well_formed");
    }
    // If the first tag is not a Response, the text is refused before it is parsed.
    for text in [
        "<a>",
        "<a></b>",
        "<p:a/>",
        "<?xml version='1.0'?>\n<a b=1/>",
    ] {
        assert_refused(text, "not_a_response");
    }
    let good = signed(Signed::Both);
    for end in [1, good.len() / 2, good.len() - 1] {
        assert_refused(&good[..end], "not_well_formed");
    }
    assert_refused(
        &good.replacen("<saml:Subject>", "<undeclared:Subject>", 1),
        "not_well_formed",
    );
}

#[test]
pub fn relative_namespace_names() {
    // For these names, libxml2's canonicalization returns nothing (CVE-2025-66568).
    for name in ["1", "relative", "./x", "//host", "#x"] {
        let xml = signed(Signed::Both).replacen(
            "<samlp:Response ",
            &format!("<samlp:Response xmlns:e=\"{name}\" "),
            1,
        );
        assert_refused(&xml, "relative_namespace");
    }
    // Only the default namespace can be undeclared.
    let with = |declaration: &str| {
        let response = format!("<samlp:Response {declaration}=\"\" ");
        signed(Signed::Assertion).replacen("<samlp:Response ", &response, 1)
    };
    judge(&with("xmlns")).unwrap();
    assert_refused(&with("xmlns:e"), "not_well_formed");
}
