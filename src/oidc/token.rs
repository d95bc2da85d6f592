//! Creates tokens: signed statements of a person's identity, each for one AssumeRoleWithWebIdentity
//! call.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, Header};
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::Issuer;
use crate::crypto;
use crate::grant::SessionParameters;

/// The `aud` claim, which identifies STS. The OIDC provider in IAM must list this value as a client
/// ID (audience).
pub const AUDIENCE: &str = "sts.amazonaws.com";
/// How long a token is valid. STS receives the token immediately, but AWS's clock may differ from
/// ours.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);
/// How far AWS's clock may be behind ours.
const SKEW: TimeDelta = TimeDelta::minutes(1);

/// The person that a token identifies.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The `sub` claim: at most 255 ASCII characters (OpenID Connect Core 1.0, section 2).
    pub name: &'a str,
    /// The `amr` claim: how the person signed in, as the authentication context class of the SAML
    /// login.
    pub authn_context: Option<&'a str>,
    /// The session tags and the source identity.
    pub parameters: &'a SessionParameters,
}

/// Why a token could not be created.
#[derive(Debug, Error)]
pub enum TokenError {
    /// OpenSSL's random number generator failed.
    #[error("the random number generator failed: {0}")]
    Random(#[from] openssl::error::ErrorStack),
    /// Signing failed.
    #[error("the token cannot be signed: {0}")]
    Sign(#[from] jsonwebtoken::errors::Error),
    /// No signing key is loaded.
    #[error("there is no signing key")]
    NoKey,
}

impl Issuer {
    /// Creates a token for `subject`, signed with the first key.
    pub fn token(
        &self,
        subject: Subject<'_>,
        now: DateTime<Utc>,
    ) -> Result<SecretString, TokenError> {
        let keys = self.keys();
        let key = keys.first().ok_or(TokenError::NoKey)?;
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(key.id.clone());
        let claims = claims(self.name(), subject, &crypto::random_token()?, now);
        Ok(jsonwebtoken::encode(&header, &claims, &key.private)?.into())
    }
}

/// The claims of a token. Tags and the source identity have the form that AWS expects (IAM User
/// Guide, "Passing session tags using AssumeRoleWithWebIdentity" and "Monitor and control actions
/// taken with assumed roles").
fn claims(issuer: &str, subject: Subject<'_>, id: &str, now: DateTime<Utc>) -> Value {
    let parameters = subject.parameters;
    let mut claims = json!({
        "iss": issuer,
        "sub": subject.name,
        "aud": AUDIENCE,
        "jti": id,
        "iat": now.timestamp(),
        "nbf": (now - SKEW).timestamp(),
        "exp": (now + LIFETIME).timestamp(),
    });
    if let Some(context) = subject.authn_context {
        claims["amr"] = json!([context]);
    }
    if !parameters.tags.is_empty() {
        let tag = |(key, value): &(_, _)| {
            (
                ToString::to_string(key),
                json!([ToString::to_string(value)]),
            )
        };
        let tags: Map<String, Value> = parameters.tags.iter().map(tag).collect();
        let keys: Vec<_> = parameters
            .transitive_tags
            .iter()
            .map(ToString::to_string)
            .collect();
        claims["https://aws.amazon.com/tags"] = json!({
            "principal_tags": tags,
            "transitive_tag_keys": keys,
        });
    }
    if let Some(identity) = &parameters.source_identity {
        claims["https://aws.amazon.com/source_identity"] = json!(identity.as_str());
    }
    claims
}
