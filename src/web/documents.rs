//! Documents for programs: those of the OpenID Connect issuer, which AWS fetches, and `security.txt`.

use actix_web::HttpResponse;
use chrono::TimeDelta;
use serde_json::Value;

use super::context::Context;
use super::error::WebError;

/// How long a `security.txt` is valid. RFC 9116, 2.5.5, recommends less than a year. Each answer
/// contains a new date.
const SECURITY_VALID_FOR: TimeDelta = TimeDelta::days(180);

/// `GET /.well-known/openid-configuration`: the discovery document, or 404 if there is no issuer.
pub async fn discovery(context: Context) -> Result<HttpResponse, WebError> {
    document(context.desk_rules().discovery())
}

/// `GET /oidc/jwks`: the public keys, or 404 if there is no issuer.
pub async fn jwks(context: Context) -> Result<HttpResponse, WebError> {
    document(context.desk_rules().jwks())
}

fn document(document: Option<Value>) -> Result<HttpResponse, WebError> {
    let document = document.ok_or(WebError::NotFound)?;
    Ok(HttpResponse::Ok().json(document))
}

/// `GET /.well-known/security.txt`: where to report vulnerabilities (RFC 9116), or 404 if no contact
/// is configured.
pub async fn security(context: Context) -> Result<HttpResponse, WebError> {
    let config = &context.rules.config;
    let contact = config.portal.security_contact.as_ref();
    let contact = contact.ok_or(WebError::NotFound)?;
    let expires = (context.now() + SECURITY_VALID_FOR).format("%FT%TZ");
    let mut lines = vec![format!("Contact: {contact}"), format!("Expires: {expires}")];
    // Web URIs in the document must be https (2.5.2).
    if config.public_url.scheme() == "https" {
        let canonical = config.security_url();
        lines.push(format!("Canonical: {canonical}"));
    }
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(lines.join("\n") + "\n"))
}
