//! The static files: those in the binary, and the organization's logo and colors.
//!
//! Each URL contains a hash of the file's content, so browsers may cache the file forever.

use std::sync::LazyLock;

use actix_web::web::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::compression;

/// A file under `/static/`.
#[derive(Clone, Debug)]
pub struct Asset {
    /// The file name, such as `app.css`.
    pub name: &'static str,
    /// The media type, with the charset for text.
    pub content_type: &'static str,
    /// The uncompressed content.
    pub bytes: Bytes,
    /// The gzip-compressed content, if compressing the file is worthwhile.
    pub gzip: Option<Bytes>,
    /// The strong entity tag, in quotes (RFC 9110, 8.8.3).
    pub etag: String,
    /// The entity tag of the compressed content, which is a different representation.
    pub gzip_etag: String,
    /// The path and query of the file's URL. The query contains the hash of the content.
    pub href: String,
}

static CSS: LazyLock<Asset> = LazyLock::new(|| {
    let text = include_str!("../../static/app.css");
    Asset::new(
        "app.css",
        "text/css; charset=utf-8",
        without_indentation(text),
    )
});
static JS: LazyLock<Asset> =
    LazyLock::new(|| script("app.js", include_str!("../../static/app.js")));
static PORTAL_JS: LazyLock<Asset> =
    LazyLock::new(|| script("portal.js", include_str!("../../static/portal.js")));
static CREDENTIALS_JS: LazyLock<Asset> = LazyLock::new(|| {
    script(
        "credentials.js",
        include_str!("../../static/credentials.js"),
    )
});
static ICON: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("../../static/icon.svg");
    Asset::new("icon.svg", "image/svg+xml", Bytes::from_static(bytes))
});

fn script(name: &'static str, text: &str) -> Asset {
    let text = without_indentation(text);
    Asset::new(name, "text/javascript; charset=utf-8", text)
}

/// Removes indentation, empty lines, and lines that contain only a `//` comment: only readers of
/// the source need these. No string in the files spans lines, so the meaning does not change.
fn without_indentation(text: &str) -> String {
    let lines = text.lines().map(str::trim_start);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

impl Asset {
    /// Hashes and compresses the content of a file.
    pub fn new(name: &'static str, content_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let version = URL_SAFE_NO_PAD.encode(openssl::sha::sha256(&bytes));
        Self {
            name,
            content_type,
            gzip: compression::thoroughly(&bytes).map(Bytes::from),
            bytes,
            etag: format!("\"{version}\""),
            gzip_etag: format!("\"{version}-gzip\""),
            href: format!("/static/{name}?v={version}"),
        }
    }
}

/// rolecall's own files, which are part of the binary.
pub fn all() -> [&'static Asset; 5] {
    [&CSS, &JS, &PORTAL_JS, &CREDENTIALS_JS, &ICON]
}

/// Finds one of rolecall's own files by its name under `/static/`, such as `app.css`.
pub fn asset(name: &str) -> Option<&'static Asset> {
    all().into_iter().find(|asset| asset.name == name)
}

/// The URL of rolecall's own style sheet.
pub fn css_href() -> &'static str {
    &CSS.href
}

/// The URL of the portal's script.
pub fn portal_js_href() -> &'static str {
    &PORTAL_JS.href
}

/// The URL of the credentials page's script.
pub fn credentials_js_href() -> &'static str {
    &CREDENTIALS_JS.href
}

/// The URL of the script that every page loads.
pub fn js_href() -> &'static str {
    &JS.href
}

/// The URL of rolecall's own icon.
pub fn icon_href() -> &'static str {
    &ICON.href
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 20_000;

    #[test]
    fn each_asset_is_small_and_loads_nothing_external() {
        for asset in all() {
            let Asset { name, bytes, .. } = asset;
            assert!(bytes.len() < LIMIT, "{name} has {} bytes", bytes.len());
            let text = std::str::from_utf8(bytes).expect("UTF-8");
            let text = text.replace("http://www.w3.org/2000/svg", "");
            for foreign in [
                "http:",
                "https:",
                "url(",
                "@import",
                "data:",
                "eval(",
                "innerHTML",
            ] {
                assert!(!text.contains(foreign), "{name} has {foreign}");
            }
        }
        // In addition to `app.js`, each page loads at most one of these scripts.
        for script in [&PORTAL_JS, &CREDENTIALS_JS] {
            let bytes = JS.bytes.len() + script.bytes.len();
            assert!(
                bytes < LIMIT,
                "{} and app.js have {bytes} bytes",
                script.name
            );
        }
    }

    /// Indentation and lines may be removed from a script only if no string in it spans lines.
    #[test]
    fn no_string_in_a_script_spans_lines() {
        for text in [
            include_str!("../../static/app.js"),
            include_str!("../../static/portal.js"),
            include_str!("../../static/credentials.js"),
        ] {
            for line in text.lines() {
                assert!(line.matches('`').count().is_multiple_of(2), "{line}");
                assert!(!line.ends_with('\\'), "{line}");
            }
        }
    }

    #[test]
    fn each_address_leads_to_its_file() {
        for Asset { href, .. } in all() {
            let (name, version) = href
                .strip_prefix("/static/")
                .and_then(|rest| rest.split_once("?v="))
                .expect("the URL contains a version");
            let asset = asset(name).expect("one of our files");
            assert_eq!(asset.etag, format!("\"{version}\""));
        }
    }
}
