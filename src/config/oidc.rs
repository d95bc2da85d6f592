use std::path::PathBuf;

use url::Url;

use super::kind::{Kind, is_plain, text};
use super::public_url;
use super::reader::{Reader, Reported};
use crate::oidc::SigningKey;

/// `[oidc]`: the issuer of the tokens that AWS accepts for `web-identity` grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oidc {
    /// The issuer URL. AWS reads the discovery document and the public keys under this URL.
    pub issuer: Url,
    /// Files with private RSA keys (PEM), at least one. Tokens are signed with the first key. The
    /// public parts of all keys are published.
    pub signing_key_files: Vec<PathBuf>,
}

impl Oidc {
    /// Reads the section. Returns `None` if it is missing.
    pub(super) fn read(
        reader: &mut Reader<'_>,
        public_url: Option<&Url>,
    ) -> Result<Option<Self>, Reported> {
        let issuer = reader.optional("issuer", &issuer());
        let files = reader.secret_files("signing_key_files");
        let Some(files) = files? else {
            if issuer?.is_none() {
                return Ok(None);
            }
            let allowed = "a list of at least one file with a private RSA key";
            return Err(reader.mistake("signing_key_files", "missing", allowed));
        };
        if files.is_empty() {
            let allowed = "a list of at least one file with a private RSA key";
            return Err(reader.mistake("signing_key_files", "the list is empty", allowed));
        }
        let mut problems = Ok(());
        for (index, file) in files.iter().enumerate() {
            if let Err(error) = SigningKey::read(file) {
                let key = format!("signing_key_files[{index}]");
                let allowed = "an RSA key of 2048 to 4096 bits in PEM, without a passphrase";
                problems = Err(reader.mistake(&key, error.to_string(), allowed));
            }
        }
        problems?;
        // The default issuer needs a valid public URL. An invalid one has already been reported.
        let here = public_url.ok_or(Reported)?;
        Ok(Some(Self {
            issuer: issuer?.unwrap_or_else(|| here.clone()),
            signing_key_files: files,
        }))
    }
}

/// An issuer URL, which IAM requires to begin with `https://`.
fn issuer() -> Kind<Url> {
    let allowed = "an https:// URL without a user name, password, query or fragment; AWS reads the \
                   OpenID documents under it";
    text(allowed, |text| match Url::parse(text) {
        Ok(url) if url.scheme() == "https" && is_plain(&url) => Ok(url),
        // The error must not show a password in the URL.
        _ => Err("not an issuer URL".to_owned()),
    })
}

/// The URL of the public keys, under the issuer URL.
pub(super) fn jwks_uri(issuer: &Url) -> Url {
    let path = issuer.path().trim_end_matches('/');
    public_url::at(issuer, &format!("{path}{}", crate::oidc::JWKS_PATH))
}
