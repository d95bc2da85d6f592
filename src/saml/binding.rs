//! The HTTP-Redirect and HTTP-POST bindings (saml-bindings 3.4, 3.5).
//!
//! This module handles the messages that we send, and incoming logout messages, which can use
//! either binding. Responses with assertions use only HTTP-POST and have their own module,
//! `response`.

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

/// The URI of HTTP-Redirect.
pub const REDIRECT_BINDING: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
/// The URI of HTTP-POST.
pub const POST_BINDING: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// Why one of our messages could not be created.
#[derive(Debug, Error)]
pub enum MessageError {
    /// OpenSSL failed to sign the message or to encode our certificate.
    #[error("signing the message failed: {0}")]
    Signature(#[from] ErrorStack),
    /// The message or its XML signature could not be written.
    #[error("writing the message failed: {0}")]
    Message(String),
}

/// Whether a message is a request or a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// A request, in the parameter or field `SAMLRequest`.
    Request,
    /// A response, in the parameter or field `SAMLResponse`.
    Response,
}

impl MessageKind {
    /// The name of the query parameter or form field that contains the message.
    pub fn field(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

/// A message to an IdP.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// Whether the message is a request or a response.
    pub kind: MessageKind,
    /// The ID of the message's root element.
    pub id: &'a str,
    /// The unsigned message.
    pub xml: &'a str,
    /// The URL to which the message is sent.
    pub destination: &'a Url,
    /// RelayState. For a request, a value that the IdP returns with its response; for a response,
    /// the value that came with the request.
    pub relay_state: Option<&'a str>,
}

impl Outgoing<'_> {
    /// The destination with the message in its query. The query is signed if there is a key.
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
            // The signature covers exactly these parameters, in this order (saml-bindings 3.4.4.1).
            // It does not cover the destination's own query.
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

    /// The form fields that contain the message and RelayState. The message is signed if there is a
    /// key.
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
