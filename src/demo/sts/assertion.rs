//! The values that STS reads from an assertion, and the reasons why STS refuses an assertion.

use chrono::{DateTime, TimeDelta, Utc};
use samael::schema::{Assertion, SubjectConfirmationData};

use super::Provider;
use super::fault::Fault;
use super::session::Seconds;
use super::tags;
use crate::saml::Refusal;
use crate::saml::encryption::Decryption;
use crate::saml::response::{self, Opened};

/// The names of attributes for AWS begin with this prefix.
const PREFIX: &str = "https://aws.amazon.com/SAML/Attributes/";
/// In the China partition, the names of attributes for AWS may begin with this prefix instead.
const PREFIX_CN: &str = "https://www.amazonaws.cn/SAML/Attributes/";
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
/// How long an assertion can be redeemed after it was issued.
pub(super) const REDEEMABLE_FOR: TimeDelta = TimeDelta::minutes(5);
/// How far the clock of an IdP may be ahead of the STS's clock.
const SKEW: TimeDelta = TimeDelta::minutes(1);
pub(super) const MAX_TAG_KEY: usize = 128;
pub(super) const MAX_TAG_VALUE: usize = 256;

/// The values that STS reads from an assertion.
#[derive(Debug)]
pub struct Redeemed {
    pub issuer: String,
    /// The value of the NameID.
    pub subject: String,
    /// The format of the NameID, as STS returns it: without the SAML 2.0 prefix.
    pub subject_type: String,
    /// The Recipient, which trust policies check as `SAML:aud`.
    pub recipient: String,
    /// The earliest SessionNotOnOrAfter of the AuthnStatements.
    pub session_end: Option<DateTime<Utc>>,
    pub values: Values,
}

/// The attributes for AWS, by their names without the prefix.
#[derive(Debug)]
pub struct Values(Vec<(String, Vec<String>)>);

impl Provider {
    /// Reads and checks a SAML response in base64. Unless `audiences` is empty, the assertion must
    /// contain one of these audiences.
    pub(super) fn redeem(
        &self,
        assertion: &str,
        audiences: &[String],
        now: DateTime<Utc>,
    ) -> Result<Redeemed, Fault> {
        let decryption = Decryption {
            keys: &self.decryption_keys,
            allow_cbc: true,
        };
        let opened = response::open(assertion, &self.trust, &decryption)
            .map_err(|refusal| refused(&refusal))?;
        succeeded(&opened)?;
        issued_by(&opened, &self.entity_id)?;
        in_time(&opened.assertion, now)?;
        for_audience(&opened.assertion, audiences)?;
        Redeemed::read(&opened.assertion, now)
    }
}

/// The reasons why STS would refuse an assertion at `now`. The signature, the issuer and the
/// audience are not checked.
pub fn objections(opened: &Opened, now: DateTime<Utc>) -> Vec<Fault> {
    let mut results = vec![succeeded(opened), in_time(&opened.assertion, now)];
    results.push(Redeemed::read(&opened.assertion, now).map(drop));
    let values = Values::of(&opened.assertion);
    results.extend([
        values.session_name().map(drop),
        values.source_identity().map(drop),
        values.session_duration().map(drop),
        values.tags().map(drop),
    ]);
    let mut faults: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    faults.dedup();
    faults
}

fn succeeded(opened: &Opened) -> Result<(), Fault> {
    match opened.envelope.refused {
        None => Ok(()),
        Some(_) => Err(Fault::invalid_identity_token(
            "Response status is not Success",
        )),
    }
}

fn issued_by(opened: &Opened, entity_id: &str) -> Result<(), Fault> {
    if issuer(&opened.assertion).trim() == entity_id {
        Ok(())
    } else {
        let message = "Issuer not present in specified provider";
        Err(Fault::invalid_identity_token(message))
    }
}

fn issuer(assertion: &Assertion) -> &str {
    assertion.issuer.value.as_deref().unwrap_or_default()
}

fn refused(refusal: &Refusal) -> Fault {
    Fault::invalid_identity_token(match refusal {
        Refusal::Base64 | Refusal::Utf8 => "Invalid base64 SAMLResponse",
        Refusal::NotSigned
        | Refusal::Signature
        | Refusal::SignatureTarget
        | Refusal::SignatureProfile(_)
        | Refusal::Algorithm(_) => "Response signature invalid",
        Refusal::NoDecryptionKey | Refusal::Decryption => {
            "No private key matches the encrypted assertion"
        }
        _ => "Could not parse SAMLResponse",
    })
}

fn in_time(assertion: &Assertion, now: DateTime<Utc>) -> Result<(), Fault> {
    if assertion.issue_instant > now + SKEW {
        return Err(Fault::invalid_identity_token(
            "Response is issued in the future",
        ));
    }
    if now - assertion.issue_instant > REDEEMABLE_FOR {
        let message = "Token must be redeemed within 5 minutes of issuance";
        return Err(Fault::expired_token_exception(message));
    }
    let conditions = assertion.conditions.as_ref();
    if conditions
        .and_then(|conditions| conditions.not_before)
        .is_some_and(|from| from > now + SKEW)
    {
        return Err(Fault::invalid_identity_token("Response is not yet valid"));
    }
    if conditions
        .and_then(|conditions| conditions.not_on_or_after)
        .is_some_and(|until| until <= now)
    {
        return Err(Fault::expired_token_exception("Response has expired"));
    }
    Ok(())
}

fn for_audience(assertion: &Assertion, audiences: &[String]) -> Result<(), Fault> {
    let mut restrictions = assertion
        .conditions
        .iter()
        .flat_map(|conditions| conditions.audience_restrictions.iter().flatten())
        .flat_map(|restriction| &restriction.audience);
    if audiences.is_empty()
        || restrictions.any(|named| audiences.iter().any(|audience| audience == named.trim()))
    {
        Ok(())
    } else {
        let message = "Response does not contain the required audience.";
        Err(Fault::invalid_identity_token(message))
    }
}

impl Redeemed {
    fn read(assertion: &Assertion, now: DateTime<Utc>) -> Result<Self, Fault> {
        let subject = assertion.subject.as_ref();
        let name_id = subject
            .and_then(|subject| subject.name_id.as_ref())
            .ok_or_else(|| Fault::invalid_identity_token("Subject is required in AuthnResponse"))?;
        let confirmations = subject.and_then(|subject| subject.subject_confirmations.as_ref());
        let bearer = confirmations
            .into_iter()
            .flatten()
            .filter(|confirmation| confirmation.method.as_deref() == Some(BEARER))
            .filter_map(|confirmation| confirmation.subject_confirmation_data.as_ref());
        let statements = assertion.authn_statements.iter().flatten();
        let session_end = statements
            .filter_map(|statement| statement.session_not_on_or_after)
            .min();
        if session_end.is_some_and(|end| end <= now) {
            return Err(Fault::expired_token_exception("Response has expired"));
        }
        Ok(Self {
            issuer: issuer(assertion).to_owned(),
            subject: name_id.value.clone(),
            subject_type: subject_type(name_id.format.as_deref()),
            recipient: recipient(bearer, now)?,
            session_end,
            values: Values::of(assertion),
        })
    }
}

impl Values {
    fn of(assertion: &Assertion) -> Self {
        let statements = assertion.attribute_statements.iter().flatten();
        let attributes = statements.flat_map(|statement| &statement.attributes);
        let values = attributes.filter_map(|attribute| {
            let name = attribute.name.as_deref()?;
            let name = name
                .strip_prefix(PREFIX)
                .or_else(|| name.strip_prefix(PREFIX_CN))?;
            let values = attribute
                .values
                .iter()
                .filter_map(|value| value.value.clone());
            Some((name.to_owned(), values.collect()))
        });
        Self(values.collect())
    }

    /// Whether a value of the Role attribute contains both ARNs, in either order.
    pub fn names_role(&self, role_arn: &str, provider_arn: &str) -> bool {
        self.values("Role").any(|value| {
            let pair = value
                .split_once(',')
                .map(|(one, other)| (one.trim(), other.trim()));
            pair == Some((role_arn, provider_arn)) || pair == Some((provider_arn, role_arn))
        })
    }

    /// The RoleSessionName, which is required.
    pub fn session_name(&self) -> Result<String, Fault> {
        let name = self.values("RoleSessionName").next().ok_or_else(|| {
            Fault::invalid_identity_token("RoleSessionName is required in AuthnResponse")
        })?;
        if is_session_name(name) {
            return Ok(name.to_owned());
        }
        Err(Fault::invalid_identity_token(
            "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
        ))
    }

    /// The SourceIdentity, which is optional.
    pub fn source_identity(&self) -> Result<Option<String>, Fault> {
        match self.values("SourceIdentity").next() {
            Some(name) if !is_session_name(name) || name.starts_with("aws:") => {
                Err(Fault::invalid_identity_token(
                    "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"",
                ))
            }
            name => Ok(name.map(str::to_owned)),
        }
    }

    /// The SessionDuration, which is optional: 900 to 43,200 seconds.
    pub fn session_duration(&self) -> Result<Option<i64>, Fault> {
        let Some(value) = self.values("SessionDuration").next() else {
            return Ok(None);
        };
        match value.trim().parse() {
            Ok(seconds) if Seconds::OF_ROLES.take(seconds) => Ok(Some(seconds)),
            _ => Err(Fault::invalid_identity_token(
                "SessionDuration in AuthnResponse must be between 900 and 43200",
            )),
        }
    }

    /// The session tags, from the PrincipalTag attributes.
    pub fn tags(&self) -> Result<Vec<(String, String)>, Fault> {
        let mut tags: Vec<(String, String)> = Vec::new();
        for (name, values) in &self.0 {
            let (Some(key), Some(value)) = (name.strip_prefix("PrincipalTag:"), values.first())
            else {
                continue;
            };
            let known = |tag: &(String, String)| tag.0.to_lowercase() == key.to_lowercase();
            if tags.iter().any(known) {
                return Err(Fault::invalid_identity_token(
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
                ));
            }
            if !is_tag_key(key) || !is_tag_text(value, MAX_TAG_VALUE) {
                return Err(Fault::invalid_identity_token(
                    "A session tag in AuthnResponse is too long or contains characters that tags \
                     must not contain",
                ));
            }
            tags.push((key.to_owned(), value.clone()));
        }
        if tags.len() > tags::MAXIMUM {
            let message = "AuthnResponse contains more than 50 session tags";
            return Err(Fault::invalid_identity_token(message));
        }
        self.transitive_keys_are_tags(&tags)?;
        Ok(tags)
    }

    /// The keys of the tags that later sessions in a role chain inherit.
    pub fn transitive_tags(&self) -> Vec<String> {
        let keys = self.values("TransitiveTagKeys");
        keys.map(str::to_owned).collect()
    }

    fn transitive_keys_are_tags(&self, tags: &[(String, String)]) -> Result<(), Fault> {
        let is_tag = |key: &str| tags.iter().any(|(tag, _)| tag == key);
        if self.values("TransitiveTagKeys").all(is_tag) {
            Ok(())
        } else {
            Err(Fault::invalid_identity_token(
                "The specified transitive tag key must be included in the requested tags.",
            ))
        }
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let of_that_name = self.0.iter().filter(move |(known, _)| known == name);
        of_that_name
            .flat_map(|(_, values)| values)
            .map(String::as_str)
    }
}

/// The Recipient of the first bearer confirmation that has not expired.
fn recipient<'a>(
    bearer: impl Iterator<Item = &'a SubjectConfirmationData>,
    now: DateTime<Utc>,
) -> Result<String, Fault> {
    let mut fault = Fault::invalid_identity_token("Recipient is required in AuthnResponse");
    for data in bearer {
        match (&data.recipient, data.not_on_or_after) {
            (Some(recipient), Some(until)) if now < until => return Ok(recipient.clone()),
            (Some(_), Some(_)) => fault = Fault::expired_token_exception("Response has expired"),
            _ => {}
        }
    }
    Err(fault)
}

fn subject_type(format: Option<&str>) -> String {
    let format = format.unwrap_or("urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified");
    let short = format.strip_prefix("urn:oasis:names:tc:SAML:2.0:nameid-format:");
    short.unwrap_or(format).to_owned()
}

/// Whether a tag key is valid. Keys that begin with `aws:` are reserved (STS API reference, `Tag`).
fn is_tag_key(key: &str) -> bool {
    let is_reserved = key.to_lowercase().starts_with("aws:");
    !key.is_empty() && !is_reserved && is_tag_text(key, MAX_TAG_KEY)
}

/// Whether `text` matches `[\p{L}\p{Z}\p{N}_.:/=+\-@]*` and has at most `max` characters.
fn is_tag_text(text: &str, max: usize) -> bool {
    let is_separator = |c: char| c.is_whitespace() && !c.is_control();
    let allowed = |c: char| c.is_alphanumeric() || is_separator(c) || "_.:/=+-@".contains(c);
    text.chars().count() <= max && text.chars().all(allowed)
}

/// Whether `name` matches `[\w+=,.@-]{2,64}`.
fn is_session_name(name: &str) -> bool {
    (2..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}
