//! When a metadata document was published (SAML V2.0 Metadata Extensions for Registration and
//! Publication Information 1.0, 2.2).

use chrono::{DateTime, Utc};
use uppsala::{Document, NodeId};

use crate::saml::xml::{self, ns};

const PUBLICATION: &str = "urn:oasis:names:tc:SAML:metadata:rpi";

/// The `creationInstant` in the `PublicationInfo` of the role descriptor's outermost ancestor that
/// has one. An aggregate's publisher writes it at the root; what is further in may come from the
/// supplier of that part. A time that cannot be read counts as none.
pub(super) fn creation_instant(document: &Document<'_>, role: NodeId) -> Option<DateTime<Utc>> {
    std::iter::successors(Some(role), |&node| document.parent(node))
        .filter_map(|node| created(document, node))
        .last()
}

fn created(document: &Document<'_>, node: NodeId) -> Option<DateTime<Utc>> {
    let extensions = xml::children_named(document, node, ns::METADATA, "Extensions").next()?;
    let info = xml::children_named(document, extensions, PUBLICATION, "PublicationInfo").next()?;
    let text = xml::attribute(document, info, "creationInstant")?;
    let time = DateTime::parse_from_rfc3339(text.trim()).ok()?;
    Some(time.to_utc())
}
