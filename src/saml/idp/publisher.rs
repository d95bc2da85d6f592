//! An identity provider's source of metadata, with the last good document from it.
//!
//! A reload keeps the source and the document, unless the settings that determine the metadata have
//! changed or the source now describes a different entity.

mod health;

use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

pub use health::Health;

use super::Unavailable;
use super::edition::{Edition, EditionError, Validity};
use super::kept::Kept;
use super::published::{AT_MOST_EVERY, EntityKey, MetadataReader, Published, PublishedError};
use super::source::{Client, Source, SourceError, read_file};
use crate::config::{self, Binding, MetadataSource};
use crate::crypto;
use crate::printable::shown;

/// The wait after the first failed refresh from a URL. Each further failure in a row doubles the
/// wait, up to [`LAST_RETRY`].
const FIRST_RETRY: TimeDelta = TimeDelta::minutes(1);
/// The maximum wait after a failed refresh from a URL.
const LAST_RETRY: TimeDelta = TimeDelta::hours(1);
/// How often the metadata in use and its certificates are checked for expiry.
const WARN_EVERY: TimeDelta = TimeDelta::days(1);

/// An identity provider's source of metadata, with the metadata in use.
pub struct Publisher {
    /// The identity provider's configured id.
    id: String,
    settings: Settings,
    /// The digest of the entity ID that the metadata file contained when the configuration was
    /// read.
    entity_of_file: OnceLock<EntityKey>,
    reader: Arc<MetadataReader>,
    source: Source,
    published: RwLock<Option<Arc<Published>>>,
    state: Mutex<State>,
    /// Locked during a refresh, so that only one runs at a time. A refresh that had to wait does
    /// not fetch a URL again, because the URL is no longer due.
    looking: tokio::sync::Mutex<()>,
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The settings that determine which metadata is in use: where it comes from, and how it is read.
#[derive(PartialEq, Eq)]
struct Settings {
    source: MetadataSource,
    entity_id: Option<String>,
    allow_sha1: bool,
    single_logout: bool,
    request_binding: Option<Binding>,
    validity: Validity,
    /// `saml.metadata_directory`; `None` if it is not configured or the source is a file.
    folder: Option<PathBuf>,
    /// The SHA-256 of the content of `metadata_certificate_file`.
    certificates: Option<[u8; 32]>,
}

impl Settings {
    fn read(config: &config::Idp, folder: Option<&Path>) -> Self {
        let certificates = config.metadata_certificate_file.as_deref();
        let certificates = certificates.and_then(|path| read_file(path).ok());
        let is_fetched = matches!(config.metadata, MetadataSource::Url(_));
        Self {
            source: config.metadata.clone(),
            entity_id: config.entity_id.clone(),
            allow_sha1: config.allow_sha1,
            single_logout: config.single_logout,
            request_binding: config.request_binding,
            validity: Validity::of(config),
            folder: folder.filter(|_| is_fetched).map(Path::to_owned),
            certificates: certificates.map(|text| crypto::sha256(text.as_bytes())),
        }
    }

    /// A digest of what decides whose document is used: the source, the certificates that must have
    /// signed it, and the entity ID.
    fn origin(&self) -> [u8; 32] {
        let source = match &self.source {
            MetadataSource::File(path) => path.as_os_str().as_encoded_bytes(),
            MetadataSource::Url(url) => url.as_str().as_bytes(),
        };
        // Neither is empty if it is configured.
        let certificates = self.certificates.as_ref().map_or(&[][..], |digest| digest);
        let entity_id = self.entity_id.as_deref().unwrap_or_default();
        let parts = [source, certificates, entity_id.as_bytes()];
        crypto::derive_of("rolecall metadata", parts)
    }
}

/// The digest of a document from the source, and whether that document can be used.
#[derive(Clone, Debug)]
struct Seen {
    digest: [u8; 32],
    /// Why the document cannot be used; `None` if it can.
    problem: Option<String>,
    /// When the document must be read again, because the problem passes with time.
    until: Option<DateTime<Utc>>,
}

/// The results of all refreshes so far.
#[derive(Debug, Default)]
struct State {
    /// The latest document, whether usable or not.
    seen: Option<Seen>,
    /// Why the latest refresh failed, if it did.
    problem: Option<String>,
    /// When the source last returned a good document, new or unchanged.
    good_at: Option<DateTime<Utc>>,
    /// When to fetch the URL again; ignored for a file.
    next: Option<DateTime<Utc>>,
    /// How many refreshes in a row have failed.
    failures: u32,
    /// When the metadata in use and its certificates were last checked for expiry.
    warned_at: Option<DateTime<Utc>>,
    /// Whether the source now describes a different entity than the metadata in use. Only a reload
    /// accepts that entity.
    is_other_entity: bool,
    /// The newest edition of a signed document so far, including the saved copy's.
    newest: Option<Edition>,
    /// Whether the metadata in use comes from a refresh, and not from
    /// [`Publisher::first_document`].
    is_fetched: bool,
}

impl Publisher {
    /// Creates a publisher that has not read its source yet.
    pub fn new(config: &config::Idp, reader: MetadataReader, directory: Option<&Path>) -> Self {
        let settings = Settings::read(config, directory);
        let origin = settings.origin();
        Self {
            id: config.id.clone(),
            settings,
            entity_of_file: OnceLock::new(),
            reader: Arc::new(reader),
            source: match &config.metadata {
                MetadataSource::File(path) => Source::File(path.clone()),
                MetadataSource::Url(url) => {
                    let kept = directory.map(|folder| Kept::new(folder, &config.id, &origin));
                    Source::Url(url.clone(), kept)
                }
            },
            published: RwLock::default(),
            state: Mutex::default(),
            looking: tokio::sync::Mutex::default(),
        }
    }

    /// Takes over the newest edition that `before` has seen, if both have the same source, and the
    /// same certificates and entity ID. Until then, only the saved copy tells which edition that is.
    #[must_use]
    pub fn after(self, before: Option<&Self>) -> Self {
        let same = before.filter(|before| before.settings.origin() == self.settings.origin());
        self.state().newest = same.and_then(|before| before.state().newest);
        self
    }

    /// Whether a new configuration can keep this source. The settings and the entity must be
    /// unchanged, and the metadata must have been read.
    pub fn serves(&self, config: &config::Idp, directory: Option<&Path>) -> bool {
        let is_same = self.settings == Settings::read(config, directory);
        is_same && self.latest().is_some() && !self.is_other_entity()
    }

    /// Whether the source now describes a different entity than the metadata in use. A file is read
    /// again, because it may have changed since the last refresh.
    fn is_other_entity(&self) -> bool {
        let Source::File(path) = &self.source else {
            return self.state().is_other_entity;
        };
        let read = read_file(path).ok();
        let read = read.and_then(|document| self.reader.read(&document).ok());
        // A file that cannot be used is ignored here: the next refresh reports it, and the last
        // good document stays in use.
        read.is_some_and(|read| self.entity_key() != Some(read.entity_key))
    }

    /// The metadata in use. Fails if there is none, or if it has expired by `now`.
    pub fn published(&self, now: DateTime<Utc>) -> Result<Arc<Published>, Unavailable> {
        let published = self.latest().ok_or(Unavailable::NoMetadata)?;
        match published.edition.valid_until {
            Some(end) if end <= now => Err(Unavailable::Expired(end)),
            _ => Ok(published),
        }
    }

    /// The metadata in use, even if it has expired.
    pub fn latest(&self) -> Option<Arc<Published>> {
        let published = self.published.read();
        published.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The digest of the identity provider's entity ID. The entity ID comes from the metadata in
    /// use or, if there is none, from the configuration. `None` if neither contains an entity ID.
    pub fn entity_key(&self) -> Option<EntityKey> {
        let published = self.latest().map(|latest| latest.entity_key);
        published.or_else(|| self.reader.entity_id.as_deref().map(EntityKey::of))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The digest of `metadata_certificate_file`'s content and the digest of the entity ID in the
    /// metadata file, if these files are configured. The digest of the configuration covers both.
    pub fn file_digests(&self) -> impl Iterator<Item = &[u8]> {
        let certificates = self.settings.certificates.as_ref();
        let entity = self.entity_of_file.get().map(EntityKey::octets);
        certificates
            .map(|octets| &octets[..])
            .into_iter()
            .chain(entity)
    }

    /// The URL from which the metadata is fetched; `None` if the metadata is a file.
    pub fn metadata_url(&self) -> Option<&Url> {
        match &self.source {
            Source::Url(url, _) => Some(url),
            Source::File(_) => None,
        }
    }

    /// The document to start with: the file's content, or the saved copy of the last good document
    /// from the URL. `None` if there is no copy.
    pub fn first_document(&self) -> Result<Option<String>, SourceError> {
        match &self.source {
            Source::File(path) => read_file(path).map(Some),
            Source::Url(_, Some(kept)) => kept.read(),
            Source::Url(_, None) => Ok(None),
        }
    }

    /// Whether the identity provider has only copies that were saved with other settings, or by an
    /// earlier version of the program. They are not used.
    pub fn has_only_other_copies(&self) -> bool {
        let Source::Url(_, Some(kept)) = &self.source else {
            return false;
        };
        !kept.path().exists() && !kept.of_other_settings().is_empty()
    }

    /// Reads the metadata from [`Self::first_document`] and puts it into use.
    pub fn begin(
        &self,
        document: &str,
        now: DateTime<Utc>,
    ) -> Result<Arc<Published>, PublishedError> {
        let published = Arc::new(self.reader.read(document)?);
        let newest = self.check_not_older(&published);
        // A copy that is not used still shows which edition is the newest.
        if newest.is_ok() {
            self.note_edition(&published);
        }
        newest?;
        self.reader.validity.check(published.edition, now)?;
        if matches!(self.source, Source::File(_)) {
            self.state().seen = Some(Seen {
                digest: crypto::sha256(document.as_bytes()),
                problem: None,
                until: None,
            });
            let _ = self.entity_of_file.set(published.entity_key);
        }
        self.publish(Arc::clone(&published));
        Ok(published)
    }

    /// Refuses a signed document that is older than one that was accepted before. Without a
    /// signature, the dates in a document prove nothing.
    fn check_not_older(&self, published: &Published) -> Result<(), EditionError> {
        let newest = self.state().newest.unwrap_or_default();
        published.edition.check_not_older(newest)
    }

    fn note_edition(&self, published: &Published) {
        if self.reader.signed_by.is_some() {
            self.state().newest = Some(published.edition);
        }
    }

    fn publish(&self, published: Arc<Published>) {
        let mut slot = self
            .published
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *slot = Some(published);
    }

    /// Refreshes the metadata. A file is read on every call, but a URL is fetched only when it is
    /// due.
    ///
    /// `is_taken` returns whether another identity provider has the given entity ID. If `keep` is
    /// true and copies are enabled, a new good document from a URL is saved as the copy.
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
                let is_new = self.load(&document, now, is_taken).await;
                if is_new && keep {
                    self.keep(&document);
                }
            }
            Some(Err(error)) => self.failed(error.to_string(), now),
            None => {}
        }
        self.warn_of_what_is_ahead(now);
    }

    fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.state().next.is_none_or(|next| next <= now)
    }

    /// Loads a document. Returns whether the document is good and differs from the previous one.
    async fn load(
        &self,
        document: &str,
        now: DateTime<Utc>,
        is_taken: impl Fn(&str) -> bool,
    ) -> bool {
        let digest = crypto::sha256(document.as_bytes());
        let seen = self.state().seen.clone();
        let is_unchanged = |seen: &Seen| {
            let is_settled = seen.until.is_none_or(|until| now < until);
            seen.digest == digest && is_settled
        };
        if let Some(seen) = seen.filter(is_unchanged) {
            // An unchanged document is still as good or bad as before, even if a fetch failed in
            // between.
            match seen.problem {
                None => self.still_good(now),
                Some(problem) => self.failed(problem, now),
            }
            return false;
        }
        let read = MetadataReader::read_aside(&self.reader, document).await;
        let read = read.and_then(|published| self.admitted(published, now));
        let read = read.and_then(|published| self.same_entity(published, is_taken));
        let until = match &read {
            Err(PublishedError::Edition(error)) => self.reader.validity.may_be_used_from(*error),
            _ => None,
        };
        let read = read.map_err(|error| error.to_string());
        self.state().seen = Some(Seen {
            digest,
            problem: read.as_ref().err().cloned(),
            until,
        });
        match read {
            Ok(published) => {
                self.note_edition(&published);
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

    /// Refuses metadata that is valid for too long, or older than the newest so far.
    fn admitted(
        &self,
        published: Published,
        now: DateTime<Utc>,
    ) -> Result<Published, PublishedError> {
        self.reader.validity.check(published.edition, now)?;
        self.check_not_older(&published)?;
        Ok(published)
    }

    /// Refuses metadata that describes a different entity than the metadata in use. A person is
    /// identified by the identity provider's configured id and a `NameID`. A different entity could
    /// use the same `NameID` for a different person.
    ///
    /// Until the first successful fetch from a URL, only a saved copy can be in use. During this
    /// time, a different entity is accepted, unless another identity provider has the same entity
    /// ID.
    fn same_entity(
        &self,
        published: Published,
        is_taken: impl Fn(&str) -> bool,
    ) -> Result<Published, PublishedError> {
        let entity_id = &published.entity_id;
        let before = self.latest().map(|before| before.entity_id.clone());
        let is_file = matches!(self.source, Source::File(_));
        let is_in_use = is_file || self.state().is_fetched;
        let changed = before.as_ref().filter(|before| *before != entity_id);
        self.state().is_other_entity = is_in_use && changed.is_some();
        match (changed, &before) {
            (Some(before), _) if is_in_use => Err(PublishedError::OtherEntity {
                before: shown(before),
                now: shown(entity_id),
            }),
            (Some(_), _) | (None, None) if is_taken(entity_id) => {
                Err(PublishedError::EntityTaken(shown(entity_id)))
            }
            _ => Ok(published),
        }
    }

    fn keep(&self, document: &str) {
        if let Source::Url(_, Some(kept)) = &self.source
            && let Err(error) = kept.write(document)
        {
            let id = &self.id;
            let file = kept.path();
            let file = file.display();
            tracing::warn!(idp = id, %file, %error, "a copy of the metadata cannot be saved");
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
            entity_id = shown(&new.entity_id),
            keys_added = ?now.difference(&before).collect::<Vec<_>>(),
            keys_removed = ?before.difference(&now).collect::<Vec<_>>(),
            "the identity provider's new metadata is in use"
        );
    }

    fn still_good(&self, now: DateTime<Utc>) {
        let latest = self.latest();
        let mut state = self.state();
        if state.problem.take().is_some() {
            tracing::info!(idp = self.id, "refreshing the metadata succeeds again");
        }
        state.failures = 0;
        state.good_at = Some(now);
        state.next = Some(now + latest.map_or(AT_MOST_EVERY, |latest| latest.keep_for(now)));
    }

    /// Records a failed refresh. The current metadata stays in use, and a problem that persists is
    /// logged only once.
    fn failed(&self, problem: String, now: DateTime<Utc>) {
        let is_new = self.state().problem.as_ref() != Some(&problem);
        if is_new {
            let kept = self.latest().is_some();
            tracing::warn!(
                idp = self.id,
                problem,
                "the metadata cannot be refreshed; {}",
                if kept {
                    "the last good document stays in use"
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

    /// Warns, at most once a day, about certificates and metadata that have expired or will expire
    /// soon.
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
                "this identity provider's metadata needs attention"
            );
        }
    }
}
