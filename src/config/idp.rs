use std::collections::HashMap;
use std::path::PathBuf;

use url::Url;

use super::NamedMetadata;
use super::kind::{
    Kind, attribute_name, file, flag, label, limit, location, text, texts, uri, uris,
};
use super::limits::Limit;
use super::reader::{Reader, Reported};

/// The maximum value of `metadata_max_validity_days`: ten years.
const MAX_VALIDITY_DAYS: u32 = 3650;

/// `[[idp]]`: an identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each flag is a key of the configuration"
)]
pub struct Idp {
    /// The unique identifier in URLs and in the audit trail: 1 to 64 characters from `a-z`, `0-9`
    /// and `-`.
    pub id: String,
    /// The name shown to people.
    pub name: String,
    /// The domains of the users' e-mail addresses, in lower case. Identity providers must not share
    /// domains.
    pub email_domains: Vec<String>,
    /// The source of the identity provider's SAML metadata.
    pub metadata: MetadataSource,
    /// A file with certificates (PEM). The metadata must be signed with the key of one of them.
    pub metadata_certificate_file: Option<PathBuf>,
    /// Whether metadata without a validUntil is refused.
    pub metadata_require_valid_until: bool,
    /// How far in the future the metadata's validUntil may be, in days. A limit also requires a
    /// validUntil.
    pub metadata_max_validity_days: Limit,
    /// The identity provider's entity ID, which selects one of several entities in the metadata.
    /// Any other entity is rejected.
    pub entity_id: Option<String>,
    /// Whether the identity provider may send unsolicited responses (IdP-initiated sign-in).
    pub allow_unsolicited: bool,
    /// Whether the identity provider's signatures may use SHA-1.
    pub allow_sha1: bool,
    /// Whether the identity provider may encrypt assertions with AES-CBC. Such assertions are
    /// accepted only inside a signed Response.
    pub allow_cbc: bool,
    /// The binding of requests. `None` means HTTP-Redirect if the metadata offers it, and HTTP-POST
    /// otherwise.
    pub request_binding: Option<Binding>,
    /// Whether signing out of rolecall also signs the person out of the identity provider, and vice
    /// versa. Single logout requires a logout service in the metadata, and `saml.key_file`.
    pub single_logout: bool,
    /// When the identity provider asks the person to sign in.
    pub prompt: Prompt,
    /// The NameID format to request; `None` leaves the choice to the identity provider.
    pub name_id_format: Option<String>,
    /// A Format of the identity provider's Issuer that is allowed in addition to entity, the only
    /// one that the profile allows (saml-profiles 4.1.4.2).
    pub issuer_format: Option<String>,
    /// The Name of the attribute that identifies a person for limits and in the audit trail, in place
    /// of the NameID. Every assertion must contain the attribute with exactly one value.
    pub person_attribute: Option<String>,
    /// The authentication contexts to request. Unless the list is empty, every login must use one
    /// of them.
    pub authn_contexts: Vec<String>,
}

/// The source of an identity provider's metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetadataSource {
    /// A file, reread when it changes.
    File(PathBuf),
    /// A URL, fetched regularly.
    Url(Url),
}

/// The binding of requests to an identity provider (saml-bindings 3.4, 3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// HTTP-Redirect: the request is in the URL.
    Redirect,
    /// HTTP-POST: the request is in a form.
    Post,
}

/// When an identity provider asks the person to sign in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prompt {
    /// Only if the person has no session at the identity provider.
    #[default]
    AsNeeded,
    /// At every login, even if the person has a session at the identity provider: `force_authn`.
    Always,
    /// Never: `is_passive`.
    Never,
}

impl Idp {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let id = reader.unique("id", &id());
        let name = reader.required("name", &label());
        let email_domains = reader.optional("email_domains", &domains());
        let entity_id = reader.optional("entity_id", &uri());
        let metadata = metadata_source(reader);
        let metadata_certificate_file =
            reader.optional("metadata_certificate_file", &file(reader.folder()));
        let metadata_require_valid_until = reader.optional("metadata_require_valid_until", &flag());
        let metadata_max_validity_days = reader.optional(
            "metadata_max_validity_days",
            &limit("days", MAX_VALIDITY_DAYS),
        );
        if let (Ok(MetadataSource::File(file)), Ok(certificates), Ok(entity_id)) =
            (&metadata, &metadata_certificate_file, &entity_id)
        {
            let named = NamedMetadata {
                table: reader.table_key(),
                file: file.clone(),
                certificates: certificates.clone(),
                entity_id: entity_id.clone(),
                require_valid_until: metadata_require_valid_until
                    .is_ok_and(|given| given.unwrap_or(false)),
                max_validity_days: metadata_max_validity_days.ok().flatten().flatten(),
            };
            reader.files().metadata.push(named);
        }
        let allow_unsolicited = reader.optional("allow_unsolicited", &flag());
        let allow_sha1 = reader.optional("allow_sha1", &flag());
        let allow_cbc = reader.optional("allow_cbc", &flag());
        let request_binding = reader.optional("request_binding", &binding());
        let force_authn = reader.optional("force_authn", &flag());
        let is_passive = reader.optional("is_passive", &flag());
        let single_logout = reader.optional("single_logout", &flag());
        let name_id_format = reader.optional("name_id_format", &uri());
        let issuer_format = reader.optional("issuer_format", &uri());
        let person_attribute = reader.optional("person_attribute", &attribute_name());
        let authn_contexts = reader.optional("authn_contexts", &uris());
        let prompt = match (force_authn?.unwrap_or(false), is_passive?.unwrap_or(false)) {
            (false, false) => Prompt::AsNeeded,
            (true, false) => Prompt::Always,
            (false, true) => Prompt::Never,
            (true, true) => {
                let problem = "true, but force_authn is true as well".to_owned();
                let allowed = "true for force_authn or is_passive, not for both";
                return Err(reader.mistake("is_passive", problem, allowed));
            }
        };
        Ok(Self {
            id: id?,
            name: name?,
            email_domains: email_domains?.unwrap_or_default(),
            metadata: metadata?,
            metadata_certificate_file: metadata_certificate_file?,
            metadata_require_valid_until: metadata_require_valid_until?.unwrap_or(false),
            metadata_max_validity_days: metadata_max_validity_days?.unwrap_or(None),
            entity_id: entity_id?,
            allow_unsolicited: allow_unsolicited?.unwrap_or(false),
            allow_sha1: allow_sha1?.unwrap_or(false),
            allow_cbc: allow_cbc?.unwrap_or(false),
            request_binding: request_binding?,
            single_logout: single_logout?.unwrap_or(true),
            prompt,
            name_id_format: name_id_format?,
            issuer_format: issuer_format?,
            person_attribute: person_attribute?,
            authn_contexts: authn_contexts?.unwrap_or_default(),
        })
    }
}

/// Reads `metadata_file` or `metadata_url`, exactly one of which is required.
fn metadata_source(reader: &mut Reader<'_>) -> Result<MetadataSource, Reported> {
    let path = reader.optional("metadata_file", &file(reader.folder()));
    let url = reader.optional("metadata_url", &location());
    match (path?, url?) {
        (Some(path), None) => Ok(MetadataSource::File(path)),
        (None, Some(url)) => Ok(MetadataSource::Url(url)),
        (None, None) => {
            let allowed = "the path of a metadata file; or set metadata_url instead";
            Err(reader.mistake("metadata_file", "missing".to_owned(), allowed))
        }
        (Some(_), Some(_)) => {
            let problem = "set, but metadata_file is set as well".to_owned();
            Err(reader.mistake("metadata_url", problem, "only one of the two"))
        }
    }
}

fn binding() -> Kind<Binding> {
    text("redirect or post", |text| match text {
        "redirect" => Ok(Binding::Redirect),
        "post" => Ok(Binding::Post),
        _ => Err(format!("{text:?} is neither redirect nor post")),
    })
}

/// Checks that at least one identity provider is configured, and that no two of them share an
/// e-mail domain.
pub(super) fn checked(
    reader: &mut Reader<'_>,
    idps: Result<Vec<Idp>, Reported>,
) -> Result<Vec<Idp>, Reported> {
    let idps = idps?;
    if idps.is_empty() {
        return Err(reader.mistake("idp", "missing", "at least one table under [[idp]]"));
    }
    let mut taken = HashMap::new();
    for (index, idp) in idps.iter().enumerate() {
        for domain in &idp.email_domains {
            if let Some(first) = taken.insert(domain, index).filter(|first| *first != index) {
                let key = format!("idp[{index}].email_domains");
                let problem = format!("{domain} is already used by idp[{first}]");
                return Err(reader.mistake(&key, problem, "domains that no other [[idp]] uses"));
            }
        }
    }
    Ok(idps)
}

fn domains() -> Kind<Vec<String>> {
    texts("a list of domains, such as example.com", |text| {
        let domain = text.to_ascii_lowercase();
        match url::Host::parse(&domain) {
            Ok(url::Host::Domain(name)) if name == domain && name.contains('.') => Ok(domain),
            _ => Err(format!("{text:?} is not a domain")),
        }
    })
}

fn id() -> Kind<String> {
    text(
        "1 to 64 lower-case letters, digits and dashes, unique among idps",
        |text| {
            let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if (1..=64).contains(&text.len()) && text.chars().all(known) {
                Ok(text.to_owned())
            } else {
                Err(format!("{text:?} is not a valid id"))
            }
        },
    )
}
