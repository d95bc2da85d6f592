//! Checks the form of an EncryptedAssertion: only the forms that IdPs actually send are accepted
//! (saml-core 2.3.4, xmlenc-core 1.1).

use uppsala::{Document, NodeId};

use crate::saml::Refusal;
use crate::saml::encryption::{Cipher, Hash, KeyTransport};
use crate::saml::xml::{self, ns};

const DIGESTS: [(&str, Hash); 2] = [
    ("http://www.w3.org/2000/09/xmldsig#sha1", Hash::Sha1),
    ("http://www.w3.org/2001/04/xmlenc#sha256", Hash::Sha256),
];
const MASKS: [(&str, Hash); 2] = [
    ("http://www.w3.org/2009/xmlenc11#mgf1sha1", Hash::Sha1),
    ("http://www.w3.org/2009/xmlenc11#mgf1sha256", Hash::Sha256),
];
const ENCRYPTED_KEY_TYPE: &str = "http://www.w3.org/2001/04/xmlenc#EncryptedKey";
const ELEMENT_TYPE: &str = "http://www.w3.org/2001/04/xmlenc#Element";

/// The elements with which an IdP may describe the key that it used for encryption. They are
/// ignored, since each of our keys is tried.
const HINTS: [&str; 3] = ["X509Data", "KeyName", "KeyValue"];

/// The parts of an accepted EncryptedAssertion.
#[derive(Clone, Copy, Debug)]
pub struct EncryptedAssertion {
    /// The `saml:EncryptedAssertion` element.
    pub element: NodeId,
    /// The cipher with which the assertion is encrypted.
    pub cipher: Cipher,
    /// The `CipherValue` that contains the encrypted assertion.
    pub ciphertext: NodeId,
    /// The algorithm with which the cipher's key is encrypted.
    pub transport: KeyTransport,
    /// The `CipherValue` that contains the cipher's encrypted key.
    pub wrapped_key: NodeId,
}

/// Checks the `EncryptedAssertion` at `element`.
pub fn check(document: &Document<'_>, element: NodeId) -> Result<EncryptedAssertion, Refusal> {
    let mut parts = xml::child_elements(document, element);
    let data = expect(document, parts.next(), ns::ENCRYPTION, "EncryptedData")?;
    let sibling = parts
        .next()
        .map(|key| expect(document, Some(key), ns::ENCRYPTION, "EncryptedKey"))
        .transpose()?;
    if parts.next().is_some() {
        return Err(Refusal::EncryptionProfile("more than one EncryptedKey"));
    }
    if xml::attribute(document, data, "Type").is_some_and(|kind| kind != ELEMENT_TYPE) {
        return Err(Refusal::EncryptionProfile(
            "the encrypted content is not an element",
        ));
    }
    let (method, key_info, ciphertext) = encrypted(document, data, &[])?;
    let cipher = cipher(document, method)?;
    let key = match (inline_key(document, key_info, sibling)?, sibling) {
        (Some(key), None) | (None, Some(key)) => key,
        (Some(_), Some(_)) => return Err(Refusal::EncryptionProfile("more than one EncryptedKey")),
        (None, None) => return Err(Refusal::EncryptionProfile("no EncryptedKey")),
    };
    let rest = ["ReferenceList", "CarriedKeyName"];
    let (method, key_info, wrapped_key) = encrypted(document, key, &rest)?;
    if let Some(key_info) = key_info {
        let mut hints = xml::child_elements(document, key_info);
        if !hints.all(|hint| is_hint(document, hint)) {
            return Err(Refusal::EncryptionProfile(
                "KeyInfo refers to a key elsewhere",
            ));
        }
    }
    Ok(EncryptedAssertion {
        element,
        cipher,
        ciphertext,
        transport: transport(document, method)?,
        wrapped_key,
    })
}

/// The EncryptionMethod, the KeyInfo and the CipherValue of an EncryptedData or EncryptedKey.
/// `rest` contains the names of the elements that may follow the CipherData.
fn encrypted(
    document: &Document<'_>,
    node: NodeId,
    rest: &[&str],
) -> Result<(NodeId, Option<NodeId>, NodeId), Refusal> {
    let mut parts = xml::child_elements(document, node).peekable();
    let method = expect(document, parts.next(), ns::ENCRYPTION, "EncryptionMethod")?;
    let key_info = parts.next_if(|&part| xml::is(document, part, ns::SIGNATURE, "KeyInfo"));
    let data = expect(document, parts.next(), ns::ENCRYPTION, "CipherData")?;
    let known = |part: NodeId| {
        rest.iter()
            .any(|name| xml::is(document, part, ns::ENCRYPTION, name))
    };
    if !parts.all(known) {
        return Err(Refusal::EncryptionProfile("an unknown part"));
    }
    let mut values = xml::child_elements(document, data);
    let value = expect(document, values.next(), ns::ENCRYPTION, "CipherValue")?;
    if values.next().is_some() || xml::text(document, value).is_none() {
        return Err(Refusal::EncryptionProfile(
            "CipherData does not have exactly one CipherValue",
        ));
    }
    Ok((method, key_info, value))
}

/// The EncryptedKey in the KeyInfo of the EncryptedData, if there is one. A RetrievalMethod in the
/// KeyInfo may refer only to the EncryptedKey next to the EncryptedData.
fn inline_key(
    document: &Document<'_>,
    key_info: Option<NodeId>,
    sibling: Option<NodeId>,
) -> Result<Option<NodeId>, Refusal> {
    let mut found = None;
    for part in key_info
        .into_iter()
        .flat_map(|info| xml::child_elements(document, info))
    {
        if xml::is(document, part, ns::ENCRYPTION, "EncryptedKey") {
            if found.replace(part).is_some() {
                return Err(Refusal::EncryptionProfile("more than one EncryptedKey"));
            }
        } else if xml::is(document, part, ns::SIGNATURE, "RetrievalMethod") {
            retrieval(document, part, sibling)?;
        } else if !is_hint(document, part) {
            return Err(Refusal::EncryptionProfile(
                "KeyInfo refers to a key elsewhere",
            ));
        }
    }
    Ok(found)
}

fn retrieval(
    document: &Document<'_>,
    node: NodeId,
    sibling: Option<NodeId>,
) -> Result<(), Refusal> {
    let target = xml::attribute(document, node, "URI").and_then(|uri| uri.strip_prefix('#'));
    let id = sibling.and_then(|key| xml::attribute(document, key, "Id"));
    let is_key =
        xml::attribute(document, node, "Type").is_none_or(|kind| kind == ENCRYPTED_KEY_TYPE);
    let is_bare = xml::child_elements(document, node).next().is_none();
    if target.is_some() && target == id && is_key && is_bare {
        Ok(())
    } else {
        Err(Refusal::EncryptionProfile(
            "KeyInfo refers to a key elsewhere",
        ))
    }
}

fn is_hint(document: &Document<'_>, node: NodeId) -> bool {
    HINTS
        .iter()
        .any(|name| xml::is(document, node, ns::SIGNATURE, name))
}

fn cipher(document: &Document<'_>, method: NodeId) -> Result<Cipher, Refusal> {
    if xml::child_elements(document, method).next().is_some() {
        return Err(Refusal::EncryptionProfile("the cipher has parameters"));
    }
    let algorithm = xml::attribute(document, method, "Algorithm").unwrap_or_default();
    Cipher::from_uri(algorithm).ok_or_else(|| not_allowed(algorithm))
}

fn transport(document: &Document<'_>, method: NodeId) -> Result<KeyTransport, Refusal> {
    let algorithm = xml::attribute(document, method, "Algorithm").unwrap_or_default();
    if !KeyTransport::URIS.contains(&algorithm) {
        return Err(not_allowed(algorithm));
    }
    // Both the digest and the mask default to SHA-1 (xmlenc-core 1.1 5.5.2).
    let (mut digest, mut mask) = (None, None);
    for part in xml::child_elements(document, method) {
        let (known, slot) = if xml::is(document, part, ns::SIGNATURE, "DigestMethod") {
            (DIGESTS, &mut digest)
        } else if algorithm == KeyTransport::OAEP
            && xml::is(document, part, ns::ENCRYPTION_1_1, "MGF")
        {
            (MASKS, &mut mask)
        } else {
            return Err(Refusal::EncryptionProfile(
                "the key transport has unknown parameters",
            ));
        };
        let name = xml::attribute(document, part, "Algorithm").unwrap_or_default();
        let hash = known
            .iter()
            .find(|(uri, _)| *uri == name)
            .map(|(_, hash)| *hash);
        let repeated = slot
            .replace(hash.ok_or_else(|| not_allowed(name))?)
            .is_some();
        if repeated || xml::child_elements(document, part).next().is_some() {
            return Err(Refusal::EncryptionProfile(
                "the key transport has unknown parameters",
            ));
        }
    }
    Ok(KeyTransport {
        digest: digest.unwrap_or(Hash::Sha1),
        mask: mask.unwrap_or(Hash::Sha1),
    })
}

fn expect(
    document: &Document<'_>,
    node: Option<NodeId>,
    namespace: &'static str,
    name: &'static str,
) -> Result<NodeId, Refusal> {
    node.filter(|&node| xml::is(document, node, namespace, name))
        .ok_or(Refusal::EncryptionProfile(name))
}

fn not_allowed(algorithm: &str) -> Refusal {
    Refusal::EncryptionAlgorithm(algorithm.chars().take(100).collect())
}
