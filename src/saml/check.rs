//! The Web Browser SSO profile's rules over what was signed (saml-profiles 4.1.4.3).

use chrono::{DateTime, TimeDelta, Utc};
use samael::schema::{
    Assertion, AttributeStatement, AuthnStatement, Conditions, SubjectConfirmationData,
};

use super::Refusal;
use super::encryption::Cipher;
use super::login::{Attribute, AuthnContexts, Login, NameId, Person};
use super::response::{Envelope, Opened};

/// How old an assertion may be when it is presented. The profile has no such rule (saml-profiles 4.1.4.3);
/// this one follows from AWS: STS redeems an assertion for so long
/// (`aws::sts::REDEEMABLE_FOR`, which this room must not know; a test holds the two equal), so that an
/// older one is of no use, and replay marks need not live longer.
pub const MAX_AGE: TimeDelta = TimeDelta::minutes(5);

/// How many other classes of sign-ins are kept besides the first.
const MAX_OTHER_CONTEXTS: usize = 8;

const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// What a response must say to be for this login.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The configured id of the identity provider.
    pub idp: &'a str,
    /// The identity provider's entity ID.
    pub idp_entity_id: &'a str,
    /// Our assertion consumer service.
    pub acs_url: &'a str,
    /// Every AudienceRestriction must name one of these.
    pub audiences: &'a [String],
    /// The ID of the request of this login; `None` for an unsolicited one.
    pub request_id: Option<&'a str>,
    /// The earliest AuthnInstant, where the person was to be asked anew.
    pub authenticated_since: Option<DateTime<Utc>>,
    /// The authentication context classes one of which is needed; any will do, if there are none.
    pub authn_contexts: &'a [String],
    /// The time.
    pub now: DateTime<Utc>,
    /// How far the IdP's clock may be off, either way.
    pub skew: TimeDelta,
}

/// One of the profile's checks.
pub struct Check {
    /// What it is about.
    pub name: &'static str,
    /// Checks it.
    pub run: fn(&Opened, &Expected<'_>) -> Result<(), Refusal>,
}

/// The checks, in their order. Each looks at its own part only, so that all can be told about.
pub const CHECKS: [Check; 12] = [
    Check {
        name: "issuer of what was encrypted",
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
        name: "time of issuance",
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
        run: |opened, _| named(opened).map(drop),
    },
];

/// Checks all of it, and returns who signed in.
pub fn check(opened: Opened, expected: &Expected<'_>) -> Result<Login, Refusal> {
    for check in &CHECKS {
        (check.run)(&opened, expected)?;
    }
    let valid_until = within_conditions(&opened, expected)?;
    let confirmed_until = confirmed(&opened, expected)?;
    let (session_index, session_not_on_or_after) = authenticated(&opened, expected)?;
    let session_index = session_index.map(str::to_owned);
    let authenticated_at = authenticated_at(&opened);
    let name_id = opened.name_id.ok_or(Refusal::NoSubject)?;
    let assertion = opened.assertion;
    Ok(Login {
        person: Person {
            idp: expected.idp.to_owned(),
            name_id: name_id.value.clone(),
        },
        asked_anew: expected.authenticated_since.is_some(),
        name_id,
        session_index,
        authenticated_at,
        authn_contexts: authn_contexts(&assertion),
        attributes: into_attributes(assertion.attribute_statements),
        issued_at: assertion.issue_instant,
        not_on_or_after: valid_until.min(confirmed_until),
        session_not_on_or_after,
        assertion_id: assertion.id,
    })
}

fn named(opened: &Opened) -> Result<&NameId, Refusal> {
    opened.name_id.as_ref().ok_or(Refusal::NoSubject)
}

/// What another IdP encrypted, in a Response of this one: with AES-CBC that may not be told from what
/// does not decrypt, sound or not, before anything else is ([`Cipher::told`]).
fn encrypted_by_the_idp(opened: &Opened, expected: &Expected<'_>) -> Result<(), Refusal> {
    match (opened.cipher, assertion_issuer(opened, expected)) {
        (Some(Cipher::Cbc(_)), Err(_)) => Err(Refusal::Decryption),
        _ => Ok(()),
    }
}

fn status(opened: &Opened, _: &Expected<'_>) -> Result<(), Refusal> {
    opened.envelope.refused.clone().map_or(Ok(()), Err)
}

/// A signed Response must say where it goes (saml-bindings 3.5.5.2) and who it is from.
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

/// Returns the conditions' NotOnOrAfter.
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
    // Several restrictions are a conjunction (saml-core 2.5.1.4).
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

/// One good bearer confirmation is enough (saml-core 2.4.1.1); returns its NotOnOrAfter. If there
/// is none, the first one's fault is told.
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

/// Returns the IdP's session index and the end of its session.
fn authenticated<'o>(
    opened: &'o Opened,
    expected: &Expected<'_>,
) -> Result<(Option<&'o str>, Option<DateTime<Utc>>), Refusal> {
    let statements = opened.assertion.authn_statements.as_deref();
    let statements = statements.unwrap_or_default();
    let first = statements.first().ok_or(Refusal::NoAuthnStatement)?;
    // Several statements are of several sign-ins, and each must do.
    statements
        .iter()
        .try_for_each(|statement| as_asked(statement, expected))?;
    let end = statements
        .iter()
        .filter_map(|statement| statement.session_not_on_or_after)
        .min();
    // Without skew: our session would be over as it begins, and the person sent round in a circle.
    if end.is_some_and(|end| end <= expected.now) {
        return Err(Refusal::SessionEnded);
    }
    Ok((first.session_index.as_deref(), end))
}

/// The earliest AuthnInstant: of several sign-ins the oldest is the one to go by.
fn authenticated_at(opened: &Opened) -> Option<DateTime<Utc>> {
    let statements = opened.assertion.authn_statements.as_deref();
    let instants = statements.unwrap_or_default().iter();
    let mut instants = instants.map(|statement| statement.authn_instant);
    instants.try_fold(None, |earliest: Option<DateTime<Utc>>, instant| {
        let instant = instant?;
        Some(Some(earliest.map_or(instant, |known| known.min(instant))))
    })?
}

/// The classes of the sign-ins: mostly there is one.
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
            // A class that is not kept counts as unwanted.
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

/// At most 1,024 characters of a class.
fn kept(class: &str) -> String {
    let end = class.char_indices().nth(1_024);
    class[..end.map_or(class.len(), |(at, _)| at)].to_owned()
}

/// Whether the sign-in was as our request wanted it (saml-core 3.3.2.2.1, 3.4.1).
fn as_asked(statement: &AuthnStatement, expected: &Expected<'_>) -> Result<(), Refusal> {
    if let Some(since) = expected.authenticated_since {
        let instant = statement.authn_instant;
        if instant.is_none_or(|instant| instant < since - expected.skew) {
            return Err(Refusal::NotAskedAnew);
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

/// The attributes, known by Name and never by FriendlyName (saml-core 2.7.3.1).
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
