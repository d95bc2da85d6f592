//! Tests of the requests that the embedded STS accepts and refuses, and the bench that the tests
//! share.

mod limits;
mod signatures;
mod users;
mod with_saml;

use std::collections::HashMap;
use std::time::SystemTime;

use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::Data;
use actix_web::{App, web};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
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
use crate::demo::user::User;
use crate::saml::encryption::DecryptionKey;
use crate::saml::response;
use crate::second_opinion;

const ACS: &str = "https://sp.example.com/saml/acs";
const ACCOUNT: &str = "111111111111";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The status and the XML of a response from the STS.
#[derive(Debug, PartialEq, Eq)]
struct Response {
    status: StatusCode,
    xml: String,
}

impl Response {
    /// The text of the element `name`. Panics if there are several such elements.
    fn text(&self, name: &str) -> Option<String> {
        let document = uppsala::parse(&self.xml).unwrap();
        let found = document.get_elements_by_tag_name(name);
        assert!(found.len() < 2, "{name} occurs twice");
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
        let clock = Clock::stopped(Clock::system().now().trunc_subsecs(0));
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

    /// Adds a decryption key to the SAML provider in IAM.
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

    async fn post(&self, form: &[(String, String)]) -> Response {
        let body = serde_urlencoded::to_string(form).unwrap();
        let request = TestRequest::post().uri("/sts").insert_header(FORM);
        let response = self.send(request.set_payload(body)).await;
        let assertion = form.iter().find(|(name, _)| name == "SAMLAssertion");
        if let Some((_, field)) = assertion.filter(|_| response.status == StatusCode::OK) {
            let certificates = [self.idp.key().certificate_der().to_vec()];
            let xml = response::decode(field).unwrap();
            if xml.contains("EncryptedAssertion") {
                second_opinion::assert_verifies(&xml, &certificates);
            } else {
                second_opinion::assert_agrees(&xml, &certificates);
            }
        }
        response
    }

    async fn send(&self, request: TestRequest) -> Response {
        let app = App::new()
            .app_data(self.sts.clone())
            .route("/sts", web::post().to(post));
        let response = call_service(&init_service(app).await, request.to_request()).await;
        let status = response.status();
        let request_id = response.headers().get("x-amzn-requestid").unwrap().clone();
        let xml = String::from_utf8(read_body(response).await.to_vec()).unwrap();
        let response = Response { status, xml };
        assert_eq!(
            response.text("RequestId").unwrap(),
            request_id.to_str().unwrap()
        );
        response
    }

    async fn redeem(&self, spec: &ResponseSpec) -> Response {
        self.post(&Self::form(&self.idp.form_field(spec).unwrap()))
            .await
    }

    /// The STS's response to a SAML response with a changed assertion.
    async fn changed(&self, change: impl FnOnce(&mut AssertionSpec)) -> Response {
        let mut spec = self.spec(&Self::person());
        change(spec.assertion.as_mut().unwrap());
        self.redeem(&spec).await
    }

    /// The STS's response to a form that contains a valid SAML response and `parameters`, which
    /// replace parameters with the same names.
    async fn with(&self, parameters: &[(&str, &str)]) -> Response {
        let field = self.idp.form_field(&self.spec(&Self::person())).unwrap();
        let mut form = Self::form(&field);
        for &(name, value) in parameters {
            form.retain(|(known, _)| known != name);
            form.push((name.to_owned(), value.to_owned()));
        }
        self.post(&form).await
    }

    async fn without(&self, name: &str) -> Response {
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

/// The credentials and settings with which a client signs a request.
struct Signing<'a> {
    access_key_id: &'a str,
    secret: &'a str,
    token: Option<&'a str>,
    service: &'a str,
    at: DateTime<Utc>,
}

impl<'a> Signing<'a> {
    fn of(user: &'a User, at: DateTime<Utc>) -> Self {
        Self {
            access_key_id: &user.access_key_id,
            secret: user.secret_access_key.expose_secret(),
            token: None,
            service: "sts",
            at,
        }
    }

    fn with(issued: &'a IssuedCredentials, at: DateTime<Utc>) -> Self {
        Self {
            access_key_id: &issued.access_key_id,
            secret: issued.secret_access_key.expose_secret(),
            token: Some(issued.session_token.expose_secret()),
            service: "sts",
            at,
        }
    }

    fn request(&self, body: &str) -> TestRequest {
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
        let mut request = TestRequest::post().uri("/sts").set_payload(body.to_owned());
        for header in headers.into_iter().chain(signed.headers()) {
            request = request.insert_header(header);
        }
        request
    }
}

#[actix_web::test]
async fn refuses_unknown_operations_and_bodies_that_are_no_form() {
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
