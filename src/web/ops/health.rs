//! Health, on the internal listener only.

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

use crate::crypto;
use crate::store::{Key, Kind};
use crate::web::App;

/// `GET /healthz/live`: the process answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "live" }))
}

/// `GET /healthz/ready`: the store answers, and the service is not going down. The configuration is
/// good, or the service had not started.
///
/// Identity providers are told about and decide nothing: where one has no metadata, people must get
/// the page that says so, and those of the others must get in.
pub async fn ready(app: Data<App>) -> HttpResponse {
    let key = Key::new(Kind::Pending, crypto::derive("rolecall readiness", &[]));
    let is_stored = app
        .store
        .put(key, [1], Duration::from_secs(10))
        .await
        .is_ok()
        && matches!(app.store.get(key).await, Ok(Some(_)));
    let now = app.clock.now();
    let idps = app.saml.idps().iter();
    let identity_providers: Vec<_> = idps.map(|idp| idp.health(now)).collect();
    let checks = json!({
        "configuration": true,
        "identity_providers": identity_providers,
        "has_room": app.store.has_room(),
        "memory_percent": app.store.taken(),
        "store": is_stored,
        "stopping": app.stopping.load(Ordering::Relaxed),
    });
    if is_stored && !app.stopping.load(Ordering::Relaxed) {
        HttpResponse::Ok().json(json!({ "status": "ready", "checks": checks }))
    } else {
        HttpResponse::ServiceUnavailable().json(json!({ "status": "not ready", "checks": checks }))
    }
}
