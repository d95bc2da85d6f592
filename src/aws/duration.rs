//! Session duration.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How long a session is asked to last: 900 to 43,200 seconds (15 minutes to 12 hours), the
/// range of STS's `DurationSeconds` and of the federation endpoint's `SessionDuration`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct SessionDuration(u32);

/// Why a number or a text is not a [`SessionDuration`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a number of seconds from 900 to 43200")]
pub struct SessionDurationError;

impl SessionDuration {
    /// 15 minutes.
    pub const MINIMUM: Self = Self(900);
    /// One hour: what STS grants when nothing is asked, and the smallest maximum a role can have.
    pub const HOUR: Self = Self(3600);
    /// 12 hours.
    pub const MAXIMUM: Self = Self(43_200);

    /// A duration of so many seconds.
    pub const fn from_seconds(seconds: u32) -> Result<Self, SessionDurationError> {
        if Self::MINIMUM.0 <= seconds && seconds <= Self::MAXIMUM.0 {
            Ok(Self(seconds))
        } else {
            Err(SessionDurationError)
        }
    }

    /// The duration in seconds.
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for SessionDuration {
    type Error = SessionDurationError;

    fn try_from(seconds: u32) -> Result<Self, SessionDurationError> {
        Self::from_seconds(seconds)
    }
}

impl From<SessionDuration> for u32 {
    fn from(duration: SessionDuration) -> Self {
        duration.0
    }
}

/// Digits and nothing else: no sign, no unit, no space.
impl FromStr for SessionDuration {
    type Err = SessionDurationError;

    fn from_str(text: &str) -> Result<Self, SessionDurationError> {
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SessionDurationError);
        }
        let seconds: u32 = text.parse().map_err(|_| SessionDurationError)?;
        Self::from_seconds(seconds)
    }
}

impl fmt::Display for SessionDuration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lies_between_15_minutes_and_12_hours() {
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
    fn is_a_checked_number_in_json() {
        let duration: SessionDuration = serde_json::from_str("3600").expect("a duration");
        assert_eq!(duration, SessionDuration::HOUR);
        assert_eq!(serde_json::to_string(&duration).expect("json"), "3600");
        assert!(serde_json::from_str::<SessionDuration>("899").is_err());
        assert!(serde_json::from_str::<SessionDuration>("-1").is_err());
    }
}
