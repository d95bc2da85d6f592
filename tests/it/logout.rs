//! Single logout from either side, and messages that must not end anyone's session.

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

use crate::credentials::{READER, form, somebody};
use crate::support::app::{IDP, Options, TestApp, first_idp, person};
use crate::support::capture::Capture;
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

#[actix_web::test]
async fn the_idp_can_end_a_session_without_its_cookie_and_gets_a_response() {
    for binding in ["HTTP-Redirect", "HTTP-POST"] {
        let bench = Bench::new(binding);
        let agent = bench.signed_in().await;
        let request = bench.request("alice@example.com", &[]);
        let stranger = UserAgent::new();
        let (page, response) = if binding == "HTTP-Redirect" {
            let page = stranger.get(bench.url(&request)).await;
            let url = page.redirect().unwrap_or_else(|| panic!("{page}"));
            let state = url
                .query_pairs()
                .find(|(name, _)| name == "RelayState")
                .unwrap()
                .1;
            assert_eq!(state, "state/1");
            let response = ours(&url, &bench.sp_key);
            (page, response)
        } else {
            let page = stranger
                .post_form(bench.app.at("/saml/slo"), &by_post(&request))
                .await;
            let form = page.form_with("SAMLResponse").unwrap();
            assert_eq!(form.field("RelayState"), Some("state/1"));
            let response = decode(form.field("SAMLResponse").unwrap()).unwrap();
            (page, response)
        };
        assert_eq!(attribute(&response, "InResponseTo"), request.id, "{page}");
        assert!(response.contains(SUCCESS), "{response}");
        assert!(!bench.is_signed_in(&agent).await);
        let line = bench.app.last_audit();
        assert_eq!(line["event"], "logout_by_idp", "{line}");
        assert_eq!(line["name_id"], "alice@example.com", "{line}");
        // The logout does not affect a later session.
        bench.app.clock.advance(TimeDelta::seconds(1));
        let again = bench.signed_in().await;
        assert!(bench.is_signed_in(&again).await);
    }
}

/// AWS may take seconds to respond.
#[actix_web::test]
async fn what_is_at_aws_when_the_idp_ends_the_session_is_not_handed_over() {
    let sts = Capture::holding(usize::MAX);
    let options = Options {
        aws: format!("sts_endpoint = \"{}\"\n", sts.endpoint()),
        ..Options::default()
    };
    let bench = Bench::with("HTTP-Redirect", options);
    let agent = UserAgent::new();
    bench.app.sign_in(&agent, &somebody("alice")).await;
    let fields = form(READER, &[]);
    let asked = agent.post_form(bench.app.at("/credentials"), &fields);
    let meanwhile = async {
        sts.begins().await;
        let url = bench.url(&bench.request("alice@example.com", &[]));
        UserAgent::new().get(url).await;
        sts.respond();
    };
    let (page, ()) = futures_util::future::join(asked, meanwhile).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED.as_u16(), "{page}");
    let line = bench.app.last_audit();
    assert_eq!(line["event"], "role_refused", "{line}");
    assert_eq!(line["code"], "session_ended", "{line}");
    assert_eq!(line["sts_request_id"], "x", "{line}");
}

#[actix_web::test]
async fn a_session_index_ends_only_that_session_of_that_person() {
    let bench = Bench::with(
        "HTTP-Redirect",
        Options {
            two_idps: true,
            ..Options::default()
        },
    );
    let app = &bench.app;
    let mut agents = Vec::new();
    for index in ["one", "two"] {
        let agent = UserAgent::new();
        let started = app.begin(&agent).await;
        let mut spec = app.respond(&person("alice"), &started);
        let authn = spec.assertion.as_mut().unwrap().authn.as_mut().unwrap();
        authn.session_index = Some(index.to_owned());
        let page = app
            .post_acs(&agent, &app.form(&spec, &started.relay_state))
            .await;
        agent.follow(page).await;
        agents.push(agent);
    }
    let bob = UserAgent::new();
    app.sign_in(&bob, &person("bob")).await;
    let namesake = UserAgent::new();
    app.sign_in_at_the_other(&namesake, &person("alice")).await;
    let stranger = UserAgent::new();
    let end = async |indexes: &[&str]| {
        let page = stranger
            .get(bench.url(&bench.request("alice@example.com", indexes)))
            .await;
        assert!(page.redirect().is_some(), "{page}");
    };
    end(&["three"]).await;
    for agent in [&agents[0], &agents[1], &bob, &namesake] {
        assert!(bench.is_signed_in(agent).await);
    }
    end(&["zero", "one"]).await;
    assert!(!bench.is_signed_in(&agents[0]).await);
    for agent in [&agents[1], &bob, &namesake] {
        assert!(bench.is_signed_in(agent).await);
    }
    end(&[]).await;
    assert!(!bench.is_signed_in(&agents[1]).await);
    for agent in [&bob, &namesake] {
        assert!(bench.is_signed_in(agent).await);
    }
}

/// The browser sends the session cookie when it follows the IdP's redirect, so the response can
/// remove the cookie.
#[actix_web::test]
async fn the_cookie_of_an_ended_session_is_removed() {
    let bench = Bench::new("HTTP-Redirect");
    let agent = bench.signed_in().await;
    let page = agent
        .get(bench.url(&bench.request("bob@example.com", &[])))
        .await;
    assert!(page.headers.get("set-cookie").is_none(), "{page}");
    assert!(bench.is_signed_in(&agent).await);
    let page = agent
        .get(bench.url(&bench.request("alice@example.com", &[])))
        .await;
    let cookie = page.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("rolecall=;") && cookie.contains("Max-Age=0"),
        "{cookie}"
    );
}

/// The parameters may be in any order and contain unusual escapes. rolecall verifies the signature
/// over their original bytes, in the order that the specification defines.
#[actix_web::test]
async fn a_query_is_verified_byte_for_byte() {
    let bench = Bench::new("HTTP-Redirect");
    let endpoint = bench.app.at("/saml/slo");
    let lower = |query: &str| {
        let mut parts = query.split('%');
        let first = parts.next().unwrap().to_owned();
        parts.fold(first, |text, part| {
            format!("{text}%{}{}", part[..2].to_lowercase(), &part[2..])
        })
    };
    for state in [None, Some(""), Some("with space and ü")] {
        let agent = bench.signed_in().await;
        let request = bench.request("alice@example.com", &[]);
        let query = lower(&request.query(state, RSA_SHA256)).replace("%20", "+");
        let signature = escaped(&STANDARD.encode(signature(&bench.key, &query)));
        let mut parts: Vec<_> = query.split('&').collect();
        parts.reverse();
        let url = format!("{endpoint}?Signature={signature}&x=y&{}", parts.join("&"));
        let page = UserAgent::new().get(&url).await;
        let back = page
            .redirect()
            .unwrap_or_else(|| panic!("{state:?}: {page}"));
        let echoed = back.query_pairs().find(|(name, _)| name == "RelayState");
        assert_eq!(
            echoed.map(|(_, value)| value.into_owned()).as_deref(),
            state
        );
        assert!(!bench.is_signed_in(&agent).await);
        bench.app.clock.advance(TimeDelta::seconds(1));
    }
}

#[actix_web::test]
async fn a_logout_request_not_signed_by_the_idp_ends_no_session() {
    let bench = Bench::new("HTTP-Redirect");
    let agent = bench.signed_in().await;
    let endpoint = bench.app.at("/saml/slo");
    let request = bench.request("alice@example.com", &[]);
    let good = bench.url(&request);
    let other = KeyPair::generate("other");
    let signed_by = |key: &KeyPair, algorithm: &str| {
        let query = request.query(None, algorithm);
        let signature = escaped(&STANDARD.encode(signature(key, &query)));
        format!("{endpoint}?{query}&Signature={signature}")
    };
    let replaced = |old: &str, new: &str| {
        assert!(good.contains(old), "{old}");
        good.replace(old, new)
    };
    let (unsigned, _) = good.split_once("&SigAlg").unwrap();
    let (unsigned_value, _) = good.split_once("&Signature").unwrap();
    let bob = bench
        .request("bob@example.com", &[])
        .query(Some("state/1"), RSA_SHA256);
    let (_, tail) = good.split_once("&Signature").unwrap();
    for (url, check) in [
        (unsigned.to_owned(), "not_signed"),
        (unsigned_value.to_owned(), "binding"),
        (signed_by(&other, RSA_SHA256), "signature"),
        (signed_by(&bench.sp_key, RSA_SHA256), "signature"),
        (
            signed_by(&bench.key, "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
            "algorithm",
        ),
        (
            signed_by(
                &bench.key,
                "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            ),
            "algorithm",
        ),
        (
            signed_by(
                &bench.key,
                "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
            ),
            "signature",
        ),
        (
            replaced("RelayState=state", "RelayState=stati"),
            "signature",
        ),
        (replaced("RelayState=state%2F1&", ""), "signature"),
        (format!("{endpoint}?{bob}&Signature{tail}"), "signature"),
        (format!("{good}&SAMLRequest=x"), "binding"),
        (format!("{good}&SAMLResponse=x"), "binding"),
        (format!("{good}&SAMLRe%71uest=x"), "binding"),
        (format!("{good}&RelayState=x"), "binding"),
        (format!("{good}&SAMLEncoding=x"), "binding"),
        (replaced("state%2F1", &"x".repeat(1025)), "binding"),
        (replaced("SAMLRequest=", "SAMLRequest=%2A"), "base64"),
        (
            format!(
                "{endpoint}?SAMLRequest={}",
                escaped(&STANDARD.encode("junk"))
            ),
            "deflate",
        ),
        (
            format!("{endpoint}?SAMLRequest={}", escaped(&bomb())),
            "deflate",
        ),
        (endpoint.clone(), "binding"),
    ] {
        let page = agent.get(&url).await;
        bench.assert_refused(&page, check);
    }
    for (form, check) in [
        (fields(&request, &request.xml, "x"), "not_signed"),
        (
            fields(
                &request,
                &request.signed(&SigningKey::rsa(2048, bench.app.now()).unwrap()),
                "x",
            ),
            "signature",
        ),
        (
            fields(
                &request,
                &request.signed(first_idp().key()).replace("alice", "bob"),
                "x",
            ),
            "signature",
        ),
    ] {
        let page = agent.post_form(&endpoint, &form).await;
        bench.assert_refused(&page, check);
    }
    assert!(bench.is_signed_in(&agent).await);
    // The good request is still accepted after the refused messages.
    assert!(agent.get(&good).await.redirect().is_some());
    assert!(!bench.is_signed_in(&agent).await);
}

/// Ten megabytes of spaces, compressed into a few kilobytes.
fn bomb() -> String {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![b' '; 10 << 20]).unwrap();
    STANDARD.encode(encoder.finish().unwrap())
}

#[actix_web::test]
async fn a_signed_logout_request_must_be_current_and_addressed_to_us() {
    let bench = Bench::with(
        "HTTP-Redirect",
        Options {
            two_idps: true,
            ..Options::default()
        },
    );
    let agent = bench.signed_in().await;
    let now = bench.app.now();
    let request = bench.request("alice@example.com", &[]);
    let issued = |by: TimeDelta| {
        request.replaced(
            &format!(
                "IssueInstant=\"{}\"",
                attribute(&request.xml, "IssueInstant")
            ),
            &format!("IssueInstant=\"{}\"", instant(now + by)),
        )
    };
    let ends = |time: DateTime<Utc>| {
        request.replaced(attribute(&request.xml, "NotOnOrAfter"), &instant(time))
    };
    let end = "</samlp:LogoutRequest>";
    let assertion = first_idp()
        .signed_xml(
            &bench
                .app
                .respond(&person("alice"), &bench.app.begin(&UserAgent::new()).await),
            rolecall::demo::idp::Signed::Assertion,
            &SigningOptions::default(),
        )
        .unwrap();
    let assertion = crate::saml::bench::element(&assertion, "saml:Assertion").to_owned();
    for (message, check) in [
        (request.replaced("/saml/slo", "/saml/acs"), "destination"),
        (
            request.replaced("Destination=", "Destinatio="),
            "destination",
        ),
        (
            request.replaced(IDP, "https://evil.example.com/"),
            "unknown_idp",
        ),
        (
            request.replaced(IDP, crate::support::app::OTHER_IDP),
            "signature",
        ),
        (issued(TimeDelta::minutes(-7)), "logout_time"),
        (issued(TimeDelta::minutes(2)), "logout_time"),
        (
            request.replaced("IssueInstant=", "IssueInstan="),
            "logout_time",
        ),
        (ends(now - TimeDelta::minutes(2)), "logout_time"),
        (
            request.replaced("Version=\"2.0\"", "Version=\"1.1\""),
            "version",
        ),
        (
            request.replaced("<saml:NameID>alice@example.com</saml:NameID>", ""),
            "missing_element",
        ),
        (
            request.replaced("saml:NameID", "saml:EncryptedID"),
            "unexpected_element",
        ),
        (
            request.replaced("alice@example.com<", "<!---->alice@example.com<"),
            "comment",
        ),
        (
            request.replaced(end, &format!("{assertion}{end}")),
            "several_assertions",
        ),
        (
            request.replaced(end, &format!("<x><saml:NameID>bob</saml:NameID></x>{end}")),
            "unexpected_element",
        ),
        (
            request.replaced("LogoutRequest", "LogoutResponse"),
            "unexpected_element",
        ),
        (
            request.replaced("LogoutRequest", "AuthnRequest"),
            "not_a_logout_message",
        ),
    ] {
        let page = agent.get(bench.url(&message)).await;
        bench.assert_refused(&page, check);
    }
    assert!(bench.is_signed_in(&agent).await);
}

/// The Format of the Issuer must be entity in logout messages too (saml-profiles 4.4.4).
#[actix_web::test]
async fn the_format_of_the_issuer_is_checked() {
    const X509: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName";
    let formatted = |bench: &Bench| {
        let issuer = format!("<saml:Issuer Format=\"{X509}\">");
        let request = bench.request("alice@example.com", &[]);
        request.replaced("<saml:Issuer>", &issuer)
    };
    let bench = Bench::new("HTTP-Redirect");
    let alice = bench.signed_in().await;
    let page = UserAgent::new().get(bench.url(&formatted(&bench))).await;
    bench.assert_refused(&page, "issuer_format");
    assert!(bench.is_signed_in(&alice).await);
    let options = Options {
        idp: format!("issuer_format = \"{X509}\""),
        ..Options::default()
    };
    let bench = Bench::with("HTTP-Redirect", options);
    let alice = bench.signed_in().await;
    UserAgent::new().get(bench.url(&formatted(&bench))).await;
    assert!(!bench.is_signed_in(&alice).await);
}

#[actix_web::test]
async fn a_logout_request_cannot_be_replayed() {
    let bench = Bench::new("HTTP-Redirect");
    let agent = bench.signed_in().await;
    let url = bench.url(&bench.request("alice@example.com", &[]));
    assert!(agent.get(&url).await.redirect().is_some());
    bench.app.clock.advance(TimeDelta::seconds(1));
    let agent = bench.signed_in().await;
    bench.assert_refused(&agent.get(&url).await, "replay");
    assert!(bench.is_signed_in(&agent).await);
}

/// A logout message is not accepted as a login response, or vice versa.
#[actix_web::test]
async fn logout_messages_and_login_messages_are_not_interchangeable() {
    let bench = Bench::new("HTTP-POST");
    let app = &bench.app;
    let agent = bench.signed_in().await;
    for message in [
        bench.request("alice@example.com", &[]),
        bench.response("_request", SUCCESS),
    ] {
        let field = STANDARD.encode(message.signed(first_idp().key()));
        let form = vec![("SAMLResponse".to_owned(), field)];
        let page = UserAgent::new().post_form(app.at("/saml/acs"), &form).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN.as_u16(), "{page}");
        assert_eq!(app.last_audit()["check"], "not_a_response");
    }
    let started = app.begin(&agent).await;
    let form = app.form(
        &app.respond(&person("alice"), &started),
        &started.relay_state,
    );
    let page = agent.post_form(app.at("/saml/slo"), &form).await;
    bench.assert_refused(&page, "not_a_logout_message");
    // A response to an unknown request is refused.
    let response = by_post(&bench.response("_somebody_elses", SUCCESS));
    let page = agent.post_form(app.at("/saml/slo"), &response).await;
    bench.assert_refused(&page, "unknown_logout");
    assert!(bench.is_signed_in(&agent).await);
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

#[actix_web::test]
async fn responses_go_to_the_response_location_in_the_metadata() {
    let key = KeyPair::generate("idp");
    let there = "ResponseLocation=\"https://idp.example.com/slo/answers\"";
    let bench = Bench {
        app: TestApp::start_with(Options {
            metadata: Some(metadata(&key, "HTTP-Redirect", there)),
            key: Some(KeyPair::generate("rolecall")),
            ..Options::default()
        }),
        sp_key: key.clone(),
        key,
    };
    let agent = bench.signed_in().await;
    let page = agent
        .get(bench.url(&bench.request("alice@example.com", &[])))
        .await;
    assert_eq!(page.redirect().unwrap().path(), "/slo/answers");
}
