//! `GET /saml/metadata`: ours.

use actix_web::HttpResponse;

use crate::web::context::Context;

/// The document, under the media type that saml-metadata's errata register.
pub async fn metadata(context: Context) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/samlmetadata+xml")
        .body(context.saml().metadata_xml().to_owned())
}
