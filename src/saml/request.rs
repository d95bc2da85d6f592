//! The AuthnRequest, sent with HTTP-Redirect or HTTP-POST (saml-core 3.4.1, saml-bindings 3.4,
//! 3.5).

use chrono::{DateTime, TimeDelta, Utc};
use openssl::error::ErrorStack;
use samael::schema::{
    AuthnContextClassRef, AuthnContextComparison, AuthnRequest, Issuer, NameIdPolicy,
    RequestedAuthnContext,
};
use samael::traits::ToXml as _;
use url::Url;

use super::binding::{MessageError, MessageKind, Outgoing, POST_BINDING};
use super::key::SpKey;

/// The optional requirements in our AuthnRequests to one IdP (saml-core 3.4.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// ForceAuthn: the IdP must authenticate the person even if they are already signed in there.
    pub force_authn: bool,
    /// IsPassive: the IdP must not interact with the person.
    pub is_passive: bool,
    /// The Format of the NameIDPolicy.
    pub name_id_format: Option<String>,
    /// RequestedAuthnContext: the sign-in must use one of these authentication context classes. If
    /// the list is empty, any class is accepted.
    pub authn_contexts: Vec<String>,
}

/// An AuthnRequest, and the RelayState that is sent with it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The request's ID: an NCName with at least 128 random bits (saml-core 1.3.4).
    pub id: &'a str,
    /// Our entity ID.
    pub entity_id: &'a str,
    /// The URL of our assertion consumer service.
    pub acs_url: &'a str,
    /// The URL of the IdP's single sign-on service.
    pub destination: &'a Url,
    /// The optional requirements for the sign-in.
    pub wishes: &'a Wishes,
    /// The login in progress, at most 80 bytes (saml-bindings 3.4.3).
    pub relay_state: &'a str,
    /// When the request is issued.
    pub now: DateTime<Utc>,
}

impl Wishes {
    /// The same wishes, but with ForceAuthn and without IsPassive, regardless of the configuration.
    pub fn anew(&self) -> Self {
        Self {
            force_authn: true,
            is_passive: false,
            ..self.clone()
        }
    }

    fn name_id_policy(&self) -> Option<NameIdPolicy> {
        let format = self.name_id_format.as_deref()?;
        Some(NameIdPolicy {
            format: Some(format.to_owned()),
            sp_name_qualifier: None,
            allow_create: Some(true),
        })
    }

    fn requested_authn_context(&self) -> Option<RequestedAuthnContext> {
        let classes = self
            .authn_contexts
            .iter()
            .map(|class| AuthnContextClassRef {
                value: Some(escaped(class)),
            });
        let classes: Vec<_> = classes.collect();
        (!classes.is_empty()).then_some(RequestedAuthnContext {
            authn_context_class_refs: Some(classes),
            authn_context_decl_refs: None,
            comparison: Some(AuthnContextComparison::Exact),
        })
    }
}

/// How long after a request its response is accepted. This is the time that a person may spend at
/// the IdP. The specification sets no limit. A login in progress expires after the same time.
pub const RESPONSE_DEADLINE: TimeDelta = TimeDelta::minutes(15);

/// A new ID for a message: `_` and 256 random bits.
///
/// samael's own IDs have only 32 random bits and could be guessed.
pub fn new_id() -> Result<String, ErrorStack> {
    Ok(id_of(&crate::crypto::random()?))
}

/// The ID of a message that is made from these bytes, which must be random: an NCName.
pub fn id_of(octets: &[u8; 32]) -> String {
    use std::fmt::Write as _;
    let mut id = String::with_capacity(1 + 2 * octets.len());
    id.push('_');
    for octet in octets {
        // Writing to a string cannot fail.
        let _ = write!(id, "{octet:02x}");
    }
    id
}

impl Request<'_> {
    /// The URL for sending this request with HTTP-Redirect. The request is signed if there is a
    /// key.
    pub fn redirect_url(&self, key: Option<&SpKey>) -> Result<Url, MessageError> {
        self.outgoing(&self.to_xml()?).redirect_url(key)
    }

    /// The form fields for sending this request with HTTP-POST. The request is signed if there is a
    /// key.
    pub fn post_fields(
        &self,
        key: Option<&SpKey>,
    ) -> Result<Vec<(&'static str, String)>, MessageError> {
        self.outgoing(&self.to_xml()?).post_fields(key)
    }

    fn outgoing<'a>(&'a self, xml: &'a str) -> Outgoing<'a> {
        Outgoing {
            kind: MessageKind::Request,
            id: self.id,
            xml,
            destination: self.destination,
            relay_state: Some(self.relay_state),
        }
    }

    fn to_xml(self) -> Result<String, MessageError> {
        let request = AuthnRequest {
            id: self.id.to_owned(),
            version: "2.0".to_owned(),
            issue_instant: self.now,
            destination: Some(self.destination.to_string()),
            protocol_binding: Some(POST_BINDING.to_owned()),
            assertion_consumer_service_url: Some(self.acs_url.to_owned()),
            // samael does not escape text, so the entity ID is escaped here.
            issuer: Some(Issuer {
                value: Some(escaped(self.entity_id)),
                ..Issuer::default()
            }),
            force_authn: self.wishes.force_authn.then_some(true),
            is_passive: self.wishes.is_passive.then_some(true),
            name_id_policy: self.wishes.name_id_policy(),
            requested_authn_context: self.wishes.requested_authn_context(),
            ..AuthnRequest::default()
        };
        request
            .to_string()
            .map_err(|error| MessageError::Message(error.to_string()))
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
