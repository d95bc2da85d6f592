//! Documents that would be expensive to refuse if there were no bounds. Each fills the maximum
//! size, and is read both without a signature and with one whose digest must be computed before the
//! signature turns out to be wrong.
//!
//! The processor time is compared with that of a good document of the same size in the same thread,
//! so a busy or slow machine does not matter.

use std::time::Duration;

use cpu_time::ThreadTime;

use super::*;
use crate::clock::Clock;
use crate::demo::idp::signing::algorithm;
use crate::demo::idp::{SigningKey, SigningOptions, sign};

/// A hostile document may cost this many times as much as a good one of the same size.
const MOST: u32 = 10;

const XMLNS: &str = "urn:x";

/// Repeats what `write` makes of growing numbers until it fills `bytes`.
fn filled(bytes: usize, write: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for number in 0.. {
        let next = write(number);
        if text.len() + next.len() > bytes {
            break;
        }
        text.push_str(&next);
    }
    text
}

/// The room for the hostile part of a document of the maximum size.
const ROOM: usize = MAX_BYTES - 8_192;

/// What `write` makes of each number below `count`.
fn many(count: usize, write: impl Fn(usize) -> String) -> String {
    (0..count).map(write).collect()
}

fn attributes(count: usize, name: &str) -> String {
    many(count, |n| format!(" {name}{n:02}=''"))
}

fn declarations(count: usize, length: usize) -> String {
    let name = "u".repeat(length);
    many(count, |n| format!(" xmlns:p{n:02}='{name}:'"))
}

/// Fills the room with copies of `what`.
fn all(what: &str) -> String {
    what.repeat(ROOM / what.len())
}

/// Fills the room between two tags with copies of `inner`.
fn around(open: &str, inner: &str, close: &str) -> String {
    let room = ROOM - open.len() - close.len();
    format!("{open}{}{close}", inner.repeat(room / inner.len()))
}

/// What makes a document expensive, and the document or a part of it.
type Hostile = (&'static str, String);

/// Contents of an extension.
fn hostile() -> Vec<Hostile> {
    let parts = [attributes_and_namespaces(), nesting_and_elements(), text()];
    parts.concat()
}

fn attributes_and_namespaces() -> Vec<Hostile> {
    let wide = declarations(28, 8);
    vec![
        (
            "one element with many attributes",
            format!("<a{}/>", filled(ROOM, |n| format!(" a{n}=''"))),
        ),
        (
            "as many attributes as allowed",
            all(&format!(
                "<a{}>{}</a>",
                attributes(60, "a"),
                "x".repeat(550)
            )),
        ),
        (
            "elements with many attributes",
            all(&format!("<a{}/>", attributes(60, "a"))),
        ),
        (
            "prefixed attributes",
            around(
                &format!("<a{}>", declarations(28, 8)),
                &format!("<a{}/>", attributes(60, "p27:a")),
                "</a>",
            ),
        ),
        (
            "one element with many namespaces",
            format!("<a{}/>", filled(ROOM, |n| format!(" xmlns:a{n}='u:'"))),
        ),
        (
            "nested namespaces",
            filled(ROOM, |n| format!("<a xmlns:a{n}='u:'>")),
        ),
        (
            "namespaces in scope of many elements",
            around(&format!("<a{wide}>"), "<p00:b/>", "</a>"),
        ),
        (
            "namespaces in scope of few elements",
            around(
                &format!("<a{wide}>"),
                &format!("<b>{}</b>", "x".repeat(200)),
                "</a>",
            ),
        ),
        (
            "long namespace names",
            around(
                &format!("<a{}>", declarations(28, 490)),
                &format!("<b>{}</b>", "x".repeat(120)),
                "</a>",
            ),
        ),
        (
            "one endless namespace name",
            around(
                &format!("<a xmlns:p='{}:'>", "u".repeat(ROOM / 2)),
                "<b/>",
                "</a>",
            ),
        ),
        (
            "one endless prefix",
            format!("<{0}:a xmlns:{0}='u:'/>", "p".repeat(ROOM / 2 - 20)),
        ),
    ]
}

fn nesting_and_elements() -> Vec<Hostile> {
    let deep = format!("{}{}", "<a>".repeat(55), "</a>".repeat(55));
    vec![
        (
            "repeated declarations",
            all("<a xmlns='u:a'><a xmlns='u:b'/></a>"),
        ),
        (
            "redeclared prefixes",
            all(&format!(
                "<a{}><a{}/></a>",
                declarations(28, 8),
                declarations(28, 9)
            )),
        ),
        (
            "deep nesting",
            format!("{}{}", "<a>".repeat(ROOM / 7), "</a>".repeat(ROOM / 7)),
        ),
        ("deep elements", all(&deep)),
        ("many elements", all("<a/>")),
        (
            "as many elements as allowed",
            all("<a>123456789012345678901234567</a>"),
        ),
        ("end tags", "</a>".repeat(ROOM / 4)),
        ("unfinished tags", all("<a ")),
        ("unfinished quotes", all("<a b='")),
    ]
}

fn text() -> Vec<Hostile> {
    vec![
        ("references", all("&amp;")),
        ("character references", all("&#x41;")),
        ("an unknown entity", all("&a;")),
        ("comments", all("<!---->")),
        ("unfinished comments", all("<!--")),
        ("processing instructions", all("<?a?>")),
        ("CDATA sections", all("<![CDATA[]]>")),
        ("brackets", all("]]")),
        ("line ends", all("\r")),
        (
            "white space in values",
            all(&format!("<a b='{}'/>", "\r\n".repeat(40))),
        ),
        (
            "one value of white space",
            format!("<a b='{}'/>", "\t".repeat(ROOM - 20)),
        ),
        (
            "IDs",
            filled(ROOM, |n| format!("<a ID='a{n:07}'>1234567</a>")),
        ),
        ("repeated IDs", all("<a ID='a'>12345678901234</a>")),
        (
            "signatures",
            all(
                "<ds:Signature><ds:SignedInfo><ds:Reference URI='#_m'/></ds:SignedInfo></ds:Signature>",
            ),
        ),
        (
            "a mismatched end tag",
            format!("<{}></b>", "a".repeat(ROOM - 20)),
        ),
    ]
}

/// Whole entities.
fn hostile_entities() -> Vec<Hostile> {
    let place = "https://idp.example.com/";
    let with = |attribute: &str| {
        let long = "1".repeat(ROOM);
        entity("urn:a", &format!("{attribute}=\"{long}\""))
    };
    vec![
        (
            "certificates",
            entity("urn:a", "").replacen(
                "<md:KeyDescriptor",
                &format!("{}<md:KeyDescriptor", key("").repeat(ROOM / key("").len())),
                1,
            ),
        ),
        (
            "one certificate",
            entity("urn:a", "").replace("AQID", &"AQID".repeat(ROOM / 4)),
        ),
        (
            "roles",
            entity("urn:a", "").replacen(
                "<md:IDP",
                &format!(
                    "{}<md:IDP",
                    role("", place).repeat(ROOM / role("", place).len())
                ),
                1,
            ),
        ),
        (
            "a location",
            document(&role(
                &key(""),
                &format!("https://{}/", "\u{e4}".repeat(ROOM / 2)),
            )),
        ),
        ("a validUntil", with("validUntil")),
        (
            "a cacheDuration",
            with("cacheDuration").replace("=\"1", "=\"P1"),
        ),
        (
            "protocols",
            entity("urn:a", "").replace(
                "protocolSupportEnumeration=\"",
                &format!("protocolSupportEnumeration=\"{}", "a ".repeat(ROOM / 2)),
            ),
        ),
    ]
}

/// Variants of a signed document that make its signature expensive to refuse.
fn hostile_signatures(signed: &str) -> Vec<Hostile> {
    let replaced = |from: &str, to: &str| {
        let changed = signed.replacen(from, to, 1);
        assert_ne!(changed, signed, "{from}");
        changed
    };
    let start = signed.find("<ds:Reference ").unwrap();
    let end = signed.find("</ds:Reference>").unwrap() + "</ds:Reference>".len();
    let reference = &signed[start..end];
    let references = reference.repeat(ROOM / reference.len());
    let c14n = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>";
    let prefixes = |list: &str| {
        c14n.replace("/>", &format!("><ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"{list}\"/></ds:Transform>"))
    };
    let spread = |list: &str| {
        let entities = entity("urn:b", "").repeat((ROOM - list.len()) / entity("urn:b", "").len());
        replaced(c14n, &prefixes(list)).replacen(
            "</md:EntitiesDescriptor>",
            &format!("{entities}</md:EntitiesDescriptor>"),
            1,
        )
    };
    vec![
        ("references", replaced(reference, &references)),
        (
            "transforms",
            replaced(c14n, &c14n.repeat(ROOM / c14n.len())),
        ),
        (
            "prefixes",
            replaced(c14n, &prefixes(&"a ".repeat(ROOM / 2))),
        ),
        ("long prefixes", spread(&"a".repeat(ROOM / 2))),
        (
            "as many prefixes as allowed",
            spread(&many(32, |n| format!("{}{n} ", "a".repeat(12)))),
        ),
        (
            "objects",
            replaced(
                "</ds:Signature>",
                &format!("{}</ds:Signature>", "<ds:Object/>".repeat(ROOM / 12)),
            ),
        ),
        (
            "a signature value",
            replaced(
                "<ds:SignatureValue>",
                &format!("<ds:SignatureValue>{}", "A".repeat(ROOM)),
            ),
        ),
        (
            "a digest value",
            replaced(
                "<ds:DigestValue>",
                &format!("<ds:DigestValue>{}", "A".repeat(ROOM)),
            ),
        ),
    ]
}

fn federation() -> (SigningKey, Trust) {
    let key = SigningKey::rsa(2048, Clock::system().now()).unwrap();
    let trust = Trust::new(&[key.certificate_der().to_vec()], false).unwrap();
    (key, trust)
}

/// The shorter time of two attempts.
fn took(attempt: impl Fn()) -> Duration {
    let once = || {
        let began = ThreadTime::now();
        attempt();
        began.elapsed()
    };
    once().min(once())
}

fn signed_with(key: &SigningKey, document: &str, canonicalization: &str) -> String {
    let options = SigningOptions::with_canonicalization(canonicalization);
    sign(document, "_m", key, &options).unwrap()
}

#[test]
fn no_document_costs_much_more_than_a_good_one() {
    let (key, trust) = federation();
    let of = |id: &str, inner: &str| {
        let members = [entity("urn:a", ""), inner.to_owned()];
        entities(&format!(r#"ID="{id}""#), &members)
    };
    let read = |text: &str| {
        let _ = IdpMetadata::parse(text, Some("urn:a"));
        let _ = IdpMetadata::parse_signed(text, Some("urn:a"), &trust);
    };
    let members = filled(ROOM, real);
    let mut dear = Vec::new();
    for method in [algorithm::EXCLUSIVE_C14N, algorithm::INCLUSIVE_C14N] {
        let good = signed_with(&key, &of("_m", &members), method);
        IdpMetadata::parse_signed(&good, Some("urn:a"), &trust).unwrap();
        let usual = took(|| read(&good));
        assert!(usual > Duration::ZERO, "the time was not measured");
        let small = signed_with(&key, &of("_m", "<md:Extensions/>"), method);
        let extended = |inner: &str| {
            let extensions = format!("<md:Extensions xmlns=\"{XMLNS}\">{inner}</md:Extensions>");
            small.replacen("<md:Extensions/>", &extensions, 1)
        };
        let mut documents: Vec<_> = hostile()
            .into_iter()
            .map(|(name, inner)| (name, extended(&inner)))
            .collect();
        for (name, entity) in hostile_entities() {
            documents.push((name, small.replacen("<md:Extensions/>", &entity, 1)));
        }
        if method == algorithm::EXCLUSIVE_C14N {
            documents.extend(hostile_signatures(&small));
        }
        for (name, document) in documents {
            assert!(
                document.len() > MAX_BYTES * 9 / 10,
                "{name}: {} bytes",
                document.len()
            );
            let hostile = took(|| read(&document));
            println!(
                "{:>6.2} {name} ({})",
                hostile.as_secs_f64() / usual.as_secs_f64(),
                document.len()
            );
            if hostile > usual * MOST {
                dear.push(format!("{name}: {hostile:?}, usual: {usual:?}, {method}"));
            }
        }
    }
    assert!(dear.is_empty(), "{dear:#?}");
}

/// An entity like those in a federation's document.
fn real(number: usize) -> String {
    let certificate = "MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYD".repeat(20);
    let key = key(r#"use="signing""#).replace("AQID", &certificate);
    let ui = format!(
        "<md:Extensions><mdui:UIInfo xmlns:mdui=\"urn:oasis:names:tc:SAML:metadata:ui\">\
         <mdui:DisplayName xml:lang=\"en\">University {number}</mdui:DisplayName>\
         <mdui:Description xml:lang=\"en\">The identity provider of this university</mdui:Description>\
         <mdui:Logo height=\"16\" width=\"16\">https://idp{number}.example.edu/logo.png</mdui:Logo>\
         </mdui:UIInfo></md:Extensions>"
    );
    let formats =
        "<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>";
    let role = role(
        &format!("{ui}{key}{formats}"),
        "https://idp.example.edu/sso",
    );
    format!(
        "<md:EntityDescriptor xmlns:ds=\"{}\" entityID=\"https://idp{number}.example.edu/\">\n  {role}\n\
         <md:ContactPerson contactType=\"technical\"><md:GivenName>Ann</md:GivenName>\
         <md:EmailAddress>mailto:ann@idp{number}.example.edu</md:EmailAddress></md:ContactPerson>\
         </md:EntityDescriptor>\n",
        ns::SIGNATURE
    )
}
