//! `GET /static/{name}`: the style sheets, scripts and images.

use std::future::{Ready, ready};

use actix_web::http::header::{self, EntityTag, Header as _, IfNoneMatch};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};

use crate::web::assets::{Asset, asset};
use crate::web::compression;
use crate::web::request::RequestFacts;

/// The content security policy of images, which may not run or fetch anything.
const PICTURE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// Serves rolecall's own files and the brand's files.
#[expect(
    clippy::needless_pass_by_value,
    reason = "actix passes extractors by value"
)]
pub fn serve(name: Path<String>, request: HttpRequest) -> Ready<HttpResponse> {
    let rules = RequestFacts::of(&request).map(|facts| facts.rules);
    let of_brand = || rules.as_ref().and_then(|rules| rules.brand.asset(&name));
    ready(asset(&name).or_else(of_brand).map_or_else(
        || HttpResponse::NotFound().finish(),
        |asset| respond(asset, &request),
    ))
}

fn respond(asset: &Asset, request: &HttpRequest) -> HttpResponse {
    let cache = (header::CACHE_CONTROL, cache_control(request, asset));
    let gzip = asset.gzip.as_ref();
    let gzip = gzip.filter(|_| compression::is_accepted(request));
    let etag = match gzip {
        Some(_) => asset.gzip_etag.as_str(),
        None => asset.etag.as_str(),
    };
    let is_known = has_it(request, etag);
    let etag = (header::ETAG, etag);
    let mut response = if is_known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response.insert_header(cache).insert_header(etag);
    response.insert_header((header::VARY, "Accept-Encoding"));
    // An image that is opened directly is a separate document and needs its own policy.
    // A 304 response needs the policy too, since its headers replace those in the browser's cache.
    if asset.content_type.starts_with("image/") {
        response.insert_header((header::CONTENT_SECURITY_POLICY, PICTURE_POLICY));
    }
    if is_known {
        return response.finish();
    }
    response.content_type(asset.content_type);
    match gzip {
        Some(gzip) => response
            .insert_header((header::CONTENT_ENCODING, "gzip"))
            .body(gzip.clone()),
        None => response.body(asset.bytes.clone()),
    }
}

/// A response may be cached forever only if the URL contains the hash of this file. During an
/// upgrade, an old process may receive a request for the new file's URL and return the old file.
fn cache_control(request: &HttpRequest, asset: &Asset) -> &'static str {
    let version = request.query_string().strip_prefix("v=");
    if version == Some(asset.etag.trim_matches('"')) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

fn has_it(request: &HttpRequest, etag: &str) -> bool {
    let Ok(current) = etag.parse::<EntityTag>() else {
        return false;
    };
    match IfNoneMatch::parse(request) {
        // An absent header parses as an empty list.
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|tag| tag.weak_eq(&current)),
        Ok(IfNoneMatch::Any) => true,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use actix_web::http::StatusCode;
    use actix_web::test::TestRequest;

    use super::*;
    use crate::web::assets::css_href;

    async fn get(name: &str, query: &str, known: Option<&str>) -> HttpResponse {
        let mut request = TestRequest::with_uri(&format!("/static/{name}{query}"));
        if let Some(known) = known {
            request = request.insert_header((header::IF_NONE_MATCH, known));
        }
        serve(Path::from(name.to_owned()), request.to_http_request()).await
    }

    fn header_of(response: &HttpResponse, name: header::HeaderName) -> &str {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    #[actix_web::test]
    async fn a_file_is_cached_forever_only_under_its_hash() {
        let hashed = css_href()
            .strip_prefix("/static/app.css")
            .expect("the path of app.css");
        let response = get("app.css", hashed, None).await;
        assert_eq!(
            header_of(&response, header::CACHE_CONTROL),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(
            header_of(&response, header::CONTENT_TYPE),
            "text/css; charset=utf-8"
        );
        let body = to_bytes(response.into_body())
            .await
            .expect("a body in memory");
        assert_eq!(body, asset("app.css").expect("one of our files").bytes);
        for query in ["", "?v=", "?v=another"] {
            let response = get("app.css", query, None).await;
            assert_eq!(
                header_of(&response, header::CACHE_CONTROL),
                "no-cache",
                "{query}"
            );
        }
    }

    #[actix_web::test]
    async fn a_cached_file_is_not_sent_again() {
        let etag = &asset("app.js").expect("one of our files").etag;
        for (known, status) in [
            (etag.to_owned(), StatusCode::NOT_MODIFIED),
            (format!("\"old\", W/{etag}"), StatusCode::NOT_MODIFIED),
            ("\"old\"".to_owned(), StatusCode::OK),
            ("nonsense".to_owned(), StatusCode::OK),
        ] {
            let response = get("app.js", "", Some(&known)).await;
            assert_eq!(response.status(), status, "{known}");
        }
    }

    #[actix_web::test]
    async fn a_file_is_compressed_only_if_the_client_accepts_it() {
        let with = |encodings: &str, known: Option<&str>| {
            let mut request = TestRequest::with_uri("/static/app.css")
                .insert_header((header::ACCEPT_ENCODING, encodings));
            if let Some(known) = known {
                request = request.insert_header((header::IF_NONE_MATCH, known));
            }
            serve(Path::from("app.css".to_owned()), request.to_http_request())
        };
        let asset = asset("app.css").expect("one of our files");
        let plain = with("identity", None).await;
        assert_eq!(header_of(&plain, header::CONTENT_ENCODING), "");
        assert_eq!(header_of(&plain, header::VARY), "Accept-Encoding");
        assert_eq!(header_of(&plain, header::ETAG), asset.etag);
        let compressed = with("gzip, br", None).await;
        assert_eq!(header_of(&compressed, header::CONTENT_ENCODING), "gzip");
        assert_eq!(header_of(&compressed, header::VARY), "Accept-Encoding");
        let etag = header_of(&compressed, header::ETAG).to_owned();
        assert_ne!(etag, asset.etag);
        let body = to_bytes(compressed.into_body()).await.expect("a body");
        assert!(body.len() < asset.bytes.len() / 3, "{} bytes", body.len());
        let mut back = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*body), &mut back)
            .expect("valid gzip");
        assert_eq!(back, asset.bytes);
        let known = with("gzip", Some(&etag)).await;
        assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
        let other = with("identity", Some(&etag)).await;
        assert_eq!(other.status(), StatusCode::OK);
    }

    #[actix_web::test]
    async fn an_image_runs_no_script_even_when_revalidated() {
        let icon = asset("icon.svg").expect("one of our files");
        for known in [None, Some(icon.etag.as_str())] {
            let response = get("icon.svg", "", known).await;
            let policy = header_of(&response, header::CONTENT_SECURITY_POLICY);
            assert!(policy.contains("default-src 'none'"), "{known:?}: {policy}");
            assert!(policy.contains("sandbox"), "{known:?}: {policy}");
        }
    }

    #[actix_web::test]
    async fn only_known_files_are_served() {
        for name in ["", "app.css/", "../Cargo.toml", "APP.CSS", "app.css\0"] {
            assert!(asset(name).is_none(), "{name:?}");
        }
        assert_eq!(
            get("absent.css", "", None).await.status(),
            StatusCode::NOT_FOUND
        );
    }
}
