//! Who publishes: a source of metadata, and the last good document that it gave.
//!
//! A reload keeps it as long as nothing changes of what it reads, and how.

mod health;

use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

pub use health::Health;

use super::Unavailable;
use super::published::{AT_MOST_EVERY, EntityKey, Published, PublishedError, Reader};
use super::source::{Client, Kept, Source, read_file};
use crate::config::{self, Binding, MetadataSource};
use crate::crypto;

/// After a failure, addresses are asked again after this, then after twice as long, and so on.
const FIRST_RETRY: TimeDelta = TimeDelta::minutes(1);
/// At most after this.
const LAST_RETRY: TimeDelta = TimeDelta::hours(1);
/// How often it is warned of what is ahead.
const WARN_EVERY: TimeDelta = TimeDelta::days(1);

/// An identity provider's source of metadata, and what it gave.
pub struct Publisher {
    /// The identity provider's configured id.
    id: String,
    origin: Origin,
    /// The entity that the metadata file named when the configuration was read.
    entity_of_file: OnceLock<EntityKey>,
    reader: Reader,
    source: Source,
    published: RwLock<Option<Arc<Published>>>,
    state: Mutex<State>,
    /// Whoever looks at the source. One at a time: who waited finds that it was looked at.
    looking: tokio::sync::Mutex<()>,
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// All of the configuration that decides what is published: where it comes from, and how it is read.
#[derive(PartialEq, Eq)]
struct Origin {
    id: String,
    source: MetadataSource,
    entity_id: Option<String>,
    allow_sha1: bool,
    single_logout: bool,
    request_binding: Option<Binding>,
    /// `saml.metadata_directory`, if something is kept there.
    folder: Option<PathBuf>,
    /// Of the content of `metadata_certificate_file`.
    certificates: Option<[u8; 32]>,
}

impl Origin {
    fn read(config: &config::Idp, folder: Option<&Path>) -> Self {
        let certificates = config.metadata_certificate_file.as_deref();
        let certificates = certificates.and_then(|path| read_file(path).ok());
        let is_fetched = matches!(config.metadata, MetadataSource::Url(_));
        Self {
            id: config.id.clone(),
            source: config.metadata.clone(),
            entity_id: config.entity_id.clone(),
            allow_sha1: config.allow_sha1,
            single_logout: config.single_logout,
            request_binding: config.request_binding,
            folder: folder.filter(|_| is_fetched).map(Path::to_owned),
            certificates: certificates.map(|text| crypto::sha256(text.as_bytes())),
        }
    }
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

impl Publisher {
    /// One about which nothing is known yet.
    pub fn new(config: &config::Idp, reader: Reader, directory: Option<&Path>) -> Self {
        Self {
            id: config.id.clone(),
            origin: Origin::read(config, directory),
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

    /// Whether it serves this configuration too: the same source, read in the same way. Not where the
    /// source speaks of another entity now, and not where nothing is published.
    pub fn serves(&self, config: &config::Idp, directory: Option<&Path>) -> bool {
        let is_same = self.origin == Origin::read(config, directory);
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
    pub fn file_digests(&self) -> impl Iterator<Item = &[u8]> {
        let certificates = self.origin.certificates.as_ref();
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
