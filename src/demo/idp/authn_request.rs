//! Reads and checks AuthnRequests sent with HTTP-Redirect (saml-core 3.4.1, saml-bindings 3.4).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use super::RelyingParty;
use crate::saml::binding::inflate;
use crate::saml::xml::{self, ns};

/// A service provider's request to the IdP to authenticate a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthnRequest {
    /// The `ID`, which the response repeats as InResponseTo.
    pub id: String,
    /// The entity ID of the service provider.
    pub issuer: String,
    /// The `AssertionConsumerServiceURL`, if the request contains one.
    pub acs_url: Option<String>,
    /// `ForceAuthn`: whether a person who is already signed in to the IdP must sign in again.
    pub force_authn: bool,
    /// `IsPassive`: whether the IdP must not interact with the person.
    pub is_passive: bool,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum AuthnRequestError {
    /// The parameter `SAMLRequest` is not base64.
    #[error("the SAMLRequest is not base64")]
    Base64,
    /// The decoded parameter is not DEFLATE data, or the inflated text is larger than 64 KiB or
    /// not UTF-8.
    #[error("the SAMLRequest does not inflate to UTF-8 text of at most 64 KiB")]
    Deflate,
    /// The inflated text is not well-formed XML, or contains markup that is not allowed, such as a
    /// document type declaration.
    #[error("the SAMLRequest is not well-formed XML, or contains markup that is not allowed")]
    Xml,
    /// The message is not an AuthnRequest, has no ID, or has no Issuer.
    #[error("the SAMLRequest is not an AuthnRequest with an ID and an Issuer")]
    NotAnAuthnRequest,
    /// The issuer is not the registered service provider.
    #[error("the request's issuer is not the registered service provider")]
    Issuer,
    /// The ACS URL differs from the registered one.
    #[error("the request's AssertionConsumerServiceURL is not the registered one")]
    AcsUrl,
}

impl AuthnRequest {
    /// Decodes and parses the value of the query parameter `SAMLRequest`.
    pub fn read(parameter: &str) -> Result<Self, AuthnRequestError> {
        let deflated = STANDARD
            .decode(parameter)
            .map_err(|_| AuthnRequestError::Base64)?;
        let text = inflate(&deflated).map_err(|_| AuthnRequestError::Deflate)?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, AuthnRequestError> {
        let document = xml::parse(text).map_err(|_| AuthnRequestError::Xml)?;
        let root = document
            .document_element()
            .filter(|&root| xml::is(&document, root, ns::PROTOCOL, "AuthnRequest"))
            .ok_or(AuthnRequestError::NotAnAuthnRequest)?;
        let attribute = |name| xml::attribute(&document, root, name);
        let issuer = xml::children_named(&document, root, ns::ASSERTION, "Issuer").next();
        let issuer = issuer.and_then(|issuer| xml::text(&document, issuer));
        let is = |name| matches!(attribute(name), Some("true" | "1"));
        Ok(Self {
            id: attribute("ID")
                .ok_or(AuthnRequestError::NotAnAuthnRequest)?
                .to_owned(),
            issuer: issuer
                .ok_or(AuthnRequestError::NotAnAuthnRequest)?
                .to_owned(),
            acs_url: attribute("AssertionConsumerServiceURL").map(str::to_owned),
            force_authn: is("ForceAuthn"),
            is_passive: is("IsPassive"),
        })
    }

    /// Checks that the issuer is the registered service provider, and that the request contains no
    /// ACS URL other than the registered one.
    pub fn check(&self, registered: &RelyingParty) -> Result<(), AuthnRequestError> {
        if self.issuer != registered.entity_id {
            return Err(AuthnRequestError::Issuer);
        }
        match &self.acs_url {
            Some(asked) if *asked != registered.acs_url => Err(AuthnRequestError::AcsUrl),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use chrono::{DateTime, Utc};
    use flate2::Compression;
    use flate2::write::DeflateEncoder;
    use url::Url;

    use super::*;
    use crate::saml::request::{Request, Wishes};

    fn field(text: &str) -> String {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        STANDARD.encode(encoder.finish().unwrap())
    }

    fn relying_party() -> RelyingParty {
        RelyingParty {
            entity_id: "https://sp.example.com/?a&b".to_owned(),
            acs_url: "https://sp.example.com/acs?a&b".to_owned(),
        }
    }

    #[test]
    fn reads_what_the_service_provider_sends() {
        let registered = relying_party();
        let request = Request {
            id: "_id",
            entity_id: &registered.entity_id,
            acs_url: &registered.acs_url,
            destination: &Url::parse("http://127.0.0.1/sso").unwrap(),
            wishes: &Wishes::default(),
            relay_state: "state",
            now: DateTime::<Utc>::UNIX_EPOCH,
        };
        let url = request.redirect_url(None).unwrap();
        let (_, field) = url
            .query_pairs()
            .find(|(name, _)| name == "SAMLRequest")
            .unwrap();
        let read = AuthnRequest::read(&field).unwrap();
        assert_eq!(read.id, "_id");
        assert!(!read.force_authn && !read.is_passive);
        assert_eq!(read.check(&registered), Ok(()));
    }

    #[test]
    fn reads_force_authn_and_is_passive() {
        let text = format!(
            r#"<p:AuthnRequest xmlns:p="{}" xmlns:a="{}" ID="_1" ForceAuthn="true" IsPassive="1"><a:Issuer>urn:sp</a:Issuer></p:AuthnRequest>"#,
            ns::PROTOCOL,
            ns::ASSERTION
        );
        let read = AuthnRequest::read(&field(&text)).unwrap();
        assert!(read.force_authn && read.is_passive);
    }

    #[test]
    fn refuses_messages_that_are_no_authn_request() {
        let bomb = field(&"x".repeat(64 * 1024 + 1));
        for (parameter, error) in [
            ("%".to_owned(), AuthnRequestError::Base64),
            (STANDARD.encode("<a/>"), AuthnRequestError::Deflate),
            (bomb, AuthnRequestError::Deflate),
            (field("<a"), AuthnRequestError::Xml),
            (field("<!DOCTYPE a><a/>"), AuthnRequestError::Xml),
            (field("<a/>"), AuthnRequestError::NotAnAuthnRequest),
        ] {
            assert_eq!(AuthnRequest::read(&parameter), Err(error));
        }
    }

    #[test]
    fn refuses_other_service_providers_and_acs_urls() {
        let registered = relying_party();
        let mut request = AuthnRequest {
            id: "_1".to_owned(),
            issuer: registered.entity_id.clone(),
            acs_url: None,
            force_authn: false,
            is_passive: false,
        };
        assert_eq!(request.check(&registered), Ok(()));
        request.acs_url = Some("https://evil.example.com/".to_owned());
        assert_eq!(request.check(&registered), Err(AuthnRequestError::AcsUrl));
        request.issuer = "urn:else".to_owned();
        assert_eq!(request.check(&registered), Err(AuthnRequestError::Issuer));
    }
}
