//! XML signature wrapping: the attacks XSW1 to XSW8 (Somorovsky et al., "On Breaking SAML", 2012)
//! and variations published since. In the attacked messages, the Response, the Assertion or both
//! are signed.

use rolecall::demo::idp::Signed;

use super::bench::*;

/// A signed message and the parts from which attacks are built.
struct Parts {
    xml: String,
    assertion: String,
    /// The Assertion's signature, if it has one.
    signature: Option<String>,
    /// An unsigned copy of the Assertion, with another ID and about another person.
    evil: String,
}

fn parts(place: Signed) -> Parts {
    let xml = signed(place);
    let assertion = element(&xml, "saml:Assertion").to_owned();
    let signature = place
        .assertion()
        .then(|| element(&assertion, "ds:Signature").to_owned());
    let id = assertion
        .split(" ID=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let bare = signature
        .as_ref()
        .map_or(assertion.clone(), |s| assertion.replacen(s, "", 1));
    let evil = bare
        .replace(id, "_evil")
        .replace("alice@example.com", "admin@example.com");
    Parts {
        xml,
        assertion,
        signature,
        evil,
    }
}

#[track_caller]
fn refused(place: Signed, attack: impl Fn(&Parts) -> String) {
    let parts = parts(place);
    let forged = attack(&parts);
    assert_ne!(forged, parts.xml);
    assert!(
        forged.contains("admin@example.com"),
        "the attack does not name another person"
    );
    assert_refused(&forged, "several_assertions");
}

const ASSERTION_SIGNED: [Signed; 2] = [Signed::Assertion, Signed::Both];
const RESPONSE_SIGNED: [Signed; 2] = [Signed::Response, Signed::Both];

/// The Response's own signature, which is the first in the message.
fn response_signature(parts: &Parts) -> &str {
    element(&parts.xml, "ds:Signature")
}

/// The content that the Response's signature covers: the Response without this signature.
fn original(parts: &Parts) -> String {
    parts.xml.replacen(response_signature(parts), "", 1)
}

/// A copy of the Response, with another ID and about another person. Its signature is replaced with
/// `signature`, which combines the original signature with the original Response.
fn evil_response(parts: &Parts, signature: &str) -> String {
    let id = parts
        .xml
        .split(" ID=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    parts
        .xml
        .replacen(response_signature(parts), "@signature@", 1)
        .replacen(id, "_evil_response", 1)
        .replace(&parts.assertion, &parts.evil)
        .replace("@signature@", signature)
}

#[test]
pub fn xsw1() {
    for place in RESPONSE_SIGNED {
        refused(place, |parts| {
            let inside = format!("{}</ds:Signature>", original(parts));
            evil_response(
                parts,
                &response_signature(parts).replacen("</ds:Signature>", &inside, 1),
            )
        });
    }
}

#[test]
pub fn xsw2() {
    for place in RESPONSE_SIGNED {
        refused(place, |parts| {
            evil_response(
                parts,
                &format!("{}{}", original(parts), response_signature(parts)),
            )
        });
    }
}

#[test]
pub fn xsw3_evil_first_and_evil_last() {
    for place in ASSERTION_SIGNED {
        refused(place, |p| {
            p.xml
                .replace(&p.assertion, &format!("{}{}", p.evil, p.assertion))
        });
        refused(place, |p| {
            p.xml
                .replace(&p.assertion, &format!("{}{}", p.assertion, p.evil))
        });
    }
}

#[test]
pub fn xsw4() {
    for place in ASSERTION_SIGNED {
        refused(place, |p| {
            let around = p.evil.replace(
                "</saml:Assertion>",
                &format!("{}</saml:Assertion>", p.assertion),
            );
            p.xml.replace(&p.assertion, &around)
        });
    }
}

/// The evil Assertion, with `signature` inserted after its Issuer.
fn evil_with(parts: &Parts, signature: &str) -> String {
    let after_issuer = parts.evil.find("</saml:Issuer>").unwrap() + "</saml:Issuer>".len();
    format!(
        "{}{signature}{}",
        &parts.evil[..after_issuer],
        &parts.evil[after_issuer..]
    )
}

fn bare(parts: &Parts) -> String {
    parts
        .assertion
        .replacen(parts.signature.as_ref().unwrap(), "", 1)
}

#[test]
pub fn xsw5() {
    for place in ASSERTION_SIGNED {
        refused(place, |p| {
            let evil = evil_with(p, p.signature.as_ref().unwrap());
            p.xml.replace(&p.assertion, &format!("{evil}{}", bare(p)))
        });
    }
}

#[test]
pub fn xsw6() {
    for place in ASSERTION_SIGNED {
        refused(place, |p| {
            let signature = p.signature.as_ref().unwrap();
            let holding =
                signature.replace("</ds:Signature>", &format!("{}</ds:Signature>", bare(p)));
            p.xml.replace(&p.assertion, &evil_with(p, &holding))
        });
    }
}

#[test]
pub fn xsw7() {
    for place in ASSERTION_SIGNED {
        refused(place, |p| {
            let extensions = format!("<samlp:Extensions>{}</samlp:Extensions>", p.evil);
            p.xml
                .replace(&p.assertion, &format!("{extensions}{}", p.assertion))
        });
        refused(place, |p| {
            let extensions = format!("<samlp:Extensions>{}</samlp:Extensions>", p.assertion);
            p.xml
                .replace(&p.assertion, &format!("{extensions}{}", p.evil))
        });
    }
}

#[test]
pub fn xsw8() {
    for place in ASSERTION_SIGNED {
        refused(place, |p| {
            let object = format!("<ds:Object>{}</ds:Object></ds:Signature>", bare(p));
            let holding = p
                .signature
                .as_ref()
                .unwrap()
                .replace("</ds:Signature>", &object);
            p.xml.replace(&p.assertion, &evil_with(p, &holding))
        });
    }
}

#[test]
pub fn with_the_same_id() {
    for place in ASSERTION_SIGNED {
        let p = parts(place);
        let id = p
            .assertion
            .split(" ID=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let evil = p.evil.replace("_evil", id);
        let forged = p
            .xml
            .replace(&p.assertion, &format!("{evil}{}", p.assertion));
        assert_refused(&forged, "duplicate_id");
    }
}

#[test]
pub fn a_signed_error_response_carries_a_forged_assertion() {
    let mut spec = good();
    spec.assertion = None;
    let options = rolecall::demo::idp::SigningOptions::default();
    let error = idp().signed_xml(&spec, Signed::Response, &options).unwrap();
    let forged = parts(Signed::Assertion).evil;
    let inside = error.replace("</samlp:Response>", &format!("{forged}</samlp:Response>"));
    assert_refused(&inside, "signature");
    // A forged Response carries the signature of `error`, and contains the content that this
    // signature covers.
    let signature = element(&error, "ds:Signature").to_owned();
    let kept = error.replacen(&signature, "", 1);
    let outer = parts(Signed::Neither).xml;
    let wrapped = outer.replacen(
        "<samlp:Status>",
        &format!("{signature}<samlp:Extensions>{kept}</samlp:Extensions><samlp:Status>"),
        1,
    );
    assert_refused(&wrapped, "reference_uri");
}

#[test]
pub fn a_signed_assertion_under_another_name() {
    let p = parts(Signed::Assertion);
    let renamed = p
        .assertion
        .replace("<saml:Assertion", "<saml:Evidence")
        .replace("</saml:Assertion", "</saml:Evidence");
    let forged = p.xml.replace(
        &p.assertion,
        &format!("<samlp:Extensions>{renamed}</samlp:Extensions>{}", p.evil),
    );
    assert_refused(&forged, "misplaced_signature");
}
