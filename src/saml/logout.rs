//! Single logout messages (saml-core 3.7, saml-profiles 4.4).

mod ours;

use chrono::{DateTime, TimeDelta, Utc};
use uppsala::{Document, NodeId};
use url::Url;

pub use ours::{OurRequest, OurResponse};

use super::Refusal;
use super::binding::{Incoming, MessageKind};
use super::check::entity_format;
use super::login::NameId;
use super::policy::{self, Structure};
use super::response;
use super::signature;
use super::trust::Trust;
use super::xml::{self, ns};
use crate::config::Binding;

/// The maximum age of a logout message. Without a maximum, an old request could end a session that
/// began after the request was sent. The specification sets no maximum; it only allows a request to
/// contain a NotOnOrAfter (saml-core 3.7.1).
///
/// Our own requests expire after the same time. The maximum is independent of
/// [`check::MAX_AGE`](super::check::MAX_AGE), the time for which AWS accepts an assertion, because
/// logout messages are never sent to AWS.
pub const MAX_AGE: TimeDelta = TimeDelta::minutes(5);

/// An IdP's single logout service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutService {
    /// The binding for both requests and responses to the service.
    pub binding: Binding,
    /// The URL for requests.
    pub location: Url,
    /// The URL for responses (saml-metadata 2.2.2).
    pub response_location: Url,
}

/// A logout message that passed the structural policy. Nothing in it is verified yet.
#[derive(Debug)]
pub struct Unverified<'a> {
    incoming: &'a Incoming,
    document: Document<'a>,
    structure: Structure,
}

/// The values that a logout message must match to be accepted.
#[derive(Clone, Copy, Debug)]
pub struct ExpectedLogout<'a> {
    /// The URL of our single logout service.
    pub slo_url: &'a str,
    /// The entity ID of the IdP that must have issued the message.
    pub idp_entity_id: &'a str,
    /// A Format of the IdP's Issuer that is allowed in addition to entity.
    pub issuer_format: Option<&'a str>,
    /// The current time, with which the message's times are compared.
    pub now: DateTime<Utc>,
    /// How far the IdP's clock may be off, in either direction.
    pub skew: TimeDelta,
}

/// A verified LogoutRequest from an IdP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutRequest {
    /// The request's ID, which our response repeats as InResponseTo.
    pub id: String,
    /// The `NameID` of the person to log out.
    pub name_id: NameId,
    /// The SessionIndex of each session to end. If the list is empty, all of the person's sessions
    /// end.
    pub session_indexes: Vec<String>,
}

/// A verified LogoutResponse from an IdP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutResponse {
    /// The ID of the request that this message responds to.
    pub in_response_to: String,
    /// The refusal for the status; `None` if the status is Success.
    pub refused: Option<Refusal>,
}

impl<'a> Unverified<'a> {
    /// Parses the message and checks it against the structural policy.
    pub fn parse(incoming: &'a Incoming) -> Result<Self, Refusal> {
        let document = xml::parse(&incoming.xml)?;
        let structure = policy::check_logout(&document, incoming.kind)?;
        Ok(Self {
            incoming,
            document,
            structure,
        })
    }

    /// The issuer that the message claims to have. Use this only to choose the IdP that must have
    /// signed the message.
    pub fn claimed_issuer(&self) -> Option<&str> {
        child_text(&self.document, self.structure.root, ns::ASSERTION, "Issuer")
    }

    /// Verifies the signatures in the message and in the query. There must be at least one
    /// signature, and every signature must be valid. Returns the canonical bytes of the message,
    /// without the parts that are not read.
    fn verified(&self, trust: &Trust) -> Result<String, Refusal> {
        let is_query_signed = self.incoming.is_query_signed(trust)?;
        if !(is_query_signed && self.structure.signed.is_empty()) {
            signature::verify(&self.document, &self.structure.signed, trust)?;
        }
        signature::signed_octets(&self.document, self.structure.root, &self.structure.unread)
    }

    /// Whether the IdP has signed a message that was accepted, or was refused for the reason
    /// `refusal`. A signature that was the reason is not verified again.
    pub fn is_signed_by(&self, trust: &Trust, refusal: Option<&Refusal>) -> bool {
        match refusal {
            None => true,
            Some(Refusal::NotSigned | Refusal::Signature | Refusal::SignatureTarget) => false,
            Some(_) => self.verified(trust).is_ok(),
        }
    }

    /// Verifies and returns the request. It must be signed by the IdP, meant for us and recent.
    pub fn request(
        &self,
        trust: &Trust,
        expected: &ExpectedLogout<'_>,
    ) -> Result<LogoutRequest, Refusal> {
        let octets = self.verified(trust)?;
        let (document, root) = reread(&octets)?;
        check(&document, root, expected)?;
        let ends = xml::attribute(&document, root, "NotOnOrAfter");
        let has_ended = |end: DateTime<Utc>| end <= expected.now - expected.skew;
        if ends.map(time).transpose()?.is_some_and(has_ended) {
            return Err(Refusal::LogoutTime);
        }
        let name_id = xml::children_named(&document, root, ns::ASSERTION, "NameID").next();
        let indexes = xml::children_named(&document, root, ns::PROTOCOL, "SessionIndex");
        Ok(LogoutRequest {
            id: id(&document, root)?,
            name_id: name_id
                .and_then(|node| NameId::read(&document, node))
                .ok_or(Refusal::NoSubject)?,
            session_indexes: indexes
                .filter_map(|node| xml::text(&document, node))
                .map(str::to_owned)
                .collect(),
        })
    }

    /// Verifies and returns the response. It must be signed by the IdP, meant for us and recent.
    pub fn response(
        &self,
        trust: &Trust,
        expected: &ExpectedLogout<'_>,
    ) -> Result<LogoutResponse, Refusal> {
        let octets = self.verified(trust)?;
        let (document, root) = reread(&octets)?;
        check(&document, root, expected)?;
        let in_response_to = xml::attribute(&document, root, "InResponseTo");
        Ok(LogoutResponse {
            in_response_to: in_response_to.ok_or(Refusal::UnknownLogout)?.to_owned(),
            refused: response::refused_status(&document, root),
        })
    }

    /// Whether the message is a request or a response.
    pub fn kind(&self) -> MessageKind {
        self.incoming.kind
    }
}

fn reread(octets: &str) -> Result<(Document<'_>, NodeId), Refusal> {
    let document = xml::parse(octets)?;
    let root = document.document_element();
    let root = root.ok_or(Refusal::NotALogoutMessage)?;
    Ok((document, root))
}

/// Checks the parts that requests and responses have in common: destination, issuer and age.
fn check(
    document: &Document<'_>,
    root: NodeId,
    expected: &ExpectedLogout<'_>,
) -> Result<(), Refusal> {
    if xml::attribute(document, root, "Destination") != Some(expected.slo_url) {
        return Err(Refusal::Destination);
    }
    if child_text(document, root, ns::ASSERTION, "Issuer") != Some(expected.idp_entity_id) {
        return Err(Refusal::ResponseIssuer);
    }
    let sender = xml::children_named(document, root, ns::ASSERTION, "Issuer").next();
    if let Some(format) = sender.and_then(|node| xml::attribute(document, node, "Format")) {
        entity_format(format, expected.issuer_format)?;
    }
    let issued = xml::attribute(document, root, "IssueInstant");
    let issued = time(issued.unwrap_or_default())?;
    let oldest = expected.now - MAX_AGE - expected.skew;
    if issued < oldest || issued > expected.now + expected.skew {
        return Err(Refusal::LogoutTime);
    }
    Ok(())
}

fn id(document: &Document<'_>, root: NodeId) -> Result<String, Refusal> {
    let id = xml::attribute(document, root, "ID").filter(|id| !id.is_empty());
    Ok(id.ok_or(Refusal::MissingId("the message"))?.to_owned())
}

fn time(text: &str) -> Result<DateTime<Utc>, Refusal> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .map_err(|_| Refusal::LogoutTime)
}

fn child_text<'d>(
    document: &'d Document<'_>,
    node: NodeId,
    namespace: &'static str,
    name: &'static str,
) -> Option<&'d str> {
    let child = xml::children_named(document, node, namespace, name).next()?;
    xml::text(document, child)
}
