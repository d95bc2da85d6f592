//! Checks the content of a response against the Web Browser SSO profile (saml-profiles 4.1.4.3).

use chrono::{DateTime, TimeDelta, Utc};
use samael::schema::{
    Assertion, AttributeStatement, AuthnStatement, Conditions, SubjectConfirmationData,
};

use super::Refusal;
use super::encryption::Cipher;
use super::login::{Attribute, AuthnContexts, Login};
use super::person::{Person, StableId};
use super::response::{Envelope, Opened};
use super::xml::WHITE_SPACE;

/// The maximum age of an assertion when we receive it, apart from the clock skew. The profile sets
/// no maximum (saml-profiles 4.1.4.3), but STS refuses assertions older than this, so they would be
/// useless to us. This limit also determines how long the mark of a used assertion must be kept.
/// This module must not use `aws`, so a test checks that this limit and `aws::sts::REDEEMABLE_FOR`,
/// the limit of STS, are equal.
pub const MAX_AGE: TimeDelta = TimeDelta::minutes(5);

/// The maximum number of authentication context classes that are kept in addition to the first.
const MAX_OTHER_CONTEXTS: usize = 8;

/// The Format of an Issuer that is the identifier of a SAML entity (saml-core 8.3.6).
const ENTITY: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";

const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// The values that a response must match to be accepted for a login.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The configured ID of the identity provider.
    pub idp: &'a str,
    /// The identity provider's entity ID.
    pub idp_entity_id: &'a str,
    /// A Format of the IdP's Issuer that is allowed in addition to entity.
    pub issuer_format: Option<&'a str>,
    /// The Name of the attribute that identifies the person in place of the NameID.
    pub person_attribute: Option<&'a str>,
    /// The URL of our assertion consumer service.
    pub acs_url: &'a str,
    /// Our audiences: every AudienceRestriction must contain at least one of them.
    pub audiences: &'a [String],
    /// The ID of this login's request; `None` for an unsolicited response.
    pub request_id: Option<&'a str>,
    /// The earliest permitted AuthnInstant, if the person had to sign in again.
    pub authenticated_since: Option<DateTime<Utc>>,
    /// The permitted authentication context classes; every class is permitted if the list is empty.
    pub authn_contexts: &'a [String],
    /// The current time, with which the message's times are compared.
    pub now: DateTime<Utc>,
    /// How far the IdP's clock may be off, in either direction.
    pub skew: TimeDelta,
}

/// One of the profile's checks.
pub struct Check {
    /// The name of the check in the output of `rolecall inspect`.
    pub name: &'static str,
    /// Returns the refusal if the response fails the check.
    pub run: fn(&Opened, &Expected<'_>) -> Result<(), Refusal>,
}

/// The checks, in the order in which they run. Each check must work whatever the others found,
/// because an inspection runs all of them. If a required element is missing, every check that needs
/// the element refuses the message.
pub const CHECKS: &[Check] = &[
    Check {
        name: "issuer of the encrypted assertion",
        run: encrypted_by_the_idp,
    },
    Check {
        name: "status",
        run: status,
    },
    Check {
        name: "destination",
        run: destination,
    },
    Check {
        name: "issuer of the response",
        run: response_issuer,
    },
    Check {
        name: "InResponseTo of the response",
        run: response_in_response_to,
    },
    Check {
        name: "issuer of the assertion",
        run: assertion_issuer,
    },
    Check {
        name: "format of the issuer",
        run: issuer_format,
    },
    Check {
        name: "time of issue",
        run: issued_recently,
    },
    Check {
        name: "validity period",
        run: |opened, expected| within_conditions(opened, expected).map(drop),
    },
    Check {
        name: "audience",
        run: audience,
    },
    Check {
        name: "subject and its confirmation",
        run: |opened, expected| confirmed(opened, expected).map(drop),
    },
    Check {
        name: "sign-in at the identity provider",
        run: |opened, expected| authenticated(opened, expected).map(drop),
    },
    Check {
        name: "name of the subject",
        run: |opened, expected| person(opened, expected).map(drop),
    },
];

/// Runs the checks in order. Returns the login if the response passes all of them, and otherwise
/// the first refusal.
pub fn check(opened: Opened, expected: &Expected<'_>) -> Result<Login, Refusal> {
    for check in CHECKS {
        (check.run)(&opened, expected)?;
    }
    let valid_until = within_conditions(&opened, expected)?;
    let confirmed_until = confirmed(&opened, expected)?;
    let (session_index, session_not_on_or_after) = authenticated(&opened, expected)?;
    let session_index = session_index.map(str::to_owned);
    let authenticated_at = authenticated_at(&opened);
    let person = person(&opened, expected)?;
    let name_id = opened.name_id.ok_or(Refusal::NoSubject)?;
    let assertion = opened.assertion;
    Ok(Login {
        person,
        requested_force_authn: expected.authenticated_since.is_some(),
        name_id,
        session_index,
        authenticated_at,
        authn_contexts: authn_contexts(&assertion),
        attributes: into_attributes(assertion.attribute_statements),
        left_out: opened.left_out,
        issued_at: assertion.issue_instant,
        not_on_or_after: valid_until.min(confirmed_until),
        session_not_on_or_after,
        assertion_id: assertion.id,
    })
}

/// The person that the assertion is about.
pub fn person(opened: &Opened, expected: &Expected<'_>) -> Result<Person, Refusal> {
    let name_id = opened.name_id.as_ref().ok_or(Refusal::NoSubject)?;
    let read = |name| StableId::read(name, values(&opened.assertion, name));
    Ok(Person {
        stable_id: expected.person_attribute.map(read).transpose()?,
        ..Person::with_name_id(expected.idp, &name_id.value)
    })
}

/// The values of all attributes with the Name `name`.
fn values<'a>(assertion: &'a Assertion, name: &str) -> impl Iterator<Item = &'a str> {
    let statements = assertion.attribute_statements.iter().flatten();
    let attributes = statements.flat_map(|statement| &statement.attributes);
    let named = attributes.filter(move |attribute| attribute.name.as_deref() == Some(name));
    let values = named.flat_map(|attribute| &attribute.values);
    values.filter_map(|value| value.value.as_deref())
}

/// Refuses an assertion that is encrypted with AES-CBC and was not issued by the expected IdP. The
/// refusal must be the same as for a ciphertext that cannot be decrypted ([`Cipher::reported`]), so
/// this check runs first.
fn encrypted_by_the_idp(opened: &Opened, expected: &Expected<'_>) -> Result<(), Refusal> {
    match (opened.cipher, assertion_issuer(opened, expected)) {
        (Some(Cipher::Cbc(_)), Err(_)) => Err(Refusal::Decryption),
        _ => Ok(()),
    }
}

fn status(opened: &Opened, _: &Expected<'_>) -> Result<(), Refusal> {
    opened.envelope.refused.clone().map_or(Ok(()), Err)
}

/// Whether a field of the Response has the expected value. Only an unsigned Response may omit the
/// field: a signed one must contain its Destination (saml-bindings 3.5.5.2) and its Issuer.
fn agrees(envelope: &Envelope, value: Option<&str>, with: &str) -> bool {
    match value {
        Some(value) => value.trim() == with,
        None => !envelope.signed,
    }
}

fn destination(opened: &Opened, expected: &Expected<'_>) -> Result<(), Refusal> {
    let envelope = &opened.envelope;
    let is_ours = agrees(envelope, envelope.destination.as_deref(), expected.acs_url);
    is_ours.then_some(()).ok_or(Refusal::Destination)
}

fn response_issuer(opened: &Opened, expected: &Expected<'_>) -> Result<(), Refusal> {
    let envelope = &opened.envelope;
    let is_the_idps = agrees(envelope, envelope.issuer.as_deref(), expected.idp_entity_id);
    is_the_idps.then_some(()).ok_or(Refusal::ResponseIssuer)
}

fn response_in_response_to(opened: &Opened, expected: &Expected<'_>) -> Result<(), Refusal> {
    let envelope = &opened.envelope;
    match (envelope.in_response_to.as_deref(), expected.request_id) {
        (Some(answered), Some(sent)) if answered == sent => Ok(()),
        (None, None) => Ok(()),
        (None, Some(_)) if !envelope.signed => Ok(()),
        _ => Err(Refusal::ResponseInResponseTo),
    }
}

fn assertion_issuer(opened: &Opened, expected: &Expected<'_>) -> Result<(), Refusal> {
    let issuer = opened.assertion.issuer.value.as_deref();
    let is_the_idps = issuer.map(str::trim) == Some(expected.idp_entity_id);
    is_the_idps.then_some(()).ok_or(Refusal::AssertionIssuer)
}

fn issuer_format(opened: &Opened, expected: &Expected<'_>) -> Result<(), Refusal> {
    let formats = [
        &opened.envelope.issuer_format,
        &opened.assertion.issuer.format,
    ];
    let mut formats = formats.into_iter().flatten();
    formats.try_for_each(|format| entity_format(format, expected.issuer_format))
}

/// Requires an Issuer's Format to be entity, which is also the default (saml-core 2.2.5), or to be
/// the one that is `allowed` as well.
pub(super) fn entity_format(format: &str, allowed: Option<&str>) -> Result<(), Refusal> {
    match format.trim_matches(WHITE_SPACE) {
        ENTITY => Ok(()),
        other if Some(other) == allowed => Ok(()),
        other => Err(Refusal::IssuerFormat(other.chars().take(100).collect())),
    }
}

fn issued_recently(opened: &Opened, expected: &Expected<'_>) -> Result<(), Refusal> {
    let assertion = &opened.assertion;
    if assertion.issue_instant > expected.now + expected.skew {
        return Err(Refusal::IssuedInFuture);
    }
    if assertion.issue_instant < expected.now - MAX_AGE - expected.skew {
        return Err(Refusal::IssuedTooLongAgo);
    }
    Ok(())
}

/// Checks the validity period, and returns the Conditions' NotOnOrAfter.
fn within_conditions(opened: &Opened, expected: &Expected<'_>) -> Result<DateTime<Utc>, Refusal> {
    let conditions = conditions(opened)?;
    let (Some(from), Some(until)) = (conditions.not_before, conditions.not_on_or_after) else {
        return Err(Refusal::NoConditions);
    };
    if from > expected.now + expected.skew {
        return Err(Refusal::NotYetValid);
    }
    if until <= expected.now - expected.skew {
        return Err(Refusal::Expired);
    }
    Ok(until)
}

fn conditions(opened: &Opened) -> Result<&Conditions, Refusal> {
    let conditions = opened.assertion.conditions.as_ref();
    conditions.ok_or(Refusal::NoConditions)
}

fn audience(opened: &Opened, expected: &Expected<'_>) -> Result<(), Refusal> {
    let restrictions = conditions(opened)?
        .audience_restrictions
        .as_deref()
        .unwrap_or_default();
    if restrictions.is_empty() {
        return Err(Refusal::NoAudience);
    }
    // If there are several restrictions, each must contain one of our audiences (saml-core
    // 2.5.1.4).
    let names_us = |audiences: &Vec<String>| {
        audiences
            .iter()
            .any(|name| expected.audiences.iter().any(|ours| ours == name.trim()))
    };
    if restrictions
        .iter()
        .all(|restriction| names_us(&restriction.audience))
    {
        Ok(())
    } else {
        Err(Refusal::Audience)
    }
}

/// Finds a valid bearer confirmation, and returns its NotOnOrAfter. One valid confirmation is
/// enough (saml-core 2.4.1.1). If there are bearer confirmations but none is valid, the error is
/// the refusal of the first one.
fn confirmed(opened: &Opened, expected: &Expected<'_>) -> Result<DateTime<Utc>, Refusal> {
    let subject = opened.assertion.subject.as_ref();
    let subject = subject.ok_or(Refusal::NoSubject)?;
    let mut fault = None;
    for confirmation in subject.subject_confirmations.iter().flatten() {
        if confirmation.method.as_deref() != Some(BEARER) {
            continue;
        }
        match bearer(confirmation.subject_confirmation_data.as_ref(), expected) {
            Ok(until) => return Ok(until),
            Err(refusal) => fault = fault.or(Some(refusal)),
        }
    }
    Err(fault.unwrap_or(Refusal::NoBearerConfirmation))
}

fn bearer(
    data: Option<&SubjectConfirmationData>,
    expected: &Expected<'_>,
) -> Result<DateTime<Utc>, Refusal> {
    let data = data.ok_or(Refusal::Recipient)?;
    if data.recipient.as_deref().map(str::trim) != Some(expected.acs_url) {
        return Err(Refusal::Recipient);
    }
    if data.not_before.is_some() {
        return Err(Refusal::ConfirmationNotBefore);
    }
    let until = data.not_on_or_after.ok_or(Refusal::ConfirmationExpired)?;
    if until <= expected.now - expected.skew {
        return Err(Refusal::ConfirmationExpired);
    }
    if data.in_response_to.as_deref() != expected.request_id {
        return Err(Refusal::InResponseTo);
    }
    Ok(until)
}

/// Checks the AuthnStatements, and returns the first SessionIndex and the earliest
/// SessionNotOnOrAfter.
fn authenticated<'o>(
    opened: &'o Opened,
    expected: &Expected<'_>,
) -> Result<(Option<&'o str>, Option<DateTime<Utc>>), Refusal> {
    let statements = opened.assertion.authn_statements.as_deref();
    let statements = statements.unwrap_or_default();
    let first = statements.first().ok_or(Refusal::NoAuthnStatement)?;
    // Each statement describes a separate sign-in, and all of them must be acceptable.
    statements
        .iter()
        .try_for_each(|statement| as_asked(statement, expected))?;
    let end = statements
        .iter()
        .filter_map(|statement| statement.session_not_on_or_after)
        .min();
    // No clock skew is allowed here. Otherwise our session would end as soon as it began, and the
    // person would be sent to the IdP again and again.
    if end.is_some_and(|end| end <= expected.now) {
        return Err(Refusal::SessionEnded);
    }
    Ok((first.session_index.as_deref(), end))
}

/// The earliest AuthnInstant, since the oldest sign-in counts; `None` if a statement has no
/// AuthnInstant.
fn authenticated_at(opened: &Opened) -> Option<DateTime<Utc>> {
    let statements = opened.assertion.authn_statements.as_deref();
    let instants = statements.unwrap_or_default().iter();
    let mut instants = instants.map(|statement| statement.authn_instant);
    instants.try_fold(None, |earliest: Option<DateTime<Utc>>, instant| {
        let instant = instant?;
        Some(Some(earliest.map_or(instant, |known| known.min(instant))))
    })?
}

/// The authentication context classes of all AuthnStatements. Usually there is only one statement.
fn authn_contexts(assertion: &Assertion) -> AuthnContexts {
    let statements = assertion.authn_statements.as_deref().unwrap_or_default();
    let mut classes = statements
        .iter()
        .map(|statement| class_of(statement).map(kept));
    let first = classes.next().flatten();
    let mut others = Vec::new();
    for class in classes {
        if class == first || others.contains(&class) {
            continue;
        }
        if others.len() == MAX_OTHER_CONTEXTS {
            // One `None` represents all further classes. It matches no wanted class.
            others.push(None);
            break;
        }
        others.push(class);
    }
    AuthnContexts { first, others }
}

fn class_of(statement: &AuthnStatement) -> Option<&str> {
    let class = statement.authn_context.as_ref()?.value.as_ref()?;
    class.value.as_deref().map(str::trim)
}

/// The class, truncated to 1,024 characters.
fn kept(class: &str) -> String {
    let end = class.char_indices().nth(1_024);
    class[..end.map_or(class.len(), |(at, _)| at)].to_owned()
}

/// Checks the time and the authentication context class of a sign-in (saml-core 3.3.2.2.1, 3.4.1).
/// A sign-in in the future, by more than the clock skew, does not prove that the person signed in
/// again.
fn as_asked(statement: &AuthnStatement, expected: &Expected<'_>) -> Result<(), Refusal> {
    if let Some(since) = expected.authenticated_since {
        let times = since - expected.skew..=expected.now + expected.skew;
        let instant = statement.authn_instant;
        if instant.is_none_or(|instant| !times.contains(&instant)) {
            return Err(Refusal::NotAskedAgain);
        }
    }
    let class = class_of(statement);
    if AuthnContexts::is_wanted(class, expected.authn_contexts) {
        Ok(())
    } else {
        let class = class.unwrap_or_default();
        Err(Refusal::AuthnContext(class.chars().take(100).collect()))
    }
}

/// The attributes, identified by Name and never by FriendlyName (saml-core 2.7.3.1).
pub fn attributes(assertion: &Assertion) -> Vec<Attribute> {
    into_attributes(assertion.attribute_statements.clone())
}

fn into_attributes(statements: Option<Vec<AttributeStatement>>) -> Vec<Attribute> {
    let statements = statements.into_iter().flatten();
    statements
        .flat_map(|statement| statement.attributes)
        .filter_map(|attribute| {
            let values = attribute.values.into_iter();
            Some(Attribute {
                name: attribute.name?,
                values: values.filter_map(|value| value.value).collect(),
            })
        })
        .collect()
}
