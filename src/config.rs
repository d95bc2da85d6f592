//! The configuration: a TOML file, with environment variables that override it.
//!
//! All mistakes are reported together, each with its key and the allowed values. An unknown key or
//! `ROLECALL_…` variable is a mistake. `config/rolecall.example.toml` documents every key.

mod account;
mod audit;
mod aws;
mod digest;
pub mod environment;
mod file;
mod grant;
mod http;
mod iam_user;
mod idp;
mod key_pair;
mod kind;
mod limits;
mod logo;
mod mistake;
mod oidc;
mod portal;
mod problem;
mod public_url;
mod reader;
mod reading;
mod restart;
mod saml;
mod secrets;
mod session;
mod session_policy;
mod source;
mod tools;
mod unknown;

use std::path::{Path, PathBuf};

use url::Url;

pub use account::{Account, Color};
pub use audit::{Audit, Sync};
pub use aws::{Aws, Identity, Secret};
pub use digest::Digest;
pub use http::{ForwardedHeader, Http};
pub use iam_user::IamUser;
pub use idp::{Binding, Idp, MetadataSource, Prompt};
pub use key_pair::KeyPair;
pub use kind::is_safe;
pub use limits::{Limit, Limits};
pub use logo::Logo;
pub use mistake::{Mistake, Mistakes};
pub use oidc::Oidc;
pub use portal::{Destination, Portal};
pub use problem::Problem;
pub use saml::Saml;
pub use session::Session;
pub use session_policy::NamedPolicy;
pub use source::Source;
pub use tools::Tools;

use crate::grant::Grant;
use environment::Variables;
use reader::{Reader, Reported};
use reading::Reading;

/// The complete configuration, with the defaults of the keys that are not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The URL at which people reach rolecall: https (http only on this machine), a host, an
    /// optional port and the path `/`.
    pub public_url: Url,
    /// `[http]`: the listeners and the trusted proxies.
    pub http: Http,
    /// `[limits]`: limits on the resources that clients can use.
    pub limits: Limits,
    /// `[saml]`: the service provider.
    pub saml: Saml,
    /// `[[idp]]`: the identity providers, at least one, in the order of the file.
    pub idps: Vec<Idp>,
    /// `[portal]`: the appearance of the pages, and the choices that they offer.
    pub portal: Portal,
    /// `[aws]`: endpoints, partitions, rolecall's own identity and the lifetimes of credentials.
    pub aws: Aws,
    /// `[[session_policy]]`: session policies that people can choose, in the order of the file.
    pub session_policies: Vec<NamedPolicy>,
    /// `[[iam_user]]`: IAM users with their access keys, in the order of the file.
    pub iam_users: Vec<IamUser>,
    /// `[[grant]]`: roles and sessions in addition to the roles in the assertion, in the order of
    /// the file.
    pub grants: Vec<Grant>,
    /// `[oidc]`: the issuer of the tokens that AWS accepts for `web-identity` grants.
    pub oidc: Option<Oidc>,
    /// `[tools]`: who may decode AWS authorization failures and look up access keys.
    pub tools: Option<Tools>,
    /// `[[account]]`: names and labels of AWS accounts, in the order of the file.
    pub accounts: Vec<Account>,
    /// `[session]`: how long people stay signed in.
    pub session: Session,
    /// `[audit]`: where the audit trail goes.
    pub audit: Audit,
}

/// Files that a configuration refers to, for further checks of their content or permissions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedFiles {
    /// The private keys of `[saml]` for which a certificate is set, with their certificates.
    pub key_pairs: Vec<KeyPair>,
    /// The TLS certificate of `[http]` and its private key.
    pub tls: Option<KeyPair>,
    /// `saml.decryption_key_files`: additional private keys for decryption.
    pub decryption_keys: Vec<PathBuf>,
    /// The metadata files of identity providers.
    pub metadata: Vec<NamedMetadata>,
    /// Every file that contains a private key or another secret, with its configuration key.
    pub secrets: Vec<(String, PathBuf)>,
}

impl NamedFiles {
    /// One warning about each file with a secret that others than its owner can read.
    pub fn exposed(&self) -> Vec<String> {
        let files = self.secrets.iter();
        let exposed = files.filter_map(|(key, file)| {
            let readers = file::readers(file)?;
            let file = file.display();
            Some(format!("{key}: {readers} can read {file}"))
        });
        exposed.collect()
    }
}

/// A metadata file that a configuration refers to, and how to read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedMetadata {
    /// The key of the table that refers to the file, such as `idp[0]`.
    pub table: String,
    /// The path of the metadata file.
    pub file: PathBuf,
    /// A file with certificates. The metadata must be signed with the key of one of them.
    pub certificates: Option<PathBuf>,
    /// The entity ID that the identity provider must have.
    pub entity_id: Option<String>,
    /// Whether the metadata must have a validUntil.
    pub require_valid_until: bool,
    /// How far in the future the validUntil may be, in days.
    pub max_validity_days: Limit,
}

impl Config {
    /// Reads the file and the `ROLECALL_…` variables in `environment`. The variables override the
    /// file.
    ///
    /// Relative paths in the file and in the variables are relative to the file's folder.
    ///
    /// # Errors
    /// All mistakes are returned together. If the file cannot be read, or is not UTF-8 or not TOML,
    /// only that mistake is returned.
    pub fn load(
        path: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Mistakes> {
        Self::load_with_files(path, environment).0
    }

    /// Like [`Config::load`], but also returns the files that the configuration refers to, even if
    /// the configuration has mistakes. Mistakes in those files can then be reported together with
    /// those in the configuration.
    pub fn load_with_files(
        path: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> (Result<Self, Mistakes>, NamedFiles) {
        let table = match file::read(path).and_then(|text| file::parse(path, &text)) {
            Ok(table) => table,
            Err(mistakes) => return (Err(mistakes), NamedFiles::default()),
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut reading = Reading::new(folder);
        let read = reading.whole(table, Variables::new(environment), Self::read);
        let files = std::mem::take(&mut reading.files);
        (reading.finish(read), files)
    }

    /// Whether rolecall can tell the addresses of its clients. It cannot if a reverse proxy
    /// terminates TLS and `http.trusted_proxies` is empty: everybody then seems to come from the
    /// proxy.
    pub fn knows_addresses(&self) -> bool {
        !(self.http.is_behind_proxy(&self.public_url) && self.http.proxies().is_empty())
    }

    /// A warning if the limits by address are off: see [`Self::knows_addresses`].
    pub fn address_warning(&self) -> Option<&'static str> {
        (!self.knows_addresses()).then_some(
            "http.trusted_proxies = []: everybody seems to have the address of the proxy that \
             terminates TLS, so all limits by address are off",
        )
    }

    /// The value of a limit that applies to each address: `limit`, or no limit if rolecall cannot
    /// tell addresses. One visitor could otherwise use up the limit of everybody.
    pub fn by_address(&self, limit: Limit) -> Limit {
        limit.filter(|_| self.knows_addresses())
    }

    /// The URL of the assertion consumer service (ACS), to which identity providers send responses.
    pub fn acs_url(&self) -> Url {
        public_url::at(&self.public_url, "/saml/acs")
    }

    /// The URL from which AWS reads the issuer's public keys.
    pub fn jwks_uri(oidc: &Oidc) -> Url {
        oidc::jwks_uri(&oidc.issuer)
    }

    /// The URL of `security.txt` (RFC 9116, 3).
    pub fn security_url(&self) -> Url {
        public_url::at(&self.public_url, "/.well-known/security.txt")
    }

    /// The URL of the single logout service (SLO), to which identity providers send logout
    /// messages.
    pub fn slo_url(&self) -> Url {
        public_url::at(&self.public_url, "/saml/slo")
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let public_url = reader.required("public_url", &public_url::kind());
        let http = reader.section("http", |reader| {
            Http::read(reader, public_url.as_ref().ok())
        });
        let limits = reader.section("limits", Limits::read);
        let saml = reader.section("saml", |reader| {
            Saml::read(reader, public_url.as_ref().ok())
        });
        let idps = reader.list("idp", Idp::read);
        let portal = reader.section("portal", Portal::read);
        let destinations = reader.list("destination", Destination::read);
        let aws = reader.section("aws", Aws::read);
        let session_policies = reader.list("session_policy", NamedPolicy::read);
        let iam_users = reader.list("iam_user", IamUser::read);
        let oidc = reader.section("oidc", |reader| {
            Oidc::read(reader, public_url.as_ref().ok())
        });
        let around = grant::Around {
            users: iam_users.as_deref().ok(),
            partitions: aws.as_ref().ok().map(|aws| aws.partitions.as_slice()),
            has_oidc: oidc.as_ref().ok().map(Option::is_some),
        };
        let grants = reader.list("grant", |reader| grant::read(reader, &around));
        let tools = reader.section("tools", Tools::read);
        let accounts = reader.list("account", Account::read);
        let session = reader.section("session", Session::read);
        let audit = reader.section("audit", Audit::read);
        let idps = idp::checked(reader, idps);
        let tools = match &idps {
            Ok(idps) => Tools::checked(tools, reader, idps),
            Err(_) => tools,
        };
        let grants = match &idps {
            Ok(idps) => grant::checked(reader, grants, idps),
            Err(_) => grants,
        };
        if let (Ok(saml), Ok(idps)) = (&saml, &idps) {
            saml.keeps_metadata(reader, idps)?;
        }
        Ok(Self {
            public_url: public_url?,
            http: http?,
            limits: limits?,
            saml: saml?,
            idps: idps?,
            portal: Portal {
                destinations: destinations?,
                ..portal?
            },
            aws: aws?,
            session_policies: session_policies?,
            iam_users: iam_users?,
            grants: grants?,
            oidc: oidc?,
            tools: tools?,
            accounts: accounts?,
            session: session?,
            audit: audit?,
        })
    }
}

#[cfg(test)]
mod tests;
