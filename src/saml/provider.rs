//! The configured service provider: its identity, its keys and the IdPs that it trusts.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use openssl::x509::X509;

use super::check::{Expected, MAX_AGE};
use super::encryption::{Decryption, DecryptionKey};
use super::idp::{
    Client, IdentityProvider, MetadataReader, Published, PublishedError, Publisher, Validity,
    folder_problem, read_file, remove_copies_of_others,
};
use super::key::{self, SpKey, SpKeyError};
use super::metadata::OurMetadata;
use super::trust::Trust;
use crate::config::{
    self, Config, KeyPair, MetadataSource, Mistake, Mistakes, NamedFiles, NamedMetadata, Problem,
};
use crate::printable::shown;

/// The maximum number of files in `saml.decryption_key_files`.
const MAX_MORE_KEYS: usize = 3;

/// An AuthnRequest that we sent and that has had no response yet.
#[derive(Clone, Copy, Debug)]
pub struct SentRequest<'a> {
    /// The request's ID.
    pub id: &'a str,
    /// When the request was issued.
    pub at: DateTime<Utc>,
    /// Whether the IdP had to authenticate the person again for this request, even if the
    /// configuration does not require it.
    pub anew: bool,
}

/// The service provider with its keys, its metadata and its IdPs.
#[derive(Debug)]
pub struct ServiceProvider {
    /// Our entity ID.
    pub entity_id: String,
    /// The URL of our assertion consumer service.
    pub acs_url: String,
    /// The URL of our single logout service.
    pub slo_url: String,
    /// The audiences that we accept, including our entity ID.
    pub audiences: Vec<String>,
    /// How far an IdP's clock may be off, in either direction.
    pub skew: TimeDelta,
    /// The key that signs our messages, if one is configured.
    pub key: Option<SpKey>,
    decryption_keys: Vec<DecryptionKey>,
    metadata: String,
    idps: Vec<Arc<IdentityProvider>>,
    by_id: HashMap<String, Arc<IdentityProvider>>,
    /// The client that fetches metadata; `None` if no IdP has a metadata URL.
    client: Option<Client>,
    /// `saml.metadata_directory`, until copies that belong to no IdP have been removed from it.
    untidy: Mutex<Option<PathBuf>>,
}

impl ServiceProvider {
    /// Reads the keys and every IdP's metadata from files, and fetches nothing. For a metadata URL,
    /// the file is the saved copy. Reports all mistakes together, as of `now`.
    pub fn from_config(config: &Config, now: DateTime<Utc>) -> Result<Self, Mistakes> {
        Self::read(config, None, now)
    }

    /// Like [`ServiceProvider::from_config`], for a reload. An IdP keeps its current metadata if
    /// [`Publisher::serves`] returns true.
    pub fn renewed(config: &Config, before: &Self, now: DateTime<Utc>) -> Result<Self, Mistakes> {
        Self::read(config, Some(before), now)
    }

    fn read(config: &Config, before: Option<&Self>, now: DateTime<Utc>) -> Result<Self, Mistakes> {
        let mut files = Files::new(before, now);
        let mut pair = |pair: &Option<KeyPair>| pair.as_ref().and_then(|pair| files.pair(pair));
        let key = pair(&config.saml.key_pair);
        let encryption_key = pair(&config.saml.encryption_key_pair);
        let own = encryption_key.as_ref().and_then(SpKey::decryption_key);
        if encryption_key.is_some() && own.is_none() {
            files.no_decryption("saml.encryption_key_file", &SpKeyError::NoDecryption);
        }
        let others = files.decryption_keys(&config.saml.decryption_key_files);
        let decryption_keys: Vec<_> = own.into_iter().chain(others).collect();
        let idps: Vec<_> = config
            .idps
            .iter()
            .enumerate()
            .filter_map(|(index, idp)| files.idp(index, idp, &config.saml))
            .collect();
        let client = files.client(&idps);
        if client.is_some() {
            files.directory(config.saml.metadata_directory.as_deref());
        }
        let mut mistakes = files.mistakes;
        let acs_url = config.acs_url().to_string();
        let slo_url = config.slo_url().to_string();
        let allow_cbc = config.idps.iter().any(|idp| idp.allow_cbc);
        let metadata = OurMetadata {
            entity_id: &config.saml.entity_id,
            acs_url: &acs_url,
            slo_url: &slo_url,
            key: key.as_ref(),
            encryption_key: encryption_key.as_ref(),
            allow_cbc,
        };
        let metadata = metadata.to_xml().unwrap_or_else(|error| {
            mistakes.push(Mistake {
                key: "saml".to_owned(),
                problem: format!("our metadata cannot be written: {error}"),
                allowed: "a certificate that can be encoded".to_owned(),
            });
            String::new()
        });
        if !mistakes.is_empty() {
            return Err(Mistakes::from(mistakes));
        }
        let by_id = idps
            .iter()
            .map(|idp| (idp.id.clone(), Arc::clone(idp)))
            .collect();
        let mut audiences = config.saml.audiences.clone();
        audiences.push(config.saml.entity_id.clone());
        Ok(Self {
            entity_id: config.saml.entity_id.clone(),
            acs_url,
            slo_url,
            audiences,
            skew: TimeDelta::seconds(i64::from(config.saml.clock_skew_seconds)),
            key,
            decryption_keys,
            metadata,
            idps,
            by_id,
            client,
            untidy: Mutex::new(config.saml.metadata_directory.clone()),
        })
    }

    /// The input that files contribute to the digest of the configuration. It consists of our
    /// metadata, which contains our certificates, and digests of the decryption keys, of each
    /// `metadata_certificate_file` and of the entity ID in each metadata file. Fetched metadata is
    /// left out, since each node fetches it at a different time.
    pub fn file_digests(&self) -> impl Iterator<Item = &[u8]> {
        let keys = self.decryption_keys.iter().map(DecryptionKey::fingerprint);
        let idps = self
            .idps
            .iter()
            .flat_map(|idp| idp.publisher.file_digests());
        [self.metadata.as_bytes()]
            .into_iter()
            .chain(keys)
            .chain(idps)
    }

    /// Our metadata as an XML document.
    pub fn metadata_xml(&self) -> &str {
        &self.metadata
    }

    /// The keys for decrypting assertions from this IdP, and whether AES-CBC is allowed.
    pub fn decryption(&self, idp: &IdentityProvider) -> Decryption<'_> {
        Decryption {
            keys: &self.decryption_keys,
            allow_cbc: idp.allow_cbc,
        }
    }

    /// The values that a response must match at `now`. It must be the response to the request
    /// `asked` or, if `asked` is `None`, an unsolicited response.
    pub fn expected<'a>(
        &'a self,
        idp: &'a IdentityProvider,
        published: &'a Published,
        asked: Option<SentRequest<'a>>,
        now: DateTime<Utc>,
    ) -> Expected<'a> {
        // Without a request, the person's sign-in may be as old as an assertion may be.
        let asked_at = asked.map_or(now - MAX_AGE, |asked| asked.at);
        let is_anew = idp.wishes.force_authn || asked.is_some_and(|asked| asked.anew);
        Expected {
            idp: &idp.id,
            idp_entity_id: &published.entity_id,
            issuer_format: idp.issuer_format.as_deref(),
            person_attribute: idp.person_attribute.as_deref(),
            acs_url: &self.acs_url,
            audiences: &self.audiences,
            request_id: asked.map(|asked| asked.id),
            authenticated_since: is_anew.then_some(asked_at),
            authn_contexts: &idp.wishes.authn_contexts,
            now,
            skew: self.skew,
        }
    }

    /// The IdPs, in the order of the configuration.
    pub fn idps(&self) -> &[Arc<IdentityProvider>] {
        &self.idps
    }

    /// The IdP with this configured id.
    pub fn idp(&self, id: &str) -> Option<&Arc<IdentityProvider>> {
        self.by_id.get(id)
    }

    /// The IdP that is configured for the domain of this e-mail address.
    pub fn idp_by_email(&self, address: &str) -> Option<&Arc<IdentityProvider>> {
        let (_, domain) = address.trim().rsplit_once('@')?;
        let domain = domain.to_ascii_lowercase();
        self.idps
            .iter()
            .find(|idp| idp.email_domains.contains(&domain))
    }

    /// The IdP with this entity ID in its metadata.
    pub fn idp_by_entity_id(&self, entity_id: &str) -> Option<&Arc<IdentityProvider>> {
        self.idps.iter().find(|idp| {
            let latest = idp.latest();
            latest.is_some_and(|latest| latest.entity_id == entity_id)
        })
    }

    /// Loads changed metadata files and fetches the metadata that is due at `now`. Saves copies of
    /// fetched metadata if copies are enabled. The first call also removes the copies of IdPs that
    /// are not configured any more.
    pub async fn refresh(&self, now: DateTime<Utc>) {
        self.tidy();
        self.refreshed(now, true).await;
    }

    fn tidy(&self) {
        let mut untidy = self.untidy.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = untidy.take() {
            let fetched = self.idps.iter().filter(|idp| idp.metadata_url().is_some());
            let ids = fetched.map(|idp| idp.id.as_str()).collect();
            remove_copies_of_others(&folder, &ids);
        }
    }

    /// Like [`ServiceProvider::refresh`], but saves no copies. The commands `check-config` and
    /// `inspect` use this function: they may run as a different user, and the service might be
    /// unable to read that user's copies.
    pub async fn look(&self, now: DateTime<Utc>) {
        self.refreshed(now, false).await;
    }

    async fn refreshed(&self, now: DateTime<Utc>, keep: bool) {
        let refreshed = self.idps.iter().map(|idp| {
            let is_taken = |entity_id: &str| self.idp_by_entity_id(entity_id).is_some();
            idp.publisher
                .refresh(self.client.as_ref(), now, is_taken, keep)
        });
        futures_util::future::join_all(refreshed).await;
    }
}

/// Finds the mistakes in the files that an invalid configuration refers to, so that they are
/// reported together with the configuration's own mistakes.
pub fn file_mistakes(named: &NamedFiles, now: DateTime<Utc>) -> Vec<Mistake> {
    let mut files = Files::new(None, now);
    for pair in &named.key_pairs {
        files.pair(pair);
    }
    files.decryption_keys(&named.decryption_keys);
    for named in &named.metadata {
        files.named_metadata(named);
    }
    files.mistakes
}

/// Reads the files that a configuration refers to, and collects every mistake in them.
struct Files<'a> {
    now: DateTime<Utc>,
    /// The previous service provider, if this is a reload.
    before: Option<&'a ServiceProvider>,
    mistakes: Vec<Mistake>,
    /// For each entity ID, the configuration key of the first metadata source that contains it.
    entity_ids: HashMap<String, String>,
}

impl<'a> Files<'a> {
    fn new(before: Option<&'a ServiceProvider>, now: DateTime<Utc>) -> Self {
        Self {
            now,
            before,
            mistakes: Vec::new(),
            entity_ids: HashMap::new(),
        }
    }

    fn mistake(&mut self, key: &str, problem: String, allowed: &str) {
        self.mistakes.push(Mistake {
            key: key.to_owned(),
            problem,
            allowed: allowed.to_owned(),
        });
    }

    fn pair(&mut self, pair: &KeyPair) -> Option<SpKey> {
        match SpKey::read(&pair.key_file, &pair.certificate_file) {
            Ok(key) => Some(key),
            Err(error) => {
                let is_certificate =
                    error.file() == Some(&*pair.certificate_file.to_string_lossy());
                let key = &pair.keys[usize::from(is_certificate)];
                let allowed = "a private key and its certificate, both PEM: RSA of at least 2048 bits, or P-256";
                self.mistake(key, error.to_string(), allowed);
                None
            }
        }
    }

    fn decryption_keys(&mut self, paths: &[PathBuf]) -> Vec<DecryptionKey> {
        let mut keys = Vec::with_capacity(paths.len());
        for (index, path) in paths.iter().enumerate() {
            match key::read_decryption_key(path) {
                // All keys are tried on every encrypted message, so their number is limited.
                Ok(_) if index >= MAX_MORE_KEYS => {
                    let key = format!("saml.decryption_key_files[{index}]");
                    self.mistake(&key, "too many files".to_owned(), "at most three files");
                }
                Ok(key) => keys.push(key),
                Err(error) => {
                    let key = format!("saml.decryption_key_files[{index}]");
                    self.no_decryption(&key, &error);
                }
            }
        }
        keys
    }

    fn no_decryption(&mut self, key: &str, error: &SpKeyError) {
        let allowed = "an unencrypted private RSA key with 2048 to 4096 bits, in PEM format";
        self.mistake(key, error.to_string(), allowed);
    }

    /// The keys that may sign metadata; `None` if it need not be signed, and `Err` if the keys
    /// cannot be read.
    fn signed_by(&mut self, table: &str, path: Option<&Path>) -> Result<Option<Trust>, ()> {
        let Some(path) = path else {
            return Ok(None);
        };
        let trust = certificates(path).and_then(|certificates| {
            Trust::new(&certificates, false).map_err(|error| Problem::from(error.to_string()))
        });
        trust.map(Some).map_err(|problem| {
            let key = format!("{table}.metadata_certificate_file");
            self.mistake(&key, problem.into(), "X.509 certificates in PEM format");
        })
    }

    fn named_metadata(&mut self, named: &NamedMetadata) {
        let Ok(signed_by) = self.signed_by(&named.table, named.certificates.as_deref()) else {
            return;
        };
        let reader = MetadataReader {
            entity_id: named.entity_id.clone(),
            signed_by,
            validity: Validity {
                required: named.require_valid_until,
                max_days: named.max_validity_days,
            },
            allow_sha1: false,
            single_logout: false,
            request_binding: None,
        };
        let document = read_file(&named.file).map_err(|error| error.to_string());
        let read = document.and_then(|document| {
            let read = reader.read(&document).and_then(|published| {
                reader.validity.check(published.edition, self.now)?;
                Ok(published)
            });
            read.map_err(|error| format!("{}: {error}", named.file.display()))
        });
        match read {
            Ok(published) => self.only_once(&named.table, "metadata_file", &published),
            Err(problem) => self.no_metadata(&named.table, "metadata_file", problem),
        }
    }

    fn no_metadata(&mut self, table: &str, key: &str, problem: String) {
        let allowed = "SAML 2.0 metadata of one identity provider, with its signing certificate";
        self.mistake(&format!("{table}.{key}"), problem, allowed);
    }

    fn only_once(&mut self, table: &str, key: &str, published: &Published) {
        let key = format!("{table}.{key}");
        let entity_id = &published.entity_id;
        if let Some(first) = self.entity_ids.get(entity_id) {
            let problem = format!("{first} has the same entity ID, {}", shown(entity_id));
            self.mistake(&key, problem, "each identity provider only once");
        } else {
            self.entity_ids.insert(entity_id.clone(), key);
        }
    }

    fn idp(
        &mut self,
        index: usize,
        idp: &config::Idp,
        saml: &config::Saml,
    ) -> Option<Arc<IdentityProvider>> {
        let table = format!("idp[{index}]");
        if idp.allow_sha1 {
            tracing::warn!(
                idp = idp.id,
                "SHA-1 signatures are accepted from this identity provider"
            );
        }
        let publisher = match self.known(idp, saml) {
            Some(known) => {
                if let Some(published) = known.latest() {
                    self.only_once(&table, metadata_key(idp), &published);
                }
                known
            }
            None => Arc::new(self.new_publisher(&table, idp, saml)?),
        };
        Some(Arc::new(IdentityProvider::new(idp, publisher)))
    }

    /// The metadata source of this IdP before a reload.
    fn before(&self, idp: &config::Idp) -> Option<&'a Arc<Publisher>> {
        Some(&self.before?.idp(&idp.id)?.publisher)
    }

    /// The existing metadata source of this IdP, if the new configuration can keep it.
    fn known(&self, idp: &config::Idp, saml: &config::Saml) -> Option<Arc<Publisher>> {
        let known = self.before(idp)?;
        let stays = known.serves(idp, saml.metadata_directory.as_deref());
        stays.then(|| Arc::clone(known))
    }

    /// Creates a metadata source. If it is a URL and there is no usable copy, it starts without
    /// metadata.
    fn new_publisher(
        &mut self,
        table: &str,
        idp: &config::Idp,
        saml: &config::Saml,
    ) -> Option<Publisher> {
        let certificates = idp.metadata_certificate_file.as_deref();
        let reader = MetadataReader {
            entity_id: idp.entity_id.clone(),
            signed_by: self.signed_by(table, certificates).ok()?,
            validity: Validity::of(idp),
            allow_sha1: idp.allow_sha1,
            single_logout: idp.single_logout,
            request_binding: idp.request_binding,
        };
        let directory = saml.metadata_directory.as_deref();
        let publisher = Publisher::new(idp, reader, directory);
        let publisher = publisher.after(self.before(idp).map(|before| &**before));
        let key = metadata_key(idp);
        let begun = match publisher.first_document() {
            Ok(None) => {
                warn_of_other_copies(&publisher, &idp.id);
                return Some(publisher);
            }
            Ok(Some(document)) => publisher.begin(&document, self.now),
            Err(error) if publisher.metadata_url().is_some() => {
                tracing::warn!(idp = idp.id, %error, "the saved metadata cannot be used");
                return Some(publisher);
            }
            Err(error) => {
                self.no_metadata(table, key, error.to_string());
                return None;
            }
        };
        match (begun, &idp.metadata) {
            (Ok(read), _) => self.only_once(table, key, &read),
            // The document will be fetched again, so an unusable copy is not a mistake.
            (Err(error), MetadataSource::Url(_)) => {
                tracing::warn!(idp = idp.id, %error, "the saved metadata cannot be used");
            }
            (Err(PublishedError::Binding), _) => {
                let allowed = "a binding that the metadata offers, or no setting";
                let problem = PublishedError::Binding.to_string();
                self.mistake(&format!("{table}.request_binding"), problem, allowed);
            }
            (Err(error), MetadataSource::File(path)) => {
                let problem = format!("{}: {error}", path.display());
                self.no_metadata(table, key, problem);
            }
        }
        Some(publisher)
    }

    /// Checks that copies of fetched metadata can be written to the directory.
    fn directory(&mut self, folder: Option<&Path>) {
        if let Some(problem) = folder.and_then(folder_problem) {
            let allowed = "a directory that is writable or can be created";
            self.mistake("saml.metadata_directory", problem, allowed);
        }
    }

    /// The client that fetches metadata, if any IdP has a metadata URL.
    fn client(&mut self, idps: &[Arc<IdentityProvider>]) -> Option<Client> {
        let index = idps.iter().position(|idp| idp.metadata_url().is_some())?;
        Client::new()
            .map_err(|error| {
                let key = format!("idp[{index}].metadata_url");
                self.mistake(
                    &key,
                    error.to_string(),
                    "a system with trusted root certificates",
                );
            })
            .ok()
    }
}

/// Says why an IdP has no metadata although copies of it have been saved.
fn warn_of_other_copies(publisher: &Publisher, id: &str) {
    if publisher.has_only_other_copies() {
        tracing::warn!(
            idp = id,
            "the saved metadata is not used, because an earlier version saved it, or because \
             metadata_url, the content of metadata_certificate_file or entity_id has changed since"
        );
    }
}

/// The configuration key that sets the source of an IdP's metadata.
fn metadata_key(idp: &config::Idp) -> &'static str {
    match idp.metadata {
        MetadataSource::File(_) => "metadata_file",
        MetadataSource::Url(_) => "metadata_url",
    }
}

fn certificates(path: &Path) -> Result<Vec<Vec<u8>>, Problem> {
    let problem = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display()).into();
    let text = read_file(path).map_err(|error| error.to_string())?;
    let stack = X509::stack_from_pem(text.as_bytes()).map_err(|error| problem(&error))?;
    let der = stack.iter().map(|certificate| certificate.to_der());
    der.collect::<Result<_, _>>()
        .map_err(|error| problem(&error))
}
