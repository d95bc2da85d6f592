//! Explains a refusal by showing the message's actual value and the expected one. Administrators
//! need both to find the cause. `rolecall inspect` prints the explanation, and the audit trail
//! records it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::check::{Expected, MAX_AGE};
use super::idp::Certificate;
use super::summary::Summary;
use super::{IdentityProvider, Refusal};
use crate::printable::{printable, reason};

/// The data that a message was checked against, as far as the checks got.
#[derive(Clone, Copy, Debug, Default)]
pub struct Against<'a> {
    /// The values that the response must match, if the profile's checks ran.
    pub expected: Option<Expected<'a>>,
    /// The certificates of the keys that may sign the message.
    pub certificates: &'a [Certificate],
    /// The configured identity providers.
    pub idps: &'a [Arc<IdentityProvider>],
}

/// The maximum number of identity providers in an explanation.
const MAX_IDPS: usize = 5;

/// The refusal's own text, followed by the actual and the expected value.
pub fn explain(refusal: &Refusal, summary: &Summary, against: Against<'_>) -> String {
    let facts = facts(refusal, summary, against);
    let refusal = reason(refusal);
    match facts {
        // The facts can contain text from the message: an inspection takes the expected request ID
        // from the message itself.
        Some(facts) => printable(&format!("{refusal}: {facts}"), usize::MAX),
        None => refusal,
    }
}

fn facts(refusal: &Refusal, summary: &Summary, against: Against<'_>) -> Option<String> {
    match refusal {
        Refusal::UnknownIdp => Some(format!(
            "{}; {}",
            it_says(issuer(summary)),
            configured(against.idps)
        )),
        Refusal::UnsolicitedNotAllowed => Some(it_says(issuer(summary))),
        Refusal::NotAResponse => Some(root(&summary.root)).filter(|_| !summary.root.is_empty()),
        Refusal::NotWellFormed(why) if why.contains("end of input") => {
            Some("the message is truncated".to_owned())
        }
        Refusal::UnknownLogin => Some(it_says(summary.in_response_to.as_ref())),
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
        Some(latest) => format!("{} is {}", idp.id, latest.entity_id),
        None => format!("{} has no metadata", idp.id),
    });
    let mut known: Vec<_> = known.collect();
    if idps.len() > MAX_IDPS {
        known.push(format!("and there are {} more", idps.len() - MAX_IDPS));
    }
    known.join(", ")
}

/// The root element's name, with an explanation if it is often mistaken for a response.
fn root(name: &str) -> String {
    let is = match name {
        "EntityDescriptor" | "EntitiesDescriptor" => ", which is metadata",
        "AuthnRequest" => ", which is a request",
        "Assertion" => ", which must be inside a response",
        _ => "",
    };
    format!("it is {name}{is}")
}

/// The certificates in the message, and those in the metadata.
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
            "the message contains the certificate {}, which is in the metadata: the message was \
             changed after it was signed, or copied incompletely",
            named.join(", ")
        )
    } else {
        let (named, known) = (named.join(", "), known.join(", "));
        format!("the message contains the certificate {named}; the metadata contains {known}")
    }
}

/// Explains a refusal from one of the profile's checks (saml-profiles 4.1.4.3).
fn profile(refusal: &Refusal, summary: &Summary, expected: &Expected<'_>) -> Option<String> {
    let says = |value: Option<&String>, wanted: &str| format!("{}, not {wanted}", it_says(value));
    let asked = expected.request_id.unwrap_or("nothing, as required");
    Some(match refusal {
        Refusal::Destination => says(summary.destination.as_ref(), expected.acs_url),
        Refusal::ResponseIssuer => says(summary.issuer.as_ref(), expected.idp_entity_id),
        Refusal::ResponseInResponseTo => says(summary.in_response_to.as_ref(), asked),
        _ => return assertion(refusal, summary, expected),
    })
}

fn assertion(refusal: &Refusal, summary: &Summary, expected: &Expected<'_>) -> Option<String> {
    let said = summary.assertion.as_ref()?;
    let says = |value: Option<&String>, wanted: &str| format!("{}, not {wanted}", it_says(value));
    let time = |value: Option<&String>| {
        let skew = expected.skew.num_seconds();
        format!(
            "{}; the clocks may differ by {skew} seconds",
            moment(value, expected.now)
        )
    };
    let bearer = said.confirmations.iter().find(|one| one.method == "bearer");
    let authentication = said.authentications.first();
    Some(match refusal {
        Refusal::AssertionIssuer => says(said.issuer.as_ref(), expected.idp_entity_id),
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
                [] => "nobody".to_owned(),
                audiences => audiences.join(", "),
            };
            format!("it is for {names}, not {}", expected.audiences.join(" or "))
        }
        Refusal::Recipient => says(bearer?.recipient.as_ref(), expected.acs_url),
        Refusal::ConfirmationExpired => time(bearer?.not_on_or_after.as_ref()),
        Refusal::InResponseTo => says(
            bearer?.in_response_to.as_ref(),
            expected.request_id.unwrap_or("nothing, as required"),
        ),
        Refusal::NotAskedAgain => moment(authentication?.instant.as_ref(), expected.now),
        Refusal::AuthnContext(_) => {
            format!("rolecall expects {}", expected.authn_contexts.join(" or "))
        }
        Refusal::SessionEnded => moment(
            authentication?.session_not_on_or_after.as_ref(),
            expected.now,
        ),
        _ => return None,
    })
}

fn it_says(value: Option<&String>) -> String {
    match value {
        Some(value) => format!("the message contains {value}"),
        None => "the message contains no value".to_owned(),
    }
}

fn moment(value: Option<&String>, now: DateTime<Utc>) -> String {
    match value {
        Some(value) => format!("the message contains {value}{}", apart(value, now)),
        None => "the message contains no time".to_owned(),
    }
}

/// How far a message's time is from `now`, in words; empty if `time` is not a valid time.
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
