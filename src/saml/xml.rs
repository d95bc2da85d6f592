//! One strict parse, and the few steps over the tree that the other files share.

use memchr::memmem;
use uppsala::{Document, NodeId, NodeKind};

use super::Refusal;

/// The deepest nesting of elements that is read; the deepest real message has about 12 levels.
pub const MAX_DEPTH: u32 = 64;

/// Namespace names (saml-core 1.2, xmldsig-core 2).
pub mod ns {
    /// `saml:`
    pub const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
    /// `samlp:`
    pub const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
    /// `md:`
    pub const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
    /// `ds:`
    pub const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
    /// `ec:`
    pub const EXCLUSIVE_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
    /// `xsi:`
    pub const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
}

/// Parses `text`, which must be XML 1.0 in UTF-8 without document type declaration, comment,
/// CDATA section or processing instruction.
///
/// In well-formed XML `<` stands for itself only inside those four, so looking for `<!` and `<?`
/// finds exactly them, before a parser sees the message.
pub fn parse(text: &str) -> Result<Document<'_>, Refusal> {
    if memchr::memchr(0, text.as_bytes()).is_some() {
        return Err(Refusal::NulCharacter);
    }
    let declaration = if text.starts_with("<?xml ") { 2 } else { 0 };
    refuse_markup(&text.as_bytes()[declaration..])?;
    let document = uppsala::parser::Parser::new()
        .with_max_depth(MAX_DEPTH)
        .with_forbid_dtd(true)
        .with_forbid_entities(true)
        .parse(text)
        .map_err(|error| not_well_formed(&error.to_string()))?;
    let encoding = document
        .xml_declaration
        .as_ref()
        .and_then(|d| d.encoding.as_deref());
    match encoding {
        Some(name) if !name.eq_ignore_ascii_case("utf-8") => Err(Refusal::Encoding),
        _ => Ok(document),
    }
}

fn refuse_markup(bytes: &[u8]) -> Result<(), Refusal> {
    if memmem::find(bytes, b"<?").is_some() {
        return Err(Refusal::ProcessingInstruction);
    }
    let Some(at) = memmem::find(bytes, b"<!") else {
        return Ok(());
    };
    let rest = &bytes[at..];
    Err(if rest.starts_with(b"<!--") {
        Refusal::Comment
    } else if rest.starts_with(b"<![CDATA[") {
        Refusal::CdataSection
    } else {
        Refusal::Doctype
    })
}

/// The parser's message may quote the document; only its first words go on.
fn not_well_formed(message: &str) -> Refusal {
    if message.contains("depth") {
        return Refusal::TooDeep;
    }
    let end = message
        .char_indices()
        .nth(80)
        .map_or(message.len(), |(at, _)| at);
    Refusal::NotWellFormed(message[..end].to_owned())
}

/// The child elements of `node`, in order.
pub fn child_elements<'d>(
    document: &'d Document<'_>,
    node: NodeId,
) -> impl Iterator<Item = NodeId> + 'd {
    document
        .children_iter(node)
        .filter(|&child| document.element(child).is_some())
}

/// The children of `node` that are `{namespace}local`.
pub fn children_named<'d>(
    document: &'d Document<'_>,
    node: NodeId,
    namespace: &'static str,
    local: &'static str,
) -> impl Iterator<Item = NodeId> + 'd {
    child_elements(document, node).filter(move |&child| is(document, child, namespace, local))
}

/// Whether `node` is the element `{namespace}local`.
pub fn is(document: &Document<'_>, node: NodeId, namespace: &str, local: &str) -> bool {
    document
        .element(node)
        .is_some_and(|element| element.matches_name_ns(namespace, local))
}

/// The value of the attribute `name` that is in no namespace.
pub fn attribute<'d>(document: &'d Document<'_>, node: NodeId, name: &str) -> Option<&'d str> {
    let element = document.element(node)?;
    element
        .attributes
        .iter()
        .find(|attribute| {
            attribute.name.namespace_uri.is_none() && attribute.name.local_name == name
        })
        .map(|attribute| attribute.value.as_ref())
}

/// The text of an element that holds nothing but text, trimmed; `None` when it is empty or holds
/// anything else.
pub fn text<'d>(document: &'d Document<'_>, node: NodeId) -> Option<&'d str> {
    let mut children = document.children_iter(node);
    let text = match document.node_kind(children.next()?)? {
        NodeKind::Text(text) => text.trim(),
        _ => return None,
    };
    (children.next().is_none() && !text.is_empty()).then_some(text)
}

/// The element's name for messages: its local name, without any of the document's prefixes.
pub fn local_name(document: &Document<'_>, node: NodeId) -> String {
    document
        .element(node)
        .map(|element| element.name.local_name.chars().take(40).collect())
        .unwrap_or_default()
}
