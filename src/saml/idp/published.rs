//! An identity provider's metadata, in the form that logins and logouts use.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use openssl::asn1::Asn1Time;
use openssl::x509::X509;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use url::Url;

use super::edition::{Edition, EditionError, Validity};
use crate::config::Binding;
use crate::crypto;
use crate::saml::logout::LogoutService;
use crate::saml::metadata::{IdpMetadata, MetadataError};
use crate::saml::trust::{Trust, TrustError};

/// The maximum time from a successful fetch of a metadata URL to the next fetch.
const AT_LEAST_EVERY: TimeDelta = TimeDelta::days(1);
/// The minimum time from a successful fetch of a metadata URL to the next fetch.
pub(super) const AT_MOST_EVERY: TimeDelta = TimeDelta::minutes(5);
/// A short digest of an identity provider's entity ID. Records contain the digest instead of the
/// entity ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityKey([u8; 16]);

impl EntityKey {
    /// Computes the digest of this entity ID.
    pub fn of(entity_id: &str) -> Self {
        let digest = crypto::derive("rolecall entity", entity_id.as_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        Self(key)
    }

    /// The digest's 16 bytes.
    pub fn octets(&self) -> &[u8] {
        &self.0
    }
}

/// A short digest of an identity provider's configured ID, for RelayStates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdKey([u8; 4]);

impl IdKey {
    /// Computes the digest of this configured ID.
    pub fn of(id: &str) -> Self {
        let [a, b, c, d, ..] = crypto::derive("rolecall idp", id.as_bytes());
        Self([a, b, c, d])
    }

    /// Restores a digest from its bytes.
    pub fn from_octets(octets: [u8; 4]) -> Self {
        Self(octets)
    }

    /// The digest's bytes.
    pub fn octets(&self) -> &[u8; 4] {
        &self.0
    }
}

/// One version of an identity provider's metadata.
#[derive(Debug)]
pub struct Published {
    /// The identity provider's entity ID.
    pub entity_id: String,
    /// The digest of the entity ID, as stored in records.
    pub entity_key: EntityKey,
    /// The URL to which AuthnRequests are sent.
    pub sso_url: Url,
    /// The binding for AuthnRequests.
    pub binding: Binding,
    /// The identity provider's single logout service. `None` if the metadata offers none with a
    /// binding that we support, or if single logout is disabled.
    pub single_logout: Option<LogoutService>,
    /// The identity provider's signing keys, and whether its signatures may use SHA-1.
    pub trust: Trust,
    /// The certificates of the signing keys.
    pub certificates: Vec<Certificate>,
    /// Whether transient is the only NameID format that the identity provider offers.
    pub is_transient: bool,
    /// When the metadata was published and when it expires, as far as the document says so.
    pub edition: Edition,
    /// The metadata's cacheDuration: how long the document may be cached (saml-metadata 2.3.1).
    cache_duration: Option<TimeDelta>,
}

/// A signing certificate's digest and expiry, for logs, explanations of refusals and monitoring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// The SHA-256 digest of the certificate in DER, in hexadecimal.
    pub sha256: String,
    /// When the certificate expires; `None` if the time cannot be read. Signatures made with its
    /// key are accepted even after that, because trust comes from the metadata. The time is shown
    /// because an expired certificate may be an oversight.
    pub not_after: Option<DateTime<Utc>>,
}

/// Why a document cannot be used as an identity provider's metadata.
#[derive(Debug, Error)]
pub enum PublishedError {
    /// The document cannot be read as metadata, or its signature is missing or invalid.
    #[error(transparent)]
    Document(#[from] MetadataError),
    /// A signing certificate in the document cannot be used.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The metadata does not offer the configured binding.
    #[error("the identity provider's metadata does not offer the configured request_binding")]
    Binding,
    /// The document's entity ID differs from the one in use. The new entity ID is used only after a
    /// reload or a restart.
    #[error("the entity ID changed from {before} to {now}; a reload (SIGHUP) accepts the new one")]
    OtherEntity {
        /// The entity ID in use.
        before: String,
        /// The entity ID in the document.
        now: String,
    },
    /// The thread that reads documents stopped, because the program ends or because of a bug.
    #[error("reading the document broke off: {0}")]
    BrokeOff(String),
    /// The document is too old, or is valid for too long.
    #[error(transparent)]
    Edition(#[from] EditionError),
    /// Another configured identity provider has the same entity ID.
    #[error("another identity provider has the same entity ID, {0}")]
    EntityTaken(String),
}

/// The settings that determine how a metadata document is read.
#[derive(Debug)]
pub struct MetadataReader {
    /// The configured entity ID, which selects the identity provider in the document. `None` if
    /// the document must contain exactly one identity provider.
    pub entity_id: Option<String>,
    /// The keys that may sign the document; `None` if it need not be signed.
    pub signed_by: Option<Trust>,
    /// How long the metadata may be valid.
    pub validity: Validity,
    /// Whether SHA-1 is accepted in the identity provider's signatures.
    pub allow_sha1: bool,
    /// Whether single logout is enabled.
    pub single_logout: bool,
    /// The configured binding for AuthnRequests; `None` if any binding may be used.
    pub request_binding: Option<Binding>,
}

impl MetadataReader {
    /// Like [`Self::read`], but on a thread that neither serves requests nor does housekeeping:
    /// reading a large document takes a while. Only one document is read at a time.
    pub(super) async fn read_aside(
        reader: &Arc<Self>,
        document: &str,
    ) -> Result<Published, PublishedError> {
        static TURN: Semaphore = Semaphore::const_new(1);
        let _turn = TURN.acquire().await;
        let (reader, document) = (Arc::clone(reader), document.to_owned());
        spawn_blocking(move || reader.read(&document))
            .await
            .unwrap_or_else(|error| Err(PublishedError::BrokeOff(error.to_string())))
    }

    /// Reads a document. Its signature is verified if [`Self::signed_by`] requires one.
    pub fn read(&self, document: &str) -> Result<Published, PublishedError> {
        let entity_id = self.entity_id.as_deref();
        let metadata = match &self.signed_by {
            Some(trust) => IdpMetadata::parse_signed(document, entity_id, trust)?,
            None => IdpMetadata::parse(document, entity_id)?,
        };
        let trust = Trust::new(&metadata.signing_certificates, self.allow_sha1)?;
        let mut offered = metadata.single_sign_on.into_iter();
        let (binding, sso_url) = offered
            .find(|(offered, _)| self.request_binding.is_none_or(|wanted| wanted == *offered))
            .ok_or(PublishedError::Binding)?;
        Ok(Published {
            entity_key: EntityKey::of(&metadata.entity_id),
            entity_id: metadata.entity_id,
            sso_url,
            binding,
            single_logout: metadata.single_logout.filter(|_| self.single_logout),
            trust,
            certificates: metadata
                .signing_certificates
                .iter()
                .map(|der| Certificate::read(der))
                .collect(),
            is_transient: metadata.is_transient,
            edition: Edition {
                created: metadata.created,
                valid_until: metadata.valid_until,
            },
            cache_duration: metadata.cache_duration,
        })
    }
}

impl Certificate {
    fn read(der: &[u8]) -> Self {
        Self {
            sha256: crypto::fingerprint(der),
            not_after: X509::from_der(der)
                .ok()
                .and_then(|certificate| time(certificate.not_after())),
        }
    }
}

fn time(time: &openssl::asn1::Asn1TimeRef) -> Option<DateTime<Utc>> {
    let since = Asn1Time::from_unix(0).ok()?.diff(time).ok()?;
    let since = TimeDelta::days(i64::from(since.days)) + TimeDelta::seconds(i64::from(since.secs));
    DateTime::UNIX_EPOCH.checked_add_signed(since)
}

impl Published {
    /// The time until the next fetch: the metadata's cache duration or half the time until the
    /// metadata expires, whichever is shorter. The result is at least [`AT_MOST_EVERY`] and at most
    /// [`AT_LEAST_EVERY`].
    pub(super) fn keep_for(&self, now: DateTime<Utc>) -> TimeDelta {
        let until_half = self.edition.valid_until.map(|end| (end - now) / 2);
        let wishes = self.cache_duration.into_iter().chain(until_half);
        let shortest = wishes.fold(AT_LEAST_EVERY, TimeDelta::min);
        shortest.max(AT_MOST_EVERY)
    }
}
