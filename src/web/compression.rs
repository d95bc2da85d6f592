//! Gzip compression (RFC 9110, 8.4.1.3) of responses that contain no secrets.
//!
//! The length of compressed data reveals repetitions. If a page contains both a secret and text
//! that an attacker controls, an attacker who can observe the page's length can guess the secret
//! (BREACH). So a response is compressed only if its handler explicitly requests compression.

use std::io::Write as _;

use actix_web::HttpRequest;
use actix_web::http::header::{AcceptEncoding, Encoding, Header as _};
use flate2::Compression;
use flate2::write::GzEncoder;

/// The minimum size of data that is worth compressing, in bytes.
const WORTH_IT: usize = 1_024;

/// Whether the client explicitly accepts gzip.
pub fn is_accepted(request: &HttpRequest) -> bool {
    let accepted = AcceptEncoding::parse(request).ok();
    let chosen = accepted.and_then(|accepted| {
        let offered = [Encoding::gzip(), Encoding::identity()];
        accepted.negotiate(offered.iter())
    });
    chosen == Some(Encoding::gzip())
}

/// Compresses `text` quickly, for responses that are built for each request. Returns `None` if
/// `text` is too short or would not become smaller.
pub fn quickly(text: &[u8]) -> Option<Vec<u8>> {
    compressed(text, Compression::fast())
}

/// Compresses `text` as much as possible, for files that are compressed once. Returns `None` if
/// `text` is too short or would not become smaller.
pub fn thoroughly(text: &[u8]) -> Option<Vec<u8>> {
    compressed(text, Compression::best())
}

fn compressed(text: &[u8], level: Compression) -> Option<Vec<u8>> {
    if text.len() < WORTH_IT {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 8), level);
    encoder.write_all(text).ok()?;
    let compressed = encoder.finish().ok()?;
    (compressed.len() < text.len()).then_some(compressed)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use actix_web::http::header;
    use actix_web::test::TestRequest;
    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn gzip_is_used_only_if_the_client_accepts_it() {
        for (said, expected) in [
            ("gzip, deflate, br, zstd", true),
            ("br;q=1.0, gzip;q=0.8", true),
            ("*", false),
            ("br", false),
            ("identity", false),
            ("gzip;q=0", false),
            ("", false),
        ] {
            let request = TestRequest::default().insert_header((header::ACCEPT_ENCODING, said));
            assert_eq!(is_accepted(&request.to_http_request()), expected, "{said}");
        }
        assert!(!is_accepted(&TestRequest::default().to_http_request()));
    }

    #[test]
    fn compressed_data_survives_a_round_trip() {
        let text = "a role, and another role; ".repeat(1_000);
        for compressed in [quickly(text.as_bytes()), thoroughly(text.as_bytes())] {
            let compressed = compressed.expect("the text is long enough");
            assert!(compressed.len() < text.len() / 20);
            let mut back = String::new();
            let mut decoder = GzDecoder::new(&*compressed);
            decoder.read_to_string(&mut back).expect("valid gzip");
            assert_eq!(back, text);
        }
    }

    #[test]
    fn data_that_would_not_shrink_is_not_compressed() {
        assert!(quickly(b"short").is_none());
        let noise: Vec<u8> = crate::crypto::random::<2_048>().unwrap().to_vec();
        assert!(thoroughly(&noise).is_none());
    }
}
