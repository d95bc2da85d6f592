//! The real program, and people who sign in to it.

use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::redirect::Policy;
use rolecall::clock::Clock;
use rolecall::demo::idp::{EmbeddedIdp, RelyingParty};
use rolecall::demo::people::Person;
use tempfile::TempDir;
use url::Url;

const ROLE: &str = "https://aws.amazon.com/SAML/Attributes/Role";

/// Starts the program, with lines for `[limits]`, and waits until it is ready.
pub async fn start(limits: &str) -> (Program, Bench) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let clock = Clock::system();
    let idp = new_idp(&clock);
    let metadata = idp.metadata_xml().expect("metadata");
    std::fs::write(folder.path().join("idp.xml"), metadata).expect("a file");
    let (port, internal) = (free_port(), free_port());
    let url = format!("http://localhost:{port}");
    let configuration = format!(
        "public_url = \"{url}\"\n[http]\nlisten = \"127.0.0.1:{port}\"\ninternal_listen = \"127.0.0.1:{internal}\"\n\
         [limits]\n{limits}\n\
         [[idp]]\nid = \"corp\"\nname = \"Corp\"\nmetadata_file = \"idp.xml\"\n[audit]\nfile = \"audit.jsonl\"\n"
    );
    let file = folder.path().join("rolecall.toml");
    std::fs::write(&file, configuration).expect("a file");
    let begun = Instant::now();
    let child = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .args(["serve", "--config"])
        .arg(&file)
        .env("RUST_LOG", "error")
        .stdin(Stdio::null())
        .spawn()
        .expect("the program starts");
    let program = Program {
        child,
        _folder: folder,
    };
    let ready = format!("http://127.0.0.1:{internal}/healthz/ready");
    while !reqwest::get(&ready)
        .await
        .is_ok_and(|answer| answer.status().is_success())
    {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "the program does not become ready"
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    println!("ready after {:?}", begun.elapsed());
    println!("resident, idle: {} KiB", program.resident());
    let sp = RelyingParty {
        entity_id: format!("{url}/saml/metadata"),
        acs_url: format!("{url}/saml/acs"),
    };
    let bench = Bench {
        idp,
        sp,
        url,
        clock,
    };
    (program, bench)
}

/// An IdP with a key of its own.
pub fn new_idp(clock: &Clock) -> EmbeddedIdp {
    let sso = Url::parse("https://idp.example.com/sso").expect("an address");
    EmbeddedIdp::new("https://idp.example.com/metadata", sso, clock.now()).expect("a key")
}

/// `rolecall serve` on free ports of this machine.
pub struct Program {
    child: Child,
    _folder: TempDir,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// Resident memory, in KiB.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("/proc is there");
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .expect("VmRSS");
        line.split_whitespace()
            .nth(1)
            .and_then(|kib| kib.parse().ok())
            .expect("a number")
    }
}

/// The IdP, and where the program is.
pub struct Bench {
    pub idp: EmbeddedIdp,
    pub sp: RelyingParty,
    url: String,
    clock: Clock,
}

impl Bench {
    /// A response that `idp` has signed.
    pub fn response(&self, idp: &EmbeddedIdp, number: usize, request: Option<&str>) -> String {
        let person = Person::new(&format!("person-{number}"), "A person").with_attribute(
            ROLE,
            ["arn:aws:iam::111111111111:role/reader,arn:aws:iam::111111111111:saml-provider/corp"],
        );
        let spec = idp.response(&person, &self.sp, request, self.clock.now());
        idp.form_field(&spec).expect("the IdP signs")
    }

    /// A whole login: our redirect, the IdP's POST, the redirect with the code, the portal.
    pub async fn login(&self, number: usize, from: Ipv4Addr) {
        let client = reqwest::Client::builder()
            .cookie_store(true)
            .local_address(IpAddr::from(from))
            .redirect(Policy::none())
            .build()
            .expect("a client");
        let get = |url: String| async { client.get(url).send().await.expect("an answer") };
        let to_idp = location(&get(format!("{}/login?idp=corp", self.url)).await);
        let field = |name: &str| {
            to_idp
                .query_pairs()
                .find(|(key, _)| key == name)
                .expect("a field")
                .1
                .into_owned()
        };
        let request = request_id(&field("SAMLRequest"));
        let response = self.response(&self.idp, number, Some(&request));
        let form = [
            ("SAMLResponse", response),
            ("RelayState", field("RelayState")),
        ];
        let posted = client
            .post(&self.sp.acs_url)
            .form(&form)
            .send()
            .await
            .expect("an answer");
        let finished = get(location(&posted).to_string()).await;
        let portal = get(location(&finished).to_string()).await;
        assert!(portal.text().await.expect("a page").contains("role/reader"));
    }
}

fn location(response: &reqwest::Response) -> Url {
    let location = response.headers().get("location").expect("a redirect");
    response
        .url()
        .join(location.to_str().expect("ASCII"))
        .expect("an address")
}

fn request_id(request: &str) -> String {
    use base64::Engine as _;
    use std::io::Read as _;
    let octets = base64::engine::general_purpose::STANDARD
        .decode(request)
        .expect("base64");
    let mut xml = String::new();
    flate2::read::DeflateDecoder::new(&*octets)
        .read_to_string(&mut xml)
        .expect("deflated");
    xml.parse::<samael::schema::AuthnRequest>()
        .expect("a request")
        .id
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("it is bound").port()
}
