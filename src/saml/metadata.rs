//! SAML metadata: reads the metadata of IdPs and writes ours (saml-metadata 2).
//!
//! An IdP's document is read directly from the XML tree. samael's reader would match only local
//! names, and would reject the additional content that AD FS and others publish next to the SAML
//! 2.0 role descriptor. Our own metadata is written by samael.

mod ours;
mod publication;
mod signature;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;
use uppsala::{Document, NodeId};
use url::Url;

pub use ours::OurMetadata;

use super::Refusal;
use super::binding::{POST_BINDING, REDIRECT_BINDING};
use super::login::TRANSIENT;
use super::logout::LogoutService;
use super::trust::Trust;
use super::xml::{self, ns};
use crate::config::{Binding, is_safe};
use crate::printable::printable;

/// The maximum size of a metadata document, in bytes. The document of a single IdP is usually a few
/// thousand bytes long.
pub const MAX_BYTES: usize = 1024 * 1024;

/// The maximum number of certificates of one IdP's signing keys; real IdPs publish a handful. Each
/// key is tried on each message.
pub const MAX_CERTIFICATES: usize = 32;

/// The maximum length of a service's location in bytes.
const MAX_LOCATION: usize = 4096;

const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";

/// The parts of an IdP's metadata that rolecall uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdpMetadata {
    /// The IdP's entity ID.
    pub entity_id: String,
    /// The URLs for AuthnRequests, one for each binding that both the IdP and we support; never
    /// empty.
    pub single_sign_on: Vec<(Binding, Url)>,
    /// The IdP's single logout service, if it offers one with a binding that we support.
    pub single_logout: Option<LogoutService>,
    /// The certificates of the IdP's signing keys, in DER.
    pub signing_certificates: Vec<Vec<u8>>,
    /// Whether transient is the only NameID format that the IdP offers.
    pub is_transient: bool,
    /// When the IdP's metadata expires: the earliest validUntil that applies (saml-metadata 2.3.1).
    pub valid_until: Option<DateTime<Utc>>,
    /// How long the IdP's metadata may be cached: the shortest cacheDuration that applies
    /// (saml-metadata 2.3.1).
    pub cache_duration: Option<TimeDelta>,
    /// When the document was published, if it says so: the `creationInstant` of its
    /// `PublicationInfo`.
    pub created: Option<DateTime<Utc>>,
}

/// Why a metadata document cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum MetadataError {
    /// The document is larger than [`MAX_BYTES`].
    #[error("the document is larger than {MAX_BYTES} bytes")]
    TooLarge,
    /// The document cannot be parsed: it is not well-formed XML, exceeds a bound, or contains a
    /// document type declaration.
    #[error("the document cannot be parsed (it must be well-formed XML without a DTD): {0}")]
    Xml(Refusal),
    /// The root is neither an EntityDescriptor nor an EntitiesDescriptor (saml-metadata 2.3).
    #[error("the document's root is neither an EntityDescriptor nor an EntitiesDescriptor")]
    NotMetadata,
    /// The configuration contains no entity ID, and the document does not contain exactly one
    /// IDPSSODescriptor for SAML 2.0.
    #[error(
        "the document contains {0} SAML 2.0 identity providers; exactly one is required, unless \
         entity_id selects one"
    )]
    Entities(usize),
    /// The document does not contain exactly one IDPSSODescriptor for SAML 2.0 of the entity with
    /// the configured entity ID.
    #[error("the document must contain the SAML 2.0 identity provider {0} exactly once")]
    NotTheEntity(String),
    /// The IDPSSODescriptor's parent has no entityID.
    #[error("the identity provider has no entityID")]
    NoEntityId,
    /// There is no single sign-on service with a binding that we support.
    #[error(
        "the identity provider has no SingleSignOnService with the HTTP-Redirect or HTTP-POST binding"
    )]
    NoSingleSignOn,
    /// The location of a service is not a URL to which people may be sent.
    #[error("a service location is not an https URL (http only on a loopback address): {0}")]
    Location(String),
    /// The IdP's metadata contains no certificate of a signing key.
    #[error("the identity provider has no signing certificate")]
    NoSigningCertificate,
    /// The IdP's metadata contains more than [`MAX_CERTIFICATES`] certificates of signing keys.
    #[error("the identity provider has more than {MAX_CERTIFICATES} signing certificates")]
    TooManyCertificates,
    /// A certificate is not valid base64.
    #[error("a signing certificate is not base64")]
    Certificate,
    /// validUntil is not a valid time, or cacheDuration is not a valid duration.
    #[error("{0} is not a valid XML Schema time or duration")]
    Time(&'static str),
    /// The document must be signed, but its root is not.
    #[error("the document's root carries no signature, but metadata_certificate_file requires one")]
    NotSigned,
    /// The first signature in the document is not the root's. The schema has the root's signature
    /// come first (saml-metadata 2.3.1, 2.3.2).
    #[error("the document's first signature is not that of its root")]
    SignatureOrder,
    /// The document's signature is invalid.
    #[error("the document's signature is invalid: {0}")]
    Signature(Refusal),
}

impl IdpMetadata {
    /// Reads the metadata of the IdP with this entity ID, or of the document's only IdP if
    /// `entity_id` is `None`.
    pub fn parse(text: &str, entity_id: Option<&str>) -> Result<Self, MetadataError> {
        let (document, root) = parse(text)?;
        Self::read(&document, root, entity_id)
    }

    /// Like [`Self::parse`], for a document whose root must be signed with one of these keys.
    /// Nothing is read before the signature is verified.
    pub fn parse_signed(
        text: &str,
        entity_id: Option<&str>,
        trust: &Trust,
    ) -> Result<Self, MetadataError> {
        let (document, root) = parse(text)?;
        signature::verify(&document, root, trust)?;
        Self::read(&document, root, entity_id)
    }

    fn read(
        document: &Document<'_>,
        root: NodeId,
        entity_id: Option<&str>,
    ) -> Result<Self, MetadataError> {
        let role = the_role(document, root, entity_id)?;
        let entity_id = document
            .parent(role)
            .and_then(|entity| xml::attribute(document, entity, "entityID"))
            .filter(|id| !id.is_empty())
            .ok_or(MetadataError::NoEntityId)?;
        Ok(Self {
            entity_id: entity_id.to_owned(),
            single_sign_on: single_sign_on(document, role)?,
            single_logout: single_logout(document, role)?,
            signing_certificates: signing_certificates(document, role)?,
            is_transient: is_transient(document, role),
            valid_until: valid_until(document, role)?,
            cache_duration: cache_duration(document, role)?,
            created: publication::creation_instant(document, role),
        })
    }
}

/// Parses the document. Its root must be an EntityDescriptor or EntitiesDescriptor.
fn parse(text: &str) -> Result<(Document<'_>, NodeId), MetadataError> {
    if text.len() > MAX_BYTES {
        return Err(MetadataError::TooLarge);
    }
    let text = text.trim_start_matches('\u{feff}');
    let document = xml::parse_metadata(text).map_err(MetadataError::Xml)?;
    let root = document.document_element();
    let root = root.filter(|&root| {
        let mut names = [ENTITIES, ENTITY].into_iter();
        names.any(|name| xml::is(&document, root, ns::METADATA, name))
    });
    let root = root.ok_or(MetadataError::NotMetadata)?;
    Ok((document, root))
}

const ENTITIES: &str = "EntitiesDescriptor";
const ENTITY: &str = "EntityDescriptor";

/// The only IDPSSODescriptor for SAML 2.0 of the entity with this ID or, if `entity_id` is `None`,
/// in the whole document. Returns an error if there is none or more than one.
fn the_role(
    document: &Document<'_>,
    root: NodeId,
    entity_id: Option<&str>,
) -> Result<NodeId, MetadataError> {
    let mut roles = Vec::new();
    idp_roles(document, root, &mut roles);
    let Some(wanted) = entity_id else {
        return match roles.as_slice() {
            [role] => Ok(*role),
            roles => Err(MetadataError::Entities(roles.len())),
        };
    };
    let entity_id = |role| xml::attribute(document, document.parent(role)?, "entityID");
    roles.retain(|&role| entity_id(role) == Some(wanted));
    match roles.as_slice() {
        [role] => Ok(*role),
        _ => Err(MetadataError::NotTheEntity(wanted.to_owned())),
    }
}

/// Collects the IDPSSODescriptors for SAML 2.0. Nothing in an extension is one. The recursion is
/// limited by [`xml::MAX_DEPTH`], which the parser enforces.
fn idp_roles(document: &Document<'_>, node: NodeId, found: &mut Vec<NodeId>) {
    if xml::is(document, node, ns::METADATA, ENTITY) {
        let roles = xml::children_named(document, node, ns::METADATA, "IDPSSODescriptor");
        found.extend(roles.filter(|&role| {
            let protocols = xml::attribute(document, role, "protocolSupportEnumeration");
            protocols.is_some_and(|list| list.split_whitespace().any(|name| name == PROTOCOL))
        }));
    } else if xml::is(document, node, ns::METADATA, ENTITIES) {
        for child in xml::child_elements(document, node) {
            idp_roles(document, child, found);
        }
    }
}

/// The values of the attribute `name` on the role descriptor and on all of its ancestors.
fn inherited<'a>(
    document: &'a Document<'_>,
    role: NodeId,
    name: &'static str,
) -> impl Iterator<Item = &'a str> {
    std::iter::successors(Some(role), |&node| document.parent(node))
        .filter_map(move |node| xml::attribute(document, node, name))
}

/// The earliest validUntil that applies to the role descriptor (saml-metadata 2.3.1).
fn valid_until(
    document: &Document<'_>,
    role: NodeId,
) -> Result<Option<DateTime<Utc>>, MetadataError> {
    let times = inherited(document, role, "validUntil").map(|text| {
        let time = DateTime::parse_from_rfc3339(text.trim());
        time.map(|time| time.to_utc())
            .map_err(|_| MetadataError::Time("validUntil"))
    });
    Ok(times.collect::<Result<Vec<_>, _>>()?.into_iter().min())
}

/// The shortest cacheDuration that applies to the role descriptor (saml-metadata 2.3.1).
fn cache_duration(
    document: &Document<'_>,
    role: NodeId,
) -> Result<Option<TimeDelta>, MetadataError> {
    let durations = inherited(document, role, "cacheDuration").map(|text| {
        let duration = speedate::Duration::parse_str(text.trim())
            .ok()
            .filter(|duration| duration.positive && text.trim().starts_with('P'));
        duration
            .and_then(|duration| TimeDelta::try_seconds(duration.signed_total_seconds()))
            .ok_or(MetadataError::Time("cacheDuration"))
    });
    Ok(durations.collect::<Result<Vec<_>, _>>()?.into_iter().min())
}

const BINDINGS: [(Binding, &str); 2] = [
    (Binding::Redirect, REDIRECT_BINDING),
    (Binding::Post, POST_BINDING),
];

/// The role descriptor's first service of this kind with this binding.
fn service(
    document: &Document<'_>,
    role: NodeId,
    kind: &'static str,
    binding: &str,
) -> Option<NodeId> {
    xml::children_named(document, role, ns::METADATA, kind)
        .find(|&service| xml::attribute(document, service, "Binding") == Some(binding))
}

/// Whether the metadata lists NameID formats, and all of them are transient (saml-metadata 2.4.2).
fn is_transient(document: &Document<'_>, role: NodeId) -> bool {
    let formats = xml::children_named(document, role, ns::METADATA, "NameIDFormat");
    let mut formats = formats.map(|format| xml::text(document, format)).peekable();
    formats.peek().is_some() && formats.all(|format| format == Some(TRANSIENT))
}

/// The single logout service. HTTP-Redirect is preferred to HTTP-POST, because our response with
/// HTTP-POST is a page, which no IdP can show in a frame.
fn single_logout(
    document: &Document<'_>,
    role: NodeId,
) -> Result<Option<LogoutService>, MetadataError> {
    for (binding, name) in BINDINGS {
        let Some(service) = service(document, role, "SingleLogoutService", name) else {
            continue;
        };
        let address = |name| {
            xml::attribute(document, service, name)
                .map(location)
                .transpose()
        };
        let Some(location) = address("Location")? else {
            continue;
        };
        return Ok(Some(LogoutService {
            binding,
            response_location: address("ResponseLocation")?.unwrap_or_else(|| location.clone()),
            location,
        }));
    }
    Ok(None)
}

fn single_sign_on(
    document: &Document<'_>,
    role: NodeId,
) -> Result<Vec<(Binding, Url)>, MetadataError> {
    let mut found = Vec::new();
    for (binding, name) in BINDINGS {
        let service = service(document, role, "SingleSignOnService", name);
        let location = service.and_then(|service| xml::attribute(document, service, "Location"));
        if let Some(location) = location {
            found.push((binding, self::location(location)?));
        }
    }
    if found.is_empty() {
        Err(MetadataError::NoSingleSignOn)
    } else {
        Ok(found)
    }
}

fn location(text: &str) -> Result<Url, MetadataError> {
    let short = Some(text).filter(|text| text.len() <= MAX_LOCATION);
    let url = short.and_then(|text| Url::parse(text).ok());
    url.filter(is_safe)
        .ok_or_else(|| MetadataError::Location(printable(text, 200)))
}

/// The certificates of signing keys and of keys without a stated use.
fn signing_certificates(
    document: &Document<'_>,
    role: NodeId,
) -> Result<Vec<Vec<u8>>, MetadataError> {
    let mut certificates = Vec::new();
    for key in xml::children_named(document, role, ns::METADATA, "KeyDescriptor") {
        if xml::attribute(document, key, "use") == Some("encryption") {
            continue;
        }
        for info in xml::children_named(document, key, ns::SIGNATURE, "KeyInfo") {
            for data in xml::children_named(document, info, ns::SIGNATURE, "X509Data") {
                for node in xml::children_named(document, data, ns::SIGNATURE, "X509Certificate") {
                    if certificates.len() == MAX_CERTIFICATES {
                        return Err(MetadataError::TooManyCertificates);
                    }
                    certificates.push(certificate(document, node)?);
                }
            }
        }
    }
    if certificates.is_empty() {
        Err(MetadataError::NoSigningCertificate)
    } else {
        Ok(certificates)
    }
}

fn certificate(document: &Document<'_>, node: NodeId) -> Result<Vec<u8>, MetadataError> {
    let text: String = document
        .text_content_deep(node)
        .split_whitespace()
        .collect();
    STANDARD
        .decode(text)
        .map_err(|_| MetadataError::Certificate)
}

#[cfg(test)]
mod tests;
