//! The service provider as it is configured: who we are, and the IdPs we trust.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::TimeDelta;
use url::Url;

use super::encryption::{Decryption, DecryptionKey};
use super::key::{self, SpKey, SpKeyError};
use super::metadata::{IdpMetadata, OurMetadata};
use super::request::Wishes;
use super::trust::Trust;
use crate::config::{self, Asking, Binding, Config, KeyPair, Mistake, Mistakes, NamedFiles};

/// An identity provider: its configuration, its metadata, and the keys that may sign for it.
#[derive(Debug)]
pub struct IdentityProvider {
    /// The configured id.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// The domains of its people's e-mail addresses, in lower case.
    pub email_domains: Vec<String>,
    /// The entity ID.
    pub entity_id: String,
    /// Where AuthnRequests go.
    pub sso_url: Url,
    /// How they go there.
    pub binding: Binding,
    /// Whether it may start a login by itself.
    pub allow_unsolicited: bool,
    /// The keys that may sign for it.
    pub trust: Trust,
    /// Whether AES-CBC will do for assertions that it encrypts, inside a signed Response.
    pub allow_cbc: bool,
    /// What our requests ask of it.
    pub wishes: Wishes,
}

/// The most keys beside the present one.
const MAX_MORE_KEYS: usize = 3;

/// The service provider.
#[derive(Debug)]
pub struct ServiceProvider {
    /// Our entity ID.
    pub entity_id: String,
    /// Our assertion consumer service.
    pub acs_url: String,
    /// The audiences that we are, the entity ID among them.
    pub audiences: Vec<String>,
    /// How far an IdP's clock may be off.
    pub skew: TimeDelta,
    /// Signs requests, if there is one.
    pub key: Option<SpKey>,
    decryption_keys: Vec<DecryptionKey>,
    metadata: String,
    idps: Vec<Arc<IdentityProvider>>,
    by_id: HashMap<String, Arc<IdentityProvider>>,
    by_entity_id: HashMap<String, Arc<IdentityProvider>>,
}

impl ServiceProvider {
    /// Reads the key and every IdP's metadata; tells all that is wrong at once.
    pub fn from_config(config: &Config) -> Result<Self, Mistakes> {
        let mut files = Files::default();
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
            .filter_map(|(index, idp)| files.idp(index, idp))
            .map(Arc::new)
            .collect();
        let mut mistakes = files.mistakes;
        let acs_url = config.acs_url().to_string();
        let allow_cbc = config.idps.iter().any(|idp| idp.allow_cbc);
        let metadata = OurMetadata {
            entity_id: &config.saml.entity_id,
            acs_url: &acs_url,
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
        let by_entity_id = idps
            .iter()
            .map(|idp| (idp.entity_id.clone(), Arc::clone(idp)))
            .collect();
        let mut audiences = config.saml.audiences.clone();
        audiences.push(config.saml.entity_id.clone());
        Ok(Self {
            entity_id: config.saml.entity_id.clone(),
            acs_url,
            audiences,
            skew: TimeDelta::seconds(i64::from(config.saml.clock_skew_seconds)),
            key,
            decryption_keys,
            metadata,
            idps,
            by_id,
            by_entity_id,
        })
    }

    /// Our metadata.
    pub fn metadata_xml(&self) -> &str {
        &self.metadata
    }

    /// What an encrypted assertion of this IdP may be opened with.
    pub fn decryption(&self, idp: &IdentityProvider) -> Decryption<'_> {
        Decryption {
            keys: &self.decryption_keys,
            allow_cbc: idp.allow_cbc,
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

    /// The IdP of people with this e-mail address.
    pub fn idp_by_email(&self, address: &str) -> Option<&Arc<IdentityProvider>> {
        let (_, domain) = address.trim().rsplit_once('@')?;
        let domain = domain.to_ascii_lowercase();
        self.idps
            .iter()
            .find(|idp| idp.email_domains.contains(&domain))
    }

    /// The IdP with this entity ID.
    pub fn idp_by_entity_id(&self, entity_id: &str) -> Option<&Arc<IdentityProvider>> {
        self.by_entity_id.get(entity_id)
    }
}

/// What is wrong with the files that a configuration names, whatever else is wrong with it.
pub fn file_mistakes(named: &NamedFiles) -> Vec<Mistake> {
    let mut files = Files::default();
    for pair in &named.key_pairs {
        files.pair(pair);
    }
    files.decryption_keys(&named.decryption_keys);
    for (key, path) in &named.metadata {
        files.metadata(key, path, false);
    }
    files.mistakes
}

/// Reads files, and notes every mistake on the way.
#[derive(Default)]
struct Files {
    mistakes: Vec<Mistake>,
    /// The key of the first metadata file with each entity ID.
    entity_ids: HashMap<String, String>,
}

impl Files {
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
                // Every message that is encrypted tries them all.
                Ok(_) if index >= MAX_MORE_KEYS => {
                    let key = format!("saml.decryption_key_files[{index}]");
                    self.mistake(&key, "one too many".to_owned(), "at most three files");
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
        let allowed = "private RSA keys of 2048 to 4096 bits, PEM, each once";
        self.mistake(key, error.to_string(), allowed);
    }

    fn metadata(
        &mut self,
        key: &str,
        path: &Path,
        allow_sha1: bool,
    ) -> Option<(IdpMetadata, Trust)> {
        let (metadata, trust) = match read_metadata(path, allow_sha1) {
            Ok(read) => read,
            Err(problem) => {
                let allowed =
                    "SAML 2.0 metadata of one identity provider, with its signing certificate";
                self.mistake(key, problem, allowed);
                return None;
            }
        };
        let entity_id = &metadata.entity_id;
        if let Some(first) = self.entity_ids.get(entity_id) {
            let problem = format!("the entity ID {entity_id} is that of {first} as well");
            self.mistake(key, problem, "each identity provider once");
            return None;
        }
        self.entity_ids.insert(entity_id.clone(), key.to_owned());
        Some((metadata, trust))
    }

    fn idp(&mut self, index: usize, idp: &config::Idp) -> Option<IdentityProvider> {
        let key = format!("idp[{index}].metadata_file");
        let (metadata, trust) = self.metadata(&key, &idp.metadata_file, idp.allow_sha1)?;
        if idp.allow_sha1 {
            tracing::warn!(
                idp = idp.id,
                "SHA-1 signatures are accepted from this identity provider"
            );
        }
        let chosen = metadata
            .single_sign_on
            .iter()
            .find(|(offered, _)| idp.request_binding.is_none_or(|wanted| wanted == *offered));
        let Some((binding, sso_url)) = chosen.cloned() else {
            let problem = "the identity provider's metadata does not offer this binding";
            let key = format!("idp[{index}].request_binding");
            self.mistake(&key, problem.to_owned(), "one that it offers, or nothing");
            return None;
        };
        Some(IdentityProvider {
            id: idp.id.clone(),
            name: idp.name.clone(),
            email_domains: idp.email_domains.clone(),
            entity_id: metadata.entity_id,
            sso_url,
            binding,
            allow_unsolicited: idp.allow_unsolicited,
            trust,
            allow_cbc: idp.allow_cbc,
            wishes: Wishes {
                force_authn: idp.asking == Asking::Always,
                is_passive: idp.asking == Asking::Never,
                name_id_format: idp.name_id_format.clone(),
                authn_contexts: idp.authn_contexts.clone(),
            },
        })
    }
}

fn read_metadata(path: &Path, allow_sha1: bool) -> Result<(IdpMetadata, Trust), String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let metadata = IdpMetadata::parse(&text).map_err(|error| named(&error))?;
    let trust =
        Trust::new(&metadata.signing_certificates, allow_sha1).map_err(|error| named(&error))?;
    Ok((metadata, trust))
}
