use std::path::PathBuf;

use url::Url;

use super::kind::{Kind, file, seconds, text, texts};
use super::public_url;
use super::reader::{Reader, Reported};

/// `[saml]`: the service provider that rolecall is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saml {
    /// Our entity ID: an absolute URI of at most 1,024 characters, compared letter by letter
    /// (saml-core 2.0, 8.3.6).
    pub entity_id: String,
    /// Audiences that are accepted beside the entity ID.
    pub audiences: Vec<String>,
    /// The private key (PEM) that signs requests; there if and only if the certificate is.
    pub key_file: Option<PathBuf>,
    /// Its certificate (PEM), which goes into our metadata.
    pub certificate_file: Option<PathBuf>,
    /// How far an identity provider's clock may be off, in seconds, 0 to 300.
    pub clock_skew_seconds: u32,
}

impl Saml {
    /// What `saml.clock_skew_seconds` is if nothing is said.
    pub const DEFAULT_CLOCK_SKEW_SECONDS: u32 = 60;
    /// What `saml.audiences` is if nothing is said: the audience that every AWS set-up guide
    /// tells identity providers to send.
    pub const DEFAULT_AUDIENCE: &str = "urn:amazon:webservices";

    /// The section as it is if nothing is said in it.
    pub fn default_for(public_url: &Url) -> Self {
        Self {
            entity_id: public_url::at(public_url, "/saml/metadata").to_string(),
            audiences: vec![Self::DEFAULT_AUDIENCE.to_owned()],
            key_file: None,
            certificate_file: None,
            clock_skew_seconds: Self::DEFAULT_CLOCK_SKEW_SECONDS,
        }
    }

    pub(super) fn read(
        reader: &mut Reader<'_>,
        public_url: Option<&Url>,
    ) -> Result<Self, Reported> {
        let entity_id = reader.optional("entity_id", &entity_id());
        let audiences = reader.optional("audiences", &audiences());
        let pair = read_pair(reader);
        let clock_skew_seconds = reader.optional("clock_skew_seconds", &seconds(0..=300));
        // Without a public URL, which has been reported, there is no default entity ID.
        let default = Self::default_for(public_url.ok_or(Reported)?);
        let (key_file, certificate_file) = pair?;
        Ok(Self {
            entity_id: entity_id?.unwrap_or(default.entity_id),
            audiences: audiences?.unwrap_or(default.audiences),
            key_file,
            certificate_file,
            clock_skew_seconds: clock_skew_seconds?.unwrap_or(default.clock_skew_seconds),
        })
    }
}

type Pair = (Option<PathBuf>, Option<PathBuf>);

fn read_pair(reader: &mut Reader<'_>) -> Result<Pair, Reported> {
    let path = file(reader.folder());
    let key_file = reader.optional("key_file", &path);
    let certificate_file = reader.optional("certificate_file", &path);
    let pair = (key_file?, certificate_file?);
    let (missing, there) = match &pair {
        (Some(_), None) => ("certificate_file", "key_file"),
        (None, Some(_)) => ("key_file", "certificate_file"),
        (Some(key_file), Some(certificate_file)) => {
            reader.files().key_pair = Some((key_file.clone(), certificate_file.clone()));
            return Ok(pair);
        }
        (None, None) => return Ok(pair),
    };
    let problem = format!("missing, though saml.{there} is there");
    Err(reader.mistake(missing, problem, "both files or neither"))
}

fn entity_id() -> Kind<String> {
    text("an absolute URI of at most 1024 characters", |text| {
        let is_uri = Url::parse(text).is_ok() && !text.contains(char::is_whitespace);
        if is_uri && text.chars().count() <= 1024 {
            Ok(text.to_owned())
        } else {
            Err(format!("{text:?} is not an absolute URI"))
        }
    })
}

/// Not URIs only: identity providers send what their administrators typed.
fn audiences() -> Kind<Vec<String>> {
    texts(
        "a list of texts of 1 to 1024 characters without spaces",
        |text| {
            let blank = text.is_empty() || text.contains(char::is_whitespace);
            if blank || text.chars().count() > 1024 {
                Err(format!("{text:?} is blank, has spaces or is too long"))
            } else {
                Ok(text.to_owned())
            }
        },
    )
}
