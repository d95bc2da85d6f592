//! The health checks, on the internal listener only.

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::{Value, json};

use crate::audit;
use crate::crypto;
use crate::logs;
use crate::store::{Key, Kind};
use crate::web::App;

/// `GET /healthz/live`: always succeeds, which shows that the process handles requests.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "live" }))
}

/// `GET /healthz/ready`: succeeds if the store works, the audit trail can be written, new connections
/// can be served, and the service is not shutting down.
///
/// The response lists the identity providers, but they do not affect the status. If an IdP has no
/// metadata, its users must still be able to reach the page that explains this. Users of other IdPs
/// must still be able to sign in. A failed reload does not affect the status either, because the
/// previous rules stay in effect.
pub async fn ready(app: Data<App>) -> HttpResponse {
    let store = &app.state.store;
    let key = Key::new(Kind::Open, crypto::derive("rolecall readiness", &[]));
    let is_stored = store.put(key, [1], Duration::from_secs(10)).await.is_ok()
        && matches!(store.get(key).await, Ok(Some(_)));
    let is_stopping = app.stopping.load(Ordering::Relaxed);
    let is_full = app.is_full();
    let trail = app.state.audit.health();
    let checks = checks(&app, &trail, is_stored, is_stopping);
    if is_stored && trail.problem.is_none() && !is_stopping && !is_full {
        HttpResponse::Ok().json(json!({ "status": "ready", "checks": checks }))
    } else {
        HttpResponse::ServiceUnavailable().json(json!({ "status": "not ready", "checks": checks }))
    }
}

fn checks(app: &App, trail: &audit::Health, is_stored: bool, is_stopping: bool) -> Value {
    let log = logs::health();
    let (rules, reloaded) = (app.rules(), app.reloaded());
    let (now, admission) = (app.state.clock.now(), app.state.store.admission());
    let idps = rules.sign_in.saml.idps().iter();
    let identity_providers: Vec<_> = idps.map(|idp| idp.health(now)).collect();
    json!({
        "audit": trail.problem.is_none(),
        "audit_problem": trail.problem,
        "audit_head": trail.head,
        "log": log.works,
        "log_lines_dropped": log.dropped,
        "configuration": reloaded.problems.is_empty(),
        "configuration_problems": reloaded.problems,
        "need_restart": reloaded.need_restart,
        "rules": rules.digest.as_str(),
        "identity_providers": identity_providers,
        "connections": !app.is_full(),
        "open_connections": app.open_connections.load(Ordering::Relaxed),
        "has_room": admission.has_room,
        "memory_percent": admission.taken,
        "store": is_stored,
        "stopping": is_stopping,
    })
}
