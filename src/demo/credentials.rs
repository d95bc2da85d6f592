//! The temporary credentials that the embedded STS gives out and recognises again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use openssl::error::ErrorStack;
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;

use super::shelf::Shelf;
use crate::crypto;

const CAPACITY: usize = 10_000;
/// How AWS's session tokens begin today.
const TOKEN_PREFIX: &str = "IQoJb3JpZ2luX2Vj";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What credentials stand for: a session of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleSession {
    /// The partition.
    pub partition: String,
    /// The account's twelve digits.
    pub account: String,
    /// The role's name, without its path.
    pub role_name: String,
    /// The role's ARN.
    pub role_arn: String,
    /// The role's unique ID, `AROA…`.
    pub role_id: String,
    /// RoleSessionName.
    pub session_name: String,
    /// SourceIdentity.
    pub source_identity: Option<String>,
    /// Session tags.
    pub tags: Vec<(String, String)>,
    /// The keys of those that go along to further roles.
    pub transitive_tags: Vec<String>,
    /// How the credentials came to be.
    pub origin: Origin,
}

/// The operation that credentials came from: the sign-in endpoint treats them differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// AssumeRoleWithSAML.
    AssumeRoleWithSaml,
    /// AssumeRoleWithWebIdentity.
    AssumeRoleWithWebIdentity,
    /// AssumeRole with an IAM user's keys.
    AssumeRole,
    /// AssumeRole with temporary credentials.
    RoleChaining,
    /// GetFederationToken.
    FederationToken,
}

impl RoleSession {
    /// The ARN of the session.
    pub fn arn(&self) -> String {
        format!(
            "arn:{}:sts::{}:assumed-role/{}/{}",
            self.partition, self.account, self.role_name, self.session_name
        )
    }

    /// The session's ID: AssumedRoleId, and UserId of GetCallerIdentity.
    pub fn id(&self) -> String {
        format!("{}:{}", self.role_id, self.session_name)
    }
}

/// Credentials as they were given out.
#[derive(Clone, Debug)]
pub struct IssuedCredentials {
    /// `ASIA` and 16 letters and digits.
    pub access_key_id: String,
    /// 40 characters.
    pub secret_access_key: SecretString,
    /// Of no fixed size, with `/`, `+` and `=` in it.
    pub session_token: SecretString,
    /// When they end.
    pub expires: DateTime<Utc>,
    /// What they stand for.
    pub session: RoleSession,
}

impl IssuedCredentials {
    /// When they end: `2026-01-31T12:00:00Z`.
    pub fn expiration(&self) -> String {
        self.expires.to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// Whether `token` is the token of these credentials.
    pub fn has_session_token(&self, token: &str) -> bool {
        equal(self.session_token.expose_secret(), token)
    }

    /// Whether `key` is the secret key of these credentials.
    pub fn has_secret_access_key(&self, key: &str) -> bool {
        equal(self.secret_access_key.expose_secret(), key)
    }
}

/// Compares in time that does not tell where the two differ.
pub fn equal(ours: &str, theirs: &str) -> bool {
    ours.len() == theirs.len() && openssl::memcmp::eq(ours.as_bytes(), theirs.as_bytes())
}

/// All credentials that were given out, by access key ID.
#[derive(Clone, Debug)]
pub struct Register(Arc<Shelf<Arc<IssuedCredentials>>>);

impl Default for Register {
    fn default() -> Self {
        Self(Arc::new(Shelf::new(CAPACITY)))
    }
}

impl Register {
    /// Makes new credentials for `session`.
    pub fn issue(
        &self,
        session: RoleSession,
        expires: DateTime<Utc>,
    ) -> Result<Arc<IssuedCredentials>, ErrorStack> {
        let issued = Arc::new(IssuedCredentials {
            access_key_id: format!("ASIA{}", base32(&crypto::random::<16>()?)),
            secret_access_key: STANDARD.encode(crypto::random::<30>()?).into(),
            session_token: session_token()?.into(),
            expires,
            session,
        });
        self.0
            .put(&issued.access_key_id, expires, Arc::clone(&issued));
        Ok(issued)
    }

    /// The credentials with this access key ID, also when they have ended.
    pub fn find(&self, access_key_id: &str) -> Option<Arc<IssuedCredentials>> {
        self.0.find(access_key_id)
    }
}

/// The unique ID of a thing in IAM: the prefix, and 17 characters that `name` always gives.
pub fn unique_id(prefix: &str, name: &str) -> String {
    let bytes = crypto::derive("demo unique id", name.as_bytes());
    format!("{prefix}{}", base32(&bytes[..17]))
}

fn base32(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| char::from(BASE32[usize::from(byte % 32)]))
        .collect()
}

/// A token that shows whether a shell's quoting holds: it has all of base64's odd characters.
fn session_token() -> Result<String, ErrorStack> {
    loop {
        let token = format!(
            "{TOKEN_PREFIX}{}",
            STANDARD.encode(crypto::random::<400>()?)
        );
        if ['/', '+', '='].into_iter().all(|odd| token.contains(odd)) {
            return Ok(token);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn session() -> RoleSession {
        RoleSession {
            partition: "aws-cn".to_owned(),
            account: "111111111111".to_owned(),
            role_name: "Admin".to_owned(),
            role_arn: "arn:aws-cn:iam::111111111111:role/Admin".to_owned(),
            role_id: unique_id("AROA", "Admin"),
            session_name: "alice".to_owned(),
            source_identity: None,
            tags: Vec::new(),
            transitive_tags: Vec::new(),
            origin: Origin::AssumeRoleWithSaml,
        }
    }

    #[test]
    fn credentials_have_the_shape_of_aws_ones() {
        let issued = Register::default().issue(session(), DateTime::UNIX_EPOCH);
        let issued = issued.unwrap();
        assert_eq!(issued.access_key_id.len(), 20);
        assert!(issued.access_key_id.starts_with("ASIA"));
        assert_eq!(issued.secret_access_key.expose_secret().len(), 40);
        let token = issued.session_token.expose_secret();
        assert!(token.contains('/') && token.contains('+') && token.contains('='));
        assert!(token.len() > 500);
        let arn = "arn:aws-cn:sts::111111111111:assumed-role/Admin/alice";
        assert_eq!(issued.session.arn(), arn);
        assert!(issued.session.id().starts_with("AROA"));
        assert_eq!(issued.session.role_id.len(), 21);
    }

    #[test]
    fn issued_credentials_are_found_and_show_no_secret() {
        let register = Register::default();
        let issued = register.issue(session(), DateTime::UNIX_EPOCH).unwrap();
        let found = register.find(&issued.access_key_id).unwrap();
        assert!(found.has_session_token(issued.session_token.expose_secret()));
        assert!(!found.has_session_token("else"));
        assert!(!format!("{found:?}").contains(issued.secret_access_key.expose_secret()));
        assert!(register.find("ASIAELSE").is_none());
    }
}
