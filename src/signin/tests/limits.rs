//! The limit on the logins of one person.

use super::*;

#[actix_web::test]
async fn logins_of_one_person_are_rate_limited() {
    let mut bench = Bench::new();
    bench.rules.logins_per_minute = std::num::NonZeroU32::new(2);
    for _ in 0..2 {
        bench.arrive(None).await;
    }
    let third = bench.begin(None).await;
    let error = bench.receive(&third).await.unwrap_err();
    assert!(
        matches!(error, SignInError::Session(SessionError::TooOften { .. })),
        "{error:?}"
    );
    // The third message was not marked as used and left no records. It may be posted again.
    let left = bench.left([Kind::Replay, Kind::Arrived, Kind::Assertion]);
    assert_eq!(left, [4, 2, 2]);
    bench.rules.logins_per_minute = None;
    assert!(bench.receive(&third).await.is_ok());
}

#[actix_web::test]
async fn a_replayed_message_does_not_count_against_the_rate_limit() {
    let mut bench = Bench::new();
    bench.rules.logins_per_minute = std::num::NonZeroU32::new(2);
    let first = bench.begin(None).await;
    bench.receive(&first).await.unwrap();
    for _ in 0..5 {
        assert!(bench.receive(&first).await.is_err());
    }
    let second = bench.begin(None).await;
    assert!(bench.receive(&second).await.is_ok());
}

/// While the store has no room for new people, renewals have their own counter. A renewal that
/// fails during that time does not count toward the limit on logins.
#[actix_web::test]
async fn a_failed_renewal_does_not_count_against_the_rate_limit() {
    for at in 0.. {
        let mut bench = Bench::new();
        bench.rules.logins_per_minute = std::num::NonZeroU32::new(2);
        let old = old_session(&bench, true).await;
        let at_the_idp = bench.begin(old.as_ref()).await;
        bench.store.set_room(false);
        bench.store.fail(at, Fault::Fails(StoreError::Unavailable));
        let Err(error) = bench.receive(&at_the_idp).await else {
            assert!(at >= 5, "{at}");
            break;
        };
        assert_reported(&error, Fault::Fails(StoreError::Unavailable), at);
        bench.store.recover();
        // When the store has room again, the next attempt counts as a login: the second of the two
        // that are allowed.
        bench.store.set_room(true);
        assert!(bench.receive(&at_the_idp).await.is_ok(), "{at}");
    }
}

#[actix_web::test]
async fn renewals_of_one_person_are_rate_limited() {
    let mut bench = Bench::new();
    bench.rules.logins_per_minute = std::num::NonZeroU32::new(2);
    let old = old_session(&bench, true).await;
    bench.store.set_room(false);
    for _ in 0..2 {
        let at_the_idp = bench.begin(old.as_ref()).await;
        bench.receive(&at_the_idp).await.unwrap();
    }
    let third = bench.begin(old.as_ref()).await;
    let error = bench.receive(&third).await.unwrap_err();
    assert!(
        matches!(error, SignInError::Session(SessionError::TooOften { .. })),
        "{error:?}"
    );
}
