//! A digest of the configuration, for comparing configurations between nodes and over time.

use std::fmt::{self, Write as _};

use openssl::sha::{Sha256, sha256};
use secrecy::ExposeSecret as _;

use crate::aws::sts::ExternalId;

use super::{Config, Http, IamUser, Identity, Secret};

/// The digest of the configuration, in 16 hexadecimal digits. It also covers the files that the
/// configuration refers to, except TLS files and OpenID Connect keys. Of a metadata file, it covers
/// only the entity ID.
///
/// Nodes have equal digests if they run the same version of the program, and have the same
/// configuration and the same files at the same paths. Listener addresses and the audit sink do not
/// affect the digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest(String);

impl Digest {
    /// The 16 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A writer that hashes the text written to it.
struct Digested(Sha256);

impl fmt::Write for Digested {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

impl Config {
    /// The digest of this configuration. `files` contains the data to include from files whose
    /// content is not part of `self`.
    pub fn digest<'a>(&self, files: impl IntoIterator<Item = &'a [u8]>) -> Digest {
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
        let Http {
            listen: _,
            internal_listen: _,
            tls: _,
            trusted_proxies,
            forwarded_header,
        } = http;
        let mut digested = Digested(Sha256::new());
        let identity = (public_url, saml, oidc, trusted_proxies);
        let access = (idps, grants, aws, session_policies, iam_users, tools);
        let rest = (limits, portal, accounts, session, forwarded_header);
        // Writing to a digest cannot fail.
        let _ = write!(digested, "{identity:?} {access:?} {rest:?}");
        // `Debug` hides these values, so they are added separately.
        for hidden in self.hidden() {
            digested.0.update(&sha256(hidden));
        }
        for file in files {
            digested.0.update(&sha256(file));
        }
        let mut text = String::with_capacity(16);
        for octet in &digested.0.finish()[..8] {
            let _ = write!(text, "{octet:02x}");
        }
        Digest(text)
    }

    /// The values that `Debug` output hides.
    fn hidden(&self) -> impl Iterator<Item = &[u8]> {
        let secrets = self.secrets().map(|secret| secret.0.expose_secret());
        let grants = self.grants.iter();
        let external_ids = grants.filter_map(|grant| grant.external_id.as_ref());
        let texts = secrets.chain(external_ids.map(ExternalId::as_str));
        let logos = self.portal.logo.iter().chain(&self.portal.logo_dark);
        let logos = logos.map(|logo| &*logo.bytes);
        texts.map(str::as_bytes).chain(logos)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Logo;
    use crate::grant::{Grant, Via};

    const CONFIGURATION: &str = r#"
public_url = "https://aws.example.com"
[http]
listen = "127.0.0.1:1"
trusted_proxies = ["127.0.0.1"]
[aws]
access_key_id = "AKIAIOSFODNN7EXAMPLE"
secret_access_key_file = "secret"
[[idp]]
id = "corp"
name = "Example Corp"
metadata_file = "idp.xml"
"#;

    fn digest(text: &str, secret: &str) -> Digest {
        config(text, secret).digest([])
    }

    /// Loads a configuration, with `secret` in its `secret_access_key_file`.
    fn config(text: &str, secret: &str) -> Config {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text);
        write("secret", secret).unwrap();
        write("rolecall.toml", text).unwrap();
        let config = Config::load(&folder.path().join("rolecall.toml"), []).unwrap();
        // Replace the path, because the name of the temporary folder would change the digest.
        let idps = config.idps.iter().cloned().map(|mut idp| {
            idp.metadata = crate::config::MetadataSource::File("idp.xml".into());
            idp
        });
        let idps = idps.collect();
        Config { idps, ..config }
    }

    #[test]
    fn the_digest_does_not_depend_on_listen_addresses() {
        let one = digest(CONFIGURATION, "wJalrXUtnFEMIK7MDENG");
        assert_eq!(one.as_str().len(), 16);
        assert_eq!(digest(CONFIGURATION, "wJalrXUtnFEMIK7MDENG"), one);
        let elsewhere = CONFIGURATION.replace("127.0.0.1:1", "127.0.0.1:2");
        assert_eq!(digest(&elsewhere, "wJalrXUtnFEMIK7MDENG"), one);
    }

    #[test]
    fn every_reloadable_setting_changes_the_digest_including_secrets() {
        let one = digest(CONFIGURATION, "wJalrXUtnFEMIK7MDENG");
        assert_ne!(digest(CONFIGURATION, "xJalrXUtnFEMIK7MDENG"), one);
        for (old, new) in [
            ("Example Corp", "Example Inc."),
            ("id = \"corp\"", "id = \"inc\""),
            ("[aws]", "[session]\nmax_age_seconds = 300\n[aws]"),
            ("[aws]", "[limits]\nlogins_per_minute = 1\n[aws]"),
            ("[aws]", "[portal]\nname = \"AWS\"\n[aws]"),
        ] {
            let changed = CONFIGURATION.replace(old, new);
            assert_ne!(digest(&changed, "wJalrXUtnFEMIK7MDENG"), one, "{new}");
        }
    }

    /// Covers values that `Debug` hides or reduces to a length.
    #[test]
    fn values_hidden_from_debug_output_change_the_digest() {
        let config = config(CONFIGURATION, "wJalrXUtnFEMIK7MDENG");
        let with_external_id = |id: &str| {
            let grant = Grant::new("all", Vec::new(), Vec::new(), Via::WebIdentity);
            let external_id = Some(id.parse().unwrap());
            let grants = vec![Grant {
                external_id,
                ..grant
            }];
            let config = config.clone();
            Config { grants, ..config }.digest([])
        };
        assert_ne!(with_external_id("one"), with_external_id("two"));
        let logo = |bytes: &[u8]| {
            Some(Logo {
                media_type: "image/png",
                bytes: bytes.to_vec(),
            })
        };
        let with_logos = |light: &[u8], dark: &[u8]| {
            let mut config = config.clone();
            config.portal.logo = logo(light);
            config.portal.logo_dark = logo(dark);
            config.digest([])
        };
        assert_ne!(with_logos(b"one", b"dark"), with_logos(b"two", b"dark"));
        assert_ne!(with_logos(b"light", b"one"), with_logos(b"light", b"two"));
        let with_file = |bytes: &[u8]| config.digest([bytes]);
        assert_ne!(with_file(b"one"), with_file(b"two"));
    }
}
