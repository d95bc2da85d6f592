//! A strict XML parser, and the tree helpers that the other SAML modules share.

mod names;
mod scan;

use memchr::memmem;
use uppsala::{Document, NodeId, NodeKind};

pub use scan::{MAX_DECLARATION, MAX_DECLARATIONS};

use super::Refusal;
use crate::printable::printable;

/// The maximum nesting depth of elements; the deepest real message has about 12 levels.
pub const MAX_DEPTH: u32 = 64;
/// The maximum number of attributes of one element, including namespace declarations; real messages
/// have up to a dozen. Parsers look for duplicate attributes in quadratic time.
pub const MAX_ATTRIBUTES: usize = 64;
/// The maximum number of tags in a message. The number is limited because, for each element,
/// parsing and canonicalization search all namespaces in scope. The largest assertion that STS
/// accepts has room for about two thousand elements.
pub const MAX_TAGS: usize = 8192;
/// A metadata document may have more tags than a message, but at most one for this many bytes. Real
/// documents, from a single IdP's to those of whole federations, have at least 55 bytes for each tag.
pub const BYTES_PER_TAG: usize = 16;

/// XML white space (xml 2.3). Similar characters, such as U+00A0, are text.
pub const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Namespace names (saml-core 1.2, xmldsig-core 2).
pub mod ns {
    /// SAML assertions, prefix `saml:`.
    pub const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
    /// SAML protocol messages, prefix `samlp:`.
    pub const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
    /// SAML metadata, prefix `md:`.
    pub const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
    /// XML Signature, prefix `ds:`.
    pub const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
    /// Exclusive XML Canonicalization, prefix `ec:`.
    pub const EXCLUSIVE_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
    /// XML Encryption 1.0, prefix `xenc:`.
    pub const ENCRYPTION: &str = "http://www.w3.org/2001/04/xmlenc#";
    /// XML Encryption 1.1, prefix `xenc11:`.
    pub const ENCRYPTION_1_1: &str = "http://www.w3.org/2009/xmlenc11#";
    /// XML Schema instance attributes, prefix `xsi:`.
    pub const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
}

/// Parses `text`, which must be XML 1.0 in UTF-8 without document type declarations, comments,
/// CDATA sections or processing instructions.
///
/// In well-formed XML, `<!` and `<?` after the XML declaration can only begin one of these four
/// constructs or appear inside one. A search for `<!` and `<?` therefore finds exactly these
/// constructs, before a parser sees the message.
pub fn parse(text: &str) -> Result<Document<'_>, Refusal> {
    refuse_markup(text)?;
    message(text)
}

/// Like [`parse`], for a document that must have a root with this local name. A document with a
/// different root is refused with `otherwise` before it is parsed.
pub fn parse_rooted<'a>(
    text: &'a str,
    root: &str,
    otherwise: Refusal,
) -> Result<Document<'a>, Refusal> {
    refuse_markup(text)?;
    match root_name(text) {
        Some(name) if name != root => Err(otherwise),
        _ => message(text),
    }
}

/// Parses a metadata document: XML 1.0 without a document type declaration. The bounds are those of
/// a message, except that the number of tags grows with the document.
pub fn parse_metadata(text: &str) -> Result<Document<'_>, Refusal> {
    let document = bounded(text, MAX_TAGS.max(text.len() / BYTES_PER_TAG))?;
    names::check_ids(&document)?;
    Ok(document)
}

fn message(text: &str) -> Result<Document<'_>, Refusal> {
    let document = bounded(text, MAX_TAGS)?;
    let declaration = document.xml_declaration.as_ref();
    let encoding = declaration.and_then(|declaration| declaration.encoding.as_deref());
    match encoding {
        Some(name) if !name.eq_ignore_ascii_case("utf-8") => Err(Refusal::Encoding),
        _ => Ok(document),
    }
}

/// Parses the text with its white space normalized. The tree borrows the text, unless normalization
/// changes it.
fn bounded(text: &str, most_tags: usize) -> Result<Document<'_>, Refusal> {
    let document = if scan::scan(text, most_tags)? {
        tree(&scan::normalized(text))?.into_static()
    } else {
        tree(text)?
    };
    let version = document.xml_declaration.as_ref().map(|d| &*d.version);
    if version.is_some_and(|version| version != "1.0") {
        return Err(Refusal::NotWellFormed("not XML 1.0".to_owned()));
    }
    names::check(&document)?;
    Ok(document)
}

fn tree(text: &str) -> Result<Document<'_>, Refusal> {
    uppsala::parser::Parser::new()
        .with_max_depth(MAX_DEPTH)
        .with_forbid_dtd(true)
        .with_forbid_entities(true)
        .parse(text)
        .map_err(|error| not_well_formed(&error.to_string()))
}

/// The local name of the first tag, which is the root that a parser would find. `None` if no
/// complete tag name follows the optional XML declaration and white space.
fn root_name(text: &str) -> Option<&str> {
    let text = match text.strip_prefix("<?xml ") {
        Some(declaration) => declaration.split_once("?>")?.1,
        None => text,
    };
    let tag = text.trim_ascii_start().strip_prefix('<')?;
    let end = tag.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))?;
    let name = &tag[..end];
    if name.starts_with(['!', '?']) {
        return None;
    }
    Some(name.rsplit_once(':').map_or(name, |(_, local)| local))
}

fn refuse_markup(text: &str) -> Result<(), Refusal> {
    if memchr::memchr(0, text.as_bytes()).is_some() {
        return Err(Refusal::NulCharacter);
    }
    let declaration = if text.starts_with("<?xml ") { 2 } else { 0 };
    let bytes = &text.as_bytes()[declaration..];
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

/// The part of the parser's error message after the second `: ` can quote the document. So only the
/// part before that separator is kept: the position and the kind of error.
fn not_well_formed(message: &str) -> Refusal {
    if message.contains("depth") {
        return Refusal::TooDeep;
    }
    let parts: Vec<_> = message.splitn(3, ": ").take(2).collect();
    Refusal::NotWellFormed(printable(&parts.join(": "), 160))
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

/// The value of the attribute `name` that has no namespace.
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

/// The trimmed text of an element that contains only text; `None` if it is empty or contains
/// anything else.
pub fn text<'d>(document: &'d Document<'_>, node: NodeId) -> Option<&'d str> {
    let mut children = document.children_iter(node);
    let text = match document.node_kind(children.next()?)? {
        NodeKind::Text(text) => text.trim_matches(WHITE_SPACE),
        _ => return None,
    };
    (children.next().is_none() && !text.is_empty()).then_some(text)
}

/// The element's local name, truncated to 40 characters, for error messages and summaries.
pub fn local_name(document: &Document<'_>, node: NodeId) -> String {
    document
        .element(node)
        .map(|element| element.name.local_name.chars().take(40).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_element_is_identified_without_a_parser() {
        for (text, name) in [
            ("<a>", Some("a")),
            ("<p:a x=\"1\"/>", Some("a")),
            ("<?xml version=\"1.0\"?>\n <p:a/>", Some("a")),
            ("\n<a\n/>", Some("a")),
            ("<a", None),
            ("<!DOCTYPE a>", None),
            ("<!-- --><a/>", None),
            ("<?pi ?><a/>", None),
            ("<?xml version=\"1.0\"", None),
            ("a<b>", None),
            ("", None),
        ] {
            assert_eq!(root_name(text), name, "{text}");
        }
    }

    #[test]
    fn only_white_space_is_trimmed() {
        for (text, read) in [
            ("\n alice\t", Some("alice")),
            ("\u{a0}alice", Some("\u{a0}alice")),
            ("alice\u{2003}", Some("alice\u{2003}")),
            (" \n", None),
        ] {
            let xml = format!("<a>{text}</a>");
            let document = parse(&xml).expect("well-formed XML");
            let root = document.document_element().expect("a root element");
            assert_eq!(super::text(&document, root), read);
        }
    }

    #[test]
    fn the_parser_agrees_on_the_root_element() {
        for text in [
            "<a/>",
            "<p:b xmlns:p=\"u:p\"/>",
            "<?xml version=\"1.0\"?> <c></c>",
        ] {
            let document = parse(text).expect("well-formed XML");
            let root = document.document_element().expect("a root element");
            let parsed = local_name(&document, root);
            assert_eq!(root_name(text), Some(parsed.as_str()));
        }
    }
}
