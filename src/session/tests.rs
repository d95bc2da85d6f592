use super::*;
use crate::config::Saml;
use crate::saml::check;

/// The text "the assertion" in base64.
const FIELD: &str = "dGhlIGFzc2VydGlvbg==";

fn login(now: DateTime<Utc>) -> Login {
    Login {
        person: Person::with_name_id("corp", "alice"),
        name_id: NameId::default(),
        session_index: None,
        requested_force_authn: false,
        authenticated_at: None,
        authn_contexts: AuthnContexts::default(),
        left_out: Vec::new(),
        attributes: Vec::new(),
        assertion_id: "_1".to_owned(),
        issued_at: now,
        not_on_or_after: now + TimeDelta::hours(1),
        session_not_on_or_after: None,
    }
}

/// Stores a session and its assertion.
async fn begun(sessions: &Sessions, session: &Session, now: DateTime<Utc>) -> SessionToken {
    let prepared = Prepared::new(session).unwrap();
    let field = AssertionField {
        field: FIELD,
        decoded: b"the assertion",
    };
    let assertion = session.keeping_assertion(field, now);
    let operations = vec![prepared.beginning(now), assertion.unwrap()];
    sessions.store.all(operations).await.unwrap();
    prepared.into_token()
}

fn session(login: Login, now: DateTime<Utc>) -> Session {
    Session::new(
        login,
        EntityKey::of("https://idp.example.com/metadata"),
        AssertionKey::new().unwrap(),
        now,
        TimeDelta::hours(8),
        &BTreeSet::from(["groups".to_owned()]),
    )
}

#[test]
fn an_assertion_is_redeemable_for_five_minutes_and_while_it_is_valid() {
    let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let last = REDEEMABLE_FOR - REDEEMABLE_MARGIN;
    let fresh = session(login(now), now);
    assert!(fresh.is_redeemable(now + last - TimeDelta::seconds(1)));
    assert!(!fresh.is_redeemable(now + last));
    // The assertion was issued two minutes before it arrived.
    let issued_at = now - TimeDelta::minutes(2);
    let old = session(
        Login {
            issued_at,
            ..login(now)
        },
        now,
    );
    assert!(old.is_redeemable(now + last - TimeDelta::seconds(121)));
    assert!(!old.is_redeemable(now + last - TimeDelta::minutes(2)));
    // The assertion is valid for one minute.
    let not_on_or_after = now + TimeDelta::minutes(1);
    let short = session(
        Login {
            not_on_or_after,
            ..login(now)
        },
        now,
    );
    assert!(short.is_redeemable(now + TimeDelta::seconds(49)));
    assert!(!short.is_redeemable(now + TimeDelta::seconds(50)));
    // If the IdP's clock is ahead, the five minutes begin when the assertion arrives.
    let issued_at = now + TimeDelta::minutes(1);
    let ahead = session(
        Login {
            issued_at,
            ..login(now)
        },
        now,
    );
    assert!(!ahead.is_redeemable(now + last));
}

#[test]
fn a_session_ends_at_its_maximum_age_or_when_the_idp_says() {
    let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    assert_eq!(
        session(login(now), now).expires_at,
        now + TimeDelta::hours(8)
    );
    for (hours, ends_after) in [(2, 2), (20, 8)] {
        let end = Some(now + TimeDelta::hours(hours));
        let login = Login {
            session_not_on_or_after: end,
            ..login(now)
        };
        assert_eq!(
            session(login, now).expires_at,
            now + TimeDelta::hours(ends_after)
        );
    }
}

#[actix_web::test]
async fn the_store_holds_no_assertion_and_no_token() {
    let store = Store::default();
    let sessions = Sessions::new(store.clone(), true);
    let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let kept = session(login(now), now);
    let token = begun(&sessions, &kept, now).await;
    let records = [token.key(), kept.assertion_key.record()];
    for key in records {
        let record = store.get(key).await.unwrap().unwrap();
        for text in ["the assertion", FIELD, "alice", "corp", token.expose()] {
            let found = memchr::memmem::find(&record, text.as_bytes());
            assert!(found.is_none(), "{text}");
        }
    }
    let loaded = sessions.load(&token, now).await.unwrap().unwrap();
    assert!(loaded.assertion.is_none());
    assert_eq!(loaded.person, kept.person);
    let loaded = sessions.with_assertion(loaded).await.unwrap();
    let Some(Assertion::Whole(field)) = loaded.assertion else {
        panic!("the assertion is missing or too long")
    };
    assert_eq!(field.expose_secret(), FIELD);
    sessions.end(&token, &kept).await.unwrap();
    for key in records {
        assert!(store.get(key).await.unwrap().is_none());
    }
}

#[actix_web::test]
async fn a_logout_of_very_many_sessions_ends_all_sessions() {
    let sessions = Sessions::new(Store::default(), true);
    let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let kept = session(login(now), now);
    let indexes = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>();
    for (count, is_over) in [(31, false), (32, true)] {
        let token = begun(&sessions, &kept, now).await;
        let indexes = indexes(count);
        let ended = sessions.log_out(&kept.person, &indexes, now);
        ended.await.unwrap();
        let loaded = sessions.load(&token, now).await.unwrap();
        assert_eq!(loaded.is_none(), is_over, "{count}");
        // `load` has removed the record of a session that is over.
        assert_eq!(sessions.know(&token).await.unwrap(), !is_over);
    }
}

#[test]
fn a_shorter_maximum_age_is_measured_from_the_sign_in() {
    let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let kept = session(login(now), now);
    let ends_after = |hours| kept.ends_at(TimeDelta::hours(hours)) - now;
    assert_eq!(ends_after(2), TimeDelta::hours(2));
    // A longer maximum does not extend a session that has begun.
    assert_eq!(ends_after(20), TimeDelta::hours(8));
}

/// The records in `records-of-version-3.txt` are in the previous format, version 3. Their secret
/// is the letter A, repeated 43 times.
#[actix_web::test]
async fn records_in_the_previous_format_are_ignored() {
    let secret = "A".repeat(43);
    let octets = |hexadecimal: &str| -> Vec<u8> {
        let pairs = hexadecimal.as_bytes().chunks(2);
        let pairs = pairs.map(|pair| std::str::from_utf8(pair).unwrap());
        pairs
            .map(|pair| u8::from_str_radix(pair, 16).unwrap())
            .collect()
    };
    let records: Vec<_> = include_str!("tests/records-of-version-3.txt")
        .lines()
        .map(|line| octets(line.split_once(' ').expect("a name and a record").1))
        .collect();
    let [session, arrival] = records.try_into().expect("two records");
    assert_eq!(session[0], 3);
    let store = Store::default();
    let sessions = Sessions::new(store.clone(), true);
    let token = SessionToken::from_cookie(&secret).expect("a token");
    let minute = Duration::from_mins(1);
    for (key, record) in [(token.key(), session), (arrival::key(&secret), arrival)] {
        store.put(key, record, minute).await.unwrap();
    }
    let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    assert!(sessions.load(&token, now).await.unwrap().is_none());
    let arrival = Arrival::peek(&store, &secret).await.unwrap();
    assert!(matches!(arrival, sealed::Opened::Unreadable));
}

#[actix_web::test]
async fn an_assertion_that_cannot_be_decrypted_is_ignored() {
    let sessions = Sessions::new(Store::default(), true);
    let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let kept = session(login(now), now);
    let key = kept.assertion_key.record();
    for damaged in [&[][..], &[2, 1, 0], &[3; 200]] {
        let minute = Duration::from_mins(1);
        sessions.store.put(key, damaged, minute).await.unwrap();
        let loaded = sessions.with_assertion(kept.clone()).await.unwrap();
        assert!(loaded.assertion.is_none());
    }
}

#[actix_web::test]
async fn an_assertion_is_deleted_once_it_cannot_be_redeemed() {
    let store = Store::default();
    let sessions = Sessions::new(store.clone(), true);
    let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let kept = Session {
        redeemable_until: now + TimeDelta::milliseconds(20),
        ..session(login(now), now)
    };
    let token = begun(&sessions, &kept, now).await;
    let look = async {
        loop {
            let loaded = sessions.load(&token, now).await.unwrap().unwrap();
            let loaded = sessions.with_assertion(loaded).await.unwrap();
            if loaded.assertion.is_none() {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    let gone = tokio::time::timeout(Duration::from_mins(1), look).await;
    gone.expect("the assertion is removed within a minute");
}

/// If a reload raises the clock skew while the mark exists, the assertion becomes acceptable for
/// longer. So the mark is kept long enough for the maximum clock skew.
#[test]
fn a_used_assertion_is_marked_for_as_long_as_any_clock_skew_makes_it_acceptable() {
    let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let session = session(login(now), now);
    let arrival = Arrival {
        session: Prepared::new(&session).unwrap(),
        entity: session.entity,
        browser: Browser::new().unwrap().key(),
        accepted: arrival::Accepted {
            person: session.person.clone(),
            assertion_id: "_1".to_owned(),
            unsolicited: true,
            roles: 0,
            grants: Vec::new(),
            dropped: Vec::new(),
            dropped_beyond: 0,
        },
        follows: arrival::Follows::portal(),
    };
    let Operation::PutIfAbsent { time_to_live, .. } = arrival.marking_as_used() else {
        panic!("the mark is not written with put-if-absent");
    };
    let skew = TimeDelta::seconds(Saml::MAX_CLOCK_SKEW_SECONDS.into());
    let acceptable = check::MAX_AGE + skew + skew;
    assert!(
        time_to_live > acceptable.to_std().unwrap(),
        "{time_to_live:?}"
    );
}
