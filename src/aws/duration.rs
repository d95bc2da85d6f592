//! Durations: the lifetimes that we request for credentials and console sessions.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! duration {
    ($(#[$doc:meta])* $name:ident, $error:ident, $maximum:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "u32", into = "u32")]
        pub struct $name(u32);

        #[doc = concat!("The error for a value that is not a valid [`", stringify!($name), "`].")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
        #[error(
            "not a number of seconds from {} to {}",
            $name::MINIMUM.0,
            $name::MAXIMUM.0
        )]
        pub struct $error;

        impl $name {
            /// The shortest duration: 15 minutes.
            pub const MINIMUM: Self = Self(900);
            /// The longest duration, as documented on the type.
            pub const MAXIMUM: Self = Self($maximum);

            /// A duration of `seconds` seconds. Returns an error if it is shorter than `MINIMUM` or
            /// longer than `MAXIMUM`.
            pub const fn from_seconds(seconds: u32) -> Result<Self, $error> {
                if Self::MINIMUM.0 <= seconds && seconds <= Self::MAXIMUM.0 {
                    Ok(Self(seconds))
                } else {
                    Err($error)
                }
            }

            /// The duration in seconds.
            pub const fn seconds(self) -> u32 {
                self.0
            }
        }

        impl TryFrom<u32> for $name {
            type Error = $error;

            fn try_from(seconds: u32) -> Result<Self, $error> {
                Self::from_seconds(seconds)
            }
        }

        impl From<$name> for u32 {
            fn from(duration: $name) -> Self {
                duration.0
            }
        }

        /// Parses a number of seconds. Only digits are allowed: no sign, unit or space.
        impl FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                if !text.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err($error);
                }
                let seconds: u32 = text.parse().map_err(|_| $error)?;
                Self::from_seconds(seconds)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

duration!(
    /// The requested lifetime of a role session or console session: 900 to 43,200 seconds (15
    /// minutes to 12 hours). This is the range of `DurationSeconds` in the STS operations for
    /// roles, and of `SessionDuration` at the federation endpoint.
    SessionDuration,
    SessionDurationError,
    43_200
);
duration!(
    /// The requested lifetime of credentials of any kind: 900 to 129,600 seconds (15 minutes to 36
    /// hours). This is the range of `DurationSeconds` in GetFederationToken and GetSessionToken; no
    /// other operation allows more.
    TokenDuration,
    TokenDurationError,
    129_600
);

impl SessionDuration {
    /// One hour: the default duration in the STS operations for roles, and the lowest possible
    /// `MaxSessionDuration` of a role.
    pub const HOUR: Self = Self(3600);
}

impl From<SessionDuration> for TokenDuration {
    fn from(duration: SessionDuration) -> Self {
        Self(duration.0)
    }
}

impl TokenDuration {
    /// The duration for a role session: this duration, but at most 12 hours.
    pub fn of_session(self) -> SessionDuration {
        SessionDuration(self.0.min(SessionDuration::MAXIMUM.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn must_be_between_15_minutes_and_12_hours() {
        for seconds in ["900", "3600", "43200", "0900"] {
            assert!(seconds.parse::<SessionDuration>().is_ok(), "{seconds}");
        }
        for text in [
            "",
            "899",
            "43201",
            "+3600",
            "-3600",
            " 3600",
            "3600s",
            "1e4",
            "3600.0",
            "99999999999",
        ] {
            assert_eq!(
                text.parse::<SessionDuration>(),
                Err(SessionDurationError),
                "{text:?}"
            );
        }
    }

    #[test]
    fn durations_of_user_sessions_extend_to_36_hours() {
        for (seconds, of_session) in [(900, 900), (43_200, 43_200), (129_600, 43_200)] {
            let duration = TokenDuration::from_seconds(seconds).expect("a duration");
            assert_eq!(duration.of_session().seconds(), of_session);
        }
        for seconds in [0, 899, 129_601] {
            let refused = TokenDuration::from_seconds(seconds);
            assert_eq!(refused, Err(TokenDurationError), "{seconds}");
        }
    }

    #[test]
    fn is_validated_as_a_number_in_json() {
        let duration: SessionDuration = serde_json::from_str("3600").expect("a duration");
        assert_eq!(duration, SessionDuration::HOUR);
        assert_eq!(serde_json::to_string(&duration).expect("JSON"), "3600");
        assert!(serde_json::from_str::<SessionDuration>("899").is_err());
        assert!(serde_json::from_str::<SessionDuration>("-1").is_err());
    }
}
