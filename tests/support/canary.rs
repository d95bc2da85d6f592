//! A server and a file that nothing may access. Every access is counted.

use std::io::Read as _;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use inotify::{Inotify, WatchMask};
use tempfile::TempDir;

pub struct Canary {
    port: u16,
    connections: Arc<AtomicUsize>,
    watch: Mutex<Inotify>,
    directory: TempDir,
}

impl Canary {
    /// The canary that the hostile messages in a test binary refer to.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Canary> = OnceLock::new();
        SHARED.get_or_init(Self::new)
    }

    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("a bound socket").port();
        let connections = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&connections);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                seen.fetch_add(1, Ordering::SeqCst);
                // End each connection, so that no client waits for a response.
                if let Ok(mut stream) = stream {
                    let _ = stream.read(&mut [0; 16]);
                }
            }
        });
        let directory = tempfile::tempdir().expect("the temporary folder is writable");
        std::fs::write(directory.path().join("canary"), "secret").expect("a file can be written");
        let watch = Inotify::init().expect("inotify is available");
        let mask = WatchMask::OPEN | WatchMask::ACCESS | WatchMask::MODIFY | WatchMask::DELETE_SELF;
        watch
            .watches()
            .add(directory.path().join("canary"), mask)
            .expect("a file can be watched");
        Self {
            port,
            connections,
            watch: Mutex::new(watch),
            directory,
        }
    }

    /// `http://127.0.0.1:PORT/`
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    pub fn file(&self) -> PathBuf {
        self.directory.path().join("canary")
    }

    /// The number of connections to the server, and the number of inotify events for the file,
    /// since this function was last called.
    pub fn touched(&self) -> (usize, usize) {
        let mut events = [0; 4096];
        let mut watch = self.watch.lock().expect("no panic while locked");
        let opened = match watch.read_events(&mut events) {
            Ok(events) => events.count(),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => 0,
            Err(error) => panic!("{error}"),
        };
        (self.connections.swap(0, Ordering::SeqCst), opened)
    }
}
