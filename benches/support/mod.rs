//! Helpers for benchmarks of the whole service: the real program, an IdP, an embedded AWS, and
//! people who sign in.

#![allow(dead_code, reason = "each benchmark uses only part of it")]

pub mod http;
pub mod program;

use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rolecall::clock::Clock;
use rolecall::demo::idp::{EmbeddedIdp, RelyingParty, Signed, SigningOptions, encode};
use rolecall::demo::people::{Person, attribute};
use rolecall::demo::role::Role;
use rolecall::demo::{EmbeddedParts, Settings};
use url::Url;

use http::{Connection, get, post};

/// The number of roles in the embedded AWS.
pub const MOST_ROLES: usize = 500;
const PROVIDER: &str = "corp";

/// The services that the program needs: an identity provider, and an embedded AWS with 500 roles.
pub struct Partners {
    parts: EmbeddedParts,
    sp: RelyingParty,
    clock: Clock,
}

impl Partners {
    /// Starts the services for the program at this address. Requires a Tokio runtime.
    pub fn start(program: SocketAddr) -> Self {
        let clock = Clock::system();
        let sp = RelyingParty {
            entity_id: format!("http://localhost:{}/saml/metadata", program.port()),
            acs_url: format!("http://localhost:{}/saml/acs", program.port()),
        };
        let roles = (0..MOST_ROLES).map(|number| {
            let (account, name) = (account_of(number), name_of(number));
            Role::new("aws", &account, &name, PROVIDER, &sp.acs_url)
        });
        let settings = Settings {
            roles: roles.collect(),
            ..Settings::new(sp.clone(), clock.clone())
        };
        let parts = EmbeddedParts::start(settings).expect("the embedded parts start");
        Self { parts, sp, clock }
    }

    /// The IdP in the program's configuration.
    pub fn idp(&self) -> &EmbeddedIdp {
        self.parts.idp()
    }

    /// An impostor: an IdP with the configured IdP's entity ID, but with a different key.
    pub fn stranger(&self) -> EmbeddedIdp {
        let known = self.idp();
        let (entity_id, sso_url) = (known.entity_id(), known.sso_url().clone());
        EmbeddedIdp::new(entity_id, sso_url, self.clock.now()).expect("a key")
    }

    /// The metadata of the configured IdP.
    pub fn metadata(&self) -> String {
        self.idp().metadata_xml().expect("metadata")
    }

    /// Lines for the `[aws]` section that connect the program to the embedded AWS.
    pub fn aws(&self) -> String {
        format!("sts_endpoint = \"{}\"", self.parts.sts_endpoint())
    }

    /// The form field of a response from `idp` for person `number` with this many roles. Only the
    /// assertion is signed.
    pub fn response(
        &self,
        idp: &EmbeddedIdp,
        number: usize,
        roles: usize,
        request: Option<&str>,
    ) -> String {
        let id = format!("person-{number}");
        let person = Person::new(&id, "A person")
            .with_attribute(attribute::ROLE, role_values(roles))
            .with_attribute(attribute::ROLE_SESSION_NAME, [format!("{id}@example.com")]);
        let spec = idp.response(&person, &self.sp, request, self.clock.now());
        let xml = idp.signed_xml(&spec, Signed::Assertion, &SigningOptions::default());
        encode(&xml.expect("the IdP signs"))
    }

    /// The number of roles for which a response has about this size, in bytes of XML.
    pub fn roles_of_size(&self, bytes: usize) -> usize {
        let size = |roles| {
            let field = self.response(self.idp(), 0, roles, Some("_request"));
            field.len() / 4 * 3
        };
        let each = (size(101) - size(1)) / 100;
        1 + (bytes - size(1)) / each
    }
}

/// The account ID of role `number`; each account has five roles.
fn account_of(number: usize) -> String {
    (100_000_000_000 + number / 5).to_string()
}

fn name_of(number: usize) -> String {
    format!("team-role-{number}")
}

/// The values of the Role attribute for the first `roles` roles.
pub fn role_values(roles: usize) -> impl Iterator<Item = String> {
    (0..roles).map(|number| {
        let (account, name) = (account_of(number), name_of(number));
        format!(
            "arn:aws:iam::{account}:role/{name},arn:aws:iam::{account}:saml-provider/{PROVIDER}"
        )
    })
}

/// A login in progress: an AuthnRequest that rolecall has sent.
pub struct SentRequest {
    request_id: String,
    relay_state: String,
    cookie: String,
}

/// A login for which the IdP has created its response.
pub struct Responded {
    /// The POST request to the ACS.
    pub post: Vec<u8>,
    /// The cookie that ties the browser to the login.
    pub cookie: String,
}

impl SentRequest {
    /// Begins a login with `GET /login`.
    pub async fn ask(connection: &mut Connection) -> Self {
        let response = connection.send(&get("/login?idp=corp", "")).await;
        let response = response.expect("a response");
        let to_idp = Url::parse(response.location()).expect("a URL");
        let field = |name: &str| {
            let mut fields = to_idp.query_pairs();
            let field = fields.find(|(key, _)| key == name);
            field.expect("a field").1.into_owned()
        };
        Self {
            request_id: request_id(&field("SAMLRequest")),
            relay_state: field("RelayState"),
            cookie: response.cookie("rolecall-login"),
        }
    }

    /// Creates the IdP's response for person `number` with this many roles.
    pub fn answered(self, partners: &Partners, number: usize, roles: usize) -> Responded {
        let idp = partners.idp();
        let response = partners.response(idp, number, roles, Some(&self.request_id));
        let fields = [
            ("SAMLResponse", response.as_str()),
            ("RelayState", &self.relay_state),
        ];
        Responded {
            post: post("/saml/acs", "", &fields),
            cookie: self.cookie,
        }
    }
}

/// The result of a login.
pub enum Login {
    /// The login succeeded; contains the session cookie.
    Session(String),
    /// The service was too busy; contains the value of `Retry-After`.
    Busy(String),
}

impl Responded {
    /// Posts the response to the ACS and follows the redirect that begins the session.
    pub async fn finish(&self, connection: &mut Connection) -> Login {
        let posted = connection.send(&self.post).await.expect("a response");
        let retry_after = |response: &http::Response| {
            let value = response.header("retry-after");
            value.expect("a Retry-After header").to_owned()
        };
        if posted.status == 503 {
            return Login::Busy(retry_after(&posted));
        }
        let finished = connection.send(&get(posted.location(), &self.cookie)).await;
        let finished = finished.expect("a response");
        if finished.status == 503 {
            return Login::Busy(retry_after(&finished));
        }
        Login::Session(finished.cookie("rolecall"))
    }
}

/// Signs a person in on a new connection, from `/login` to the portal.
pub async fn sign_in(partners: &Partners, number: usize, from: Ipv4Addr, to: SocketAddr) {
    let mut connection = Connection::open(from, to).await.expect("a connection");
    let asked = SentRequest::ask(&mut connection).await;
    let login = asked.answered(partners, number, 1);
    let Login::Session(cookie) = login.finish(&mut connection).await else {
        panic!("the service was too busy")
    };
    let portal = connection.send(&get("/", &cookie)).await;
    assert_eq!(portal.expect("a response").status, 200, "the portal");
}

fn request_id(request: &str) -> String {
    let octets = STANDARD.decode(request).expect("base64");
    let mut xml = String::new();
    flate2::read::DeflateDecoder::new(&*octets)
        .read_to_string(&mut xml)
        .expect("deflated data");
    let request = xml.parse::<samael::schema::AuthnRequest>();
    request.expect("a request").id
}

#[derive(Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub fn longer_than(&self, limit: Duration) -> usize {
        self.0.iter().filter(|time| **time > limit).count()
    }

    /// The percentile `thousandths / 10`: `within(990)` is the 99th percentile.
    pub fn within(&mut self, thousandths: usize) -> Duration {
        self.0.sort_unstable();
        let last = self
            .0
            .len()
            .checked_sub(1)
            .expect("at least one measurement");
        self.0[last * thousandths / 1_000]
    }

    /// The median, the 99th and 99.9th percentiles, and the maximum.
    pub fn summary(&mut self) -> String {
        format!(
            "p50 {:?}, p99 {:?}, p99.9 {:?}, slowest {:?}",
            self.within(500),
            self.within(990),
            self.within(999),
            self.within(1_000)
        )
    }
}

impl IntoIterator for Times {
    type Item = Duration;
    type IntoIter = std::vec::IntoIter<Duration>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Extend<Duration> for Times {
    fn extend<T: IntoIterator<Item = Duration>>(&mut self, times: T) {
        self.0.extend(times);
    }
}
