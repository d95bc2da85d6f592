//! The structural policy. Each refused message breaks one rule.

use rolecall::demo::idp::{Signed, SigningOptions};

use super::bench::*;

#[track_caller]
fn refused(from: &str, to: &str, check: &str) {
    assert_refused(&rewritten(|xml| xml.replacen(from, to, 1)), check);
}

#[test]
pub fn other_documents() {
    for text in [
        "<x/>",
        "<Response ID=\"_1\" Version=\"2.0\"/>",
        "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_1\" Version=\"2.0\"/>",
        "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_1\" Version=\"2.0\"/>",
        "<saml:Response xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_1\" Version=\"2.0\"/>",
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" ID=\"_1\"/>",
    ] {
        assert_refused(text, "not_a_response");
    }
}

#[test]
pub fn no_assertion() {
    let mut spec = good();
    spec.assertion = None;
    let xml = idp()
        .signed_xml(&spec, Signed::Response, &SigningOptions::default())
        .unwrap();
    assert_refused(&xml, "no_assertion");
}

#[test]
pub fn an_encrypted_assertion() {
    let encrypted = "<saml:EncryptedAssertion/></samlp:Response>";
    refused("</samlp:Response>", encrypted, "several_assertions");
}

#[test]
pub fn assertions_in_other_namespaces_and_places() {
    for extra in [
        "<Assertion xmlns=\"urn:x\"/>",
        "<saml:Assertion ID=\"_x\" Version=\"2.0\"/>",
        "<x xmlns=\"urn:x\"><saml:Assertion ID=\"_x\" Version=\"2.0\"/></x>",
    ] {
        let extensions = format!("<samlp:Extensions>{extra}</samlp:Extensions><samlp:Status>");
        refused("<samlp:Status>", &extensions, "several_assertions");
        let advice = format!("<saml:Advice>{extra}</saml:Advice><saml:AuthnStatement");
        refused("<saml:AuthnStatement", &advice, "several_assertions");
        let end = format!("{extra}</samlp:Response>");
        refused("</samlp:Response>", &end, "several_assertions");
        let value = format!(">{extra}</saml:AttributeValue>");
        refused("</saml:AttributeValue>", &value[1..], "several_assertions");
    }
}

#[test]
pub fn identifiers() {
    let twice = |id: &str| {
        let id = id.to_owned();
        rewritten(move |xml| {
            let extra = format!(
                "<samlp:Extensions><x xmlns=\"urn:x\" ID=\"{id}\"/></samlp:Extensions><samlp:Status>"
            );
            xml.replacen("<samlp:Status>", &extra, 1)
        })
    };
    judge(&twice("_unique")).unwrap();
    let xml = signed(Signed::Both);
    let id = xml
        .split("ID=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let copy = xml.replacen(
        "<samlp:Status>",
        &format!(
            "<samlp:Extensions><x xmlns=\"urn:x\" id=\"{id}\"/></samlp:Extensions><samlp:Status>"
        ),
        1,
    );
    assert_refused(&copy, "duplicate_id");
    // The changed messages are not signed again, because libraries refuse to sign some of them. The
    // policy is checked before the signatures anyway.
    for id in [
        "xml:id=\"_x\"",
        "xmlns:e=\"urn:e\" e:ID=\"_x\"",
        "Id=\"_x\"",
        "AssertionID=\"_x\"",
    ] {
        let to = format!("<saml:Subject {id}>");
        assert_refused(
            &signed(Signed::Both).replacen("<saml:Subject>", &to, 1),
            "foreign_id",
        );
    }
}

#[test]
pub fn prefixed_attributes_that_shadow() {
    for name in ["Version", "Destination", "InResponseTo", "IssueInstant"] {
        let to = format!("<samlp:Response xmlns:e=\"urn:e\" e:{name}=\"x\" ");
        refused("<samlp:Response ", &to, "shadowed_attribute");
    }
    for name in ["Recipient", "NotOnOrAfter", "InResponseTo"] {
        let to = format!("<saml:SubjectConfirmationData xmlns:e=\"urn:e\" e:{name}=\"x\" ");
        refused("<saml:SubjectConfirmationData ", &to, "shadowed_attribute");
    }
    refused(
        "<saml:Attribute ",
        "<saml:Attribute xmlns:e=\"urn:e\" e:Name=\"x\" ",
        "shadowed_attribute",
    );
}

#[test]
pub fn elements_that_a_namespace_blind_reader_would_take() {
    for (from, to) in [
        (
            "<saml:Subject>",
            "<e:Subject xmlns:e=\"urn:e\"/><saml:Subject>",
        ),
        ("<saml:Subject>", "<samlp:Subject/><saml:Subject>"),
        (
            "<saml:NameID",
            "<e:NameID xmlns:e=\"urn:e\">admin</e:NameID><saml:NameID",
        ),
        (
            "<saml:AttributeStatement>",
            "<e:AttributeStatement xmlns:e=\"urn:e\"/><saml:AttributeStatement>",
        ),
        (
            "<saml:AttributeValue",
            "<e:AttributeValue xmlns:e=\"urn:e\">x</e:AttributeValue><saml:AttributeValue",
        ),
        (
            "<samlp:StatusCode",
            "<e:StatusCode xmlns:e=\"urn:e\" Value=\"x\"/><samlp:StatusCode",
        ),
    ] {
        refused(from, to, "unexpected_element");
    }
}

#[test]
pub fn duplicate_and_misplaced_elements() {
    for (from, to) in [
        ("<saml:Subject>", "<saml:Subject/><saml:Subject>"),
        ("<saml:Conditions", "<saml:Conditions/><saml:Conditions"),
        (
            "<samlp:Status>",
            "<samlp:Status><samlp:StatusCode Value=\"x\"/></samlp:Status><samlp:Status>",
        ),
        (
            "<saml:NameID",
            "<saml:NameID>admin</saml:NameID><saml:NameID",
        ),
        ("alice@example.com", "<saml:b>alice@example.com</saml:b>"),
        ("<saml:Subject>", "<saml:Subject>text"),
        ("<saml:Subject>", "<saml:Subject><saml:EncryptedID/>"),
        (
            "<saml:AttributeStatement>",
            "<saml:AttributeStatement><saml:EncryptedAttribute/>",
        ),
    ] {
        refused(from, to, "unexpected_element");
    }
}

#[test]
pub fn elements_that_are_missing() {
    let without_status = rewritten(|xml| {
        let status = element(&xml, "samlp:Status").to_owned();
        xml.replace(&status, "")
    });
    assert_refused(&without_status, "missing_element");
    let without_issuer = rewritten(|xml| {
        let assertion = element(&xml, "saml:Assertion").to_owned();
        let issuer = element(&assertion, "saml:Issuer").to_owned();
        xml.replace(&assertion, &assertion.replace(&issuer, ""))
    });
    assert_refused(&without_issuer, "missing_element");
    refused(
        "<saml:AudienceRestriction>",
        "<saml:AudienceRestriction/><saml:AudienceRestriction>",
        "missing_element",
    );
}
