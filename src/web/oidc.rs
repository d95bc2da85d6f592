//! The documents of the OpenID Connect issuer, which AWS reads without any cookie.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use serde_json::Value;

use super::context::Context;
use super::error::WebError;
use crate::oidc::Issuer;

/// How long relying parties may keep them: a key is published at least as long before it signs.
const CACHE: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// `GET /.well-known/openid-configuration`.
pub async fn discovery(context: Context) -> HttpResponse {
    document(&context, Issuer::discovery)
}

/// `GET /oidc/jwks`.
pub async fn jwks(context: Context) -> HttpResponse {
    document(&context, Issuer::jwks)
}

fn document(context: &Context, of: fn(&Issuer) -> Value) -> HttpResponse {
    match context.terms().issuer() {
        Some(issuer) => HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, CACHE))
            .json(of(issuer)),
        None => WebError::NotFound.page(context),
    }
}
