//! What tells one configuration from another, so that nodes and moments can be compared.

use std::fmt::{self, Write as _};

use openssl::sha::Sha256;
use secrecy::ExposeSecret as _;

use super::{Config, IamUser, Identity, Secret};

/// The digest of everything in a configuration that a reload takes up: 16 hexadecimal digits. It is the
/// same wherever the same version of the program has the same configuration, whatever addresses it
/// listens on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest(String);

impl Digest {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Text that goes nowhere but into a digest.
struct Digested(Sha256);

impl fmt::Write for Digested {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

impl Config {
    /// What tells this configuration from others.
    pub fn digest(&self) -> Digest {
        let Self {
            public_url,
            http,
            limits,
            saml,
            idps,
            portal,
            aws,
            session_policies,
            iam_users,
            grants,
            oidc,
            tools,
            accounts,
            session,
            audit: _,
        } = self;
        let mut digested = Digested(Sha256::new());
        let identity = (public_url, saml, oidc, &http.trusted_proxies);
        let access = (idps, grants, aws, session_policies, iam_users, tools);
        let rest = (limits, portal, accounts, session, http.forwarded_header);
        // Writing into a digest cannot fail.
        let _ = write!(digested, "{identity:?} {access:?} {rest:?}");
        // What is not shown counts too.
        for secret in self.secrets() {
            digested.0.update(secret.0.expose_secret().as_bytes());
            digested.0.update(&[0]);
        }
        let mut text = String::with_capacity(16);
        for octet in &digested.0.finish()[..8] {
            let _ = write!(text, "{octet:02x}");
        }
        Digest(text)
    }

    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let own = match &self.aws.identity {
            Identity::Keys {
                secret_access_key, ..
            } => Some(secret_access_key),
            Identity::DefaultChain { .. } => None,
        };
        let of_users = self.iam_users.iter();
        let of_users = of_users.map(|user: &IamUser| &user.secret_access_key);
        own.into_iter().chain(of_users)
    }
}
