//! Values: STS parameters, checked against their limits in the STS API reference.

use std::str::FromStr;

use serde::Deserialize;

use crate::aws::arn::{checked_text, is_name_character};

/// The error for an invalid parameter. The field describes valid values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {0}")]
pub struct ValueError(&'static str);

macro_rules! value {
    (@type $(#[$doc:meta])* $name:ident, $what:literal, $lengths:expr, $is_character:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name {
            text: String,
        }

        impl FromStr for $name {
            type Err = ValueError;

            fn from_str(text: &str) -> Result<Self, ValueError> {
                // All allowed characters are ASCII, so the length in bytes is the length in
                // characters.
                if $lengths.contains(&text.len()) && text.chars().all($is_character) {
                    Ok(Self { text: text.to_owned() })
                } else {
                    Err(ValueError($what))
                }
            }
        }

        checked_text!($name, ValueError);
    };
    ($(#[$doc:meta])* $name:ident, $($rest:tt)*) => {
        value!(@type $(#[$doc])* #[derive(Debug)] $name, $($rest)*);
    };
    ($(#[$doc:meta])* secret $name:ident, $($rest:tt)*) => {
        value!(@type $(#[$doc])* $name, $($rest)*);

        /// Hides the value, because anyone who knows it can use it.
        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

value!(
    /// The external ID that a role's trust policy requires of third parties:
    /// `[\w+=,.@:\/-]{2,1224}`.
    secret ExternalId,
    "a string of 2 to 1224 characters that contains only A-Z a-z 0-9 _ + = , . @ : / -",
    (2..=1224),
    |c| is_name_character(c) || ":/".contains(c)
);
value!(
    /// The ARN or the serial number of an MFA device: `[\w+=/:,.@-]{9,256}`.
    MfaSerial,
    "a string of 9 to 256 characters that contains only A-Z a-z 0-9 _ + = / : , . @ -",
    (9..=256),
    |c| is_name_character(c) || ":/".contains(c)
);
value!(
    /// The ID of an access key, `AKIA…` or `ASIA…`: `[\w]{16,128}`.
    AccessKeyId,
    "a string of 16 to 128 characters that contains only letters, digits and _",
    (16..=128),
    |c: char| c.is_ascii_alphanumeric() || c == '_'
);
value!(
    /// The code that an MFA device shows: `\d{6}`.
    secret TokenCode,
    "six digits",
    (6..=6),
    |c: char| c.is_ascii_digit()
);

value!(
    /// The name of a federated user for GetFederationToken: `[\w+=,.@-]{2,32}`.
    FederatedName,
    "a string of 2 to 32 characters that contains only A-Z a-z 0-9 _ + = , . @ -",
    (2..=32),
    is_name_character
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_within_their_limits() {
        let longest = "x".repeat(1224);
        for text in ["ab", "a+b=c,d.e@f:g/h-i_j", &longest] {
            assert!(text.parse::<ExternalId>().is_ok(), "{text}");
        }
        for text in ["", "a", "a b", "ä1", &format!("{longest}x")] {
            assert!(text.parse::<ExternalId>().is_err(), "{text}");
        }
        assert!("GAHT12345678".parse::<MfaSerial>().is_ok());
        assert!(
            "arn:aws:iam::111111111111:mfa/a"
                .parse::<MfaSerial>()
                .is_ok()
        );
        assert!("12345678".parse::<MfaSerial>().is_err());
        assert!("012345".parse::<TokenCode>().is_ok());
        assert!("a+b=c,d.e@f-g".parse::<FederatedName>().is_ok());
        for text in ["", "a", "a b", "a:b", &"x".repeat(33)] {
            assert!(text.parse::<FederatedName>().is_err(), "{text}");
        }
        for text in ["12345", "1234567", "12345a", "١٢٣٤٥٦", ""] {
            assert!(text.parse::<TokenCode>().is_err(), "{text}");
        }
    }
    #[test]
    fn debug_output_hides_codes_and_external_ids() {
        let code: TokenCode = "012345".parse().expect("a code");
        let id: ExternalId = "rolecall-7Qm2".parse().expect("an ID");
        let shown = format!("{code:?} {id:?}");
        assert_eq!(shown, "TokenCode { .. } ExternalId { .. }");
    }
}
