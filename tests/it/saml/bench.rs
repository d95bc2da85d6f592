//! One IdP, one service provider and one point in time, and functions that make and check messages.

use std::sync::{LazyLock, OnceLock};

use chrono::{DateTime, TimeDelta, Utc};
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private, Public};
use openssl::rsa::Rsa;
use openssl::x509::X509;
use rolecall::demo::idp::{
    EmbeddedIdp, RelyingParty, ResponseSpec, Signed, SigningKey, SigningOptions, encode, sign,
    xml_unsigned,
};
use rolecall::demo::people::Person;
use rolecall::saml::check::{self, Expected};
use rolecall::saml::encryption::{Decryption, DecryptionKey};
use rolecall::saml::idp::{EntityKey, IdKey};
use rolecall::saml::response::{self, Unverified};
use rolecall::saml::{Login, Refusal};
use rolecall::session::pending::AskedIdp;
use rolecall::session::{BrowserKey, Pending, ProgramKeys};
use url::Url;

use super::corpus;
use crate::support::second_opinion;

/// The ID of our AuthnRequest in [`login`].
pub static REQUEST_ID: LazyLock<String> = LazyLock::new(|| {
    let sent = login().sent(&program_keys());
    sent.expect("OpenSSL has memory").request.id()
});
pub const ROLE: &str = "https://aws.amazon.com/SAML/Attributes/Role";

/// The current time in the tests that use this module.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// The login in progress that the messages of these tests respond to.
pub fn login() -> Pending {
    Pending {
        asked_at: now(),
        idp: AskedIdp::new(IdKey::of("corp"), EntityKey::of(idp().entity_id())),
        browser: BrowserKey::from_octets([1; 12]),
        anew: false,
        is_renewal: false,
        is_followed: false,
        nonce: [2; 8],
    }
}

/// The key that authenticates [`login`].
pub fn program_keys() -> ProgramKeys {
    ProgramKeys::new([3; 32], [])
}

pub const SKEW: TimeDelta = TimeDelta::seconds(60);

/// The IdP that these tests share, because generating a key takes a while.
pub fn idp() -> &'static EmbeddedIdp {
    static IDP: OnceLock<EmbeddedIdp> = OnceLock::new();
    IDP.get_or_init(|| {
        let sso = Url::parse("http://127.0.0.1:1/idp/sso").unwrap();
        EmbeddedIdp::new("https://idp.example.com/metadata", sso, now()).unwrap()
    })
}

/// The service provider's decryption key, with its certificate (DER).
pub fn sp_key() -> &'static (DecryptionKey, Vec<u8>) {
    static KEY: OnceLock<(DecryptionKey, Vec<u8>)> = OnceLock::new();
    KEY.get_or_init(|| decryption_key(sp_private_key()))
}

/// The private key from which [`sp_key`] is made.
pub fn sp_private_key() -> &'static PKey<Private> {
    static KEY: OnceLock<PKey<Private>> = OnceLock::new();
    KEY.get_or_init(|| Rsa::generate(2048).and_then(PKey::from_rsa).unwrap())
}

/// A new decryption key, with its certificate (DER).
pub fn new_decryption_key() -> (DecryptionKey, Vec<u8>) {
    decryption_key(&Rsa::generate(2048).and_then(PKey::from_rsa).unwrap())
}

fn decryption_key(key: &PKey<Private>) -> (DecryptionKey, Vec<u8>) {
    let public = key.public_key_to_der().unwrap();
    let public = PKey::public_key_from_der(&public).unwrap();
    (DecryptionKey::new(key).unwrap(), certificate(&public))
}

/// A certificate for this key, signed with a different key, because libraries refuse to sign with
/// some of the keys that tests need.
pub fn certificate(key: &PKey<Public>) -> Vec<u8> {
    let issuer = Rsa::generate(2048).and_then(PKey::from_rsa).unwrap();
    let mut builder = X509::builder().unwrap();
    builder.set_pubkey(key).unwrap();
    let day = |days| Asn1Time::days_from_now(days).unwrap();
    builder.set_not_before(&day(0)).unwrap();
    builder.set_not_after(&day(1)).unwrap();
    builder.sign(&issuer, MessageDigest::sha256()).unwrap();
    builder.build().to_der().unwrap()
}

/// Decryption with the service provider's key, and without CBC.
pub fn decryption() -> Decryption<'static> {
    Decryption {
        keys: std::slice::from_ref(&sp_key().0),
        allow_cbc: false,
    }
}

/// A signing key that is not in the IdP's metadata.
pub fn other_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::rsa(2048, now()).unwrap())
}

pub fn service_provider() -> RelyingParty {
    RelyingParty {
        entity_id: "https://sp.example.com/saml/metadata".to_owned(),
        acs_url: "https://sp.example.com/saml/acs".to_owned(),
    }
}

pub fn person() -> Person {
    Person::new("alice", "Alice").with_attribute(
        ROLE,
        ["arn:aws:iam::111111111111:role/reader,arn:aws:iam::111111111111:saml-provider/corp"],
    )
}

/// A response that is good in every respect.
pub fn good() -> ResponseSpec {
    idp().response(&person(), &service_provider(), Some(&REQUEST_ID), now())
}

/// [`good`], altered by `change`; Assertion and Response are signed afterwards.
pub fn changed(change: impl FnOnce(&mut ResponseSpec)) -> String {
    let mut spec = good();
    change(&mut spec);
    idp()
        .signed_xml(&spec, Signed::Both, &SigningOptions::default())
        .unwrap()
}

/// [`good`], signed as `signed` specifies.
pub fn signed(signed: Signed) -> String {
    idp()
        .signed_xml(&good(), signed, &SigningOptions::default())
        .unwrap()
}

/// The XML of [`good`], altered as text by `change`; Assertion and Response are signed afterwards.
pub fn rewritten(change: impl FnOnce(String) -> String) -> String {
    let spec = good();
    let before = xml_unsigned(&spec).unwrap();
    let after = change(before.clone());
    assert_ne!(before, after, "the change must change something");
    let options = SigningOptions::default();
    let assertion = &spec.assertion.as_ref().unwrap().id;
    let xml = sign(&after, assertion, idp().key(), &options).unwrap();
    sign(&xml, &spec.id, idp().key(), &options).unwrap()
}

pub fn expected<'a>(sp: &'a RelyingParty, audiences: &'a [String]) -> Expected<'a> {
    Expected {
        idp: "corp",
        idp_entity_id: idp().entity_id(),
        issuer_format: None,
        person_attribute: None,
        acs_url: &sp.acs_url,
        audiences,
        request_id: Some(&REQUEST_ID),
        authenticated_since: None,
        authn_contexts: &[],
        now: now(),
        skew: SKEW,
    }
}

/// The pipeline's verdict on `xml`, opened with `decryption`. There is no second opinion, because
/// samael does not decrypt.
pub fn judge_encrypted(xml: &str, decryption: &Decryption<'_>) -> Result<Login, Refusal> {
    let sp = service_provider();
    let audiences = [sp.entity_id.clone()];
    let opened = response::open(&encode(xml), &idp().trust().unwrap(), decryption)?;
    check::check(opened, &expected(&sp, &audiences))
}

/// The pipeline's verdict on `xml`. If the pipeline accepts the message, the second opinion must
/// agree.
pub fn judge(xml: &str) -> Result<Login, Refusal> {
    let login = judge_unnoted(xml, |_| {})?;
    corpus::note(&encode(xml), None);
    Ok(login)
}

/// Like [`judge`], but with changed expectations and without recording the message in the corpus.
pub fn judge_with(xml: &str, change: impl FnOnce(&mut Expected<'_>)) -> Result<Login, Refusal> {
    judge_unnoted(xml, change)
}

fn judge_unnoted(xml: &str, change: impl FnOnce(&mut Expected<'_>)) -> Result<Login, Refusal> {
    let sp = service_provider();
    let audiences = [sp.entity_id.clone()];
    let mut expected = expected(&sp, &audiences);
    change(&mut expected);
    let text = response::decode(&encode(xml))?;
    let trust = idp().trust().unwrap();
    let login = check::check(
        Unverified::parse(&text)?.open(&trust, &decryption())?,
        &expected,
    )?;
    second_opinion::assert_agrees(xml, &[idp().key().certificate_der().to_vec()]);
    Ok(login)
}

/// Asserts that exactly this check refuses `xml`.
#[track_caller]
pub fn assert_refused(xml: &str, check: &str) {
    corpus::note(&encode(xml), Some(check));
    match judge_unnoted(xml, |_| {}) {
        Ok(login) => panic!("accepted as {}, expected {check}", login.person.name_id),
        Err(refusal) => assert_eq!(refusal.name(), check, "{refusal}"),
    }
}

/// The first `<name …>…</name>` in `xml`.
pub fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let start = xml
        .find(&format!("<{name} "))
        .or_else(|| xml.find(&format!("<{name}>")));
    let start = start.unwrap_or_else(|| panic!("no {name}"));
    let close = format!("</{name}>");
    let end = xml[start..]
        .find(&close)
        .unwrap_or_else(|| panic!("no {close}"));
    &xml[start..start + end + close.len()]
}
