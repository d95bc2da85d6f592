//! AssumeRoleWithWebIdentity (STS API reference), for OpenID Connect issuers that are registered
//! with IAM.

use std::sync::Arc;
use std::time::Duration;

use chrono::{SubsecRound as _, TimeDelta};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

use super::Sts;
use super::fault::Fault;
use super::parameters::Parameters;
use super::policy::SessionPolicies;
use super::session::{Seconds, may, seconds};
use crate::aws::attribute::{RoleSessionName, SourceIdentity, TagKey, TagValue};
use crate::demo::credentials::{IssuedCredentials, Origin, Session};

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";
/// The time limit for a request to an issuer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// An OpenID Connect provider that is registered with IAM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcProvider {
    /// The provider's ARN in IAM, `arn:aws:iam::…:oidc-provider/…`.
    pub arn: String,
    /// The issuer URL, which must equal the `iss` claim of a token.
    pub url: String,
    /// The client IDs, one of which must be the `aud` claim of a token.
    pub client_ids: Vec<String>,
}

#[derive(Debug)]
pub struct Assumed {
    pub credentials: Arc<IssuedCredentials>,
    pub packed_policy_size: Option<usize>,
    pub subject: String,
    pub audience: String,
    pub provider: String,
}

/// The claims that AWS reads from a token.
#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
    #[serde(default)]
    nbf: i64,
    #[serde(rename = "https://aws.amazon.com/tags", default)]
    tags: Tags,
    #[serde(rename = "https://aws.amazon.com/source_identity")]
    source_identity: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Tags {
    #[serde(default)]
    principal_tags: std::collections::BTreeMap<String, Vec<String>>,
    #[serde(default)]
    transitive_tag_keys: Vec<String>,
}

impl Sts {
    pub(super) async fn assume_role_with_web_identity(
        &self,
        parameters: &Parameters,
    ) -> Result<Assumed, Fault> {
        let role_arn = parameters.required("RoleArn", "roleArn", 20, 2048)?;
        let name = parameters.required("RoleSessionName", "roleSessionName", 2, 64)?;
        name.parse::<RoleSessionName>().map_err(|_| {
            let constraint = "satisfy regular expression pattern: [\\w+=,.@-]*";
            Fault::constraint(&format!("'{name}'"), "roleSessionName", constraint)
        })?;
        let token = parameters.required("WebIdentityToken", "webIdentityToken", 4, 20_000)?;
        let seconds = seconds(parameters, Seconds::OF_ROLES)?;
        let policies = SessionPolicies::read(parameters)?;
        let claims = self.verified(token).await?;
        let tags = tags(&claims)?;
        let role = self.roles.get(role_arn);
        let role = role.filter(|role| {
            let trusts = role.trust.oidc.as_ref().is_some_and(|trust| {
                let is_it = |provider: &&OidcProvider| provider.arn == trust.provider_arn;
                let provider = self.oidc_providers.iter().find(is_it);
                let is_meant = |subject: &String| *subject == claims.sub;
                provider.is_some_and(|provider| provider.url == claims.iss)
                    && trust.subject.as_ref().is_none_or(is_meant)
            });
            trusts && !role.trust.denies
        });
        let role = role.ok_or_else(|| Fault::access_denied(ACTION))?;
        may(role.trust.allows_tags || tags.is_empty(), "sts:TagSession")?;
        let sets_identity = role.trust.allows_source_identity || claims.source_identity.is_none();
        may(sets_identity, "sts:SetSourceIdentity")?;
        if seconds > role.max_session_seconds {
            return Err(Fault::validation(
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            ));
        }
        let packed_policy_size = policies.packed_size(&tags)?;
        let session = Session {
            source_identity: claims.source_identity,
            tags,
            transitive_tags: claims.tags.transitive_tag_keys,
            ..role.session(name.to_owned(), Origin::AssumeRoleWithWebIdentity)
        };
        let expires = (self.clock.now() + TimeDelta::seconds(seconds)).trunc_subsecs(0);
        let credentials = self.register.issue(session, expires);
        Ok(Assumed {
            credentials: credentials.map_err(|e| Fault::internal_failure(e.to_string()))?,
            packed_policy_size,
            subject: claims.sub,
            audience: claims.aud,
            provider: claims.iss,
        })
    }

    /// Verifies that a registered issuer signed the token and that the token is valid now. Returns
    /// the token's claims.
    async fn verified(&self, token: &str) -> Result<Claims, Fault> {
        let invalid = |message: &str| Fault::invalid_identity_token(message);
        let header = jsonwebtoken::decode_header(token)
            .map_err(|_| invalid("The ID Token provided is not a valid JWT."))?;
        if header.alg != Algorithm::RS256 {
            return Err(invalid("The ID Token is not signed with RS256."));
        }
        let unverified = jsonwebtoken::dangerous::insecure_decode::<Claims>(token)
            .map_err(|_| invalid("Missing a required claim: sub, iss, aud or exp"))?
            .claims;
        let is_its = |provider: &&OidcProvider| provider.url == unverified.iss;
        let provider = self.oidc_providers.iter().find(is_its).ok_or_else(|| {
            let issuer = &unverified.iss;
            invalid(&format!(
                "No OpenIDConnect provider found in your account for {issuer}"
            ))
        })?;
        if !provider.client_ids.contains(&unverified.aud) {
            return Err(invalid("Incorrect token audience"));
        }
        let keys = issuers_keys(&provider.url)
            .await
            .ok_or_else(Fault::idp_communication)?;
        let kid = header.kid.unwrap_or_default();
        let no_key = || {
            invalid(
                "Couldn't retrieve verification key from your identity provider,  please reference \
                 AssumeRoleWithWebIdentity documentation for requirements",
            )
        };
        let key: &Jwk = keys.find(&kid).ok_or_else(no_key)?;
        let key = DecodingKey::from_jwk(key).map_err(|_| no_key())?;
        let mut validation = Validation::new(Algorithm::RS256);
        // The audience was checked above. The times are checked below with the service's own clock.
        validation.validate_exp = false;
        validation.validate_aud = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation)
            .map_err(|_| invalid("The ID Token's signature is invalid."))?
            .claims;
        let now = self.clock.now().timestamp();
        if claims.exp <= now {
            return Err(Fault::expired_token_exception(
                "Token expired: current date/time must be before the expiration date/time",
            ));
        }
        if claims.nbf > now {
            return Err(invalid("The ID Token is not valid yet."));
        }
        Ok(claims)
    }
}

/// Fetches the issuer's keys from the URL in its discovery document, as AWS does.
async fn issuers_keys(issuer: &str) -> Option<JwkSet> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(TIMEOUT)
        .build()
        .ok()?;
    let get = async |url: &str| {
        let response = client.get(url).send().await.ok()?;
        response.error_for_status().ok()?.json::<Value>().await.ok()
    };
    let discovery = get(&format!("{issuer}{}", crate::oidc::DISCOVERY_PATH)).await?;
    if discovery["issuer"] != issuer {
        return None;
    }
    serde_json::from_value(get(discovery["jwks_uri"].as_str()?).await?).ok()
}

fn tags(claims: &Claims) -> Result<Vec<(String, String)>, Fault> {
    let invalid = || Fault::invalid_identity_token("A session tag in the ID Token is not valid.");
    let tags = &claims.tags.principal_tags;
    if tags.len() > super::tags::MAXIMUM {
        return Err(invalid());
    }
    if !claims
        .tags
        .transitive_tag_keys
        .iter()
        .all(|key| tags.contains_key(key))
    {
        return Err(Fault::invalid_identity_token(
            "The specified transitive tag key must be included in the requested tags.",
        ));
    }
    if let Some(identity) = &claims.source_identity {
        identity.parse::<SourceIdentity>().map_err(|_| invalid())?;
    }
    let tags = tags.iter().map(|(key, values)| match values.as_slice() {
        [value] if key.parse::<TagKey>().is_ok() && value.parse::<TagValue>().is_ok() => {
            Ok((key.clone(), value.clone()))
        }
        _ => Err(invalid()),
    });
    tags.collect()
}
