use std::path::PathBuf;

use url::Url;

use super::kind::{Kind, files, text};
use super::public_url;
use super::reader::{Reader, Reported};
use crate::oidc::SigningKey;

/// `[oidc]`: the issuer that AWS takes tokens of, for grants of the kind `web-identity`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oidc {
    /// Its name, which is also where AWS reads its documents.
    pub issuer: Url,
    /// The private RSA keys (PEM): the first one signs, all are published. At least one.
    pub signing_key_files: Vec<PathBuf>,
}

impl Oidc {
    /// Nothing, if the section is not there.
    pub(super) fn read(
        reader: &mut Reader<'_>,
        public_url: Option<&Url>,
    ) -> Result<Option<Self>, Reported> {
        let issuer = reader.optional("issuer", &issuer());
        let files = reader.optional("signing_key_files", &files(reader.folder()));
        let Some(files) = files? else {
            if issuer?.is_none() {
                return Ok(None);
            }
            let allowed = "a list of files with private RSA keys";
            return Err(reader.mistake("signing_key_files", "missing", allowed));
        };
        if files.is_empty() {
            let allowed = "a list of files with private RSA keys, at least one";
            return Err(reader.mistake("signing_key_files", "the list is empty", allowed));
        }
        let mut problems = Ok(());
        for (index, file) in files.iter().enumerate() {
            let key = reader.whole_key(&format!("signing_key_files[{index}]"));
            reader.files().secrets.push((key, file.clone()));
            if let Err(error) = SigningKey::read(file) {
                let key = format!("signing_key_files[{index}]");
                let allowed = "an RSA key of 2048 to 4096 bits in PEM, without a passphrase";
                problems = Err(reader.mistake(&key, error.to_string(), allowed));
            }
        }
        problems?;
        // Without a public URL, which has been reported, there is no default.
        let here = public_url.ok_or(Reported)?;
        Ok(Some(Self {
            issuer: issuer?.unwrap_or_else(|| here.clone()),
            signing_key_files: files,
        }))
    }
}

/// IAM wants https; plain http is for emulators on this machine.
fn issuer() -> Kind<Url> {
    text(
        "a URL, https://, without query and fragment, where AWS can read the documents",
        |text| {
            let url = Url::parse(text).map_err(|error| format!("{text:?} is no URL: {error}"))?;
            let has_tail = url.query().is_some() || url.fragment().is_some();
            if url.scheme() == "https" && !has_tail && url.username().is_empty() {
                Ok(url)
            } else {
                Err(format!("{text:?} is not an issuer"))
            }
        },
    )
}

/// Where the public keys are: beside the issuer's other document.
pub(super) fn jwks_uri(issuer: &Url) -> Url {
    let path = issuer.path().trim_end_matches('/');
    public_url::at(issuer, &format!("{path}{}", crate::oidc::JWKS_PATH))
}
