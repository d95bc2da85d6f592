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
    /// The identity provider's configured ID.
    pub id: String,
    /// `missing` if no metadata has been read yet, and `expired` if it has expired. In both cases,
    /// nobody can sign in with this identity provider. `kept` if the latest refresh failed or the
    /// URL has not been fetched yet, so that an earlier document or the saved copy is in use.
    /// Otherwise `current`.
    pub metadata: &'static str,
    /// The entity ID from the metadata in use.
    pub entity_id: Option<String>,
    /// When the source last returned a good document.
    pub refreshed_at: Option<DateTime<Utc>>,
    /// When the metadata in use expires, if it contains a validUntil.
    pub valid_until: Option<DateTime<Utc>>,
    /// The certificates of the signing keys.
    pub signing_certificates: Vec<Certificate>,
    /// Why the latest refresh failed, if it did.
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
        // A file was read with the configuration, so its metadata is current even before a refresh.
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
            valid_until: latest.and_then(|latest| latest.edition.valid_until),
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
    /// One warning about the metadata and one about each certificate, if it has expired or will
    /// expire within 30 days. Fetched metadata is renewed automatically and may be valid for only a
    /// day at a time. A warning about fetched metadata therefore appears only after the metadata
    /// has expired.
    fn warnings(&self, now: DateTime<Utc>, is_file: bool) -> Vec<String> {
        let ahead = |end: DateTime<Utc>, far: TimeDelta| match end {
            end if end <= now => Some("expired"),
            end if end - far <= now => Some("expires"),
            _ => None,
        };
        let far = if is_file { AHEAD } else { TimeDelta::zero() };
        let metadata = self
            .edition
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
