//! An error as the administrator reads it.

use crate::printable::reason;
use crate::session::SessionError;
use crate::store::StoreError;
use crate::web::context::Context;
use crate::web::error::WebError;

/// Writes the line, and counts whoever is turned away.
pub fn note(error: &WebError, context: &Context) {
    match error {
        WebError::Busy { .. } => context.app().shed.busy(),
        WebError::Session(SessionError::Store(StoreError::Full)) => context.app().shed.no_room(),
        _ => {}
    }
    write(error, &context.request_id);
}

/// Writes the line.
pub(super) fn write(error: &WebError, request_id: &str) {
    let code = error.code();
    if error.retry_after().is_some() && !is_for_the_administrator(error) {
        // A flood of requests is not to be one of log lines: what limits them tells now and then.
        tracing::debug!(request_id, code, "request refused");
    } else if error.status().is_server_error() {
        tracing::error!(request_id, code, error = reason(error), "request failed");
    } else {
        tracing::info!(request_id, code, error = reason(error), "request refused");
    }
}

/// What nobody else tells the administrator of.
fn is_for_the_administrator(error: &WebError) -> bool {
    matches!(
        error,
        WebError::Session(SessionError::Store(StoreError::NoMarks) | SessionError::TooOften { .. })
    )
}
