//! Panics in the log: one line for each, which waits for nobody.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::PanicHookInfo;

/// Logs a panic. This is called in the thread that panics.
pub(super) fn log(panic: &PanicHookInfo<'_>) {
    let backtrace = Backtrace::capture();
    let backtrace = Some(backtrace).filter(|trace| trace.status() == BacktraceStatus::Captured);
    let backtrace = backtrace.map(|trace| trace.to_string());
    tracing::error!(%panic, backtrace, "a thread panicked");
}

#[cfg(test)]
mod tests;
