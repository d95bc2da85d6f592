//! Logs go to standard error: standard output is for the audit trail and for what a command prints.

use std::io;

use tracing_subscriber::EnvFilter;

/// One JSON object a line, for `serve`; from `info` on unless `RUST_LOG` says otherwise.
pub(super) fn json() {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_env_filter(filter("info"))
        .with_writer(io::stderr)
        .init();
}

/// For people; from `warn` on unless `RUST_LOG` says otherwise.
pub(super) fn human() {
    tracing_subscriber::fmt()
        .compact()
        .without_time()
        .with_target(false)
        .with_env_filter(filter("warn"))
        .with_writer(io::stderr)
        .init();
}

/// A `RUST_LOG` that cannot be read is no reason not to start: its good parts count.
fn filter(default: &str) -> EnvFilter {
    match std::env::var(EnvFilter::DEFAULT_ENV) {
        Ok(directives) if !directives.is_empty() => EnvFilter::builder().parse_lossy(directives),
        _ => EnvFilter::new(default),
    }
}
