//! The message, however it was got hold of.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use percent_encoding::percent_decode_str;

use crate::cli::Failure;
use crate::saml::response;
use crate::web::form::Form;

/// The most that is read, in bytes.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// The message.
#[derive(Debug)]
pub(super) struct Input {
    /// The message, decoded.
    pub xml: String,
    /// The form field as it was posted, if the input was that: what STS would get.
    pub field: Option<String>,
}

/// Reads a file, or standard input for `-`.
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
    let text = String::from_utf8(octets).map_err(|_| {
        Failure::new("the message is not text")
            .hint("give it as XML, as base64, or as the form SAMLResponse=…")
    })?;
    decode(text.trim_start_matches('\u{feff}').trim())
}

fn decode(text: &str) -> Result<Input, Failure> {
    if text.is_empty() {
        return Err(Failure::new("there is no message"));
    }
    if text.starts_with('<') {
        return Ok(Input {
            xml: text.to_owned(),
            field: None,
        });
    }
    let field = field(text)?;
    let xml = response::decode(&field).map_err(|refusal| {
        Failure::new(format!("{refusal}, nor is it XML or a form"))
            .hint("a SAMLRequest of HTTP-Redirect is deflated, and no response")
    })?;
    Ok(Input {
        xml,
        field: Some(field),
    })
}

/// The field, out of a form as browsers show it, percent-encoded or not.
fn field(text: &str) -> Result<String, Failure> {
    if text.contains("SAMLResponse=") {
        let form = Form::decode(text.as_bytes());
        let field = form.and_then(|form| form.required("SAMLResponse").map(str::to_owned));
        // A `+` that was not encoded has become a space.
        return field
            .map(|field| field.replace(' ', "+"))
            .map_err(|error| Failure::new(format!("the form cannot be read: {error}")));
    }
    if text.contains('%') {
        let decoded = percent_decode_str(text).decode_utf8();
        return decoded
            .map(Cow::into_owned)
            .map_err(|_| Failure::new("the message is not text"));
    }
    // Indented, as mail and chat do it.
    Ok(text.split_ascii_whitespace().collect())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    const XML: &str = "<samlp:Response>ä???>>></samlp:Response>";

    #[test]
    fn every_way_to_write_a_message_is_read() {
        let field = STANDARD.encode(XML);
        assert!(field.contains('+') || field.contains('/'), "{field}");
        let escaped = field
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D");
        let (one, other) = field.split_at(20);
        for text in [
            XML.to_owned(),
            field.clone(),
            format!("{one}\r\n  {other}"),
            escaped.clone(),
            format!("SAMLResponse={escaped}&RelayState=x"),
            format!("RelayState=x&SAMLResponse={field}"),
        ] {
            let read = decode(&text).unwrap_or_else(|failure| panic!("{text}: {failure}"));
            assert_eq!(read.xml, XML, "{text}");
            if let Some(read) = read.field {
                assert_eq!(read, field, "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_message_is_said_to_be_none() {
        for text in [
            "",
            "nonsense!",
            "SAMLResponse=%",
            "RelayState=x&SAMLResponse=",
            "%ff",
        ] {
            decode(text).unwrap_err();
        }
    }
}
