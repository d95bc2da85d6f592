//! The logout messages that we send.

use askama::Template;
use chrono::{DateTime, Utc};
use url::Url;

use super::MAX_AGE;
use crate::saml::binding::{MessageError, MessageKind, Outgoing};
use crate::saml::key::SpKey;
use crate::saml::login::NameId;

/// A LogoutRequest of ours (saml-core 3.7.1): signed, or IdPs take no notice of it.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "saml/logout-request.xml")]
pub struct OurRequest<'a> {
    /// ID: of at least 128 random bits.
    pub id: &'a str,
    /// Our entity ID.
    pub entity_id: &'a str,
    /// The IdP's single logout service.
    pub destination: &'a Url,
    /// Who is to be logged out, as the IdP named them.
    pub name_id: &'a NameId,
    /// The IdP's name for the session.
    pub session_index: Option<&'a str>,
    /// The time.
    pub now: DateTime<Utc>,
}

/// A LogoutResponse of ours (saml-core 3.7.2): Success.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "saml/logout-response.xml")]
pub struct OurResponse<'a> {
    /// ID: of at least 128 random bits.
    pub id: &'a str,
    /// Our entity ID.
    pub entity_id: &'a str,
    /// The IdP's single logout service.
    pub destination: &'a Url,
    /// The ID of the request.
    pub in_response_to: &'a str,
    /// What came with the request.
    pub relay_state: Option<&'a str>,
    /// The time.
    pub now: DateTime<Utc>,
}

impl OurRequest<'_> {
    fn expires_at(&self) -> String {
        instant(&(self.now + MAX_AGE))
    }

    /// The URL that carries it.
    pub fn redirect_url(&self, key: &SpKey) -> Result<Url, MessageError> {
        self.outgoing(&written(self)?).redirect_url(Some(key))
    }

    /// The fields of the form that carries it.
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
    /// The URL that carries it.
    pub fn redirect_url(&self, key: &SpKey) -> Result<Url, MessageError> {
        self.outgoing(&written(self)?).redirect_url(Some(key))
    }

    /// The fields of the form that carries it.
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

/// As XML Schema writes it, in UTC (saml-core 1.3.3).
fn instant(time: &DateTime<Utc>) -> String {
    time.format("%FT%TZ").to_string()
}
