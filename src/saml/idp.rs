//! An identity provider: what the configuration says of it, and what its metadata says now.
//!
//! The configuration never changes; metadata does. Whoever handles a login takes one
//! [`Published`] at its beginning, so that keys and addresses never change in the middle of it.

mod published;
mod publisher;
mod source;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use thiserror::Error;
use url::Url;

pub use published::{Certificate, EntityKey, Published, PublishedError, Reader};
pub use publisher::{Health, Publisher};
pub use source::{Client, folder_problem, read_file};

use super::request::Wishes;
use crate::config::{self, Asking};

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
    /// Where its metadata comes from, and what that says.
    pub publisher: Arc<Publisher>,
}

impl fmt::Debug for IdentityProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityProvider")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
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

impl IdentityProvider {
    /// An identity provider of the configuration, and its source of metadata.
    pub fn new(config: &config::Idp, publisher: Arc<Publisher>) -> Self {
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
            publisher,
        }
    }

    /// What it publishes, unless it cannot be used at `now`.
    pub fn published(&self, now: DateTime<Utc>) -> Result<Arc<Published>, Unavailable> {
        self.publisher.published(now)
    }

    /// What it published last, perhaps long ago.
    pub fn latest(&self) -> Option<Arc<Published>> {
        self.publisher.latest()
    }

    /// Which entity it is: by what it published last, or else by what the configuration names. `None` if
    /// nothing is known of it yet.
    pub fn entity_key(&self) -> Option<EntityKey> {
        self.publisher.entity_key()
    }

    /// Where its metadata is fetched from, if it is.
    pub fn metadata_url(&self) -> Option<&Url> {
        self.publisher.metadata_url()
    }

    /// How its metadata is at `now`.
    pub fn health(&self, now: DateTime<Utc>) -> Health {
        self.publisher.health(now)
    }
}
