//! Names that XML 1.0 allows but Namespaces in XML 1.0 does not (4, 7).
//!
//! The parser splits a name at its first colon and takes whatever follows as the local name. Other
//! readers split `a:b:c` differently or not at all, so such names are refused.

use uppsala::{Document, Element, NodeId, NodeKind};

use super::{Refusal, ns};

/// Refuses a document in which a name is not namespace-well-formed.
pub fn check(document: &Document<'_>) -> Result<(), Refusal> {
    let is_good = nodes(document).all(|kind| match kind {
        NodeKind::Element(element) => are_good(element),
        NodeKind::ProcessingInstruction(instruction) => !instruction.target.contains(':'),
        _ => true,
    });
    if is_good {
        Ok(())
    } else {
        Err(Refusal::NotWellFormed(
            "a name has a colon in the wrong place or a reserved prefix, or a prefix is undeclared"
                .to_owned(),
        ))
    }
}

/// Refuses a document in which the ID of an element of SAML, XML Signature or XML Encryption
/// contains a colon: an `xs:ID` is a name without colons (xmlschema-2 3.3.8).
pub fn check_ids(document: &Document<'_>) -> Result<(), Refusal> {
    const TYPED: [&str; 5] = [
        ns::METADATA,
        ns::ASSERTION,
        ns::PROTOCOL,
        ns::SIGNATURE,
        ns::ENCRYPTION,
    ];
    let is_wrong = |element: &Element<'_>| {
        let namespace = element.name.namespace_uri.as_deref();
        let is_typed = namespace.is_some_and(|namespace| TYPED.contains(&namespace));
        element.attributes.iter().any(|attribute| {
            let is_id = attribute.name.local_name.eq_ignore_ascii_case("id");
            let is_prefixed = attribute.name.namespace_uri.is_some();
            is_id && (is_typed || is_prefixed) && attribute.value.contains(':')
        })
    };
    let mut elements = nodes(document).filter_map(|kind| match kind {
        NodeKind::Element(element) => Some(element),
        _ => None,
    });
    if elements.any(is_wrong) {
        Err(Refusal::InvalidId)
    } else {
        Ok(())
    }
}

/// All nodes of a document that was parsed and not changed.
fn nodes<'d>(document: &'d Document<'_>) -> impl Iterator<Item = &'d NodeKind<'d>> {
    (0..).map_while(|index| document.node_kind(NodeId::new(index)))
}

fn are_good(element: &Element<'_>) -> bool {
    is_local(&element.name.local_name)
        && element.name.prefix.as_deref() != Some("xmlns")
        && element
            .attributes
            .iter()
            .all(|attribute| is_local(&attribute.name.local_name))
        // Only the default namespace can be undeclared (Namespaces in XML 1.0, 5).
        && element
            .namespace_declarations
            .iter()
            .all(|(prefix, name)| prefix.is_empty() || !name.is_empty())
}

/// Whether the part of a name after its first colon is a name without colons. The parser has
/// already checked that each character may occur in a name, so only the first one matters.
fn is_local(name: &str) -> bool {
    let begins_well = match name.as_bytes().first() {
        Some(first) if first.is_ascii() => !matches!(first, b'-' | b'.' | b'0'..=b'9'),
        _ => !name.starts_with(is_later),
    };
    begins_well && !name.as_bytes().contains(&b':')
}

/// Whether a character beyond ASCII may occur in a name, but not begin one (xml 2.3).
fn is_later(character: char) -> bool {
    matches!(
        character,
        '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}' | '\u{2040}'
    )
}
