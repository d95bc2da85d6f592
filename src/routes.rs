//! Every URL on one screen.

use actix_web::guard;
use actix_web::web::{self, ServiceConfig, get, post};
use actix_web::{HttpRequest, HttpResponse, Resource, Route};

use crate::oidc::{DISCOVERY_PATH, JWKS_PATH};
use crate::web::body::LargestBody;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::{
    acs, api, assets, console, credentials, go, health, login, logout, me, metadata, oidc, portal,
    several, slo, tools,
};

/// The largest form or JSON body, in bytes.
const FORM_BYTES: usize = 16 * 1024;
/// The largest form of the portal, in bytes: the switches of a thousand roles that are on come along
/// with whatever button is pressed.
const PORTAL_BYTES: usize = 512 * 1024;

/// What people and programs reach; `message_bytes` bounds the body of an IdP's POST.
pub fn public(config: &mut ServiceConfig, message_bytes: usize) {
    config
        .app_data(LargestBody(FORM_BYTES))
        .service(at("/", read().to(portal::portal)))
        .service(at("/go", read().to(go::go)))
        .service(at("/login", read().to(login::start)).route(post().to(login::by_email)))
        .service(at("/login/finish", get().to(login::finish)))
        .service(at("/login/replace", post().to(login::replace)))
        .service(at("/saml/acs", post().to(acs::acs)).app_data(LargestBody(message_bytes)))
        .service(
            at("/saml/slo", get().to(slo::redirected))
                .route(post().to(slo::posted))
                .app_data(LargestBody(message_bytes)),
        )
        .service(at("/saml/metadata", read().to(metadata::metadata)))
        .service(at(DISCOVERY_PATH, read().to(oidc::discovery)))
        .service(at(JWKS_PATH, read().to(oidc::jwks)))
        .service(of_portal(
            "/credentials",
            post().to(credentials::credentials),
        ))
        .service(of_portal(
            "/credentials/several",
            post().to(several::several),
        ))
        .service(of_portal("/console", post().to(console::console)))
        .service(at("/me", read().to(me::me)))
        .service(at("/tools", read().to(tools::tools)))
        .service(at("/tools/refusal", post().to(tools::refusal)))
        .service(at("/tools/key", post().to(tools::key)))
        .service(at("/logout", post().to(logout::logout)))
        .service(at("/api/roles", read().to(api::roles)))
        .service(at("/api/credentials", post().to(api::credentials)))
        .service(at("/api/console", post().to(api::console)))
        .service(at("/api/tools/refusal", post().to(tools::api_refusal)))
        .service(at("/api/tools/key", post().to(tools::api_key)))
        .service(at("/static/{name}", read().to(assets::serve)))
        .default_service(web::to(not_found));
}

/// One URL, which takes the method of `route` and no other, unless another is added.
fn at(path: &str, route: Route) -> Resource {
    web::resource(path)
        .route(route)
        .default_service(web::to(wrong_method))
}

/// One URL that the portal's form goes to.
fn of_portal(path: &str, route: Route) -> Resource {
    at(path, route).app_data(LargestBody(PORTAL_BYTES))
}

/// GET, and HEAD, with which monitoring asks; actix leaves the body of its answer out.
fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// What only the machine itself and its monitoring reach.
pub fn internal(config: &mut ServiceConfig) {
    config
        .route("/healthz/live", read().to(health::live))
        .route("/healthz/ready", read().to(health::ready));
}

async fn not_found(context: Context, request: HttpRequest) -> HttpResponse {
    WebError::NotFound.answer(&context, request.path())
}

async fn wrong_method(context: Context, request: HttpRequest) -> HttpResponse {
    WebError::MethodNotAllowed.answer(&context, request.path())
}
