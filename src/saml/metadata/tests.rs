use super::*;
use crate::saml::Trust;

const CERTIFICATE: &str = "AQID";

fn document(role: &str) -> String {
    format!(
        r#"<!-- ours --><md:EntityDescriptor xmlns:md="{}" xmlns:ds="{}" entityID="urn:idp">{role}</md:EntityDescriptor>"#,
        ns::METADATA,
        ns::SIGNATURE
    )
}

fn role(key: &str, location: &str) -> String {
    format!(
        r#"<md:IDPSSODescriptor protocolSupportEnumeration="{PROTOCOL}">{key}<md:SingleSignOnService Binding="{REDIRECT_BINDING}" Location="{location}"/></md:IDPSSODescriptor>"#
    )
}

fn key(attributes: &str) -> String {
    format!(
        "<md:KeyDescriptor {attributes}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n {CERTIFICATE}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )
}

#[test]
fn reads_entity_location_and_signing_keys() {
    let keys = format!("{}{}", key(""), key(r#"use="encryption""#));
    let read = IdpMetadata::parse(&document(&role(&keys, "https://idp.example.com/sso")), None);
    let expected = IdpMetadata {
        entity_id: "urn:idp".to_owned(),
        single_sign_on: vec![(
            Binding::Redirect,
            Url::parse("https://idp.example.com/sso").unwrap(),
        )],
        single_logout: None,
        signing_certificates: vec![vec![1, 2, 3]],
        is_transient: false,
        valid_until: None,
        cache_duration: None,
        created: None,
    };
    assert_eq!(read, Ok(expected));
}

#[test]
fn only_an_idp_that_offers_no_other_format_is_transient() {
    let persistent = TRANSIENT.replace("transient", "persistent");
    for (formats, is_transient) in [
        (&[][..], false),
        (&[TRANSIENT], true),
        (&[TRANSIENT, TRANSIENT], true),
        (&[TRANSIENT, &persistent], false),
        (&["", TRANSIENT], false),
    ] {
        let element = |format| format!("<md:NameIDFormat>\n{format} </md:NameIDFormat>");
        let formats: String = formats.iter().map(element).collect();
        let keys = format!("{}{formats}", key(""));
        let read = IdpMetadata::parse(&document(&role(&keys, "https://idp.example.com/sso")), None);
        assert_eq!(read.unwrap().is_transient, is_transient, "{formats}");
    }
}

#[test]
fn refuses_a_document_without_a_signing_key() {
    let only_encryption = role(&key(r#"use="encryption""#), "https://idp.example.com/");
    for role in [role("", "https://idp.example.com/"), only_encryption] {
        let read = IdpMetadata::parse(&document(&role), None);
        assert_eq!(read, Err(MetadataError::NoSigningCertificate));
    }
}

#[test]
fn refuses_locations_that_are_unsafe_to_redirect_to() {
    for location in [
        "javascript:alert(1)",
        "http://idp.example.com/",
        "//x",
        "https:",
        "ftp://127.0.0.1/",
    ] {
        let read = IdpMetadata::parse(&document(&role(&key(""), location)), None);
        assert_eq!(
            read,
            Err(MetadataError::Location(location.to_owned())),
            "{location}"
        );
    }
    for location in [
        "http://127.0.0.1:8081/sso",
        "http://[::1]/sso",
        "http://localhost/sso",
    ] {
        let read = IdpMetadata::parse(&document(&role(&key(""), location)), None);
        assert!(read.is_ok(), "{location}: {read:?}");
    }
}

#[test]
fn refuses_a_dtd_several_entities_and_five_megabytes() {
    let good = document(&role(&key(""), "https://idp.example.com/"));
    let dtd = format!("<!DOCTYPE x>{good}");
    assert!(matches!(
        IdpMetadata::parse(&dtd, None),
        Err(MetadataError::Xml(_))
    ));
    let two = entities("", &[entity("urn:a", ""), entity("urn:b", "")]);
    assert_eq!(
        IdpMetadata::parse(&two, None),
        Err(MetadataError::Entities(2))
    );
    assert_eq!(
        IdpMetadata::parse(&entities("", &[]), None),
        Err(MetadataError::Entities(0))
    );
    let large = format!("{good}<!--{}-->", "x".repeat(5 * 1024 * 1024));
    assert_eq!(
        IdpMetadata::parse(&large, None),
        Err(MetadataError::TooLarge)
    );
}

fn entity(id: &str, attributes: &str) -> String {
    format!(
        r#"<md:EntityDescriptor xmlns:md="{}" xmlns:ds="{}" entityID="{id}" {attributes}>{}</md:EntityDescriptor>"#,
        ns::METADATA,
        ns::SIGNATURE,
        role(&key(""), "https://idp.example.com/")
    )
}

fn entities(attributes: &str, members: &[String]) -> String {
    let (namespace, members) = (ns::METADATA, members.concat());
    format!(
        r#"<md:EntitiesDescriptor xmlns:md="{namespace}" {attributes}>{members}</md:EntitiesDescriptor>"#
    )
}

#[test]
fn one_of_several_entities_is_chosen_by_its_id() {
    let federation = entities("", &[entity("urn:a", ""), entity("urn:b", "")]);
    for id in ["urn:a", "urn:b"] {
        let read = IdpMetadata::parse(&federation, Some(id)).unwrap();
        assert_eq!(read.entity_id, id);
    }
    let missing = Err(MetadataError::NotTheEntity("urn:c".to_owned()));
    assert_eq!(IdpMetadata::parse(&federation, Some("urn:c")), missing);
    let twice = entities("", &[entity("urn:c", ""), entity("urn:c", "")]);
    assert_eq!(IdpMetadata::parse(&twice, Some("urn:c")), missing);
}

#[test]
fn the_earliest_end_and_the_shortest_duration_apply() {
    let member = entity(
        "urn:a",
        r#"validUntil="2026-03-01T00:00:00Z" cacheDuration="P1D""#,
    );
    let around = r#"validUntil="2026-02-01T00:00:00.5Z" cacheDuration="PT6H""#;
    let read = IdpMetadata::parse(&entities(around, &[member]), None).unwrap();
    let end = read.valid_until.unwrap();
    assert_eq!(end.to_rfc3339(), "2026-02-01T00:00:00.500+00:00");
    assert_eq!(read.cache_duration, Some(TimeDelta::hours(6)));
    for (text, duration) in [
        ("P7D", TimeDelta::days(7)),
        ("PT604800S", TimeDelta::days(7)),
        ("P0Y0M0DT12H30M0.000S", TimeDelta::minutes(750)),
    ] {
        let text = entity("urn:a", &format!(r#"cacheDuration="{text}""#));
        let read = IdpMetadata::parse(&text, None).unwrap();
        assert_eq!(read.cache_duration, Some(duration), "{text}");
    }
}

#[test]
fn refuses_invalid_times_and_durations() {
    for (attribute, value) in [
        ("validUntil", "tomorrow"),
        ("validUntil", ""),
        ("validUntil", "2026-02-30T00:00:00Z"),
        ("cacheDuration", "3600"),
        ("cacheDuration", "-PT1H"),
        ("cacheDuration", "12:00"),
        ("cacheDuration", ""),
    ] {
        let text = entity("urn:a", &format!(r#"{attribute}="{value}""#));
        let read = IdpMetadata::parse(&text, None);
        assert_eq!(read, Err(MetadataError::Time(attribute)), "{value:?}");
    }
}

mod signed {
    use std::sync::OnceLock;

    use super::*;
    use crate::clock::Clock;
    use crate::demo::idp::{SigningKey, SigningOptions, sign};

    fn federation() -> &'static SigningKey {
        static KEY: OnceLock<SigningKey> = OnceLock::new();
        KEY.get_or_init(|| SigningKey::rsa(2048, Clock::system().now()).unwrap())
    }

    fn trust(key: &SigningKey) -> Trust {
        Trust::new(&[key.certificate_der().to_vec()], false).unwrap()
    }

    fn verified(document: &str, entity_id: &str) -> Result<IdpMetadata, MetadataError> {
        IdpMetadata::parse_signed(document, Some(entity_id), &trust(federation()))
    }

    fn signed(document: &str, id: &str) -> String {
        sign(document, id, federation(), &SigningOptions::default()).unwrap()
    }

    #[test]
    fn the_root_signed_by_the_federation_is_read() {
        let one = signed(&entity("urn:a", r#"ID="_m""#), "_m");
        let several = entities(r#"ID="_m""#, &[entity("urn:a", ""), entity("urn:b", "")]);
        for document in [one, signed(&several, "_m")] {
            let read = verified(&document, "urn:a").unwrap();
            assert_eq!(read.signing_certificates, [vec![1, 2, 3]]);
        }
    }

    #[test]
    fn metadata_not_signed_by_the_federation_is_refused() {
        let plain = entity("urn:a", r#"ID="_m""#);
        let good = signed(&plain, "_m");
        let other = SigningKey::rsa(2048, Clock::system().now()).unwrap();
        let verify = |document: &str| verified(document, "urn:a").unwrap_err();
        assert_eq!(verify(&plain), MetadataError::NotSigned);
        let refused = IdpMetadata::parse_signed(&good, None, &trust(&other)).unwrap_err();
        assert_eq!(refused, MetadataError::Signature(Refusal::Signature));
        // The document was changed after it was signed.
        let changed = good.replace("urn:a", "urn:b");
        assert_eq!(
            verify(&changed),
            MetadataError::Signature(Refusal::Signature)
        );
        // The signed entity is inside an unsigned document, or its signature was moved to the root.
        let wrapped = entities("", &[entity("urn:evil", ""), good.clone()]);
        assert_eq!(verify(&wrapped), MetadataError::NotSigned);
        let signature = &good[good.find("<ds:Signature ").unwrap()..];
        let signature = &signature[..signature.find("</ds:Signature>").unwrap() + 15];
        let moved = entities(
            r#"ID="_evil""#,
            &[signature.to_owned(), entity("urn:evil", ""), plain.clone()],
        );
        assert_eq!(
            verify(&moved),
            MetadataError::Signature(Refusal::ReferenceUri)
        );
        let twice = entities(
            r#"ID="_m""#,
            &[signature.to_owned(), entity("urn:evil", ""), plain],
        );
        assert!(matches!(verify(&twice), MetadataError::Signature(_)));
    }

    /// The signature does not cover comments.
    #[test]
    fn comments_do_not_change_what_is_read() {
        let plain = entity("urn:a", r#"ID="_m""#).replace("AQID", "AQ<!-- x -->ID");
        let signed = signed(&plain, "_m");
        for document in [
            &signed,
            &signed.replace("<!-- x -->", "<!-- AAAA --><!---->"),
        ] {
            let read = verified(document, "urn:a").unwrap();
            assert_eq!(read.signing_certificates, [vec![1, 2, 3]]);
        }
    }

    /// Members of a federation's document are often signed by their own organizations.
    #[test]
    fn signatures_of_members_are_passed_over() {
        let other = SigningKey::rsa(2048, Clock::system().now()).unwrap();
        let member = sign(
            &entity("urn:a", r#"ID="_a""#),
            "_a",
            &other,
            &SigningOptions::default(),
        )
        .unwrap();
        // A member's own signature need not be valid, nor even have a form that we accept.
        let broken = member.replace("urn:a", "urn:b").replace("_a", "_b");
        let strange = entity("urn:c", r#"ID="_c""#).replacen(
            '>',
            "><ds:Signature><ds:SignedInfo/></ds:Signature>",
            1,
        );
        let several = entities(r#"ID="_m""#, &[member.clone(), broken, strange]);
        let federation = signed(&several, "_m");
        for id in ["urn:a", "urn:b", "urn:c"] {
            let read = verified(&federation, id).unwrap();
            assert_eq!(read.entity_id, id);
        }
        // The root's signature covers the members with their signatures.
        let changed = federation.replacen("<ds:SignedInfo/>", "", 1);
        assert_eq!(
            verified(&changed, "urn:a"),
            Err(MetadataError::Signature(Refusal::Signature))
        );
        // A member's signature does not replace the root's.
        let unsigned = entities(
            r#"ID="_m""#,
            &[signed(&entity("urn:a", r#"ID="_a""#), "_a")],
        );
        assert_eq!(verified(&unsigned, "urn:a"), Err(MetadataError::NotSigned));
        // Only the first signature is verified, so the root's must come first.
        let at = federation.find("<ds:Signature ").unwrap();
        let end = federation.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
        let (start, root, rest) = (&federation[..at], &federation[at..end], &federation[end..]);
        let (rest, close) = rest.split_at(rest.rfind("</").unwrap());
        assert_eq!(
            verified(&format!("{start}{rest}{root}{close}"), "urn:a"),
            Err(MetadataError::SignatureOrder)
        );
    }

    /// What the root's signature does not cover is not read: neither an entity inside the signature
    /// nor one outside the root.
    #[test]
    fn nothing_is_read_from_a_signature() {
        let several = entities(r#"ID="_m""#, &[entity("urn:a", "")]);
        let federation = signed(&several, "_m");
        let evil = entity("urn:evil", "");
        for (place, to) in [
            ("</ds:KeyInfo>", format!("{evil}</ds:KeyInfo>")),
            (
                "<ds:X509Certificate>",
                format!("{evil}<ds:X509Certificate>"),
            ),
            (
                "</ds:Signature>",
                format!("<ds:Object>{evil}</ds:Object></ds:Signature>"),
            ),
            ("</ds:SignedInfo>", format!("{evil}</ds:SignedInfo>")),
        ] {
            let changed = federation.replacen(place, &to, 1);
            assert_ne!(changed, federation, "{place}");
            assert!(verified(&changed, "urn:evil").is_err(), "{place}");
        }
    }
}

/// A role inside an extension belongs to nobody.
#[test]
fn only_descriptors_in_their_places_are_read() {
    let good = entity("urn:a", "");
    let evil = entity("urn:evil", "");
    let hidden = good.replacen('>', &format!("><md:Extensions>{evil}</md:Extensions>"), 1);
    assert_eq!(
        IdpMetadata::parse(&hidden, None).unwrap().entity_id,
        "urn:a"
    );
    assert_eq!(
        IdpMetadata::parse(&hidden, Some("urn:evil")),
        Err(MetadataError::NotTheEntity("urn:evil".to_owned()))
    );
    let nested = entities("", &[entities("", &[good])]);
    assert_eq!(
        IdpMetadata::parse(&nested, None).unwrap().entity_id,
        "urn:a"
    );
    for other in [
        "<r/>".to_owned(),
        format!("<r>{evil}</r>"),
        role("", "https://x/"),
    ] {
        let refused = IdpMetadata::parse(&other, None);
        assert!(
            matches!(
                refused,
                Err(MetadataError::NotMetadata | MetadataError::Xml(_))
            ),
            "{refused:?}"
        );
    }
}

#[test]
fn refuses_a_location_or_a_list_of_certificates_without_end() {
    let long = |length| format!("https://idp.example.com/{}", "x".repeat(length));
    let read = |role: &str| IdpMetadata::parse(&document(role), None);
    assert!(read(&role(&key(""), &long(4_000))).is_ok());
    let refused = read(&role(&key(""), &long(4_096)));
    assert!(
        matches!(refused, Err(MetadataError::Location(_))),
        "{refused:?}"
    );
    assert!(read(&role(&key("").repeat(32), &long(1))).is_ok());
    assert_eq!(
        read(&role(&key("").repeat(33), &long(1))),
        Err(MetadataError::TooManyCertificates)
    );
}

/// Names and white space follow the same rules as in a message.
#[test]
fn names_ids_and_white_space() {
    let good = entity("urn:a", r#"ID="_m""#);
    for (from, to) in [
        ("<md:EntityDescriptor ", "<md:EntityDescriptor md:x:y=\"\" "),
        ("<md:KeyDescriptor", "<md:Key:x/><md:KeyDescriptor"),
        ("<md:KeyDescriptor", "<:x/><md:KeyDescriptor"),
        ("<md:KeyDescriptor", "<md:/><md:KeyDescriptor"),
        ("<md:KeyDescriptor", "<?a:b?><md:KeyDescriptor"),
        ("<md:KeyDescriptor", "<x xmlns:p=\"\"/><md:KeyDescriptor"),
    ] {
        let refused = IdpMetadata::parse(&good.replacen(from, to, 1), None);
        assert!(
            matches!(refused, Err(MetadataError::Xml(Refusal::NotWellFormed(_)))),
            "{to}: {refused:?}"
        );
    }
    for id in ["a:b", ":", "a:"] {
        for place in [
            format!(r#"<md:EntityDescriptor ID="{id}" "#),
            format!(r#"<md:EntityDescriptor xml:id="{id}" "#),
        ] {
            let text = entity("urn:a", "").replacen("<md:EntityDescriptor ", &place, 1);
            let refused = IdpMetadata::parse(&text, None);
            assert_eq!(
                refused,
                Err(MetadataError::Xml(Refusal::InvalidId)),
                "{place}"
            );
        }
    }
    for id in ["_m", "1m"] {
        let text = entity("urn:a", &format!(r#"ID="{id}""#));
        assert!(IdpMetadata::parse(&text, None).is_ok(), "{id}");
    }
    // A line break in an attribute value is a blank.
    let text = good.replace(
        r#"protocolSupportEnumeration=""#,
        "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:1.1:protocol\r\n\t",
    );
    assert!(IdpMetadata::parse(&text, None).is_ok());
    let broken = IdpMetadata::parse(
        &good.replace(
            "urn:a", "urn:a
b",
        ),
        None,
    )
    .unwrap();
    assert_eq!(broken.entity_id, "urn:a b");
}

mod load;
