//! The program itself: its command line, its logs, and errors at startup.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use reqwest::{Method, StatusCode};
use rolecall::clock::Clock;
use rolecall::demo::idp::RelyingParty;
use rolecall::demo::people::Person;
use rolecall::demo::{EmbeddedParts, Settings};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::credentials::{READER, VAULT, form, roles, somebody};
use crate::support::app::{Started, fields};
use crate::support::key_pair::KeyPair;
use crate::support::patience::until;
use crate::support::second_opinion;
use crate::support::server::Port;
use crate::support::user_agent::UserAgent;

/// The program, with nothing on its standard input.
pub fn rolecall() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolecall"));
    // The developer's environment must not affect the configuration.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ROLECALL_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// `rolecall serve` with an embedded IdP and an embedded AWS.
pub struct Service {
    url: String,
    /// The URL of the readiness check.
    pub ready: String,
    aws: EmbeddedParts,
    clock: Clock,
    pub directory: TempDir,
    pub child: Child,
    /// Keeps the ports reserved while the program runs.
    ports: [Port; 2],
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Service {
    /// Starts the service, and waits until it is ready.
    pub async fn start() -> Self {
        Self::start_by(rolecall()).await
    }

    /// Adds the arguments of `serve` to `command`, runs it, and waits until the service is ready.
    pub async fn start_by(command: Command) -> Self {
        Self::start_at(command, None).await
    }

    /// Like [`Self::start_by`]. The service is at this `public_url`, if one is given, but listens
    /// in plain HTTP, as behind a proxy.
    pub async fn start_at(command: Command, public_url: Option<&str>) -> Self {
        let mut service = Self::spawn_at(command, public_url, |folder| {
            ["stdout", "stderr"].map(|name| File::create(folder.join(name)).unwrap().into())
        });
        service.wait_until_ready().await;
        service
    }

    /// Adds the arguments of `serve` to `command`, and runs it. Given the folder, `output` makes
    /// the standard output and the standard error.
    pub fn spawn(command: Command, output: impl FnOnce(&Path) -> [Stdio; 2]) -> Self {
        Self::spawn_at(command, None, output)
    }

    fn spawn_at(
        mut command: Command,
        public_url: Option<&str>,
        output: impl FnOnce(&Path) -> [Stdio; 2],
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let ports = [Port::reserve(), Port::reserve()];
        let url = format!("http://localhost:{}", ports[0].number());
        let public_url = public_url.unwrap_or(&url);
        let sp = relying_party(public_url);
        let settings = Settings {
            roles: roles(&sp.acs_url),
            ..Settings::new(sp, clock.clone())
        };
        let aws = EmbeddedParts::start(settings).unwrap();
        let file = configure(&directory, public_url, &ports, &aws);
        let internal = ports[1].number();
        let [stdout, stderr] = output(directory.path());
        let child = command
            .args(["serve", "--config"])
            .arg(&file)
            .env("RUST_LOG", "trace")
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .unwrap();
        Self {
            url,
            ready: format!("http://127.0.0.1:{internal}/healthz/ready"),
            aws,
            clock,
            directory,
            child,
            ports,
        }
    }

    pub async fn wait_until_ready(&mut self) {
        until(async || {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "{}", self.read("stderr"));
            let response = reqwest::get(&self.ready).await;
            let is_ready = response.is_ok_and(|response| response.status().is_success());
            is_ready.then_some(()).ok_or_else(|| self.read("stderr"))
        })
        .await;
    }

    /// The address of the public listener.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.ports[0].number()).into()
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.directory.path().join(name)).unwrap()
    }

    /// Begins a login, and returns the IdP's response: the `SAMLResponse` form field and the
    /// RelayState.
    pub async fn through_the_idp(&self, agent: &UserAgent, person: &Person) -> [String; 2] {
        let started = Started::from_redirect(&agent.get(self.at("/login?idp=corp")).await);
        let (sp, request) = (relying_party(&self.url), Some(&*started.request_id));
        let idp = self.aws.idp();
        let spec = idp.response(person, &sp, request, self.clock.now());
        [idp.form_field(&spec).unwrap(), started.relay_state]
    }

    /// Signs a person in, and returns all secrets involved, which must not appear in the log or the
    /// audit trail.
    pub async fn sign_in(&self, agent: &UserAgent, person: &Person) -> Vec<String> {
        let [field, relay_state] = self.through_the_idp(agent, person).await;
        let form = fields(&field, &relay_state);
        let page = agent.post_form(self.at("/saml/acs"), &form).await;
        let url = page.redirect().unwrap_or_else(|| panic!("{page}"));
        let xml = rolecall::saml::response::decode(&field).unwrap();
        let certificate = self.aws.idp().key().certificate_der().to_vec();
        second_opinion::assert_agrees(&xml, &[certificate]);
        let code = url.query_pairs().next().unwrap().1.into_owned();
        let page = agent.get(url).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{page}");
        let cookies = page.headers.get_all("set-cookie").iter();
        let cookies = cookies.map(|cookie| {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            pair.split_once('=').unwrap().1.to_owned()
        });
        let mut secrets: Vec<_> = cookies.filter(|value| !value.is_empty()).collect();
        assert!(!secrets.is_empty());
        // Pieces of the response, so that even a partial copy is found.
        secrets.extend([
            code,
            field[400..480].to_owned(),
            field[field.len() - 480..][..80].to_owned(),
        ]);
        secrets
    }
}

fn relying_party(url: &str) -> RelyingParty {
    RelyingParty {
        entity_id: format!("{url}/saml/metadata"),
        acs_url: format!("{url}/saml/acs"),
    }
}

/// Writes the configuration of a service at `url`. If `url` is https, a proxy on this machine
/// terminates TLS.
pub fn configure(
    directory: &TempDir,
    url: &str,
    ports: &[Port; 2],
    aws: &EmbeddedParts,
) -> PathBuf {
    let [port, internal] = [ports[0].number(), ports[1].number()];
    let metadata = aws.idp().metadata_xml().unwrap();
    std::fs::write(directory.path().join("idp.xml"), metadata).unwrap();
    let (sts, signin) = (aws.sts_endpoint(), aws.signin_endpoint());
    let proxies = if url.starts_with("https:") {
        "trusted_proxies = [\"127.0.0.1\"]"
    } else {
        ""
    };
    let text = format!(
        r#"public_url = "{url}"
[http]
{proxies}
listen = "127.0.0.1:{port}"
internal_listen = "127.0.0.1:{internal}"
[[idp]]
id = "corp"
name = "Example Corp"
metadata_file = "idp.xml"
[aws]
sts_endpoint = "{sts}"
signin_endpoint = "{signin}"
"#
    );
    let file = directory.path().join("rolecall.toml");
    std::fs::write(&file, text).unwrap();
    file
}

#[actix_web::test]
async fn no_secret_is_logged_during_a_whole_run() {
    let service = Service::start().await;
    let agent = UserAgent::new();
    let mut secrets = service.sign_in(&agent, &somebody("alice")).await;
    let request = agent
        .request(Method::POST, service.at("/api/credentials"))
        .body(json!({ "role_arn": READER }).to_string());
    let credentials: Value = serde_json::from_str(&agent.send(request).await.body).unwrap();
    for key in ["SecretAccessKey", "SessionToken"] {
        secrets.push(credentials[key].as_str().unwrap().to_owned());
    }
    let page = agent
        .post_form(service.at("/console"), &form(READER, &[]))
        .await;
    let console = page.redirect().unwrap_or_else(|| panic!("{page}"));
    let token = console
        .query_pairs()
        .find(|(name, _)| name == "SigninToken")
        .unwrap()
        .1;
    secrets.push(token.into_owned());
    agent
        .post_form(service.at("/credentials"), &form(READER, &[]))
        .await;
    agent
        .post_form(service.at("/credentials"), &form(VAULT, &[]))
        .await;
    agent
        .post_form(service.at("/saml/acs"), &fields("PHg+", ""))
        .await;
    agent.post_form(service.at("/logout"), &[]).await;

    let issued = service.aws.register();
    let known = issued
        .find(credentials["AccessKeyId"].as_str().unwrap())
        .unwrap();
    assert!(
        known.has_secret_access_key(&secrets[secrets.len() - 3]),
        "the register contains a different secret"
    );
    let (audit, log) = (service.read("stdout"), service.read("stderr"));
    for event in [
        "login_accepted",
        "credentials_issued",
        "console_opened",
        "role_refused",
        "login_refused",
        "logout",
    ] {
        assert!(
            audit.contains(&format!("\"event\":\"{event}\"")),
            "{event}: {audit}"
        );
    }
    assert!(log.contains("\"request\""), "{log}");
    for secret in &secrets {
        assert!(secret.len() >= 32, "too short to look for: {secret}");
        assert!(!audit.contains(secret), "in the audit trail: {secret}");
        assert!(!log.contains(secret), "in the log: {secret}");
    }
    for line in audit.lines().chain(log.lines()) {
        serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
    }
}

/// The default limit is 4,096 connections, but this process may open only 1,000 files.
#[actix_web::test]
async fn too_few_file_descriptors_cause_a_warning() {
    let mut few = Command::new("sh");
    few.args(["-c", "ulimit -n 1000 && exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_rolecall"));
    let service = Service::start_by(few).await;
    let log = service.read("stderr");
    let warning = log.lines().find(|line| line.contains("limits.connections"));
    let warning: Value = serde_json::from_str(warning.unwrap_or_else(|| panic!("{log}"))).unwrap();
    assert_eq!(warning["level"], "WARN");
    assert_eq!(warning["files"], 1000);
    assert_eq!(warning["wanted"], 2 * 4096 + 256);
}

/// Waits for the first log line that contains `what`. Housekeeping writes log lines only every few
/// seconds.
async fn logged(service: &Service, what: &str) -> Value {
    until(async || {
        let log = service.read("stderr");
        let line = log.lines().find(|line| line.contains(what));
        line.map(|line| serde_json::from_str(line).unwrap())
            .ok_or(log)
    })
    .await
}

#[actix_web::test]
async fn low_memory_causes_a_warning_and_full_memory_is_logged_once() {
    let mut small = rolecall();
    small.env("ROLECALL_LIMITS__SESSION_MEGABYTES", "1");
    small.env("ROLECALL_LIMITS__LOGINS_PER_MINUTE", "0");
    let service = Service::start_by(small).await;
    let refused = loop {
        let agent = UserAgent::new();
        let page = agent.get(service.at("/login?idp=corp")).await;
        if page.status == StatusCode::SERVICE_UNAVAILABLE {
            break agent;
        }
        service.sign_in(&agent, &somebody("alice")).await;
    };
    for _ in 0..9 {
        refused.get(service.at("/login?idp=corp")).await;
    }
    let warning = logged(&service, "is nearly full").await;
    assert_eq!(warning["level"], "WARN");
    assert!(warning["percent"].as_u64() >= Some(80), "{warning}");
    // If housekeeping runs between these requests, it reports the requests in several lines.
    let report = until(async || {
        let log = service.read("stderr");
        let lines = log.lines().filter(|line| line.contains("turned away"));
        let lines = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
        let report: Vec<_> = lines.collect();
        let counts = report.iter().filter_map(|line| line["requests"].as_u64());
        match counts.sum::<u64>() {
            0..10 => Err(report),
            sum => Ok((report, sum)),
        }
    });
    let (report, sum) = report.await;
    assert_eq!(sum, 10, "{report:?}");
    assert!(
        report.iter().all(|line| line["level"] == "ERROR"),
        "{report:?}"
    );
    let log = service.read("stderr");
    let failed = log.lines().filter(|line| line.contains("request failed"));
    assert_eq!(failed.count(), 0, "{log}");
}

fn run(arguments: &[&str], file: Option<&Path>) -> Output {
    let mut command = rolecall();
    command.args(arguments);
    if let Some(file) = file {
        command.arg("--config").arg(file);
    }
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn help_and_version() {
    let help = run(&["--help"], None);
    assert!(help.status.success());
    for command in ["serve", "demo", "check-config", "metadata"] {
        assert!(
            text(&help.stdout).contains(command),
            "{}",
            text(&help.stdout)
        );
    }
    let version = run(&["--version"], None);
    assert_eq!(
        text(&version.stdout),
        format!("rolecall {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[actix_web::test]
async fn a_good_configuration_is_ok_and_gives_metadata() {
    let directory = tempfile::tempdir().unwrap();
    let sp = relying_party("https://aws.example.com");
    let aws = EmbeddedParts::start(Settings::new(sp, Clock::system())).unwrap();
    let ports = [Port::reserve(), Port::reserve()];
    let file = configure(&directory, "https://aws.example.com", &ports, &aws);
    let checked = run(&["check-config"], Some(&file));
    assert!(checked.status.success(), "{checked:?}");
    let metadata = run(&["metadata"], Some(&file));
    assert!(metadata.status.success(), "{metadata:?}");
    let descriptor: samael::metadata::EntityDescriptor = text(&metadata.stdout).parse().unwrap();
    assert_eq!(
        descriptor.entity_id.as_deref(),
        Some("https://aws.example.com/saml/metadata")
    );
    // An environment variable overrides the file.
    let overridden = rolecall()
        .args(["metadata", "--config"])
        .arg(&file)
        .env("ROLECALL_SAML__ENTITY_ID", "urn:from:the:environment")
        .output()
        .unwrap();
    assert!(
        text(&overridden.stdout).contains("urn:from:the:environment"),
        "{overridden:?}"
    );
}

#[test]
fn every_mistake_is_listed_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rolecall.toml");
    let configuration = "public_url = \"ftp://x\"\ncolour = 1\n[http]\nlisten = \"nowhere\"\n\
        [aws]\ndefault_duration_seconds = 1\n[[idp]]\nid = \"corp\"\nname = \"Corp\"\n";
    std::fs::write(&file, configuration).unwrap();
    for command in ["check-config", "serve", "metadata"] {
        let refused = run(&[command], Some(&file));
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        let output = format!("{}{}", text(&refused.stdout), text(&refused.stderr));
        for key in [
            "public_url",
            "colour",
            "http.listen",
            "aws.default_duration_seconds",
            "idp[0].metadata_file",
        ] {
            assert!(
                output.contains(key),
                "{command} does not name {key}: {output}"
            );
        }
    }
}

/// TLS files are checked by `check-config` and at startup, before anyone connects.
#[actix_web::test]
async fn an_unusable_certificate_is_a_mistake() {
    let directory = tempfile::tempdir().unwrap();
    let sp = relying_party("https://aws.example.com");
    let aws = EmbeddedParts::start(Settings::new(sp, Clock::system())).unwrap();
    let ports = [Port::reserve(), Port::reserve()];
    let file = configure(&directory, "https://aws.example.com", &ports, &aws);
    let [own, other] = ["localhost", "localhost"].map(KeyPair::generate);
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    write("own.crt", &own.certificate_pem);
    write("own.key", &own.key_pem);
    write("other.key", &other.key_pem);
    write("junk", "junk");
    let plain = std::fs::read_to_string(&file).unwrap();
    for (certificate, key, said) in [
        ("own.crt", "other.key", "cannot be used together"),
        ("junk", "own.key", "junk contains no PEM certificate"),
        ("own.crt", "junk", "junk contains no unencrypted PEM"),
        ("nowhere", "own.key", "http.tls_certificate_file"),
        ("own.crt", "nowhere", "http.tls_key_file"),
    ] {
        let lines =
            format!("[http]\ntls_certificate_file = \"{certificate}\"\ntls_key_file = \"{key}\"\n");
        std::fs::write(&file, plain.replace("[http]\n", &lines)).unwrap();
        for command in ["check-config", "serve"] {
            let refused = run(&[command], Some(&file));
            assert_eq!(refused.status.code(), Some(1), "{refused:?}");
            let output = format!("{}{}", text(&refused.stdout), text(&refused.stderr));
            assert!(
                output.contains(said),
                "{command}: {said} is not in {output}"
            );
        }
    }
    let lines = "[http]\ntls_certificate_file = \"own.crt\"\ntls_key_file = \"own.key\"\n";
    std::fs::write(&file, plain.replace("[http]\n", lines)).unwrap();
    let checked = run(&["check-config"], Some(&file));
    assert!(checked.status.success(), "{checked:?}");
}

#[actix_web::test]
async fn a_startup_failure_is_reported_in_one_line() {
    let directory = tempfile::tempdir().unwrap();
    let ports = [Port::reserve(), Port::reserve()];
    let port = ports[0].number();
    let _taken = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let url = format!("http://localhost:{port}");
    let aws = EmbeddedParts::start(Settings::new(relying_party(&url), Clock::system())).unwrap();
    let file = configure(&directory, &url, &ports, &aws);
    let missing = directory.path().join("nowhere.toml");
    for (file, said) in [
        (&file, port.to_string()),
        (&missing, "nowhere.toml".to_owned()),
    ] {
        let refused = run(&["serve"], Some(file));
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        let errors: Vec<_> = text(&refused.stderr)
            .lines()
            .filter(|line| line.contains("error"))
            .collect();
        assert_eq!(errors.len(), 1, "{refused:?}");
        assert!(errors[0].contains(&said), "{refused:?}");
    }
}
