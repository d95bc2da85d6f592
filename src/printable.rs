//! Makes untrusted text safe for a log line or a terminal.

use std::fmt::Display;

/// The maximum length of the reason for a refusal, in characters.
const MAX_REASON: usize = 400;

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
    use super::printable;

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
