//! Encrypted assertions: which ones are decrypted, and which are refused.

use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use rolecall::demo::idp::encryption::{EncryptionOptions, encrypt, encrypted};
use rolecall::demo::idp::{Signed, SigningOptions, encode, sign, xml_unsigned};
use rolecall::saml::Refusal;
use rolecall::saml::encryption::{Cipher, Decryption, DecryptionKey, Hash, KeyTransport};

use super::bench::*;
use super::corpus;
use crate::support::second_opinion;

const SIGNED: [Signed; 3] = [Signed::Assertion, Signed::Response, Signed::Both];

/// [`good`], signed as `signed` specifies and encrypted for the service provider.
fn message(signed: Signed, options: &EncryptionOptions) -> String {
    idp()
        .encrypted_xml(
            &good(),
            signed,
            &SigningOptions::default(),
            &sp_key().1,
            options,
        )
        .unwrap()
}

fn open_with(keys: &[DecryptionKey], allow_cbc: bool, xml: &str) -> Result<(), Refusal> {
    let login = judge_encrypted(xml, &Decryption { keys, allow_cbc })?;
    assert_eq!(login.person.name_id, "alice@example.com");
    assert_eq!(login.attributes[0].name, ROLE);
    Ok(())
}

fn open(xml: &str) -> Result<(), Refusal> {
    open_with(std::slice::from_ref(&sp_key().0), false, xml)?;
    corpus::note(&encode(xml), None);
    Ok(())
}

#[track_caller]
fn refused(xml: &str, check: &str) {
    corpus::note(&encode(xml), Some(check));
    assert_eq!(open(xml).unwrap_err().name(), check);
}

#[test]
pub fn gcm_with_every_length_of_key_and_every_signature() {
    for length in [16, 24, 32] {
        for signed in SIGNED {
            let xml = message(signed, &EncryptionOptions::with_cipher(Cipher::Gcm(length)));
            assert!(!xml.contains("alice@example.com"));
            open(&xml).unwrap();
            if signed != Signed::Assertion {
                second_opinion::assert_verifies(&xml, &[idp().key().certificate_der().to_vec()]);
            }
        }
    }
}

#[test]
pub fn an_encrypted_key_next_to_the_data_is_found() {
    let key_next_to_data = EncryptionOptions {
        key_next_to_data: true,
        ..EncryptionOptions::default()
    };
    for signed in SIGNED {
        open(&message(signed, &key_next_to_data)).unwrap();
    }
}

#[test]
pub fn every_hash_of_oaep() {
    let sha1 = (Hash::Sha1, "http://www.w3.org/2000/09/xmldsig#sha1");
    let sha256 = (Hash::Sha256, "http://www.w3.org/2001/04/xmlenc#sha256");
    let masks = [
        (Hash::Sha1, "http://www.w3.org/2009/xmlenc11#mgf1sha1"),
        (Hash::Sha256, "http://www.w3.org/2009/xmlenc11#mgf1sha256"),
    ];
    for digest in [sha1, sha256] {
        for mask in masks {
            let options = EncryptionOptions {
                transport: KeyTransport::OAEP.to_owned(),
                digest: Some(digest.1.to_owned()),
                mask: Some(mask.1.to_owned()),
                hashes: (digest.0, mask.0),
                ..EncryptionOptions::default()
            };
            open(&message(Signed::Assertion, &options)).unwrap();
        }
        let options = EncryptionOptions {
            digest: Some(digest.1.to_owned()),
            hashes: (digest.0, Hash::Sha1),
            ..EncryptionOptions::default()
        };
        open(&message(Signed::Assertion, &options)).unwrap();
    }
}

#[test]
pub fn cbc_only_where_allowed_and_only_inside_a_signed_response() {
    let keys = std::slice::from_ref(&sp_key().0);
    for length in [16, 24, 32] {
        let options = EncryptionOptions::with_cipher(Cipher::Cbc(length));
        for signed in SIGNED {
            let xml = message(signed, &options);
            refused(&xml, "encryption_algorithm");
            let allowed = open_with(keys, true, &xml);
            if signed == Signed::Assertion {
                assert_eq!(allowed.unwrap_err().name(), "encryption_algorithm");
            } else {
                allowed.unwrap();
            }
        }
    }
}

/// One IdP could capture another IdP's ciphertext, and sign and post a Response that contains it.
/// The result must reveal nothing about the plaintext, so it is the same for all refused CBC
/// ciphertexts.
#[test]
pub fn cbc_reveals_nothing_about_a_plaintext() {
    let keys = std::slice::from_ref(&sp_key().0);
    let spec = good();
    let signing = SigningOptions::default();
    let options = EncryptionOptions::with_cipher(Cipher::Cbc(16));
    let unsigned = xml_unsigned(&spec).unwrap();
    let envelope = encrypt(&unsigned, &sp_key().1, &options).unwrap();
    let sealed = element(&envelope, "saml:EncryptedAssertion");
    let open = |other: &str| {
        let xml = envelope.replace(sealed, other.trim());
        let xml = sign(&xml, &spec.id, idp().key(), &signing).unwrap();
        open_with(keys, true, &xml)
    };
    open(sealed).unwrap();
    let tampered = unsigned.replace("<saml:Subject>", "<saml:Subject><!-- -->");
    let tampered = element(&tampered, "saml:Assertion");
    let plaintexts: [&[u8]; 9] = [
        b"",
        b"\0",
        b"\xff",
        b"<a",
        b"<a/>",
        b"<a/><a/>",
        b"<!DOCTYPE a><a/>",
        b"<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"/>",
        tampered.as_bytes(),
    ];
    for plaintext in plaintexts {
        let other = encrypted(plaintext, &sp_key().1, &options).unwrap();
        assert_eq!(open(&other), Err(Refusal::Decryption));
    }
    // Flip bits throughout the ciphertext, padding included.
    let start = sealed.rfind("<xenc:CipherValue>").unwrap() + "<xenc:CipherValue>".len();
    let end = start + sealed[start..].find('<').unwrap();
    let octets = openssl::base64::decode_block(&sealed[start..end]).unwrap();
    for at in (0..octets.len())
        .step_by(7)
        .chain(octets.len() - 32..octets.len())
    {
        let mut changed = octets.clone();
        changed[at] ^= 0x55;
        let changed = with(sealed, &sealed[start..end], &changed);
        // A change in the first block may alter only one character of the assertion. The message
        // may then be accepted, because the IdP signs the Response after the change.
        if let Err(refusal) = open(&changed) {
            assert_eq!(refusal, Refusal::Decryption, "byte {at}");
        }
    }
    // A GCM ciphertext that is declared as CBC.
    let gcm = EncryptionOptions::with_cipher(Cipher::Gcm(16));
    let gcm = encrypt(&unsigned, &sp_key().1, &gcm).unwrap();
    let gcm = element(&gcm, "saml:EncryptedAssertion").replace(
        "http://www.w3.org/2009/xmlenc11#aes128-gcm",
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
    );
    assert_eq!(open(&gcm), Err(Refusal::Decryption));
}

/// An IdP that sends another IdP's intact ciphertext gets the same refusal as for a changed one. So
/// the sender does not learn that the ciphertext is intact.
#[test]
pub fn cbc_reveals_nothing_about_the_assertion_of_another_idp() {
    let keys = std::slice::from_ref(&sp_key().0);
    let options = EncryptionOptions::with_cipher(Cipher::Cbc(16));
    let mut spec = good();
    spec.assertion.as_mut().unwrap().issuer = "https://another-idp.example.com".to_owned();
    let envelope = encrypt(&xml_unsigned(&spec).unwrap(), &sp_key().1, &options).unwrap();
    let signing = SigningOptions::default();
    let xml = sign(&envelope, &spec.id, idp().key(), &signing).unwrap();
    assert_eq!(open_with(keys, true, &xml), Err(Refusal::Decryption));
    // The result is the same if something else is invalid too.
    spec.destination = Some("https://another-sp.example.com".to_owned());
    let envelope = encrypt(&xml_unsigned(&spec).unwrap(), &sp_key().1, &options).unwrap();
    let xml = sign(&envelope, &spec.id, idp().key(), &signing).unwrap();
    assert_eq!(open_with(keys, true, &xml), Err(Refusal::Decryption));
}

/// Errors in the surrounding Response are reported before anything is decrypted.
#[test]
pub fn an_unreadable_response_reveals_nothing_about_a_plaintext() {
    let keys = std::slice::from_ref(&sp_key().0);
    let options = EncryptionOptions::with_cipher(Cipher::Cbc(16));
    let spec = good();
    let xml = encrypt(&xml_unsigned(&spec).unwrap(), &sp_key().1, &options).unwrap();
    let start = xml.find(" IssueInstant=").unwrap();
    let end = start + xml[start..].find("Z\"").unwrap() + 2;
    let without = format!("{}{}", &xml[..start], &xml[end..]);
    let junk = without.replacen("<xenc:CipherValue>", "<xenc:CipherValue>AAAA", 2);
    assert_ne!(without, junk);
    for xml in [without, junk] {
        let signed = sign(&xml, &spec.id, idp().key(), &SigningOptions::default()).unwrap();
        let refusal = open_with(keys, true, &signed).unwrap_err();
        assert_eq!(refusal.name(), "unreadable");
    }
}

/// Error messages do not quote decrypted text.
#[test]
pub fn the_parser_does_not_quote_a_plaintext() {
    let envelope = message(Signed::Assertion, &EncryptionOptions::default());
    let sealed = element(&envelope, "saml:EncryptedAssertion");
    for plaintext in [
        "<a>&#S3cret;</a>",
        "<S3cret:a/>",
        "<a S3cret='' S3cret=''/>",
    ] {
        let other = encrypted(
            plaintext.as_bytes(),
            &sp_key().1,
            &EncryptionOptions::default(),
        );
        let xml = envelope.replace(sealed, other.unwrap().trim());
        let refusal = open(&xml).unwrap_err();
        assert_eq!(refusal.name(), "not_well_formed");
        assert!(!refusal.to_string().contains("S3cret"), "{refusal}");
    }
}

#[test]
pub fn keys_that_are_too_expensive_or_too_weak() {
    for (bits, fits) in [(1024, false), (2048, true), (4096, true), (5120, false)] {
        let key = Rsa::generate(bits).and_then(PKey::from_rsa).unwrap();
        assert_eq!(DecryptionKey::new(&key).is_some(), fits, "{bits}");
    }
}

#[test]
pub fn either_key_of_a_rollover_decrypts() {
    let (other, certificate) = new_decryption_key();
    let both = [other.clone(), sp_key().0.clone()];
    let options = EncryptionOptions::default();
    let signing = SigningOptions::default();
    for certificate in [&certificate, &sp_key().1] {
        let xml = idp().encrypted_xml(&good(), Signed::Both, &signing, certificate, &options);
        open_with(&both, false, &xml.unwrap()).unwrap();
    }
    let xml = message(Signed::Both, &options);
    assert_eq!(open_with(&[other], false, &xml), Err(Refusal::Decryption));
    assert_eq!(open_with(&[], false, &xml), Err(Refusal::NoDecryptionKey));
}

/// Anyone can encrypt for us, so encryption proves nothing about the sender (CVE-2024-4985,
/// CVE-2024-9487).
#[test]
pub fn encryption_does_not_replace_a_signature() {
    let options = EncryptionOptions::default();
    refused(&message(Signed::Neither, &options), "not_signed");
    let spec = good();
    let assertion = &spec.assertion.as_ref().unwrap().id;
    let signing = SigningOptions::default();
    let unsigned = xml_unsigned(&spec).unwrap();
    let forged = sign(&unsigned, assertion, other_key(), &signing).unwrap();
    refused(
        &encrypt(&forged, &sp_key().1, &options).unwrap(),
        "signature",
    );
    // The Assertion's signature must verify even if the Response's signature would suffice.
    let inside = encrypt(&forged, &sp_key().1, &options).unwrap();
    refused(
        &sign(&inside, &spec.id, idp().key(), &signing).unwrap(),
        "signature",
    );
}

/// The encrypted key and the ciphertext are changed, truncated or replaced. All failures to decrypt
/// look the same.
#[test]
pub fn every_decryption_failure_looks_the_same() {
    let xml = message(Signed::Assertion, &EncryptionOptions::default());
    let values: Vec<_> = xml
        .match_indices("<xenc:CipherValue>")
        .map(|(at, tag)| at + tag.len())
        .collect();
    assert_eq!(values.len(), 2);
    for start in values {
        let end = start + xml[start..].find('<').unwrap();
        let value = &xml[start..end];
        let octets = openssl::base64::decode_block(value).unwrap();
        let last = octets.len() - 1;
        for at in [0, 11, 12, last / 2, last - 15, last] {
            let mut changed = octets.clone();
            changed[at] ^= 1;
            refused(&with(&xml, value, &changed), "decryption");
        }
        for length in [0, 1, 12, 27, last] {
            let check = if length == 0 {
                "encryption_profile"
            } else {
                "decryption"
            };
            refused(&with(&xml, value, &octets[..length]), check);
        }
        refused(&xml.replace(value, "no base64!"), "decryption");
    }
}

fn with(xml: &str, value: &str, octets: &[u8]) -> String {
    xml.replace(value, &openssl::base64::encode_block(octets))
}

/// The assertion as a separate document, which must declare its own namespace.
fn alone(assertion: &str) -> String {
    let namespace = "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"";
    if assertion.contains(namespace) {
        return assertion.to_owned();
    }
    let declared = format!("<saml:Assertion {namespace}");
    assertion.replacen("<saml:Assertion", &declared, 1)
}

/// Decrypted content follows XML 1.0 (3.3.3) like a message: a raw line break in an attribute value
/// is a blank.
#[test]
pub fn line_breaks_in_a_plaintext() {
    let signed_with = |index: &str| {
        let mut spec = good();
        let assertion = spec.assertion.as_mut().unwrap();
        assertion.authn.as_mut().unwrap().session_index = Some(index.to_owned());
        idp()
            .signed_xml(&spec, Signed::Assertion, &SigningOptions::default())
            .unwrap()
    };
    let sent = |xml: &str, from: &str, to: &str| {
        let envelope = message(Signed::Assertion, &EncryptionOptions::default());
        let plaintext = alone(element(xml, "saml:Assertion"));
        assert_eq!(plaintext.matches(from).count(), 1, "{from} in {plaintext}");
        let plaintext = plaintext.replace(from, to);
        let options = EncryptionOptions::default();
        let sealed = encrypted(plaintext.as_bytes(), &sp_key().1, &options).unwrap();
        envelope.replace(element(&envelope, "saml:EncryptedAssertion"), sealed.trim())
    };
    open(&sent(&signed_with("one two"), "one two", "one\r\ntwo")).unwrap();
    let reference = signed_with("one\ntwo");
    open(&sent(&reference, "one&#xA;two", "one&#10;two")).unwrap();
    refused(&sent(&reference, "one&#xA;two", "one\ntwo"), "signature");
}

/// Decrypted content is checked against the same policy as a message.
#[test]
pub fn a_plaintext_that_is_not_a_valid_assertion() {
    let good = idp()
        .signed_xml(&good(), Signed::Assertion, &SigningOptions::default())
        .unwrap();
    let envelope = message(Signed::Assertion, &EncryptionOptions::default());
    let assertion = element(&good, "saml:Assertion");
    let assertion = alone(assertion);
    let refused_plaintext = |plaintext: &[u8], check: &str| {
        let sealed = encrypted(plaintext, &sp_key().1, &EncryptionOptions::default()).unwrap();
        let xml = envelope.replace(element(&envelope, "saml:EncryptedAssertion"), sealed.trim());
        assert_ne!(xml, envelope);
        refused(&xml, check);
    };
    refused_plaintext(b"\xff\xfe", "decryption");
    refused_plaintext(b"", "not_well_formed");
    refused_plaintext(b"<a", "not_well_formed");
    refused_plaintext(b"<a/>", "not_an_assertion");
    let doctype = corpus::bait(&format!(
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>{assertion}"
    ));
    refused_plaintext(doctype.as_bytes(), "doctype");
    let comment = assertion.replace("alice@example.com", "alice@example.com<!-- -->.evil");
    refused_plaintext(comment.as_bytes(), "comment");
    let advised = |advice: &str| {
        let advice = format!("<saml:Advice>{advice}</saml:Advice></saml:Assertion>");
        assertion.replace("</saml:Assertion>", &advice)
    };
    for name in ["<saml:a:b/>", "<:a/>", "<saml:/>", "<saml:1/>"] {
        refused_plaintext(advised(name).as_bytes(), "not_well_formed");
    }
    refused_plaintext(advised("<saml:a ID=\"a:b\"/>").as_bytes(), "invalid_id");
    let two = assertion.replace(
        "</saml:Assertion>",
        "<saml:Advice><saml:Assertion/></saml:Advice></saml:Assertion>",
    );
    refused_plaintext(two.as_bytes(), "several_assertions");
    let again = element(&envelope, "saml:EncryptedAssertion");
    let again = assertion.replace(
        "</saml:Assertion>",
        &format!("<saml:Advice>{again}</saml:Advice></saml:Assertion>"),
    );
    refused_plaintext(again.as_bytes(), "several_assertions");
    let tampered = assertion.replace("alice@example.com", "admin@example.com");
    refused_plaintext(tampered.as_bytes(), "signature");
    let response = element(&good, "samlp:Response");
    refused_plaintext(response.as_bytes(), "not_an_assertion");
}

#[test]
pub fn an_encrypted_assertion_next_to_another() {
    let xml = message(Signed::Assertion, &EncryptionOptions::default());
    let sealed = element(&xml, "saml:EncryptedAssertion");
    let other = sealed.replace("_key", "_other");
    refused(
        &xml.replace(sealed, &format!("{sealed}{other}")),
        "several_assertions",
    );
    let plain = signed(Signed::Assertion);
    let plain = element(&plain, "saml:Assertion");
    refused(
        &xml.replace(sealed, &format!("{sealed}{plain}")),
        "several_assertions",
    );
    let elsewhere = format!("<samlp:Extensions>{sealed}</samlp:Extensions><samlp:Status>");
    let moved = xml
        .replace(sealed, "")
        .replace("<samlp:Status>", &elsewhere);
    refused(&moved, "several_assertions");
}

/// Anyone can make these changes, because the Response is not signed.
#[test]
pub fn malformed_encryption() {
    let xml = message(Signed::Assertion, &EncryptionOptions::default());
    let change = |from: &str, to: &str, check: &str| {
        let changed = xml.replacen(from, to, 1);
        assert_ne!(xml, changed, "{from} is not there");
        refused(&changed, check);
    };
    let algorithm = "encryption_algorithm";
    for other in [
        "http://www.w3.org/2001/04/xmlenc#rsa-1_5",
        "http://www.w3.org/2001/04/xmlenc#kw-aes256",
        "",
    ] {
        change(KeyTransport::OAEP_MGF1P, other, algorithm);
    }
    for other in [
        "http://www.w3.org/2001/04/xmlenc#tripledes-cbc",
        "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
        "http://www.w3.org/2007/05/xmldsig-more#seed128-cbc",
    ] {
        change(
            "http://www.w3.org/2009/xmlenc11#aes256-gcm",
            other,
            algorithm,
        );
    }
    let profile = "encryption_profile";
    let key = element(&xml, "xenc:EncryptedKey");
    change(key, &key.replace("_key", "_a").repeat(2), "duplicate_id");
    change(
        key,
        &format!("{key}{}", key.replace("_key", "_other")),
        profile,
    );
    change(key, "", profile);
    change(
        key,
        "<ds:RetrievalMethod URI=\"http://127.0.0.1:1/key\"/>",
        profile,
    );
    change(key, "<ds:RetrievalMethod URI=\"#_key\"/>", profile);
    change(key, "<ds:KeyName>a</ds:KeyName>", profile);
    change(key, "<xenc:AgreementMethod Algorithm=\"urn:x\"/>", profile);
    change(
        "<ds:X509Data>",
        "<ds:RetrievalMethod URI=\"file:///etc/passwd\"/><ds:X509Data>",
        profile,
    );
    let value = element(&xml, "xenc:CipherValue");
    change(
        value,
        "<xenc:CipherReference URI=\"http://127.0.0.1:1/\"/>",
        profile,
    );
    change(value, &value.repeat(2), profile);
    change("xmlenc#Element\"", "xmlenc#Content\"", profile);
    let method = format!("Algorithm=\"{}\"/>", KeyTransport::OAEP_MGF1P);
    let open_method = method.replace("/>", ">");
    for part in [
        "<xenc:OAEPparams>AAAA</xenc:OAEPparams>",
        "<xenc:KeySize>128</xenc:KeySize>",
        "<xenc11:MGF Algorithm=\"http://www.w3.org/2009/xmlenc11#mgf1sha1\"/>",
        "<ds:DigestMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#sha1\"><a/></ds:DigestMethod>",
    ] {
        let with_part = format!("{open_method}{part}</xenc:EncryptionMethod>");
        if xml.contains(&method) {
            change(&method, &with_part, profile);
        } else {
            change(&open_method, &format!("{open_method}{part}"), profile);
        }
    }
    change(
        "</xenc:EncryptedData>",
        "<xenc:EncryptionProperties/></xenc:EncryptedData>",
        profile,
    );
    change("Id=\"_key\"", "xml:id=\"_key\"", "foreign_id");
    change("Id=\"_key\"", "ID=\"_key\"", "foreign_id");
}
