//! Quote: writes a value so that a shell reads it back unchanged.
//!
//! Each function appends the quoted value to `text`. Values contain no line breaks.

/// POSIX shells: everything between single quotes is literal. A single quote itself is written
/// outside the quotes.
pub(super) fn posix(text: &mut String, value: &str) {
    text.push('\'');
    push_escaped(text, value, |character| {
        (character == '\'').then_some("'\\''")
    });
    text.push('\'');
}

/// fish: between single quotes, a backslash escapes itself and the single quote.
pub(super) fn fish(text: &mut String, value: &str) {
    text.push('\'');
    push_escaped(text, value, |character| match character {
        '\\' => Some("\\\\"),
        '\'' => Some("\\'"),
        _ => None,
    });
    text.push('\'');
}

/// PowerShell: between double quotes, a backtick escapes itself, the double quote and the dollar
/// sign (`about_Quoting_Rules`).
pub(super) fn powershell(text: &mut String, value: &str) {
    text.push('"');
    push_escaped(text, value, |character| match character {
        '`' => Some("``"),
        '"' => Some("`\""),
        '$' => Some("`$"),
        _ => None,
    });
    text.push('"');
}

/// csh: single quotes protect everything except the single quote, `!` (history) and, if
/// `backslash_quote` is set, the backslash. These three are written outside the quotes, after a
/// backslash.
pub(super) fn csh(text: &mut String, value: &str) {
    text.push('\'');
    push_escaped(text, value, |character| match character {
        '\'' => Some("'\\''"),
        '!' => Some("'\\!'"),
        '\\' => Some("'\\\\'"),
        _ => None,
    });
    text.push('\'');
}

/// The Windows Command Prompt, without quotes. A caret escapes the next character, but `%name%` is
/// expanded before carets are processed. To prevent this expansion, a caret is inserted between a
/// `%` and the next character: no variable has a name that begins with a caret, and unknown names
/// are left unchanged.
pub(super) fn cmd(text: &mut String, value: &str) {
    let mut after_percent = false;
    for character in value.chars() {
        if after_percent || "^&|<>()\"".contains(character) {
            text.push('^');
        }
        text.push(character);
        after_percent = character == '%';
    }
}

/// `.env`: unquoted if every parser accepts the value unquoted, which is the case for all values
/// that AWS issues. Other values are written in single quotes or, if they contain a single quote,
/// in double quotes.
pub(super) fn dotenv(text: &mut String, value: &str) {
    let is_plain = |character: char| {
        !character.is_ascii()
            || character.is_ascii_alphanumeric()
            || "_-+/=.,:@%".contains(character)
    };
    if value.chars().all(is_plain) {
        text.push_str(value);
    } else if value.contains('\'') {
        text.push('"');
        push_escaped(text, value, |character| match character {
            '\\' => Some("\\\\"),
            '"' => Some("\\\""),
            '$' => Some("\\$"),
            '`' => Some("\\`"),
            _ => None,
        });
        text.push('"');
    } else {
        posix(text, value);
    }
}

fn push_escaped(text: &mut String, value: &str, escaped: fn(char) -> Option<&'static str>) {
    for character in value.chars() {
        match escaped(character) {
            Some(escaped) => text.push_str(escaped),
            None => text.push(character),
        }
    }
}
