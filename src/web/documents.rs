//! The documents of the OpenID Connect issuer, which AWS reads without any cookie.

use actix_web::HttpResponse;
use serde_json::Value;

use super::context::Context;
use super::error::WebError;

/// `GET /.well-known/openid-configuration`.
pub async fn discovery(context: Context) -> Result<HttpResponse, WebError> {
    document(context.terms().discovery())
}

/// `GET /oidc/jwks`.
pub async fn jwks(context: Context) -> Result<HttpResponse, WebError> {
    document(context.terms().jwks())
}

fn document(document: Option<Value>) -> Result<HttpResponse, WebError> {
    let document = document.ok_or(WebError::NotFound)?;
    Ok(HttpResponse::Ok().json(document))
}
