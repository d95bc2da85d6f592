//! The minimal SAML that a test needs to talk to an IdP without rolecall.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::SecondsFormat;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use rolecall::clock::Clock;
use uppsala::{Document, NodeId};
use url::Url;
use url::form_urlencoded::Serializer;

use super::user_agent::Form;

const ASSERTION_NS: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const DSIG_NS: &str = "http://www.w3.org/2000/09/xmldsig#";
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

/// The AWS attribute with the roles, one per value.
pub const ROLE: &str = "https://aws.amazon.com/SAML/Attributes/Role";
/// The AWS attribute with the role session name.
pub const ROLE_SESSION_NAME: &str = "https://aws.amazon.com/SAML/Attributes/RoleSessionName";
/// The AWS attribute with the length of the console session in seconds.
pub const SESSION_DURATION: &str = "https://aws.amazon.com/SAML/Attributes/SessionDuration";

/// A request that a test sends on behalf of a service provider.
#[derive(Clone, Debug)]
pub struct AuthnRequest {
    /// The request's ID, which the response repeats as InResponseTo.
    pub id: String,
    /// The Issuer: the service provider's entity ID.
    pub entity_id: String,
    /// Where the IdP must post the response.
    pub acs_url: String,
    /// The IdP's single sign-on URL.
    pub destination: String,
    /// The `Format` of the `NameIDPolicy`, if the request specifies one.
    pub name_id_format: Option<String>,
    /// Whether the person must sign in again even if they have a session at the IdP.
    pub force_authn: bool,
    /// Whether the IdP must respond without asking the person for anything.
    pub is_passive: bool,
}

impl AuthnRequest {
    /// A request to `destination` without a NameIDPolicy. ForceAuthn and IsPassive are false.
    pub fn new(id: &str, entity_id: &str, acs_url: &str, destination: &str) -> Self {
        Self {
            id: id.to_owned(),
            entity_id: entity_id.to_owned(),
            acs_url: acs_url.to_owned(),
            destination: destination.to_owned(),
            name_id_format: None,
            force_authn: false,
            is_passive: false,
        }
    }

    /// The URL for sending this request unsigned, with the HTTP-Redirect binding.
    pub fn redirect_url(&self, relay_state: &str) -> Url {
        self.with_query(&self.query(relay_state).finish())
    }

    /// Like [`redirect_url`](Self::redirect_url), but with an RSA-SHA256 signature over the query
    /// string as it is sent (saml-bindings 3.4.4.1).
    pub fn signed_redirect_url(&self, relay_state: &str, key_pem: &str) -> Url {
        let signed = self
            .query(relay_state)
            .append_pair("SigAlg", RSA_SHA256)
            .finish();
        let key = PKey::private_key_from_pem(key_pem.as_bytes()).expect("the key is PEM");
        let signature = Signer::new(MessageDigest::sha256(), &key)
            .and_then(|mut signer| signer.sign_oneshot_to_vec(signed.as_bytes()))
            .expect("OpenSSL signs");
        let signature = Serializer::new(signed)
            .append_pair("Signature", &STANDARD.encode(signature))
            .finish();
        self.with_query(&signature)
    }

    fn query(&self, relay_state: &str) -> Serializer<'static, String> {
        let mut query = Serializer::new(String::new());
        query.append_pair("SAMLRequest", &STANDARD.encode(deflate(&self.xml())));
        query.append_pair("RelayState", relay_state);
        query
    }

    fn with_query(&self, query: &str) -> Url {
        let mut url = Url::parse(&self.destination).expect("a destination is a URL");
        url.set_query(Some(query));
        url
    }

    fn xml(&self) -> String {
        let Self {
            id,
            entity_id,
            acs_url,
            destination,
            force_authn,
            is_passive,
            ..
        } = self;
        let now = Clock::system()
            .now()
            .to_rfc3339_opts(SecondsFormat::Secs, true);
        let policy = self
            .name_id_format
            .as_ref()
            .map_or_else(String::new, |format| {
                format!(r#"<samlp:NameIDPolicy Format="{format}" AllowCreate="true"/>"#)
            });
        format!(
            r#"<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="{id}" Version="2.0" IssueInstant="{now}" Destination="{destination}" ForceAuthn="{force_authn}" IsPassive="{is_passive}" AssertionConsumerServiceURL="{acs_url}" ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"><saml:Issuer xmlns:saml="{ASSERTION_NS}">{entity_id}</saml:Issuer>{policy}</samlp:AuthnRequest>"#
        )
    }
}

fn deflate(text: &str) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(text.as_bytes())
        .expect("writing to a vector succeeds");
    encoder.finish().expect("writing to a vector succeeds")
}

/// A response or metadata from an IdP, for inspection only: the XML is read without any check.
pub struct Received {
    /// The decoded `SAMLResponse`, or the metadata.
    pub xml: String,
    document: Document<'static>,
}

impl Received {
    /// Reads the `SAMLResponse` in an IdP's form.
    pub fn from_form(form: &Form) -> Self {
        let encoded = form
            .field("SAMLResponse")
            .expect("the form contains a SAMLResponse");
        let decoded = STANDARD.decode(encoded).expect("a SAMLResponse is base64");
        Self::from_xml(String::from_utf8(decoded).expect("a SAMLResponse is UTF-8"))
    }

    /// Reads a decoded response, or metadata.
    pub fn from_xml(xml: String) -> Self {
        let document = uppsala::parse(&xml)
            .expect("the XML is well-formed")
            .into_static();
        Self { xml, document }
    }

    /// The values of the attribute with this Name.
    pub fn attribute(&self, name: &str) -> Vec<String> {
        self.all(ASSERTION_NS, "Attribute")
            .filter(|&node| self.document.get_attribute(node, "Name") == Some(name))
            .flat_map(|node| self.document.children(node))
            .filter(|&node| self.document.element(node).is_some())
            .map(|value| self.document.text_content_deep(value))
            .collect()
    }

    /// The text of each element with this name in the assertion namespace.
    pub fn texts(&self, element: &str) -> Vec<String> {
        self.all(ASSERTION_NS, element)
            .map(|node| self.document.text_content_deep(node))
            .collect()
    }

    /// The subject's NameID.
    pub fn name_id(&self) -> String {
        self.texts("NameID")
            .into_iter()
            .next()
            .expect("there is a NameID")
    }

    /// The values of an XML attribute on all elements with this name, in any namespace.
    pub fn xml_attribute(&self, element: &str, attribute: &str) -> Vec<String> {
        let nodes = self.document.get_elements_by_tag_name(element);
        let value = |&node: &NodeId| self.document.get_attribute(node, attribute);
        nodes.iter().filter_map(value).map(str::to_owned).collect()
    }

    /// The local names of the elements that have a signature as a child, in document order.
    pub fn signed_elements(&self) -> Vec<String> {
        self.all(DSIG_NS, "Signature")
            .filter_map(|node| self.document.element(self.document.parent(node)?))
            .map(|element| element.name.local_name.to_string())
            .collect()
    }

    /// The local names of the assertion's children, in order.
    pub fn assertion_children(&self) -> Vec<String> {
        self.all(ASSERTION_NS, "Assertion")
            .flat_map(|node| self.document.children(node))
            .filter_map(|node| self.document.element(node))
            .map(|element| element.name.local_name.to_string())
            .collect()
    }

    fn all(&self, namespace: &str, name: &str) -> impl Iterator<Item = NodeId> + use<> {
        self.document
            .get_elements_by_tag_name_ns(namespace, name)
            .into_iter()
    }
}
