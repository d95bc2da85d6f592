//! The documents of the OpenID Connect issuer, which AWS reads without any cookie.

use actix_web::HttpResponse;
use serde_json::Value;

use super::context::Context;
use super::error::WebError;
use crate::oidc::Issuer;

/// `GET /.well-known/openid-configuration`.
pub async fn discovery(context: Context) -> Result<HttpResponse, WebError> {
    document(&context, Issuer::discovery)
}

/// `GET /oidc/jwks`.
pub async fn jwks(context: Context) -> Result<HttpResponse, WebError> {
    document(&context, Issuer::jwks)
}

fn document(context: &Context, of: fn(&Issuer) -> Value) -> Result<HttpResponse, WebError> {
    let issuer = context.terms().issuer();
    let issuer = issuer.ok_or(WebError::NotFound)?;
    Ok(HttpResponse::Ok().json(of(issuer)))
}
