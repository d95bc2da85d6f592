//! Signals: SIGTERM and SIGINT stop the service, SIGHUP reads the configuration again.
//!
//! By default SIGHUP, SIGUSR1 and SIGUSR2 end a process. Scripts and supervisors send them in the belief
//! that they do not. So rolecall catches them first of all, and for as long as it runs. Only while the
//! system still loads the program can they end it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGHUP, SIGUSR1, SIGUSR2};
use signal_hook::flag;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::reload::Reload;

/// Keeps SIGHUP, SIGUSR1 and SIGUSR2 from ending the process, for as long as it lives.
///
/// [`Signals`] need a runtime. This does not, so it can come first. Nothing is missed: whoever
/// calls it reads the configuration afterwards.
pub fn survive_signals() -> io::Result<()> {
    for signal in [SIGHUP, SIGUSR1, SIGUSR2] {
        // Nobody looks at the flag: what matters is that the signal has a handler.
        flag::register(signal, Arc::new(AtomicBool::new(false)))?;
    }
    Ok(())
}

/// Signals that have been caught since this was made.
#[derive(Debug)]
pub struct Signals {
    hangup: Signal,
    others: [Signal; 2],
}

impl Signals {
    /// Catches SIGHUP, SIGUSR1 and SIGUSR2 from now on; one that comes before anybody looks is not lost.
    pub fn catch() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            others: [
                signal(SignalKind::user_defined1())?,
                signal(SignalKind::user_defined2())?,
            ],
        })
    }

    /// Does what they mean, for as long as the service runs.
    pub(super) async fn obey(mut self, reload: Arc<Reload>) {
        let [first, second] = &mut self.others;
        loop {
            tokio::select! {
                Some(()) = self.hangup.recv() => {
                    // It reads files, which may take its time. What came of it is in the log.
                    let run = Arc::clone(&reload);
                    if let Err(error) = tokio::task::spawn_blocking(move || run.run()).await {
                        reload.broke_off(&error);
                    }
                }
                Some(()) = first.recv() => tracing::info!("SIGUSR1 is ignored"),
                Some(()) = second.recv() => tracing::info!("SIGUSR2 is ignored"),
                else => return,
            }
        }
    }
}

/// Waits for SIGTERM or SIGINT.
pub(super) async fn told_to_stop() {
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
