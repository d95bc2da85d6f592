//! How protocol messages travel: HTTP-Redirect and HTTP-POST (saml-bindings 3.4, 3.5).
//!
//! Responses with assertions come by HTTP-POST alone and have their own room, `response`; this is
//! for what we send, and for logout messages, which come by both.

mod incoming;
mod signature;

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use openssl::error::ErrorStack;
use thiserror::Error;
use url::Url;

pub use incoming::{Incoming, inflate, unbroken};

use super::key::SpKey;

/// HTTP-Redirect.
pub const REDIRECT_BINDING: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
/// HTTP-POST.
pub const POST_BINDING: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// A message of ours that could not be made.
#[derive(Debug, Error)]
pub enum MessageError {
    /// OpenSSL failed.
    #[error("signing the message failed: {0}")]
    Signature(#[from] ErrorStack),
    /// The message could not be written.
    #[error("writing the message failed: {0}")]
    Message(String),
}

/// Whether a message asks or answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// `SAMLRequest`
    Request,
    /// `SAMLResponse`
    Response,
}

impl MessageKind {
    /// The name of the parameter or form field.
    pub fn field(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

/// A message on its way to an IdP.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// Whether it asks or answers.
    pub kind: MessageKind,
    /// The ID of its root.
    pub id: &'a str,
    /// The message, not signed.
    pub xml: &'a str,
    /// Where it goes.
    pub destination: &'a Url,
    /// What comes back with the answer, or came with the request.
    pub relay_state: Option<&'a str>,
}

impl Outgoing<'_> {
    /// The URL that carries it, signed where there is a key.
    pub fn redirect_url(&self, key: Option<&SpKey>) -> Result<Url, MessageError> {
        let message = STANDARD.encode(deflate(self.xml.as_bytes())?);
        let mut pairs = vec![(self.kind.field(), message)];
        pairs.extend(
            self.relay_state
                .map(|state| ("RelayState", state.to_owned())),
        );
        if let Some(key) = key {
            pairs.push(("SigAlg", key.algorithm().to_owned()));
        }
        let mut query = encode(&pairs)?;
        if let Some(key) = key {
            // Exactly these parameters in this order are signed (saml-bindings 3.4.4.1), and not
            // what the URL's own query holds.
            let signature = STANDARD.encode(key.sign(query.as_bytes())?);
            query.push('&');
            query.push_str(&encode(&[("Signature", signature)])?);
        }
        let mut url = self.destination.clone();
        let own = url
            .query()
            .filter(|own| !own.is_empty())
            .map(|own| format!("{own}&"));
        url.set_query(Some(&format!("{}{query}", own.unwrap_or_default())));
        Ok(url)
    }

    /// The fields of the form that carries it, signed where there is a key.
    pub fn post_fields(
        &self,
        key: Option<&SpKey>,
    ) -> Result<Vec<(&'static str, String)>, MessageError> {
        let signed = key.map(|key| signature::sign(self.xml, self.id, key));
        let signed = signed.transpose()?;
        let xml = signed.as_deref().unwrap_or(self.xml);
        let mut fields = vec![(self.kind.field(), STANDARD.encode(xml))];
        fields.extend(
            self.relay_state
                .map(|state| ("RelayState", state.to_owned())),
        );
        Ok(fields)
    }
}

fn deflate(message: &[u8]) -> Result<Vec<u8>, MessageError> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(message)
        .and_then(|()| encoder.finish())
        .map_err(|error| MessageError::Message(error.to_string()))
}

fn encode(pairs: &[(&str, String)]) -> Result<String, MessageError> {
    serde_urlencoded::to_string(pairs).map_err(|error| MessageError::Message(error.to_string()))
}
