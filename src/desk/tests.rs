//! Tests for the desk, mainly for configuration changes while AWS is being called.

use std::cell::{Cell, RefCell};

use futures_util::FutureExt as _;
use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::audit::{Audit, Origin};
use crate::aws::duration::SessionDuration;
use crate::clock::Clock;
use crate::config::{Config, Sync};
use crate::demo::idp::RelyingParty;
use crate::demo::role::Role;
use crate::demo::user::User;
use crate::demo::{EmbeddedParts, Settings};
use crate::grant::facts::Attributes;
use crate::session::{Prepared, Session, SessionToken};
use crate::state::ProgramKeys;
use crate::store::Store;
use crate::web::tests::ada;

const ADMIN: &str = "arn:aws:iam::111111111111:role/Admin";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// A folder for the configuration files and the audit trail, and a simulated AWS with one role.
struct Bench {
    folder: TempDir,
    aws: EmbeddedParts,
    state: State,
    /// The token of a session in the store.
    token: SessionToken,
}

impl Bench {
    /// Must be called in a Tokio runtime.
    fn new() -> Self {
        let clock = Clock::system();
        let ourselves = User::new("999999999999", "rolecall", "AKIAIOSFODNN7EXAMPLE", SECRET);
        let relying_party = RelyingParty {
            entity_id: "https://aws.example.com/saml/metadata".to_owned(),
            acs_url: "https://aws.example.com/saml/acs".to_owned(),
        };
        let settings = Settings {
            roles: vec![Role::trusting(
                "aws",
                "111111111111",
                "Admin",
                &ourselves.arn(),
            )],
            users: vec![ourselves],
            ..Settings::new(relying_party, clock.clone())
        };
        let aws = EmbeddedParts::start(settings).unwrap();
        let folder = TempDir::new().unwrap();
        std::fs::write(
            folder.path().join("idp.xml"),
            aws.idp().metadata_xml().unwrap(),
        )
        .unwrap();
        std::fs::write(folder.path().join("secret"), SECRET).unwrap();
        let audit = Audit::to_file(
            &folder.path().join("audit.jsonl"),
            Sync::None,
            clock.clone(),
        );
        let audit = audit.unwrap();
        let prepared = Prepared::new(&Session {
            expires_at: clock.now() + chrono::TimeDelta::hours(1),
            ..session()
        });
        let prepared = prepared.unwrap();
        let store = Store::default();
        let begun = store.all([prepared.beginning(clock.now())]).now_or_never();
        begun.expect("the memory store never waits").unwrap();
        Self {
            state: State::new(clock, store, ProgramKeys::draw().unwrap(), audit, true),
            token: prepared.into_token(),
            folder,
            aws,
        }
    }

    /// The rules of a configuration in which `[aws]` contains the lines `aws`, and which ends with
    /// the lines `more`.
    fn desk_rules(&self, aws: &str, more: &str) -> Arc<DeskRules> {
        let config = self.config(aws, more);
        let clock = self.state.clock.clone();
        Arc::new(DeskRules::from_config(&config, config.digest([]), clock).unwrap())
    }

    fn config(&self, aws: &str, more: &str) -> Config {
        let (sts, signin) = (self.aws.sts_endpoint(), self.aws.signin_endpoint());
        let text = format!(
            r#"public_url = "https://aws.example.com"
[http]
trusted_proxies = ["127.0.0.1"]
[[idp]]
id = "corp"
name = "Example Corp"
metadata_file = "idp.xml"
[aws]
sts_endpoint = "{sts}"
signin_endpoint = "{signin}"
access_key_id = "AKIAIOSFODNN7EXAMPLE"
secret_access_key_file = "secret"
{aws}
{more}
"#
        );
        let file = self.folder.path().join("rolecall.toml");
        std::fs::write(&file, &text).unwrap();
        Config::load(&file, []).unwrap_or_else(|mistakes| panic!("{mistakes}"))
    }

    /// Rules that replace `before`. They keep its AWS clients if `aws` has not changed.
    fn renewed(&self, aws: &str, more: &str, before: &DeskRules) -> Arc<DeskRules> {
        let config = self.config(aws, more);
        let clock = self.state.clock.clone();
        Arc::new(DeskRules::renewed(&config, config.digest([]), clock, before).unwrap())
    }

    fn asker<'a>(&'a self, session: &'a Session) -> Asker<'a> {
        let origin = Origin {
            request_id: "0000000000000000",
            ip: None,
            user_agent: None,
            session: None,
            rules: "",
        };
        Asker::new(session, Some(&self.token), origin, None)
    }

    fn desk<'a>(&'a self, rules: &Arc<DeskRules>, newest: &'a dyn Newest) -> Desk<'a> {
        Desk::new(Arc::clone(rules), &self.state, newest)
    }

    /// The event and code of each audit line.
    fn lines(&self) -> Vec<(String, String)> {
        let text = std::fs::read_to_string(self.folder.path().join("audit.jsonl")).unwrap();
        let line = |line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            (text("event"), text("code"))
        };
        let lines = text.lines().map(line);
        lines.filter(|(event, _)| event != "trail_begun").collect()
    }
}

/// A list of rules. Each call to `desk_rules` returns the next rules; at the end of the list, the
/// last rules are returned repeatedly. If the list is empty, the session is over.
struct Turning(RefCell<Vec<Arc<DeskRules>>>);

impl Turning {
    fn through<const N: usize>(rules: [&Arc<DeskRules>; N]) -> Self {
        Self(RefCell::new(rules.into_iter().rev().cloned().collect()))
    }
}

impl Newest for Turning {
    fn desk_rules(&self, _: &Session) -> Result<Arc<DeskRules>, DeskError> {
        let mut left = self.0.borrow_mut();
        let next = if left.len() > 1 {
            left.pop()
        } else {
            left.last().cloned()
        };
        next.ok_or(DeskError::SessionOver)
    }

    fn admits(&self, _: &Session) -> Result<(), DeskError> {
        Ok(())
    }
}

/// A session of a person in the group `admins`.
fn session() -> Session {
    let groups = vec!["admins".to_owned()];
    Session {
        attributes: Attributes::from([("groups".to_owned(), groups)]),
        ..ada()
    }
}

/// A grant of the admin role to this group, with this session name.
fn grant(group: &str, session_name: &str) -> String {
    format!(
        "[[grant]]\nname = \"admins\"\nidp = \"corp\"\n\
         when = [{{ attribute = \"groups\", any_of = [\"{group}\"] }}]\n\
         role_arns = [\"{ADMIN}\"]\nvia = \"assume-role\"\nsession_name = \"{session_name}\"\n"
    )
}

fn admin() -> RoleRequest {
    RoleRequest {
        role_arn: ADMIN.to_owned(),
        ..RoleRequest::default()
    }
}

impl decision::Decided for SessionDuration {
    /// In these tests, a decision for five hours uses an MFA code.
    fn uses_code(&self) -> bool {
        self.seconds() == 18_000
    }
}

/// The decision is the maximum duration of the rules, or an error if that is 15 minutes.
fn longest(at: &Basis) -> Result<SessionDuration, DeskError> {
    match at.rules.durations().max {
        SessionDuration::MINIMUM => Err(DeskError::Policy),
        max => Ok(max),
    }
}

#[tokio::test]
async fn the_newest_rules_decide() {
    let bench = Bench::new();
    let (session, accounts) = (
        session(),
        "[[account]]\nid = \"111111111111\"\nname = \"x\"\n",
    );
    let of = |seconds: u32| {
        let lines = format!("max_duration_seconds = {seconds}\ndefault_duration_seconds = 900");
        bench.desk_rules(&lines, "")
    };
    let (hour, two, three, four, none) = (of(3600), of(7200), of(10_800), of(14_400), of(900));
    let five = of(18_000);
    let lines = "max_duration_seconds = 3600\ndefault_duration_seconds = 900";
    let hour_too = bench.renewed(lines, accounts, &hour);
    let hour_by_another = bench.desk_rules(lines, accounts);
    assert_ne!(hour.digest(), hour_too.digest());
    // The rules at each check for newer rules, the number of AWS calls, and the final outcome.
    for (newest, calls, outcome) in [
        (Turning::through([&hour]), 1, Ok(3600)),
        (Turning::through([&hour_too]), 1, Ok(3600)),
        // The decision is the same, but the AWS clients are not, so the result is dropped.
        (Turning::through([&hour_by_another]), 2, Ok(3600)),
        (Turning::through([&two]), 2, Ok(7200)),
        (Turning::through([&two, &two, &three]), 2, Ok(7200)),
        (Turning::through([&two, &three]), 3, Ok(10_800)),
        (Turning::through([&two, &hour, &hour]), 3, Ok(3600)),
        (
            Turning::through([&two, &three, &four]),
            3,
            Err("configuration_changed"),
        ),
        (Turning::through([&five]), 1, Err("mfa_code_required")),
        (Turning::through([&none]), 1, Err("invalid_policy")),
        (Turning::through([&two, &none]), 2, Err("invalid_policy")),
        (Turning::through([]), 1, Err("session_ended")),
    ] {
        let called = Cell::new(0);
        let execute = async |_: &DeskRules, decision: &SessionDuration| {
            called.set(called.get() + 1);
            Ok(decision.seconds().to_string())
        };
        let desk = bench.desk(&hour, &newest);
        let (_, settled) = desk.settle(&bench.asker(&session), longest, execute).await;
        let settled = settled.map(|(decision, outcome)| {
            assert_eq!(decision.seconds().to_string(), outcome);
            decision.seconds()
        });
        assert_eq!(
            settled.map_err(|error| error.code().to_owned()),
            outcome.map_err(str::to_owned)
        );
        assert_eq!(called.get(), calls, "{outcome:?}");
    }
}

/// An error from AWS is reported under the rules under which the call was made.
#[tokio::test]
async fn an_error_from_aws_ends_the_call() {
    let bench = Bench::new();
    let (session, rules) = (session(), bench.desk_rules("", ""));
    let newest = Turning::through([]);
    let execute = async |_: &DeskRules, _: &SessionDuration| Err::<String, _>(DeskError::Policy);
    let desk = bench.desk(&rules, &newest);
    let (basis, settled) = desk.settle(&bench.asker(&session), longest, execute).await;
    assert!(matches!(settled, Err(DeskError::Policy)));
    assert!(Arc::ptr_eq(&basis.rules, &rules));
}

#[actix_web::test]
async fn credentials_issued_for_an_outdated_decision_are_dropped() {
    let bench = Bench::new();
    let session = session();
    let (old, new) = (
        bench.desk_rules("", &grant("admins", "old")),
        bench.desk_rules("", &grant("admins", "new")),
    );
    let newest = Turning::through([&new]);
    let desk = bench.desk(&old, &newest);
    let granted = desk
        .credentials(&bench.asker(&session), &admin())
        .await
        .unwrap();
    let name = granted
        .parameters
        .session_name
        .as_ref()
        .map(ToString::to_string);
    assert_eq!(name.as_deref(), Some("new"));
    let arn = granted.issued.session_arn.as_deref();
    assert_eq!(
        arn,
        Some("arn:aws:sts::111111111111:assumed-role/Admin/new")
    );
    let seen = desk.seen_as(&granted).await.map(|seen| seen.arn);
    assert_eq!(seen.as_deref(), arn);
    // There is an audit line only for the credentials that were returned.
    assert_eq!(
        bench.lines(),
        [("credentials_issued".to_owned(), String::new())]
    );
}

#[actix_web::test]
async fn a_right_revoked_during_the_call_is_refused() {
    let bench = Bench::new();
    let session = session();
    let (old, new) = (
        bench.desk_rules("", &grant("admins", "ada")),
        bench.desk_rules("", &grant("others", "ada")),
    );
    for (event, code) in [("role_refused", "not_entitled"); 2] {
        let newest = Turning::through([&new]);
        let desk = bench.desk(&old, &newest);
        let asker = bench.asker(&session);
        let refused = match bench.lines().len() {
            0 => desk.credentials(&asker, &admin()).await.map(drop),
            _ => desk.console(&asker, &admin(), None).await.map(drop),
        };
        assert!(
            matches!(refused, Err(DeskError::NotEntitled(_))),
            "{refused:?}"
        );
        let line = bench.lines().pop();
        assert_eq!(line, Some((event.to_owned(), code.to_owned())));
    }
    // A request is also refused if its session ends during the call.
    let newest = Turning::through([]);
    let desk = bench.desk(&old, &newest);
    let over = desk.credentials(&bench.asker(&session), &admin()).await;
    assert!(
        matches!(over, Err(DeskError::SessionEnded { .. })),
        "{over:?}"
    );
    let line = bench.lines().pop();
    assert_eq!(
        line,
        Some(("role_refused".to_owned(), "session_ended".to_owned()))
    );
}

#[tokio::test]
async fn rights_are_computed_once_for_each_set_of_rules() {
    let bench = Bench::new();
    let session = session();
    let rules = bench.desk_rules("", &grant("admins", "ada"));
    let newest = Turning::through([&rules]);
    let desk = bench.desk(&rules, &newest);
    let asker = bench.asker(&session);
    let first = desk.rights(&asker);
    assert_eq!(first.grants(), ["admins"]);
    assert!(Arc::ptr_eq(&first, &desk.rights(&asker)));
    // Under other rules, the rights are computed again.
    let others = bench.desk_rules("", &grant("others", "ada"));
    let other = bench.desk(&others, &newest);
    assert!(other.rights(&asker).grants().is_empty());
}

/// The items that the examples in the desk's module documentation use must exist: the examples must
/// fail to compile only because these items are private. If a name changes here, change it in the
/// examples too.
#[actix_web::test]
async fn the_private_items_of_the_compile_fail_examples_exist() {
    let bench = Bench::new();
    let rules = bench.desk_rules("", "");
    let newest = Turning::through([&rules]);
    let desk = bench.desk(&rules, &newest);
    let _ = (
        &desk.rules.sts,
        &desk.rules.signin,
        &desk.rules.users,
        &desk.rules.issuer,
    );
    let _ = size_of::<(decision::Decision, trail::Recorded)>();
}
