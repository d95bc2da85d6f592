//! StsRefusal: the details of an STS response that made a call fail.

use std::fmt;

/// The maximum length of a message from AWS, or of the reason why there is no message, in
/// characters.
pub(super) const MESSAGE_MAXIMUM: usize = 1_000;

/// Runs of base64 characters that a message quotes from the assertion (or another secret) are
/// removed if they have at least this length.
const ECHO_MINIMUM: usize = 16;

/// The message and the request ID of an STS response that made a call fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StsRefusal {
    /// The message, usually from AWS: at most 1,000 characters. Long quotations from the assertion,
    /// or from another secret in the request, are removed.
    pub message: String,
    /// The request ID from STS, if there is one.
    pub request_id: Option<String>,
}

impl fmt::Display for StsRefusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl StsRefusal {
    /// `assertion` is the assertion or other secret that the request contained. The message may
    /// quote it, so the quotations are removed.
    pub(super) fn new(message: &str, request_id: Option<&str>, assertion: &str) -> Self {
        let message = bounded(&without_echo(message, assertion), MESSAGE_MAXIMUM);
        Self {
            message,
            request_id: request_id.map(str::to_owned),
        }
    }
}

/// Replaces each run of at least [`ECHO_MINIMUM`] base64 characters with `…` if `assertion`
/// contains the run. This is necessary because a `ValidationError` may quote an invalid value.
fn without_echo(message: &str, assertion: &str) -> String {
    let is_base64 =
        |character: char| character.is_ascii_alphanumeric() || "+/=".contains(character);
    let mut kept = String::with_capacity(message.len());
    for piece in message.split_inclusive(|character| !is_base64(character)) {
        let run = piece.trim_end_matches(|character| !is_base64(character));
        if run.len() >= ECHO_MINIMUM && assertion.contains(run) {
            kept.push('…');
            kept.extend(piece.chars().filter(|character| !is_base64(*character)));
        } else {
            kept.push_str(piece);
        }
    }
    kept
}

/// The first `characters` characters of `text`.
pub(super) fn bounded(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_never_repeats_the_assertion() {
        let assertion = "PHNhbWxwOlJlc3BvbnNlIHhtbG5z+/OnNhbWxwPSJ1cm46b2FzaXM==";
        let quoted = format!("Value '{assertion}' at 'sAMLAssertion' is bad");
        assert_eq!(
            without_echo(&quoted, assertion),
            "Value '…' at 'sAMLAssertion' is bad"
        );
        let cut = "starts with PHNhbWxwOlJlc3BvbnNl";
        assert_eq!(without_echo(cut, assertion), "starts with …");
        let other = "role arn:aws:iam::123456789012:role/AVeryLongRoleNameThatIsNotInThere";
        assert_eq!(without_echo(other, assertion), other);
        assert_eq!(without_echo("", assertion), "");
    }

    #[test]
    fn a_message_is_bounded() {
        assert_eq!(
            StsRefusal::new(&"ä ".repeat(2_000), None, "")
                .message
                .chars()
                .count(),
            MESSAGE_MAXIMUM
        );
    }
}
