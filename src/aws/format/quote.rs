//! Quote: a value written so that a shell reads it back as it is.
//!
//! Each function appends to a text; values are one line.

/// POSIX shells: everything between single quotes is itself, and a single quote stands outside.
pub(super) fn posix(text: &mut String, value: &str) {
    text.push('\'');
    push_escaped(text, value, |character| {
        (character == '\'').then_some("'\\''")
    });
    text.push('\'');
}

/// fish: between single quotes a backslash escapes itself and a single quote.
pub(super) fn fish(text: &mut String, value: &str) {
    text.push('\'');
    push_escaped(text, value, |character| match character {
        '\\' => Some("\\\\"),
        '\'' => Some("\\'"),
        _ => None,
    });
    text.push('\'');
}

/// PowerShell: between double quotes a backtick escapes itself, the double quote and the dollar
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

/// csh: single quotes hold everything but themselves, the history's `!` and, where
/// `backslash_quote` is set, the backslash. These three stand outside, after a backslash.
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

/// The Windows Command Prompt, without quotes. A caret takes a character's meaning away; but
/// `%name%` is replaced before carets are seen. A name that begins with a caret is the name of
/// nothing, and what names nothing stays: so the character after a `%` gets a caret, too.
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

/// `.env`: bare where every reader agrees that it may be, which holds for all that AWS issues;
/// else as a POSIX shell reads it, in single quotes if there is none inside.
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
