//! Reads the message in any of the formats in which people copy or save it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

use crate::cli::Failure;
use crate::saml::response;

/// The maximum size of the input, in bytes.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// The message from the input, in two forms.
#[derive(Debug)]
pub(super) struct Input {
    /// The message as XML.
    pub xml: String,
    /// The message in base64, as in the form field and in the STS call.
    pub field: String,
}

/// The hint for input without a readable SAML response.
const HINT: &str = "pass XML, base64, or the form that the browser posted";
/// The minimum length of a run of base64 that counts as a message, in characters.
const MIN_RUN: usize = 40;

/// Reads the message from a file, or from standard input if `path` is `-`.
pub(super) fn read(path: &Path) -> Result<Input, Failure> {
    let mut octets = Vec::new();
    let opened: io::Result<Box<dyn Read>> = if path == Path::new("-") {
        Ok(Box::new(io::stdin()))
    } else {
        File::open(path).map(|file| Box::new(file) as Box<dyn Read>)
    };
    opened
        .and_then(|input| input.take(MAX_BYTES + 1).read_to_end(&mut octets))
        .map_err(|error| Failure::new(format!("cannot read {}: {error}", path.display())))?;
    if octets.len() as u64 > MAX_BYTES {
        return Err(Failure::new("the message is larger than 4 MiB"));
    }
    let text = text(octets).ok_or_else(|| Failure::new("the message is not text").hint(HINT))?;
    decode(text.trim_start_matches('\u{feff}').trim())
}

/// Decodes the input as UTF-16 if it begins with a UTF-16 byte order mark (as in files that
/// PowerShell writes), and otherwise as UTF-8.
fn text(octets: Vec<u8>) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match octets.get(..2) {
        Some([0xff, 0xfe]) => u16::from_le_bytes,
        Some([0xfe, 0xff]) => u16::from_be_bytes,
        _ => return String::from_utf8(octets).ok(),
    };
    let (pairs, rest) = octets.as_chunks::<2>();
    let units: Vec<_> = pairs.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16(&units).ok().filter(|_| rest.is_empty())
}

fn decode(text: &str) -> Result<Input, Failure> {
    if text.is_empty() {
        return Err(Failure::new("there is no message").hint(HINT));
    }
    let named = text
        .find("SAMLResponse")
        .map(|at| &text[at + "SAMLResponse".len()..]);
    if text.starts_with('<') && named.is_none() {
        return Ok(Input {
            xml: text.to_owned(),
            field: STANDARD.encode(text),
        });
    }
    if named.is_none() && text.contains("SAMLRequest") {
        let failure = Failure::new("this is a SAMLRequest, not a SAMLResponse");
        return Err(failure.hint(HINT));
    }
    let field = field(named.unwrap_or(text)).ok_or_else(|| {
        Failure::new("the input contains no base64 that could be a message").hint(HINT)
    })?;
    let xml = response::decode(&field).map_err(|refusal| Failure::new(refusal).hint(HINT))?;
    Ok(Input { xml, field })
}

/// Finds the first long run of base64 in `text`, which may be a form (percent-encoded or not), a
/// command line, JSON, an HTML page, an e-mail or a copy from developer tools.
fn field(text: &str) -> Option<String> {
    let text = unescaped(text);
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=-_".contains(c);
    let runs = text.split(|c: char| !is_base64(c) && !c.is_ascii_whitespace());
    let joined = runs.map(|run| run.split_ascii_whitespace().collect::<String>());
    let mut runs = joined.map(|run| run.trim_start_matches('=').to_owned());
    let run = runs.find(|run| run.len() >= MIN_RUN)?;
    // Some tools use the URL-safe alphabet (RFC 4648, 5).
    Some(run.replace('-', "+").replace('_', "/"))
}

/// Undoes the escaping of base64 in forms, HTML and JSON.
fn unescaped(text: &str) -> String {
    let text = percent_decode_str(text).decode_utf8_lossy();
    let text = text
        .replace("\\n", "")
        .replace("\\r", "")
        .replace("\\/", "/");
    [
        ("&#43;", "+"),
        ("&#x2b;", "+"),
        ("&#x2B;", "+"),
        ("&#47;", "/"),
        ("&#x2f;", "/"),
    ]
    .into_iter()
    .chain([
        ("&#x2F;", "/"),
        ("&#61;", "="),
        ("&#x3d;", "="),
        ("&#x3D;", "="),
    ])
    .fold(text, |text, (escape, character)| {
        text.replace(escape, character)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = "<samlp:Response ID=\"_a\">ä???>>></samlp:Response>";

    #[test]
    fn a_message_is_read_in_every_encoding() {
        let field = STANDARD.encode(XML);
        assert!(
            field.contains('+') && field.contains('/') && field.contains('='),
            "{field}"
        );
        let escaped = field
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D");
        let html = field.replace('+', "&#x2B;").replace('=', "&#61;");
        let for_addresses = field.replace('+', "-").replace('/', "_");
        let (one, other) = field.split_at(20);
        for text in [
            XML.to_owned(),
            field.clone(),
            format!("\"{field}\""),
            format!("{field}&RelayState=x"),
            for_addresses,
            format!("{one}\r\n  {other}"),
            escaped.clone(),
            format!("SAMLResponse={escaped}&RelayState=x"),
            format!("RelayState=x&SAMLResponse={field}"),
            format!("SAMLResponse: {field}"),
            format!("{{\"SAMLResponse\":\"{field}\",\"RelayState\":\"x\"}}"),
            format!(
                "curl 'https://aws.example.com/saml/acs' --data-raw 'SAMLResponse={escaped}&RelayState=x'"
            ),
            format!("<html><input type=\"hidden\" name=\"SAMLResponse\" value=\"{html}\"></html>"),
        ] {
            let read = decode(&text).unwrap_or_else(|failure| panic!("{text}: {failure}"));
            assert_eq!(read.xml, XML, "{text}");
            assert_eq!(read.field, field, "{text}");
        }
    }

    #[test]
    fn utf_16_text_is_read() {
        for (mark, octets) in [
            ([0xff, 0xfe], u16::to_le_bytes as fn(u16) -> [u8; 2]),
            ([0xfe, 0xff], u16::to_be_bytes),
        ] {
            let units = XML.encode_utf16().flat_map(octets);
            let read = text(mark.into_iter().chain(units).collect());
            assert_eq!(read.unwrap().trim_start_matches('\u{feff}'), XML);
        }
        assert_eq!(text(vec![0xff, 0xfe, 0x20]), None);
        assert_eq!(text(vec![0x80]), None);
    }

    #[test]
    fn input_without_a_message_is_reported() {
        for text in [
            "",
            "nonsense!",
            "SAMLResponse=%",
            "RelayState=x&SAMLResponse=",
            "%ff",
            "public_url = \"https://aws.example.com\"",
        ] {
            let failure = decode(text).unwrap_err();
            assert!(failure.to_string().contains("hint: "), "{failure}");
        }
        let failure =
            decode("SAMLRequest=fZJNT8MwDIbvSPyHKPe2SVfGFrWbBggxCaSJFQ5crCzx1kptUpIUAb+ebBNfFy62")
                .unwrap_err();
        assert!(failure.to_string().contains("this is a SAMLRequest"));
    }
}
