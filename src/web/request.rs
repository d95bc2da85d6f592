//! What is settled for a request before anything else: its ID, and the rules that hold for it.

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpMessage as _, HttpRequest};

use super::App;
use super::request_id::RequestId;
use super::rules::Rules;

/// What is settled for a request.
#[derive(Clone, Debug)]
pub struct RequestFacts {
    /// Its ID.
    pub id: RequestId,
    /// The rules as they were when it came.
    pub rules: Arc<Rules>,
}

impl RequestFacts {
    /// For a request that comes now.
    pub fn new(app: &App) -> Self {
        Self {
            id: RequestId::new(),
            rules: app.rules(),
        }
    }

    /// What was settled for `request`; without an application there is nothing.
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
