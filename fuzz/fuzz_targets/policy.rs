//! Fuzzes the strict parser and the structural policy, which run before any cryptography, and then
//! the verification of signatures. An accepted message must have the same content as one of the
//! good messages (`ORIGINALS`).
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolecall::saml::response::Unverified;
use rolecall_fuzz::{SAID, read};

fuzz_target!(|xml: &str| {
    if let Ok(message) = Unverified::parse(xml) {
        let _ = message.claimed_request();
        let _ = message.summary();
        let _ = message.claimed_issuer();
    }
    if let Ok(said) = read(xml) {
        let original = SAID.iter().any(|original| {
            original.assertion == said.assertion
                && (said.envelope.is_none() || said.envelope == original.envelope)
        });
        assert!(original, "accepted: {said:?}");
    }
});
