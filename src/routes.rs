//! The route table: every URL on one screen. Each line states the URL's surface and the exceptions
//! to the surface's defaults.

use actix_web::web::ServiceConfig;

use crate::oidc::{DISCOVERY_PATH, JWKS_PATH};
use crate::web::endpoint::{anything_else, api, document, ops, page, saml};
use crate::web::ops::health;
use crate::web::pages::{
    console, credentials, go, login, logout, me, portal, several, static_files, tools, used,
};
use crate::web::saml::{acs, metadata, slo};
use crate::web::{api, documents};

/// The maximum size of a form from the portal, in bytes. Each button submits all switches that are
/// on, and a person may have a thousand roles.
const PORTAL_BYTES: usize = 512 * 1024;

/// Registers the URLs for people and programs. `message_bytes` is the size limit for the body of an
/// IdP's POST.
#[rustfmt::skip] // One URL per line.
pub fn public(config: &mut ServiceConfig, message_bytes: usize) {
    let from_idps = |path| saml(path).takes_posts_of_idps().takes(message_bytes);
    let of_portal = |path| page(path).takes(PORTAL_BYTES);
    config
        .service(page("/").read(portal::portal))
        .service(page("/go").read(go::go))
        .service(page("/login").begins_login().read(login::start).post(login::by_email))
        .service(page("/login/finish").ends_login().get(login::finish))
        .service(page("/login/used").get(used::used))
        .service(page("/login/replace").post(login::replace))
        .service(from_idps("/saml/acs").begins_login().post(acs::acs))
        .service(from_idps("/saml/slo").get(slo::redirected).post(slo::posted))
        .service(saml("/saml/metadata").is_only_data().read(metadata::metadata))
        .service(document(DISCOVERY_PATH).read(documents::discovery))
        .service(document(JWKS_PATH).read(documents::jwks))
        .service(page("/.well-known/security.txt").read(documents::security))
        .service(of_portal("/credentials").post(credentials::credentials))
        .service(of_portal("/credentials/several").post(several::several))
        .service(of_portal("/console").post(console::console))
        .service(page("/me").read(me::me))
        .service(page("/tools").read(tools::tools))
        .service(page("/tools/refusal").post(tools::refusal))
        .service(page("/tools/key").post(tools::key))
        .service(page("/logout").post(logout::logout))
        .service(api("/api/roles").read(api::roles::roles))
        .service(api("/api/credentials").post(api::credentials::credentials))
        .service(api("/api/console").post(api::console::console))
        .service(api("/api/tools/refusal").post(api::tools::refusal))
        .service(api("/api/tools/key").post(api::tools::key))
        .service(api("/api/{anything_else:.*}").is_nowhere())
        .service(page("/static/{name}").is_only_data().read(static_files::serve))
        .default_service(anything_else());
}

/// Registers the health checks, for the internal listener only.
pub fn internal(config: &mut ServiceConfig) {
    config
        .service(ops("/healthz/live").read(health::live))
        .service(ops("/healthz/ready").read(health::ready));
}

#[cfg(test)]
mod tests;
