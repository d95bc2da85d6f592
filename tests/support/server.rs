//! Runs third-party servers for as long as a test needs them.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use super::output;

/// The maximum time that a server may take to become ready. The slowest server needs a second on an
/// idle machine. The rest is a reserve for a machine that is compiling at the same time.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// The maximum number of attempts to start a server. An attempt can fail because the server needs
/// a second port, which may be in use.
const START_ATTEMPTS: usize = 3;

/// A reserved port on 127.0.0.1. While this value exists, the system assigns the port to nobody
/// else. Only a process that binds the port by number and with `SO_REUSEADDR`, as servers do, can
/// listen on it.
pub struct Port(Socket);

impl Port {
    /// Reserves a free port that the system chooses.
    pub fn reserve() -> Self {
        Self::at(0).expect("127.0.0.1 has a free port")
    }

    /// Reserves a free port and the next one.
    pub fn reserve_two() -> [Self; 2] {
        let two = || {
            let first = Self::reserve();
            let second = Self::at(first.number().checked_add(1)?).ok()?;
            Some([first, second])
        };
        // The next port may be in use.
        let mut tries = (0..100).filter_map(|_| two());
        tries.next().expect("127.0.0.1 has two free ports in a row")
    }

    fn at(port: u16) -> std::io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
        Ok(Self(socket))
    }

    pub fn number(&self) -> u16 {
        let address = self.0.local_addr().expect("a bound socket");
        address.as_socket().expect("an IPv4 address").port()
    }
}

/// Where a new server listens and where it may write.
pub struct Place {
    /// The port on 127.0.0.1 for the server.
    pub port: u16,
    /// Keeps the port reserved.
    _reserved: Port,
    /// The server's private folder, removed when the server ends.
    pub directory: PathBuf,
}

impl Place {
    /// `http://127.0.0.1:PORT`
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Writes a file to the server's folder, and creates missing parent folders.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        write_whole(&self.directory.join(name), contents.as_ref());
    }

    /// Creates a folder inside the server's folder.
    pub fn make_directory(&self, name: &str) {
        let directory = self.directory.join(name);
        fs::create_dir_all(&directory)
            .unwrap_or_else(|error| panic!("cannot create {}: {error}", directory.display()));
    }
}

/// The response that shows that the server is ready, and that no other server uses the port.
pub struct Ready {
    /// The path of the GET request, with a leading slash.
    pub path: &'static str,
    /// A string that the body contains.
    pub contains: &'static str,
}

/// A running server. Dropping this value ends the server. If the value is in a `static`, the server
/// ends with the test process, even if that process is killed (see `keep.sh`).
pub struct Server {
    place: Place,
    keeper: Child,
    log: PathBuf,
}

impl Server {
    /// Starts a server with the command that `command` returns for its place, and waits until the
    /// server is ready.
    ///
    /// Panics with the server's output if the server does not start.
    pub async fn start(
        name: &str,
        ready: Ready,
        mut command: impl FnMut(&Place) -> Command,
    ) -> Self {
        let mut failures = Vec::new();
        for _ in 0..START_ATTEMPTS {
            let mut server = Self::spawn(name, &mut command);
            match server.wait_until(&ready).await {
                Ok(()) => return server,
                Err(reason) => failures.push(format!("{reason}\n{}", server.output())),
            }
        }
        panic!("{name} does not start:\n{}", failures.join("\n"));
    }

    fn spawn(name: &str, command: &mut impl FnMut(&Place) -> Command) -> Self {
        let reserved = Port::reserve();
        let place = Place {
            port: reserved.number(),
            _reserved: reserved,
            directory: new_directory(name),
        };
        let log = output::directory("partners").join(format!("{name}-{}.log", place.port));
        let file = File::create(&log)
            .unwrap_or_else(|error| panic!("cannot write {}: {error}", log.display()));
        let keeper = kept(&command(&place), &place.directory)
            .stdin(Stdio::piped())
            .stdout(file.try_clone().expect("a file can be opened twice"))
            .stderr(file)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run sh for {name}: {error}"));
        Self { place, keeper, log }
    }

    async fn wait_until(&mut self, ready: &Ready) -> Result<(), String> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(5))
            .build()
            .expect("a client with a timeout can be built");
        let url = format!("{}{}", self.place.base_url(), ready.path);
        let deadline = Instant::now() + START_TIMEOUT;
        let mut last = String::from("there was no response");
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.keeper.try_wait() {
                return Err(format!("it ended with {status}"));
            }
            match client.get(&url).send().await {
                Ok(response) => {
                    let status = response.status();
                    let body = response.text().await.unwrap_or_default();
                    if status.is_success() && body.contains(ready.contains) {
                        return Ok(());
                    }
                    last = format!("{status} {body:.500}");
                }
                Err(error) => last = error.to_string(),
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        Err(format!(
            "{url} was not ready within {START_TIMEOUT:?}; the last result: {last}"
        ))
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Everything that the server has written to its standard output and standard error.
    pub fn output(&self) -> String {
        fs::read(&self.log).map_or_else(
            |error| format!("({} cannot be read: {error})", self.log.display()),
            |bytes| String::from_utf8_lossy(&bytes).into_owned(),
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The keeper ends the server when the keeper's standard input is closed.
        drop(self.keeper.stdin.take());
        // The keeper kills the server at once, so this wait is short. The result of the wait does
        // not matter.
        let _ = self.keeper.wait();
    }
}

/// Wraps the command in `keep.sh`. The keeper has its own process group, so that Ctrl-C in the
/// terminal ends the tests but not the keeper, which then cleans up.
fn kept(command: &Command, directory: &Path) -> Command {
    let mut keeper = Command::new("sh");
    keeper
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/support/keep.sh"
        ))
        .arg(directory)
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(command.get_current_dir().unwrap_or(directory))
        .process_group(0);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => keeper.env(name, value),
            None => keeper.env_remove(name),
        };
    }
    keeper
}

fn new_directory(name: &str) -> PathBuf {
    tempfile::Builder::new()
        .prefix(&format!("rolecall-{name}-"))
        .tempdir()
        .expect("the temporary folder is writable")
        .keep()
}

/// Writes a file in such a way that no process sees an incomplete file under this name.
pub fn write_whole(path: &Path, contents: &[u8]) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let folder = path.parent().expect("a file has a folder");
    let unfinished = path.with_extension(format!(
        "unfinished-{}",
        COUNT.fetch_add(1, Ordering::Relaxed)
    ));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&unfinished, contents))
        .and_then(|()| fs::rename(&unfinished, path))
        .unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
}
