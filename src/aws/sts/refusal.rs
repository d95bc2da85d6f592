//! Refusal: STS's words when it gives no credentials.

use std::fmt;

/// The most characters that are kept of a message of AWS's, or of a reason for its absence.
pub(super) const MESSAGE_MAXIMUM: usize = 1_000;

/// A run of base64 from this length on is looked for in the assertion.
const ECHO_MINIMUM: usize = 16;

/// What STS answered when it did not give credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// AWS's own message, at most 1,000 characters of it. Never any part of the assertion.
    pub message: String,
    /// STS's ID of the request, where it gave one.
    pub request_id: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Refusal {
    /// What STS says about a request that carried `assertion`.
    pub(super) fn new(message: &str, request_id: Option<&str>, assertion: &str) -> Self {
        let message = bounded(&without_echo(message, assertion), MESSAGE_MAXIMUM);
        Self {
            message,
            request_id: request_id.map(str::to_owned),
        }
    }
}

/// The message without what it repeats of the assertion: a `ValidationError` quotes the value that
/// it is about.
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

/// At most so many characters of `text`.
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
            Refusal::new(&"ä ".repeat(2_000), None, "")
                .message
                .chars()
                .count(),
            MESSAGE_MAXIMUM
        );
    }
}
