//! Writes errors to the log, for administrators.

use std::num::NonZeroU32;

use crate::printable::reason;
use crate::session::SessionError;
use crate::store::StoreError;
use crate::tally::Kind;
use crate::web::context::Context;
use crate::web::error::WebError;

/// The maximum number of errors with the same code from one address that are logged within a
/// minute.
const MAX_LOGGED: NonZeroU32 = NonZeroU32::new(10).expect("not zero");

/// Logs the error. Counts the request if it was turned away because the service is overloaded or
/// the store is full.
pub fn note(error: &WebError, context: &Context) {
    match error {
        WebError::Busy { .. } => context.app().shed.busy(),
        WebError::Session(SessionError::Store(StoreError::Full)) => context.app().shed.no_room(),
        _ => {}
    }
    if is_beyond(error, context) {
        tracing::debug!(
            request_id = &*context.request_id,
            code = error.code(),
            "request refused"
        );
    } else {
        write(error, &context.request_id);
    }
}

/// Whether the client's address has caused too many lines about this code within this minute.
fn is_beyond(error: &WebError, context: &Context) -> bool {
    let limit = context.rules.config.by_address(Some(MAX_LOGGED));
    let kind = Kind {
        event: "error",
        check: error.code(),
    };
    limit.is_some_and(|limit| {
        let lines = &context.app().log_lines;
        !lines.admit(context.now(), context.address(), kind, limit)
    })
}

/// Logs the error, at a level that depends on its kind.
pub(super) fn write(error: &WebError, request_id: &str) {
    let code = error.code();
    if error.retry_after().is_some() && !is_for_the_administrator(error) {
        // A flood of requests must not become a flood of log lines. The rate limiter and the
        // load-shedding counters log summaries instead.
        tracing::debug!(request_id, code, "request refused");
    } else if error.status().is_server_error() {
        tracing::error!(request_id, code, error = reason(error), "request failed");
    } else {
        tracing::info!(request_id, code, error = reason(error), "request refused");
    }
}

/// Whether the error must be logged individually although the client may retry: no summary includes
/// it.
fn is_for_the_administrator(error: &WebError) -> bool {
    matches!(
        error,
        WebError::Session(SessionError::Store(StoreError::NoMarks) | SessionError::TooOften { .. })
    )
}
