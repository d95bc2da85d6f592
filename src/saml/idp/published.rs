//! What an identity provider publishes of itself: its metadata, as it is read.

use chrono::{DateTime, TimeDelta, Utc};
use openssl::asn1::Asn1Time;
use openssl::x509::X509;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

use crate::config::Binding;
use crate::crypto;
use crate::saml::logout::LogoutService;
use crate::saml::metadata::{self, IdpMetadata, MetadataError};
use crate::saml::trust::{Trust, TrustError};

/// Addresses are asked at least so often.
const AT_LEAST_EVERY: TimeDelta = TimeDelta::days(1);
/// And never more often than this.
pub(super) const AT_MOST_EVERY: TimeDelta = TimeDelta::minutes(5);
/// Which entity an identity provider is: a digest of its entity ID, as small as records want it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityKey([u8; 16]);

impl EntityKey {
    /// That of the entity with this ID.
    pub fn of(entity_id: &str) -> Self {
        let digest = crypto::derive("rolecall entity", entity_id.as_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        Self(key)
    }

    /// The digest.
    pub fn octets(&self) -> &[u8] {
        &self.0
    }
}

/// What an identity provider publishes of itself, as of one moment.
#[derive(Debug)]
pub struct Published {
    /// The entity ID.
    pub entity_id: String,
    /// The same, for records.
    pub entity_key: EntityKey,
    /// Where AuthnRequests go.
    pub sso_url: Url,
    /// How they go there.
    pub binding: Binding,
    /// Its single logout service, if it has one and is to use it.
    pub single_logout: Option<LogoutService>,
    /// The keys that may sign for it.
    pub trust: Trust,
    /// The certificates of these keys.
    pub certificates: Vec<Certificate>,
    /// When this must not be used any more.
    pub valid_until: Option<DateTime<Utc>>,
    /// How long its publisher wants it to be kept before it is asked for again.
    cache_duration: Option<TimeDelta>,
}

/// What is worth telling of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// Of the DER, in hexadecimal.
    pub sha256: String,
    /// When it expires. Signatures are verified beyond that, since the metadata is what is
    /// trusted; but whoever publishes an expired certificate may have forgotten it.
    pub not_after: Option<DateTime<Utc>>,
}

/// Why a document is not what an identity provider publishes.
#[derive(Debug, Error)]
pub enum PublishedError {
    /// The document.
    #[error(transparent)]
    Document(#[from] MetadataError),
    /// A key in it.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The configured binding is not offered.
    #[error("the identity provider's metadata does not offer the configured request_binding")]
    Binding,
    /// Another identity provider than before, or one that is there already.
    #[error("{0}")]
    EntityId(String),
}

/// How documents are read.
#[derive(Debug)]
pub struct Reader {
    /// The entity ID that the configuration names.
    pub entity_id: Option<String>,
    /// The keys one of which must have signed the document.
    pub signed_by: Option<Trust>,
    /// Whether SHA-1 will do in the identity provider's signatures.
    pub allow_sha1: bool,
    /// Whether single logout is wanted.
    pub single_logout: bool,
    /// The binding that the configuration wants.
    pub request_binding: Option<Binding>,
}

impl Reader {
    /// Reads a document.
    pub fn read(&self, document: &str) -> Result<Published, PublishedError> {
        let metadata = match &self.signed_by {
            Some(trust) => {
                let signed = metadata::verified(document, trust)?;
                IdpMetadata::parse(&signed, self.entity_id.as_deref())?
            }
            None => IdpMetadata::parse(document, self.entity_id.as_deref())?,
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
            valid_until: metadata.valid_until,
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
    /// How long it is kept before it is asked for again: as the publisher wishes, and well before
    /// it expires.
    pub(super) fn keep_for(&self, now: DateTime<Utc>) -> TimeDelta {
        let until_half = self.valid_until.map(|end| (end - now) / 2);
        let wishes = self.cache_duration.into_iter().chain(until_half);
        let shortest = wishes.fold(AT_LEAST_EVERY, TimeDelta::min);
        shortest.max(AT_MOST_EVERY)
    }
}
