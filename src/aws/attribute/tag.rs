//! Session tag: a key and a value that STS attaches to a session.

use std::str::FromStr;

use serde::Deserialize;

use crate::aws::arn::checked_text;

/// The key of a session tag: 1 to 128 of the characters `[\p{L}\p{Z}\p{N}_.:/=+\-@]`. It must not
/// begin with `aws:`, regardless of case (STS API reference, `Tag`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct TagKey {
    text: String,
}

/// The value of a session tag: up to 256 of the characters that [`TagKey`] allows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct TagValue {
    text: String,
}

/// The error for a string that is not a valid tag key or tag value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be at most {} characters long and contain only letters, digits, spaces and \
     _ . : / = + - @ (a key must be 1 to {} characters long and not begin with aws:)",
    TagValue::LENGTH_MAXIMUM,
    TagKey::LENGTH_MAXIMUM
)]
pub struct TagError;

impl TagKey {
    /// The maximum length of a key, in characters.
    pub const LENGTH_MAXIMUM: usize = 128;

    /// Whether STS treats this key and `other` as the same key. STS ignores the case of letters.
    pub fn is_same_key(&self, other: &Self) -> bool {
        self.text.to_lowercase() == other.text.to_lowercase()
    }
}

/// Letters, numbers, spaces and `_.:/=+-@`. Some combining marks, which `\p{L}` excludes, are also
/// allowed: STS performs the final check, and showing a tag that contains them is harmless.
fn is_tag_character(character: char) -> bool {
    character.is_alphanumeric()
        || (character.is_whitespace() && !character.is_control())
        || "_.:/=+-@".contains(character)
}

impl TagValue {
    /// The maximum length of a value, in characters.
    pub const LENGTH_MAXIMUM: usize = 256;

    /// Makes a valid value from any string. Characters that are not allowed become `-`, and the
    /// string is truncated to 256 characters.
    pub fn nearest(text: &str) -> Self {
        let near = |c: char| if is_tag_character(c) { c } else { '-' };
        Self {
            text: text.chars().take(Self::LENGTH_MAXIMUM).map(near).collect(),
        }
    }
}

fn is_tag_text(text: &str, maximum: usize) -> bool {
    text.chars().count() <= maximum && text.chars().all(is_tag_character)
}

fn is_reserved(key: &str) -> bool {
    key.get(..4)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
}

impl FromStr for TagKey {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Self, TagError> {
        if !text.is_empty() && is_tag_text(text, Self::LENGTH_MAXIMUM) && !is_reserved(text) {
            Ok(Self {
                text: text.to_owned(),
            })
        } else {
            Err(TagError)
        }
    }
}

impl FromStr for TagValue {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Self, TagError> {
        if is_tag_text(text, Self::LENGTH_MAXIMUM) {
            Ok(Self {
                text: text.to_owned(),
            })
        } else {
            Err(TagError)
        }
    }
}

checked_text!(TagKey, TagError);
checked_text!(TagValue, TagError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_accept_letters_of_many_languages() {
        for text in [
            "CostCenter",
            "a b",
            "Müllerstraße 7",
            "経理部",
            "a_b.c:d/e=f+g-h@i",
        ] {
            assert_eq!(text.parse::<TagKey>().expect("a key").as_str(), text);
            assert_eq!(text.parse::<TagValue>().expect("a value").as_str(), text);
        }
        for text in ["a\nb", "a\tb", "<b>", "a*", "a\"b", "a\u{200b}b"] {
            assert_eq!(text.parse::<TagKey>(), Err(TagError), "{text:?}");
            assert_eq!(text.parse::<TagValue>(), Err(TagError), "{text:?}");
        }
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert!("ä".repeat(128).parse::<TagKey>().is_ok());
        assert_eq!("ä".repeat(129).parse::<TagKey>(), Err(TagError));
        assert_eq!("".parse::<TagKey>(), Err(TagError));
        assert!("ä".repeat(256).parse::<TagValue>().is_ok());
        assert_eq!("ä".repeat(257).parse::<TagValue>(), Err(TagError));
        assert!("".parse::<TagValue>().is_ok());
    }

    #[test]
    fn any_text_can_be_turned_into_a_valid_tag_value() {
        let nearest = |text: &str| TagValue::nearest(text).to_string();
        assert_eq!(
            nearest("INC #7 (urgent): can't pay!"),
            "INC -7 -urgent-: can-t pay-"
        );
        assert_eq!(nearest(&"ä".repeat(300)), "ä".repeat(256));
        for text in ["", "a\u{7}b", "<>", "x y"] {
            assert!(nearest(text).parse::<TagValue>().is_ok(), "{text:?}");
        }
    }

    #[test]
    fn the_prefix_aws_is_reserved_in_keys() {
        for key in ["aws:x", "AWS:x", "aws:"] {
            assert_eq!(key.parse::<TagKey>(), Err(TagError), "{key:?}");
        }
        assert!("aws".parse::<TagKey>().is_ok());
        assert!("aäs:".parse::<TagKey>().is_ok());
        assert!("aws:x".parse::<TagValue>().is_ok());
    }
}
