//! An identity provider: its configuration, and its current metadata.
//!
//! The configuration of an [`IdentityProvider`] never changes, because a reload creates a new one.
//! The metadata can change at any time. Code that handles an HTTP request therefore gets one
//! [`Published`] at the beginning and uses the same keys and URLs until the request ends.

mod edition;
mod kept;
mod published;
mod publisher;
mod source;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use thiserror::Error;
use url::Url;

pub use edition::{Edition, EditionError, Validity};
pub(super) use kept::remove_copies_of_others;
pub use published::{Certificate, EntityKey, IdKey, MetadataReader, Published, PublishedError};
pub use publisher::{Health, Publisher};
pub use source::{Client, SourceError, folder_problem, read_file};

use super::request::Wishes;
use crate::config::{self, Prompt};

/// A configured identity provider, with the source of its metadata.
pub struct IdentityProvider {
    /// The configured ID, such as `corp`.
    pub id: String,
    /// The digest of the configured ID.
    pub id_key: IdKey,
    /// The display name.
    pub name: String,
    /// The e-mail domains of the identity provider's users, in lower case.
    pub email_domains: Vec<String>,
    /// Whether the identity provider may start logins, that is, send unsolicited responses.
    pub allow_unsolicited: bool,
    /// Whether the identity provider may encrypt assertions with AES-CBC in signed Responses.
    pub allow_cbc: bool,
    /// A Format of the identity provider's Issuer that is allowed in addition to entity.
    pub issuer_format: Option<String>,
    /// The Name of the attribute that identifies a person in place of the NameID.
    pub person_attribute: Option<String>,
    /// The optional parts of our AuthnRequests to the identity provider, such as ForceAuthn.
    pub wishes: Wishes,
    /// The source of the metadata, and the metadata in use.
    pub publisher: Arc<Publisher>,
    /// Whether the identity provider has sent a transient NameID.
    has_sent_transient: AtomicBool,
}

impl fmt::Debug for IdentityProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityProvider")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Why an identity provider cannot be used at the moment.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Unavailable {
    /// No metadata has been read successfully yet.
    #[error("there is no metadata for the identity provider yet")]
    NoMetadata,
    /// The metadata has expired (saml-metadata 2.3.1).
    #[error("the identity provider's metadata expired at {0}")]
    Expired(DateTime<Utc>),
}

impl IdentityProvider {
    /// Combines an identity provider's configuration with its source of metadata.
    pub fn new(config: &config::Idp, publisher: Arc<Publisher>) -> Self {
        Self {
            id: config.id.clone(),
            id_key: IdKey::of(&config.id),
            name: config.name.clone(),
            email_domains: config.email_domains.clone(),
            allow_unsolicited: config.allow_unsolicited,
            allow_cbc: config.allow_cbc,
            issuer_format: config.issuer_format.clone(),
            person_attribute: config.person_attribute.clone(),
            wishes: Wishes {
                force_authn: config.prompt == Prompt::Always,
                is_passive: config.prompt == Prompt::Never,
                name_id_format: config.name_id_format.clone(),
                authn_contexts: config.authn_contexts.clone(),
            },
            publisher,
            has_sent_transient: AtomicBool::new(false),
        }
    }

    /// The metadata in use. Fails if there is none, or if it has expired by `now`.
    pub fn published(&self, now: DateTime<Utc>) -> Result<Arc<Published>, Unavailable> {
        self.publisher.published(now)
    }

    /// The metadata in use, even if it has expired.
    pub fn latest(&self) -> Option<Arc<Published>> {
        self.publisher.latest()
    }

    /// The digest of the identity provider's entity ID. The entity ID comes from the metadata in
    /// use or, if there is none, from the configuration. `None` if neither contains an entity ID.
    pub fn entity_key(&self) -> Option<EntityKey> {
        self.publisher.entity_key()
    }

    /// The URL from which the metadata is fetched; `None` if the metadata is a file.
    pub fn metadata_url(&self) -> Option<&Url> {
        self.publisher.metadata_url()
    }

    /// The state of the metadata at `now`, with a warning if people cannot be recognized.
    pub fn health(&self, now: DateTime<Utc>) -> Health {
        let mut health = self.publisher.health(now);
        let is_transient = self.latest().is_some_and(|latest| latest.is_transient);
        let has_sent = self.has_sent_transient.load(Ordering::Relaxed);
        if self.person_attribute.is_none() && (is_transient || has_sent) {
            let does = if has_sent { "sends" } else { "offers only" };
            health.warnings.push(format!(
                "the identity provider {does} transient NameIDs, so people cannot be recognized at \
                 their next login: person_attribute is not set"
            ));
        }
        health
    }

    /// Notes that the identity provider has sent a transient NameID. Returns whether this is the
    /// first one since the configuration was loaded.
    pub fn note_transient(&self) -> bool {
        !self.has_sent_transient.swap(true, Ordering::Relaxed)
    }
}
