//! The contents of a Response, field by field (saml-core 2 and 3), and its XML without signatures.

use askama::Template;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use crate::demo::people::Person;

/// The status code of a response with an assertion (saml-core 3.2.2.2).
pub const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
/// The status code of a response that reports an error at the IdP.
pub const RESPONDER: &str = "urn:oasis:names:tc:SAML:2.0:status:Responder";
/// The second-level status code of a failed authentication.
pub const AUTHN_FAILED: &str = "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed";
/// The `Method` of a bearer confirmation (saml-profiles 3.3).
pub const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
/// The audience that AWS's documentation specifies for assertions.
pub const AWS_AUDIENCE: &str = "urn:amazon:webservices";

const URI_NAME_FORMAT: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri";
const PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
/// How long before its IssueInstant an assertion becomes valid, in case the clock of the service
/// provider is behind.
const VALID_BEFORE: TimeDelta = TimeDelta::minutes(1);
/// How long after its IssueInstant an assertion remains valid.
const VALID_FOR: TimeDelta = TimeDelta::minutes(5);

/// A service provider that is registered with the IdP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    /// The entity ID of the service provider.
    pub entity_id: String,
    /// The URL of the service provider's assertion consumer service.
    pub acs_url: String,
}

/// A `samlp:Response` (saml-core 3.3.3). To change a part of the message that has no field here,
/// replace text in the result of [`xml_unsigned`] before signing it.
#[derive(Clone, Debug, Template)]
#[template(path = "demo/idp/response.xml")]
pub struct ResponseSpec {
    /// The `ID` attribute, to which a signature refers.
    pub id: String,
    /// The `Version` attribute, normally 2.0.
    pub version: String,
    /// The `IssueInstant` attribute, in UTC.
    pub issue_instant: DateTime<Utc>,
    /// The `Destination` attribute: the URL to which the response is sent.
    pub destination: Option<String>,
    /// The `InResponseTo` attribute: the ID of the AuthnRequest; `None` if there was none.
    pub in_response_to: Option<String>,
    /// The `Issuer` element: the entity ID of the IdP.
    pub issuer: Option<String>,
    /// The status, success or failure.
    pub status: StatusSpec,
    /// The Assertion; `None` in a response that reports an error.
    pub assertion: Option<AssertionSpec>,
}

/// A `samlp:Status` (saml-core 3.2.2.1).
#[derive(Clone, Debug)]
pub struct StatusSpec {
    /// The URI of the top-level code.
    pub code: String,
    /// The URI of the second-level code, which is inside the top-level code.
    pub second_code: Option<String>,
    /// The `StatusMessage` element, a message for people.
    pub message: Option<String>,
}

/// A `saml:Assertion` (saml-core 2.3.3).
#[derive(Clone, Debug)]
pub struct AssertionSpec {
    /// The `ID` attribute, to which a signature refers.
    pub id: String,
    /// The `Version` attribute, normally 2.0.
    pub version: String,
    /// The `IssueInstant` attribute, in UTC.
    pub issue_instant: DateTime<Utc>,
    /// The `Issuer` element: the entity ID of the IdP.
    pub issuer: String,
    /// The `Subject` element: who signed in.
    pub subject: Option<SubjectSpec>,
    /// The `Conditions` element: when and for which service provider the Assertion is valid.
    pub conditions: Option<ConditionsSpec>,
    /// The `AuthnStatement` element: when and how the person signed in.
    pub authn: Option<AuthnSpec>,
    /// The attributes. If there are none, the Assertion contains no AttributeStatement.
    pub attributes: Vec<AttributeSpec>,
}

/// A `saml:Subject` (saml-core 2.4.1).
#[derive(Clone, Debug)]
pub struct SubjectSpec {
    /// The `NameID` element, which identifies the person.
    pub name_id: Option<NameIdSpec>,
    /// The `SubjectConfirmation` elements, of which there may be any number.
    pub confirmations: Vec<ConfirmationSpec>,
}

/// A `saml:NameID` (saml-core 2.2.3).
#[derive(Clone, Debug)]
pub struct NameIdSpec {
    /// The identifier of the person, which is the content of the element.
    pub value: String,
    /// The `Format` attribute, a URI (saml-core 8.3).
    pub format: Option<String>,
    /// The `NameQualifier` attribute, usually the IdP's entity ID.
    pub name_qualifier: Option<String>,
    /// The `SPNameQualifier` attribute, usually the service provider's entity ID.
    pub sp_name_qualifier: Option<String>,
}

/// A `saml:SubjectConfirmation` with its SubjectConfirmationData (saml-core 2.4.1.1).
#[derive(Clone, Debug)]
pub struct ConfirmationSpec {
    /// The `Method` attribute, a URI such as [`BEARER`].
    pub method: String,
    /// The `NotBefore` attribute, which a bearer confirmation must not have.
    pub not_before: Option<DateTime<Utc>>,
    /// The `NotOnOrAfter` attribute: the time at which the confirmation expires.
    pub not_on_or_after: Option<DateTime<Utc>>,
    /// The `Recipient` attribute: the URL of the assertion consumer service.
    pub recipient: Option<String>,
    /// The `InResponseTo` attribute: the ID of the AuthnRequest; `None` if there was none.
    pub in_response_to: Option<String>,
}

/// A `saml:Conditions` (saml-core 2.5.1).
#[derive(Clone, Debug)]
pub struct ConditionsSpec {
    /// The `NotBefore` attribute: the time at which the Assertion becomes valid.
    pub not_before: Option<DateTime<Utc>>,
    /// The `NotOnOrAfter` attribute: the time at which the Assertion expires.
    pub not_on_or_after: Option<DateTime<Utc>>,
    /// The `AudienceRestriction` elements, each with its audiences.
    pub audience_restrictions: Vec<Vec<String>>,
}

/// A `saml:AuthnStatement` (saml-core 2.7.2).
#[derive(Clone, Debug)]
pub struct AuthnSpec {
    /// The `AuthnInstant` attribute: the time of the sign-in at the IdP.
    pub instant: DateTime<Utc>,
    /// The `SessionIndex` attribute, which identifies the session at the IdP.
    pub session_index: Option<String>,
    /// The `SessionNotOnOrAfter` attribute: the end of the session at the IdP.
    pub session_not_on_or_after: Option<DateTime<Utc>>,
    /// The `AuthnContextClassRef` element, a URI.
    pub context_class: String,
}

/// A `saml:Attribute` with string values (saml-core 2.7.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeSpec {
    /// The `Name` attribute, for example a constant in [`crate::demo::people::attribute`].
    pub name: String,
    /// The `NameFormat` attribute, a URI.
    pub name_format: String,
    /// The `FriendlyName` attribute, a name for people.
    pub friendly_name: Option<String>,
    /// The `AttributeValue` elements, of which there may be any number.
    pub values: Vec<String>,
}

impl AttributeSpec {
    /// An attribute with the NameFormat `uri`.
    pub fn new<V: Into<String>>(name: &str, values: impl IntoIterator<Item = V>) -> Self {
        Self {
            name: name.to_owned(),
            name_format: URI_NAME_FORMAT.to_owned(),
            friendly_name: None,
            values: values.into_iter().map(Into::into).collect(),
        }
    }
}

impl ResponseSpec {
    /// A valid response with an assertion about `person`.
    pub fn success(
        issuer: &str,
        person: &Person,
        relying_party: &RelyingParty,
        in_response_to: Option<&str>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            status: StatusSpec::success(),
            assertion: Some(AssertionSpec::new(
                issuer,
                person,
                relying_party,
                in_response_to,
                now,
            )),
            ..Self::envelope(issuer, relying_party, in_response_to, now)
        }
    }

    /// A response without an assertion. Its `status` reports why the sign-in failed.
    pub fn failure(
        issuer: &str,
        relying_party: &RelyingParty,
        in_response_to: Option<&str>,
        status: StatusSpec,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            status,
            ..Self::envelope(issuer, relying_party, in_response_to, now)
        }
    }

    fn envelope(
        issuer: &str,
        relying_party: &RelyingParty,
        in_response_to: Option<&str>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id: new_id(),
            version: "2.0".to_owned(),
            issue_instant: now,
            destination: Some(relying_party.acs_url.clone()),
            in_response_to: in_response_to.map(str::to_owned),
            issuer: Some(issuer.to_owned()),
            status: StatusSpec::success(),
            assertion: None,
        }
    }
}

impl StatusSpec {
    /// The status of a successful sign-in.
    pub fn success() -> Self {
        Self {
            code: SUCCESS.to_owned(),
            second_code: None,
            message: None,
        }
    }

    /// The status of a failure at the IdP, with this second-level code and message.
    pub fn failure(second_code: &str, message: &str) -> Self {
        Self {
            code: RESPONDER.to_owned(),
            second_code: Some(second_code.to_owned()),
            message: Some(message.to_owned()),
        }
    }
}

impl AssertionSpec {
    fn new(
        issuer: &str,
        person: &Person,
        relying_party: &RelyingParty,
        in_response_to: Option<&str>,
        now: DateTime<Utc>,
    ) -> Self {
        let audiences = vec![relying_party.entity_id.clone(), AWS_AUDIENCE.to_owned()];
        Self {
            id: new_id(),
            version: "2.0".to_owned(),
            issue_instant: now,
            issuer: issuer.to_owned(),
            subject: Some(SubjectSpec::new(person, relying_party, in_response_to, now)),
            conditions: Some(ConditionsSpec {
                not_before: Some(now - VALID_BEFORE),
                not_on_or_after: Some(now + VALID_FOR),
                audience_restrictions: vec![audiences],
            }),
            authn: Some(AuthnSpec {
                instant: now,
                session_index: Some(new_id()),
                session_not_on_or_after: None,
                context_class: PASSWORD.to_owned(),
            }),
            attributes: person.attributes.clone(),
        }
    }
}

impl SubjectSpec {
    fn new(
        person: &Person,
        relying_party: &RelyingParty,
        in_response_to: Option<&str>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            name_id: Some(NameIdSpec {
                value: person.name_id.clone(),
                format: Some(person.name_id_format.clone()),
                name_qualifier: None,
                sp_name_qualifier: None,
            }),
            confirmations: vec![ConfirmationSpec {
                method: BEARER.to_owned(),
                not_before: None,
                not_on_or_after: Some(now + VALID_FOR),
                recipient: Some(relying_party.acs_url.clone()),
                in_response_to: in_response_to.map(str::to_owned),
            }],
        }
    }
}

/// The XML of `spec` without signatures. All values are escaped.
pub fn xml_unsigned(spec: &ResponseSpec) -> Result<String, askama::Error> {
    spec.render()
}

/// A new ID: an NCName with 256 random bits (saml-core 1.3.4).
fn new_id() -> String {
    crate::saml::request::new_id().expect("the operating system provides random bytes")
}

/// Formats a time as `xs:dateTime` in UTC with milliseconds (saml-core 1.3.3).
fn instant(time: &DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}
