//! Incoming logout messages, sent with HTTP-Redirect or HTTP-POST.

use std::borrow::Cow;
use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::DeflateDecoder;
use percent_encoding::percent_decode_str;

use super::MessageKind;
use crate::saml::Refusal;
use crate::saml::trust::{SignatureMethod, Trust};

/// The maximum size of an inflated message, in bytes. Real messages have a few thousand bytes.
const MAX_BYTES: u64 = 64 * 1024;
/// The maximum length of RelayState, in bytes. The specification allows 80 (saml-bindings 3.4.3),
/// but real IdPs send more.
const MAX_RELAY_STATE: usize = 1024;
/// The only supported value of `SAMLEncoding`, and its default (saml-bindings 3.4.4.1).
const DEFLATE: &str = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE";

/// An incoming message, decoded but not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Whether the message is a request or a response.
    pub kind: MessageKind,
    /// The decoded message.
    pub xml: String,
    /// RelayState. If the message is a request, our response must contain the same value.
    pub relay_state: Option<String>,
    /// The signature in the query; `None` if there is none or if the message was posted.
    signature: Option<QuerySignature>,
}

/// The signature of a query (saml-bindings 3.4.4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
struct QuerySignature {
    method: SignatureMethod,
    /// The signed bytes: the parameters exactly as in the query, in the order that the
    /// specification defines.
    octets: Vec<u8>,
    value: Vec<u8>,
}

impl Incoming {
    /// Reads the message from the query of a request to our logout endpoint.
    pub fn from_query(query: &str) -> Result<Self, Refusal> {
        let query = Query::read(query)?;
        let (kind, raw) = match (query.request, query.response) {
            (Some(raw), None) => (MessageKind::Request, raw),
            (None, Some(raw)) => (MessageKind::Response, raw),
            _ => {
                return Err(Refusal::Binding(
                    "exactly one of SAMLRequest and SAMLResponse is required",
                ));
            }
        };
        if let Some(encoding) = query.encoding
            && decoded(encoding)? != DEFLATE
        {
            return Err(Refusal::Binding("SAMLEncoding is not DEFLATE"));
        }
        let deflated = STANDARD
            .decode(&*unbroken(&decoded(raw)?))
            .map_err(|_| Refusal::Base64)?;
        Self {
            kind,
            xml: inflate(&deflated)?,
            relay_state: query
                .relay_state
                .map(decoded)
                .transpose()?
                .map(Cow::into_owned),
            signature: query.signature(kind, raw)?,
        }
        .bounded()
    }

    /// Reads the message from the fields of a form that was posted to our logout endpoint.
    pub fn from_form(
        request: Option<&str>,
        response: Option<&str>,
        relay_state: Option<&str>,
    ) -> Result<Self, Refusal> {
        let (kind, field) = match (request, response) {
            (Some(field), None) => (MessageKind::Request, field),
            (None, Some(field)) => (MessageKind::Response, field),
            _ => {
                return Err(Refusal::Binding(
                    "exactly one of SAMLRequest and SAMLResponse is required",
                ));
            }
        };
        Self {
            kind,
            xml: crate::saml::response::decode(field)?,
            relay_state: relay_state.map(str::to_owned),
            signature: None,
        }
        .bounded()
    }

    fn bounded(self) -> Result<Self, Refusal> {
        match &self.relay_state {
            Some(state) if state.len() > MAX_RELAY_STATE => {
                Err(Refusal::Binding("RelayState is too long"))
            }
            _ => Ok(self),
        }
    }

    /// Whether the query is signed with one of the keys in `trust`; `false` if it is unsigned. Any
    /// other signature is an error, and so is SHA-1 unless `trust` allows it.
    pub fn is_query_signed(&self, trust: &Trust) -> Result<bool, Refusal> {
        let Some(QuerySignature {
            method,
            octets,
            value,
        }) = &self.signature
        else {
            return Ok(false);
        };
        if method.is_sha1() && !trust.allows_sha1() {
            return Err(Refusal::Algorithm("SHA-1".to_owned()));
        }
        if trust.verifies(*method, octets, value) {
            Ok(true)
        } else {
            Err(Refusal::Signature)
        }
    }
}

/// The parameters of a query, still percent-encoded.
#[derive(Default)]
struct Query<'a> {
    request: Option<&'a str>,
    response: Option<&'a str>,
    relay_state: Option<&'a str>,
    algorithm: Option<&'a str>,
    signature: Option<&'a str>,
    encoding: Option<&'a str>,
}

impl<'a> Query<'a> {
    /// Splits the query. Each known parameter may occur once, under its unescaped name: anything
    /// that two readers could interpret differently is refused. Other parameters are ignored.
    fn read(query: &'a str) -> Result<Self, Refusal> {
        let mut read = Self::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let plain = percent_decode_str(name).decode_utf8_lossy();
            let slot = match &*plain {
                "SAMLRequest" => &mut read.request,
                "SAMLResponse" => &mut read.response,
                "RelayState" => &mut read.relay_state,
                "SigAlg" => &mut read.algorithm,
                "Signature" => &mut read.signature,
                "SAMLEncoding" => &mut read.encoding,
                _ => continue,
            };
            if plain != name {
                return Err(Refusal::Binding("a parameter name is percent-encoded"));
            }
            if slot.replace(value).is_some() {
                return Err(Refusal::Binding("a parameter occurs more than once"));
            }
        }
        Ok(read)
    }

    fn signature(&self, kind: MessageKind, raw: &str) -> Result<Option<QuerySignature>, Refusal> {
        let (algorithm, signature) = match (self.algorithm, self.signature) {
            (None, None) => return Ok(None),
            (Some(algorithm), Some(signature)) => (algorithm, signature),
            _ => return Err(Refusal::Binding("SigAlg and Signature must occur together")),
        };
        let uri = decoded(algorithm)?;
        let method = SignatureMethod::from_uri(&uri)
            .ok_or_else(|| Refusal::Algorithm(uri.chars().take(100).collect()))?;
        let mut octets = format!("{}={raw}", kind.field());
        if let Some(state) = self.relay_state {
            octets.push_str("&RelayState=");
            octets.push_str(state);
        }
        octets.push_str("&SigAlg=");
        octets.push_str(algorithm);
        let value = STANDARD
            .decode(&*unbroken(&decoded(signature)?))
            .map_err(|_| Refusal::Base64)?;
        Ok(Some(QuerySignature {
            method,
            octets: octets.into_bytes(),
            value,
        }))
    }
}

/// Decodes a query value: `%XX` sequences, and `+` as a space.
fn decoded(raw: &str) -> Result<Cow<'_, str>, Refusal> {
    if raw.contains('+') {
        let spaced = raw.replace('+', " ");
        let text = percent_decode_str(&spaced)
            .decode_utf8()
            .map_err(|_| Refusal::Utf8)?;
        return Ok(Cow::Owned(text.into_owned()));
    }
    percent_decode_str(raw)
        .decode_utf8()
        .map_err(|_| Refusal::Utf8)
}

/// Removes the line breaks that some IdPs insert into Base64.
pub fn unbroken(text: &str) -> Cow<'_, str> {
    if memchr::memchr2(b'\r', b'\n', text.as_bytes()).is_some() {
        Cow::Owned(text.replace(['\r', '\n'], ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// Inflates a message (RFC 1951). A message that inflates to more than 64 KiB is refused.
pub fn inflate(deflated: &[u8]) -> Result<String, Refusal> {
    let mut octets = Vec::new();
    DeflateDecoder::new(deflated)
        .take(MAX_BYTES + 1)
        .read_to_end(&mut octets)
        .map_err(|_| Refusal::Deflate)?;
    if octets.len() as u64 > MAX_BYTES {
        return Err(Refusal::Deflate);
    }
    String::from_utf8(octets).map_err(|_| Refusal::Utf8)
}
