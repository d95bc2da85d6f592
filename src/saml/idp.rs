//! An identity provider: what the configuration says of it, and what its metadata says now.
//!
//! The configuration never changes; metadata does. Whoever handles a login takes one
//! [`Published`] at its beginning, so that keys and addresses never change in the middle of it.

mod health;
mod source;

use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use openssl::asn1::Asn1Time;
use openssl::x509::X509;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

pub use health::Health;
pub use source::{Client, folder_problem, read_file};

use super::logout::LogoutService;
use super::metadata::{self, IdpMetadata, MetadataError};
use super::request::Wishes;
use super::trust::{Trust, TrustError};
use crate::config::{self, Asking, Binding, MetadataSource};
use crate::crypto;
use source::{Kept, Source};

/// An identity provider.
pub struct IdentityProvider {
    /// The configured id.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// The domains of its people's e-mail addresses, in lower case.
    pub email_domains: Vec<String>,
    /// Whether it may start a login by itself.
    pub allow_unsolicited: bool,
    /// Whether AES-CBC will do for assertions that it encrypts, inside a signed Response.
    pub allow_cbc: bool,
    /// What our requests ask of it.
    pub wishes: Wishes,
    configured: Configured,
    /// The entity that the metadata file named when the configuration was read.
    entity_of_file: OnceLock<EntityKey>,
    reader: Reader,
    source: Source,
    published: RwLock<Option<Arc<Published>>>,
    state: Mutex<State>,
    /// Whoever looks at the source. One at a time: who waited finds that it was looked at.
    looking: tokio::sync::Mutex<()>,
}

impl fmt::Debug for IdentityProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityProvider")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// All that the configuration says of an identity provider.
#[derive(PartialEq, Eq)]
struct Configured {
    section: config::Idp,
    /// `saml.metadata_directory`, if something is kept there.
    folder: Option<PathBuf>,
    /// Of the content of `metadata_certificate_file`.
    certificates: Option<[u8; 32]>,
}

impl Configured {
    fn read(section: &config::Idp, folder: Option<&Path>) -> Self {
        let certificates = section.metadata_certificate_file.as_deref();
        let certificates = certificates.and_then(|path| read_file(path).ok());
        let is_fetched = matches!(section.metadata, MetadataSource::Url(_));
        Self {
            section: section.clone(),
            folder: folder.filter(|_| is_fetched).map(Path::to_owned),
            certificates: certificates.map(|text| crypto::sha256(text.as_bytes())),
        }
    }
}

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

/// Why an identity provider cannot be used now.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Unavailable {
    /// Its metadata could not be had yet.
    #[error("there is no metadata of the identity provider yet")]
    NoMetadata,
    /// Its metadata must not be used any more (saml-metadata 2.3.1).
    #[error("the identity provider's metadata expired at {0}")]
    Expired(DateTime<Utc>),
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

/// A document that the source gave.
#[derive(Clone, Debug)]
struct Seen {
    digest: [u8; 32],
    /// What is wrong with it, if it is bad.
    problem: Option<String>,
}

/// What the last looks at the source were like.
#[derive(Debug, Default)]
struct State {
    /// The last document that was seen, good or not.
    seen: Option<Seen>,
    /// What is wrong with the source, if it is.
    problem: Option<String>,
    /// When the source gave a good document, or said that the last one still holds.
    good_at: Option<DateTime<Utc>>,
    /// When to ask again: addresses only.
    next: Option<DateTime<Utc>>,
    /// How often in a row asking has failed.
    failures: u32,
    /// When it was last warned of what is ahead.
    warned_at: Option<DateTime<Utc>>,
    /// Whether the source has come to speak of another entity, which only a reload takes up.
    is_other_entity: bool,
    /// Whether what is published was fetched, and is not only the copy that was kept on disk.
    is_fetched: bool,
}

/// Addresses are asked at least so often.
const AT_LEAST_EVERY: TimeDelta = TimeDelta::days(1);
/// And never more often than this.
const AT_MOST_EVERY: TimeDelta = TimeDelta::minutes(5);
/// After a failure, addresses are asked again after this, then after twice as long, and so on.
const FIRST_RETRY: TimeDelta = TimeDelta::minutes(1);
/// At most after this.
const LAST_RETRY: TimeDelta = TimeDelta::hours(1);
/// How often it is warned of what is ahead.
const WARN_EVERY: TimeDelta = TimeDelta::days(1);

impl IdentityProvider {
    /// An identity provider of the configuration, about which nothing is published yet.
    pub fn new(config: &config::Idp, reader: Reader, directory: Option<&Path>) -> Self {
        Self {
            id: config.id.clone(),
            name: config.name.clone(),
            email_domains: config.email_domains.clone(),
            allow_unsolicited: config.allow_unsolicited,
            allow_cbc: config.allow_cbc,
            wishes: Wishes {
                force_authn: config.asking == Asking::Always,
                is_passive: config.asking == Asking::Never,
                name_id_format: config.name_id_format.clone(),
                authn_contexts: config.authn_contexts.clone(),
            },
            configured: Configured::read(config, directory),
            entity_of_file: OnceLock::new(),
            reader,
            source: match &config.metadata {
                MetadataSource::File(path) => Source::File(path.clone()),
                MetadataSource::Url(url) => {
                    let kept = directory.map(|folder| Kept::new(folder, &config.id, url));
                    Source::Url(url.clone(), kept)
                }
            },
            published: RwLock::default(),
            state: Mutex::default(),
            looking: tokio::sync::Mutex::default(),
        }
    }

    /// Whether it is configured just so already, and what it publishes is to stay: not where the source
    /// speaks of another entity now, and not where nothing is published.
    pub fn stays(&self, config: &config::Idp, directory: Option<&Path>) -> bool {
        let is_same = self.configured == Configured::read(config, directory);
        is_same && self.latest().is_some() && !self.is_other_entity()
    }

    /// Whether the source has come to speak of another entity. A file may have been changed a moment ago.
    fn is_other_entity(&self) -> bool {
        let Source::File(path) = &self.source else {
            return self.state().is_other_entity;
        };
        let read = read_file(path).ok();
        let read = read.and_then(|document| self.reader.read(&document).ok());
        // What cannot be read is complained of elsewhere, and the last good one stays.
        read.is_some_and(|read| self.entity_key() != Some(read.entity_key))
    }

    /// What it publishes, unless it cannot be used at `now`.
    pub fn published(&self, now: DateTime<Utc>) -> Result<Arc<Published>, Unavailable> {
        let published = self.latest().ok_or(Unavailable::NoMetadata)?;
        match published.valid_until {
            Some(end) if end <= now => Err(Unavailable::Expired(end)),
            _ => Ok(published),
        }
    }

    /// What it published last, perhaps long ago.
    pub fn latest(&self) -> Option<Arc<Published>> {
        let published = self.published.read();
        published.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Which entity it is: by what it published last, or else by what the configuration names. `None` if
    /// nothing is known of it yet.
    pub fn entity_key(&self) -> Option<EntityKey> {
        let published = self.latest().map(|latest| latest.entity_key);
        published.or_else(|| self.reader.entity_id.as_deref().map(EntityKey::of))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the digest of the configuration takes from its files.
    pub(super) fn file_digests(&self) -> impl Iterator<Item = &[u8]> {
        let certificates = self.configured.certificates.as_ref();
        let entity = self.entity_of_file.get().map(EntityKey::octets);
        certificates
            .map(|octets| &octets[..])
            .into_iter()
            .chain(entity)
    }

    /// Where its metadata is fetched from, if it is.
    pub fn metadata_url(&self) -> Option<&Url> {
        match &self.source {
            Source::Url(url, _) => Some(url),
            Source::File(_) => None,
        }
    }

    /// The document that a start can go on from: that of the file, or the last good one that was
    /// fetched; `None` if nothing was fetched before.
    pub fn first_document(&self) -> Result<Option<String>, String> {
        match &self.source {
            Source::File(path) => read_file(path).map(Some),
            Source::Url(_, Some(kept)) => kept.read(),
            Source::Url(_, None) => Ok(None),
        }
    }

    /// Takes up the document of a start.
    pub fn begin(&self, document: &str) -> Result<Arc<Published>, PublishedError> {
        let published = Arc::new(self.reader.read(document)?);
        if matches!(self.source, Source::File(_)) {
            self.state().seen = Some(Seen {
                digest: crypto::sha256(document.as_bytes()),
                problem: None,
            });
            let _ = self.entity_of_file.set(published.entity_key);
        }
        self.publish(Arc::clone(&published));
        Ok(published)
    }

    fn publish(&self, published: Arc<Published>) {
        let mut slot = self
            .published
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *slot = Some(published);
    }

    /// Looks at the source, if it is time to: files at every call, addresses when they are due.
    ///
    /// `is_taken` says whether an entity ID is that of another identity provider.
    pub async fn refresh(
        &self,
        client: Option<&Client>,
        now: DateTime<Utc>,
        is_taken: impl Fn(&str) -> bool,
        keep: bool,
    ) {
        let _alone = self.looking.lock().await;
        let looked = match (&self.source, client) {
            (Source::File(path), _) => Some(read_file(path)),
            (Source::Url(url, _), Some(client)) if self.is_due(now) => {
                Some(client.fetch(url).await)
            }
            (Source::Url(..), _) => None,
        };
        match looked {
            Some(Ok(document)) => {
                let is_new = self.take_up(&document, now, is_taken);
                if is_new && keep {
                    self.keep(&document);
                }
            }
            Some(Err(problem)) => self.failed(problem, now),
            None => {}
        }
        self.warn_of_what_is_ahead(now);
    }

    fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.state().next.is_none_or(|next| next <= now)
    }

    /// Whether it is a good one, and another than before.
    fn take_up(&self, document: &str, now: DateTime<Utc>, is_taken: impl Fn(&str) -> bool) -> bool {
        let digest = crypto::sha256(document.as_bytes());
        let seen = self.state().seen.clone();
        if let Some(seen) = seen.filter(|seen| seen.digest == digest) {
            // A document stays good or bad until it changes, whatever came between.
            match seen.problem {
                None => self.still_good(now),
                Some(problem) => self.failed(problem, now),
            }
            return false;
        }
        let read = self
            .reader
            .read(document)
            .map_err(|error| error.to_string());
        let read = read.and_then(|published| self.same_entity(published, is_taken));
        self.state().seen = Some(Seen {
            digest,
            problem: read.as_ref().err().cloned(),
        });
        match read {
            Ok(published) => {
                self.log_change(&published);
                self.publish(Arc::new(published));
                self.state().is_fetched = true;
                self.still_good(now);
                true
            }
            Err(problem) => {
                self.failed(problem, now);
                false
            }
        }
    }

    /// People and sessions are known by the configured id: another entity behind it would be
    /// other people by the same names. What is new after a start or a reload is what the administrator
    /// wants; the copy on disk may be that of another address.
    fn same_entity(
        &self,
        published: Published,
        is_taken: impl Fn(&str) -> bool,
    ) -> Result<Published, String> {
        let entity_id = &published.entity_id;
        let before = self.latest().map(|before| before.entity_id.clone());
        let is_file = matches!(self.source, Source::File(_));
        let is_in_use = is_file || self.state().is_fetched;
        let changed = before.as_ref().filter(|before| *before != entity_id);
        self.state().is_other_entity = is_in_use && changed.is_some();
        match (changed, &before) {
            (Some(before), _) if is_in_use => Err(format!(
                "the entity ID changed from {before} to {entity_id}; a reload (SIGHUP) accepts that"
            )),
            (Some(_), _) | (None, None) if is_taken(entity_id) => Err(format!(
                "the entity ID {entity_id} is that of another idp as well"
            )),
            _ => Ok(published),
        }
    }

    fn keep(&self, document: &str) {
        if let Source::Url(_, Some(kept)) = &self.source
            && let Err(error) = kept.write(document)
        {
            let id = &self.id;
            let file = kept.path().display();
            tracing::warn!(idp = id, %file, %error, "the last good metadata cannot be kept");
        }
    }

    fn log_change(&self, new: &Published) {
        let fingerprints = |published: &Published| -> HashSet<String> {
            let certificates = published.certificates.iter();
            certificates.map(|known| known.sha256.clone()).collect()
        };
        let before = self
            .latest()
            .map(|old| fingerprints(&old))
            .unwrap_or_default();
        let now = fingerprints(new);
        tracing::info!(
            idp = self.id,
            entity_id = new.entity_id,
            keys_added = ?now.difference(&before).collect::<Vec<_>>(),
            keys_removed = ?before.difference(&now).collect::<Vec<_>>(),
            "new metadata of the identity provider is in use"
        );
    }

    fn still_good(&self, now: DateTime<Utc>) {
        let latest = self.latest();
        let mut state = self.state();
        if state.problem.take().is_some() {
            tracing::info!(idp = self.id, "the metadata's source is well again");
        }
        state.failures = 0;
        state.good_at = Some(now);
        state.next = Some(now + latest.map_or(AT_MOST_EVERY, |latest| latest.keep_for(now)));
    }

    /// What was in use stays in use. It is complained of once for each problem.
    fn failed(&self, problem: String, now: DateTime<Utc>) {
        let is_new = self.state().problem.as_ref() != Some(&problem);
        if is_new {
            let kept = self.latest().is_some();
            tracing::warn!(
                idp = self.id,
                problem,
                "the metadata cannot be refreshed; {}",
                if kept {
                    "the last good one stays in use"
                } else {
                    "nobody can sign in with this identity provider"
                }
            );
            self.state().problem = Some(problem);
        }
        self.plan_retry(now);
    }

    fn plan_retry(&self, now: DateTime<Utc>) {
        let mut state = self.state();
        let wait = FIRST_RETRY * (1 << state.failures.min(10));
        state.failures = state.failures.saturating_add(1);
        state.next = Some(now + wait.min(LAST_RETRY));
    }

    /// Once a day: certificates and metadata that are about to expire.
    fn warn_of_what_is_ahead(&self, now: DateTime<Utc>) {
        let is_due = |state: &State| state.warned_at.is_none_or(|at| at + WARN_EVERY <= now);
        if !is_due(&self.state()) || self.latest().is_none() {
            return;
        }
        self.state().warned_at = Some(now);
        for warning in self.health(now).warnings {
            tracing::warn!(
                idp = self.id,
                warning,
                "about this identity provider's metadata"
            );
        }
    }
}

impl Published {
    /// How long it is kept before it is asked for again: as the publisher wishes, and well before
    /// it expires.
    fn keep_for(&self, now: DateTime<Utc>) -> TimeDelta {
        let until_half = self.valid_until.map(|end| (end - now) / 2);
        let wishes = self.cache_duration.into_iter().chain(until_half);
        let shortest = wishes.fold(AT_LEAST_EVERY, TimeDelta::min);
        shortest.max(AT_MOST_EVERY)
    }
}
