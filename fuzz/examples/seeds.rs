//! Makes `seeds/` anew, with a new key: the good messages, and where each target starts from.
//!
//! ```text
//! cargo run --manifest-path fuzz/Cargo.toml --example seeds
//! ```

use std::error::Error;
use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use rolecall::demo::idp::response::{AttributeSpec, ResponseSpec};
use rolecall::demo::idp::signing::{SignaturePosition, algorithm};
use rolecall::demo::idp::{EmbeddedIdp, RelyingParty, Signed, SigningOptions, encode};
use rolecall::demo::people::Person;
use rolecall_fuzz::{ACS_URL, IDP, NOW, ORIGINALS, REQUEST_ID, SP};
use url::Url;

fn main() -> Result<(), Box<dyn Error>> {
    let now = DateTime::from_timestamp(NOW, 0).ok_or("no such moment")?;
    let sso = Url::parse("https://idp.example.com/sso?tenant=1")?;
    let idp = EmbeddedIdp::new(IDP, sso, now)?;
    write("metadata", "idp.xml", &idp.metadata_xml()?)?;
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
        format!("arn:aws:iam::111111111111:role/{name},arn:aws:iam::111111111111:saml-provider/corp")
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
    // The names that the targets know.
    "_response".clone_into(&mut message.id);
    if let Some(assertion) = &mut message.assertion {
        "_assertion".clone_into(&mut assertion.id);
        let empty: [String; 0] = [];
        assertion.attributes.push(AttributeSpec::new("empty", empty));
    }
    message
}

fn write(target: &str, name: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    fs::create_dir_all(&folder)?;
    Ok(fs::write(folder.join(name), text)?)
}
