//! Signals: SIGTERM and SIGINT stop the service, and SIGHUP reloads the configuration.
//!
//! By default, SIGHUP, SIGUSR1 and SIGUSR2 terminate a process, but scripts and supervisors that
//! send these signals expect the service to survive. So the service catches these three signals
//! from its very start until it exits. They can terminate the service only while the operating
//! system is still loading the program.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGUSR1, SIGUSR2, SIGXFSZ};
use signal_hook::flag;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::reload::Reload;

/// Prevents SIGHUP, SIGUSR1 and SIGUSR2 from terminating the process, for as long as it runs. Also
/// makes a write beyond the limit on file sizes an error instead of the end of the process
/// (SIGXFSZ).
///
/// This function is called before [`Signals::catch`], because it needs no async runtime. A SIGHUP
/// between the two calls is ignored, but no change to the configuration is missed, because the
/// configuration is read after both calls.
pub fn survive_signals() -> io::Result<()> {
    for signal in [SIGHUP, SIGUSR1, SIGUSR2, SIGXFSZ] {
        // The flag is never read. It is enough that the signal has a handler.
        flag::register(signal, Arc::new(AtomicBool::new(false)))?;
    }
    Ok(())
}

/// A receiver for SIGHUP, SIGUSR1 and SIGUSR2.
#[derive(Debug)]
pub struct Signals {
    hangup: Signal,
    others: [Signal; 2],
}

impl Signals {
    /// Starts to catch SIGHUP, SIGUSR1 and SIGUSR2. Signals that arrive before the service handles
    /// them are not lost.
    pub fn catch() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            others: [
                signal(SignalKind::user_defined1())?,
                signal(SignalKind::user_defined2())?,
            ],
        })
    }

    /// Handles the signals until the task is aborted.
    pub(super) async fn obey(mut self, reload: Arc<Reload>) {
        let [first, second] = &mut self.others;
        loop {
            tokio::select! {
                Some(()) = self.hangup.recv() => {
                    // `run` logs the result.
                    let _ = Arc::clone(&reload).run().await;
                }
                Some(()) = first.recv() => tracing::info!("SIGUSR1 is ignored"),
                Some(()) = second.recv() => tracing::info!("SIGUSR2 is ignored"),
                else => return,
            }
        }
    }
}

/// Ends the process after `limit`, whatever hangs: for example a reload that reads from a pipe
/// without a writer.
pub(super) fn end_process_after(limit: Duration) {
    let end = move || {
        thread::sleep(limit);
        std::process::exit(1);
    };
    if let Err(error) = thread::Builder::new().name("end".to_owned()).spawn(end) {
        tracing::warn!(%error, "the end of the process cannot be limited in time");
    }
}

/// Waits for SIGTERM or SIGINT.
pub(super) async fn stop_signal() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
