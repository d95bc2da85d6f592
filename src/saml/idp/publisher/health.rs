//! What monitoring is told of an identity provider.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::{Published, Publisher, Unavailable};
use crate::saml::idp::Certificate;

/// How far ahead it is warned of what expires.
const AHEAD: TimeDelta = TimeDelta::days(30);

/// How an identity provider is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    /// The configured id.
    pub id: String,
    /// `current`; `kept`, where its source has not been reached since the start or does not give
    /// a good document now; `missing` or `expired`, where nobody can sign in with it.
    pub metadata: &'static str,
    /// The entity ID.
    pub entity_id: Option<String>,
    /// When its source last gave a good document.
    pub refreshed_at: Option<DateTime<Utc>>,
    /// When its metadata must not be used any more.
    pub valid_until: Option<DateTime<Utc>>,
    /// The certificates of the keys that may sign.
    pub signing_certificates: Vec<Certificate>,
    /// What is wrong with the source, if it is.
    pub problem: Option<String>,
    /// What is ahead.
    pub warnings: Vec<String>,
}

impl Publisher {
    /// How it is at `now`.
    pub fn health(&self, now: DateTime<Utc>) -> Health {
        let (problem, refreshed_at) = {
            let state = self.state();
            (state.problem.clone(), state.good_at)
        };
        // A file was read when the configuration was.
        let is_kept = refreshed_at.is_none() && self.metadata_url().is_some();
        let metadata = match self.published(now) {
            Err(Unavailable::NoMetadata) => "missing",
            Err(Unavailable::Expired(_)) => "expired",
            Ok(_) if problem.is_some() || is_kept => "kept",
            Ok(_) => "current",
        };
        let latest = self.latest();
        let latest = latest.as_deref();
        Health {
            id: self.id.clone(),
            metadata,
            entity_id: latest.map(|latest| latest.entity_id.clone()),
            refreshed_at,
            valid_until: latest.and_then(|latest| latest.valid_until),
            signing_certificates: latest
                .map_or_else(Vec::new, |latest| latest.certificates.clone()),
            problem,
            warnings: latest.map_or_else(Vec::new, |latest| {
                latest.warnings(now, self.metadata_url().is_none())
            }),
        }
    }
}

impl Published {
    /// Whatever expires within 30 days. Metadata that is fetched is renewed by itself, and may be
    /// good for a day at a time: only where it has expired is it worth a word.
    fn warnings(&self, now: DateTime<Utc>, is_file: bool) -> Vec<String> {
        let ahead = |end: DateTime<Utc>, far: TimeDelta| match end {
            end if end <= now => Some("expired"),
            end if end - far <= now => Some("expires"),
            _ => None,
        };
        let far = if is_file { AHEAD } else { TimeDelta::zero() };
        let metadata = self
            .valid_until
            .and_then(|end| Some((ahead(end, far)?, end)));
        let metadata = metadata.map(|(verb, end)| format!("the metadata {verb} at {end}"));
        let certificates = self.certificates.iter().filter_map(|certificate| {
            let end = certificate.not_after?;
            let verb = ahead(end, AHEAD)?;
            let sha256 = &certificate.sha256;
            Some(format!("the signing certificate {sha256} {verb} at {end}"))
        });
        metadata.into_iter().chain(certificates).collect()
    }
}
