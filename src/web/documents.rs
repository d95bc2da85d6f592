//! The OpenID Connect issuer's documents, which AWS fetches.

use actix_web::HttpResponse;
use serde_json::Value;

use super::context::Context;
use super::error::WebError;

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
