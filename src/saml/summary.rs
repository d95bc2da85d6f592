//! A summary of a message's content, for the audit trail and for administrators who investigate a
//! problem. Nothing in the summary is verified, and no decision depends on it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use uppsala::{Document, NodeId};

use super::xml::{self, ns};
use crate::crypto;
use crate::printable::printable;

/// The maximum length of a string in a summary, in characters, without the final `…`. There is a
/// limit because anybody can send a message.
const MAX_TEXT: usize = 120;
/// The maximum length of a string in a summary, in bytes of UTF-8, without the final `…`.
const MAX_BYTES: usize = 160;
/// The maximum number of items of one kind in a summary, such as audiences or the certificates of
/// one signature.
const MAX_ITEMS: usize = 3;

/// The summary of a response, or of the XML that was sent instead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The local name of the root element.
    pub root: String,
    /// The root's ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The root's IssueInstant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_instant: Option<String>,
    /// The root's Issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The root's Destination.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// The root's InResponseTo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_response_to: Option<String>,
    /// The status codes (at most three, from the top level down, each shown as the last part of its
    /// URI), followed by the status message.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<String>,
    /// The signatures of the root and of the assertion.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<SignatureSummary>,
    /// The encryption of the assertion; `None` if it is not encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption: Option<EncryptionSummary>,
    /// The assertion, unless it is missing or was not decrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assertion: Option<AssertionSummary>,
}

/// The summary of a signature. An algorithm is shown as the last part of its URI.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SignatureSummary {
    /// The local name of the signed element.
    pub of: String,
    /// The signature's method, such as `rsa-sha256`.
    pub method: String,
    /// The digest's method, such as `sha256`.
    pub digest: String,
    /// The canonicalization, such as `xml-exc-c14n`.
    pub canonicalization: String,
    /// The SHA-256 fingerprints of the certificates in the signature's KeyInfo, at most three. They
    /// prove nothing, and no key is taken from them, but they show which key the IdP claims to have
    /// used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<String>,
}

/// The algorithms with which an assertion is encrypted, shown as the last parts of their URIs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EncryptionSummary {
    /// The cipher, such as `aes256-gcm`.
    pub cipher: String,
    /// The key transport, such as `rsa-oaep-mgf1p`.
    pub key_transport: String,
}

/// The summary of an assertion, without its attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AssertionSummary {
    /// The assertion's ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The assertion's IssueInstant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_instant: Option<String>,
    /// The assertion's Issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The subject's NameID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_id: Option<String>,
    /// The NameID's Format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_id_format: Option<String>,
    /// The subject's confirmations, at most three.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub confirmations: Vec<ConfirmationSummary>,
    /// The Conditions' NotBefore.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// The Conditions' NotOnOrAfter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_on_or_after: Option<String>,
    /// The audiences from all AudienceRestrictions, at most three.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<String>,
    /// How the person signed in: the AuthnStatements, at most three.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authentications: Vec<AuthenticationSummary>,
}

/// The summary of a SubjectConfirmation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ConfirmationSummary {
    /// The last part of the Method's URI, such as `bearer`.
    pub method: String,
    /// The Recipient of the SubjectConfirmationData.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// The InResponseTo of the SubjectConfirmationData.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_response_to: Option<String>,
    /// The NotBefore of the SubjectConfirmationData.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// The NotOnOrAfter of the SubjectConfirmationData.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_on_or_after: Option<String>,
}

/// The summary of an AuthnStatement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AuthenticationSummary {
    /// The statement's AuthnInstant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instant: Option<String>,
    /// The AuthnContextClassRef of the statement's AuthnContext.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// The statement's SessionNotOnOrAfter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_not_on_or_after: Option<String>,
}

impl Summary {
    /// Summarizes the message with this root.
    pub fn of(document: &Document<'_>, root: NodeId) -> Self {
        let at = At { document };
        let assertion = at.child(root, ns::ASSERTION, "Assertion");
        let signed = [Some(root), assertion];
        Self {
            root: at.name(root),
            id: at.attribute(root, "ID"),
            issue_instant: at.attribute(root, "IssueInstant"),
            issuer: at.text_of(root, "Issuer"),
            destination: at.attribute(root, "Destination"),
            in_response_to: at.attribute(root, "InResponseTo"),
            status: at.status(root),
            signatures: signed
                .into_iter()
                .flatten()
                .filter_map(|node| at.signature(node))
                .collect(),
            encryption: at
                .child(root, ns::ASSERTION, "EncryptedAssertion")
                .map(|node| at.encryption(node)),
            assertion: assertion.map(|node| AssertionSummary::of(document, node)),
        }
    }

    /// Adds the decrypted assertion, with its signature if it is signed. `None` changes nothing.
    pub fn with_decrypted(mut self, decrypted: Option<Decrypted>) -> Self {
        if let Some(decrypted) = decrypted {
            self.assertion = Some(decrypted.assertion);
            self.signatures.extend(decrypted.signature);
        }
        self
    }

    /// The fingerprints of the certificates in all signature summaries.
    pub fn certificates(&self) -> impl Iterator<Item = &str> {
        let of_each = self
            .signatures
            .iter()
            .flat_map(|signed| &signed.certificates);
        of_each.map(String::as_str)
    }
}

/// The summary of a decrypted assertion and its signature.
#[derive(Clone, Debug)]
pub struct Decrypted {
    assertion: AssertionSummary,
    signature: Option<SignatureSummary>,
}

impl Decrypted {
    pub(super) fn of(document: &Document<'_>, assertion: NodeId) -> Self {
        Self {
            assertion: AssertionSummary::of(document, assertion),
            signature: At { document }.signature(assertion),
        }
    }
}

impl AssertionSummary {
    fn of(document: &Document<'_>, assertion: NodeId) -> Self {
        let at = At { document };
        let child = |node, name| at.child(node, ns::ASSERTION, name);
        let subject = child(assertion, "Subject");
        let name_id = subject.and_then(|subject| child(subject, "NameID"));
        let conditions = child(assertion, "Conditions");
        let audiences = at
            .children(conditions, "AudienceRestriction")
            .flat_map(|restriction| at.children(Some(restriction), "Audience"))
            .filter_map(|audience| at.text(audience));
        Self {
            id: at.attribute(assertion, "ID"),
            issue_instant: at.attribute(assertion, "IssueInstant"),
            issuer: at.text_of(assertion, "Issuer"),
            name_id: name_id.and_then(|node| at.text(node)),
            name_id_format: name_id.and_then(|node| at.attribute(node, "Format")),
            confirmations: at
                .children(subject, "SubjectConfirmation")
                .take(MAX_ITEMS)
                .map(|node| at.confirmation(node))
                .collect(),
            not_before: conditions.and_then(|node| at.attribute(node, "NotBefore")),
            not_on_or_after: conditions.and_then(|node| at.attribute(node, "NotOnOrAfter")),
            audiences: audiences.take(MAX_ITEMS).collect(),
            authentications: at
                .children(Some(assertion), "AuthnStatement")
                .take(MAX_ITEMS)
                .map(|node| at.authentication(node))
                .collect(),
        }
    }
}

/// Reads printable strings from an XML tree.
#[derive(Clone, Copy)]
struct At<'d, 'x> {
    document: &'d Document<'x>,
}

impl<'d> At<'d, '_> {
    fn child(self, node: NodeId, namespace: &'static str, name: &'static str) -> Option<NodeId> {
        xml::children_named(self.document, node, namespace, name).next()
    }

    fn children(
        self,
        node: Option<NodeId>,
        name: &'static str,
    ) -> impl Iterator<Item = NodeId> + 'd {
        let document = self.document;
        node.into_iter()
            .flat_map(move |node| xml::children_named(document, node, ns::ASSERTION, name))
    }

    fn name(self, node: NodeId) -> String {
        shortened(&xml::local_name(self.document, node))
    }

    fn attribute(self, node: NodeId, name: &str) -> Option<String> {
        xml::attribute(self.document, node, name).map(shortened)
    }

    fn text(self, node: NodeId) -> Option<String> {
        xml::text(self.document, node).map(shortened)
    }

    fn text_of(self, node: NodeId, name: &'static str) -> Option<String> {
        self.text(self.child(node, ns::ASSERTION, name)?)
    }

    /// The last part of the algorithm's URI, from the child `{namespace}name` of `node`.
    fn algorithm(
        self,
        node: Option<NodeId>,
        namespace: &'static str,
        name: &'static str,
    ) -> String {
        let method = node.and_then(|node| self.child(node, namespace, name));
        let algorithm = method.and_then(|node| xml::attribute(self.document, node, "Algorithm"));
        algorithm.map(last_part).unwrap_or_default()
    }

    fn status(self, response: NodeId) -> Vec<String> {
        let Some(status) = self.child(response, ns::PROTOCOL, "Status") else {
            return Vec::new();
        };
        let code = |node: &NodeId| self.child(*node, ns::PROTOCOL, "StatusCode");
        let codes = std::iter::successors(code(&status), code)
            .filter_map(|node| xml::attribute(self.document, node, "Value"))
            .map(last_part)
            .take(MAX_ITEMS);
        let message = self.child(status, ns::PROTOCOL, "StatusMessage");
        codes
            .chain(message.and_then(|node| self.text(node)))
            .collect()
    }

    fn signature(self, element: NodeId) -> Option<SignatureSummary> {
        let signature = self.child(element, ns::SIGNATURE, "Signature")?;
        let signed_info = self.child(signature, ns::SIGNATURE, "SignedInfo");
        let reference = signed_info.and_then(|node| self.child(node, ns::SIGNATURE, "Reference"));
        Some(SignatureSummary {
            of: self.name(element),
            method: self.algorithm(signed_info, ns::SIGNATURE, "SignatureMethod"),
            digest: self.algorithm(reference, ns::SIGNATURE, "DigestMethod"),
            canonicalization: self.algorithm(signed_info, ns::SIGNATURE, "CanonicalizationMethod"),
            certificates: self.certificates(signature).take(MAX_ITEMS).collect(),
        })
    }

    fn certificates(self, signature: NodeId) -> impl Iterator<Item = String> + 'd {
        let document = self.document;
        let named = move |node, name| xml::children_named(document, node, ns::SIGNATURE, name);
        named(signature, "KeyInfo")
            .flat_map(move |node| named(node, "X509Data"))
            .flat_map(move |node| named(node, "X509Certificate"))
            .filter_map(move |node| {
                let text = xml::text(document, node)?;
                let base64: String = text.split_ascii_whitespace().collect();
                let der = STANDARD.decode(base64).ok()?;
                Some(crypto::fingerprint(&der))
            })
    }

    fn encryption(self, encrypted: NodeId) -> EncryptionSummary {
        let data = self.child(encrypted, ns::ENCRYPTION, "EncryptedData");
        let inside = data
            .and_then(|node| self.child(node, ns::SIGNATURE, "KeyInfo"))
            .and_then(|node| self.child(node, ns::ENCRYPTION, "EncryptedKey"));
        let key = inside.or_else(|| self.child(encrypted, ns::ENCRYPTION, "EncryptedKey"));
        EncryptionSummary {
            cipher: self.algorithm(data, ns::ENCRYPTION, "EncryptionMethod"),
            key_transport: self.algorithm(key, ns::ENCRYPTION, "EncryptionMethod"),
        }
    }

    fn confirmation(self, node: NodeId) -> ConfirmationSummary {
        let method = xml::attribute(self.document, node, "Method");
        let data = self.child(node, ns::ASSERTION, "SubjectConfirmationData");
        let attribute = |name| data.and_then(|node| self.attribute(node, name));
        ConfirmationSummary {
            method: method.map(last_part).unwrap_or_default(),
            recipient: attribute("Recipient"),
            in_response_to: attribute("InResponseTo"),
            not_before: attribute("NotBefore"),
            not_on_or_after: attribute("NotOnOrAfter"),
        }
    }

    fn authentication(self, node: NodeId) -> AuthenticationSummary {
        let context = self.child(node, ns::ASSERTION, "AuthnContext");
        AuthenticationSummary {
            instant: self.attribute(node, "AuthnInstant"),
            context: context.and_then(|node| self.text_of(node, "AuthnContextClassRef")),
            session_not_on_or_after: self.attribute(node, "SessionNotOnOrAfter"),
        }
    }
}

fn shortened(text: &str) -> String {
    let mut shown = printable(text.trim(), MAX_TEXT);
    if shown.len() > MAX_BYTES {
        shown.truncate(shown.floor_char_boundary(MAX_BYTES));
        shown.push('…');
    }
    shown
}

/// The last part of a URI, which is enough to identify the algorithm or method: `rsa-sha256`,
/// `xml-exc-c14n`, `bearer`.
fn last_part(uri: &str) -> String {
    let uri = uri.trim().trim_end_matches('#');
    let part = uri.rsplit(['#', '/', ':']).next().unwrap_or(uri);
    shortened(part)
}
