//! Regenerates the files in `seeds/` with new keys. The files are the initial inputs of the fuzz
//! targets `policy`, `acs`, `metadata` and `redirect`. src/lib.rs also loads the good messages from
//! `seeds/policy`, and the IdP's keys from `seeds/metadata`.
//!
//! ```text
//! cargo run --manifest-path fuzz/Cargo.toml --example seeds
//! ```

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use rolecall::demo::idp::key::self_signed;
use rolecall::demo::idp::response::{AttributeSpec, ResponseSpec};
use rolecall::demo::idp::signing::{SignaturePosition, algorithm};
use rolecall::demo::idp::{EmbeddedIdp, RelyingParty, Signed, SigningOptions, encode};
use rolecall::demo::people::Person;
use rolecall_fuzz::{ACS_URL, IDP, NOW, ORIGINALS, REQUEST_ID, SLO_URL, SP};
use url::Url;

fn main() -> Result<(), Box<dyn Error>> {
    let now = DateTime::from_timestamp(NOW, 0).ok_or("no such moment")?;
    let sso = Url::parse("https://idp.example.com/sso?tenant=1")?;
    let idp = EmbeddedIdp::new(IDP, sso, now)?;
    let query_key = PKey::from_rsa(Rsa::generate(2048)?)?;
    let metadata = with_key(&idp.metadata_xml()?, &self_signed(&query_key, now)?);
    write("metadata", "idp.xml", &metadata)?;
    write("metadata", "federation.xml", &federation(&metadata))?;
    write(
        "redirect",
        "request",
        &signed(&logout_request()?, &query_key)?,
    )?;
    let message = message(&idp, now);
    for (name, signed, options) in shapes() {
        let xml = idp.signed_xml(&message, signed, &options)?;
        write("policy", &format!("{name}.xml"), &xml)?;
        let field = encode(&xml);
        let form = serde_urlencoded::to_string([("SAMLResponse", &*field), ("RelayState", "x")])?;
        write("acs", name, &form)?;
    }
    Ok(())
}

/// Adds a second signing key and a single logout service to the metadata.
fn with_key(metadata: &str, certificate: &[u8]) -> String {
    let certificate = STANDARD.encode(certificate);
    let key = format!(
        "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}\
         </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleLogoutService \
         Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"https://idp.example.com/slo\" ResponseLocation=\"https://idp.example.com/slo/r\"/>"
    );
    metadata.replacen("<md:NameIDFormat", &format!("{key}<md:NameIDFormat"), 1)
}

fn federation(metadata: &str) -> String {
    format!(
        "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
         validUntil=\"2026-12-01T00:00:00Z\" cacheDuration=\"PT6H\">{metadata}</md:EntitiesDescriptor>"
    )
}

fn logout_request() -> Result<String, Box<dyn Error>> {
    let xml = format!(
        "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_logout\" Version=\"2.0\" \
         IssueInstant=\"{}\" Destination=\"{SLO_URL}\"><saml:Issuer>{IDP}</saml:Issuer>\
         <saml:NameID>alice@example.com</saml:NameID>\
         <samlp:SessionIndex>_session</samlp:SessionIndex></samlp:LogoutRequest>",
        DateTime::from_timestamp(NOW, 0)
            .ok_or("no such moment")?
            .format("%FT%TZ")
    );
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(xml.as_bytes())?;
    Ok(STANDARD.encode(encoder.finish()?))
}

/// The query string with this encoded LogoutRequest and a signature that is made with `key`.
fn signed(message: &str, key: &PKey<Private>) -> Result<String, Box<dyn Error>> {
    let algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    let pairs = [
        ("SAMLRequest", message),
        ("RelayState", "state"),
        ("SigAlg", algorithm),
    ];
    let query = serde_urlencoded::to_string(pairs)?;
    let mut signer = Signer::new(MessageDigest::sha256(), key)?;
    let signature = STANDARD.encode(signer.sign_oneshot_to_vec(query.as_bytes())?);
    Ok(format!(
        "{query}&{}",
        serde_urlencoded::to_string([("Signature", signature)])?
    ))
}

fn shapes() -> [(&'static str, Signed, SigningOptions); ORIGINALS.len()] {
    let by_default = SigningOptions::default;
    let last = SigningOptions {
        position: SignaturePosition::Last,
        ..by_default()
    };
    let inclusive = SigningOptions::with_canonicalization(algorithm::INCLUSIVE_C14N);
    let inclusive11 = SigningOptions::with_canonicalization(algorithm::INCLUSIVE_C14N_11);
    [
        ("assertion", Signed::Assertion, by_default()),
        ("response", Signed::Response, by_default()),
        ("both", Signed::Both, by_default()),
        ("inclusive", Signed::Both, inclusive),
        ("inclusive11", Signed::Response, inclusive11),
        ("last", Signed::Assertion, last),
    ]
}

fn message(idp: &EmbeddedIdp, now: DateTime<Utc>) -> ResponseSpec {
    let role = |name| {
        format!(
            "arn:aws:iam::111111111111:role/{name},arn:aws:iam::111111111111:saml-provider/corp"
        )
    };
    let person = Person::new("alice", "Alice")
        .with_attribute(
            "https://aws.amazon.com/SAML/Attributes/Role",
            [role("reader"), role("writer")],
        )
        .with_attribute("groups", ["a < b & c".to_owned(), "Ünïcode".to_owned()]);
    let sp = RelyingParty {
        entity_id: SP.to_owned(),
        acs_url: ACS_URL.to_owned(),
    };
    let mut message = idp.response(&person, &sp, Some(REQUEST_ID), now);
    // The fuzz targets use these IDs (`KNOWN` in src/tree.rs).
    "_response".clone_into(&mut message.id);
    if let Some(assertion) = &mut message.assertion {
        "_assertion".clone_into(&mut assertion.id);
        let empty: [String; 0] = [];
        assertion
            .attributes
            .push(AttributeSpec::new("empty", empty));
    }
    message
}

fn write(target: &str, name: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("seeds")
        .join(target);
    fs::create_dir_all(&folder)?;
    Ok(fs::write(folder.join(name), text)?)
}
