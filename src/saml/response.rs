//! From the form field to what was signed: decode, policy, verification, signed octets.

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

/// The longest status message of an IdP that is kept, in characters.
const MAX_STATUS_MESSAGE: usize = 200;

/// Decodes the form field `SAMLResponse`: base64, in which some IdPs break the lines, of UTF-8
/// (saml-bindings 3.5.4).
pub fn decode(field: &str) -> Result<String, Refusal> {
    let octets = STANDARD
        .decode(&*unbroken(field))
        .map_err(|_| Refusal::Base64)?;
    String::from_utf8(octets).map_err(|_| Refusal::Utf8)
}

/// Parses a message. Whoever sends something else by the thousand is not to have it parsed.
pub(super) fn tree(text: &str) -> Result<Document<'_>, Refusal> {
    xml::parse_rooted(text, "Response", Refusal::NotAResponse)
}

/// A message that passed the structural policy; nothing in it is known to be true yet.
#[derive(Debug)]
pub struct Unverified<'a> {
    document: Document<'a>,
    structure: Structure,
}

impl<'a> Unverified<'a> {
    /// Parses `text` once and holds it against the policy.
    pub fn parse(text: &'a str) -> Result<Self, Refusal> {
        Self::of(tree(text)?)
    }

    /// Holds a tree against the policy.
    pub(super) fn of(document: Document<'a>) -> Result<Self, Refusal> {
        let structure = policy::check(&document)?;
        Ok(Self {
            document,
            structure,
        })
    }

    /// Who the message claims to come from: good for choosing whose keys it is held against, and
    /// for nothing else.
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

    /// The request that the message claims to answer: good for telling a login that is over
    /// from one that the IdP started, and for nothing else.
    pub fn claimed_request(&self) -> Option<&str> {
        xml::attribute(&self.document, self.structure.root, "InResponseTo")
    }

    /// What the message says, for administrators; what is encrypted in it is left out.
    pub fn summary(&self) -> Summary {
        Summary::of(&self.document, self.structure.root)
    }

    /// Whether its assertion is encrypted.
    pub fn is_encrypted(&self) -> bool {
        matches!(self.structure.assertion, Some(Carried::Encrypted(_)))
    }

    /// What would be read if the signatures were good, where nothing is encrypted: for telling an
    /// administrator of further mistakes, and never for a login.
    pub(super) fn read_without_verifying(&self) -> Option<Opened> {
        match self.structure.assertion {
            Some(Carried::Plain(assertion)) => self.read_plain(assertion).ok(),
            _ => None,
        }
    }

    /// Verifies every signature with the IdP's keys, decrypts what is encrypted, and reads the
    /// signed octets.
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
            decrypted: None,
            cipher: None,
        })
    }

    /// A signature covers the assertion: the Response's over the ciphertext, or its own inside.
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
        // Before: what is wrong around a ciphertext must not tell that it decrypts.
        let envelope = self.envelope()?;
        let plaintext = decryption.open(&self.document, encrypted, is_signed)?;
        let opened = match decrypted(&plaintext.text, is_signed, trust) {
            opened if plaintext.is_sound => opened,
            _ => Err(Refusal::Decryption),
        };
        let (assertion, name_id, decrypted) =
            opened.map_err(|refusal| encrypted.cipher.told(refusal))?;
        Ok(Opened {
            envelope,
            assertion,
            name_id,
            decrypted: Some(decrypted),
            cipher: Some(encrypted.cipher),
        })
    }

    /// The subject of a verified assertion, with what samael's types leave out.
    fn name_id(&self, assertion: NodeId) -> Option<NameId> {
        let document = &self.document;
        let child = |node, name| xml::children_named(document, node, ns::ASSERTION, name).next();
        NameId::read(document, child(child(assertion, "Subject")?, "NameID")?)
    }

    fn is_signed(&self, node: NodeId) -> bool {
        let mut signed = self.structure.signed.iter();
        signed.any(|signed| signed.element == node)
    }

    /// The Response without its assertion. Where it is not signed, it can refuse a login, and proves
    /// nothing.
    fn envelope(&self) -> Result<Envelope, Refusal> {
        let (document, root) = (&self.document, self.structure.root);
        let signed = self.is_signed(root);
        if signed {
            // Nothing hangs on it, and yet it has to be one (saml-core 3.2.2).
            reading::issue_instant(document, root)?;
        }
        let attribute = |name| xml::attribute(document, root, name).map(str::to_owned);
        let mut issuer = xml::children_named(document, root, ns::ASSERTION, "Issuer");
        Ok(Envelope {
            signed,
            destination: attribute("Destination"),
            in_response_to: attribute("InResponseTo"),
            issuer: issuer
                .find_map(|node| xml::text(document, node))
                .map(str::to_owned),
            refused: self.refused_status(),
        })
    }

    fn refused_status(&self) -> Option<Refusal> {
        refused_status(&self.document, self.structure.root)
    }
}

/// The status of a response as a refusal, unless it is Success. Its second level, where there is
/// one, says more than the first (saml-core 3.2.2.2).
pub fn refused_status(document: &Document<'_>, response: NodeId) -> Option<Refusal> {
    let status = xml::children_named(document, response, ns::PROTOCOL, "Status").next()?;
    let code = |node| xml::children_named(document, node, ns::PROTOCOL, "StatusCode").next();
    let top = code(status)?;
    let message = xml::children_named(document, status, ns::PROTOCOL, "StatusMessage")
        .find_map(|node| xml::text(document, node));
    let detail = code(top).and_then(|node| xml::attribute(document, node, "Value"));
    refusal(xml::attribute(document, top, "Value"), detail, message)
}

/// Reads what was decrypted, a document of its own.
fn decrypted(
    plaintext: &str,
    is_covered: bool,
    trust: &Trust,
) -> Result<(Assertion, Option<NameId>, Decrypted), Refusal> {
    let document = xml::parse(plaintext).map_err(|refusal| match refusal {
        // The parser quotes, and this text was secret.
        Refusal::NotWellFormed(_) => {
            Refusal::NotWellFormed("what was decrypted, as a document of its own".to_owned())
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
    let said = Decrypted::of(&inner.document, root);
    let assertion = reading::assertion(&inner.document, root)?;
    Ok((assertion, inner.name_id(root), said))
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

/// What was signed, as samael's types.
#[derive(Debug)]
pub struct Opened {
    /// The Response without its Assertion.
    pub envelope: Envelope,
    /// The Assertion, from the signed octets.
    pub assertion: Assertion,
    /// Its subject, if it has one.
    pub name_id: Option<NameId>,
    /// What the assertion says, for administrators, if it was encrypted.
    pub decrypted: Option<Decrypted>,
    /// How it was encrypted, if it was.
    pub cipher: Option<Cipher>,
}

/// The Response's own fields.
#[derive(Debug)]
pub struct Envelope {
    /// Whether the Response is signed. If not, a wrong field still refuses, a right one proves
    /// nothing.
    pub signed: bool,
    /// Destination.
    pub destination: Option<String>,
    /// InResponseTo.
    pub in_response_to: Option<String>,
    /// Issuer.
    pub issuer: Option<String>,
    /// The status, where it is not Success.
    pub refused: Option<Refusal>,
}

/// Decodes, checks, verifies, decrypts and reads a `SAMLResponse` form field in one call.
pub fn open(field: &str, trust: &Trust, decryption: &Decryption<'_>) -> Result<Opened, Refusal> {
    Unverified::parse(&decode(field)?)?.open(trust, decryption)
}
