//! Fuzzes the parser for an IdP's metadata.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolecall::saml::Trust;
use rolecall::saml::metadata::IdpMetadata;
use url::{Host, Url};

fuzz_target!(|xml: &str| {
    let Ok(metadata) = IdpMetadata::parse(xml, None) else {
        return;
    };
    assert!(!metadata.entity_id.is_empty());
    assert!(!metadata.signing_certificates.is_empty());
    assert!(!metadata.single_sign_on.is_empty());
    for (_, location) in &metadata.single_sign_on {
        assert!(is_safe(location), "{location}");
    }
    let _ = Trust::new(&metadata.signing_certificates, false);
});

fn is_safe(location: &Url) -> bool {
    let is_loopback = match location.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    location.scheme() == "https" || location.scheme() == "http" && is_loopback
}
