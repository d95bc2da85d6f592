//! Panics while a service runs. Nothing that comes from outside causes one, so a store does.
//!
//! Only one panic hook and one log exist in a process. So the test starts itself as a process of
//! its own.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::StatusCode;
use reqwest::header::COOKIE;
use reqwest::redirect::Policy;
use rustix::fs::{OFlags, fcntl_setfl};
use serde_json::Value;

use crate::cli::logging;
use crate::clock::Clock;
use crate::config::Config;
use crate::demo::idp::EmbeddedIdp;
use crate::server::{Application, Listeners};
use crate::store::faults::Faulty;
use crate::store::{Admission, Backend, Batch, Operation, Outcome, Outcomes, Store, StoreError};

/// A message that contains what a terminal must not get.
const MESSAGE: &str = "first\nsecond\u{1b}[31m\u{202e}";
/// Set in the process in which threads panic.
const IS_INSIDE: &str = "PANICS_ARE_LOGGED_HERE";
const CONFIGURATION: &str = "public_url = \"http://localhost\"\n\
    [[idp]]\nid = \"corp\"\nname = \"Corp\"\nmetadata_file = \"idp.xml\"\n\
    [audit]\nfile = \"audit.jsonl\"\n";

/// A store whose next operation panics, if it is armed.
#[derive(Clone, Debug)]
struct Panicking {
    inner: Faulty,
    is_armed: Arc<AtomicBool>,
}

impl Panicking {
    fn panic_if_armed(&self) {
        assert!(!self.is_armed.swap(false, Ordering::SeqCst), "{MESSAGE}");
    }
}

impl Backend for Panicking {
    fn run(&self, operation: Operation) -> BoxFuture<'_, Result<Outcome, StoreError>> {
        self.panic_if_armed();
        self.inner.run(operation)
    }

    fn run_all(&self, operations: Batch) -> BoxFuture<'_, Outcomes> {
        self.panic_if_armed();
        self.inner.run_all(operations)
    }

    fn admission(&self) -> Admission {
        self.inner.admission()
    }
}

#[test]
fn a_panic_is_one_escaped_line_and_stops_nothing() {
    if std::env::var_os(IS_INSIDE).is_some() {
        return inside();
    }
    let (mut reader, writer) = io::pipe().unwrap();
    let child = again(writer.into());
    let reading = thread::spawn(move || {
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        text
    });
    end_of(child);
    let log = reading.join().unwrap();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {log}")))
        .collect();
    let panics = lines.iter().filter(|line| line["level"] == "ERROR");
    let panics: Vec<_> = panics.collect();
    assert_eq!(panics.len(), 2, "{log}");
    for panic in panics {
        assert_eq!(panic["message"], "a thread panicked");
        let said = panic["panic"].as_str().unwrap();
        assert!(said.contains(".rs:") && said.ends_with(MESSAGE), "{said}");
    }
    let is_harmless = |c: char| c == '\n' || c == ' ' || c.is_ascii_graphic();
    assert!(log.chars().all(is_harmless), "{log}");
}

/// The usual message of a panic would wait for the reader, and with it the thread that panics.
#[test]
fn a_panic_waits_for_no_reader() {
    let (_reader, mut writer) = io::pipe().unwrap();
    fcntl_setfl(&writer, OFlags::NONBLOCK).unwrap();
    let full = io::copy(&mut io::repeat(b'\n'), &mut writer).unwrap_err();
    assert_eq!(full.kind(), ErrorKind::WouldBlock);
    fcntl_setfl(&writer, OFlags::empty()).unwrap();
    end_of(again(writer.into()));
}

/// Runs the first test in a process of its own, with this standard error.
fn again(standard_error: OwnedFd) -> Child {
    let (_, module) = module_path!().split_once("::").unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "--nocapture"])
        .arg(format!(
            "{module}::a_panic_is_one_escaped_line_and_stops_nothing"
        ))
        .env(IS_INSIDE, "yes")
        .env_remove("RUST_LOG")
        .stdout(Stdio::null())
        .stderr(File::from(standard_error));
    command.spawn().unwrap()
}

/// Waits until the process ends, for two minutes at least.
fn end_of(mut child: Child) {
    for _ in 0..12_000 {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    panic!("the process does not end");
}

/// One thread panics, and then a request.
fn inside() {
    let _last_lines = logging::json().unwrap();
    thread::spawn(|| panic!("{MESSAGE}")).join().unwrap_err();
    actix_web::rt::System::new().block_on(a_request_panics());
}

async fn a_request_panics() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let sso = "https://idp.example.com/sso".parse().unwrap();
    let idp = EmbeddedIdp::new("https://idp.example.com", sso, Clock::system().now()).unwrap();
    write("idp.xml", &idp.metadata_xml().unwrap());
    write("rolecall.toml", CONFIGURATION);
    let config = Config::load(&folder.path().join("rolecall.toml"), []).unwrap();
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listeners = Listeners::bind(free, free).unwrap();
    let (public, _) = listeners.addresses().unwrap();
    let store = Panicking {
        inner: Faulty::new(),
        is_armed: Arc::default(),
    };
    let application = Application::build_with(Store::new(store.clone()), listeners, &config);
    let application = application.unwrap();
    let handle = application.handle();
    let service = actix_web::rt::spawn(application.run_until_stopped());
    let client = reqwest::Client::builder()
        .redirect(Policy::none())
        .build()
        .unwrap();
    let ask = async || {
        let cookie = format!("rolecall={}", "A".repeat(43));
        let request = client
            .get(format!("http://{public}/"))
            .header(COOKIE, cookie);
        request.send().await.map(|response| response.status())
    };
    store.is_armed.store(true, Ordering::SeqCst);
    ask().await.unwrap_err();
    assert!(!store.is_armed.load(Ordering::SeqCst));
    // Each worker answers.
    for _ in 0..2 * thread::available_parallelism().unwrap().get() {
        assert_eq!(ask().await.unwrap(), StatusCode::SEE_OTHER);
    }
    handle.stop().await;
    service.await.unwrap().unwrap();
}
