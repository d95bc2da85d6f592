//! The service provider as it is configured: who we are, and the IdPs we trust.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;
use url::Url;

use super::key::SpKey;
use super::metadata::{self, IdpMetadata};
use super::signature::Trust;
use crate::config::{self, Config, Mistake, Mistakes};

/// An identity provider: its configuration, its metadata, and the keys that may sign for it.
#[derive(Debug)]
pub struct IdentityProvider {
    /// The configured id.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// The entity ID.
    pub entity_id: String,
    /// Where AuthnRequests go.
    pub sso_url: Url,
    /// Whether it may start a login by itself.
    pub allow_unsolicited: bool,
    /// The keys that may sign for it.
    pub trust: Trust,
}

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
    metadata: String,
    idps: Vec<Arc<IdentityProvider>>,
    by_id: HashMap<String, Arc<IdentityProvider>>,
    by_entity_id: HashMap<String, Arc<IdentityProvider>>,
}

impl ServiceProvider {
    /// Reads the key and every IdP's metadata; tells all that is wrong at once.
    pub fn from_config(config: &Config) -> Result<Self, Mistakes> {
        let mut mistakes = Vec::new();
        let key = read_key(&config.saml, &mut mistakes);
        let mut idps = Vec::new();
        for (index, idp) in config.idps.iter().enumerate() {
            match read_idp(idp) {
                Ok(idp) => idps.push(Arc::new(idp)),
                Err(problem) => mistakes.push(Mistake {
                    key: format!("idp[{index}].metadata_file"),
                    problem,
                    allowed:
                        "SAML 2.0 metadata of one identity provider, with its signing certificate"
                            .to_owned(),
                }),
            }
        }
        let by_id = idps
            .iter()
            .map(|idp| (idp.id.clone(), Arc::clone(idp)))
            .collect();
        let mut by_entity_id = HashMap::new();
        for (index, idp) in idps.iter().enumerate() {
            if by_entity_id
                .insert(idp.entity_id.clone(), Arc::clone(idp))
                .is_some()
            {
                mistakes.push(Mistake {
                    key: format!("idp[{index}].metadata_file"),
                    problem: format!("the entity ID {} is configured twice", idp.entity_id),
                    allowed: "each identity provider once".to_owned(),
                });
            }
        }
        let acs_url = config.acs_url().to_string();
        let metadata = metadata::service_provider(&config.saml.entity_id, &acs_url, key.as_ref());
        let metadata = metadata.unwrap_or_else(|error| {
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
        let mut audiences = config.saml.audiences.clone();
        audiences.push(config.saml.entity_id.clone());
        Ok(Self {
            entity_id: config.saml.entity_id.clone(),
            acs_url,
            audiences,
            skew: TimeDelta::seconds(i64::from(config.saml.clock_skew_seconds)),
            key,
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

    /// The IdPs, in the order of the configuration.
    pub fn idps(&self) -> &[Arc<IdentityProvider>] {
        &self.idps
    }

    /// The IdP with this configured id.
    pub fn idp(&self, id: &str) -> Option<&Arc<IdentityProvider>> {
        self.by_id.get(id)
    }

    /// The IdP with this entity ID.
    pub fn idp_by_entity_id(&self, entity_id: &str) -> Option<&Arc<IdentityProvider>> {
        self.by_entity_id.get(entity_id)
    }
}

fn read_key(saml: &config::Saml, mistakes: &mut Vec<Mistake>) -> Option<SpKey> {
    let (key_file, certificate_file) = saml
        .key_file
        .as_deref()
        .zip(saml.certificate_file.as_deref())?;
    match SpKey::read(key_file, certificate_file) {
        Ok(key) => Some(key),
        Err(error) => {
            mistakes.push(Mistake {
                key: "saml.key_file".to_owned(),
                problem: error.to_string(),
                allowed: "a private key and its certificate, both PEM: RSA of at least 2048 bits, or P-256"
                    .to_owned(),
            });
            None
        }
    }
}

fn read_idp(idp: &config::Idp) -> Result<IdentityProvider, String> {
    let path = &idp.metadata_file;
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let metadata = IdpMetadata::parse(&text).map_err(|error| named(&error))?;
    let trust = Trust::new(&metadata.signing_certificates, idp.allow_sha1)
        .map_err(|error| named(&error))?;
    if idp.allow_sha1 {
        tracing::warn!(
            idp = idp.id,
            "SHA-1 signatures are accepted from this identity provider"
        );
    }
    Ok(IdentityProvider {
        id: idp.id.clone(),
        name: idp.name.clone(),
        entity_id: metadata.entity_id,
        sso_url: metadata.sso_url,
        allow_unsolicited: idp.allow_unsolicited,
        trust,
    })
}
