//! The logout messages that we send.

use askama::Template;
use chrono::{DateTime, Utc};
use url::Url;

use super::MAX_AGE;
use crate::saml::binding::{MessageError, MessageKind, Outgoing};
use crate::saml::key::SpKey;
use crate::saml::login::NameId;

/// A LogoutRequest that we send (saml-core 3.7.1). It is always signed, because IdPs ignore
/// unsigned requests.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "saml/logout-request.xml")]
pub struct OurRequest<'a> {
    /// An ID with at least 128 random bits.
    pub id: &'a str,
    /// Our entity ID.
    pub entity_id: &'a str,
    /// The URL of the IdP's single logout service.
    pub destination: &'a Url,
    /// The person to log out, identified by the `NameID` that the IdP sent.
    pub name_id: &'a NameId,
    /// The IdP's identifier for the session (SessionIndex).
    pub session_index: Option<&'a str>,
    /// When the message is issued.
    pub now: DateTime<Utc>,
}

/// A LogoutResponse that we send (saml-core 3.7.2), always with the status Success.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "saml/logout-response.xml")]
pub struct OurResponse<'a> {
    /// An ID with at least 128 random bits.
    pub id: &'a str,
    /// Our entity ID.
    pub entity_id: &'a str,
    /// The URL of the IdP's single logout service for responses.
    pub destination: &'a Url,
    /// The ID of the IdP's request.
    pub in_response_to: &'a str,
    /// The RelayState that came with the request.
    pub relay_state: Option<&'a str>,
    /// When the message is issued.
    pub now: DateTime<Utc>,
}

impl OurRequest<'_> {
    fn expires_at(&self) -> String {
        instant(&(self.now + MAX_AGE))
    }

    /// The URL for sending the signed message with HTTP-Redirect.
    pub fn redirect_url(&self, key: &SpKey) -> Result<Url, MessageError> {
        self.outgoing(&written(self)?).redirect_url(Some(key))
    }

    /// The form fields for sending the signed message with HTTP-POST.
    pub fn post_fields(&self, key: &SpKey) -> Result<Vec<(&'static str, String)>, MessageError> {
        self.outgoing(&written(self)?).post_fields(Some(key))
    }

    fn outgoing<'a>(&'a self, xml: &'a str) -> Outgoing<'a> {
        Outgoing {
            kind: MessageKind::Request,
            id: self.id,
            xml,
            destination: self.destination,
            relay_state: None,
        }
    }
}

impl OurResponse<'_> {
    /// The URL for sending the signed message with HTTP-Redirect.
    pub fn redirect_url(&self, key: &SpKey) -> Result<Url, MessageError> {
        self.outgoing(&written(self)?).redirect_url(Some(key))
    }

    /// The form fields for sending the signed message with HTTP-POST.
    pub fn post_fields(&self, key: &SpKey) -> Result<Vec<(&'static str, String)>, MessageError> {
        self.outgoing(&written(self)?).post_fields(Some(key))
    }

    fn outgoing<'a>(&'a self, xml: &'a str) -> Outgoing<'a> {
        Outgoing {
            kind: MessageKind::Response,
            id: self.id,
            xml,
            destination: self.destination,
            relay_state: self.relay_state,
        }
    }
}

fn written(message: &impl Template) -> Result<String, MessageError> {
    let written = message.render();
    written.map_err(|error| MessageError::Message(error.to_string()))
}

/// A time in XML Schema's format, in UTC (saml-core 1.3.3).
fn instant(time: &DateTime<Utc>) -> String {
    time.format("%FT%TZ").to_string()
}
