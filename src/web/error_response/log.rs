//! Writes errors to the log, for administrators.

use crate::printable::reason;
use crate::session::SessionError;
use crate::store::StoreError;
use crate::web::context::Context;
use crate::web::error::WebError;

/// Logs the error. Counts the request if it was turned away because the service is overloaded or
/// the store is full.
pub fn note(error: &WebError, context: &Context) {
    match error {
        WebError::Busy { .. } => context.app().shed.busy(),
        WebError::Session(SessionError::Store(StoreError::Full)) => context.app().shed.no_room(),
        _ => {}
    }
    write(error, &context.request_id);
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
