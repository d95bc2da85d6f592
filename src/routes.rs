//! Every URL on one screen.

use actix_web::web::{self, PayloadConfig, ServiceConfig, get, post};
use actix_web::{HttpRequest, HttpResponse};

use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::{acs, api, assets, console, credentials, health, login, logout, metadata, portal};

/// The largest form or JSON body, in bytes.
const FORM_BYTES: usize = 16 * 1024;
/// The largest body of an IdP's POST, in bytes.
pub const ACS_BYTES: usize = 256 * 1024;

/// What people and programs reach.
pub fn public(config: &mut ServiceConfig) {
    config
        .app_data(PayloadConfig::new(FORM_BYTES))
        .route("/", get().to(portal::portal))
        .route("/login", get().to(login::start))
        .route("/login/finish", get().to(login::finish))
        .route("/login/replace", post().to(login::replace))
        .service(
            web::resource("/saml/acs")
                .app_data(PayloadConfig::new(ACS_BYTES))
                .route(post().to(acs::acs))
                .default_service(web::to(wrong_method)),
        )
        .route("/saml/metadata", get().to(metadata::metadata))
        .route("/credentials", post().to(credentials::credentials))
        .route("/console", post().to(console::console))
        .route("/logout", post().to(logout::logout))
        .route("/api/roles", get().to(api::roles))
        .route("/api/credentials", post().to(api::credentials))
        .route("/api/console", post().to(api::console))
        .route("/static/{name}", get().to(assets::serve))
        .default_service(web::to(not_found));
}

/// What only the machine itself and its monitoring reach.
pub fn internal(config: &mut ServiceConfig) {
    config
        .route("/healthz/live", get().to(health::live))
        .route("/healthz/ready", get().to(health::ready));
}

async fn not_found(context: Context, request: HttpRequest) -> HttpResponse {
    WebError::NotFound.answer(&context, request.path())
}

async fn wrong_method(context: Context, request: HttpRequest) -> HttpResponse {
    WebError::MethodNotAllowed.answer(&context, request.path())
}
