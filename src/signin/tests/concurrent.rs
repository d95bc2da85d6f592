//! Two requests at the same time, and messages that are used twice.

use futures_util::future::join;

use super::*;

/// How many interleavings of two concurrent requests a test tries.
const ORDERS: u64 = 200;

#[actix_web::test]
async fn a_message_sent_twice_concurrently_is_accepted_once() {
    for order in 1..=ORDERS {
        let bench = Bench::new();
        let at_the_idp = bench.begin(None).await;
        bench.store.interleave(order);
        let (one, other) = join(bench.receive(&at_the_idp), bench.receive(&at_the_idp)).await;
        let arrived = [&one, &other]
            .into_iter()
            .filter(|response| response.is_ok());
        assert_eq!(arrived.count(), 1, "{order}: {one:?}, {other:?}");
        let left = bench.left([Kind::Arrived, Kind::Assertion, Kind::Replay]);
        assert_eq!(left, [1, 1, 2], "{order}");
    }
}

#[actix_web::test]
async fn of_two_responses_to_one_request_one_is_accepted() {
    for order in 1..=ORDERS {
        let bench = Bench::new();
        let first = bench.begin(None).await;
        let second = bench.respond(first.relay_state.clone());
        bench.store.interleave(order);
        let (one, other) = join(bench.receive(&first), bench.receive(&second)).await;
        let outcomes = [one, other];
        let arrived = outcomes.iter().filter(|response| response.is_ok());
        assert_eq!(arrived.count(), 1, "{order}: {outcomes:?}");
        let refused = outcomes
            .iter()
            .filter_map(|response| response.as_ref().err());
        for error in refused {
            assert_eq!(error.code(), "replay", "{order}: {error:?}");
        }
        let left = bench.left([Kind::Arrived, Kind::Assertion, Kind::Replay]);
        assert_eq!(left, [1, 1, 2], "{order}");
    }
}

/// An assertion that was used in another login is refused, and the login that it was posted to can
/// still be finished.
#[actix_web::test]
async fn a_used_assertion_uses_up_no_other_login() {
    let bench = Bench::new();
    let login = bench.begin(None).await;
    let read = Pending::read(&bench.state.keys, &login.relay_state);
    let mark = read.unwrap().unwrap().request.marking_as_used().key();
    bench.receive(&login).await.unwrap();
    // As if the message were valid for a login whose request is not marked yet.
    bench.state.store.take(mark).await.unwrap();
    let error = bench.receive(&login).await.unwrap_err();
    assert_eq!(error.code(), "replay");
    assert_eq!(bench.state.store.get(mark).await.unwrap(), None);
}

#[actix_web::test]
async fn a_code_used_twice_concurrently_creates_one_session() {
    for order in 1..=ORDERS {
        let bench = Bench::new();
        let code = bench.arrive(None).await;
        bench.store.interleave(order);
        let finish = || bench.finish(Trail::Works, &code, None);
        let (one, other) = join(finish(), finish()).await;
        let finished = [&one, &other].into_iter().filter(|done| done.is_ok());
        assert_eq!(finished.count(), 1, "{order}: {one:?}, {other:?}");
        assert_eq!(bench.store.left(Kind::Session), 1, "{order}");
        let token = one.or(other).unwrap();
        assert!(bench.is_signed_in(&token).await, "{order}");
        let lines = bench.trail().matches("login_accepted").count();
        assert_eq!(lines, 1, "{order}");
    }
}

/// A login that would replace a session but fails at the end does not restore the session if the
/// person has signed out in the meantime.
#[actix_web::test]
async fn signing_out_during_a_failing_login_ends_the_session() {
    for order in 1..=ORDERS {
        let bench = Bench::new();
        let old = old_session(&bench, true).await.unwrap();
        let code = bench.arrive(Some(&old)).await;
        bench.store.interleave(order);
        let sign_in = bench.sign_in(Trail::Works, Some(&old));
        let finish = bench.finish(Trail::Fails, &code, Some(&old));
        let (signed_out, finished) = join(sign_in.sign_out(), finish).await;
        assert!(signed_out.is_ok(), "{order}: {signed_out:?}");
        assert!(matches!(finished, Err(SignInError::Audit(_))), "{order}");
        assert!(!bench.is_signed_in(&old).await, "{order}");
        assert_eq!(bench.store.left(Kind::Session), 0, "{order}");
    }
}

/// A browser that gets a token is signed in, even if the outcome of one operation is unknown.
#[actix_web::test]
async fn a_finished_login_always_has_a_session() {
    let mut finished = 0;
    for fault in [Fault::DoneInSilence, Fault::LostInSilence] {
        for at in 0..8 {
            for order in 1..=20 {
                let bench = Bench::new();
                let code = bench.arrive(None).await;
                bench.store.interleave(order);
                bench.store.fail(at, fault);
                let finish = || bench.finish(Trail::Works, &code, None);
                let (one, other) = join(finish(), finish()).await;
                bench.store.recover();
                assert!(one.is_err() || other.is_err(), "{fault:?} at {at}, {order}");
                for token in one.into_iter().chain(other) {
                    let is_signed_in = bench.is_signed_in(&token).await;
                    assert!(is_signed_in, "{fault:?} at {at}, {order}");
                    finished += 1;
                }
            }
        }
    }
    assert!(finished > 100, "{finished}");
}
