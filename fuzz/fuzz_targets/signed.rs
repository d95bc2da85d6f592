//! Fuzzes good signed messages by copying, moving, wrapping, renaming and rewriting their elements.
//!
//! If the signatures still verify, every value that rolecall reads must be one that the IdP signed.
#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use rolecall_fuzz::tree::{self, Change, Node};
use rolecall_fuzz::{MESSAGES, SAID, read};

#[derive(Arbitrary, Debug)]
struct Attack {
    original: u8,
    changes: Vec<Change>,
}

static TREES: LazyLock<Vec<Node>> =
    LazyLock::new(|| MESSAGES.iter().map(|xml| tree::parse(xml)).collect());

fuzz_target!(|attack: Attack| {
    let original = usize::from(attack.original) % MESSAGES.len();
    let changes = &attack.changes[..attack.changes.len().min(16)];
    let xml = tree::changed(&TREES[original], changes);
    if let Ok(said) = read(&xml) {
        let signed = &SAID[original];
        assert_eq!(said.assertion, signed.assertion, "accepted: {xml}");
        if said.envelope.is_some() {
            assert_eq!(said.envelope, signed.envelope, "accepted: {xml}");
        }
        if let (Ok(login), Ok(good)) = (&said.login, &signed.login) {
            assert_eq!(login, good, "accepted: {xml}");
        }
    }
});
