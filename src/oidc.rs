//! rolecall as an OpenID Connect issuer with AWS as its only relying party. AWS reads the discovery
//! document and the public keys (OpenID Connect Discovery 1.0, sections 3 and 4), and STS accepts
//! the tokens (AssumeRoleWithWebIdentity).
//!
//! Nobody signs in at this issuer: each token is created for one STS call, from a session that
//! began with a SAML login.

pub mod key;
mod token;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Value, json};
use url::Url;

pub use self::key::{KeyError, SigningKey};
pub use self::token::{AUDIENCE, Subject, TokenError};

/// The path of the public keys (JWKS).
pub const JWKS_PATH: &str = "/oidc/jwks";
/// The path of the discovery document, which relying parties read first.
pub const DISCOVERY_PATH: &str = "/.well-known/openid-configuration";

/// The issuer: its name and its signing keys.
#[derive(Debug)]
pub struct Issuer {
    /// The `iss` claim, without a trailing slash. AWS requires an exact match with the URL that is
    /// registered with IAM.
    name: String,
    jwks_uri: Url,
    files: Vec<PathBuf>,
    keys: RwLock<Arc<Vec<SigningKey>>>,
}

impl Issuer {
    /// Creates the issuer with the keys in `files`. The first key signs tokens, and all public keys
    /// are published. `jwks_uri` is the URL from which AWS reads the public keys.
    pub fn read(name: &Url, jwks_uri: Url, files: Vec<PathBuf>) -> Result<Self, KeyError> {
        let keys = RwLock::new(Arc::new(read(&files)?));
        Ok(Self {
            name: name.as_str().trim_end_matches('/').to_owned(),
            jwks_uri,
            files,
            keys,
        })
    }

    /// The issuer identifier, as in the `iss` claim.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The discovery document (OpenID Connect Discovery 1.0, section 3).
    pub fn discovery(&self) -> Value {
        json!({
            "issuer": self.name,
            "jwks_uri": self.jwks_uri,
            // Nobody signs in here, but the field is required (OpenID Connect Discovery 1.0,
            // section 3).
            "authorization_endpoint": self.jwks_uri,
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": ["aud", "amr", "exp", "iat", "iss", "jti", "nbf", "sub"],
        })
    }

    /// The public keys as a JWK Set (RFC 7517, section 5).
    pub fn jwks(&self) -> Value {
        let keys = self.keys();
        let keys: Vec<_> = keys.iter().map(SigningKey::public).collect();
        json!({ "keys": keys })
    }

    /// Reloads the keys from disk. Returns `false` if the keys have not changed. If a file cannot
    /// be read or contains no usable key, returns an error, and the previous keys stay in use.
    pub fn reload(&self) -> Result<bool, KeyError> {
        let new = read(&self.files)?;
        let ids = |keys: &[SigningKey]| keys.iter().map(|key| key.id.clone()).collect::<Vec<_>>();
        if ids(&new) == ids(&self.keys()) {
            return Ok(false);
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
        Ok(true)
    }

    fn keys(&self) -> Arc<Vec<SigningKey>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&keys)
    }
}

fn read(files: &[PathBuf]) -> Result<Vec<SigningKey>, KeyError> {
    files.iter().map(|file| SigningKey::read(file)).collect()
}

#[cfg(test)]
pub(crate) mod tests;
