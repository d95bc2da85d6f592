use std::path::PathBuf;

use url::Url;

use super::idp::{Idp, MetadataSource};
use super::key_pair::KeyPair;
use super::kind::{Kind, folder, seconds, texts, uri};
use super::public_url;
use super::reader::{Reader, Reported};

/// `[saml]`: the settings of the service provider, which is rolecall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saml {
    /// Our entity ID: an absolute URI of at most 1,024 characters, compared character by character
    /// (saml-core 2.0, 8.3.6).
    pub entity_id: String,
    /// Audiences that are accepted in assertions in addition to the entity ID.
    pub audiences: Vec<String>,
    /// The key for signing our messages, and its certificate. `None` means that AuthnRequests
    /// are unsigned and that single logout does not work.
    pub key_pair: Option<KeyPair>,
    /// The RSA key for decrypting assertions, and its certificate. AWS can read encrypted
    /// assertions only if this key is also stored in IAM, so it should not be the signing key.
    pub encryption_key_pair: Option<KeyPair>,
    /// Files with additional private RSA keys (PEM) for decrypting assertions during a key
    /// rollover: the old key or the next one.
    pub decryption_key_files: Vec<PathBuf>,
    /// The folder for the last valid metadata of each identity provider that has a `metadata_url`.
    pub metadata_directory: Option<PathBuf>,
    /// The maximum difference between our clock and that of an identity provider, in seconds, 0 to
    /// [`Self::MAX_CLOCK_SKEW_SECONDS`].
    pub clock_skew_seconds: u32,
}

impl Saml {
    /// The maximum value of `saml.clock_skew_seconds`. A clock that is further off should be
    /// corrected instead.
    pub const MAX_CLOCK_SKEW_SECONDS: u32 = 300;
    /// The default value of `saml.clock_skew_seconds`.
    pub const DEFAULT_CLOCK_SKEW_SECONDS: u32 = 60;
    /// The default value of `saml.audiences`: the audience in AWS's setup guides for identity
    /// providers.
    pub const DEFAULT_AUDIENCE: &str = "urn:amazon:webservices";

    /// The default values of the section for a service at `public_url`.
    pub fn default_for(public_url: &Url) -> Self {
        Self {
            entity_id: public_url::at(public_url, "/saml/metadata").to_string(),
            audiences: vec![Self::DEFAULT_AUDIENCE.to_owned()],
            key_pair: None,
            encryption_key_pair: None,
            decryption_key_files: Vec::new(),
            metadata_directory: None,
            clock_skew_seconds: Self::DEFAULT_CLOCK_SKEW_SECONDS,
        }
    }

    pub(super) fn read(
        reader: &mut Reader<'_>,
        public_url: Option<&Url>,
    ) -> Result<Self, Reported> {
        let entity_id = reader.optional("entity_id", &uri());
        let audiences = reader.optional("audiences", &audiences());
        let key_pair = KeyPair::read(reader, ["key_file", "certificate_file"]);
        let encryption = ["encryption_key_file", "encryption_certificate_file"];
        let encryption_key_pair = KeyPair::read(reader, encryption);
        let decryption_key_files = reader.secret_files("decryption_key_files");
        let pairs = [&key_pair, &encryption_key_pair];
        for pair in pairs.into_iter().flatten().flatten() {
            reader.files().key_pairs.push(pair.clone());
        }
        if let Ok(Some(files)) = &decryption_key_files {
            reader.files().decryption_keys.clone_from(files);
        }
        let metadata_directory = reader.optional("metadata_directory", &folder(reader.folder()));
        let clock_skew_seconds = reader.optional(
            "clock_skew_seconds",
            &seconds(0..=Self::MAX_CLOCK_SKEW_SECONDS),
        );
        // The default entity ID needs a valid public URL. An invalid one has already been reported.
        let default = Self::default_for(public_url.ok_or(Reported)?);
        Ok(Self {
            entity_id: entity_id?.unwrap_or(default.entity_id),
            audiences: audiences?.unwrap_or(default.audiences),
            key_pair: key_pair?,
            encryption_key_pair: encryption_key_pair?,
            decryption_key_files: decryption_key_files?.unwrap_or_default(),
            metadata_directory: metadata_directory?,
            clock_skew_seconds: clock_skew_seconds?.unwrap_or(default.clock_skew_seconds),
        })
    }

    /// Checks that `metadata_directory` is set if metadata is fetched, so that the service can
    /// start without the network.
    pub(super) fn keeps_metadata(
        &self,
        reader: &mut Reader<'_>,
        idps: &[Idp],
    ) -> Result<(), Reported> {
        let mut idps = idps.iter();
        let fetched = idps.position(|idp| matches!(idp.metadata, MetadataSource::Url(_)));
        match (fetched, &self.metadata_directory) {
            (Some(index), None) => {
                let problem = format!("missing, but idp[{index}].metadata_url is set");
                let allowed = "a folder for the last valid metadata";
                Err(reader.mistake("saml.metadata_directory", problem, allowed))
            }
            _ => Ok(()),
        }
    }
}

/// A list of audiences. Audiences need not be URIs, because identity providers send whatever their
/// administrators entered.
fn audiences() -> Kind<Vec<String>> {
    texts(
        "a list of strings of 1 to 1024 characters without spaces",
        |text| {
            let blank = text.is_empty() || text.contains(char::is_whitespace);
            if blank || text.chars().count() > 1024 {
                Err(format!("{text:?} is blank, contains spaces or is too long"))
            } else {
                Ok(text.to_owned())
            }
        },
    )
}
