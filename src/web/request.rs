//! The facts that are fixed when a request arrives: its ID and the rules that apply to it.

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpMessage as _, HttpRequest};

use super::App;
use super::request_id::RequestId;
use super::rules::Rules;

/// The ID of a request, and the rules that apply to it.
#[derive(Clone, Debug)]
pub struct RequestFacts {
    /// The request ID, which appears in the log, in audit lines and in responses.
    pub id: RequestId,
    /// The rules that were in effect when the request arrived.
    pub rules: Arc<Rules>,
}

impl RequestFacts {
    /// Collects the facts for a request that has just arrived.
    pub fn new(app: &App) -> Self {
        Self {
            id: RequestId::new(),
            rules: app.rules(),
        }
    }

    /// Returns the facts of `request`. If none were collected, uses the current rules and an ID of
    /// zeros. Returns `None` if no [`App`] is registered.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        let settled = request.extensions().get::<Self>().cloned();
        settled.or_else(|| {
            let app = request.app_data::<Data<App>>()?;
            Some(Self {
                id: RequestId::default(),
                rules: app.rules(),
            })
        })
    }
}
