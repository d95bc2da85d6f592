//! The queue in front of the log.
//!
//! Writing to a pipe blocks until its reader reads. So a thread of its own writes the log, and no
//! other thread waits for it. If the queue is full, lines are dropped and counted. As soon as the
//! reader reads again, a line tells how many.
//!
//! `tracing-appender` has such a queue too, but tells nobody that it dropped lines: only the
//! program can ask for their number, and what it then logs may be dropped as well.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use crate::clock::Clock;

/// The maximum number of lines that wait: 2 MB with lines of the usual length, and enough for a
/// burst.
const MAX_WAITING: usize = 4_096;
/// How long to wait if a descriptor that another program shares with us does not block.
const FULL_PIPE_PAUSE: Duration = Duration::from_millis(5);

/// The process has one log, so its counters are global.
static DROPPED: AtomicU64 = AtomicU64::new(0);
static UNTOLD: AtomicU64 = AtomicU64::new(0);
static IS_FULL: AtomicBool = AtomicBool::new(false);

/// The state of the log, for readiness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether lines are being written. `false` if the last line was dropped.
    pub works: bool,
    /// The number of lines dropped since the start of the process.
    pub dropped: u64,
}

/// The state of the process's log.
pub fn health() -> Health {
    Health {
        works: !IS_FULL.load(Ordering::Relaxed),
        dropped: DROPPED.load(Ordering::Relaxed),
    }
}

/// The form of the line about dropped lines, which is that of all other lines.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// One JSON object on each line.
    Json,
    /// Text for people.
    Text,
}

enum Job {
    Line(Vec<u8>),
    /// Sends a message once all earlier lines have been written.
    Flush(SyncSender<()>),
}

/// The queue in front of the log. Each write is one line, and never blocks.
#[derive(Clone, Debug)]
pub struct Log {
    jobs: SyncSender<Job>,
}

impl Log {
    /// Starts a thread that writes to standard error.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn to_standard_error(form: Form) -> io::Result<Self> {
        // A descriptor of its own: a write that blocks must not hold the lock of the standard
        // library's `Stderr`.
        let file = io::stderr().as_fd().try_clone_to_owned()?.into();
        Self::start(file, form)
    }

    fn start(file: File, form: Form) -> io::Result<Self> {
        let (jobs, waiting) = sync_channel(MAX_WAITING);
        let thread = thread::Builder::new().name("log".to_owned());
        thread.spawn(move || write_all(file, form, &waiting))?;
        Ok(Self { jobs })
    }

    /// Waits until all earlier lines have been written, but no longer than `limit`.
    pub fn flush(&self, limit: Duration) {
        let (done, is_done) = sync_channel(1);
        if self.jobs.try_send(Job::Flush(done)).is_ok() {
            let _ = is_done.recv_timeout(limit);
        }
    }
}

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.jobs.try_send(Job::Line(line.to_vec())).is_err() {
            DROPPED.fetch_add(1, Ordering::Relaxed);
            UNTOLD.fetch_add(1, Ordering::Relaxed);
            IS_FULL.store(true, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write_all(mut file: File, form: Form, jobs: &Receiver<Job>) {
    for job in jobs {
        match job {
            Job::Line(line) => {
                write(&mut file, &line);
                IS_FULL.store(false, Ordering::Relaxed);
                let dropped = UNTOLD.swap(0, Ordering::Relaxed);
                if dropped > 0 {
                    write(&mut file, form.notice(dropped).as_bytes());
                }
            }
            Job::Flush(done) => {
                let _ = done.try_send(());
            }
        }
    }
}

/// Writes a line. If this fails, there is nowhere to report it.
fn write(file: &mut File, mut line: &[u8]) {
    while !line.is_empty() {
        match file.write(line) {
            Ok(0) => return,
            Ok(written) => line = line.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(FULL_PIPE_PAUSE),
            Err(_) => return,
        }
    }
}

impl Form {
    /// The line about dropped lines.
    fn notice(self, dropped: u64) -> String {
        const MESSAGE: &str = "log lines were dropped because nobody read the log";
        match self {
            Self::Json => {
                let line = serde_json::json!({
                    "timestamp": Clock::system().now(),
                    "level": "WARN",
                    "message": MESSAGE,
                    "dropped": dropped,
                    "target": module_path!(),
                });
                format!("{line}\n")
            }
            Self::Text => format!(" WARN {MESSAGE} dropped={dropped}\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};

    use super::*;

    /// Nobody waits for a reader that does not read. When it reads again, it learns how many lines
    /// are missing.
    #[test]
    fn lines_that_nobody_reads_are_dropped_and_counted() {
        let (reader, mut writer) = io::pipe().unwrap();
        rustix::fs::fcntl_setfl(&writer, rustix::fs::OFlags::NONBLOCK).unwrap();
        let full = io::copy(&mut io::repeat(b'\n'), &mut writer).unwrap_err();
        assert_eq!(full.kind(), ErrorKind::WouldBlock);
        rustix::fs::fcntl_setfl(&writer, rustix::fs::OFlags::empty()).unwrap();
        let mut log = Log::start(std::os::fd::OwnedFd::from(writer).into(), Form::Json).unwrap();
        let line = format!("{}\n", "x".repeat(99));
        let sent = 2 * MAX_WAITING;
        for _ in 0..sent {
            log.write_all(line.as_bytes()).unwrap();
        }
        assert!(!health().works);
        let dropped = health().dropped;
        assert!(dropped > 0);
        log.flush(Duration::from_millis(1));
        drop(log);
        let lines = BufReader::new(reader).lines().map(Result::unwrap);
        let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
        let notices = lines.iter().filter(|line| line.starts_with('{'));
        let notices: Vec<serde_json::Value> = notices
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(notices.len(), 1, "{notices:?}");
        assert_eq!(notices[0]["dropped"].as_u64(), Some(dropped));
        assert_eq!(lines.len() - 1 + usize::try_from(dropped).unwrap(), sent);
        assert!(health().works);
    }
}
