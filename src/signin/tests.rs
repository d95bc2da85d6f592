//! Tests for logins and logouts in which a step fails, two requests run concurrently, or a rate
//! limit is reached.

use std::path::Path;
use std::sync::OnceLock;

use futures_util::future::join;
use tempfile::TempDir;
use url::Url;

use super::logout::VerifiedLogout;
use super::*;
use crate::audit::Audit;
use crate::clock::Clock;
use crate::config::Sync;
use crate::demo::idp::{EmbeddedIdp, RelyingParty};
use crate::demo::people;
use crate::saml::logout::LogoutRequest;
use crate::saml::{IdentityProvider, NameId, Refusal};
use crate::session::SessionError;
use crate::session::{Next, Pending, Slots};
use crate::state::ProgramKeys;
use crate::store::faults::{Fault, Faulty};
use crate::store::{Kind, StoreError};

const CONFIGURATION: &str = r#"
public_url = "https://aws.example.com"
[http]
trusted_proxies = ["127.0.0.1"]
[[idp]]
id = "corp"
name = "Example Corp"
metadata_file = "idp.xml"
"#;

/// An audit file to which every write fails.
const FULL_DISK: &str = "/dev/full";

fn idp() -> &'static EmbeddedIdp {
    static IDP: OnceLock<EmbeddedIdp> = OnceLock::new();
    IDP.get_or_init(|| {
        let sso = Url::parse("https://idp.example.com/sso").unwrap();
        EmbeddedIdp::new(
            "https://idp.example.com/metadata",
            sso,
            Clock::system().now(),
        )
        .unwrap()
    })
}

/// The sign-in rules, the state and the browser of one test, with a store that can fail.
struct Bench {
    store: Faulty,
    state: State,
    /// A state with the same store, but with an audit trail to which every write fails.
    deaf: State,
    rules: SignInRules,
    browser: Browser,
    slots: Slots,
    folder: TempDir,
}

/// Whether writes to the audit trail succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trail {
    Works,
    Fails,
}

/// A login in progress, and the IdP's response.
struct AtTheIdp {
    relay_state: String,
    field: String,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text);
        write("idp.xml", &idp().metadata_xml().unwrap()).unwrap();
        write("rolecall.toml", CONFIGURATION).unwrap();
        let config = Config::load(&folder.path().join("rolecall.toml"), []).unwrap();
        let saml = ServiceProvider::from_config(&config, Clock::system().now()).unwrap();
        let store = Faulty::new();
        let clock = Clock::system();
        let state = |trail: &Path| {
            let audit = Audit::to_file(trail, Sync::None, clock.clone()).unwrap();
            let keys = ProgramKeys::new([7; 32], []);
            State::new(clock.clone(), store.store(), keys, audit, true)
        };
        Self {
            state: state(&folder.path().join("audit.jsonl")),
            deaf: state(Path::new(FULL_DISK)),
            rules: SignInRules::new(&config, saml, Arc::default()),
            browser: Browser::new().unwrap(),
            slots: Slots::default(),
            store,
            folder,
        }
    }

    fn sign_in<'a>(&'a self, trail: Trail, token: Option<&'a SessionToken>) -> SignIn<'a> {
        let visitor = Visitor {
            origin: Origin {
                request_id: "0",
                ip: None,
                user_agent: None,
                session: None,
                rules: "",
            },
            token,
            browser: Some(&self.browser),
            carrier: None,
            slots: &self.slots,
        };
        let state = match trail {
            Trail::Works => &self.state,
            Trail::Fails => &self.deaf,
        };
        SignIn::new(state, &self.rules, visitor)
    }

    async fn begin(&self, token: Option<&SessionToken>) -> AtTheIdp {
        let sign_in = self.sign_in(Trail::Works, token);
        let corp = self.rules.saml.idp("corp").unwrap();
        let begun = sign_in.begin(corp, &Next::portal(), false).await.unwrap();
        let ToIdp::Redirect(url) = begun.to_idp else {
            panic!("expected a redirect to the IdP")
        };
        let field = |name: &str| {
            let mut pairs = url.query_pairs();
            pairs.find(|(key, _)| key == name).unwrap().1.into_owned()
        };
        let relay_state = field("RelayState");
        self.respond(relay_state)
    }

    /// The IdP's response to the login with this RelayState, with a new assertion.
    fn respond(&self, relay_state: String) -> AtTheIdp {
        let login = Pending::read(&self.state.keys, &relay_state);
        let request = login.unwrap().unwrap().request.id();
        let relying_party = RelyingParty {
            entity_id: self.rules.saml.entity_id.clone(),
            acs_url: self.rules.saml.acs_url.clone(),
        };
        let alice = people::Person::new("alice", "Alice");
        let request = Some(request.as_str());
        let spec = idp().response(&alice, &relying_party, request, self.state.clock.now());
        AtTheIdp {
            relay_state,
            field: idp().form_field(&spec).unwrap(),
        }
    }

    async fn receive(&self, at_the_idp: &AtTheIdp) -> Result<Arrived, SignInError> {
        let response = PostedResponse {
            field: &at_the_idp.field,
            relay_state: Some(&at_the_idp.relay_state),
            landing: |_| "/".to_owned(),
        };
        self.sign_in(Trail::Works, None).receive(response).await
    }

    async fn arrive(&self, token: Option<&SessionToken>) -> String {
        let at_the_idp = self.begin(token).await;
        self.receive(&at_the_idp).await.unwrap().code
    }

    async fn finish(
        &self,
        trail: Trail,
        code: &str,
        token: Option<&SessionToken>,
    ) -> Result<SessionToken, SignInError> {
        let sign_in = self.sign_in(trail, token);
        match sign_in.finish(code, false).await? {
            Outcome::Finished(finished) => Ok(finished.token),
            Outcome::Ask { .. } => panic!("the person is the same, so no question was expected"),
        }
    }

    async fn is_signed_in(&self, token: &SessionToken) -> bool {
        let session = self.sign_in(Trail::Works, Some(token)).session().await;
        session.unwrap().is_some()
    }

    fn left<const N: usize>(&self, kinds: [Kind; N]) -> [usize; N] {
        kinds.map(|kind| self.store.left(kind))
    }

    fn trail(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("audit.jsonl")).unwrap()
    }
}

/// The faults that the tests inject into each store operation.
const FAULTS: [Fault; 5] = [
    Fault::Fails(StoreError::Unavailable),
    Fault::Fails(StoreError::Full),
    Fault::DoneInSilence,
    Fault::LostInSilence,
    Fault::GoneFromHere,
];

/// Asserts that the error is the one that the fault caused, and not a later one.
fn assert_reported(error: &SignInError, fault: Fault, at: usize) {
    let SignInError::Session(SessionError::Store(reported)) = error else {
        panic!("{fault:?} at {at}: {error:?}")
    };
    let expected = match fault {
        Fault::Fails(error) => error,
        Fault::DoneInSilence | Fault::LostInSilence => StoreError::TimedOut,
        Fault::GoneFromHere => StoreError::Unavailable,
    };
    assert_eq!(*reported, expected, "{fault:?} at {at}");
}

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

async fn old_session(bench: &Bench, has_session: bool) -> Option<SessionToken> {
    if !has_session {
        return None;
    }
    let code = bench.arrive(None).await;
    Some(bench.finish(Trail::Works, &code, None).await.unwrap())
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
