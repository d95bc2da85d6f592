//! The corpus: hostile and good messages from the tests in `saml`. Each message is run through the
//! whole application and timed, and a canary detects network and file access. If a message passes
//! the structural policy, rolecall's verdict is compared with a second verifier's.
//!
//! The tests in [`SOURCES`] record most of the messages that they check. For a hostile message,
//! they also record the check that refuses it. This module runs the tests again and collects the
//! records.

mod application;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::sync::OnceLock;
use std::time::Duration;

use rolecall::demo::idp::encode;
use rolecall::saml::ServiceProvider;
use rolecall::saml::inspection::{Bench, CheckResult, Inspection};
use rolecall::saml::response::{self, Unverified};

use super::bench::*;
use super::*;
use crate::support::canary::Canary;
use crate::support::patience::{LOOKS, PAUSE};
use crate::support::second_opinion;

/// A message that an IdP or an attacker might post.
pub struct Case {
    /// The test that made the message, and the message's number within that test.
    pub name: String,
    /// The value of the form field `SAMLResponse`.
    pub field: String,
    /// The check that refuses the message; `None` for a good message.
    pub check: Option<String>,
}

/// The value of a form field, and the check that refuses it; `None` for a good message.
type Noted = (String, Option<String>);

thread_local! {
    /// The messages recorded while the corpus is being collected.
    static NOTED: RefCell<Option<Vec<Noted>>> = const { RefCell::new(None) };
}

/// Records a message while the corpus is being collected. Addresses and files in the message are
/// replaced with those of the canary. An empty field is ignored.
pub fn note(field: &str, check: Option<&str>) {
    if field.is_empty() {
        return;
    }
    NOTED.with_borrow_mut(|noted| {
        if let Some(noted) = noted {
            noted.push((baited(field), check.map(str::to_owned)));
        }
    });
}

fn baited(field: &str) -> String {
    match response::decode(field) {
        Ok(xml) if xml.contains("127.0.0.1:1/") || xml.contains("/etc/") => encode(&bait(&xml)),
        _ => field.to_owned(),
    }
}

/// Replaces forbidden addresses and files with the canary's address and file.
pub fn bait(text: &str) -> String {
    let canary = Canary::shared();
    let file = canary.file();
    let file = file.to_str().unwrap();
    text.replace("http://127.0.0.1:1/", &canary.url())
        .replace("/etc/hostname", file)
        .replace("/etc/passwd", file)
}

macro_rules! sources {
    ($($room:ident: $($test:ident)*;)*) => {
        &[$($((concat!(stringify!($room), "::", stringify!($test)), $room::$test as fn())),*),*]
    };
}

/// The tests from which messages are collected.
const SOURCES: &[(&str, fn())] = sources! {
    wrapping: xsw1 xsw2 xsw3_evil_first_and_evil_last xsw4 xsw5 xsw6 xsw7 xsw8 with_the_same_id a_signed_error_response_carries_a_forged_assertion a_signed_assertion_under_another_name;
    markup: the_field_is_base64_of_utf8 comments cdata_sections processing_instructions document_types undeclared_entities xml_1_1 other_encodings deep_nesting not_xml relative_namespace_names;
    structure: other_documents no_assertion an_encrypted_assertion assertions_in_other_namespaces_and_places identifiers prefixed_attributes_that_shadow elements_that_a_namespace_blind_reader_would_take duplicate_and_misplaced_elements elements_that_are_missing;
    signature: no_signature any_changed_value the_value_of_the_signature both_signatures_must_verify a_signature_by_a_foreign_key a_bare_key_in_the_message keys_that_are_to_be_fetched old_and_foreign_algorithms sha1_where_the_configuration_says_so a_shared_secret_made_of_the_certificate references_to_anything_but_the_parent_element an_id_that_is_an_xpointer transforms canonicalisations duplicate_signature_parts signatures_in_other_positions a_decoy_digest weak_and_missing_keys an_ecdsa_signature_in_another_encoding either_key_of_a_rollover;
    profile: the_unchanged_message_is_good status an_error_response_reports_the_reason_of_the_idp a_wrong_status_around_a_signed_assertion destination an_unsigned_response_may_omit_destination_but_not_have_a_wrong_one issuers the_format_of_the_issuer in_response_to_of_the_response_must_match versions issue_instant_at_the_bounds conditions_at_the_bounds years_that_overflow_calendars audiences an_unknown_condition subjects confirmations a_response_to_a_request_is_not_unsolicited an_unsolicited_response_does_not_answer_a_request authentication requested_force_authn authn_context_must_be_a_requested_class an_empty_name_id_is_refused;
    encryption: gcm_with_every_length_of_key_and_every_signature an_encrypted_key_next_to_the_data_is_found every_hash_of_oaep cbc_only_where_allowed_and_only_inside_a_signed_response cbc_reveals_nothing_about_a_plaintext the_parser_does_not_quote_a_plaintext keys_that_are_too_expensive_or_too_weak either_key_of_a_rollover_decrypts encryption_does_not_replace_a_signature every_decryption_failure_looks_the_same line_breaks_in_a_plaintext a_plaintext_that_is_not_a_valid_assertion an_encrypted_assertion_next_to_another malformed_encryption;
    good: every_canonicalisation every_hash every_position_of_the_signature no_key_info every_curve each_signature_with_its_own_method each_signature_with_its_own_key lines_of_base64 values_that_need_escapes_and_more_than_ascii a_carriage_return_survives attributes_are_known_by_name_and_not_by_friendly_name one_good_confirmation_among_several several_audiences_in_each_of_several_restrictions parts_that_are_not_read_do_no_harm white_space_between_elements an_xml_declaration other_prefixes;
    white_space: a_signed_blank_may_be_sent_as_a_line_break line_breaks_survive_every_signature a_raw_line_break_does_not_replace_a_signed_reference a_read_value_has_blanks only_attribute_values_are_normalized namespace_declarations_are_normalized line_ends_in_text;
    names: names_with_several_colons_or_none_around names_that_a_careless_reader_would_take reserved_and_undeclared_prefixes an_id_with_a_colon;
    idps: entra_id okta ping google keycloak adfs shibboleth simplesamlphp;
};

/// The corpus, which is collected once.
fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| SOURCES.iter().flat_map(collect).collect())
}

fn collect((name, test): &(&str, fn())) -> Vec<Case> {
    NOTED.set(Some(Vec::new()));
    test();
    let noted = NOTED.take().unwrap();
    let named = |(number, (field, check))| Case {
        name: format!("{name}#{number}"),
        field,
        check,
    };
    noted.into_iter().enumerate().map(named).collect()
}

#[test]
fn the_corpus_is_large_and_diverse() {
    let distinct: HashSet<_> = cases().iter().map(|case| &case.field).collect();
    let (good, hostile): (Vec<_>, Vec<_>) = cases().iter().partition(|case| case.check.is_none());
    let mut checks = BTreeMap::<_, usize>::new();
    for case in &hostile {
        *checks.entry(case.check.as_deref().unwrap()).or_default() += 1;
    }
    println!(
        "{} hostile, {} good, {} distinct",
        hostile.len(),
        good.len(),
        distinct.len()
    );
    println!("{checks:#?}");
    assert!(hostile.len() >= 200, "{}", hostile.len());
    assert!(good.len() >= 40, "{}", good.len());
    assert!(checks.len() >= 40, "{}", checks.len());
}

/// The whole application refuses each hostile message at the expected check, and accepts each good
/// message.
#[test]
fn each_has_its_verdict_in_the_application() {
    let wrong: Vec<_> = application::outcomes()
        .iter()
        .filter(|outcome| outcome.check != outcome.expected)
        .map(|outcome| (&outcome.name, &outcome.expected, &outcome.check))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(application::outcomes().len(), cases().len());
}

/// An inspection and the application reach the same verdict on each message that both can judge.
#[test]
fn an_inspection_has_the_same_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let sp = ServiceProvider::from_config(&application::configure(folder.path()), now()).unwrap();
    let mut inspected = 0;
    for case in cases() {
        let Ok(xml) = response::decode(&case.field) else {
            continue;
        };
        // An inspection cannot perform these checks, because it has no record of the request.
        let of_the_request = ["in_response_to", "response_in_response_to"];
        let check = case.check.as_deref();
        if check.is_some_and(|check| of_the_request.contains(&check)) {
            continue;
        }
        let bench = Bench {
            sp: &sp,
            idp: Some("corp"),
            now: now(),
        };
        let inspection = Inspection::of(&xml, Some(bench));
        let mut verdicts = inspection.verdicts.iter();
        let refused = verdicts.find_map(|verdict| match &verdict.outcome {
            CheckResult::Refused { name, .. } => Some(*name),
            _ => None,
        });
        assert_eq!(refused, check, "{}: {:#?}", case.name, inspection.verdicts);
        inspected += 1;
    }
    assert!(inspected > cases().len() * 9 / 10, "{inspected}");
}

/// A login still succeeds after a hostile message was posted with the login's RelayState.
#[test]
fn no_hostile_message_blocks_a_later_valid_login() {
    let outcomes = application::outcomes().iter();
    let blocked: Vec<_> = outcomes
        .filter(|outcome| outcome.expected.is_some() && !outcome.good_one_after_it)
        .map(|outcome| &outcome.name)
        .collect();
    assert!(blocked.is_empty(), "{blocked:#?}");
}

/// The processor time of each message is compared with that of good messages in the same thread, so
/// a busy or slow machine does not matter.
#[test]
fn no_hostile_message_costs_as_much_as_fifty_valid_ones() {
    let outcomes = application::outcomes().iter();
    let (good, _): (Vec<_>, Vec<_>) = outcomes
        .clone()
        .partition(|outcome| outcome.check.is_none());
    let mut good: Vec<_> = good.iter().map(|outcome| outcome.took).collect();
    good.sort_unstable();
    let usual = good[good.len() / 2];
    let dearest = outcomes.max_by_key(|outcome| outcome.took).unwrap();
    println!(
        "the most expensive: {} {:?}; usual: {usual:?}",
        dearest.name, dearest.took
    );
    assert!(usual > Duration::ZERO, "the time was not measured");
    assert!(
        dearest.took < usual * 50,
        "{}: {:?}; usual: {usual:?}",
        dearest.name,
        dearest.took
    );
}

#[test]
fn no_message_causes_network_or_file_access() {
    let canary = Canary::shared();
    application::outcomes();
    assert_eq!(canary.touched(), (0, 0));
    // The corpus contains messages that refer to the canary.
    let naming = |text: String| {
        let named = cases()
            .iter()
            .filter_map(|case| response::decode(&case.field).ok());
        named.filter(|xml| xml.contains(&text)).count()
    };
    assert!(naming(canary.url()) >= 8);
    assert!(naming(canary.file().to_str().unwrap().to_owned()) >= 8);
}

#[test]
fn the_canary_detects_connections_and_file_access() {
    let canary = Canary::new();
    assert_eq!(canary.touched(), (0, 0));
    let address = canary.url().replace("http://", "").replace('/', "");
    drop(std::net::TcpStream::connect(address).unwrap());
    std::fs::read(canary.file()).unwrap();
    let (mut connections, mut opened) = (0, 0);
    for _ in 0..LOOKS {
        let touched = canary.touched();
        connections += touched.0;
        opened += touched.1;
        if connections == 1 && opened > 0 {
            return;
        }
        std::thread::sleep(PAUSE);
    }
    panic!("{connections} connections, file opened {opened} times");
}

/// The known differences between the verdicts of rolecall and samael (with xmlsec1) on messages
/// that pass the structural policy. Each entry contains the test that made the message, the
/// difference, and the reason.
const EXPLAINED: &[(&str, &str, &str)] = &[
    (
        "signature::old_and_foreign_algorithms",
        "rolecall refuses it: algorithm",
        "samael accepts SHA-1, and rolecall only if the IdP's configuration allows it",
    ),
    (
        "encryption::gcm_with_every_length_of_key_and_every_signature",
        "samael refuses it: ",
        DOES_NOT_DECRYPT,
    ),
    (
        "encryption::every_hash_of_oaep",
        "samael refuses it: ",
        DOES_NOT_DECRYPT,
    ),
    (
        "encryption::line_breaks_in_a_plaintext",
        "samael refuses it: ",
        DOES_NOT_DECRYPT,
    ),
    (
        "encryption::an_encrypted_key_next_to_the_data_is_found",
        "samael refuses it: ",
        DOES_NOT_DECRYPT,
    ),
];

const DOES_NOT_DECRYPT: &str = "samael's verification has no key to decrypt with, so it does not \
    see the assertion and the signature in the ciphertext";

/// The difference between the verdicts of rolecall and samael on `case`, if the message passes the
/// structural policy.
fn difference(case: &Case) -> Option<String> {
    let xml = response::decode(&case.field).ok()?;
    let message = Unverified::parse(&xml).ok()?;
    let ours = message.open(&idp().trust().unwrap(), &decryption());
    let theirs = second_opinion::verify(&xml, &[idp().key().certificate_der().to_vec()]);
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => second_opinion::difference(&ours.assertion, &theirs)
            .map(|what| format!("both accept it, but read {what} differently")),
        (Err(_), Err(_)) => None,
        (Ok(_), Err(theirs)) => Some(format!("samael refuses it: {theirs}")),
        (Err(ours), Ok(_)) => Some(format!("rolecall refuses it: {}", ours.name())),
    }
}

#[test]
fn the_second_verifier_differs_only_where_documented() {
    let mut explained = HashSet::new();
    let mut unexplained = Vec::new();
    for case in cases() {
        let Some(difference) = difference(case) else {
            continue;
        };
        let (test, _) = case.name.split_once('#').unwrap();
        let reason = EXPLAINED
            .iter()
            .find(|(name, how, _)| *name == test && difference.starts_with(how));
        match reason {
            Some((name, _, why)) => {
                println!("{}: {difference}, since {why}", case.name);
                explained.insert(*name);
            }
            None => unexplained.push(format!("{}: {difference}", case.name)),
        }
    }
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    for (name, ..) in EXPLAINED {
        assert!(explained.contains(name), "{name} does not differ any more");
    }
}
