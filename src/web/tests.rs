//! Tests of the view models that the handlers fill: pages must match a person's rights.

use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use actix_web::FromRequest as _;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::test::TestRequest;
use actix_web::web::Data;
use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_debug_snapshot;
use tempfile::TempDir;
use url::Url;

use super::App;
use super::bad_request::BadRequest;
use super::context::Context;
use super::error::WebError;
use super::error_response::model;
use super::form::Form;
use super::pages::{ask, credentials, link, me, portal, sign_in, tools};
use super::rules::Rules;
use super::view::SignedOut;
use crate::audit::Audit;
use crate::aws::attribute::AwsAttributes;
use crate::aws::credentials::Credentials;
use crate::aws::sts::Issued;
use crate::clock::Clock;
use crate::config::{Config, Sync};
use crate::demo::idp::EmbeddedIdp;
use crate::desk::{DeskError, Granted, Rights, RoleRequest};
use crate::grant::SessionParameters;
use crate::grant::facts::Attributes;
use crate::oidc::Issuer;
use crate::saml::idp::EntityKey;
use crate::saml::{AuthnContexts, NameId, Person, Refusal, ServiceProvider};
use crate::session::{AssertionKey, Session};
use crate::state::{ProgramKeys, State};
use crate::store::Store;

/// A configuration with two identity providers, two grants, a name for one of three accounts, and
/// every choice that the portal can offer.
const CONFIGURATION: &str = r#"
public_url = "https://aws.example.com"
[http]
trusted_proxies = ["127.0.0.1"]
[[idp]]
id = "corp"
name = "Example Corp"
metadata_file = "idp.xml"
email_domains = ["example.com"]
[[idp]]
id = "partners"
name = "Partners"
metadata_file = "partners.xml"
[portal]
name = "Example AWS"
contact = "Cloud team"
contact_url = "mailto:cloud@example.com"
regions = ["eu-central-1", "us-gov-west-1"]
[[destination]]
name = "Logs"
path = "/cloudwatch/home"
[limits]
waiting_milliseconds = 10000
[aws]
max_duration_seconds = 7200
[[grant]]
name = "on call"
idp = "corp"
when = [{ attribute = "groups", any_of = ["on-call"] }]
role_arns = ["arn:aws:iam::111111111111:role/OnCall"]
via = "assume-role"
session_name = "{NameID}"
source_identity = "{NameID|local}"
tags = { Team = "{attribute:team}", Via = "rolecall" }
transitive_tags = ["Team"]
require_reason = true
reason_tag = "Reason"
require_fresh_login_seconds = 900
mfa_serial = "arn:aws:iam::111111111111:mfa/rolecall"
max_duration_seconds = 1800
[[grant]]
name = "audit"
idp = "corp"
when = [{ attribute = "groups", any_of = ["on-call"] }]
role_arns = ["arn:aws:iam::222222222222:role/Audit"]
via = "chain"
hub_role_arn = "arn:aws:iam::111111111111:role/Hub"
[tools]
idp = "corp"
when = []
[[account]]
id = "111111111111"
name = "Production"
environment = "production"
color = "red"
[[session_policy]]
id = "read-only"
name = "Read-only"
on_each_role = true
policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
[[session_policy]]
id = "billing"
name = "Billing"
policy_arns = ["arn:aws:iam::{account}:policy/Billing"]
"#;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).expect("a time")
}

fn idp(entity_id: &str) -> String {
    let sso = Url::parse("https://idp.example.com/sso").expect("a URL");
    let idp = EmbeddedIdp::new(entity_id, sso, now()).expect("OpenSSL generates keys");
    idp.metadata_xml().expect("metadata")
}

/// An application with the test configuration.
pub(crate) fn app() -> App {
    app_of(rules())
}

/// An application with the test configuration and this OpenID Connect issuer.
pub(crate) fn app_with_issuer(issuer: Issuer) -> App {
    let rules = rules();
    let desk_rules = Arc::into_inner(rules.desk).expect("there is only one reference");
    let desk = Arc::new(desk_rules.with_issuer(issuer));
    app_of(Rules { desk, ..rules })
}

/// An application with the test configuration and this store.
pub(crate) fn app_with_store(store: Store) -> App {
    app_on(store, rules())
}

fn app_of(rules: Rules) -> App {
    app_on(Store::default(), rules)
}

fn app_on(store: Store, rules: Rules) -> App {
    let clock = Clock::stopped(now());
    let audit = Audit::to_file(Path::new("/dev/null"), Sync::None, clock.clone()).expect("a trail");
    App::new(
        State::new(clock, store, ProgramKeys::draw().unwrap(), audit, true),
        rules,
    )
}

fn rules() -> Rules {
    static METADATA: OnceLock<[String; 2]> = OnceLock::new();
    let [corp, partners] = METADATA.get_or_init(|| [idp("urn:corp"), idp("urn:partners")]);
    let folder = TempDir::new().expect("the temporary folder is writable");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text);
    write("idp.xml", corp).expect("a file can be written");
    write("partners.xml", partners).expect("a file can be written");
    write("rolecall.toml", CONFIGURATION).expect("a file can be written");
    let config = Config::load(&folder.path().join("rolecall.toml"), []);
    let config = config.unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let saml = ServiceProvider::from_config(&config, now()).expect("valid metadata");
    Rules::new(config, saml, Clock::stopped(now())).expect("valid rules")
}

/// The context of a request with these headers.
fn context(headers: &[(header::HeaderName, &str)]) -> Context {
    context_of(app(), headers)
}

/// The context of a request to `app` with these headers.
pub(crate) fn context_of(app: App, headers: &[(header::HeaderName, &str)]) -> Context {
    let mut request = TestRequest::default().app_data(Data::<App>::new(app));
    for header in headers {
        request = request.insert_header(header.clone());
    }
    let context = Context::from_request(&request.to_http_request(), &mut Payload::None);
    context.into_inner().expect("the application exists")
}

fn english() -> Context {
    context(&[])
}

fn german() -> Context {
    context(&[(header::ACCEPT_LANGUAGE, "de")])
}

/// The rights of a session under the test configuration.
fn rights(session: &Session) -> Rights {
    english().desk_rules().rights(session)
}

/// A session with these SAML attributes for AWS. The names omit their common URL prefix.
fn session(attributes: &[(&str, &[&str])]) -> Session {
    let named = |(name, values): &(&str, &[&str])| {
        let values: Vec<_> = values.iter().map(ToString::to_string).collect();
        (
            format!("https://aws.amazon.com/SAML/Attributes/{name}"),
            values,
        )
    };
    let attributes: Vec<_> = attributes.iter().map(named).collect();
    let read = attributes.iter();
    let read = read.map(|(name, values)| (name.as_str(), values.as_slice()));
    Session {
        person: Person::with_name_id("corp", "ada@example.com"),
        entity: EntityKey::of("urn:corp"),
        requested_force_authn: false,
        name_id: NameId {
            value: "ada@example.com".to_owned(),
            format: Some("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress".to_owned()),
            ..NameId::default()
        },
        session_index: None,
        began_at: now(),
        authenticated_at: None,
        authn_contexts: AuthnContexts::default(),
        attributes: Attributes::new(),
        aws: AwsAttributes::read(read),
        assertion: None,
        assertion_key: AssertionKey::new().unwrap(),
        redeemable_until: now() + TimeDelta::minutes(5),
        expires_at: now() + TimeDelta::hours(8),
    }
}

const READER: &str =
    "arn:aws:iam::111111111111:role/reader,arn:aws:iam::111111111111:saml-provider/corp";
const READER_ELSEWHERE: &str =
    "arn:aws:iam::111111111111:role/reader,arn:aws:iam::111111111111:saml-provider/old";
const DEPLOY: &str =
    "arn:aws:iam::222222222222:role/ci/Deploy,arn:aws:iam::222222222222:saml-provider/corp";
const GOVERNMENT: &str = "arn:aws-us-gov:iam::333333333333:role/Audit,arn:aws-us-gov:iam::333333333333:saml-provider/corp";

pub(crate) fn ada() -> Session {
    session(&[
        (
            "Role",
            &[
                DEPLOY,
                READER,
                GOVERNMENT,
                READER_ELSEWHERE,
                "<b>no role</b>",
            ],
        ),
        ("RoleSessionName", &["ada"]),
        ("SourceIdentity", &["ada.lovelace"]),
        ("SessionDuration", &["3600"]),
        ("PrincipalTag:Team", &["engines"]),
        ("TransitiveTagKeys", &["Team"]),
    ])
}

fn query(text: &str) -> Form {
    Form::decode(text.as_bytes()).expect("a valid query")
}

#[test]
fn the_sign_in_page() {
    let signed_out = Some(SignedOut::Here);
    assert_debug_snapshot!(sign_in::idps(
        &english(),
        signed_out,
        "/go?account=1&role=x"
    ));
}

#[test]
fn the_portal() {
    assert_debug_snapshot!(portal::model(
        &english(),
        &ada(),
        &rights(&ada()),
        &query("")
    ));
}

#[test]
fn the_portal_with_a_selection() {
    let asked =
        "duration_seconds=900&region=eu-central-1&destination=/cloudwatch/home&policy=read-only";
    let mut page = portal::model(&german(), &ada(), &rights(&ada()), &query(asked)).expect("roles");
    page.accounts.clear();
    assert_debug_snapshot!(page);
}

#[test]
fn the_portal_without_a_role() {
    let nobody = session(&[("Role", &["<b>no role</b>"])]);
    assert!(portal::model(&english(), &nobody, &rights(&nobody), &query("")).is_none());
    assert_debug_snapshot!(portal::no_roles(&english(), &nobody));
}

#[test]
fn a_link_to_one_role_of_several_providers() {
    let link = query("account=production&role=reader&destination=/s3&policy=billing");
    let page = link::model(&english(), &ada(), &rights(&ada()), &link, true);
    assert_debug_snapshot!(page.expect("the link is valid"));
}

#[test]
fn who_ada_is() {
    assert_debug_snapshot!(me::model(&english(), &ada(), &rights(&ada())));
}

#[test]
fn the_credentials_page_masks_its_secrets() {
    let context = english();
    let request = RoleRequest {
        role_arn: "arn:aws:iam::222222222222:role/ci/Deploy".to_owned(),
        duration_seconds: Some(7200),
        region: "eu-central-1".parse().ok(),
        policy: Some("billing".to_owned()),
        ..RoleRequest::default()
    };
    let rights = context.desk_rules().rights(&ada());
    let mut roles = rights.entitlements().roles();
    let role = roles.find(|role| role.name == "Deploy").cloned();
    let issued = Issued {
        credentials: Credentials::new(
            "ASIAIOSFODNN7EXAMPLE".to_owned(),
            "secret-access-key".into(),
            "session-token".into(),
            now() + TimeDelta::hours(1),
        )
        .expect("valid credentials"),
        session_arn: None,
        packed_policy_size: Some(83),
        source_identity: None,
        duration_seconds: 3600,
        request_id: None,
    };
    let parameters = SessionParameters::of_assertion(&ada().aws);
    let granted = Granted::shortened(role.expect("Ada has the role"), issued, parameters);
    let page = credentials::model(&context, &ada(), &rights, &request, &granted, None);
    let shown = format!("{page:#?}");
    for secret in ["secret-access-key", "session-token"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert_debug_snapshot!(page);
}

/// A session for Ada, who is on call and belongs to these teams.
fn ada_on_call(team: &[&str]) -> Session {
    let values = |values: &[&str]| values.iter().map(ToString::to_string).collect();
    Session {
        attributes: Attributes::from([
            ("groups".to_owned(), values(&["on-call"])),
            ("team".to_owned(), values(team)),
        ]),
        ..ada()
    }
}

const ON_CALL: &str = "account=Production&role=OnCall";

#[test]
fn the_details_of_a_granted_role() {
    let page = |session: &Session, context: &Context| {
        let page = link::model(context, session, &rights(session), &query(ON_CALL), false).ok();
        page.expect("the link is valid").roles.remove(0)
    };
    assert_debug_snapshot!(page(&ada_on_call(&["platform"]), &english()));
    // The same role in German, for a person without a team.
    let without = page(&ada_on_call(&[]), &german());
    assert_debug_snapshot!("what_keeps_a_granted_role_from_being_used", without.behind);
}

#[test]
fn the_questions_before_credentials_are_issued() {
    let form = query("role_arn=arn:aws:iam::111111111111:role/OnCall on call&token_code=000000");
    let ada = ada_on_call(&["platform"]);
    let page = ask::model(&english(), &ada, &rights(&ada), &form, "/console");
    assert_debug_snapshot!(page.expect("the role requires a reason"));
}

#[test]
fn who_ada_is_with_grants() {
    let ada = ada_on_call(&["platform"]);
    let page = me::model(&english(), &ada, &rights(&ada));
    assert_debug_snapshot!((page.roles, page.grants, page.without_hub));
}

#[test]
fn the_roles_that_ada_may_use_in_the_tools() {
    let asked = tools::ToolForm::default();
    assert_debug_snapshot!(tools::model(
        &english(),
        &ada(),
        &rights(&ada()),
        &asked,
        None
    ));
}

#[test]
fn an_error_in_each_language() {
    let errors = [
        WebError::Refused(Refusal::Status {
            code: "x".to_owned(),
            message: Some("<b>not today</b>".to_owned()),
        }),
        WebError::Desk(DeskError::Duration { max: 7200 }),
        WebError::BadRequest(BadRequest::Missing("role")),
    ];
    for (name, context) in [("english", english()), ("german", german())] {
        let pages: Vec<_> = errors.iter().map(|error| model(error, &context)).collect();
        assert_debug_snapshot!(name, pages);
    }
}
