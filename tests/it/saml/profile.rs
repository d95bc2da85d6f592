//! The rules of the web browser SSO profile. Each refused message breaks one rule, but its
//! signatures are valid.

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta};
use rolecall::demo::idp::response::{
    AUTHN_FAILED, AssertionSpec, AttributeSpec, ConfirmationSpec, StatusSpec,
};
use rolecall::demo::idp::{ResponseSpec, Signed, SigningOptions};
use rolecall::saml::Refusal;

use super::bench::*;

#[track_caller]
fn refused(change: impl FnOnce(&mut ResponseSpec), check: &str) {
    assert_refused(&changed(change), check);
}

#[track_caller]
fn refused_assertion(change: impl FnOnce(&mut AssertionSpec), check: &str) {
    refused(|spec| change(spec.assertion.as_mut().unwrap()), check);
}

#[track_caller]
fn refused_confirmation(change: impl FnOnce(&mut ConfirmationSpec), check: &str) {
    refused_assertion(
        |assertion| change(&mut assertion.subject.as_mut().unwrap().confirmations[0]),
        check,
    );
}

#[test]
pub fn the_unchanged_message_is_good() {
    judge(&changed(|_| {})).unwrap();
}

#[test]
pub fn status() {
    refused(
        |spec| spec.status = StatusSpec::failure(AUTHN_FAILED, "wrong password"),
        "status",
    );
    refused(|spec| spec.status.code.clear(), "status");
}

#[test]
pub fn an_error_response_reports_the_reason_of_the_idp() {
    let xml = changed(|spec| spec.status = StatusSpec::failure(AUTHN_FAILED, "no such person"));
    let without = {
        let mut spec = good();
        spec.assertion = None;
        spec.status = StatusSpec::failure(AUTHN_FAILED, "no such person");
        idp()
            .signed_xml(&spec, Signed::Response, &SigningOptions::default())
            .unwrap()
    };
    for xml in [xml, without] {
        let Err(Refusal::Status { message, .. }) = judge(&xml) else {
            panic!("not refused for its status")
        };
        assert_eq!(message.as_deref(), Some("no such person"));
    }
}

#[test]
pub fn a_wrong_status_around_a_signed_assertion() {
    let mut spec = good();
    spec.status = StatusSpec::failure(AUTHN_FAILED, "no");
    let xml = idp()
        .signed_xml(&spec, Signed::Assertion, &SigningOptions::default())
        .unwrap();
    assert_refused(&xml, "status");
}

#[test]
pub fn destination() {
    refused(
        |spec| spec.destination = Some("https://other.example.com/acs".to_owned()),
        "destination",
    );
    refused(|spec| spec.destination = None, "destination");
    refused(|spec| spec.destination = Some(String::new()), "destination");
}

#[test]
pub fn an_unsigned_response_may_omit_destination_but_not_have_a_wrong_one() {
    let mut spec = good();
    spec.destination = None;
    let options = SigningOptions::default();
    judge(
        &idp()
            .signed_xml(&spec, Signed::Assertion, &options)
            .unwrap(),
    )
    .unwrap();
    spec.destination = Some("https://other.example.com/acs".to_owned());
    assert_refused(
        &idp()
            .signed_xml(&spec, Signed::Assertion, &options)
            .unwrap(),
        "destination",
    );
}

#[test]
pub fn issuers() {
    refused(
        |spec| spec.issuer = Some("https://other.example.com".to_owned()),
        "response_issuer",
    );
    refused(|spec| spec.issuer = None, "response_issuer");
    refused_assertion(
        |a| a.issuer = "https://other.example.com".to_owned(),
        "assertion_issuer",
    );
    refused_assertion(|a| a.issuer.push('x'), "assertion_issuer");
}

/// The Format of an Issuer is entity, unless the configuration names another one (saml-profiles
/// 4.1.4.2).
#[test]
pub fn the_format_of_the_issuer() {
    const X509: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName";
    const ENTITY: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
    let formatted = |format: &str, places: usize| {
        let issuer = format!("<saml:Issuer Format=\"{format}\">");
        rewritten(|xml| {
            let after = xml.rfind("<saml:Issuer>").expect("two issuers");
            let (start, rest) = xml.split_at(after);
            match places {
                0 => format!("{}{rest}", start.replace("<saml:Issuer>", &issuer)),
                _ => format!("{start}{}", rest.replace("<saml:Issuer>", &issuer)),
            }
        })
    };
    for place in 0..2 {
        judge(&formatted(ENTITY, place)).unwrap();
        for other in [
            X509,
            "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
            "",
            "entity",
        ] {
            assert_refused(&formatted(other, place), "issuer_format");
        }
        let allowed = |format: &str| {
            judge_with(&formatted(format, place), |expected| {
                expected.issuer_format = Some(X509);
            })
        };
        allowed(X509).unwrap();
        allowed(ENTITY).unwrap();
        let other = format!("{X509}2");
        assert_eq!(allowed(&other).unwrap_err(), Refusal::IssuerFormat(other));
    }
    // An unsigned Response proves nothing with the right Format, but the wrong one is refused.
    let issuer = format!("<saml:Issuer Format=\"{X509}\">");
    let xml = signed(Signed::Assertion).replacen("<saml:Issuer>", &issuer, 1);
    assert_refused(&xml, "issuer_format");
}

/// An attribute that identifies the person must have one value.
#[test]
pub fn the_attribute_of_the_person() {
    const MAIL: &str = "urn:oid:0.9.2342.19200300.100.1.3";
    let judge = |values: &[&str]| {
        let attributes = values
            .iter()
            .map(|value| AttributeSpec::new(MAIL, [*value]));
        let xml = changed(|spec| {
            spec.assertion
                .as_mut()
                .unwrap()
                .attributes
                .extend(attributes);
        });
        let login = judge_with(&xml, |expected| expected.person_attribute = Some(MAIL));
        login.map(|login| login.person.stable_id().map(str::to_owned))
    };
    let alice = Ok(Some("alice".to_owned()));
    assert_eq!(judge(&["alice"]), alice);
    // Several attributes may have the name and the same value.
    assert_eq!(judge(&["alice", "alice"]), alice);
    assert_eq!(judge(&[]), Err(Refusal::NoPersonAttribute));
    assert_eq!(judge(&[""]), Err(Refusal::NoPersonAttribute));
    assert_eq!(judge(&["alice", "bob"]), Err(Refusal::SeveralPersonValues));
}

#[test]
pub fn in_response_to_of_the_response_must_match() {
    refused(
        |spec| spec.in_response_to = Some("_another".to_owned()),
        "response_in_response_to",
    );
    refused(|spec| spec.in_response_to = None, "response_in_response_to");
}

#[test]
pub fn versions() {
    refused(|spec| spec.version = "1.1".to_owned(), "version");
    refused_assertion(|a| a.version = "2.1".to_owned(), "version");
}

#[test]
pub fn issue_instant_at_the_bounds() {
    let at = |instant: DateTime<chrono::Utc>| {
        changed(|spec| spec.assertion.as_mut().unwrap().issue_instant = instant)
    };
    let tick = TimeDelta::milliseconds(1);
    judge(&at(now() + SKEW)).unwrap();
    assert_refused(&at(now() + SKEW + tick), "issued_in_future");
    let oldest = now() - TimeDelta::minutes(5) - SKEW;
    judge(&at(oldest)).unwrap();
    assert_refused(&at(oldest - tick), "issued_too_long_ago");
}

#[test]
pub fn conditions_at_the_bounds() {
    let tick = TimeDelta::milliseconds(1);
    let with = |from, until| {
        changed(|spec| {
            let conditions = spec
                .assertion
                .as_mut()
                .unwrap()
                .conditions
                .as_mut()
                .unwrap();
            (conditions.not_before, conditions.not_on_or_after) = (from, until);
        })
    };
    let (early, late) = (now() - SKEW, now() + SKEW);
    judge(&with(Some(late), Some(late + tick))).unwrap();
    assert_refused(&with(Some(late + tick), Some(late + SKEW)), "not_yet_valid");
    judge(&with(Some(early), Some(early + tick))).unwrap();
    assert_refused(&with(Some(early), Some(early)), "expired");
    assert_refused(&with(None, Some(late)), "no_conditions");
    assert_refused(&with(Some(early), None), "no_conditions");
    refused_assertion(|a| a.conditions = None, "no_conditions");
}

#[test]
pub fn years_that_overflow_calendars() {
    let far = DateTime::from_timestamp(8_210_266_876_799, 0).unwrap();
    let xml = rewritten(|xml| {
        let until = (now() + TimeDelta::minutes(5))
            .format("%Y-%m-%dT%H:%M:%S%.3fZ")
            .to_string();
        xml.replace(&until, &far.format("%Y-%m-%dT%H:%M:%SZ").to_string())
    });
    // At the end of 262142, the last year that chrono supports, adding the clock skew would
    // overflow.
    judge(&xml).expect("a message that is valid for long");
    let xml = rewritten(|xml| {
        let issued = now()
            .format("IssueInstant=\"%Y-%m-%dT%H:%M:%S%.3fZ\"")
            .to_string();
        xml.replace(&issued, "IssueInstant=\"+262142-12-31T23:59:59Z\"")
    });
    assert_refused(&xml, "issued_in_future");
}

#[test]
pub fn audiences() {
    let restricted = |restrictions: Vec<Vec<&str>>| {
        changed(|spec| {
            let conditions = spec
                .assertion
                .as_mut()
                .unwrap()
                .conditions
                .as_mut()
                .unwrap();
            let owned = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
            conditions.audience_restrictions = restrictions.into_iter().map(owned).collect();
        })
    };
    let us = service_provider().entity_id;
    assert_refused(&restricted(vec![]), "no_audience");
    assert_refused(
        &restricted(vec![vec!["https://other.example.com"]]),
        "audience",
    );
    assert_refused(
        &restricted(vec![vec![&us], vec!["https://other.example.com"]]),
        "audience",
    );
    assert_refused(&restricted(vec![vec![&format!("{us}/")]]), "audience");
    judge(&restricted(vec![vec![&us, "https://other.example.com"]])).unwrap();
}

#[test]
pub fn an_unknown_condition() {
    let unknown = "<saml:Condition xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:e=\"urn:e\" xsi:type=\"e:Strict\"/></saml:Conditions>";
    let xml = rewritten(|xml| xml.replace("</saml:Conditions>", unknown));
    assert_refused(&xml, "unknown_condition");
}

#[test]
pub fn subjects() {
    refused_assertion(|a| a.subject = None, "no_subject");
    refused_assertion(|a| a.subject.as_mut().unwrap().name_id = None, "no_subject");
    refused_assertion(
        |a| a.subject.as_mut().unwrap().confirmations.clear(),
        "no_bearer_confirmation",
    );
    refused_confirmation(
        |c| c.method = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key".to_owned(),
        "no_bearer_confirmation",
    );
}

#[test]
pub fn confirmations() {
    refused_confirmation(
        |c| c.recipient = Some("https://other.example.com/acs".to_owned()),
        "recipient",
    );
    refused_confirmation(|c| c.recipient = None, "recipient");
    refused_confirmation(|c| c.not_before = Some(now()), "confirmation_not_before");
    refused_confirmation(|c| c.not_on_or_after = None, "confirmation_expired");
    refused_confirmation(
        |c| c.not_on_or_after = Some(now() - SKEW),
        "confirmation_expired",
    );
    refused_confirmation(
        |c| c.in_response_to = Some("_another".to_owned()),
        "in_response_to",
    );
    refused_confirmation(|c| c.in_response_to = None, "in_response_to");
    let at_the_bound = changed(|spec| {
        let assertion = spec.assertion.as_mut().unwrap();
        let confirmation = &mut assertion.subject.as_mut().unwrap().confirmations[0];
        confirmation.not_on_or_after = Some(now() - SKEW + TimeDelta::milliseconds(1));
    });
    judge(&at_the_bound).unwrap();
}

#[test]
pub fn a_response_to_a_request_is_not_unsolicited() {
    let xml = changed(|_| {});
    let refusal = judge_with(&xml, |expected| expected.request_id = None).unwrap_err();
    assert_eq!(refusal.name(), "response_in_response_to");
    let mut spec = good();
    spec.in_response_to = None;
    let xml = idp()
        .signed_xml(&spec, Signed::Assertion, &SigningOptions::default())
        .unwrap();
    let refusal = judge_with(&xml, |expected| expected.request_id = None).unwrap_err();
    assert_eq!(refusal.name(), "in_response_to");
}

#[test]
pub fn an_unsolicited_response_does_not_answer_a_request() {
    let spec = idp().response(&person(), &service_provider(), None, now());
    let xml = idp()
        .signed_xml(&spec, Signed::Both, &SigningOptions::default())
        .unwrap();
    assert_refused(&xml, "response_in_response_to");
    judge_with(&xml, |expected| expected.request_id = None).unwrap();
}

#[test]
pub fn authentication() {
    refused_assertion(|a| a.authn = None, "no_authn_statement");
    for end in [now() - SKEW, now()] {
        refused_assertion(
            |a| a.authn.as_mut().unwrap().session_not_on_or_after = Some(end),
            "session_ended",
        );
    }
}

#[test]
pub fn requested_force_authn() {
    let at = |instant| {
        let xml = changed(|spec| {
            let assertion = spec.assertion.as_mut().unwrap();
            assertion.authn.as_mut().unwrap().instant = instant;
        });
        judge_with(&xml, |expected| expected.authenticated_since = Some(now()))
    };
    at(now()).unwrap();
    at(now() - SKEW).unwrap();
    at(now() + SKEW).unwrap();
    let after = now() + SKEW + TimeDelta::milliseconds(1);
    assert_eq!(at(after).unwrap_err().name(), "not_asked_anew");
    let before = now() - SKEW - TimeDelta::seconds(1);
    assert_eq!(at(before).unwrap_err().name(), "not_asked_anew");
    let without = rewritten(|xml| {
        let (start, rest) = xml.split_once(" AuthnInstant=\"").unwrap();
        format!("{start}{}", rest.split_once('"').unwrap().1)
    });
    let judged = judge_with(&without, |expected| {
        expected.authenticated_since = Some(now());
    });
    assert_eq!(judged.unwrap_err().name(), "not_asked_anew");
}

#[test]
pub fn authn_context_must_be_a_requested_class() {
    static ASKED: LazyLock<[String; 2]> =
        LazyLock::new(|| ["urn:password", "urn:mfa"].map(str::to_owned));
    let judge = |xml: &str| judge_with(xml, |expected| expected.authn_contexts = &*ASKED);
    let by = |class: &str| {
        judge(&changed(|spec| {
            let assertion = spec.assertion.as_mut().unwrap();
            assertion.authn.as_mut().unwrap().context_class = class.to_owned();
        }))
    };
    by("urn:mfa").unwrap();
    by("urn:password").unwrap();
    for other in ["urn:MFA", "urn:mfa2", "urn:mf", "urn"] {
        let refusal = Refusal::AuthnContext(other.to_owned());
        assert_eq!(by(other).unwrap_err(), refusal);
    }
    let without = rewritten(|xml| {
        let class = element(&xml, "saml:AuthnContextClassRef").to_owned();
        xml.replace(&class, "")
    });
    let refusal = Refusal::AuthnContext(String::new());
    assert_eq!(judge(&without).unwrap_err(), refusal);
}

#[test]
pub fn an_empty_name_id_is_refused() {
    let xml = changed(|spec| {
        let assertion = spec.assertion.as_mut().unwrap();
        let name_id = assertion
            .subject
            .as_mut()
            .unwrap()
            .name_id
            .as_mut()
            .unwrap();
        name_id.value = String::new();
    });
    assert_refused(&xml, "missing_element");
}

/// If there are several authentication statements, the class of each must be a requested one.
#[test]
pub fn each_authn_context_must_be_a_requested_class() {
    static ASKED: LazyLock<[String; 2]> =
        LazyLock::new(|| ["urn:password", "urn:mfa"].map(str::to_owned));
    let by = |classes: &[&str]| {
        rewritten(|xml| {
            let statement = element(&xml, "saml:AuthnStatement").to_owned();
            let class = element(&statement, "saml:AuthnContextClassRef").to_owned();
            let of = |wanted: &&str| {
                let new =
                    format!("<saml:AuthnContextClassRef>{wanted}</saml:AuthnContextClassRef>");
                statement.replace(&class, &new)
            };
            let statements: String = classes.iter().map(of).collect();
            xml.replace(&statement, &statements)
        })
    };
    let judge = |classes: &[&str], asked: &'static [String]| {
        judge_with(&by(classes), |expected| expected.authn_contexts = asked)
    };
    let many = ["urn:mfa"; 12];
    for classes in [&["urn:mfa"][..], &["urn:mfa", "urn:password"], &many] {
        let login = judge(classes, &*ASKED).unwrap();
        assert!(login.authn_contexts.are_wanted(&*ASKED), "{classes:?}");
    }
    let odd: Vec<String> = (0..12).map(|number| format!("urn:{number}")).collect();
    let odd: Vec<&str> = odd.iter().map(String::as_str).collect();
    for classes in [&["urn:mfa", "urn:other"][..], &odd] {
        assert!(judge(classes, &*ASKED).is_err(), "{classes:?}");
        // If no class is requested, the login is accepted. It still does not satisfy a later rule
        // that allows only the classes in `ASKED`.
        let login = judge(classes, &[]).unwrap();
        assert!(!login.authn_contexts.are_wanted(&*ASKED), "{classes:?}");
    }
    // A login keeps at most nine classes. One `None` represents all further classes, and no rule
    // that requires classes accepts it.
    let login = judge(&odd, &[]).unwrap();
    let kept: Vec<String> = odd.iter().map(|class| (*class).to_owned()).collect();
    assert!(!login.authn_contexts.are_wanted(&kept));
}
