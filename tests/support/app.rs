//! The whole application, listening on free ports of this machine, with the tests' own IdPs.

use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SubsecRound as _, Utc};
use flate2::read::DeflateDecoder;
use rolecall::clock::Clock;
use rolecall::config::{Config, Source};
use rolecall::demo::idp::{EmbeddedIdp, RelyingParty, ResponseSpec};
use rolecall::demo::people::Person;
use rolecall::demo::role::Role;
use rolecall::demo::sts::{OidcProvider, RootAccess};
use rolecall::demo::user::User;
use rolecall::demo::{EmbeddedParts, Settings};
use rolecall::saml::metadata::IdpMetadata;
use rolecall::saml::response::decode;
use rolecall::server::{Application, Handle, Listeners};
use samael::schema::AuthnRequest;
use serde_json::Value;
use tempfile::TempDir;
use url::Url;

use super::key_pair::KeyPair;
use super::second_opinion;
use super::user_agent::{Page, UserAgent};

/// The first IdP's entity ID.
pub const IDP: &str = "https://idp.example.com/metadata";
/// The second IdP's entity ID.
pub const OTHER_IDP: &str = "https://other-idp.example.com/metadata";

/// How an application under test differs from the default.
#[derive(Clone, Default)]
pub struct Options {
    /// Lines for `[http]`.
    pub http: String,
    /// Lines for the first `[[idp]]`.
    pub idp: String,
    /// Lines for `[aws]`.
    pub aws: String,
    /// Lines for `[session]`.
    pub session: String,
    /// Tables at the end of the configuration.
    pub more: String,
    /// The file for the audit trail; `None` means `audit.jsonl` in the configuration's folder.
    pub audit: Option<PathBuf>,
    /// Whether the second IdP is configured.
    pub two_idps: bool,
    /// The metadata for the first `[[idp]]`; `None` means the metadata of [`first_idp`].
    pub metadata: Option<String>,
    /// `metadata_url` of the first `[[idp]]`; `None` means that the metadata is in a file.
    pub metadata_url: Option<String>,
    /// Names and contents of files in the configuration's folder.
    pub files: Vec<(String, String)>,
    /// Lines for `[limits]`.
    pub limits: String,
    /// The TLS key and certificate; `None` means plain HTTP.
    pub tls: Option<KeyPair>,
    /// The key that signs rolecall's messages.
    pub key: Option<KeyPair>,
    /// The key with which rolecall decrypts assertions.
    pub encryption_key: Option<KeyPair>,
    /// Given the ACS URL, makes the roles of the embedded AWS; `None` means no embedded AWS.
    pub roles: Option<fn(&str) -> Vec<Role>>,
    /// The IAM users of the embedded AWS.
    pub users: Vec<User>,
    /// The organization with centralized root access (`AssumeRoot`) in the embedded AWS, if any.
    pub root_access: Option<RootAccess>,
}

pub struct TestApp {
    /// `http://localhost:PORT`, or `https://localhost:PORT` with [`Options::tls`].
    pub url: String,
    /// `http://127.0.0.1:PORT`, the internal listener with the health checks.
    pub internal_url: String,
    /// The application's clock. It stands still at a whole second, and moves only when a test
    /// advances it.
    pub clock: Clock,
    pub idp: &'static EmbeddedIdp,
    /// The second IdP, which is configured only with `two_idps`.
    pub other_idp: &'static EmbeddedIdp,
    /// `None` unless [`Options::roles`] is set.
    pub aws: Option<EmbeddedParts>,
    certificates: Vec<Vec<u8>>,
    handle: Handle,
    audit: PathBuf,
    directory: TempDir,
}

/// A login in progress: the AuthnRequest that rolecall sent to the IdP.
pub struct Started {
    /// The ID of the AuthnRequest.
    pub request_id: String,
    /// The RelayState that the IdP must return.
    pub relay_state: String,
    pub request: AuthnRequest,
    /// The IdP's URL that rolecall redirected the browser to.
    pub url: Url,
}

impl TestApp {
    pub fn start() -> Self {
        Self::start_with(Options::default())
    }

    pub fn start_with(mut options: Options) -> Self {
        let directory = tempfile::tempdir().expect("the temporary folder is writable");
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listeners = Listeners::bind(free, free).expect("127.0.0.1 has free ports");
        let (public, internal) = listeners.addresses().expect("bound sockets");
        let (idp, other_idp) = (first_idp(), second_idp());
        let own = |idp: &EmbeddedIdp| idp.metadata_xml().expect("the metadata can be written");
        let metadata = options.metadata.clone().unwrap_or_else(|| own(idp));
        let write = |name: &str, text: &str| {
            std::fs::write(directory.path().join(name), text).expect("a file can be written");
        };
        write("idp.xml", &metadata);
        write("other-idp.xml", &own(other_idp));
        std::fs::create_dir(directory.path().join("kept")).expect("a folder can be created");
        for (name, text) in &options.files {
            write(name, text);
        }
        if let Some(tls) = &options.tls {
            write("tls.key", &tls.key_pem);
            write("tls.crt", &tls.certificate_pem);
            options
                .http
                .push_str("\ntls_key_file = \"tls.key\"\ntls_certificate_file = \"tls.crt\"");
        }
        if let Some(key) = &options.key {
            write("sp.key", &key.key_pem);
            write("sp.crt", &key.certificate_pem);
        }
        if let Some(key) = &options.encryption_key {
            write("sp-encryption.key", &key.key_pem);
            write("sp-encryption.crt", &key.certificate_pem);
        }
        let certificates = [metadata, own(other_idp)]
            .iter()
            .flat_map(|text| {
                IdpMetadata::parse(text, None)
                    .expect("valid metadata")
                    .signing_certificates
            })
            .collect();
        let scheme = if options.tls.is_some() {
            "https"
        } else {
            "http"
        };
        let url = format!("{scheme}://localhost:{}", public.port());
        let clock = Clock::stopped(Clock::system().now().trunc_subsecs(0));
        let aws = options
            .roles
            .map(|roles| embedded_aws(&url, roles, &options, idp, &clock));
        if let Some(aws) = &aws {
            let (sts, signin) = (aws.sts_endpoint(), aws.signin_endpoint());
            let lines = [
                format!("sts_endpoint = \"{sts}\"\n"),
                format!("signin_endpoint = \"{signin}\"\n"),
            ];
            options.aws.extend(lines);
        }
        let audit = directory.path().join("audit.jsonl");
        let audit = options.audit.get_or_insert(audit).clone();
        let file = directory.path().join("rolecall.toml");
        std::fs::write(&file, configuration(&url, &options)).expect("a file can be written");
        let config = Config::load(&file, [])
            .unwrap_or_else(|mistakes| panic!("the test's configuration is invalid:\n{mistakes}"));
        let application = Application::build_on(listeners, &config, clock.clone())
            .unwrap_or_else(|error| panic!("the application does not start: {error}"))
            .reloading_from(Source::new(file, Vec::new()));
        let handle = application.handle();
        actix_web::rt::spawn(application.run_until_stopped());
        Self {
            url,
            internal_url: format!("http://{internal}"),
            clock,
            idp,
            other_idp,
            certificates,
            aws,
            handle,
            audit,
            directory,
        }
    }

    /// Stops the application, and waits until it has stopped.
    pub async fn stop(&self) {
        self.handle.stop().await;
    }

    /// Writes a file to the configuration's folder.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.directory.path().join(name), text).expect("a file can be written");
    }

    /// The path of a file in the configuration's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The contents of a file in the configuration's folder, if it exists.
    pub fn read(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.directory.path().join(name)).ok()
    }

    /// The handle with which a test reloads and stops the application.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// The URL of `path` on the public listener.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The application's entity ID, and the ACS URL that IdPs send responses to.
    pub fn relying_party(&self) -> RelyingParty {
        RelyingParty {
            entity_id: self.at("/saml/metadata"),
            acs_url: self.at("/saml/acs"),
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// All audit lines that the application has written, without the lines about the trail itself.
    pub fn audit(&self) -> Vec<Value> {
        let text = self.audit_text();
        let lines = text.lines().map(serde_json::from_str::<Value>);
        let lines = lines.map(|line| line.expect("a line is JSON"));
        let is_marker = |line: &Value| {
            let event = line["event"].as_str();
            event.is_some_and(|event| event.starts_with("trail_"))
        };
        lines.filter(|line| !is_marker(line)).collect()
    }

    /// The text of the audit trail file.
    pub fn audit_text(&self) -> String {
        std::fs::read_to_string(&self.audit).expect("there is an audit trail")
    }

    #[track_caller]
    pub fn last_audit(&self) -> Value {
        self.audit().pop().expect("there is an audit line")
    }

    /// Begins a login at the first IdP.
    pub async fn begin(&self, agent: &UserAgent) -> Started {
        self.begin_at(agent, "/login?idp=corp").await
    }

    /// Begins a login by opening `path`, which must redirect to an IdP.
    pub async fn begin_at(&self, agent: &UserAgent, path: &str) -> Started {
        Started::from_redirect(&agent.get(self.at(path)).await)
    }

    /// The first IdP's response to the AuthnRequest in `started`, with an assertion about `person`.
    pub fn respond(&self, person: &Person, started: &Started) -> ResponseSpec {
        self.idp.response(
            person,
            &self.relying_party(),
            Some(&started.request_id),
            self.now(),
        )
    }

    /// The form fields for a POST of the first IdP's response to the ACS.
    pub fn form(&self, spec: &ResponseSpec, relay_state: &str) -> Vec<(String, String)> {
        let field = self.idp.form_field(spec).expect("the test's IdP signs");
        fields(&field, relay_state)
    }

    /// Posts a form to the ACS. If rolecall accepts the SAML response, asserts that the
    /// [`second_opinion`] agrees.
    pub async fn post_acs(&self, agent: &UserAgent, form: &[(String, String)]) -> Page {
        let page = agent.post_form(self.at("/saml/acs"), form).await;
        if page.redirect().is_some() {
            self.assert_agreed(form);
        }
        page
    }

    /// Like [`post_acs`](Self::post_acs), but follows the redirects before asking for the second
    /// opinion. The second opinion is slow for long messages, and an accepted login waits only two
    /// minutes for its browser.
    pub async fn finish(&self, agent: &UserAgent, form: &[(String, String)]) -> Page {
        let page = agent.post_form(self.at("/saml/acs"), form).await;
        let is_accepted = page.redirect().is_some();
        let page = agent.follow(page).await;
        if is_accepted {
            self.assert_agreed(form);
        }
        page
    }

    /// Asserts that the second opinion agrees with rolecall about a form that rolecall accepted.
    /// For an encrypted assertion, checks only the Response's signature, if there is one.
    pub fn assert_agreed(&self, form: &[(String, String)]) {
        let field = form.iter().find(|(name, _)| name == "SAMLResponse");
        let xml = decode(&field.expect("a SAMLResponse").1).expect("base64");
        let is_signed = xml.contains("<SignedInfo") || xml.contains(":SignedInfo");
        if !xml.contains("EncryptedAssertion") {
            second_opinion::assert_agrees(&xml, &self.certificates);
        } else if is_signed {
            second_opinion::assert_verifies(&xml, &self.certificates);
        }
    }

    /// Signs `person` in at the second IdP.
    pub async fn sign_in_at_the_other(&self, agent: &UserAgent, person: &Person) -> Page {
        let started = self.begin_at(agent, "/login?idp=other").await;
        let request_id = Some(started.request_id.as_str());
        let spec = self
            .other_idp
            .response(person, &self.relying_party(), request_id, self.now());
        let field = self.other_idp.form_field(&spec).expect("the IdP signs");
        self.finish(agent, &fields(&field, &started.relay_state))
            .await
    }

    /// Signs `person` in at the first IdP, and returns the last page, which is usually the portal.
    pub async fn sign_in(&self, agent: &UserAgent, person: &Person) -> Page {
        let started = self.begin(agent).await;
        let form = self.form(&self.respond(person, &started), &started.relay_state);
        self.finish(agent, &form).await
    }
}

impl Started {
    /// Reads the AuthnRequest from a redirect to the IdP.
    pub fn from_redirect(page: &Page) -> Self {
        let url = page.redirect();
        Self::from_url(url.unwrap_or_else(|| panic!("no redirect to the IdP: {page}")))
    }

    /// Reads the AuthnRequest from the URL of a redirect to the IdP.
    pub fn from_url(url: Url) -> Self {
        let field = |name: &str| {
            url.query_pairs()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        let deflated = STANDARD
            .decode(field("SAMLRequest").expect("a request"))
            .expect("base64");
        let mut xml = String::new();
        DeflateDecoder::new(&*deflated)
            .read_to_string(&mut xml)
            .expect("deflated UTF-8");
        let request: AuthnRequest = xml.parse().expect("an AuthnRequest");
        Self {
            request_id: request.id.clone(),
            relay_state: field("RelayState").expect("a RelayState"),
            request,
            url,
        }
    }
}

/// The fields of the form that is posted to the ACS. An empty RelayState is omitted.
pub fn fields(saml_response: &str, relay_state: &str) -> Vec<(String, String)> {
    let mut fields = vec![("SAMLResponse".to_owned(), saml_response.to_owned())];
    if !relay_state.is_empty() {
        fields.push(("RelayState".to_owned(), relay_state.to_owned()));
    }
    fields
}

/// A person with one role.
pub fn person(name: &str) -> Person {
    Person::new(name, name)
        .with_attribute(
            super::saml::ROLE,
            ["arn:aws:iam::111111111111:role/reader,arn:aws:iam::111111111111:saml-provider/corp"],
        )
        .with_attribute(super::saml::ROLE_SESSION_NAME, [name])
}

/// An embedded AWS. All its SAML providers have the metadata of `idp`.
fn embedded_aws(
    url: &str,
    roles: fn(&str) -> Vec<Role>,
    options: &Options,
    idp: &EmbeddedIdp,
    clock: &Clock,
) -> EmbeddedParts {
    let relying_party = RelyingParty {
        entity_id: format!("{url}/saml/metadata"),
        acs_url: format!("{url}/saml/acs"),
    };
    let roles = roles(&relying_party.acs_url);
    let metadata = idp.metadata_xml().expect("the metadata can be written");
    let trusted = roles.iter().flat_map(|role| &role.trust.providers);
    let providers = trusted.map(|arn| (arn.clone(), metadata.clone())).collect();
    let settings = Settings {
        roles,
        users: options.users.clone(),
        root_access: options.root_access.clone(),
        oidc_providers: vec![OidcProvider {
            arn: oidc_provider(url),
            url: url.to_owned(),
            client_ids: vec!["sts.amazonaws.com".to_owned()],
        }],
        providers,
        ..Settings::new(relying_party, clock.clone())
    };
    EmbeddedParts::start(settings).expect("the embedded parts start")
}

/// The ARN of the OpenID Connect provider that represents the application in IAM.
pub fn oidc_provider(url: &str) -> String {
    let (_, host) = url.split_once("://").expect("a URL");
    format!("arn:aws:iam::111111111111:oidc-provider/{host}")
}

/// The first of two IdPs that all tests share, because generating a key is slow.
pub fn first_idp() -> &'static EmbeddedIdp {
    static IDENTITY_PROVIDER: OnceLock<EmbeddedIdp> = OnceLock::new();
    IDENTITY_PROVIDER.get_or_init(|| idp(IDP))
}

fn second_idp() -> &'static EmbeddedIdp {
    static IDENTITY_PROVIDER: OnceLock<EmbeddedIdp> = OnceLock::new();
    IDENTITY_PROVIDER.get_or_init(|| idp(OTHER_IDP))
}

fn idp(entity_id: &str) -> EmbeddedIdp {
    let sso = Url::parse("https://idp.example.com/sso?tenant=a%26b").expect("a URL");
    EmbeddedIdp::new(entity_id, sso, Clock::system().now()).expect("OpenSSL generates keys")
}

fn configuration(url: &str, options: &Options) -> String {
    let Options {
        http,
        limits,
        idp,
        aws,
        session,
        more,
        two_idps,
        audit,
        ..
    } = options;
    // Load shedding is off by default, because tests that run at the same time would trigger it.
    let waiting = if limits.contains("waiting_milliseconds") {
        ""
    } else {
        "waiting_milliseconds = 0"
    };
    let audit = audit
        .as_deref()
        .unwrap_or(Path::new("audit.jsonl"))
        .display();
    let key = "key_file = \"sp.key\"\ncertificate_file = \"sp.crt\"";
    let key = if options.key.is_some() { key } else { "" };
    let encryption_key = "encryption_key_file = \"sp-encryption.key\"\nencryption_certificate_file = \"sp-encryption.crt\"";
    let encryption_key = if options.encryption_key.is_some() {
        encryption_key
    } else {
        ""
    };
    let other = "[[idp]]\nid = \"other\"\nname = \"Other Inc.\"\nmetadata_file = \"other-idp.xml\"";
    let other = if *two_idps { other } else { "" };
    let metadata = match &options.metadata_url {
        Some(url) => format!("metadata_url = \"{url}\""),
        None => "metadata_file = \"idp.xml\"".to_owned(),
    };
    format!(
        r#"public_url = "{url}"
[http]
listen = "127.0.0.1:0"
internal_listen = "127.0.0.1:0"
{http}
[limits]
{limits}
{waiting}
[aws]
{aws}
[[idp]]
id = "corp"
name = "Example Corp"
{metadata}
{idp}
{other}
[[account]]
id = "111111111111"
name = "prod"
[session]
{session}
[audit]
file = "{audit}"
[saml]
metadata_directory = "kept"
{key}
{encryption_key}
{more}
"#
    )
}
