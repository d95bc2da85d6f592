//! The program `rolecall`, as a process of its own.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use reqwest::{Method, StatusCode};
use rolecall::clock::Clock;
use rolecall::demo::idp::RelyingParty;
use rolecall::demo::people::Person;
use rolecall::demo::{EmbeddedParts, Settings};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::app::{Started, fields};
use super::patience::until;
use super::roles::{READER, roles, somebody};
use super::second_opinion;
use super::server::Port;
use super::user_agent::{Page, UserAgent};

/// The path of the program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_rolecall");

/// The program, with nothing on its standard input.
pub fn rolecall() -> Command {
    rolecall_by(Command::new(PROGRAM))
}

/// Whether this process has the rights of root.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// The program, in such a way that a test may read its memory and see its open files: a user who is
/// not root may do so with a program in their own user namespace (user_namespaces(7)).
pub fn readable_rolecall() -> Command {
    if is_root() {
        return rolecall();
    }
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", PROGRAM]);
    rolecall_by(command)
}

/// The program, run by `command`, which contains the program's path.
pub fn rolecall_by(mut command: Command) -> Command {
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
    pub aws: EmbeddedParts,
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
        let mut service = Self::spawn_at(command, public_url, files);
        service.wait_until_ready().await;
        service
    }

    /// Like [`Self::spawn`]. The standard output and the standard error go into files in the folder.
    pub fn spawn_quietly(command: Command) -> Self {
        Self::spawn(command, files)
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
            people: vec![somebody("alice")],
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

impl Service {
    /// Sends the signal `name`.
    pub fn signal(&self, name: &str) {
        send(&self.child, name);
    }

    /// The URL of a health check.
    pub fn internal(&self, check: &str) -> String {
        self.ready.replace("ready", check)
    }

    /// The response of the readiness check: its status and its checks.
    pub async fn readiness(&self) -> Result<(StatusCode, Value), String> {
        let response = reqwest::get(&self.ready).await;
        let response = response.map_err(|error| error.to_string())?;
        let status = response.status();
        let text = response.text().await.unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        Ok((status, value["checks"].clone()))
    }

    /// Waits until the readiness check has this status, and returns its checks.
    pub async fn until_readiness_is(&self, wanted: StatusCode) -> Value {
        until(async || match self.readiness().await {
            Ok((status, checks)) if status == wanted => Ok(checks),
            other => Err(other),
        })
        .await
    }

    /// Waits until the service answers, even if it is not ready.
    pub async fn until_it_listens(&self) {
        let live = self.internal("live");
        until(async || reqwest::get(&live).await.map_err(|error| error.to_string())).await;
    }

    /// Requests credentials of the role [`READER`].
    pub async fn credentials(&self, agent: &UserAgent) -> Page {
        let asked = agent.request(Method::POST, self.at("/api/credentials"));
        let body = json!({ "role_arn": READER }).to_string();
        agent.send(asked.body(body)).await
    }

    /// Stops the service, and waits for its end.
    pub async fn stop(&mut self) {
        self.signal("TERM");
        let ended = until(async || self.child.try_wait().unwrap().ok_or("running")).await;
        assert!(ended.success(), "{ended}");
    }
}

/// Files for the standard output and the standard error.
fn files(folder: &Path) -> [Stdio; 2] {
    ["stdout", "stderr"].map(|name| File::create(folder.join(name)).unwrap().into())
}

/// Sends the signal `name` to a process.
pub fn send(child: &Child, name: &str) {
    let mut kill = Command::new("kill");
    let arguments = [format!("-{name}"), child.id().to_string()];
    let sent = kill.args(arguments).status().unwrap();
    assert!(sent.success(), "{name}");
}

pub fn relying_party(url: &str) -> RelyingParty {
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
