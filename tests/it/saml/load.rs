//! Messages that would keep the service busy for seconds or minutes if there were no limits.
//! Parsing or canonicalizing them is slow and happens before a signature is verified, so the
//! messages need no valid signature.

use rolecall::demo::idp::signing::algorithm;
use rolecall::demo::idp::{Signed, SigningOptions};

use super::bench::*;

const SIZE: usize = 190_000;

/// A signed message. The tests then change the message, so its signatures become invalid.
fn message(canonicalization: &str) -> String {
    let options = SigningOptions::with_canonicalization(canonicalization);
    idp().signed_xml(&good(), Signed::Both, &options).unwrap()
}

fn with_advice(xml: &str, advice: &str) -> String {
    let advice = format!("<saml:Advice>{advice}</saml:Advice><saml:AuthnStatement");
    xml.replacen("<saml:AuthnStatement", &advice, 1)
}

/// Concatenates the results of `write` for each number below `count`.
fn many(count: usize, write: impl Fn(usize) -> String) -> String {
    (0..count).map(write).collect()
}

/// Without a limit on attributes, the parser would spend eight seconds searching for repeated ones.
#[test]
pub fn many_attributes() {
    let element = |count| format!("<a{}/>", many(count, |n| format!(" a{n}=''")));
    let xml = message(algorithm::EXCLUSIVE_C14N);
    assert_refused(&with_advice(&xml, &element(64)), "signature");
    assert_refused(&with_advice(&xml, &element(65)), "too_many_attributes");
    assert_refused(&with_advice(&xml, &element(18_000)), "too_many_attributes");
    // A `>` in a value does not end the tag, and a `'` inside `"…"` (or the reverse) is text.
    let hidden = format!("<a b='>' c=\"'>\"{}/>", many(63, |n| format!(" a{n}=''")));
    assert_refused(&with_advice(&xml, &hidden), "too_many_attributes");
}

/// Without a limit on namespaces, inclusive canonicalization would take minutes, because it copies
/// all declarations at every element.
#[test]
pub fn many_namespaces() {
    let declared = |count| many(count, |n| format!(" xmlns:a{n}='a:'"));
    let xml = message("http://www.w3.org/TR/2001/REC-xml-c14n-20010315");
    let root = |count| format!("<samlp:Response{} ", declared(count));
    let at_root = |count| xml.replacen("<samlp:Response ", &root(count), 1);
    assert_refused(&at_root(20), "signature");
    assert_refused(&at_root(40), "too_many_namespaces");
    assert_refused(&at_root(6_000), "too_many_attributes");
    let nested = |prefix| {
        let inner = declared(20).replace(":a", prefix);
        format!("<a{}><b{inner}/></a>", declared(20))
    };
    assert_refused(&with_advice(&xml, &nested(":a")), "signature");
    assert_refused(&with_advice(&xml, &nested(":b")), "too_many_namespaces");
    let siblings = format!("<a{}/>", declared(20)).repeat(20);
    assert_refused(&with_advice(&xml, &siblings), "signature");
    // The declarations of one element do not count toward the limit for its siblings.
    let others = declared(20).replace(":a", ":b");
    let siblings = format!("<a{}/><a{others}/>", declared(20));
    assert_refused(&with_advice(&xml, &siblings), "signature");
}

/// Without a limit on the PrefixList, exclusive canonicalization of one message would take 200
/// seconds, because it searches the list at every element.
#[test]
pub fn a_long_list_of_prefixes() {
    let transform = format!("<ds:Transform Algorithm=\"{}\"", algorithm::EXCLUSIVE_C14N);
    let with_list = |count| {
        let list = many(count, |n| format!("a{n} "));
        let list = format!(
            "{transform}><ec:InclusiveNamespaces xmlns:ec=\"{}\" PrefixList=\"{list}\"/></ds:Transform>",
            algorithm::EXCLUSIVE_C14N
        );
        let xml = message(algorithm::EXCLUSIVE_C14N);
        let changed = xml.replace(&format!("{transform}/>"), &list);
        assert_ne!(xml, changed, "the change must change something");
        changed
    };
    assert_refused(&with_list(32), "signature");
    assert_refused(&with_list(33), "transforms");
    assert_refused(&with_list(10_000), "transforms");
}

#[test]
pub fn many_elements() {
    let xml = message(algorithm::EXCLUSIVE_C14N);
    assert_refused(&with_advice(&xml, &"<a/>".repeat(8_000)), "signature");
    assert_refused(
        &with_advice(&xml, &"<a/>".repeat(SIZE / 4)),
        "too_many_tags",
    );
}
