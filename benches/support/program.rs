//! Runs `rolecall serve` as a separate process, and reads the process's memory and processor time
//! from `/proc`.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The environment variable that contains the path of another build to measure.
const OTHER_BUILD: &str = "ROLECALL";

/// The settings of the program that differ between benchmarks.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Lines for the `[limits]` section.
    pub limits: String,
    /// Lines for the `[aws]` section.
    pub aws: String,
    /// The only processor that the program may run on; `None` means all of them.
    pub processor: Option<usize>,
}

/// `rolecall serve` on free ports of this machine. Dropping this value ends the process.
pub struct Program {
    child: Child,
    /// The address of the public listener.
    pub address: SocketAddr,
    /// The time from the start of the process to the first successful readiness check.
    pub ready_after: Duration,
    _folder: TempDir,
}

impl Program {
    /// Starts the program at `address` for an IdP with this metadata, and waits until the program
    /// is ready.
    pub async fn start(address: SocketAddr, metadata: &str, options: &Options) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let internal = free_address();
        let file = configuration(folder.path(), (address, internal), metadata, options);
        let mut command = command(options.processor);
        command.args(["serve", "--config"]).arg(&file);
        command.env("RUST_LOG", "error").stdin(Stdio::null());
        let begun = Instant::now();
        let child = command.spawn().expect("the program starts");
        let mut program = Self {
            child,
            address,
            ready_after: Duration::ZERO,
            _folder: folder,
        };
        let ready = format!("http://{internal}/healthz/ready");
        while !reqwest::get(&ready)
            .await
            .is_ok_and(|response| response.status().is_success())
        {
            assert!(
                begun.elapsed() < Duration::from_secs(10),
                "the program does not become ready"
            );
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        program.ready_after = begun.elapsed();
        program
    }

    /// The program's resident memory in KiB (`VmRSS` in proc_pid_status(5)).
    pub fn resident(&self) -> u64 {
        resident(&self.child.id().to_string())
    }

    /// The processor time that the process has used, user and system together (`utime` and `stime`
    /// in proc_pid_stat(5), which count hundredths of a second).
    pub fn processor_time(&self) -> Duration {
        let stat = self.proc("stat");
        // The numbers follow the program name, which may contain any character, even parentheses.
        let (_, fields) = stat.rsplit_once(") ").expect("the end of the name");
        let ticks = fields.split(' ').skip(11).take(2);
        let ticks: u64 = ticks
            .map(|ticks| ticks.parse::<u64>().expect("ticks"))
            .sum();
        Duration::from_millis(ticks * 10)
    }

    fn proc(&self, file: &str) -> String {
        let path = format!("/proc/{}/{file}", self.child.id());
        fs::read_to_string(path).expect("/proc can be read")
    }
}

/// The resident memory of the process with this ID, or of the current process (`self`), in KiB.
pub fn resident(process: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("/proc can be read");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    kib.and_then(|kib| kib.parse().ok()).expect("VmRSS")
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes a configuration with these two addresses for an IdP with this metadata, and returns the
/// path of the configuration file.
pub fn configuration(
    folder: &Path,
    (public, internal): (SocketAddr, SocketAddr),
    metadata: &str,
    options: &Options,
) -> PathBuf {
    let Options { limits, aws, .. } = options;
    let port = public.port();
    let text = format!(
        "public_url = \"http://localhost:{port}\"\n\
         [http]\nlisten = \"{public}\"\ninternal_listen = \"{internal}\"\n\
         [limits]\n{limits}\n[aws]\n{aws}\n\
         [[idp]]\nid = \"corp\"\nname = \"Corp\"\nmetadata_file = \"idp.xml\"\n\
         [audit]\nfile = \"audit.jsonl\"\n"
    );
    let file = folder.join("rolecall.toml");
    fs::write(folder.join("idp.xml"), metadata).expect("a file");
    fs::write(&file, text).expect("a file");
    file
}

/// The path of the program to measure.
pub fn binary() -> PathBuf {
    std::env::var_os(OTHER_BUILD)
        .map_or_else(|| env!("CARGO_BIN_EXE_rolecall").into(), PathBuf::from)
}

fn command(processor: Option<usize>) -> Command {
    match processor {
        None => Command::new(binary()),
        Some(processor) => {
            let mut command = Command::new("taskset");
            command.args(["--cpu-list", &processor.to_string()]);
            command.arg(binary());
            command
        }
    }
}

/// Pins all threads of this process to these processors, with taskset(1), which is part of Debian.
pub fn run_on(processors: &str) {
    let id = std::process::id().to_string();
    let status = Command::new("taskset")
        .args(["--all-tasks", "--pid", "--cpu-list", processors, &id])
        .stdout(Stdio::null())
        .status();
    assert!(status.is_ok_and(|status| status.success()), "taskset works");
}

/// A loopback address with a port that was free a moment ago.
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("a bound socket")
}
