//! Tests for logins and logouts in which a step fails, two requests run concurrently, or a rate
//! limit is reached.

mod concurrent;
mod faults;
mod limits;

use std::path::Path;
use std::sync::OnceLock;

use tempfile::TempDir;
use url::Url;

use super::*;
use crate::audit::Audit;
use crate::clock::Clock;
use crate::config::Sync;
use crate::demo::idp::{EmbeddedIdp, RelyingParty};
use crate::demo::people;
use crate::session::{Next, Pending, SessionError, Slots};
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

async fn old_session(bench: &Bench, has_session: bool) -> Option<SessionToken> {
    if !has_session {
        return None;
    }
    let code = bench.arrive(None).await;
    Some(bench.finish(Trail::Works, &code, None).await.unwrap())
}
