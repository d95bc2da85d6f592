//! Every operation of every step fails in every possible way, or its audit line cannot be written.

use super::super::logout::VerifiedLogout;
use super::*;
use crate::saml::logout::LogoutRequest;
use crate::saml::{IdentityProvider, NameId, Refusal};

/// The faults that the tests inject into each store operation.
const FAULTS: [Fault; 5] = [
    Fault::Fails(StoreError::Unavailable),
    Fault::Fails(StoreError::Full),
    Fault::DoneInSilence,
    Fault::LostInSilence,
    Fault::GoneFromHere,
];

/// Runs a step, which must succeed, and counts its store operations.
macro_rules! operations {
    ($bench:expr, $step:expr) => {{
        $bench.store.fail(usize::MAX, Fault::GoneFromHere);
        let done = $step.await;
        assert!(done.is_ok(), "{done:?}");
        $bench.store.recover()
    }};
}

#[actix_web::test]
async fn a_login_begins_without_the_store() {
    let bench = Bench::new();
    let corp = bench.rules.saml.idp("corp").unwrap();
    for next in [Next::portal(), Next::Page("/me".to_owned())] {
        let sign_in = bench.sign_in(Trail::Works, None);
        let count = operations!(bench, sign_in.begin(corp, &next, false));
        assert_eq!(count, 0);
    }
    assert_eq!(bench.store.records(), 0);
}

/// If the outcome of every operation is known and the store stays available, all writes are undone,
/// and the same message may be posted again. If the outcome of an operation is unknown, a mark that
/// was written is not removed.
#[actix_web::test]
async fn a_response_that_cannot_be_stored_never_signs_in_twice() {
    let bench = Bench::new();
    let first = bench.begin(None).await;
    let count = operations!(bench, bench.receive(&first));
    // These are the operations: write the assertion, write the arrival, write the mark of the
    // request, write the mark of the assertion, count the login.
    assert_eq!(count, 5);
    for fault in FAULTS {
        for at in 0..count {
            let bench = Bench::new();
            let at_the_idp = bench.begin(None).await;
            bench.store.fail(at, fault);
            let error = bench.receive(&at_the_idp).await.unwrap_err();
            assert_reported(&error, fault, at);
            bench.store.recover();
            let what = format!("{fault:?} at {at}");
            let is_gone = fault == Fault::GoneFromHere;
            if !is_gone {
                let left = bench.left([Kind::Assertion, Kind::Arrived]);
                assert_eq!(left, [0, 0], "{what}");
            }
            if let Fault::Fails(_) = fault {
                let left = bench.left([Kind::Replay, Kind::Logins]);
                assert_eq!(left, [0, 0], "{what}");
                assert!(bench.receive(&at_the_idp).await.is_ok(), "{what}");
            }
            let is_unknown = matches!(fault, Fault::DoneInSilence | Fault::LostInSilence);
            // The operations up to 2, which marks the request, are one batch, and all of them are
            // executed. Operation 3, which marks the assertion, is executed only after them.
            let is_executed = fault == Fault::DoneInSilence;
            let request = usize::from(at != 2 || is_executed);
            let assertion = usize::from(at == 4 || at == 3 && is_executed);
            if is_unknown {
                let marks = bench.store.left(Kind::Replay);
                assert_eq!(marks, request + assertion, "{what}");
            }
            assert_lets_in_once(&bench, &at_the_idp, &what).await;
        }
    }
}

/// Asserts that the message yields at most one code, however often it is posted.
async fn assert_lets_in_once(bench: &Bench, at_the_idp: &AtTheIdp, what: &str) {
    let mut codes = 0;
    for _ in 0..3 {
        match bench.receive(at_the_idp).await {
            Ok(_) => codes += 1,
            Err(SignInError::Used { refusal, .. }) => assert_eq!(refusal, Refusal::Replay),
            Err(error) => panic!("{what}: {error:?}"),
        }
    }
    assert!(codes <= 1, "{what}: {codes} codes");
}

#[actix_web::test]
async fn a_login_that_cannot_be_finished_leaves_no_session_and_no_line() {
    for has_session in [false, true] {
        let bench = Bench::new();
        let old = old_session(&bench, has_session).await;
        let code = bench.arrive(old.as_ref()).await;
        let finish = || bench.finish(Trail::Works, &code, old.as_ref());
        let count = operations!(bench, finish());
        assert!(count >= 5, "{count}");
        for fault in FAULTS {
            for at in 0..count {
                fail_to_finish(has_session, fault, at).await;
            }
        }
    }
}

async fn fail_to_finish(has_session: bool, fault: Fault, at: usize) {
    let what = format!("{fault:?} at {at}, with a session before: {has_session}");
    let bench = Bench::new();
    let old = old_session(&bench, has_session).await;
    let code = bench.arrive(old.as_ref()).await;
    let lines = bench.trail().lines().count();
    bench.store.fail(at, fault);
    let finished = bench.finish(Trail::Works, &code, old.as_ref()).await;
    bench.store.recover();
    let Err(error) = finished else {
        // The login succeeds only if the fault is in the last step, which removes the records of
        // the previous session.
        let last = bench.trail();
        assert!(
            last.lines().last().unwrap().contains("login_accepted"),
            "{what}"
        );
        return;
    };
    assert_reported(&error, fault, at);
    assert_eq!(bench.trail().lines().count(), lines, "{what}");
    if fault == Fault::GoneFromHere {
        return;
    }
    let is_there = match &old {
        Some(old) => bench.is_signed_in(old).await,
        None => false,
    };
    // The previous session must stay if the outcome of every operation is known.
    let is_known = matches!(fault, Fault::Fails(_));
    assert!(is_there || !has_session || !is_known, "{what}");
    let sessions = bench.store.left(Kind::Session);
    assert_eq!(sessions, usize::from(is_there), "{what}");
    if is_known {
        let again = bench.finish(Trail::Works, &code, old.as_ref()).await;
        assert!(again.is_ok(), "{what}: {again:?}");
    }
}

#[actix_web::test]
async fn without_an_audit_line_there_is_no_session() {
    for has_session in [false, true] {
        let bench = Bench::new();
        let old = old_session(&bench, has_session).await;
        let code = bench.arrive(old.as_ref()).await;
        let error = bench
            .finish(Trail::Fails, &code, old.as_ref())
            .await
            .unwrap_err();
        assert!(matches!(error, SignInError::Audit(_)), "{error:?}");
        assert_eq!(bench.store.left(Kind::Session), usize::from(has_session));
        if let Some(old) = old {
            assert!(bench.is_signed_in(&old).await);
        }
    }
}

/// The refusal is reported even if its audit line cannot be written.
#[actix_web::test]
async fn the_first_error_is_reported() {
    let bench = Bench::new();
    let at_the_idp = bench.begin(None).await;
    bench.receive(&at_the_idp).await.unwrap();
    let again = PostedResponse {
        field: &at_the_idp.field,
        relay_state: None,
        landing: |_| "/".to_owned(),
    };
    let deaf = bench.sign_in(Trail::Fails, None);
    let error = deaf.receive(again).await.unwrap_err();
    assert!(
        matches!(error, SignInError::Refused(Refusal::UnknownLogin)),
        "{error:?}"
    );
}

fn verified<'a>(idp: &'a IdentityProvider, request: &'a LogoutRequest) -> VerifiedLogout<'a> {
    VerifiedLogout {
        idp: &idp.id,
        entity: idp.entity_key().unwrap(),
        request,
    }
}

fn logout_request() -> LogoutRequest {
    LogoutRequest {
        id: "_logout".to_owned(),
        name_id: NameId::default(),
        session_indexes: vec!["one".to_owned(), "two".to_owned()],
    }
}

/// If the IdP's next attempt were refused as a replay, the person would stay signed in.
#[actix_web::test]
async fn a_logout_request_that_failed_can_be_sent_again() {
    let request = logout_request();
    let bench = Bench::new();
    let corp = bench.rules.saml.idp("corp").unwrap();
    let count = {
        let sign_in = bench.sign_in(Trail::Works, None);
        operations!(bench, sign_in.end_sessions(verified(corp, &request)))
    };
    for fault in FAULTS {
        for at in 0..count {
            let bench = Bench::new();
            let corp = bench.rules.saml.idp("corp").unwrap();
            let sign_in = bench.sign_in(Trail::Works, None);
            bench.store.fail(at, fault);
            let error = sign_in
                .end_sessions(verified(corp, &request))
                .await
                .unwrap_err();
            assert_reported(&error, fault, at);
            bench.store.recover();
            if let Fault::Fails(_) = fault {
                assert_eq!(bench.store.left(Kind::Replay), 0, "{fault:?} at {at}");
                let again = sign_in.end_sessions(verified(corp, &request)).await;
                assert!(again.is_ok(), "{fault:?} at {at}: {again:?}");
            }
        }
    }
}

#[actix_web::test]
async fn a_logout_whose_audit_line_fails_ends_sessions_and_can_be_sent_again() {
    let bench = Bench::new();
    let corp = bench.rules.saml.idp("corp").unwrap();
    let request = logout_request();
    let deaf = bench.sign_in(Trail::Fails, None);
    let error = deaf
        .end_sessions(verified(corp, &request))
        .await
        .unwrap_err();
    assert!(matches!(error, SignInError::Audit(_)), "{error:?}");
    assert_eq!(bench.left([Kind::Replay, Kind::LoggedOut]), [0, 2]);
    let again = bench.sign_in(Trail::Works, None);
    assert!(again.end_sessions(verified(corp, &request)).await.is_ok());
}

/// If the sign-out is reported as successful, the session is over and there is an audit line.
#[actix_web::test]
async fn signing_out_succeeds_or_reports_failure() {
    let bench = Bench::new();
    let old = old_session(&bench, true).await;
    let sign_in = bench.sign_in(Trail::Works, old.as_ref());
    let count = operations!(bench, sign_in.sign_out());
    for fault in FAULTS {
        for at in 0..count {
            let what = format!("{fault:?} at {at}");
            let bench = Bench::new();
            let old = old_session(&bench, true).await.unwrap();
            let sign_in = bench.sign_in(Trail::Works, Some(&old));
            bench.store.fail(at, fault);
            let signed_out = sign_in.sign_out().await;
            bench.store.recover();
            match signed_out {
                Ok(_) => {
                    assert!(!bench.is_signed_in(&old).await, "{what}");
                    assert!(bench.trail().contains("\"logout\""), "{what}");
                }
                Err(error) => {
                    assert_reported(&error, fault, at);
                    let is_known = matches!(fault, Fault::Fails(_));
                    assert!(!is_known || bench.is_signed_in(&old).await, "{what}");
                }
            }
        }
    }
}

/// Replaces the rules with rules that no longer contain the IdP.
fn without_idp(bench: &mut Bench) {
    let file = bench.folder.path().join("rolecall.toml");
    let text = CONFIGURATION.replace("\"corp\"", "\"other\"");
    std::fs::write(&file, text).unwrap();
    let config = Config::load(&file, []).unwrap();
    let saml = ServiceProvider::from_config(&config, Clock::system().now()).unwrap();
    bench.rules = SignInRules::new(&config, saml, Arc::default());
}

/// The removal of the IdP is reported even if the audit line cannot be written, or if the record of
/// the session or login cannot be removed.
#[actix_web::test]
async fn a_removed_idp_is_reported_even_if_other_steps_fail() {
    let mut reported = 0;
    for (trail, lines) in [(Trail::Works, 1), (Trail::Fails, 0)] {
        for (fault, at) in FAULTS
            .iter()
            .flat_map(|fault| (0..6).map(move |at| (*fault, at)))
        {
            let what = format!("{fault:?} at {at}");
            let mut bench = Bench::new();
            let old = old_session(&bench, true).await.unwrap();
            let code = bench.arrive(None).await;
            without_idp(&mut bench);
            let count = |event: &str| bench.trail().matches(event).count();
            bench.store.fail(at, fault);
            match bench
                .sign_in(trail, Some(&old))
                .session()
                .await
                .unwrap_err()
            {
                SignInError::Over(over) => {
                    assert_eq!(over, Over::IdpRemoved);
                    assert_eq!(count("\"session_ended\""), lines, "{what}");
                    bench.store.recover();
                    let again = bench.sign_in(Trail::Works, Some(&old)).session().await;
                    assert!(!matches!(again, Ok(Some(_))), "{what}");
                    assert!(count("\"session_ended\"") > 0, "{what}");
                    reported += 1;
                }
                error => assert_reported(&error, fault, at),
            }
            bench.store.fail(at, fault);
            match bench.finish(trail, &code, None).await.unwrap_err() {
                SignInError::Refused(refusal) => {
                    assert_eq!(refusal, Refusal::IdpRemoved, "{what}");
                    assert_eq!(count("\"login_refused\""), lines, "{what}");
                    reported += 1;
                }
                error => assert_reported(&error, fault, at),
            }
        }
    }
    // Not every combination counts: some of the operations are reads, and if a read fails, the
    // removal of the IdP cannot be detected.
    assert!(reported > 40, "{reported}");
}

#[actix_web::test]
async fn a_code_from_another_browser_is_refused_even_without_an_audit_line() {
    let mut bench = Bench::new();
    let code = bench.arrive(None).await;
    bench.browser = Browser::new().unwrap();
    let refused = bench.finish(Trail::Fails, &code, None).await.unwrap_err();
    assert!(
        matches!(refused, SignInError::Refused(Refusal::OtherBrowser)),
        "{refused:?}"
    );
}
