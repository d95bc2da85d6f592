//! Messages as the best-known identity providers send them by default: the signed parts, the
//! prefixes, the order of elements, the times and the attributes.
//!
//! The table in `docs/connect-an-idp.md` describes these defaults in words.

use rolecall::demo::idp::signing::algorithm;
use rolecall::demo::idp::{Signed, SigningOptions, sign};

use super::bench::*;

const RESPONSE: &str = "_b6c1d5f0e5a94f4f";

/// Fills in `template`, and returns the message and the ID of its assertion. `times` is the IdP's
/// time format.
fn filled(template: &str, times: &str) -> (String, String) {
    let assertion = rolecall::saml::request::new_id().unwrap();
    let (sp, at) = (service_provider(), |minutes| {
        (now() + chrono::TimeDelta::minutes(minutes))
            .format(times)
            .to_string()
    });
    let role = &person().attributes[0].values[0];
    let mut text = template.replace('\n', "");
    for (mark, fact) in [
        ("@response", RESPONSE),
        ("@assertion", &assertion),
        ("@request", REQUEST_ID.as_str()),
        ("@acs", &sp.acs_url),
        ("@sp", &sp.entity_id),
        ("@idp", idp().entity_id()),
        ("@role", role),
        ("@now", &at(0)),
        ("@before", &at(-5)),
        ("@soon", &at(5)),
        ("@hour", &at(60)),
        ("@night", &at(600)),
    ] {
        text = text.replace(mark, fact);
    }
    (text, assertion)
}

const SECONDS: &str = "%Y-%m-%dT%H:%M:%SZ";
const MILLISECONDS: &str = "%Y-%m-%dT%H:%M:%S%.3fZ";
const TICKS: &str = "%Y-%m-%dT%H:%M:%S.0000000Z";

/// Signs the message as `signed` specifies, and asserts that it is accepted.
#[track_caller]
fn accepted((xml, assertion): &(String, String), signed: Signed, options: &SigningOptions) {
    let mut xml = xml.clone();
    if signed.assertion() {
        xml = sign(&xml, assertion, idp().key(), options).unwrap();
    }
    if signed.response() {
        xml = sign(&xml, RESPONSE, idp().key(), options).unwrap();
    }
    let login = judge(&xml).unwrap_or_else(|refusal| panic!("{refusal}: {xml}"));
    assert_eq!(login.person.name_id, "alice@example.com");
    let role = login
        .attributes
        .iter()
        .find(|attribute| attribute.name == ROLE);
    assert_eq!(role.unwrap().values, person().attributes[0].values);
}

/// Entra ID signs only the Assertion, uses default namespaces and milliseconds, and puts the
/// AttributeStatement before the AuthnStatement.
#[test]
pub fn entra_id() {
    let xml = r#"<samlp:Response ID="@response" Version="2.0" IssueInstant="@now" Destination="@acs" InResponseTo="@request" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">
<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">@idp</Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
<Assertion ID="@assertion" IssueInstant="@now" Version="2.0" xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><Issuer>@idp</Issuer>
<Subject><NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">alice@example.com</NameID>
<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData InResponseTo="@request" NotOnOrAfter="@hour" Recipient="@acs"/></SubjectConfirmation></Subject>
<Conditions NotBefore="@before" NotOnOrAfter="@hour"><AudienceRestriction><Audience>@sp</Audience></AudienceRestriction></Conditions>
<AttributeStatement>
<Attribute Name="http://schemas.microsoft.com/identity/claims/tenantid"><AttributeValue>7a0b3b0e-5f0d-4b0e-9d0e-2f7d0c6a1b11</AttributeValue></Attribute>
<Attribute Name="http://schemas.microsoft.com/claims/authnmethodsreferences"><AttributeValue>http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password</AttributeValue><AttributeValue>http://schemas.microsoft.com/claims/multipleauthn</AttributeValue></Attribute>
<Attribute Name="https://aws.amazon.com/SAML/Attributes/Role"><AttributeValue>@role</AttributeValue></Attribute>
<Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName"><AttributeValue>alice@example.com</AttributeValue></Attribute>
</AttributeStatement>
<AuthnStatement AuthnInstant="@now" SessionIndex="@assertion"><AuthnContext><AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</AuthnContextClassRef></AuthnContext></AuthnStatement>
</Assertion></samlp:Response>"#;
    let options = SigningOptions {
        prefix: "",
        ..SigningOptions::default()
    };
    accepted(&filled(xml, MILLISECONDS), Signed::Assertion, &options);
}

/// Okta signs both the Response and the Assertion, with a PrefixList. Its Issuer has a Format.
#[test]
pub fn okta() {
    let xml = r#"<saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:xs="http://www.w3.org/2001/XMLSchema" Destination="@acs" ID="@response" InResponseTo="@request" IssueInstant="@now" Version="2.0">
<saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">@idp</saml2:Issuer>
<saml2p:Status><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status>
<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema" ID="@assertion" IssueInstant="@now" Version="2.0">
<saml2:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">@idp</saml2:Issuer>
<saml2:Subject><saml2:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">alice@example.com</saml2:NameID>
<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml2:SubjectConfirmationData InResponseTo="@request" NotOnOrAfter="@soon" Recipient="@acs"/></saml2:SubjectConfirmation></saml2:Subject>
<saml2:Conditions NotBefore="@before" NotOnOrAfter="@soon"><saml2:AudienceRestriction><saml2:Audience>@sp</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions>
<saml2:AuthnStatement AuthnInstant="@now" SessionIndex="@request"><saml2:AuthnContext><saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement>
<saml2:AttributeStatement>
<saml2:Attribute Name="https://aws.amazon.com/SAML/Attributes/Role" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"><saml2:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">@role</saml2:AttributeValue></saml2:Attribute>
</saml2:AttributeStatement></saml2:Assertion></saml2p:Response>"#;
    let options = SigningOptions {
        inclusive_prefixes: "xs".to_owned(),
        ..SigningOptions::default()
    };
    accepted(&filled(xml, MILLISECONDS), Signed::Both, &options);
}

/// PingOne and PingFederate sign the Assertion, which declares its own namespace.
#[test]
pub fn ping() {
    let xml = r#"<samlp:Response Version="2.0" ID="@response" IssueInstant="@now" InResponseTo="@request" Destination="@acs" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">
<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">@idp</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
<saml:Assertion ID="@assertion" IssueInstant="@now" Version="2.0" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><saml:Issuer>@idp</saml:Issuer>
<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">alice@example.com</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData Recipient="@acs" NotOnOrAfter="@soon" InResponseTo="@request"/></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="@before" NotOnOrAfter="@soon"><saml:AudienceRestriction><saml:Audience>@sp</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement SessionIndex="@assertion" AuthnInstant="@now"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement>
<saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/Role" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"><saml:AttributeValue xsi:type="xs:string" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">@role</saml:AttributeValue></saml:Attribute>
</saml:AttributeStatement></saml:Assertion></samlp:Response>"#;
    accepted(
        &filled(xml, MILLISECONDS),
        Signed::Assertion,
        &SigningOptions::default(),
    );
}

/// Google signs the Response, and sends values of type xs:anyType and a late SessionNotOnOrAfter.
#[test]
pub fn google() {
    let xml = r#"<?xml version="1.0" encoding="UTF-8" standalone="no"?><saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" Destination="@acs" ID="@response" InResponseTo="@request" IssueInstant="@now" Version="2.0">
<saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">@idp</saml2:Issuer>
<saml2p:Status><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status>
<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="@assertion" IssueInstant="@now" Version="2.0"><saml2:Issuer>@idp</saml2:Issuer>
<saml2:Subject><saml2:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">alice@example.com</saml2:NameID>
<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml2:SubjectConfirmationData InResponseTo="@request" NotOnOrAfter="@soon" Recipient="@acs"/></saml2:SubjectConfirmation></saml2:Subject>
<saml2:Conditions NotBefore="@before" NotOnOrAfter="@soon"><saml2:AudienceRestriction><saml2:Audience>@sp</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions>
<saml2:AttributeStatement>
<saml2:Attribute Name="https://aws.amazon.com/SAML/Attributes/Role"><saml2:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:anyType">@role</saml2:AttributeValue></saml2:Attribute>
</saml2:AttributeStatement>
<saml2:AuthnStatement AuthnInstant="@before" SessionIndex="@assertion" SessionNotOnOrAfter="@night"><saml2:AuthnContext><saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement>
</saml2:Assertion></saml2p:Response>"#;
    accepted(
        &filled(xml, MILLISECONDS),
        Signed::Response,
        &SigningOptions::default(),
    );
}

/// Keycloak signs the Response, with the prefix dsig. It declares the Assertion's namespace twice:
/// with a prefix in the Response, and as the default in the Assertion. Several attributes have the
/// same name.
#[test]
pub fn keycloak() {
    let xml = r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Destination="@acs" ID="@response" InResponseTo="@request" IssueInstant="@now" Version="2.0"><saml:Issuer>@idp</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
<saml:Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="@assertion" IssueInstant="@now" Version="2.0"><saml:Issuer>@idp</saml:Issuer>
<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">alice@example.com</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData InResponseTo="@request" NotOnOrAfter="@soon" Recipient="@acs"/></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="@before" NotOnOrAfter="@soon"><saml:AudienceRestriction><saml:Audience>@sp</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="@now" SessionIndex="f3b9c1d2-7a54::a0c7e915" SessionNotOnOrAfter="@night"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement>
<saml:Attribute FriendlyName="Session Role" Name="https://aws.amazon.com/SAML/Attributes/Role" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic"><saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">@role</saml:AttributeValue></saml:Attribute>
<saml:Attribute Name="Role" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic"><saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">offline_access</saml:AttributeValue></saml:Attribute>
<saml:Attribute Name="Role" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic"><saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">manage-account</saml:AttributeValue></saml:Attribute>
</saml:AttributeStatement></saml:Assertion></samlp:Response>"#;
    let options = SigningOptions {
        prefix: "dsig",
        ..SigningOptions::default()
    };
    accepted(&filled(xml, MILLISECONDS), Signed::Response, &options);
}

/// AD FS signs the Assertion, which is in a default namespace. It sends a Consent, and puts the
/// AuthnStatement last.
#[test]
pub fn adfs() {
    let xml = r#"<samlp:Response ID="@response" Version="2.0" IssueInstant="@now" Destination="@acs" Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified" InResponseTo="@request" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">
<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">@idp</Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success" /></samlp:Status>
<Assertion ID="@assertion" IssueInstant="@now" Version="2.0" xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><Issuer>@idp</Issuer>
<Subject><NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">alice@example.com</NameID>
<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData InResponseTo="@request" NotOnOrAfter="@soon" Recipient="@acs" /></SubjectConfirmation></Subject>
<Conditions NotBefore="@now" NotOnOrAfter="@hour"><AudienceRestriction><Audience>@sp</Audience></AudienceRestriction></Conditions>
<AttributeStatement><Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName"><AttributeValue>alice@example.com</AttributeValue></Attribute>
<Attribute Name="https://aws.amazon.com/SAML/Attributes/Role"><AttributeValue>@role</AttributeValue></Attribute></AttributeStatement>
<AuthnStatement AuthnInstant="@now" SessionIndex="@assertion"><AuthnContext><AuthnContextClassRef>urn:federation:authentication:windows</AuthnContextClassRef></AuthnContext></AuthnStatement>
</Assertion></samlp:Response>"#;
    for times in [MILLISECONDS, TICKS] {
        accepted(
            &filled(xml, times),
            Signed::Assertion,
            &SigningOptions::default(),
        );
    }
}

/// Shibboleth signs the Response, with a PrefixList. It sends a NameID with both qualifiers,
/// attributes with FriendlyNames (one attribute is named by OID), and the client's address.
#[test]
pub fn shibboleth() {
    let xml = r#"<?xml version="1.0" encoding="UTF-8"?><saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" Destination="@acs" ID="@response" InResponseTo="@request" IssueInstant="@now" Version="2.0">
<saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">@idp</saml2:Issuer>
<saml2p:Status><saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></saml2p:Status>
<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xsd="http://www.w3.org/2001/XMLSchema" ID="@assertion" IssueInstant="@now" Version="2.0"><saml2:Issuer>@idp</saml2:Issuer>
<saml2:Subject><saml2:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient" NameQualifier="@idp" SPNameQualifier="@sp">alice@example.com</saml2:NameID>
<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml2:SubjectConfirmationData Address="192.0.2.1" InResponseTo="@request" NotOnOrAfter="@soon" Recipient="@acs"/></saml2:SubjectConfirmation></saml2:Subject>
<saml2:Conditions NotBefore="@now" NotOnOrAfter="@soon"><saml2:AudienceRestriction><saml2:Audience>@sp</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions>
<saml2:AuthnStatement AuthnInstant="@before" SessionIndex="_e3a1"><saml2:SubjectLocality Address="192.0.2.1"/><saml2:AuthnContext><saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement>
<saml2:AttributeStatement>
<saml2:Attribute FriendlyName="eduPersonAffiliation" Name="urn:oid:1.3.6.1.4.1.5923.1.1.1.1" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"><saml2:AttributeValue>member</saml2:AttributeValue></saml2:Attribute>
<saml2:Attribute FriendlyName="awsRoles" Name="https://aws.amazon.com/SAML/Attributes/Role" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"><saml2:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xsd:string">@role</saml2:AttributeValue></saml2:Attribute>
</saml2:AttributeStatement></saml2:Assertion></saml2p:Response>"#;
    let options = SigningOptions {
        inclusive_prefixes: "xsd".to_owned(),
        ..SigningOptions::with_methods(algorithm::RSA_SHA256, algorithm::SHA256)
    };
    accepted(&filled(xml, MILLISECONDS), Signed::Response, &options);
}

/// SimpleSAMLphp signs both the Response and the Assertion, and sends times in whole seconds and
/// values of type xs:string.
#[test]
pub fn simplesamlphp() {
    let xml = r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="@response" Version="2.0" IssueInstant="@now" Destination="@acs" InResponseTo="@request"><saml:Issuer>@idp</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
<saml:Assertion xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xs="http://www.w3.org/2001/XMLSchema" ID="@assertion" Version="2.0" IssueInstant="@now"><saml:Issuer>@idp</saml:Issuer>
<saml:Subject><saml:NameID SPNameQualifier="@sp" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">alice@example.com</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="@soon" Recipient="@acs" InResponseTo="@request"/></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="@before" NotOnOrAfter="@soon"><saml:AudienceRestriction><saml:Audience>@sp</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="@now" SessionNotOnOrAfter="@night" SessionIndex="_a1b2c3"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement>
<saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/Role" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"><saml:AttributeValue xsi:type="xs:string">@role</saml:AttributeValue></saml:Attribute>
</saml:AttributeStatement></saml:Assertion></samlp:Response>"#;
    accepted(
        &filled(xml, SECONDS),
        Signed::Both,
        &SigningOptions::default(),
    );
}
