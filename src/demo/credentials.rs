//! The temporary credentials that the embedded STS issues and later verifies.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use openssl::error::ErrorStack;
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;

use super::shelf::Shelf;
use crate::crypto;

const CAPACITY: usize = 10_000;
/// The current prefix of AWS session tokens.
const TOKEN_PREFIX: &str = "IQoJb3JpZ2luX2Vj";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The session to which temporary credentials belong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The partition, such as `aws`.
    pub partition: String,
    /// The account ID, twelve digits.
    pub account: String,
    /// The principal of the session.
    pub holder: Holder,
    /// The source identity, which later sessions in a role chain keep.
    pub source_identity: Option<String>,
    /// The session tags, including inherited ones.
    pub tags: Vec<(String, String)>,
    /// The keys of the tags that later sessions in a role chain inherit.
    pub transitive_tags: Vec<String>,
    /// The operation that issued the credentials.
    pub origin: Origin,
}

/// The principal of temporary credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A role that was assumed.
    Role {
        /// The role's ARN.
        arn: String,
        /// The role's name, without its path.
        name: String,
        /// The role's unique ID, `AROA…`.
        id: String,
        /// The RoleSessionName of the session.
        session_name: String,
    },
    /// A federated user, from a GetFederationToken request.
    FederatedUser {
        /// The `Name` in the GetFederationToken request.
        name: String,
        /// The session policies, without which the session has no permissions.
        policies: Vec<String>,
    },
    /// An IAM user, from a GetSessionToken request.
    User {
        /// The user's ARN.
        arn: String,
        /// The user's name, without its path.
        name: String,
        /// The user's unique ID, `AIDA…`.
        id: String,
    },
    /// The root user of an account, from an AssumeRoot request for one task.
    Root {
        /// The ARN of the task policy.
        task: String,
    },
}

/// The operation that issued credentials. The sign-in endpoint accepts credentials from only some
/// of these operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// AssumeRoleWithSAML, with an assertion.
    AssumeRoleWithSaml,
    /// AssumeRoleWithWebIdentity, with a token from an OpenID Connect provider.
    AssumeRoleWithWebIdentity,
    /// AssumeRole with an IAM user's keys.
    AssumeRole,
    /// AssumeRole with temporary credentials.
    RoleChaining,
    /// GetFederationToken with an IAM user's keys.
    FederationToken,
    /// GetSessionToken with an IAM user's keys.
    SessionToken,
    /// AssumeRoot, for one task in a member account.
    AssumeRoot,
}

impl Session {
    /// The ARN of the session: `Arn` in the GetCallerIdentity response.
    pub fn arn(&self) -> String {
        let sts = format!("arn:{}:sts::{}", self.partition, self.account);
        match &self.holder {
            Holder::Role {
                name, session_name, ..
            } => format!("{sts}:assumed-role/{name}/{session_name}"),
            Holder::FederatedUser { name, .. } => format!("{sts}:federated-user/{name}"),
            Holder::User { .. } | Holder::Root { .. } => self.principal(),
        }
    }

    /// The ID of the session: `UserId` in the GetCallerIdentity response. For a role, it is also
    /// the AssumedRoleId, and for a federated user, the FederatedUserId.
    pub fn id(&self) -> String {
        match &self.holder {
            Holder::Role {
                id, session_name, ..
            } => format!("{id}:{session_name}"),
            Holder::FederatedUser { name, .. } => format!("{}:{name}", self.account),
            Holder::User { id, .. } => id.clone(),
            Holder::Root { .. } => self.account.clone(),
        }
    }

    /// The principal's ARN in policies: that of the role, the IAM user, the federated user or the
    /// root user.
    pub fn principal(&self) -> String {
        match &self.holder {
            Holder::Role { arn, .. } | Holder::User { arn, .. } => arn.clone(),
            Holder::FederatedUser { .. } => self.arn(),
            Holder::Root { .. } => format!("arn:{}:iam::{}:root", self.partition, self.account),
        }
    }

    /// The principal's name as the console page shows it; `root` for the root user.
    pub fn name(&self) -> &str {
        match &self.holder {
            Holder::Role { name, .. }
            | Holder::FederatedUser { name, .. }
            | Holder::User { name, .. } => name,
            Holder::Root { .. } => "root",
        }
    }

    /// The RoleSessionName, or the name of a federated user. Other principals have no session name.
    pub fn session_name(&self) -> Option<&str> {
        match &self.holder {
            Holder::Role { session_name, .. } => Some(session_name),
            Holder::FederatedUser { name, .. } => Some(name),
            Holder::User { .. } | Holder::Root { .. } => None,
        }
    }
}

/// Temporary credentials, with their session.
#[derive(Clone, Debug)]
pub struct IssuedCredentials {
    /// The access key ID: `ASIA` and 16 letters or digits.
    pub access_key_id: String,
    /// The secret access key, 40 characters.
    pub secret_access_key: SecretString,
    /// The session token: base64 that contains each of `/`, `+` and `=`.
    pub session_token: SecretString,
    /// The time at which the credentials expire.
    pub expires: DateTime<Utc>,
    /// The session to which the credentials belong.
    pub session: Session,
}

impl IssuedCredentials {
    /// The expiration time in AWS's format, such as `2026-01-31T12:00:00Z`.
    pub fn expiration(&self) -> String {
        self.expires.to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// Whether `token` is the session token of these credentials. [`equal`] compares the two.
    pub fn has_session_token(&self, token: &str) -> bool {
        equal(self.session_token.expose_secret(), token)
    }

    /// Whether `key` is the secret access key of these credentials. [`equal`] compares the two.
    pub fn has_secret_access_key(&self, key: &str) -> bool {
        equal(self.secret_access_key.expose_secret(), key)
    }
}

/// Compares two strings in a time that does not depend on the position of the first difference.
pub fn equal(ours: &str, theirs: &str) -> bool {
    ours.len() == theirs.len() && openssl::memcmp::eq(ours.as_bytes(), theirs.as_bytes())
}

/// The issued credentials, by access key ID. At most 10,000 are kept.
#[derive(Clone, Debug)]
pub struct Register(Arc<Shelf<Arc<IssuedCredentials>>>);

impl Default for Register {
    fn default() -> Self {
        Self(Arc::new(Shelf::new(CAPACITY)))
    }
}

impl Register {
    /// Issues credentials for `session` that expire at `expires`, and stores them.
    pub fn issue(
        &self,
        session: Session,
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

    /// The credentials with this access key ID, even if they have expired.
    pub fn find(&self, access_key_id: &str) -> Option<Arc<IssuedCredentials>> {
        self.0.find(access_key_id)
    }
}

/// The unique ID of an IAM resource: the prefix, and 17 characters derived from `name`.
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

/// Creates a session token that contains all special characters of base64, so that faulty shell
/// quoting is noticed.
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

    pub fn session() -> Session {
        Session {
            partition: "aws-cn".to_owned(),
            account: "111111111111".to_owned(),
            holder: Holder::Role {
                arn: "arn:aws-cn:iam::111111111111:role/Admin".to_owned(),
                name: "Admin".to_owned(),
                id: unique_id("AROA", "Admin"),
                session_name: "alice".to_owned(),
            },
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
        assert_eq!(
            issued.session.id().len(),
            "AROA".len() + 17 + ":alice".len()
        );
    }

    #[test]
    fn issued_credentials_are_found_and_their_debug_output_hides_secrets() {
        let register = Register::default();
        let issued = register.issue(session(), DateTime::UNIX_EPOCH).unwrap();
        let found = register.find(&issued.access_key_id).unwrap();
        assert!(found.has_session_token(issued.session_token.expose_secret()));
        assert!(!found.has_session_token("else"));
        assert!(!format!("{found:?}").contains(issued.secret_access_key.expose_secret()));
        assert!(register.find("ASIAELSE").is_none());
    }
}
