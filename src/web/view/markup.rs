//! Markup that templates cannot produce on their own.

use askama::filters::{Html, HtmlSafeOutput, escape};

/// Escapes an ARN or a similar string. Allows line breaks after colons and slashes, so that narrow
/// pages do not break the string in the middle of a name.
pub fn breakable(text: impl AsRef<str>) -> HtmlSafeOutput<String> {
    let parts = text.as_ref().split_inclusive([':', '/']).map(|part| {
        let Ok(escaped) = escape(part, Html);
        let end = if part.ends_with([':', '/']) {
            "<wbr>"
        } else {
            ""
        };
        format!("{escaped}{end}")
    });
    HtmlSafeOutput(parts.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_wraps_between_its_parts_and_is_escaped() {
        let html = breakable("aws:a/<b>/'c").to_string();
        assert_eq!(html, "aws:<wbr>a/<wbr>&#60;b&#62;/<wbr>&#39;c");
        assert_eq!(breakable("").to_string(), "");
    }
}
