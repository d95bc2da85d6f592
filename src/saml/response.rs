//! Turns the form field `SAMLResponse` into verified content: decodes the message, checks its
//! structure, verifies its signatures, decrypts an encrypted assertion and reads the content.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use samael::schema::Assertion;
use uppsala::{Document, NodeId};

use super::Refusal;
use super::binding::unbroken;
use super::encryption::{Cipher, Decryption};
use super::login::NameId;
use super::policy::{self, Carried, EncryptedAssertion, Structure};
use super::summary::{Decrypted, Summary};
use super::trust::Trust;
use super::xml::{self, ns};
use super::{reading, signature};

/// The maximum length of a status code or status message in a refusal, in characters.
const MAX_STATUS_MESSAGE: usize = 200;

/// Decodes the form field, which contains UTF-8 text as base64. Some IdPs insert line breaks into
/// the base64 (saml-bindings 3.5.4).
pub fn decode(field: &str) -> Result<String, Refusal> {
    let octets = STANDARD
        .decode(&*unbroken(field))
        .map_err(|_| Refusal::Base64)?;
    String::from_utf8(octets).map_err(|_| Refusal::Utf8)
}

/// Parses a Response. Other documents are refused before the costly parsing, in case somebody sends
/// a flood of them.
pub(super) fn tree(text: &str) -> Result<Document<'_>, Refusal> {
    xml::parse_rooted(text, "Response", Refusal::NotAResponse)
}

/// A Response that passed the structural policy. Nothing in it is verified yet.
#[derive(Debug)]
pub struct Unverified<'a> {
    document: Document<'a>,
    structure: Structure,
}

impl<'a> Unverified<'a> {
    /// Parses `text` once and checks it against the structural policy.
    pub fn parse(text: &'a str) -> Result<Self, Refusal> {
        Self::of(tree(text)?)
    }

    /// Checks a parsed tree against the structural policy.
    pub(super) fn of(document: Document<'a>) -> Result<Self, Refusal> {
        let structure = policy::check(&document)?;
        Ok(Self {
            document,
            structure,
        })
    }

    /// The issuer that the message claims to have. Use this unverified name only to choose the
    /// IdP that must have signed the message.
    pub fn claimed_issuer(&self) -> Option<&str> {
        let issuer_of =
            |node| xml::children_named(&self.document, node, ns::ASSERTION, "Issuer").next();
        let assertion = match self.structure.assertion {
            Some(Carried::Plain(assertion)) => Some(assertion),
            _ => None,
        };
        let issuer = issuer_of(self.structure.root).or_else(|| assertion.and_then(issuer_of))?;
        xml::text(&self.document, issuer)
    }

    /// The ID of the request that the message claims to respond to. In a login, use this ID only to
    /// find out whether a response is unsolicited or belongs to a login that has ended.
    pub fn claimed_request(&self) -> Option<&str> {
        xml::attribute(&self.document, self.structure.root, "InResponseTo")
    }

    /// A summary of the message for administrators, without encrypted content.
    pub fn summary(&self) -> Summary {
        Summary::of(&self.document, self.structure.root)
    }

    /// Whether the assertion is encrypted.
    pub fn is_encrypted(&self) -> bool {
        matches!(self.structure.assertion, Some(Carried::Encrypted(_)))
    }

    /// The content that a login would read if the signatures were valid; `None` if the assertion is
    /// missing, encrypted or unreadable. An inspection uses the content to show further problems.
    /// Never use it for a login.
    pub(super) fn read_without_verifying(&self) -> Option<Opened> {
        match self.structure.assertion {
            Some(Carried::Plain(assertion)) => self.read_plain(assertion).ok(),
            _ => None,
        }
    }

    /// Whether the IdP has signed a message that was refused for the reason `refusal`. A signature
    /// that was the reason is not verified again, so that a flood does not cost twice as much.
    pub fn is_signed_by(&self, trust: &Trust, refusal: &Refusal) -> bool {
        let is_about_signature = matches!(
            refusal,
            Refusal::NotSigned | Refusal::Signature | Refusal::SignatureTarget
        );
        let verify = || signature::verify(&self.document, &self.structure.signed, trust);
        !is_about_signature && verify().is_ok()
    }

    /// Verifies every signature with the IdP's keys, decrypts an encrypted assertion, and reads the
    /// verified tree.
    pub fn open(&self, trust: &Trust, decryption: &Decryption<'_>) -> Result<Opened, Refusal> {
        let Some(carried) = self.structure.assertion else {
            return Err(self.refused_status().unwrap_or(Refusal::NoAssertion));
        };
        match carried {
            Carried::Plain(assertion) => self.open_plain(assertion, trust),
            Carried::Encrypted(encrypted) => self.open_encrypted(&encrypted, trust, decryption),
        }
    }

    fn open_plain(&self, assertion: NodeId, trust: &Trust) -> Result<Opened, Refusal> {
        signature::verify(&self.document, &self.structure.signed, trust)?;
        self.read_plain(assertion)
    }

    fn read_plain(&self, assertion: NodeId) -> Result<Opened, Refusal> {
        Ok(Opened {
            envelope: self.envelope()?,
            assertion: reading::assertion(&self.document, assertion)?,
            name_id: self.name_id(assertion),
            left_out: reading::left_out(&self.document, assertion),
            decrypted: None,
            cipher: None,
        })
    }

    /// Opens an encrypted assertion. A signature must cover the assertion: either the Response's
    /// signature, which covers the ciphertext, or the assertion's own, which is inside the
    /// ciphertext.
    fn open_encrypted(
        &self,
        encrypted: &EncryptedAssertion,
        trust: &Trust,
        decryption: &Decryption<'_>,
    ) -> Result<Opened, Refusal> {
        let is_signed = self.is_signed(self.structure.root);
        if is_signed {
            signature::verify(&self.document, &self.structure.signed, trust)?;
        }
        // This step comes before decryption: an error outside the ciphertext must not reveal that
        // the ciphertext can be decrypted.
        let envelope = self.envelope()?;
        let plaintext = decryption.open(&self.document, encrypted, is_signed)?;
        let opened = match decrypted(&plaintext.text, is_signed, trust) {
            opened if plaintext.is_sound => opened,
            _ => Err(Refusal::Decryption),
        };
        let decrypted = opened.map_err(|refusal| encrypted.cipher.reported(refusal))?;
        Ok(Opened {
            envelope,
            assertion: decrypted.assertion,
            name_id: decrypted.name_id,
            left_out: decrypted.left_out,
            decrypted: Some(decrypted.summary),
            cipher: Some(encrypted.cipher),
        })
    }

    /// The NameID of an assertion's subject, with the qualifiers that samael's types leave out.
    fn name_id(&self, assertion: NodeId) -> Option<NameId> {
        let document = &self.document;
        let child = |node, name| xml::children_named(document, node, ns::ASSERTION, name).next();
        NameId::read(document, child(child(assertion, "Subject")?, "NameID")?)
    }

    fn is_signed(&self, node: NodeId) -> bool {
        let mut signed = self.structure.signed.iter();
        signed.any(|signed| signed.element == node)
    }

    /// The Response without its assertion. An unsigned Response proves nothing, but it can still
    /// cause a refusal.
    fn envelope(&self) -> Result<Envelope, Refusal> {
        let (document, root) = (&self.document, self.structure.root);
        let signed = self.is_signed(root);
        if signed {
            // IssueInstant is not used, but it must be a valid time (saml-core 3.2.2).
            reading::issue_instant(document, root)?;
        }
        let attribute = |name| xml::attribute(document, root, name).map(str::to_owned);
        let issuer = xml::children_named(document, root, ns::ASSERTION, "Issuer").next();
        let format = issuer.and_then(|node| xml::attribute(document, node, "Format"));
        Ok(Envelope {
            signed,
            destination: attribute("Destination"),
            in_response_to: attribute("InResponseTo"),
            issuer: issuer
                .and_then(|node| xml::text(document, node))
                .map(str::to_owned),
            issuer_format: format.map(str::to_owned),
            refused: self.refused_status(),
        })
    }

    fn refused_status(&self) -> Option<Refusal> {
        refused_status(&self.document, self.structure.root)
    }
}

/// The refusal for the status of a response; `None` if the status is Success. The refusal contains
/// the most specific code: the second-level code or, if there is none, the top-level code
/// (saml-core 3.2.2.2).
pub fn refused_status(document: &Document<'_>, response: NodeId) -> Option<Refusal> {
    let status = xml::children_named(document, response, ns::PROTOCOL, "Status").next()?;
    let code = |node| xml::children_named(document, node, ns::PROTOCOL, "StatusCode").next();
    let top = code(status)?;
    let message = xml::children_named(document, status, ns::PROTOCOL, "StatusMessage")
        .find_map(|node| xml::text(document, node));
    let detail = code(top).and_then(|node| xml::attribute(document, node, "Value"));
    refusal(xml::attribute(document, top, "Value"), detail, message)
}

/// The content of a decrypted assertion.
struct Plain {
    assertion: Assertion,
    name_id: Option<NameId>,
    left_out: Vec<String>,
    summary: Decrypted,
}

/// Checks, verifies and reads the decrypted assertion, which is a separate document. It needs no
/// signature if the Response's signature covers it.
fn decrypted(plaintext: &str, is_covered: bool, trust: &Trust) -> Result<Plain, Refusal> {
    let document = xml::parse(plaintext).map_err(|refusal| match refusal {
        // The parser's error describes the decrypted text, which must stay secret.
        Refusal::NotWellFormed(_) => {
            Refusal::NotWellFormed("the decrypted text, as a separate document".to_owned())
        }
        other => other,
    })?;
    let inner = Unverified {
        structure: policy::check_decrypted(&document)?,
        document,
    };
    if !(is_covered && inner.structure.signed.is_empty()) {
        signature::verify(&inner.document, &inner.structure.signed, trust)?;
    }
    let root = inner.structure.root;
    Ok(Plain {
        assertion: reading::assertion(&inner.document, root)?,
        name_id: inner.name_id(root),
        left_out: reading::left_out(&inner.document, root),
        summary: Decrypted::of(&inner.document, root),
    })
}

const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

fn refusal(top: Option<&str>, detail: Option<&str>, message: Option<&str>) -> Option<Refusal> {
    let top = top.unwrap_or("no status");
    if top == SUCCESS {
        return None;
    }
    let shortened = |text: &str| text.chars().take(MAX_STATUS_MESSAGE).collect();
    Some(Refusal::Status {
        code: shortened(detail.unwrap_or(top)),
        message: message.map(shortened),
    })
}

/// The content of a Response: its own fields, and the assertion in samael's type.
#[derive(Debug)]
pub struct Opened {
    /// The Response without its Assertion.
    pub envelope: Envelope,
    /// The Assertion, read from the same tree that passed the structural policy.
    pub assertion: Assertion,
    /// The NameID of the assertion's subject, if there is one.
    pub name_id: Option<NameId>,
    /// The Name of each attribute value that was left out, because it contains elements or is nil.
    pub left_out: Vec<String>,
    /// A summary of the assertion for administrators, if the assertion was encrypted.
    pub decrypted: Option<Decrypted>,
    /// The cipher of the assertion, if the assertion was encrypted.
    pub cipher: Option<Cipher>,
}

/// The Response's own fields, without the assertion.
#[derive(Debug)]
pub struct Envelope {
    /// Whether the Response is signed. If it is not, a wrong field still causes a refusal, but a
    /// correct field proves nothing.
    pub signed: bool,
    /// Destination: the URL to which the Response was sent.
    pub destination: Option<String>,
    /// InResponseTo: the ID of the request that the Response claims to respond to.
    pub in_response_to: Option<String>,
    /// Issuer: the entity ID of the Response's sender.
    pub issuer: Option<String>,
    /// The Format of the Issuer.
    pub issuer_format: Option<String>,
    /// The refusal for the status; `None` if the status is Success.
    pub refused: Option<Refusal>,
}

/// Decodes, checks, verifies, decrypts and reads a `SAMLResponse` form field in one call.
pub fn open(field: &str, trust: &Trust, decryption: &Decryption<'_>) -> Result<Opened, Refusal> {
    Unverified::parse(&decode(field)?)?.open(trust, decryption)
}
