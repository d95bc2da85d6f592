//! Tests for the texts: every language has the same texts, every text is used, and every error has
//! a text. Also tests the choice of a language, and the formatting of times and durations.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use actix_web::http::header::{self, Header as _};
use actix_web::test::TestRequest;

use super::*;
use crate::aws::arn::{AccountIdError, ArnError};
use crate::aws::attribute::DropReason;
use crate::aws::entitlement::NotEntitled;
use crate::aws::partition::{NoConsole, Partition};
use crate::aws::signin::{DestinationError, SigninError};
use crate::aws::sts::{StsError, StsRefusal};
use crate::desk::{DeskError, Giver, MfaLimit, Requirement};
use crate::grant::SessionParametersError;
use crate::saml::Refusal;
use crate::session::SessionError;
use crate::signin::Over;
use crate::store::StoreError;
use crate::web::bad_request::BadRequest;
use crate::web::error::WebError;

const ENGLISH: &str = include_str!("../../../templates/texts/en.ftl");
const GERMAN: &str = include_str!("../../../templates/texts/de.ftl");

/// The attributes and placeholders of each message, by message ID.
fn texts(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut texts = BTreeMap::<String, BTreeSet<String>>::new();
    let (mut id, mut part) = (String::new(), String::new());
    for line in source.lines() {
        let named = line.split_once(" =").map(|(name, _)| name);
        match named {
            Some(name) if line.starts_with(|c: char| c.is_ascii_lowercase()) => {
                name.clone_into(&mut id);
                part.clear();
            }
            Some(name) if name.trim_start().starts_with('.') => {
                name.trim().clone_into(&mut part);
            }
            _ => {}
        }
        if id.is_empty() || line.starts_with('#') {
            continue;
        }
        let known = texts.entry(id.clone()).or_default();
        known.insert(part.clone());
        let values = line.split("{ $").skip(1);
        let values = values.map(|rest| rest.split([' ', '}']).next().unwrap());
        known.extend(values.map(|value| format!("{part} ${value}")));
    }
    texts
}

#[test]
fn every_language_has_the_same_texts_with_the_same_values() {
    let (english, german) = (texts(ENGLISH), texts(GERMAN));
    assert!(english.len() > 100, "{}", english.len());
    for (id, parts) in &english {
        assert_eq!(german.get(id), Some(parts), "{id}");
    }
    for id in german.keys() {
        assert!(english.contains_key(id), "{id}");
    }
}

#[test]
fn every_text_differs_between_languages() {
    // These messages are the same in both languages.
    let same = ["me-name", "me-tag", "region"];
    for id in texts(ENGLISH).keys() {
        let said = Texts::all().map(|texts| {
            let message = texts.bundle.get_message(id).expect(id);
            let parts = message.attributes().map(|part| part.value());
            let mut errors = Vec::new();
            let mut words = |pattern| {
                let text = texts.bundle.format_pattern(pattern, None, &mut errors);
                text.into_owned()
            };
            let value = message.value().map(&mut words);
            (value, parts.map(&mut words).collect::<Vec<_>>())
        });
        assert_eq!(said[0] == said[1], same.contains(&id.as_str()), "{id}");
    }
}

/// The source files and templates that may use message IDs.
fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pending = vec![root.join("templates"), root.join("src/web")];
    let mut files = Vec::new();
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_test = path.ends_with("texts/tests.rs");
            let is_source = path.extension().is_some_and(|e| e == "html" || e == "rs");
            if path.is_dir() {
                pending.push(path);
            } else if is_source && !is_test {
                files.push(path);
            }
        }
    }
    files
}

#[test]
fn every_text_in_use_exists_and_every_text_is_used() {
    let known = texts(ENGLISH);
    let mut quoted = BTreeSet::new();
    for path in files() {
        let source = fs::read_to_string(&path).unwrap();
        for call in [".t(\"", ".text(\"", ".with(\"", ".count(\"", ".part(\""] {
            for rest in source.split(call).skip(1) {
                let id = rest.split('"').next().unwrap();
                assert!(known.contains_key(id), "{}: {id}", path.display());
            }
        }
        quoted.extend(source.split('"').map(str::to_owned));
    }
    // The code builds IDs with these prefixes from the IDs of formats, the codes of AWS errors and
    // the names of drop reasons.
    let computed = ["format-", "error-sts-", "error-signin-", "dropped-"];
    for id in known.keys() {
        let is_computed = computed.iter().any(|prefix| id.starts_with(prefix));
        assert!(is_computed || quoted.contains(id), "{id} is never shown");
    }
}

fn sts_errors() -> Vec<StsError> {
    let refusal = || StsRefusal {
        message: "AWS's words".to_owned(),
        request_id: None,
    };
    vec![
        StsError::ExpiredToken(refusal()),
        StsError::InvalidIdentityToken(refusal()),
        StsError::IdpRejectedClaim(refusal()),
        StsError::AccessDenied(refusal()),
        StsError::Validation(refusal()),
        StsError::Validation(StsRefusal {
            message:
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
                    .to_owned(),
            request_id: None,
        }),
        StsError::MalformedPolicyDocument(refusal()),
        StsError::PackedPolicyTooLarge(refusal()),
        StsError::RegionDisabled(refusal()),
        StsError::Throttled(refusal()),
        StsError::Unavailable(refusal()),
        StsError::Unexpected {
            code: "Odd".to_owned(),
            refusal: refusal(),
        },
        StsError::Unreachable {
            reason: "refused".to_owned(),
        },
        StsError::AssertionTooLong {
            characters: 100_001,
        },
        StsError::NoIdentity {
            reason: "none".to_owned(),
        },
        StsError::IdentityRefused(refusal()),
        StsError::IssuerUnreachable(refusal()),
        StsError::InvalidAuthorizationMessage(refusal()),
    ]
}

fn desk_errors() -> Vec<DeskError> {
    let no_console = NoConsole(Partition::Iso);
    let mut errors = vec![
        DeskError::Stale(None),
        DeskError::SignInOutdated,
        DeskError::NotEntitled(NotEntitled::NotYours),
        DeskError::NotEntitled(NotEntitled::OtherProvider),
        DeskError::NotEntitled(NotEntitled::NameTheProvider {
            providers: Vec::new(),
        }),
        DeskError::Duration { max: 43_200 },
        DeskError::Policy,
        DeskError::PolicyFixed,
        DeskError::Requires(Requirement::FreshLogin),
        DeskError::Requires(Requirement::Reason),
        DeskError::Requires(Requirement::MfaCode),
        DeskError::TooManyCodes(MfaLimit::Person),
        DeskError::TooManyCodes(MfaLimit::Device),
        DeskError::TooManyCodes(MfaLimit::Address),
        DeskError::MfaCode(sts_errors().swap_remove(3)),
        DeskError::SessionParameters(SessionParametersError::no_session_name()),
        DeskError::Destination(DestinationError::NoConsole(no_console)),
        DeskError::Destination(DestinationError::NotConsole),
    ];
    let signin = [
        SigninError::NoConsole(no_console),
        SigninError::Unreachable {
            reason: "refused".to_owned(),
        },
        SigninError::Refused { status: 400 },
        SigninError::UnexpectedResponse,
        SigninError::Client {
            reason: "none".to_owned(),
        },
    ];
    errors.extend(signin.map(|error| DeskError::Signin {
        error,
        sts_request_id: None,
    }));
    errors.extend(sts_errors().into_iter().map(DeskError::Sts));
    for giver in [Giver::Role, Giver::User, Giver::Organization] {
        errors.push(DeskError::Granting(giver, sts_errors().swap_remove(3)));
    }
    let token = sts_errors().swap_remove(1);
    errors.push(DeskError::Granting(Giver::Role, token));
    errors.push(DeskError::Partition(Partition::Cn));
    errors.push(DeskError::NoConsole);
    errors.push(DeskError::ToolRole);
    errors.push(DeskError::Changing);
    errors.push(DeskError::Token("none".to_owned()));
    errors.push(DeskError::Tool(sts_errors().swap_remove(3)));
    errors
}

/// Errors that together lead to every error text except `error-audit`, `error-store` and
/// `error-sts-other-identity`.
fn errors() -> Vec<WebError> {
    let status = |message: Option<&str>| Refusal::Status {
        code: "x".to_owned(),
        message: message.map(str::to_owned),
    };
    let refusals = [
        status(Some("no")),
        status(None),
        Refusal::Expired,
        Refusal::UnknownLogin,
        Refusal::Replay,
        Refusal::OtherBrowser,
        Refusal::Decryption,
        Refusal::NotAskedAgain,
        Refusal::AuthnContext("x".to_owned()),
        Refusal::UnknownIdp,
        Refusal::UnsolicitedNotAllowed,
        Refusal::Audience,
        Refusal::Recipient,
        Refusal::Signature,
        Refusal::SeveralAssertions,
    ];
    let mut errors: Vec<_> = refusals.into_iter().map(WebError::Refused).collect();
    errors.extend(desk_errors().into_iter().map(WebError::Desk));
    errors.extend([
        WebError::Over(Over::IdpRemoved),
        WebError::Over(Over::IdpReplaced),
        WebError::LogoutRefused(Refusal::Signature),
        WebError::BadRequest(BadRequest::NotWellFormed),
        WebError::TooLarge,
        WebError::TooOften {
            retry_after_seconds: 7,
        },
        WebError::Busy {
            retry_after_seconds: 5,
        },
        WebError::Session(SessionError::Store(StoreError::Full)),
        WebError::Session(SessionError::Store(StoreError::NoMarks)),
        WebError::Session(SessionError::TooOften {
            retry_after_seconds: 5,
        }),
        WebError::AheadOfTime,
        WebError::NotSignedIn,
        WebError::LoginRequired {
            login_url: "/login".to_owned(),
        },
        WebError::UnknownIdp,
        WebError::IdpUnavailable(crate::saml::idp::Unavailable::NoMetadata),
        WebError::UnknownEmail,
        WebError::NotFound,
        WebError::MethodNotAllowed,
        WebError::CrossOrigin,
        WebError::Internal("x"),
    ]);
    errors
}

#[test]
fn every_error_says_what_happened_and_what_to_do_in_every_language() {
    for texts in Texts::all() {
        let mut read = BTreeSet::new();
        for error in errors() {
            let words = texts.error(&error);
            for text in [&words.title, &words.happened, &words.to_do] {
                assert!(text.len() >= 8, "{error}: {text:?}");
                assert!(!text.starts_with("error-"), "{error}: {text}");
                assert!(
                    !text.contains("{ $") && !text.contains("{$"),
                    "{error}: {text}"
                );
            }
            read.insert((words.title, words.happened, words.to_do));
        }
        // Two texts appear twice: the text about partitions without a console, and the text about
        // internal errors.
        assert_eq!(read.len(), errors().len() - 2, "{}", texts.tag());
    }
}

#[test]
fn every_bad_request_is_explained_in_every_language() {
    let field = || "region".to_owned();
    let problems = [
        BadRequest::NotAForm,
        BadRequest::NotWellFormed,
        BadRequest::Twice(field()),
        BadRequest::Missing("region"),
        BadRequest::Unknown(field()),
        BadRequest::TooLong(field()),
        BadRequest::NameTooLong,
        BadRequest::LinkTooLong,
        BadRequest::TooManyFields,
        BadRequest::Switch,
        BadRequest::Duration,
        BadRequest::Region,
        BadRequest::Action,
        BadRequest::Slow,
        BadRequest::Unreadable,
        BadRequest::NoRole,
        BadRequest::TooManyRoles,
        BadRequest::RoleTwice,
        BadRequest::AccessKeyId,
        BadRequest::ToolJson,
        BadRequest::Json,
    ];
    let mut read = BTreeSet::new();
    for problem in &problems {
        let error = WebError::BadRequest(problem.clone());
        let [english, german] = Texts::all().map(|texts| texts.error(&error).happened);
        // The log and the English page use the same words.
        assert!(english.ends_with(&format!(": {problem}.")), "{english}");
        read.extend([english, german]);
    }
    assert_eq!(read.len(), 2 * problems.len());
}

#[test]
fn every_reason_for_a_dropped_value_is_explained_in_every_language() {
    let arns = [
        ArnError::NotAnArn,
        ArnError::Partition,
        ArnError::Service,
        ArnError::Region,
        ArnError::Account(AccountIdError),
        ArnError::NotARole,
        ArnError::NotAUser,
        ArnError::NotRoot,
        ArnError::NotAProvider,
        ArnError::Path,
        ArnError::Name { maximum: 64 },
    ];
    let of_roles = arns.map(DropReason::Role);
    let of_providers = arns.map(DropReason::Provider);
    let others = [
        DropReason::NotAPair,
        DropReason::TwoPartitions,
        DropReason::SessionName,
        DropReason::SessionDuration,
        DropReason::SourceIdentity,
        DropReason::TagKey,
        DropReason::TagValue,
        DropReason::TagRepeated,
        DropReason::TooManyTags,
        DropReason::SecondValue,
        DropReason::NotText,
        DropReason::UnknownAttribute,
    ];
    let reasons = of_roles.into_iter().chain(of_providers).chain(others);
    for reason in reasons {
        let [english, german] = Texts::all().map(|texts| texts.dropped(reason));
        assert_ne!(english, german);
        if let DropReason::Role(error) | DropReason::Provider(error) = reason {
            // The audit trail and the English page use the same words. The German page does not
            // contain them.
            assert!(english.ends_with(&format!(": {error}.")), "{english}");
            assert!(!german.contains(&error.to_string()), "{german}");
        }
    }
}

#[test]
fn errors_quote_the_messages_of_other_parties() {
    for texts in Texts::all() {
        let said = |error| texts.error(&error);
        let status = Refusal::Status {
            code: "x".to_owned(),
            message: Some("the reason".to_owned()),
        };
        assert!(said(status.into()).happened.contains("the reason"));
        let denied = sts_errors().swap_remove(3);
        let denied = said(WebError::Desk(DeskError::Sts(denied)));
        assert!(denied.happened.contains("AWS's words"), "{denied:?}");
        for pitfall in ["SAML:aud", "ACS", "sts:TagSession", "sts:SetSourceIdentity"] {
            assert!(denied.to_do.contains(pitfall), "{pitfall}: {denied:?}");
        }
        let wait = WebError::TooOften {
            retry_after_seconds: 7,
        };
        assert!(said(wait).to_do.contains('7'));
    }
}

#[test]
fn readers_get_their_preferred_language() {
    for (accepted, tag) in [
        ("*", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-US,en;q=0.9,de;q=0.8", "en"),
        ("fr-FR,fr;q=0.9", "en"),
        ("fr,de;q=0.5,en;q=0.3", "de"),
        ("en;q=0.3,de;q=0.5", "de"),
        ("fr,de;q=0", "en"),
    ] {
        let request = TestRequest::default().insert_header((header::ACCEPT_LANGUAGE, accepted));
        let accepted = AcceptLanguage::parse(&request.to_http_request()).unwrap();
        assert_eq!(Texts::for_reader(&accepted).tag(), tag, "{accepted:?}");
    }
}

#[test]
fn a_timestamp_is_formatted_for_programs_and_for_people() {
    let time = "2025-03-04T05:06:07.890+01:00".parse().expect("a time");
    for (texts, text) in Texts::all()
        .into_iter()
        .zip(["4 Mar 2025, 04:06 UTC", "04.03.2025, 04:06 UTC"])
    {
        let timestamp = texts.timestamp(time);
        assert_eq!(timestamp.rfc3339, "2025-03-04T04:06:07Z");
        assert_eq!(timestamp.text, text);
    }
}

#[test]
fn a_duration_is_formatted_in_words() {
    for (seconds, words) in [
        (0, ["0 seconds", "0 Sekunden"]),
        (1, ["1 second", "1 Sekunde"]),
        (900, ["15 minutes", "15 Minuten"]),
        (3600, ["1 hour", "1 Stunde"]),
        (3660, ["1 hour 1 minute", "1 Stunde 1 Minute"]),
        (5400, ["1 hour 30 minutes", "1 Stunde 30 Minuten"]),
        (5401, ["5401 seconds", "5401 Sekunden"]),
        (43200, ["12 hours", "12 Stunden"]),
    ] {
        for (texts, words) in Texts::all().into_iter().zip(words) {
            assert_eq!(texts.duration(seconds), words);
        }
    }
}

#[test]
fn the_script_gets_its_texts() {
    for texts in Texts::all() {
        let said: serde_json::Value = serde_json::from_str(&texts.for_script()).unwrap();
        for name in ["copied", "notCopied", "justNow", "soon", "count"] {
            assert!(
                said[name].as_str().is_some_and(|text| !text.is_empty()),
                "{name}"
            );
        }
        assert!(said["count"].as_str().unwrap().contains("{shown}"));
    }
}
