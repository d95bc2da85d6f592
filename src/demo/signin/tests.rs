use std::collections::BTreeMap;

use actix_web::App;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::{Data, get, post};
use chrono::{SubsecRound as _, TimeDelta};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use url::Url;

use super::{Signin, TOKEN_MINUTES, console, federation};
use crate::aws::signin::URL_LIFETIME;
use crate::clock::Clock;
use crate::demo::credentials::tests::session;
use crate::demo::credentials::{IssuedCredentials, Origin, Register, Session};

const CHINA: &str = "https://console.amazonaws.cn/ec2";
const ISSUER: &str = "https://sp.example.com/?role=a&b";

struct Response {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Response {
    fn refuses(&self, message: &str) {
        assert_eq!(self.body, message);
        assert_eq!(self.status.as_u16(), 400);
    }

    fn says_expired(&self, back: &str) {
        assert_eq!(self.status, StatusCode::BAD_REQUEST);
        assert!(
            self.body.contains("Your session has expired"),
            "{}",
            self.body
        );
        assert!(
            self.body.contains(&format!("href=\"{back}\"")),
            "{}",
            self.body
        );
        assert!(self.headers.get(header::SET_COOKIE).is_none());
    }
}

struct Bench {
    clock: Clock,
    register: Register,
    signin: Data<Signin>,
}

impl Bench {
    fn new() -> Self {
        let clock = Clock::stopped(Clock::system().now().trunc_subsecs(0));
        let register = Register::default();
        let signin = Signin::new(
            Url::parse("http://127.0.0.1:8081/").unwrap(),
            "http://localhost:8080/".to_owned(),
            BTreeMap::from([("111111111111".to_owned(), "production".to_owned())]),
            register.clone(),
            clock.clone(),
        );
        Self {
            clock,
            register,
            signin: Data::new(signin),
        }
    }

    fn issued(&self, session: Session) -> IssuedCredentials {
        let expires = self.clock.now() + TimeDelta::hours(1);
        self.register
            .issue(session, expires)
            .unwrap()
            .as_ref()
            .clone()
    }

    async fn send(&self, request: TestRequest) -> Response {
        let app = App::new()
            .app_data(self.signin.clone())
            .route("/signin/federation", get().to(federation))
            .route("/signin/federation", post().to(federation))
            .route("/console/{page:.*}", get().to(console));
        let response = call_service(&init_service(app).await, request.to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = String::from_utf8(read_body(response).await.to_vec()).unwrap();
        Response {
            status,
            headers,
            body,
        }
    }

    async fn post(&self, parameters: &[(&str, &str)]) -> Response {
        let body = serde_urlencoded::to_string(parameters).unwrap();
        self.send(
            TestRequest::post()
                .uri("/signin/federation")
                .set_payload(body),
        )
        .await
    }

    async fn get(&self, parameters: &[(&str, &str)]) -> Response {
        let query = serde_urlencoded::to_string(parameters).unwrap();
        self.send(TestRequest::with_uri(&format!(
            "/signin/federation?{query}"
        )))
        .await
    }

    async fn token_for(&self, session: &str, more: &[(&str, &str)]) -> Response {
        let parameters = [
            ("Action", "getSigninToken"),
            ("SessionType", "json"),
            ("Session", session),
        ];
        self.post(&[&parameters, more].concat()).await
    }

    async fn token(&self, more: &[(&str, &str)]) -> String {
        let response = self.token_for(&text(&self.issued(session())), more).await;
        let response: Value = serde_json::from_str(&response.body).unwrap();
        response["SigninToken"].as_str().unwrap().to_owned()
    }

    async fn login(&self, token: &str, destination: &str) -> Response {
        self.get(&[
            ("Action", "login"),
            ("Issuer", ISSUER),
            ("Destination", destination),
            ("SigninToken", token),
        ])
        .await
    }

    async fn visit(&self, login: &Response) -> Response {
        let cookie = login.headers.get(header::SET_COOKIE).unwrap();
        let (cookie, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
        assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax"));
        let home = login.headers.get(header::LOCATION).unwrap();
        let request = TestRequest::with_uri(home.to_str().unwrap());
        self.send(request.insert_header((header::COOKIE, cookie)))
            .await
    }
}

fn json(issued: &IssuedCredentials) -> Value {
    json!({
        "sessionId": issued.access_key_id,
        "sessionKey": issued.secret_access_key.expose_secret(),
        "sessionToken": issued.session_token.expose_secret(),
    })
}

fn text(issued: &IssuedCredentials) -> String {
    json(issued).to_string()
}

#[actix_web::test]
async fn credentials_lead_to_the_console() {
    let bench = Bench::new();
    let session = Session {
        tags: vec![("Team".to_owned(), "<Ops>".to_owned())],
        source_identity: Some("alice@hr".to_owned()),
        ..session()
    };
    let response = bench.token_for(&text(&bench.issued(session)), &[]).await;
    assert_eq!(response.status, StatusCode::OK);
    let content_type = response.headers.get(header::CONTENT_TYPE).unwrap();
    assert_eq!(content_type, "application/json");
    let response: BTreeMap<String, String> = serde_json::from_str(&response.body).unwrap();
    assert_eq!(response.len(), 1);
    let login = bench.login(&response["SigninToken"], CHINA).await;
    assert_eq!(login.status, StatusCode::FOUND);
    let console = bench.visit(&login).await;
    assert_eq!(console.status, StatusCode::OK);
    for shown in [
        "production",
        "111111111111",
        "arn:aws-cn:iam::111111111111:role/Admin",
        "alice@hr",
        "Team",
        "&#60;Ops&#62;",
        CHINA,
        "https://sp.example.com/?role=a&#38;b",
    ] {
        assert!(console.body.contains(shown), "{shown}: {}", console.body);
    }
}

#[actix_web::test]
async fn a_signin_token_is_given_by_get_as_well() {
    let bench = Bench::new();
    let issued = text(&bench.issued(session()));
    let response = bench
        .get(&[("Action", "getSigninToken"), ("Session", &issued)])
        .await;
    assert_eq!(response.status, StatusCode::OK, "{}", response.body);
}

#[actix_web::test]
async fn refuses_unknown_actions_and_bodies_that_are_no_form() {
    let bench = Bench::new();
    let message = "Action must be getSigninToken or login";
    bench.post(&[]).await.refuses(message);
    bench.get(&[("Action", "logout")]).await.refuses(message);
    let request = TestRequest::post().uri("/signin/federation");
    let response = bench
        .send(request.set_payload(&b"Action=%ff\xff"[..]))
        .await;
    assert_eq!(response.status, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn refuses_other_session_types() {
    let bench = Bench::new();
    let issued = text(&bench.issued(session()));
    let parameters = [
        ("Action", "getSigninToken"),
        ("SessionType", "xml"),
        ("Session", &issued),
    ];
    bench
        .post(&parameters)
        .await
        .refuses("SessionType must be json");
}

#[actix_web::test]
async fn refuses_a_session_without_exactly_three_fields() {
    let bench = Bench::new();
    let good = json(&bench.issued(session()));
    let mut more = good.clone();
    more["region"] = "us-east-1".into();
    let mut less = good.clone();
    less.as_object_mut().unwrap().remove("sessionToken");
    let mut number = good;
    number["sessionId"] = 1.into();
    let message =
        "Session must be a JSON object with exactly sessionId, sessionKey and sessionToken";
    for wrong in [
        more.to_string(),
        less.to_string(),
        number.to_string(),
        String::new(),
    ] {
        bench.token_for(&wrong, &[]).await.refuses(message);
    }
}

#[actix_web::test]
async fn refuses_credentials_that_were_not_issued_together() {
    let bench = Bench::new();
    let (one, other) = (bench.issued(session()), json(&bench.issued(session())));
    for field in ["sessionId", "sessionKey", "sessionToken"] {
        let mut mixed = json(&one);
        mixed[field] = other[field].clone();
        let response = bench.token_for(&mixed.to_string(), &[]).await;
        response.refuses("the credentials are not valid");
    }
    let mut unknown = json(&one);
    unknown["sessionId"] = "ASIAAAAAAAAAAAAAAAAA".into();
    let response = bench.token_for(&unknown.to_string(), &[]).await;
    response.refuses("the credentials are not valid");
}

#[actix_web::test]
async fn refuses_expired_credentials() {
    let bench = Bench::new();
    let issued = text(&bench.issued(session()));
    bench.clock.advance(TimeDelta::hours(1));
    let response = bench.token_for(&issued, &[]).await;
    response.refuses("the credentials have expired");
}

#[actix_web::test]
async fn refuses_session_durations_out_of_range() {
    let bench = Bench::new();
    let issued = text(&bench.issued(session()));
    for (seconds, status) in [
        ("899", 400),
        ("900", 200),
        ("43200", 200),
        ("43201", 400),
        ("x", 400),
    ] {
        let response = bench
            .token_for(&issued, &[("SessionDuration", seconds)])
            .await;
        assert_eq!(response.status.as_u16(), status, "{seconds}");
        if status == 400 {
            response.refuses("SessionDuration must be between 900 and 43200");
        }
    }
}

#[actix_web::test]
async fn refuses_a_session_duration_for_credentials_that_allow_none() {
    let bench = Bench::new();
    for origin in [Origin::RoleChaining, Origin::FederationToken] {
        let issued = text(&bench.issued(Session {
            origin,
            ..session()
        }));
        let response = bench
            .token_for(&issued, &[("SessionDuration", "3600")])
            .await;
        response.refuses("SessionDuration cannot be used with these credentials");
        assert_eq!(bench.token_for(&issued, &[]).await.status, StatusCode::OK);
    }
}

#[actix_web::test]
async fn refuses_credentials_that_have_no_console() {
    let bench = Bench::new();
    for origin in [Origin::SessionToken, Origin::AssumeRoot] {
        let issued = text(&bench.issued(Session {
            origin,
            ..session()
        }));
        let response = bench.token_for(&issued, &[]).await;
        response.refuses("the credentials cannot be used for the console");
    }
}

#[actix_web::test]
async fn a_signin_token_works_once() {
    let bench = Bench::new();
    let token = bench.token(&[]).await;
    assert_eq!(bench.login(&token, CHINA).await.status, StatusCode::FOUND);
    let again = bench.login(&token, CHINA).await;
    again.says_expired("https://sp.example.com/?role=a&#38;b");
    bench
        .login("made-up", CHINA)
        .await
        .says_expired("https://sp.example.com/?role=a&#38;b");
}

#[actix_web::test]
async fn a_signin_token_works_for_fifteen_minutes() {
    let bench = Bench::new();
    let (first, second) = (bench.token(&[]).await, bench.token(&[]).await);
    bench.clock.advance(TimeDelta::seconds(14 * 60 + 59));
    assert_eq!(bench.login(&first, CHINA).await.status, StatusCode::FOUND);
    bench.clock.advance(TimeDelta::seconds(2));
    bench
        .login(&second, CHINA)
        .await
        .says_expired("https://sp.example.com/?role=a&#38;b");
}

#[actix_web::test]
async fn an_issuer_that_is_no_web_address_is_not_linked() {
    let bench = Bench::new();
    let response = bench
        .get(&[("Action", "login"), ("Issuer", "javascript:alert(1)")])
        .await;
    response.says_expired("http://localhost:8080/");
}

#[actix_web::test]
async fn refuses_destinations_outside_the_console_of_the_partition() {
    let bench = Bench::new();
    for destination in [
        "",
        "https://console.aws.amazon.com/",
        "http://console.amazonaws.cn/",
        "https://console.amazonaws.cn:8443/",
        "https://console.amazonaws.cn.example.com/",
        "https://example.com/",
        "javascript:alert(1)",
        "http://127.0.0.1:8082/console/home",
        "http://127.0.0.1:8081/idp/sso",
    ] {
        let token = bench.token(&[]).await;
        let response = bench.login(&token, destination).await;
        response
            .refuses("Destination must be in the partition's console or in the embedded console");
    }
    for destination in [CHINA, "http://127.0.0.1:8081/console/ec2?a=b"] {
        let token = bench.token(&[]).await;
        let response = bench.login(&token, destination).await;
        assert_eq!(response.status, StatusCode::FOUND, "{destination}");
    }
}

#[actix_web::test]
async fn the_console_session_ends_with_its_credentials_or_its_own_duration() {
    let bench = Bench::new();
    for (more, seconds) in [(&[][..], 3600), (&[("SessionDuration", "7200")][..], 7200)] {
        let token = bench.token(more).await;
        let login = bench.login(&token, CHINA).await;
        bench.clock.advance(TimeDelta::seconds(seconds - 5));
        assert_eq!(bench.visit(&login).await.status, StatusCode::OK);
        bench.clock.advance(TimeDelta::seconds(6));
        bench
            .visit(&login)
            .await
            .says_expired("https://sp.example.com/?role=a&#38;b");
    }
}

#[actix_web::test]
async fn without_a_cookie_nobody_is_signed_in_to_the_console() {
    let bench = Bench::new();
    let response = bench.send(TestRequest::with_uri("/console/home")).await;
    response.says_expired("http://localhost:8080/");
}

#[test]
fn debug_output_holds_no_secret() {
    let bench = Bench::new();
    let issued = bench.issued(session());
    let shown = format!("{:?} {:?}", bench.register, issued);
    for secret in [&issued.secret_access_key, &issued.session_token] {
        assert!(!shown.contains(secret.expose_secret()));
    }
}

/// The lifetime of a token from the embedded endpoint must match the lifetime of a sign-in URL that
/// the broker shows to people.
#[test]
fn a_signin_token_is_valid_as_long_as_a_sign_in_url() {
    assert_eq!(TimeDelta::minutes(TOKEN_MINUTES), URL_LIFETIME);
}
