//! The state of an identity provider's metadata, for monitoring.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::{Published, Publisher, Unavailable};
use crate::saml::idp::Certificate;

/// Warnings begin this long before a certificate, or metadata from a file, expires.
const AHEAD: TimeDelta = TimeDelta::days(30);

/// The state of an identity provider's metadata, as the readiness endpoint reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    /// The identity provider's configured id.
    pub id: String,
    /// `missing` or `expired` if nobody can sign in with this identity provider. `kept` if an
    /// earlier document or the saved copy is in use, because the latest refresh failed or because
    /// the URL has not been fetched yet. Otherwise `current`.
    pub metadata: &'static str,
    /// The entity ID in the latest metadata.
    pub entity_id: Option<String>,
    /// When the source last returned a good document.
    pub refreshed_at: Option<DateTime<Utc>>,
    /// When the metadata expires.
    pub valid_until: Option<DateTime<Utc>>,
    /// The certificates of the signing keys.
    pub signing_certificates: Vec<Certificate>,
    /// Why the latest refresh failed; `None` if it succeeded.
    pub problem: Option<String>,
    /// Warnings about metadata and certificates that have expired or will expire soon.
    pub warnings: Vec<String>,
}

impl Publisher {
    /// The state of the metadata at `now`.
    pub fn health(&self, now: DateTime<Utc>) -> Health {
        let (problem, refreshed_at) = {
            let state = self.state();
            (state.problem.clone(), state.good_at)
        };
        // A file is read together with the configuration, so it counts as reached.
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
    /// One warning for each item that has expired or will expire within 30 days. Fetched metadata
    /// is renewed automatically and may be valid for only a day at a time, so a warning about it
    /// appears only after it has expired.
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
