//! Signatures: their form, algorithms, keys and signed content.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Rsa;
use rolecall::demo::idp::signing::{KeyInfo, algorithm};
use rolecall::demo::idp::{Curve, Signed, SigningKey, SigningOptions, encode, sign, xml_unsigned};
use rolecall::saml::encryption::Decryption;
use rolecall::saml::response::{self, Unverified};
use rolecall::saml::{Refusal, Trust, TrustError};

use super::bench::*;
use crate::support::second_opinion;

const BOTH: [Signed; 3] = [Signed::Assertion, Signed::Response, Signed::Both];

#[track_caller]
fn refused_with(options: &SigningOptions, check: &str) {
    for signed in BOTH {
        assert_refused(&idp().signed_xml(&good(), signed, options).unwrap(), check);
    }
}

/// Replaces the first `from` with `to` in messages that are already signed, and asserts that they
/// fail `check`. The change is inside a signature.
#[track_caller]
fn refused_signature(from: &str, to: &str, check: &str) {
    for place in BOTH {
        let xml = signed(place);
        let changed = xml.replacen(from, to, 1);
        assert_ne!(xml, changed, "the change must change something");
        assert_refused(&changed, check);
    }
}

#[test]
pub fn no_signature() {
    assert_refused(&signed(Signed::Neither), "not_signed");
}

#[test]
pub fn any_changed_value() {
    for place in BOTH {
        let xml = signed(place);
        for (from, to) in [
            ("alice@example.com", "admin@example.com"),
            ("role/reader", "role/admin"),
            (REQUEST_ID.as_str(), "_requesx"),
            ("PasswordProtectedTransport", "Kerberos"),
        ] {
            assert_refused(&xml.replace(from, to), "signature");
        }
    }
}

#[test]
pub fn the_value_of_the_signature() {
    for place in BOTH {
        let xml = signed(place);
        let value = element(&xml, "ds:SignatureValue");
        let octets =
            openssl::base64::decode_block(&value[19..value.len() - 20].replace('\n', "")).unwrap();
        for at in [0, octets.len() / 2, octets.len() - 1] {
            let mut changed = octets.clone();
            changed[at] ^= 1;
            let changed = format!(
                "<ds:SignatureValue>{}</ds:SignatureValue>",
                openssl::base64::encode_block(&changed)
            );
            assert_refused(&xml.replacen(value, &changed, 1), "signature");
        }
        let empty = "<ds:SignatureValue></ds:SignatureValue>";
        assert_refused(&xml.replacen(value, empty, 1), "signature_profile");
        assert_refused(
            &xml.replacen(value, "<ds:SignatureValue>AAAA</ds:SignatureValue>", 1),
            "signature",
        );
        assert_refused(
            &xml.replacen(value, "<ds:SignatureValue>%</ds:SignatureValue>", 1),
            "signature",
        );
        assert_refused(&xml.replacen(value, "", 1), "signature_profile");
    }
}

#[test]
pub fn both_signatures_must_verify() {
    let xml = signed(Signed::Both);
    let assertion = element(&xml, "saml:Assertion");
    let inner = element(assertion, "ds:SignatureValue").to_owned();
    let broken = inner.replace("<ds:SignatureValue>", "<ds:SignatureValue>AAAA");
    // In the first message, only the Assertion's signature is invalid: it is broken before the
    // Response is signed.
    let mut spec = good();
    let options = SigningOptions::default();
    spec.id = "_outer".to_owned();
    let once = idp()
        .signed_xml(&spec, Signed::Assertion, &options)
        .unwrap();
    let value = element(&once, "ds:SignatureValue").to_owned();
    let once = once.replace(
        &value,
        &value.replace("<ds:SignatureValue>", "<ds:SignatureValue>AAAA"),
    );
    assert_refused(
        &sign(&once, "_outer", idp().key(), &options).unwrap(),
        "signature",
    );
    assert_refused(&xml.replace(&inner, &broken), "signature");
}

#[test]
pub fn a_signature_by_a_foreign_key() {
    let spec = good();
    for key_info in [KeyInfo::None, KeyInfo::Certificate] {
        let options = SigningOptions {
            key_info,
            ..SigningOptions::default()
        };
        let xml = xml_unsigned(&spec).unwrap();
        let xml = sign(&xml, &spec.id, other_key(), &options).unwrap();
        assert_refused(&xml, "signature");
    }
}

#[test]
pub fn a_bare_key_in_the_message() {
    let key = "<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>";
    let spec = good();
    let xml = sign(
        &xml_unsigned(&spec).unwrap(),
        &spec.id,
        other_key(),
        &SigningOptions::default(),
    )
    .unwrap();
    let info = element(&xml, "ds:KeyInfo").to_owned();
    assert_refused(&xml.replace(&info, key), "signature");
}

#[test]
pub fn keys_that_are_to_be_fetched() {
    for info in [
        "<ds:RetrievalMethod URI=\"http://127.0.0.1:1/key\"/>",
        "<ds:RetrievalMethod URI=\"file:///etc/hostname\"/>",
        "<dsig11:KeyInfoReference xmlns:dsig11=\"http://www.w3.org/2009/xmldsig11#\" URI=\"#x\"/>",
        "<xenc:EncryptedKey xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\"/>",
    ] {
        let to = format!("<ds:KeyInfo>{info}");
        refused_signature("<ds:KeyInfo>", &to, "signature_profile");
    }
}

#[test]
pub fn old_and_foreign_algorithms() {
    refused_with(
        &SigningOptions::with_methods(algorithm::RSA_SHA1, algorithm::SHA256),
        "algorithm",
    );
    refused_with(
        &SigningOptions::with_methods(algorithm::RSA_SHA256, algorithm::SHA1),
        "algorithm",
    );
    for method in [
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "",
    ] {
        refused_signature(algorithm::RSA_SHA256, method, "algorithm");
    }
    refused_signature(
        algorithm::SHA256,
        "http://www.w3.org/2001/04/xmldsig-more#md5",
        "algorithm",
    );
}

#[test]
pub fn sha1_where_the_configuration_says_so() {
    let options = SigningOptions::with_methods(algorithm::RSA_SHA1, algorithm::SHA1);
    let xml = idp().signed_xml(&good(), Signed::Both, &options).unwrap();
    let text = response::decode(&encode(&xml)).unwrap();
    let certificates = [idp().key().certificate_der().to_vec()];
    let lenient = Trust::new(&certificates, true).unwrap();
    Unverified::parse(&text)
        .unwrap()
        .open(&lenient, &Decryption::NONE)
        .unwrap();
    second_opinion::assert_agrees(&xml, &certificates);
    let strict = Trust::new(&certificates, false).unwrap();
    let refusal = Unverified::parse(&text)
        .unwrap()
        .open(&strict, &Decryption::NONE)
        .unwrap_err();
    assert_eq!(refusal, Refusal::Algorithm("SHA-1".to_owned()));
}

#[test]
pub fn a_shared_secret_made_of_the_certificate() {
    // An HMAC keyed with the public certificate would verify in code that accepts any key for any
    // method.
    refused_signature(
        algorithm::RSA_SHA256,
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "algorithm",
    );
    let parameter = format!(
        "\"{}\"><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>",
        algorithm::RSA_SHA256
    );
    refused_signature(
        &format!("\"{}\"/>", algorithm::RSA_SHA256),
        &parameter,
        "signature_profile",
    );
}

#[test]
pub fn references_to_anything_but_the_parent_element() {
    for uri in [
        "",
        "http://127.0.0.1:1/",
        "https://127.0.0.1:1/x",
        "file:///etc/hostname",
        "/etc/hostname",
        "file:///dev/zero",
        "#xpointer(/)",
        "#xpointer(id('x'))",
        "#",
        "#another",
        "cid:x",
        "x",
    ] {
        for place in BOTH {
            let xml = signed(place);
            let reference = xml
                .split("<ds:Reference URI=\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap();
            let from = format!("<ds:Reference URI=\"{reference}\"");
            let changed = xml.replacen(&from, &format!("<ds:Reference URI=\"{uri}\""), 1);
            assert_refused(&changed, "reference_uri");
            assert_refused(&xml.replacen(&from, "<ds:Reference", 1), "reference_uri");
        }
    }
}

#[test]
pub fn an_id_that_is_an_xpointer() {
    let xml = changed(|spec| spec.id = "_plain".to_owned());
    judge(&xml).unwrap();
    let pointer = signed(Signed::Response);
    let id = pointer
        .split(" ID=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    assert_refused(&pointer.replace(&id, "xpointer(/)"), "reference_uri");
}

#[test]
pub fn transforms() {
    let (enveloped, exclusive) = (algorithm::ENVELOPED, algorithm::EXCLUSIVE_C14N);
    for list in [
        vec![],
        vec![enveloped],
        vec![exclusive],
        vec![exclusive, enveloped],
        vec![enveloped, exclusive, exclusive],
        vec![enveloped, enveloped],
    ] {
        let list = list
            .iter()
            .map(|method| format!("<ds:Transform Algorithm=\"{method}\"/>"));
        let list = format!(
            "<ds:Transforms>{}</ds:Transforms>",
            list.collect::<String>()
        );
        for place in BOTH {
            let xml = signed(place);
            assert_refused(
                &xml.replacen(element(&xml, "ds:Transforms"), &list, 1),
                "transforms",
            );
        }
    }
    for method in [
        "http://www.w3.org/TR/1999/REC-xslt-19991116",
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        "http://www.w3.org/2002/06/xmldsig-filter2",
        "http://www.w3.org/2000/09/xmldsig#base64",
        "http://www.w3.org/2001/10/xml-exc-c14n",
        "",
    ] {
        let from = format!(
            "<ds:Transform Algorithm=\"{}\"/>",
            algorithm::EXCLUSIVE_C14N
        );
        refused_signature(
            &from,
            &format!("<ds:Transform Algorithm=\"{method}\"/>"),
            "transforms",
        );
        let from = format!("<ds:Transform Algorithm=\"{}\"/>", algorithm::ENVELOPED);
        refused_signature(
            &from,
            &format!("<ds:Transform Algorithm=\"{method}\"/>"),
            "transforms",
        );
    }
    let from = format!("<ds:Transform Algorithm=\"{}\"/>", algorithm::ENVELOPED);
    let xpath = format!(
        "<ds:Transform Algorithm=\"{}\"><ds:XPath>/</ds:XPath></ds:Transform>",
        algorithm::ENVELOPED
    );
    refused_signature(&from, &xpath, "transforms");
}

#[test]
pub fn canonicalisations() {
    for method in [
        "http://www.w3.org/2001/10/xml-exc-c14n",
        "http://www.w3.org/TR/1999/REC-xslt-19991116",
        "",
    ] {
        refused_signature(
            &format!(
                "<ds:CanonicalizationMethod Algorithm=\"{}\"/>",
                algorithm::EXCLUSIVE_C14N
            ),
            &format!("<ds:CanonicalizationMethod Algorithm=\"{method}\"/>"),
            "algorithm",
        );
    }
    refused_signature(
        &format!(
            "<ds:CanonicalizationMethod Algorithm=\"{}\"/>",
            algorithm::EXCLUSIVE_C14N
        ),
        &format!(
            "<ds:CanonicalizationMethod Algorithm=\"{}\"><x/></ds:CanonicalizationMethod>",
            algorithm::EXCLUSIVE_C14N
        ),
        "signature_profile",
    );
}

#[test]
pub fn duplicate_signature_parts() {
    let xml = signed(Signed::Response);
    let signed_info = element(&xml, "ds:SignedInfo").to_owned();
    let reference = element(&xml, "ds:Reference").to_owned();
    let value = element(&xml, "ds:DigestValue").to_owned();
    let signature = element(&xml, "ds:Signature").to_owned();
    for (from, to, check) in [
        // A second SignedInfo (CVE-2019-3465, CVE-2025-29774).
        (
            &signed_info,
            format!("{signed_info}{signed_info}"),
            "signature_profile",
        ),
        // A second Reference (CVE-2026-33487).
        (
            &reference,
            format!("{reference}{reference}"),
            "signature_profile",
        ),
        (&reference, String::new(), "signature_profile"),
        (&value, format!("{value}{value}"), "signature_profile"),
        (
            &value,
            "<ds:DigestValue><x/></ds:DigestValue>".to_owned(),
            "signature_profile",
        ),
        (
            &signature,
            format!("{signature}{signature}"),
            "several_signatures",
        ),
    ] {
        assert_refused(&xml.replacen(from.as_str(), &to, 1), check);
    }
    // Extra elements are refused: an Object could contain anything, and core validation does not
    // check the references in a Manifest.
    for extra in [
        "<ds:Object/>",
        "<ds:Object><ds:Manifest/></ds:Object>",
        "<x/>",
        "<ds:KeyInfo/>",
    ] {
        let to = format!("{extra}</ds:Signature>");
        assert_refused(
            &xml.replacen("</ds:Signature>", &to, 1),
            "signature_profile",
        );
    }
}

#[test]
pub fn signatures_in_other_positions() {
    let xml = signed(Signed::Response);
    let signature = element(&xml, "ds:Signature").to_owned();
    let moved = |from: &str, to: String| xml.replacen(&signature, "", 1).replacen(from, &to, 1);
    for (from, to) in [
        (
            "<samlp:Status>",
            format!("<samlp:Extensions>{signature}</samlp:Extensions><samlp:Status>"),
        ),
        ("<samlp:StatusCode", format!("{signature}<samlp:StatusCode")),
        ("<saml:Subject>", format!("<saml:Subject>{signature}")),
    ] {
        assert_refused(&moved(from, to), "misplaced_signature");
    }
    let into_the_assertion = moved("<saml:Subject>", format!("{signature}<saml:Subject>"));
    assert_refused(&into_the_assertion, "reference_uri");
    let foreign = xml.replacen(
        "<saml:Subject>",
        "<Signature xmlns=\"urn:x\"/><saml:Subject>",
        1,
    );
    assert_refused(&foreign, "misplaced_signature");
}

#[test]
pub fn a_decoy_digest() {
    // A second DigestValue elsewhere misleads verifiers that search for the element by name
    // (CVE-2024-45409, CVE-2025-47949).
    let xml = signed(Signed::Assertion);
    let digest = element(&xml, "ds:DigestValue").to_owned();
    let digest = digest.replacen('>', " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">", 1);
    let decoy = format!("<samlp:Extensions>{digest}</samlp:Extensions><samlp:Status>");
    let tampered = xml
        .replacen("<samlp:Status>", &decoy, 1)
        .replace("alice@example.com", "admin@example.com");
    assert_refused(&tampered, "signature");
    let in_detail = format!("<samlp:StatusDetail>{digest}</samlp:StatusDetail></samlp:Status>");
    let tampered = xml
        .replacen("</samlp:Status>", &in_detail, 1)
        .replace("alice@example.com", "admin@example.com");
    assert_refused(&tampered, "signature");
}

#[test]
pub fn weak_and_missing_keys() {
    assert_eq!(
        Trust::new(&[], false).unwrap_err(),
        TrustError::NoCertificate
    );
    assert_eq!(
        Trust::new(&[vec![0; 10]], false).unwrap_err(),
        TrustError::Unreadable
    );
    let refused = |key: &PKey<Public>| Trust::new(&[certificate(key)], false).unwrap_err();
    assert_eq!(refused(&rsa(1024)), TrustError::Weak(1024));
    assert_eq!(refused(&rsa(8200)), TrustError::Huge(8200));
    let bitcoin = EcGroup::from_curve_name(Nid::SECP256K1).unwrap();
    let bitcoin = EcKey::generate(&bitcoin).unwrap();
    let bitcoin = EcKey::from_public_key(bitcoin.group(), bitcoin.public_key()).unwrap();
    let bitcoin = PKey::from_ec_key(bitcoin).unwrap();
    assert_eq!(refused(&bitcoin), TrustError::KeyType);
    let edwards = PKey::generate_ed25519().unwrap().raw_public_key().unwrap();
    let edwards = PKey::public_key_from_raw_bytes(&edwards, Id::ED25519).unwrap();
    assert_eq!(refused(&edwards), TrustError::KeyType);
}

/// A public RSA key with a random modulus of this many bits.
fn rsa(bits: i32) -> PKey<Public> {
    let mut modulus = BigNum::new().unwrap();
    modulus.rand(bits, MsbOption::ONE, true).unwrap();
    let exponent = BigNum::from_u32(65537).unwrap();
    let key = Rsa::from_public_components(modulus, exponent).unwrap();
    PKey::from_rsa(key).unwrap()
}

#[test]
pub fn an_ecdsa_signature_in_another_encoding() {
    let key = SigningKey::ec(Curve::P256, now()).unwrap();
    let options = SigningOptions::with_methods(algorithm::ECDSA_SHA256, algorithm::SHA256);
    let spec = good();
    let xml = sign(&xml_unsigned(&spec).unwrap(), &spec.id, &key, &options).unwrap();
    let certificates = [key.certificate_der().to_vec()];
    let value = element(&xml, "ds:SignatureValue");
    let base64 = value.trim_start_matches("<ds:SignatureValue>");
    let base64: String = base64
        .trim_end_matches("</ds:SignatureValue>")
        .split_whitespace()
        .collect();
    let octets = STANDARD.decode(base64).unwrap();
    let (r, s) = octets.split_at(32);
    let number = |octets| BigNum::from_slice(octets).unwrap();
    let der = EcdsaSig::from_private_components(number(r), number(s)).unwrap();
    let zero = [0; 32];
    let padded = [&zero[..1], r, &zero[..1], s].concat();
    for other in [
        der.to_der().unwrap(),
        padded,
        octets[..63].to_vec(),
        r.to_vec(),
        [s, r].concat(),
        [&zero, s].concat(),
        [r, &zero].concat(),
        [0; 64].to_vec(),
        [255; 64].to_vec(),
    ] {
        let other = format!(
            "<ds:SignatureValue>{}</ds:SignatureValue>",
            STANDARD.encode(other)
        );
        let refused = second_opinion::open(&xml.replace(value, &other), &certificates);
        assert_eq!(refused.unwrap_err(), Refusal::Signature, "{other}");
    }
    second_opinion::open(&xml, &certificates).unwrap();
}

#[test]
pub fn either_key_of_a_rollover() {
    let certificates = [other_key(), idp().key()].map(|key| key.certificate_der().to_vec());
    let spec = good();
    for key in [other_key(), idp().key()] {
        let xml = sign(
            &xml_unsigned(&spec).unwrap(),
            &spec.id,
            key,
            &SigningOptions::default(),
        )
        .unwrap();
        second_opinion::open(&xml, &certificates).unwrap();
    }
}
