//! Single logout from either side, and messages that must not end anyone's session.

mod by_idp;
mod refused;

use std::io::{Read as _, Write as _};

use actix_web::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::{Signer, Verifier};
use openssl::x509::X509;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rolecall::demo::idp::{SigningKey, SigningOptions, sign};
use rolecall::saml::response::decode;
use samael::crypto::{CertificateDer, Crypto, CryptoProvider as _};
use url::Url;

use crate::credentials::form;
use crate::support::app::{IDP, Options, TestApp, first_idp, person};
use crate::support::key_pair::KeyPair;
use crate::support::user_agent::{Page, UserAgent};

const SLO: &str = "https://idp.example.com/slo?tenant=a%26b";
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

/// An application with an IdP that supports single logout with one binding.
struct Bench {
    app: TestApp,
    /// The IdP's key for signing messages in URLs.
    key: KeyPair,
    /// The application's signing key.
    sp_key: KeyPair,
}

impl Bench {
    fn new(binding: &str) -> Self {
        Self::with(binding, Options::default())
    }

    fn with(binding: &str, options: Options) -> Self {
        let (key, sp_key) = (KeyPair::generate("idp"), KeyPair::generate("rolecall"));
        let app = TestApp::start_with(Options {
            metadata: Some(metadata(&key, binding, "")),
            key: Some(sp_key.clone()),
            ..options
        });
        Self { app, key, sp_key }
    }

    async fn signed_in(&self) -> UserAgent {
        let agent = UserAgent::new();
        let page = self.app.sign_in(&agent, &person("alice")).await;
        assert!(is_portal(&page), "{page}");
        agent
    }

    async fn is_signed_in(&self, agent: &UserAgent) -> bool {
        is_portal(&agent.get(self.app.at("/")).await)
    }

    /// The IdP's request to end this person's sessions with these indexes, or all of the person's
    /// sessions if `indexes` is empty.
    fn request(&self, name_id: &str, indexes: &[&str]) -> Message {
        let index = |index: &&str| format!("<samlp:SessionIndex>{index}</samlp:SessionIndex>");
        let indexes = indexes.iter().map(index).collect::<Vec<_>>().concat();
        let now = self.app.now();
        Message::new(
            "LogoutRequest",
            &self.app.at("/saml/slo"),
            now,
            &format!("NotOnOrAfter=\"{}\"", instant(now + TimeDelta::minutes(5))),
            &format!("<saml:NameID>{name_id}</saml:NameID>{indexes}"),
        )
    }

    fn response(&self, in_response_to: &str, status: &str) -> Message {
        Message::new(
            "LogoutResponse",
            &self.app.at("/saml/slo"),
            self.app.now(),
            &format!("InResponseTo=\"{in_response_to}\""),
            &format!("<samlp:Status><samlp:StatusCode Value=\"{status}\"/></samlp:Status>"),
        )
    }

    /// The message, signed by the IdP, as a URL for the HTTP-Redirect binding.
    fn url(&self, message: &Message) -> String {
        let query = message.query(Some("state/1"), RSA_SHA256);
        let signature = escaped(&STANDARD.encode(signature(&self.key, &query)));
        format!("{}?{query}&Signature={signature}", self.app.at("/saml/slo"))
    }

    #[track_caller]
    fn assert_refused(&self, page: &Page, check: &str) {
        assert_eq!(page.status, StatusCode::FORBIDDEN.as_u16(), "{page}");
        assert!(page.body.contains("That sign-out was refused"), "{page}");
        let line = self.app.last_audit();
        assert_eq!(line["event"], "logout_refused", "{line}");
        assert_eq!(line["check"], check, "{line}");
    }
}

/// The message, signed by the IdP, as a form for the HTTP-POST binding.
fn by_post(message: &Message) -> Vec<(String, String)> {
    fields(message, &message.signed(first_idp().key()), "state/1")
}

fn is_portal(page: &Page) -> bool {
    page.body.contains("reader") && page.body.contains("Sign out")
}

fn instant(time: DateTime<Utc>) -> String {
    time.format("%FT%TZ").to_string()
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn signature(key: &KeyPair, octets: &str) -> Vec<u8> {
    let key = PKey::private_key_from_pem(key.key_pem.as_bytes()).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
    signer.sign_oneshot_to_vec(octets.as_bytes()).unwrap()
}

/// The first IdP's metadata with a second key and a single logout service.
fn metadata(key: &KeyPair, binding: &str, attributes: &str) -> String {
    let certificate = X509::from_pem(key.certificate_pem.as_bytes()).unwrap();
    let certificate = STANDARD.encode(certificate.to_der().unwrap());
    let more = format!(
        "<md:KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate>\
         </ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleLogoutService \
         Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:{binding}\" Location=\"{SLO}\" {attributes}/>"
    );
    let metadata = first_idp().metadata_xml().unwrap();
    metadata.replacen("<md:NameIDFormat", &format!("{more}<md:NameIDFormat"), 1)
}

#[derive(Clone)]
struct Message {
    id: String,
    xml: String,
}

impl Message {
    fn new(kind: &str, to: &str, now: DateTime<Utc>, attributes: &str, content: &str) -> Self {
        let id = rolecall::saml::request::new_id().unwrap();
        let xml = format!(
            "<samlp:{kind} xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
             xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"{id}\" Version=\"2.0\" \
             IssueInstant=\"{}\" Destination=\"{to}\" {attributes}><saml:Issuer>{IDP}</saml:Issuer>{content}</samlp:{kind}>",
            instant(now)
        );
        Self { id, xml }
    }

    fn replaced(&self, old: &str, new: &str) -> Self {
        assert!(self.xml.contains(old), "{old} is not in {}", self.xml);
        let xml = self.xml.replace(old, new);
        Self {
            xml,
            ..self.clone()
        }
    }

    fn field(&self) -> &'static str {
        if self.xml.starts_with("<samlp:LogoutRequest") {
            "SAMLRequest"
        } else {
            "SAMLResponse"
        }
    }

    fn signed(&self, key: &SigningKey) -> String {
        sign(&self.xml, &self.id, key, &SigningOptions::default()).unwrap()
    }

    /// The part of the query that is signed: everything except the signature.
    fn query(&self, relay_state: Option<&str>, algorithm: &str) -> String {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(self.xml.as_bytes()).unwrap();
        let message = STANDARD.encode(encoder.finish().unwrap());
        let state = relay_state.map(|state| format!("&RelayState={}", escaped(state)));
        let (field, message, state) = (self.field(), escaped(&message), state.unwrap_or_default());
        format!("{field}={message}{state}&SigAlg={}", escaped(algorithm))
    }
}

fn fields(message: &Message, xml: &str, relay_state: &str) -> Vec<(String, String)> {
    vec![
        (message.field().to_owned(), STANDARD.encode(xml)),
        ("RelayState".to_owned(), relay_state.to_owned()),
    ]
}

/// Verifies rolecall's signature in a redirect URL, and returns the XML of the message.
fn ours(url: &Url, key: &KeyPair) -> String {
    let query = url.query().unwrap();
    let at = query.find("SAMLRe").unwrap();
    let (signed, signature) = query[at..].split_once("&Signature=").unwrap();
    let signature = percent_decode_str(signature).decode_utf8().unwrap();
    let certificate = X509::from_pem(key.certificate_pem.as_bytes()).unwrap();
    let public = certificate.public_key().unwrap();
    let mut verifier = Verifier::new(MessageDigest::sha256(), &public).unwrap();
    let signature = STANDARD.decode(&*signature).unwrap();
    assert!(
        verifier
            .verify_oneshot(&signature, signed.as_bytes())
            .unwrap()
    );
    let message = signed.split(['=', '&']).nth(1).unwrap();
    let message = percent_decode_str(message).decode_utf8().unwrap();
    let mut xml = String::new();
    DeflateDecoder::new(&*STANDARD.decode(&*message).unwrap())
        .read_to_string(&mut xml)
        .unwrap();
    xml
}

fn attribute<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!(" {name}=\"")).unwrap();
    rest.split_once('"').unwrap().0
}

#[actix_web::test]
async fn signing_out_here_signs_out_at_the_idp() {
    let bench = Bench::new("HTTP-Redirect");
    for (status, word) in [
        (SUCCESS, "and at your identity provider."),
        (
            "urn:oasis:names:tc:SAML:2.0:status:Responder",
            "did not confirm",
        ),
    ] {
        let agent = bench.signed_in().await;
        let page = agent.post_form(bench.app.at("/logout"), &[]).await;
        let url = page.redirect().unwrap();
        assert!(
            url.as_str()
                .starts_with("https://idp.example.com/slo?tenant=a%26b&SAMLRequest=")
        );
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
        // The session in rolecall ends at once.
        assert!(!bench.is_signed_in(&agent).await);
        let xml = ours(&url, &bench.sp_key);
        assert_eq!(attribute(&xml, "Destination"), SLO.replace('&', "&amp;"));
        assert!(xml.contains(&format!(
            "<saml:Issuer>{}</saml:Issuer>",
            bench.app.at("/saml/metadata")
        )));
        assert!(xml.contains(">alice@example.com</saml:NameID>"), "{xml}");
        assert!(xml.contains("<samlp:SessionIndex>"), "{xml}");
        let id = attribute(&xml, "ID");
        let response = bench.url(&bench.response(id, status));
        let page = agent.follow(agent.get(&response).await).await;
        assert!(page.body.contains(word), "{page}");
        // A response is accepted only once.
        let page = agent.get(&response).await;
        bench.assert_refused(&page, "unknown_logout");
    }
}

#[actix_web::test]
async fn by_post_the_logout_request_is_a_form_with_an_enveloped_signature() {
    let bench = Bench::new("HTTP-POST");
    let agent = bench.signed_in().await;
    let page = agent.post_form(bench.app.at("/logout"), &[]).await;
    assert_eq!(page.status, StatusCode::OK.as_u16(), "{page}");
    let form = page.form_with("SAMLRequest").unwrap();
    assert_eq!(form.action.as_str(), SLO);
    let xml = decode(form.field("SAMLRequest").unwrap()).unwrap();
    let certificate = X509::from_pem(bench.sp_key.certificate_pem.as_bytes()).unwrap();
    let der = CertificateDer::from(certificate.to_der().unwrap());
    Crypto::verify_signed_xml(&xml, &der, Some("ID")).unwrap();
    let response = by_post(&bench.response(attribute(&xml, "ID"), SUCCESS));
    let page = agent.post_form(bench.app.at("/saml/slo"), &response).await;
    assert!(
        agent
            .follow(page)
            .await
            .body
            .contains("and at your identity provider.")
    );
}

/// Signing out ends only the session in rolecall if there is no signing key, if the IdP does not
/// support single logout, or if single logout is turned off. The next page states this.
#[actix_web::test]
async fn without_single_logout_only_the_local_session_ends() {
    let key = KeyPair::generate("idp");
    let sp_key = Some(KeyPair::generate("rolecall"));
    let with_service = Some(metadata(&key, "HTTP-Redirect", ""));
    let off = "single_logout = false".to_owned();
    for options in [
        Options::default(),
        Options {
            key: sp_key.clone(),
            ..Options::default()
        },
        Options {
            metadata: with_service.clone(),
            ..Options::default()
        },
        Options {
            metadata: with_service,
            key: sp_key,
            idp: off,
            ..Options::default()
        },
    ] {
        let has_key = options.key.is_some();
        let app = TestApp::start_with(options);
        let agent = UserAgent::new();
        app.sign_in(&agent, &person("alice")).await;
        let page = agent.post_form(app.at("/logout"), &[]).await;
        let page = agent.follow(page).await;
        assert_eq!(page.url.path(), "/");
        assert!(page.body.contains("You are signed out here."), "{page}");
        let metadata = agent.get(app.at("/saml/metadata")).await;
        assert_eq!(
            metadata.body.contains("SingleLogoutService"),
            has_key,
            "{metadata}"
        );
    }
}
