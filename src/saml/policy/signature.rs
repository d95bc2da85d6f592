//! Checks the form of a signature: only the form that the SAML profile defines is accepted
//! (saml-core 5.4).

use uppsala::{Document, NodeId};

use crate::saml::Refusal;
use crate::saml::policy::Signed;
use crate::saml::trust::SignatureMethod;
use crate::saml::xml::{self, ns};

const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

const DIGEST_METHODS: [&str; 3] = [
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
];

/// The accepted canonicalizations: exclusive 1.0, inclusive 1.0 and inclusive 1.1, each with and
/// without comments. Both variants produce the same bytes for a message, because it contains no
/// comments. Metadata can contain signed comments, but they are not read.
const CANONICALIZATIONS: [&str; 6] = [
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2006/12/xml-c14n11#WithComments",
];

/// The maximum number of prefixes in an `InclusiveNamespaces`; IdPs list a handful at most.
/// Canonicalization searches the list at every element, before the signature is verified.
const MAX_PREFIXES: usize = 32;
/// The maximum length of an `InclusiveNamespaces`, in bytes: canonicalization copies it at every
/// element.
const MAX_PREFIX_LIST: usize = 512;

/// The elements with which an IdP may describe its key. They are ignored. No other elements are
/// allowed: a `RetrievalMethod`, for example, would make a verifier fetch a key from elsewhere.
const KEY_INFO: [&str; 3] = ["X509Data", "KeyName", "KeyValue"];

/// Checks the form of `signature`, a child of `element`.
pub fn check(
    document: &Document<'_>,
    signature: NodeId,
    element: NodeId,
) -> Result<Signed, Refusal> {
    let mut parts = xml::child_elements(document, signature);
    let signed_info = expect(document, parts.next(), "SignedInfo")?;
    let value = expect(document, parts.next(), "SignatureValue")?;
    text_only(document, value, "SignatureValue contains markup")?;
    if let Some(key_info) = parts.next() {
        self::key_info(document, key_info)?;
    }
    if parts.next().is_some() {
        return Err(Refusal::SignatureProfile(
            "it contains more than SignedInfo, SignatureValue and KeyInfo",
        ));
    }
    let (method, sha1) = self::signed_info(document, signed_info, element)?;
    Ok(Signed {
        element,
        signature,
        method,
        sha1,
    })
}

/// Checks the form of a SignedInfo. Returns the signature's method, and whether the method or the
/// digest uses SHA-1.
fn signed_info(
    document: &Document<'_>,
    node: NodeId,
    parent: NodeId,
) -> Result<(SignatureMethod, bool), Refusal> {
    let mut parts = xml::child_elements(document, node);
    let canonicalization = expect(document, parts.next(), "CanonicalizationMethod")?;
    canonicalization_method(document, canonicalization)?;
    let method = expect(document, parts.next(), "SignatureMethod")?;
    let method = algorithm(document, method)?;
    let method =
        SignatureMethod::from_uri(method).ok_or_else(|| Refusal::Algorithm(shortened(method)))?;
    let reference = expect(document, parts.next(), "Reference")?;
    if parts.next().is_some() {
        return Err(Refusal::SignatureProfile(
            "SignedInfo contains more than the two methods and one Reference",
        ));
    }
    let digest_sha1 = self::reference(document, reference, parent)?;
    Ok((method, method == SignatureMethod::RsaSha1 || digest_sha1))
}

fn reference(document: &Document<'_>, node: NodeId, parent: NodeId) -> Result<bool, Refusal> {
    let id =
        xml::attribute(document, parent, "ID").ok_or(Refusal::MissingId("a signed element"))?;
    let target = xml::attribute(document, node, "URI").and_then(|uri| uri.strip_prefix('#'));
    if target != Some(id) || !is_plain(id) {
        return Err(Refusal::ReferenceUri);
    }
    let mut parts = xml::child_elements(document, node);
    let transforms = expect(document, parts.next(), "Transforms")?;
    self::transforms(document, transforms)?;
    let method = expect(document, parts.next(), "DigestMethod")?;
    let method = algorithm(document, method)?;
    if method != SHA1 && !DIGEST_METHODS.contains(&method) {
        return Err(Refusal::Algorithm(shortened(method)));
    }
    let value = expect(document, parts.next(), "DigestValue")?;
    text_only(document, value, "DigestValue contains markup")?;
    match parts.next() {
        None => Ok(method == SHA1),
        Some(_) => Err(Refusal::SignatureProfile(
            "Reference contains more than Transforms, DigestMethod and one DigestValue",
        )),
    }
}

/// Whether the ID has a form that no library can mistake for an XPointer or an escaped URI.
fn is_plain(id: &str) -> bool {
    !id.is_empty()
        && id
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

fn transforms(document: &Document<'_>, node: NodeId) -> Result<(), Refusal> {
    let mut parts = xml::child_elements(document, node);
    let (Some(first), Some(second), None) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Refusal::Transforms);
    };
    let is_enveloped = xml::is(document, first, ns::SIGNATURE, "Transform")
        && xml::attribute(document, first, "Algorithm") == Some(ENVELOPED)
        && xml::child_elements(document, first).next().is_none();
    if !is_enveloped || !xml::is(document, second, ns::SIGNATURE, "Transform") {
        return Err(Refusal::Transforms);
    }
    canonicalization_method(document, second).map_err(|_| Refusal::Transforms)
}

fn canonicalization_method(document: &Document<'_>, node: NodeId) -> Result<(), Refusal> {
    let method = xml::attribute(document, node, "Algorithm").unwrap_or_default();
    if !CANONICALIZATIONS.contains(&method) {
        return Err(Refusal::Algorithm(shortened(method)));
    }
    let only_prefix_list = xml::child_elements(document, node)
        .all(|child| xml::is(document, child, ns::EXCLUSIVE_C14N, "InclusiveNamespaces"));
    let mut lists = xml::child_elements(document, node)
        .filter_map(|child| xml::attribute(document, child, "PrefixList"));
    let is_long =
        |list: &str| list.len() > MAX_PREFIX_LIST || list.split_whitespace().count() > MAX_PREFIXES;
    if lists.any(is_long) {
        return Err(Refusal::SignatureProfile("too many prefixes"));
    }
    if only_prefix_list && xml::child_elements(document, node).count() <= 1 {
        Ok(())
    } else {
        Err(Refusal::SignatureProfile(
            "the canonicalization has unknown parameters",
        ))
    }
}

fn algorithm<'d>(document: &'d Document<'_>, node: NodeId) -> Result<&'d str, Refusal> {
    if xml::child_elements(document, node).next().is_some() {
        return Err(Refusal::SignatureProfile("a method has parameters"));
    }
    Ok(xml::attribute(document, node, "Algorithm").unwrap_or_default())
}

fn key_info(document: &Document<'_>, node: NodeId) -> Result<(), Refusal> {
    expect(document, Some(node), "KeyInfo")?;
    let known = xml::child_elements(document, node).all(|child| {
        document.element(child).is_some_and(|element| {
            element.name.namespace_uri.as_deref() == Some(ns::SIGNATURE)
                && KEY_INFO.contains(&&*element.name.local_name)
        })
    });
    if known {
        Ok(())
    } else {
        Err(Refusal::SignatureProfile(
            "KeyInfo refers to a key elsewhere",
        ))
    }
}

fn expect(
    document: &Document<'_>,
    node: Option<NodeId>,
    name: &'static str,
) -> Result<NodeId, Refusal> {
    node.filter(|&node| xml::is(document, node, ns::SIGNATURE, name))
        .ok_or(Refusal::SignatureProfile(name))
}

fn text_only(
    document: &Document<'_>,
    node: NodeId,
    otherwise: &'static str,
) -> Result<(), Refusal> {
    xml::text(document, node)
        .map(drop)
        .ok_or(Refusal::SignatureProfile(otherwise))
}

fn shortened(algorithm: &str) -> String {
    algorithm.chars().take(100).collect()
}
