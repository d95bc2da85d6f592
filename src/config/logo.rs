use std::path::Path;

use uppsala::parser::Parser;

use super::{Problem, file};

/// The maximum nesting depth of SVG elements.
const MAX_DEPTH: u32 = 64;
/// The signature of PNG files (ISO/IEC 15948, 5.2).
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The namespace of SVG (SVG 2, 5.1).
const SVG: &str = "http://www.w3.org/2000/svg";

/// A logo that replaces rolecall's own.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo {
    /// `image/svg+xml` or `image/png`.
    pub media_type: &'static str,
    /// The file's content, at most 65,536 bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Logo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Logo({}, {} bytes)", self.media_type, self.bytes.len())
    }
}

impl Logo {
    /// The allowed files, as described in mistakes.
    pub(super) const ALLOWED: &str = "the path of an SVG or PNG file of at most 65536 bytes";

    /// Reads the file, which must be SVG or PNG.
    pub(super) fn read(path: &Path) -> Result<Self, Problem> {
        let bytes = file::small(path)?;
        let media_type = if bytes.starts_with(PNG) {
            Some("image/png")
        } else {
            is_svg(&bytes).then_some("image/svg+xml")
        };
        match media_type {
            Some(media_type) => Ok(Self { media_type, bytes }),
            None => Err(format!("{} is neither SVG nor PNG", path.display()).into()),
        }
    }
}

fn is_svg(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let parser = Parser::new().with_max_depth(MAX_DEPTH);
    let parsed = parser.parse(text.trim_start_matches('\u{feff}'));
    let Ok(document) = parsed else {
        return false;
    };
    let root = document.document_element();
    let element = root.and_then(|root| document.element(root));
    element.is_some_and(|element| element.matches_name_ns(SVG, "svg"))
}
