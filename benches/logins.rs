//! A load of logins against the real program: how many a second, and what they take in memory.
//!
//! `cargo bench --bench logins` starts `rolecall serve` on free ports of this machine, signs
//! 1,000 people in, one after the other and then eight at a time, and reads the program's
//! resident memory from `/proc`.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::redirect::Policy;
use rolecall::clock::Clock;
use rolecall::demo::idp::{EmbeddedIdp, RelyingParty};
use rolecall::demo::people::Person;
use url::Url;

const ROLE: &str = "https://aws.amazon.com/SAML/Attributes/Role";
const LOGINS: usize = 1_000;
const AT_ONCE: usize = 8;

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    /// Resident memory, in KiB.
    fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()));
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

struct Bench {
    idp: EmbeddedIdp,
    sp: RelyingParty,
    url: String,
    clock: Clock,
}

impl Bench {
    /// A whole login: our redirect, the IdP's POST, the redirect with the code, the portal.
    async fn login(&self, number: usize) {
        let client = reqwest::Client::builder()
            .cookie_store(true)
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
        let person = Person::new(&format!("person-{number}"), "A person").with_attribute(
            ROLE,
            ["arn:aws:iam::111111111111:role/reader,arn:aws:iam::111111111111:saml-provider/corp"],
        );
        let request = request_id(&field("SAMLRequest"));
        let spec = self
            .idp
            .response(&person, &self.sp, Some(&request), self.clock.now());
        let response = self.idp.form_field(&spec).expect("the IdP signs");
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

#[tokio::main]
async fn main() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    let clock = Clock::system();
    let sso = Url::parse("https://idp.example.com/sso").expect("an address");
    let idp =
        EmbeddedIdp::new("https://idp.example.com/metadata", sso, clock.now()).expect("a key");
    let metadata = idp.metadata_xml().expect("metadata");
    std::fs::write(directory.path().join("idp.xml"), metadata).expect("a file");
    let (port, internal) = (free_port(), free_port());
    let url = format!("http://localhost:{port}");
    let configuration = format!(
        "public_url = \"{url}\"\n[http]\nlisten = \"127.0.0.1:{port}\"\ninternal_listen = \"127.0.0.1:{internal}\"\n\
         [[idp]]\nid = \"corp\"\nname = \"Corp\"\nmetadata_file = \"idp.xml\"\n[audit]\nfile = \"audit.jsonl\"\n"
    );
    let file = directory.path().join("rolecall.toml");
    std::fs::write(&file, configuration).expect("a file");
    let begun = Instant::now();
    let program = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .args(["serve", "--config"])
        .arg(&file)
        .env("RUST_LOG", "warn")
        .stdin(Stdio::null())
        .spawn()
        .expect("the program starts");
    let program = Program(program);
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
    let bench = Arc::new(Bench {
        idp,
        sp: RelyingParty {
            entity_id: format!("{url}/saml/metadata"),
            acs_url: format!("{url}/saml/acs"),
        },
        url,
        clock,
    });
    let begun = Instant::now();
    for number in 0..LOGINS / 2 {
        bench.login(number).await;
    }
    report("one after the other", LOGINS / 2, begun);
    let next = Arc::new(AtomicUsize::new(LOGINS / 2));
    let begun = Instant::now();
    let people = (0..AT_ONCE).map(|_| {
        let (bench, next) = (Arc::clone(&bench), Arc::clone(&next));
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= LOGINS {
                    return;
                }
                bench.login(number).await;
            }
        })
    });
    for person in people.collect::<Vec<_>>() {
        person.await.expect("nobody fails");
    }
    report(&format!("{AT_ONCE} at a time"), LOGINS / 2, begun);
    println!(
        "resident, after {LOGINS} logins: {} KiB",
        program.resident()
    );
}

fn report(how: &str, logins: usize, begun: Instant) {
    let seconds = begun.elapsed().as_secs_f64();
    let rate = f64::from(u32::try_from(logins).expect("a small number")) / seconds;
    println!(
        "{logins} whole logins, {how}: {rate:.0}/s (the IdP's signing and the client included)"
    );
}
