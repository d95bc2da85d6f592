//! `GET /saml/metadata`: the service provider's own metadata.

use actix_web::HttpResponse;

use crate::web::context::Context;

/// Returns the metadata, with the media type from the errata to saml-metadata.
pub async fn metadata(context: Context) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/samlmetadata+xml")
        .body(context.saml().metadata_xml().to_owned())
}
