//! Good messages, in the forms that real IdPs send.

use rolecall::demo::idp::response::{AttributeSpec, ConfirmationSpec};
use rolecall::demo::idp::signing::algorithm;
use rolecall::demo::idp::signing::{KeyInfo, SignaturePosition};
use rolecall::demo::idp::{
    Curve, EmbeddedIdp, Signed, SigningKey, SigningOptions, encode, sign, xml_unsigned,
};
use rolecall::saml::encryption::Decryption;
use rolecall::saml::response::{self, Unverified};
use rolecall::saml::{Refusal, Trust, check};

use super::bench::*;
use super::corpus;
use crate::support::second_opinion;

const EVERY_SIGNED: [Signed; 3] = [Signed::Assertion, Signed::Response, Signed::Both];

fn accept_with(options: &SigningOptions) {
    for signed in EVERY_SIGNED {
        let xml = idp().signed_xml(&good(), signed, options).unwrap();
        let login = judge(&xml).unwrap_or_else(|refusal| panic!("{signed:?}: {refusal}"));
        assert_eq!(login.person.name_id, "alice@example.com");
        assert_eq!(login.person.idp, "corp");
        assert_eq!(login.attributes[0].name, ROLE);
    }
}

#[test]
pub fn every_canonicalisation() {
    for method in [
        algorithm::EXCLUSIVE_C14N,
        algorithm::INCLUSIVE_C14N,
        algorithm::INCLUSIVE_C14N_11,
    ] {
        accept_with(&SigningOptions::with_canonicalization(method));
    }
}

#[test]
pub fn every_hash() {
    for (signature, digest) in [
        (algorithm::RSA_SHA256, algorithm::SHA256),
        (algorithm::RSA_SHA384, algorithm::SHA384),
        (algorithm::RSA_SHA512, algorithm::SHA512),
    ] {
        accept_with(&SigningOptions::with_methods(signature, digest));
    }
}

#[test]
pub fn every_position_of_the_signature() {
    for position in [
        SignaturePosition::AfterIssuer,
        SignaturePosition::First,
        SignaturePosition::Last,
    ] {
        accept_with(&SigningOptions {
            position,
            ..SigningOptions::default()
        });
    }
}

#[test]
pub fn no_key_info() {
    accept_with(&SigningOptions {
        key_info: KeyInfo::None,
        ..SigningOptions::default()
    });
}

/// An IdP like [`idp`], with a key on this curve.
fn curved(curve: Curve) -> EmbeddedIdp {
    let key = SigningKey::ec(curve, now()).unwrap();
    EmbeddedIdp::with_key(idp().entity_id(), idp().sso_url().clone(), key)
}

#[test]
pub fn every_curve() {
    for (curve, signature, digest) in [
        (Curve::P256, algorithm::ECDSA_SHA256, algorithm::SHA512),
        (Curve::P384, algorithm::ECDSA_SHA384, algorithm::SHA256),
        (Curve::P521, algorithm::ECDSA_SHA512, algorithm::SHA384),
    ] {
        let curved = curved(curve);
        let options = SigningOptions::with_methods(signature, digest);
        let xml = curved.signed_xml(&good(), Signed::Both, &options).unwrap();
        let opened =
            second_opinion::open(&xml, &[curved.key().certificate_der().to_vec()]).unwrap();
        let sp = service_provider();
        let audiences = [sp.entity_id.clone()];
        check::check(opened, &expected(&sp, &audiences)).unwrap();
    }
}

/// The Assertion and the Response are signed with different methods.
#[test]
pub fn each_signature_with_its_own_method() {
    let sha256 = SigningOptions::default();
    let sha512 = SigningOptions::with_methods(algorithm::RSA_SHA512, algorithm::SHA384);
    for (inner, outer) in [(&sha256, &sha512), (&sha512, &sha256)] {
        judge(&signed_twice((idp().key(), inner), (idp().key(), outer))).unwrap();
    }
}

/// samael uses one key for all signatures in a message, so there is no second opinion here.
#[test]
pub fn each_signature_with_its_own_key() {
    let curved = curved(Curve::P256);
    let rsa = (idp().key(), &SigningOptions::default());
    let ecdsa = SigningOptions::with_methods(algorithm::ECDSA_SHA256, algorithm::SHA256);
    let ecdsa = (curved.key(), &ecdsa);
    for (inner, outer) in [(rsa, ecdsa), (ecdsa, rsa)] {
        let field = encode(&signed_twice(inner, outer));
        let open = |keys: &[&SigningKey]| {
            let certificates: Vec<_> = keys
                .iter()
                .map(|key| key.certificate_der().to_vec())
                .collect();
            response::open(
                &field,
                &Trust::new(&certificates, false).unwrap(),
                &Decryption::NONE,
            )
        };
        open(&[inner.0, outer.0]).unwrap();
        open(&[outer.0, inner.0]).unwrap();
        assert_eq!(open(&[inner.0]).unwrap_err(), Refusal::Signature);
        assert_eq!(open(&[outer.0]).unwrap_err(), Refusal::Signature);
    }
}

/// [`good`], with the Assertion signed with `inner`, and then the Response signed with `outer`.
fn signed_twice(
    inner: (&SigningKey, &SigningOptions),
    outer: (&SigningKey, &SigningOptions),
) -> String {
    let spec = good();
    let assertion = &spec.assertion.as_ref().unwrap().id;
    let xml = sign(&xml_unsigned(&spec).unwrap(), assertion, inner.0, inner.1).unwrap();
    sign(&xml, &spec.id, outer.0, outer.1).unwrap()
}

#[test]
pub fn lines_of_base64() {
    for line_break in ["\n", "\r\n"] {
        let field = encode(&signed(Signed::Both));
        let lines: Vec<_> = field
            .as_bytes()
            .chunks(76)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        let field = lines.join(line_break);
        let text = response::decode(&field).unwrap();
        judge_with(&text, |_| {}).unwrap();
        corpus::note(&field, None);
    }
}

#[test]
pub fn values_that_need_escapes_and_more_than_ascii() {
    const VALUES: [&str; 4] = [
        "a < b && \"c\" > 'd'",
        "Ünïcödé 日本語 🔑",
        "]]>",
        "two\nlines\tand a tab",
    ];
    let xml = changed(|spec| {
        let assertion = spec.assertion.as_mut().unwrap();
        let name_id = assertion
            .subject
            .as_mut()
            .unwrap()
            .name_id
            .as_mut()
            .unwrap();
        name_id.value = "Zoë <zoë@example.com> & \"friends\"".to_owned();
        assertion
            .attributes
            .push(AttributeSpec::new("urn:test", VALUES));
    });
    let login = judge(&xml).unwrap();
    assert_eq!(login.person.name_id, "Zoë <zoë@example.com> & \"friends\"");
    assert_eq!(login.attributes.last().unwrap().values, VALUES);
}

#[test]
pub fn a_carriage_return_survives() {
    let xml = rewritten(|xml| xml.replace("alice@example.com", "alice&#xD;x"));
    assert_eq!(judge(&xml).unwrap().person.name_id, "alice\rx");
}

#[test]
pub fn attributes_are_known_by_name_and_not_by_friendly_name() {
    let xml = changed(|spec| {
        let attributes = &mut spec.assertion.as_mut().unwrap().attributes;
        let mut decoy = AttributeSpec::new("urn:decoy", ["evil"]);
        decoy.friendly_name = Some(ROLE.to_owned());
        attributes.insert(0, decoy);
    });
    let login = judge(&xml).unwrap();
    let role = login
        .attributes
        .iter()
        .find(|attribute| attribute.name == ROLE)
        .unwrap();
    assert!(role.values[0].starts_with("arn:aws:iam::111111111111:role/reader"));
}

#[test]
pub fn one_good_confirmation_among_several() {
    let xml = changed(|spec| {
        let assertion = spec.assertion.as_mut().unwrap();
        let confirmations = &mut assertion.subject.as_mut().unwrap().confirmations;
        let elsewhere = ConfirmationSpec {
            recipient: Some("https://signin.aws.amazon.com/saml".to_owned()),
            ..confirmations[0].clone()
        };
        let keyed = ConfirmationSpec {
            method: "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key".to_owned(),
            ..confirmations[0].clone()
        };
        confirmations.splice(0..0, [elsewhere, keyed]);
    });
    judge(&xml).unwrap();
}

#[test]
pub fn several_audiences_in_each_of_several_restrictions() {
    let us = service_provider().entity_id;
    let xml = changed(|spec| {
        let conditions = spec
            .assertion
            .as_mut()
            .unwrap()
            .conditions
            .as_mut()
            .unwrap();
        conditions.audience_restrictions =
            vec![vec!["urn:other".to_owned(), us.clone()], vec![us.clone()]];
    });
    judge(&xml).unwrap();
}

#[test]
pub fn parts_that_are_not_read_do_no_harm() {
    let advice = "<saml:Advice><x xmlns=\"urn:x\">anything</x></saml:Advice>";
    let extensions = "<samlp:Extensions><x xmlns=\"urn:x\">anything</x></samlp:Extensions>";
    let nested = "<saml:Attribute Name=\"urn:nested\"><saml:AttributeValue><saml:NameID>opaque</saml:NameID></saml:AttributeValue></saml:Attribute>";
    let condition = "<saml:OneTimeUse/>";
    let locality = "<saml:SubjectLocality Address=\"192.0.2.1\"/><saml:AuthnContext>";
    let xml = rewritten(|xml| {
        xml.replace("<samlp:Status>", &format!("{extensions}<samlp:Status>"))
            .replace(
                "<saml:AuthnStatement",
                &format!("{advice}<saml:AuthnStatement"),
            )
            .replace(
                "</saml:Conditions>",
                &format!("{condition}</saml:Conditions>"),
            )
            .replace("<saml:AuthnContext>", locality)
            .replace(
                "</saml:AttributeStatement>",
                &format!("{nested}</saml:AttributeStatement>"),
            )
    });
    let text = response::decode(&encode(&xml)).unwrap();
    let opened = Unverified::parse(&text)
        .unwrap()
        .open(&idp().trust().unwrap(), &Decryption::NONE)
        .unwrap();
    let certificates = [idp().key().certificate_der().to_vec()];
    // samael cannot read markup inside attribute values, so it only verifies the signatures here.
    // rolecall does not treat such markup as a value.
    second_opinion::assert_verifies(&xml, &certificates);
    let sp = service_provider();
    let audiences = [sp.entity_id.clone()];
    let login = check::check(opened, &expected(&sp, &audiences)).unwrap();
    assert_eq!(
        login.attributes.last().unwrap().values,
        Vec::<String>::new()
    );
}

/// eduPersonTargetedID, which most academic IdPs send, has a NameID as its value.
#[test]
pub fn values_that_are_not_text_are_left_out() {
    let targeted = "<saml:Attribute Name=\"urn:oid:1.3.6.1.4.1.5923.1.1.1.10\">\
        <saml:AttributeValue><saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\" \
        NameQualifier=\"https://idp\" SPNameQualifier=\"https://sp\">opaque</saml:NameID></saml:AttributeValue>\
        <saml:AttributeValue xsi:nil=\"true\"/><saml:AttributeValue xsi:nil=\"1\">admin</saml:AttributeValue>\
        <saml:AttributeValue>ad<x xmlns=\"urn:x\">m</x>in</saml:AttributeValue>\
        <saml:AttributeValue xsi:nil=\"false\">text</saml:AttributeValue></saml:Attribute>";
    let evil = "<saml:AttributeValue><x xmlns=\"urn:x\"/>arn:aws:iam::111111111111:role/admin,\
        arn:aws:iam::111111111111:saml-provider/corp</saml:AttributeValue></saml:Attribute>";
    let xml = rewritten(|xml| {
        xml.replacen("</saml:Attribute>", evil, 1).replace(
            "</saml:AttributeStatement>",
            &format!("{targeted}</saml:AttributeStatement>"),
        )
    });
    let text = response::decode(&encode(&xml)).unwrap();
    let opened = Unverified::parse(&text)
        .unwrap()
        .open(&idp().trust().unwrap(), &Decryption::NONE)
        .unwrap();
    second_opinion::assert_verifies(&xml, &[idp().key().certificate_der().to_vec()]);
    let sp = service_provider();
    let audiences = [sp.entity_id.clone()];
    let login = check::check(opened, &expected(&sp, &audiences)).unwrap();
    assert_eq!(login.attributes[0].values, person().attributes[0].values);
    assert_eq!(login.attributes.last().unwrap().values, ["text"]);
    let targeted = "urn:oid:1.3.6.1.4.1.5923.1.1.1.10";
    assert_eq!(
        login.left_out,
        [ROLE, targeted, targeted, targeted, targeted]
    );
}

#[test]
pub fn white_space_between_elements() {
    let xml = rewritten(|xml| {
        xml.replace("><saml:", ">\n  <saml:")
            .replace("></saml:", ">\n</saml:")
    });
    // The added white space is only between elements, so no value changes.
    assert_eq!(judge(&xml).unwrap().person.name_id, "alice@example.com");
}

#[test]
pub fn an_xml_declaration() {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}",
        signed(Signed::Both)
    );
    judge(&xml).unwrap();
}

#[test]
pub fn other_prefixes() {
    let xml = rewritten(|xml| {
        xml.replace("samlp:", "p:")
            .replace("xmlns:samlp=", "xmlns:p=")
            .replace("saml:", "")
            .replace("xmlns:saml=", "xmlns=")
    });
    judge(&xml).unwrap();
}
