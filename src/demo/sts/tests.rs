use std::collections::HashMap;
use std::time::SystemTime;

use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::Data;
use actix_web::{App, web};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use chrono::{DateTime, TimeDelta, Utc};
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use secrecy::ExposeSecret as _;
use url::Url;

use super::{AWS_AUDIENCES, Provider, Sts, post};
use crate::clock::Clock;
use crate::demo::credentials::{IssuedCredentials, Register};
use crate::demo::idp::key::self_signed;
use crate::demo::idp::response::{AssertionSpec, ResponseSpec};
use crate::demo::idp::signing::algorithm;
use crate::demo::idp::{
    EmbeddedIdp, EncryptionOptions, RelyingParty, Signed, SigningOptions, encode,
};
use crate::demo::people::{Person, attribute};
use crate::demo::role::{Role, provider_arn};
use crate::saml::encryption::DecryptionKey;
use crate::saml::response;
use crate::second_opinion;

const ACS: &str = "https://sp.example.com/saml/acs";
const ACCOUNT: &str = "111111111111";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// An answer, read.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: StatusCode,
    xml: String,
}

impl Answer {
    /// The text of the only element of this name.
    fn text(&self, name: &str) -> Option<String> {
        let document = uppsala::parse(&self.xml).unwrap();
        let found = document.get_elements_by_tag_name(name);
        assert!(found.len() < 2, "{name} stands twice");
        Some(document.text_content_deep(*found.first()?))
    }

    #[track_caller]
    fn refuses(&self, status: u16, code: &str, message: &str) {
        assert_eq!(self.text("Code").as_deref(), Some(code), "{}", self.xml);
        assert_eq!(self.text("Message").as_deref(), Some(message));
        assert_eq!(self.text("Type").as_deref(), Some("Sender"));
        assert_eq!(self.status.as_u16(), status);
        assert!(!self.xml.contains("AccessKeyId"));
    }
}

struct Bench {
    idp: EmbeddedIdp,
    clock: Clock,
    register: Register,
    sts: Data<Sts>,
}

fn role(name: &str) -> Role {
    Role::new("aws", ACCOUNT, name, "corp", ACS)
}

fn provider() -> String {
    provider_arn("aws", ACCOUNT, "corp")
}

impl Bench {
    fn new(roles: Vec<Role>) -> Self {
        let clock = Clock::system();
        let sso_url = Url::parse("http://127.0.0.1/idp/sso").unwrap();
        let idp = EmbeddedIdp::new("http://127.0.0.1/idp", sso_url, clock.now()).unwrap();
        let register = Register::default();
        let registered = Provider::new(&idp.metadata_xml().unwrap()).unwrap();
        let sts = Sts::new(
            roles,
            HashMap::from([(provider(), registered)]),
            AWS_AUDIENCES.map(str::to_owned).to_vec(),
            register.clone(),
            clock.clone(),
        );
        Self {
            idp,
            clock,
            register,
            sts: Data::new(sts),
        }
    }

    /// The same bench, whose provider also has this key to decrypt with.
    fn decrypting(self, key: DecryptionKey) -> Self {
        let registered = Provider::new(&self.idp.metadata_xml().unwrap()).unwrap();
        let sts = Sts::new(
            vec![role("Admin")],
            HashMap::from([(provider(), registered.with_decryption_key(key))]),
            AWS_AUDIENCES.map(str::to_owned).to_vec(),
            self.register.clone(),
            self.clock.clone(),
        );
        Self {
            sts: Data::new(sts),
            ..self
        }
    }

    fn person() -> Person {
        let value = role("Admin").attribute_value();
        Person::new("alice", "Alice")
            .with_attribute(attribute::ROLE, [value])
            .with_attribute(attribute::ROLE_SESSION_NAME, ["alice"])
    }

    fn spec(&self, person: &Person) -> ResponseSpec {
        let relying_party = RelyingParty {
            entity_id: "https://sp.example.com".to_owned(),
            acs_url: ACS.to_owned(),
        };
        self.idp
            .response(person, &relying_party, None, self.clock.now())
    }

    fn form(field: &str) -> Vec<(String, String)> {
        [
            ("Action", "AssumeRoleWithSAML"),
            ("Version", "2011-06-15"),
            ("RoleArn", &role("Admin").arn()),
            ("PrincipalArn", &provider()),
            ("SAMLAssertion", field),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    async fn post(&self, form: &[(String, String)]) -> Answer {
        let body = serde_urlencoded::to_string(form).unwrap();
        let request = TestRequest::post().uri("/sts").insert_header(FORM);
        let answer = self.send(request.set_payload(body)).await;
        let assertion = form.iter().find(|(name, _)| name == "SAMLAssertion");
        if let Some((_, field)) = assertion.filter(|_| answer.status == StatusCode::OK) {
            let certificates = [self.idp.key().certificate_der().to_vec()];
            let xml = response::decode(field).unwrap();
            if xml.contains("EncryptedAssertion") {
                second_opinion::assert_verifies(&xml, &certificates);
            } else {
                second_opinion::assert_agrees(&xml, &certificates);
            }
        }
        answer
    }

    async fn send(&self, request: TestRequest) -> Answer {
        let app = App::new()
            .app_data(self.sts.clone())
            .route("/sts", web::post().to(post));
        let response = call_service(&init_service(app).await, request.to_request()).await;
        let status = response.status();
        let request_id = response.headers().get("x-amzn-requestid").unwrap().clone();
        let xml = String::from_utf8(read_body(response).await.to_vec()).unwrap();
        let answer = Answer { status, xml };
        assert_eq!(
            answer.text("RequestId").unwrap(),
            request_id.to_str().unwrap()
        );
        answer
    }

    async fn redeem(&self, spec: &ResponseSpec) -> Answer {
        self.post(&Self::form(&self.idp.form_field(spec).unwrap()))
            .await
    }

    /// The answer for a good response whose assertion is changed.
    async fn changed(&self, change: impl FnOnce(&mut AssertionSpec)) -> Answer {
        let mut spec = self.spec(&Self::person());
        change(spec.assertion.as_mut().unwrap());
        self.redeem(&spec).await
    }

    /// The answer for a good response with one more parameter in the form.
    async fn with(&self, parameters: &[(&str, &str)]) -> Answer {
        let field = self.idp.form_field(&self.spec(&Self::person())).unwrap();
        let mut form = Self::form(&field);
        for &(name, value) in parameters {
            form.retain(|(known, _)| known != name);
            form.push((name.to_owned(), value.to_owned()));
        }
        self.post(&form).await
    }

    async fn without(&self, name: &str) -> Answer {
        let field = self.idp.form_field(&self.spec(&Self::person())).unwrap();
        let mut form = Self::form(&field);
        form.retain(|(known, _)| known != name);
        self.post(&form).await
    }
}

fn bench() -> Bench {
    Bench::new(vec![role("Admin")])
}

fn set(assertion: &mut AssertionSpec, name: &str, values: &[&str]) {
    assertion.attributes.retain(|known| known.name != name);
    let person = Person::new("x", "x").with_attribute(name, values.iter().copied());
    assertion.attributes.extend(person.attributes);
}

#[actix_web::test]
async fn a_good_assertion_gives_credentials_and_says_whose() {
    let bench = bench();
    let answer = bench
        .changed(|assertion| {
            set(assertion, attribute::SOURCE_IDENTITY, &["alice@hr"]);
            set(
                assertion,
                "https://aws.amazon.com/SAML/Attributes/PrincipalTag:Team",
                &["Ops"],
            );
        })
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.xml);
    let text = |name| answer.text(name).unwrap();
    let issued = bench.register.find(&text("AccessKeyId")).unwrap();
    assert_eq!(
        text("SecretAccessKey"),
        issued.secret_access_key.expose_secret()
    );
    assert_eq!(text("SessionToken"), issued.session_token.expose_secret());
    assert_eq!(
        text("Arn"),
        "arn:aws:sts::111111111111:assumed-role/Admin/alice"
    );
    assert_eq!(text("AssumedRoleId"), issued.session.id());
    assert_eq!(text("Issuer"), "http://127.0.0.1/idp");
    assert_eq!(text("Audience"), ACS);
    assert_eq!(text("Subject"), "alice@example.com");
    assert_eq!(text("SubjectType"), "persistent");
    assert_eq!(text("SourceIdentity"), "alice@hr");
    assert_eq!(text("PackedPolicySize"), "1");
    assert_eq!(issued.session.tags, [("Team".to_owned(), "Ops".to_owned())]);
    let expiration: DateTime<Utc> = text("Expiration").parse().unwrap();
    let remaining = expiration - bench.clock.now();
    assert!(
        (3590..=3600).contains(&remaining.num_seconds()),
        "{remaining}"
    );
}

#[actix_web::test]
async fn the_name_qualifier_is_the_documented_one() {
    // printf '%s' 'http://127.0.0.1/idp111111111111/corp' | openssl sha1 -binary | base64
    let answer = bench().changed(|_| {}).await;
    assert_eq!(
        answer.text("NameQualifier").unwrap(),
        "1mvdFjpXu9t8ZZjNHMKlfqR1w1s="
    );
}

#[actix_web::test]
async fn one_assertion_gives_credentials_for_several_roles_either_way_round() {
    let bench = Bench::new(vec![role("Admin"), role("Reader")]);
    let pair = format!(" {} , {} ", provider(), role("Reader").arn());
    let person = Bench::person().with_attribute(attribute::ROLE, [pair]);
    let field = bench.idp.form_field(&bench.spec(&person)).unwrap();
    for name in ["Admin", "Reader"] {
        let mut form = Bench::form(&field);
        form[2].1 = role(name).arn();
        assert_eq!(bench.post(&form).await.status, StatusCode::OK, "{name}");
    }
}

#[actix_web::test]
async fn either_signature_is_enough_and_sha1_is_taken() {
    let bench = bench();
    let sha1 = SigningOptions::with_methods(algorithm::RSA_SHA1, algorithm::SHA1);
    for (signed, options) in [
        (Signed::Assertion, SigningOptions::default()),
        (Signed::Response, SigningOptions::default()),
        (Signed::Both, sha1),
    ] {
        let spec = bench.spec(&Bench::person());
        let xml = bench.idp.signed_xml(&spec, signed, &options).unwrap();
        let answer = bench.post(&Bench::form(&encode(&xml))).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.xml);
    }
}

#[actix_web::test]
async fn what_is_encrypted_needs_a_key_at_iam() {
    let bench = bench();
    let rsa = Rsa::generate(2048).and_then(PKey::from_rsa).unwrap();
    let spec = bench.spec(&Bench::person());
    let xml = bench.idp.encrypted_xml(
        &spec,
        Signed::Both,
        &SigningOptions::default(),
        &self_signed(&rsa, bench.clock.now()).unwrap(),
        &EncryptionOptions::default(),
    );
    let form = Bench::form(&encode(&xml.unwrap()));
    let message = "No private key matches the encrypted assertion";
    let answer = bench.post(&form).await;
    answer.refuses(400, "InvalidIdentityToken", message);
    let bench = bench.decrypting(DecryptionKey::new(&rsa).unwrap());
    assert_eq!(bench.post(&form).await.status, StatusCode::OK);
}

#[actix_web::test]
async fn refuses_unknown_operations_and_what_is_no_form() {
    let bench = bench();
    let message = "Could not find operation AssumeNothing for version 2011-06-15";
    bench
        .with(&[("Action", "AssumeNothing")])
        .await
        .refuses(400, "InvalidAction", message);
    let message = "Could not find operation AssumeRoleWithSAML for version 2010-05-08";
    bench
        .with(&[("Version", "2010-05-08")])
        .await
        .refuses(400, "InvalidAction", message);
    let message = "Could not find operation  for version 2011-06-15";
    bench
        .without("Action")
        .await
        .refuses(400, "InvalidAction", message);
}

#[actix_web::test]
async fn refuses_missing_and_over_long_parameters() {
    let bench = bench();
    for (name, member) in [
        ("RoleArn", "roleArn"),
        ("PrincipalArn", "principalArn"),
        ("SAMLAssertion", "sAMLAssertion"),
    ] {
        bench.without(name).await.refuses(
            400,
            "ValidationError",
            &format!("1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"),
        );
    }
    let long = "A".repeat(100_001);
    for (value, constraint) in [
        ("AAA", "greater than or equal to 4"),
        (long.as_str(), "less than or equal to 100000"),
    ] {
        bench.with(&[("SAMLAssertion", value)]).await.refuses(
            400,
            "ValidationError",
            &format!("1 validation error detected: Value '****' at 'sAMLAssertion' failed to satisfy constraint: Member must have length {constraint}"),
        );
    }
}

#[actix_web::test]
async fn refuses_an_assertion_that_is_not_base64_or_not_saml() {
    let bench = bench();
    let answer = bench.with(&[("SAMLAssertion", "%%%%")]).await;
    answer.refuses(400, "InvalidIdentityToken", "Invalid base64 SAMLResponse");
    let answer = bench.with(&[("SAMLAssertion", &encode("<a/>"))]).await;
    answer.refuses(400, "InvalidIdentityToken", "Could not parse SAMLResponse");
}

#[actix_web::test]
async fn refuses_a_provider_that_is_not_registered() {
    let arn = provider_arn("aws", ACCOUNT, "other");
    let answer = bench().with(&[("PrincipalArn", &arn)]).await;
    answer.refuses(
        400,
        "InvalidIdentityToken",
        "Specified provider doesn't exist",
    );
}

#[actix_web::test]
async fn refuses_what_is_not_signed_by_the_registered_key() {
    let bench = bench();
    let spec = bench.spec(&Bench::person());
    let unsigned = bench
        .idp
        .signed_xml(&spec, Signed::Neither, &SigningOptions::default());
    let signed = bench
        .idp
        .signed_xml(&spec, Signed::Both, &SigningOptions::default());
    let altered = signed.unwrap().replace(">alice<", ">admin<");
    let other = EmbeddedIdp::new(
        bench.idp.entity_id(),
        bench.idp.sso_url().clone(),
        bench.clock.now(),
    );
    let forged = other.unwrap().form_field(&spec).unwrap();
    for field in [encode(&unsigned.unwrap()), encode(&altered), forged] {
        let answer = bench.post(&Bench::form(&field)).await;
        answer.refuses(400, "InvalidIdentityToken", "Response signature invalid");
    }
}

#[actix_web::test]
async fn refuses_another_issuer() {
    let answer = bench()
        .changed(|assertion| assertion.issuer = "urn:else".to_owned())
        .await;
    let message = "Issuer not present in specified provider";
    answer.refuses(400, "InvalidIdentityToken", message);
}

#[actix_web::test]
async fn refuses_an_assertion_of_more_than_five_minutes() {
    let bench = bench();
    let mut spec = bench.spec(&Bench::person());
    let assertion = spec.assertion.as_mut().unwrap();
    let later = bench.clock.now() + TimeDelta::hours(1);
    assertion.conditions.as_mut().unwrap().not_on_or_after = Some(later);
    assertion.subject.as_mut().unwrap().confirmations[0].not_on_or_after = Some(later);
    let field = bench.idp.form_field(&spec).unwrap();
    bench.clock.advance(TimeDelta::seconds(295));
    assert_eq!(
        bench.post(&Bench::form(&field)).await.status,
        StatusCode::OK
    );
    bench.clock.advance(TimeDelta::seconds(6));
    let answer = bench.post(&Bench::form(&field)).await;
    let message = "Token must be redeemed within 5 minutes of issuance";
    answer.refuses(400, "ExpiredTokenException", message);
}

#[actix_web::test]
async fn refuses_an_assertion_that_is_over() {
    let bench = bench();
    let now = bench.clock.now();
    let expired =
        |answer: Answer| answer.refuses(400, "ExpiredTokenException", "Response has expired");
    expired(
        bench
            .changed(|assertion| assertion.conditions.as_mut().unwrap().not_on_or_after = Some(now))
            .await,
    );
    expired(
        bench
            .changed(|assertion| {
                assertion.subject.as_mut().unwrap().confirmations[0].not_on_or_after = Some(now);
            })
            .await,
    );
    expired(
        bench
            .changed(|assertion| {
                assertion.authn.as_mut().unwrap().session_not_on_or_after = Some(now);
            })
            .await,
    );
}

#[actix_web::test]
async fn refuses_an_assertion_from_the_future() {
    let bench = bench();
    let future = bench.clock.now() + TimeDelta::minutes(2);
    let answer = bench
        .changed(|assertion| assertion.issue_instant = future)
        .await;
    answer.refuses(
        400,
        "InvalidIdentityToken",
        "Response is issued in the future",
    );
    let answer = bench
        .changed(|assertion| assertion.conditions.as_mut().unwrap().not_before = Some(future))
        .await;
    answer.refuses(400, "InvalidIdentityToken", "Response is not yet valid");
}

#[actix_web::test]
async fn refuses_an_assertion_for_others() {
    let bench = bench();
    let answer = bench
        .changed(|assertion| {
            assertion.conditions.as_mut().unwrap().audience_restrictions =
                vec![vec!["urn:else".to_owned()]];
        })
        .await;
    let message = "Response does not contain the required audience.";
    answer.refuses(400, "InvalidIdentityToken", message);
}

#[actix_web::test]
async fn refuses_an_assertion_without_subject_or_recipient() {
    let bench = bench();
    let answer = bench
        .changed(|assertion| assertion.subject.as_mut().unwrap().name_id = None)
        .await;
    answer.refuses(
        400,
        "InvalidIdentityToken",
        "Subject is required in AuthnResponse",
    );
    let answer = bench
        .changed(|assertion| assertion.subject.as_mut().unwrap().confirmations[0].recipient = None)
        .await;
    answer.refuses(
        400,
        "InvalidIdentityToken",
        "Recipient is required in AuthnResponse",
    );
}

#[actix_web::test]
async fn refuses_a_missing_or_invalid_session_name() {
    let bench = bench();
    let answer = bench
        .changed(|assertion| set(assertion, attribute::ROLE_SESSION_NAME, &[]))
        .await;
    answer.refuses(
        400,
        "InvalidIdentityToken",
        "RoleSessionName is required in AuthnResponse",
    );
    let long = "a".repeat(65);
    for name in ["a", "a b", "ä-ä", long.as_str()] {
        let answer = bench
            .changed(|assertion| set(assertion, attribute::ROLE_SESSION_NAME, &[name]))
            .await;
        let message = "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}";
        answer.refuses(400, "InvalidIdentityToken", message);
    }
}

#[actix_web::test]
async fn refuses_an_invalid_source_identity() {
    let bench = bench();
    for name in ["a", "aws:alice"] {
        let answer = bench
            .changed(|assertion| set(assertion, attribute::SOURCE_IDENTITY, &[name]))
            .await;
        let message =
            "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"";
        answer.refuses(400, "InvalidIdentityToken", message);
    }
}

#[actix_web::test]
async fn refuses_tags_beyond_their_limits() {
    let bench = bench();
    let tag = |key: &str| format!("{}{key}", attribute::PRINCIPAL_TAG);
    let refusal = |answer: Answer, message| answer.refuses(400, "InvalidIdentityToken", message);
    let wrong =
        "A session tag in AuthnResponse is too long or has characters that tags must not have";
    for (key, value) in [
        ("k".repeat(129), "v".to_owned()),
        ("k".to_owned(), "v".repeat(257)),
        (String::new(), "v".to_owned()),
        ("AWS:k".to_owned(), "v".to_owned()),
        ("k".to_owned(), "this & that".to_owned()),
        ("k*".to_owned(), "v".to_owned()),
    ] {
        let answer = bench.changed(|a| set(a, &tag(&key), &[&value])).await;
        refusal(answer, wrong);
    }
    let odd = bench.changed(|a| set(a, &tag("Größe / m²"), &["1.5 = a+b@c_d-e:f"]));
    assert_eq!(odd.await.status, StatusCode::OK);
    let many = "AuthnResponse contains more than 50 session tags";
    refusal(
        bench
            .changed(|a| (0..51).for_each(|i| set(a, &tag(&format!("k{i}")), &["v"])))
            .await,
        many,
    );
    let twice = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    refusal(
        bench
            .changed(|a| {
                set(a, &tag("Team"), &["v"]);
                set(a, &tag("team"), &["v"]);
            })
            .await,
        twice,
    );
    let transitive = "The specified transitive tag key must be included in the requested tags.";
    refusal(
        bench
            .changed(|a| set(a, attribute::TRANSITIVE_TAG_KEYS, &["Team"]))
            .await,
        transitive,
    );
}

#[actix_web::test]
async fn refuses_a_role_that_the_assertion_does_not_name() {
    let bench = Bench::new(vec![role("Admin"), role("Reader")]);
    let answer = bench.with(&[("RoleArn", &role("Reader").arn())]).await;
    answer.refuses(
        403,
        "AccessDenied",
        "Not authorized to perform sts:AssumeRoleWithSAML",
    );
}

#[actix_web::test]
async fn refuses_what_the_trust_policy_does_not_allow() {
    let changes: [fn(&mut Role); 4] = [
        |role| role.trust.denies = true,
        |role| role.trust.audiences = vec!["https://signin.aws.amazon.com/saml".to_owned()],
        |role| role.trust.providers = vec![provider_arn("aws", ACCOUNT, "other")],
        |role| role.name = "Other".to_owned(),
    ];
    for change in changes {
        let mut role = role("Admin");
        change(&mut role);
        let answer = Bench::new(vec![role]).changed(|_| {}).await;
        answer.refuses(
            403,
            "AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithSAML",
        );
    }
}

#[actix_web::test]
async fn refuses_roles_of_identity_center() {
    let reserved = role("AWSReservedSSO_Admin_0123456789abcdef");
    let bench = Bench::new(vec![reserved.clone()]);
    let mut spec = bench.spec(&Bench::person());
    set(
        spec.assertion.as_mut().unwrap(),
        attribute::ROLE,
        &[&reserved.attribute_value()],
    );
    let mut form = Bench::form(&bench.idp.form_field(&spec).unwrap());
    form[2].1 = reserved.arn();
    let answer = bench.post(&form).await;
    answer.refuses(
        403,
        "AccessDenied",
        "Not authorized to perform sts:AssumeRoleWithSAML",
    );
}

#[actix_web::test]
async fn refuses_tags_and_source_identity_where_the_trust_policy_lacks_them() {
    let mut plain = role("Admin");
    plain.trust.allows_tags = false;
    plain.trust.allows_source_identity = false;
    let bench = Bench::new(vec![plain]);
    assert_eq!(bench.changed(|_| {}).await.status, StatusCode::OK);
    let tag = format!("{}Team", attribute::PRINCIPAL_TAG);
    let answer = bench
        .changed(|assertion| set(assertion, &tag, &["Ops"]))
        .await;
    answer.refuses(
        403,
        "AccessDenied",
        "Not authorized to perform sts:TagSession",
    );
    let answer = bench
        .changed(|assertion| set(assertion, attribute::SOURCE_IDENTITY, &["alice"]))
        .await;
    answer.refuses(
        403,
        "AccessDenied",
        "Not authorized to perform sts:SetSourceIdentity",
    );
}

#[actix_web::test]
async fn refuses_durations_out_of_range() {
    let mut short = role("Admin");
    short.max_session_seconds = 3600;
    let bench = Bench::new(vec![short]);
    for (seconds, constraint) in [
        ("899", "greater than or equal to 900"),
        ("43201", "less than or equal to 43200"),
    ] {
        bench.with(&[("DurationSeconds", seconds)]).await.refuses(
            400,
            "ValidationError",
            &format!("1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value {constraint}"),
        );
    }
    let answer = bench.with(&[("DurationSeconds", "3601")]).await;
    let message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    answer.refuses(400, "ValidationError", message);
    assert_eq!(
        bench.with(&[("DurationSeconds", "3600")]).await.status,
        StatusCode::OK
    );
    let answer = bench.with(&[("DurationSeconds", "soon")]).await;
    answer.refuses(400, "ValidationError", "DurationSeconds is not an integer");
    let answer = bench
        .changed(|assertion| set(assertion, attribute::SESSION_DURATION, &["60"]))
        .await;
    let message = "SessionDuration in AuthnResponse must be between 900 and 43200";
    answer.refuses(400, "InvalidIdentityToken", message);
}

#[actix_web::test]
async fn the_idp_can_only_shorten_the_duration() {
    let bench = bench();
    let seconds = |answer: &Answer| {
        let expiration: DateTime<Utc> = answer.text("Expiration").unwrap().parse().unwrap();
        (expiration - bench.clock.now()).num_seconds()
    };
    let end = bench.clock.now() + TimeDelta::seconds(600);
    let answer = bench
        .changed(|a| a.authn.as_mut().unwrap().session_not_on_or_after = Some(end))
        .await;
    assert!((590..=600).contains(&seconds(&answer)));
    let answer = bench
        .changed(|a| set(a, attribute::SESSION_DURATION, &["900"]))
        .await;
    assert!((890..=900).contains(&seconds(&answer)));
    let answer = bench
        .changed(|a| set(a, attribute::SESSION_DURATION, &["43200"]))
        .await;
    assert!((3590..=3600).contains(&seconds(&answer)));
}

#[actix_web::test]
async fn refuses_session_policies_beyond_their_limits() {
    let bench = bench();
    let policy = |padding: usize| format!(r#"{{"Statement":[],"x":"{}"}}"#, "x".repeat(padding));
    let answer = bench.with(&[("Policy", "{")]).await;
    answer.refuses(
        400,
        "MalformedPolicyDocument",
        "The policy is not in the valid JSON format.",
    );
    let answer = bench.with(&[("Policy", "[]")]).await;
    answer.refuses(400, "MalformedPolicyDocument", "Syntax errors in policy.");
    let answer = bench.with(&[("Policy", &policy(2048))]).await;
    answer.refuses(400, "ValidationError", "1 validation error detected: Value '****' at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048");
    let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let full = policy(2048 - policy(0).len());
    assert_eq!(
        bench.with(&[("Policy", &full)]).await.status,
        StatusCode::OK
    );
    let answer = bench
        .with(&[("Policy", &full), ("PolicyArns.member.1.arn", arn)])
        .await;
    answer.refuses(
        400,
        "PackedPolicyTooLarge",
        "Packed policy consumes 101% of allotted space, please use smaller policy.",
    );
    let arns: Vec<String> = (1..=11)
        .map(|i| format!("PolicyArns.member.{i}.arn"))
        .collect();
    let arns: Vec<(&str, &str)> = arns.iter().map(|name| (name.as_str(), arn)).collect();
    assert_eq!(bench.with(&arns[..10]).await.status, StatusCode::OK);
    let answer = bench.with(&arns).await;
    answer.refuses(400, "ValidationError", "1 validation error detected: Value '[...]' at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to 10");
    let answer = bench
        .with(&[("PolicyArns.member.1.arn", "arn:aws:iam::aws:role/Something")])
        .await;
    answer.refuses(
        400,
        "ValidationError",
        "ARN arn:aws:iam::aws:role/Something is not valid.",
    );
}

#[actix_web::test]
async fn refuses_tags_that_do_not_pack() {
    let bench = bench();
    let random = || crate::crypto::random_token().unwrap();
    let answer = bench
        .changed(|a| {
            for index in 0..50 {
                let value: String = (0..5).map(|_| random()).collect();
                set(
                    a,
                    &format!("{}{index}", attribute::PRINCIPAL_TAG),
                    &[&value],
                );
            }
        })
        .await;
    assert_eq!(answer.text("Code").as_deref(), Some("PackedPolicyTooLarge"));
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

// GetCallerIdentity.

const CALLER: &str = "Action=GetCallerIdentity&Version=2011-06-15";

/// What a client signs with.
struct Signing<'a> {
    access_key_id: &'a str,
    secret: &'a str,
    token: Option<&'a str>,
    service: &'a str,
    at: DateTime<Utc>,
}

impl<'a> Signing<'a> {
    fn with(issued: &'a IssuedCredentials, at: DateTime<Utc>) -> Self {
        Self {
            access_key_id: &issued.access_key_id,
            secret: issued.secret_access_key.expose_secret(),
            token: Some(issued.session_token.expose_secret()),
            service: "sts",
            at,
        }
    }

    fn request(&self, body: &'static str) -> TestRequest {
        let token = self.token.map(str::to_owned);
        let identity =
            Credentials::new(self.access_key_id, self.secret, token, None, "test").into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name(self.service)
            .time(SystemTime::from(self.at))
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let headers = [FORM, ("host", "127.0.0.1:1234")];
        let signable = SignableRequest::new(
            "POST",
            "http://127.0.0.1:1234/sts",
            headers.into_iter(),
            SignableBody::Bytes(body.as_bytes()),
        );
        let (signed, _) = sign(signable.unwrap(), &parameters).unwrap().into_parts();
        let mut request = TestRequest::post().uri("/sts").set_payload(body);
        for header in headers.into_iter().chain(signed.headers()) {
            request = request.insert_header(header);
        }
        request
    }
}

impl Bench {
    async fn issued(&self) -> IssuedCredentials {
        let answer = self.changed(|_| {}).await;
        let found = self.register.find(&answer.text("AccessKeyId").unwrap());
        found.unwrap().as_ref().clone()
    }
}

#[actix_web::test]
async fn tells_whose_credentials_signed() {
    let bench = bench();
    let issued = bench.issued().await;
    let request = Signing::with(&issued, bench.clock.now()).request(CALLER);
    let answer = bench.send(request).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.xml);
    let arn = "arn:aws:sts::111111111111:assumed-role/Admin/alice";
    assert_eq!(answer.text("Arn").unwrap(), arn);
    assert_eq!(answer.text("UserId").unwrap(), issued.session.id());
    assert_eq!(answer.text("Account").unwrap(), ACCOUNT);
}

#[actix_web::test]
async fn refuses_an_unsigned_request_and_malformed_signatures() {
    let bench = bench();
    let request = || {
        TestRequest::post()
            .uri("/sts")
            .insert_header(FORM)
            .set_payload(CALLER)
    };
    let answer = bench.send(request()).await;
    answer.refuses(
        403,
        "MissingAuthenticationToken",
        "Request is missing Authentication Token",
    );
    for (value, message) in [
        ("Bearer x", "Unsupported AWS 'algorithm'."),
        (
            "AWS4-HMAC-SHA256 x",
            "Authorization header requires 'Credential' parameter.",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/b/c",
            "Credential must have exactly 5 slash-delimited elements",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/b/c/sts/aws4_request",
            "Authorization header requires 'SignedHeaders' parameter.",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/b/c/sts/aws4_request, SignedHeaders=host",
            "Authorization header requires 'Signature' parameter.",
        ),
    ] {
        let answer = bench
            .send(request().insert_header(("authorization", value)))
            .await;
        answer.refuses(400, "IncompleteSignature", message);
    }
}

#[actix_web::test]
async fn refuses_unknown_keys_and_tokens_of_others() {
    let bench = bench();
    let (issued, other) = (bench.issued().await, bench.issued().await);
    let signing = Signing::with(&issued, bench.clock.now());
    let message = "The security token included in the request is invalid.";
    for signing in [
        Signing {
            access_key_id: "ASIAAAAAAAAAAAAAAAAA",
            ..Signing::with(&issued, signing.at)
        },
        Signing {
            token: None,
            ..Signing::with(&issued, signing.at)
        },
        Signing {
            token: Some(other.session_token.expose_secret()),
            ..signing
        },
    ] {
        let answer = bench.send(signing.request(CALLER)).await;
        answer.refuses(403, "InvalidClientTokenId", message);
    }
}

#[actix_web::test]
async fn refuses_credentials_that_have_ended() {
    let bench = bench();
    let issued = bench.issued().await;
    bench.clock.advance(TimeDelta::hours(1));
    let answer = bench
        .send(Signing::with(&issued, bench.clock.now()).request(CALLER))
        .await;
    let message = "The security token included in the request is expired";
    answer.refuses(403, "ExpiredToken", message);
}

#[actix_web::test]
async fn refuses_signatures_that_do_not_match() {
    let bench = bench();
    let issued = bench.issued().await;
    let now = bench.clock.now();
    let mismatch = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
    let wrong_secret = Signing {
        secret: "wrong",
        ..Signing::with(&issued, now)
    };
    let answer = bench.send(wrong_secret.request(CALLER)).await;
    answer.refuses(403, "SignatureDoesNotMatch", mismatch);
    let changed_body = Signing::with(&issued, now)
        .request(CALLER)
        .set_payload("Action=GetCallerIdentity");
    bench
        .send(changed_body)
        .await
        .refuses(403, "SignatureDoesNotMatch", mismatch);
    let other_service = Signing {
        service: "iam",
        ..Signing::with(&issued, now)
    };
    let answer = bench.send(other_service.request(CALLER)).await;
    let message = "Credential should be scoped to correct service: 'sts'.";
    answer.refuses(403, "SignatureDoesNotMatch", message);
}

#[actix_web::test]
async fn refuses_signatures_of_another_time() {
    let bench = bench();
    let issued = bench.issued().await;
    for (minutes, words) in [
        (-6, "Signature expired: "),
        (6, "Signature not yet current: "),
    ] {
        let at = bench.clock.now() + TimeDelta::minutes(minutes);
        let answer = bench.send(Signing::with(&issued, at).request(CALLER)).await;
        assert_eq!(
            answer.text("Code").as_deref(),
            Some("SignatureDoesNotMatch")
        );
        assert!(answer.text("Message").unwrap().starts_with(words));
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
}
