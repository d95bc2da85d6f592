//! Explains a refusal: shows what the message contains and what was expected, so that an
//! administrator can find the cause. `rolecall inspect` prints the explanation, and the audit trail
//! records it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::check::{Expected, MAX_AGE};
use super::idp::Certificate;
use super::summary::Summary;
use super::{IdentityProvider, Refusal};
use crate::printable::{printable, reason, shown};

/// The data against which a message was checked. It is incomplete if the checks stopped early.
#[derive(Clone, Copy, Debug, Default)]
pub struct Against<'a> {
    /// The values that the response must match; `None` if the message was refused before they were
    /// known.
    pub expected: Option<Expected<'a>>,
    /// The certificates of the IdP's signing keys.
    pub certificates: &'a [Certificate],
    /// The configured identity providers, for a message from an unknown issuer.
    pub idps: &'a [Arc<IdentityProvider>],
}

/// The maximum number of identity providers in an explanation.
const MAX_IDPS: usize = 5;

/// The refusal's own text and, if there are any, details such as the actual and expected values.
pub fn explain(refusal: &Refusal, summary: &Summary, against: Against<'_>) -> String {
    let facts = facts(refusal, summary, against);
    let refusal = reason(refusal);
    match facts {
        // The facts can contain unescaped text from the message: an inspection takes the expected
        // request ID from the message itself.
        Some(facts) => printable(&format!("{refusal}: {facts}"), usize::MAX),
        None => refusal,
    }
}

fn facts(refusal: &Refusal, summary: &Summary, against: Against<'_>) -> Option<String> {
    match refusal {
        Refusal::UnknownIdp => Some(format!(
            "{}; {}",
            received(issuer(summary)),
            configured(against.idps)
        )),
        Refusal::UnsolicitedNotAllowed => Some(received(issuer(summary))),
        Refusal::NotAResponse => Some(root(&summary.root)).filter(|_| !summary.root.is_empty()),
        Refusal::NotWellFormed(why) if why.contains("end of input") => {
            Some("the message is truncated".to_owned())
        }
        Refusal::UnknownLogin => Some(received(summary.in_response_to.as_ref())),
        Refusal::Signature => Some(keys(summary, against.certificates)),
        _ => against
            .expected
            .and_then(|expected| profile(refusal, summary, &expected)),
    }
}

fn issuer(summary: &Summary) -> Option<&String> {
    let assertions = || summary.assertion.as_ref()?.issuer.as_ref();
    summary.issuer.as_ref().or_else(assertions)
}

fn configured(idps: &[Arc<IdentityProvider>]) -> String {
    let known = idps.iter().take(MAX_IDPS).map(|idp| match idp.latest() {
        Some(latest) => format!(
            "the entity ID of {} is {}",
            idp.id,
            shown(&latest.entity_id)
        ),
        None => format!("{} has no metadata", idp.id),
    });
    let mut known: Vec<_> = known.collect();
    if idps.len() > MAX_IDPS {
        known.push(format!("and {} more are configured", idps.len() - MAX_IDPS));
    }
    known.join(", ")
}

/// Names a root element that is not a Response, and explains it if it is often mistaken for one.
fn root(name: &str) -> String {
    let is = match name {
        "EntityDescriptor" | "EntitiesDescriptor" => ", which is metadata",
        "AuthnRequest" => ", which is a request",
        "Assertion" => ", which must be inside a response",
        _ => "",
    };
    format!("the root element is {name}{is}")
}

/// Compares the certificates in the message with those in the metadata.
fn keys(summary: &Summary, certificates: &[Certificate]) -> String {
    let mut named: Vec<_> = summary.certificates().collect();
    named.dedup();
    let known: Vec<_> = certificates.iter().map(|known| &*known.sha256).collect();
    if named.is_empty() {
        format!(
            "the message contains no certificate; the metadata contains {}",
            known.join(", ")
        )
    } else if named.iter().all(|name| known.contains(name)) {
        format!(
            "the message contains the certificate {}, which the metadata contains too: the message \
             was changed after it was signed, or copied incompletely",
            named.join(", ")
        )
    } else {
        let (named, known) = (named.join(", "), known.join(", "));
        format!("the message contains the certificate {named}; the metadata contains {known}")
    }
}

/// Explains a refusal from one of the profile's checks (saml-profiles 4.1.4.3).
fn profile(refusal: &Refusal, summary: &Summary, expected: &Expected<'_>) -> Option<String> {
    let differ =
        |value: Option<&String>, wanted: &str| format!("{}, expected {wanted}", received(value));
    let asked = expected.request_id.unwrap_or("no value");
    Some(match refusal {
        Refusal::Destination => differ(summary.destination.as_ref(), expected.acs_url),
        Refusal::ResponseIssuer => differ(summary.issuer.as_ref(), expected.idp_entity_id),
        Refusal::ResponseInResponseTo => differ(summary.in_response_to.as_ref(), asked),
        _ => return assertion(refusal, summary, expected),
    })
}

fn assertion(refusal: &Refusal, summary: &Summary, expected: &Expected<'_>) -> Option<String> {
    let said = summary.assertion.as_ref()?;
    let differ =
        |value: Option<&String>, wanted: &str| format!("{}, expected {wanted}", received(value));
    let time = |value: Option<&String>| {
        let skew = expected.skew.num_seconds();
        format!(
            "{}; clocks may differ by up to {skew} seconds",
            moment(value, expected.now)
        )
    };
    let bearer = said.confirmations.iter().find(|one| one.method == "bearer");
    let authentication = said.authentications.first();
    Some(match refusal {
        Refusal::AssertionIssuer => differ(said.issuer.as_ref(), expected.idp_entity_id),
        Refusal::IssuedInFuture => time(said.issue_instant.as_ref()),
        Refusal::IssuedTooLongAgo => format!(
            "{}, and the maximum age is {} minutes",
            time(said.issue_instant.as_ref()),
            MAX_AGE.num_minutes()
        ),
        Refusal::NotYetValid => time(said.not_before.as_ref()),
        Refusal::Expired => time(said.not_on_or_after.as_ref()),
        Refusal::Audience | Refusal::NoAudience => {
            let names = match said.audiences.as_slice() {
                [] => "no audience".to_owned(),
                audiences => audiences.join(", "),
            };
            format!(
                "received {names}, expected {}",
                expected.audiences.join(" or ")
            )
        }
        Refusal::NoPersonAttribute | Refusal::SeveralPersonValues => {
            format!("idp.person_attribute is {}", expected.person_attribute?)
        }
        Refusal::Recipient => differ(bearer?.recipient.as_ref(), expected.acs_url),
        Refusal::ConfirmationExpired => time(bearer?.not_on_or_after.as_ref()),
        Refusal::InResponseTo => differ(
            bearer?.in_response_to.as_ref(),
            expected.request_id.unwrap_or("no value"),
        ),
        Refusal::NotAskedAgain => moment(authentication?.instant.as_ref(), expected.now),
        Refusal::AuthnContext(_) => {
            format!("expected {}", expected.authn_contexts.join(" or "))
        }
        Refusal::SessionEnded => moment(
            authentication?.session_not_on_or_after.as_ref(),
            expected.now,
        ),
        _ => return None,
    })
}

fn received(value: Option<&String>) -> String {
    match value {
        Some(value) => format!("received {value}"),
        None => "received no value".to_owned(),
    }
}

fn moment(value: Option<&String>, now: DateTime<Utc>) -> String {
    match value {
        Some(value) => format!("the time is {value}{}", apart(value, now)),
        None => "the message does not contain this time".to_owned(),
    }
}

/// The distance of `time` from `now` in words, such as ` (5 min ago)`; empty if `time` is not a
/// valid time.
pub fn apart(time: &str, now: DateTime<Utc>) -> String {
    let Ok(time) = time.parse::<DateTime<Utc>>() else {
        return String::new();
    };
    let apart = time - now;
    if apart.num_seconds() == 0 {
        " (now)".to_owned()
    } else if apart < TimeDelta::zero() {
        format!(" ({} ago)", span(-apart))
    } else {
        format!(" (in {})", span(apart))
    }
}

fn span(span: TimeDelta) -> String {
    let parts = [
        (span.num_days(), "d"),
        (span.num_hours() % 24, "h"),
        (span.num_minutes() % 60, "min"),
        (span.num_seconds() % 60, "s"),
    ];
    let parts: Vec<_> = parts
        .into_iter()
        .skip_while(|(number, _)| *number == 0)
        .take(2)
        .filter(|(number, _)| *number != 0)
        .map(|(number, unit)| format!("{number} {unit}"))
        .collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_spans_use_at_most_two_units() {
        let now: DateTime<Utc> = "2026-03-02T08:00:00Z".parse().unwrap();
        for (time, words) in [
            ("2026-03-02T08:00:00Z", " (now)"),
            ("2026-03-02T08:00:00.900Z", " (now)"),
            ("2026-03-02T07:47:30Z", " (12 min 30 s ago)"),
            ("2026-03-02T09:00:05Z", " (in 1 h)"),
            ("2026-02-28T07:00:00+00:00", " (2 d 1 h ago)"),
            ("yesterday", ""),
        ] {
            assert_eq!(apart(time, now), words, "{time}");
        }
        assert!(apart("+262142-01-01T00:00:00Z", now).contains(" d"));
    }
}
