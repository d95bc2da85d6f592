//! Logging to standard error. Standard output is reserved for the audit trail and for the output of
//! commands.

mod escaped;
mod panics;

use std::io::{self, IsTerminal as _};
use std::panic;
use std::time::Duration;

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::{Filter, Layer, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Registry};
use tracing_subscriber::util::SubscriberInitExt as _;

use escaped::Escaped;

use crate::logs::{Form, Log};
use crate::printable;

/// At `info`, actix logs several lines at every start. rolecall logs a single line instead
/// (`listening`).
const DEFAULT_FOR_SERVICE: &str = "info,actix_server=warn";
const DEFAULT_FOR_PEOPLE: &str = "warn";

/// How long the last log lines may take at the end of the process.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Waits for the last log lines when it is dropped, so also after a panic.
pub(super) struct LastLines(Log);

impl Drop for LastLines {
    fn drop(&mut self) {
        self.0.flush(LAST_LINES);
    }
}

/// Starts logging for `rolecall serve`, one JSON object per line. The level is `info` unless
/// `RUST_LOG` is set. Panics are logged too: their usual message would block on the same reader.
///
/// # Errors
/// The thread that writes the log cannot be started.
pub(super) fn json() -> io::Result<LastLines> {
    let log = Log::to_standard_error(Form::Json)?;
    let writer = log.clone();
    start(json_layer(move || writer.clone()), DEFAULT_FOR_SERVICE);
    panic::set_hook(Box::new(panics::log));
    Ok(LastLines(log))
}

/// Starts logging for `rolecall demo`, in plain text. The level is `warn` unless `RUST_LOG` is set.
/// As in the service, nobody waits for the reader.
///
/// # Errors
/// The thread that writes the log cannot be started.
pub(super) fn demo() -> io::Result<LastLines> {
    let log = Log::to_standard_error(Form::Text)?;
    let writer = log.clone();
    start(human_layer(move || writer.clone()), DEFAULT_FOR_PEOPLE);
    panic::set_hook(Box::new(panics::log));
    Ok(LastLines(log))
}

/// Starts logging for all other commands, in plain text. The level is `warn` unless `RUST_LOG` is
/// set.
pub(super) fn human() {
    start(human_layer(io::stderr), DEFAULT_FOR_PEOPLE);
}

fn start(layer: impl Layer<Registry> + Send + Sync, default: &'static str) {
    let filter = filter(std::env::var(EnvFilter::DEFAULT_ENV).ok(), default);
    Registry::default().with(layer.with_filter(filter)).init();
}

fn human_layer<S, W>(writer: W) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    fmt::layer()
        .compact()
        .without_time()
        .with_target(false)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(Escaped::new(writer, printable::text))
}

fn json_layer<S, W>(writer: W) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(Escaped::new(writer, printable::json))
}

/// A filter that applies the valid directives in `RUST_LOG`, but blocks all events that may contain
/// secrets.
fn filter<S: Subscriber>(rust_log: Option<String>, default: &str) -> impl Filter<S> {
    let directives = rust_log.filter(|directives| !directives.is_empty());
    let directives = directives.unwrap_or_else(|| default.to_owned());
    EnvFilter::builder()
        .parse_lossy(directives)
        .and(filter_fn(is_harmless))
}

/// Whether an event cannot contain secrets. Below `info`, HTTP and AWS libraries log requests and
/// responses verbatim, including assertions and credentials. `RUST_LOG` must not enable such
/// events.
fn is_harmless(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("rolecall") || *metadata.level() <= Level::INFO
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Logs five events and returns the messages of those that appear with this `RUST_LOG`.
    fn messages(rust_log: Option<&str>) -> Vec<String> {
        let log = Log::default();
        let writer = log.clone();
        let filter = filter(rust_log.map(str::to_owned), DEFAULT_FOR_SERVICE);
        let layer = json_layer(move || writer.clone()).with_filter(filter);
        tracing::subscriber::with_default(Registry::default().with(layer), || {
            tracing::debug!("our detail");
            tracing::info!("our news");
            tracing::info!(target: "actix_server::builder", "greeting");
            tracing::debug!(target: "aws_smithy_runtime::client", "secret");
            tracing::warn!(target: "aws_smithy_runtime::client", "their trouble");
        });
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let message = |line: &str| {
            let object: serde_json::Value = serde_json::from_str(line).unwrap();
            object["message"].as_str().unwrap().to_owned()
        };
        text.lines().map(message).collect()
    }

    /// Whatever is logged, and however: nothing invisible reaches a terminal.
    #[test]
    fn invisible_characters_are_escaped() {
        let log = Log::default();
        let writer = log.clone();
        let human = fmt::layer()
            .compact()
            .with_ansi(false)
            .with_writer(Escaped::new(
                {
                    let writer = log.clone();
                    move || writer.clone()
                },
                printable::text,
            ));
        let layers = Registry::default()
            .with(json_layer(move || writer.clone()))
            .with(human);
        let hostile = "a\u{202e}b\u{200b}c\u{9b}d\u{e0041}";
        tracing::subscriber::with_default(layers, || {
            tracing::warn!(one = hostile, two = %hostile, three = ?hostile, "{hostile}");
        });
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(
            text.chars()
                .all(|c| c == '\n' || c.is_ascii_graphic() || c == ' '),
            "{text}"
        );
        let json = text.lines().find(|line| line.starts_with('{')).unwrap();
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(json["two"], hostile);
    }

    #[test]
    fn a_service_logs_what_matters_in_json() {
        assert_eq!(messages(None), ["our news", "their trouble"]);
        assert_eq!(messages(Some("")), ["our news", "their trouble"]);
        assert_eq!(messages(Some("error")), [""; 0]);
    }

    #[test]
    fn no_rust_log_value_makes_libraries_log_secrets() {
        let all = ["our detail", "our news", "greeting", "their trouble"];
        assert_eq!(messages(Some("trace")), all);
        assert_eq!(messages(Some("trace,not=a=directive")), all);
        assert_eq!(
            messages(Some("aws_smithy_runtime=trace")),
            ["their trouble"]
        );
    }
}
