//! Signals: SIGTERM and SIGINT stop the service, SIGHUP reads the configuration again.
//!
//! By default a process ends when it gets SIGHUP, SIGUSR1 or SIGUSR2. Scripts and supervisors send them
//! to services that mean something else by them; so they are caught before anything else is done, and
//! until the process has ended.

use std::io;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::reload::Reload;

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
                    // What came of it is in the log.
                    let _ = reload.run();
                }
                Some(()) = first.recv() => tracing::info!("SIGUSR1 means nothing here"),
                Some(()) = second.recv() => tracing::info!("SIGUSR2 means nothing here"),
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
