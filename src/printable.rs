//! Makes untrusted text safe for a log line or a terminal.

use std::borrow::Cow;
use std::fmt::Display;

/// The maximum length of the reason for a refusal, in characters.
const MAX_REASON: usize = 400;
/// The maximum length of a [`shown`] text, in characters.
const MAX_SHOWN: usize = 256;

/// At most `maximum` characters of `text`, followed by `…` if `text` is longer. Control characters,
/// invisible characters and characters that change the direction of text are escaped as `\u{…}`.
/// The escaped form counts toward the limit.
pub fn printable(text: &str, maximum: usize) -> String {
    let mut shown = String::new();
    let mut room = maximum;
    for character in text.chars() {
        let escaped = is_invisible(character).then(|| character.escape_unicode());
        let length = escaped.as_ref().map_or(1, ExactSizeIterator::len);
        if length > room {
            shown.push('…');
            break;
        }
        room -= length;
        match escaped {
            Some(escaped) => shown.extend(escaped),
            None => shown.push(character),
        }
    }
    shown
}

/// A name or another text from an identity provider, for a page or a line. At most 256 characters,
/// the maximum of a persistent NameID (saml-core 8.3.7), are shown.
pub fn shown(text: &str) -> String {
    printable(text, MAX_SHOWN)
}

/// A line of JSON with its invisible characters as `\\uXXXX` escapes. A JSON parser reads the same
/// values from it.
pub fn json(line: &str) -> Cow<'_, str> {
    visible(line, |character| {
        match character.encode_utf16(&mut [0; 2]) {
            [high, low] => format!("\\u{high:04x}\\u{low:04x}"),
            units => format!("\\u{:04x}", units[0]),
        }
    })
}

/// A line of text with its invisible characters as `\u{…}` escapes. Line breaks and the escape
/// sequences of terminals stay, because the program writes them itself.
pub fn text(line: &str) -> Cow<'_, str> {
    visible(line, |character| match character {
        '\n' | '\u{1b}' => character.to_string(),
        _ => character.escape_unicode().to_string(),
    })
}

fn visible(line: &str, escaped: impl Fn(char) -> String) -> Cow<'_, str> {
    let line_break = line.strip_suffix('\n').map_or("", |_| "\n");
    let content = &line[..line.len() - line_break.len()];
    if !content.contains(is_invisible) {
        return Cow::Borrowed(line);
    }
    let mut shown = String::with_capacity(line.len() + 16);
    for character in content.chars() {
        if is_invisible(character) {
            shown.push_str(&escaped(character));
        } else {
            shown.push(character);
        }
    }
    shown.push_str(line_break);
    Cow::Owned(shown)
}

/// The reason for a refusal, made printable because it may quote untrusted input.
pub fn reason(error: &dyn Display) -> String {
    printable(&error.to_string(), MAX_REASON)
}

/// Whether the character is a control character, a line or paragraph separator, a zero-width
/// character or a bidirectional control. Such characters could make one value in a log look like
/// another.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::{json, printable, shown, text};

    #[test]
    fn lines_show_what_is_invisible() {
        assert_eq!(text("plain ä\n"), "plain ä\n");
        assert_eq!(text("a\u{202e}b\u{200b}\n"), "a\\u{202e}b\\u{200b}\n");
        assert_eq!(json("{\"a\":\"ä\"}\n"), "{\"a\":\"ä\"}\n");
        let line = "{\"a\":\"b\u{202e}\u{7f}\u{9b}\u{e0041}\"}\n";
        let escaped = json(line);
        assert!(
            escaped.trim_end().chars().all(|c| c.is_ascii_graphic()),
            "{escaped}"
        );
        let read = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
        assert_eq!(read(&escaped), read(line));
        assert_eq!(shown(&"x".repeat(257)).chars().count(), 257);
        assert!(shown(&"x".repeat(257)).ends_with('…'));
    }

    #[test]
    fn text_is_printable_and_bounded() {
        let shown = |text: &str| printable(text, 200);
        assert_eq!(shown("plain ä"), "plain ä");
        assert_eq!(shown("a\r\nb\u{1b}[31m"), "a\\u{d}\\u{a}b\\u{1b}[31m");
        assert_eq!(shown("a\u{202e}b\u{200b}"), "a\\u{202e}b\\u{200b}");
        assert_eq!(shown(&"é".repeat(200)), "é".repeat(200));
        assert_eq!(shown(&"é".repeat(201)), format!("{}…", "é".repeat(200)));
        // The escaped form counts toward the limit.
        assert!(shown(&"\u{e0041}".repeat(200)).chars().count() <= 201);
    }
}
