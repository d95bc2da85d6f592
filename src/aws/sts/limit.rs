//! Limit: the known range of a role's maximum session duration.
//!
//! A role's `MaxSessionDuration` is 3,600 to 43,200 seconds. STS refuses a longer `DurationSeconds`
//! with a `ValidationError`, but the message does not always contain the maximum. Reading the
//! maximum from IAM would require credentials, so we narrow it down by trying shorter durations.

use crate::aws::duration::SessionDuration;

/// The durations in seconds to try, in this order, if STS does not report the maximum. The console
/// offers these values as the maximum for a role. The last duration is the smallest possible
/// maximum, so it is never too long.
const STEPS: [u32; 4] = [28_800, 14_400, 7_200, SessionDuration::HOUR.seconds()];

/// The maximum is at least `granted`, which STS granted, and less than `refused`, which STS
/// refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) granted: SessionDuration,
    pub(super) refused: SessionDuration,
}

impl Limit {
    /// The duration to request from STS if a person requests `requested`.
    pub(super) fn cap(self, requested: SessionDuration) -> SessionDuration {
        if requested < self.refused {
            requested
        } else {
            self.granted
        }
    }

    /// The limit to cache after STS has granted `granted`. `refused` is the last duration that STS
    /// refused earlier in the same call, if any. Returns `None` if nothing new was learned, because
    /// caching the limit again would postpone its expiry.
    pub(super) fn learned(
        known: Option<Self>,
        granted: SessionDuration,
        refused: Option<SessionDuration>,
    ) -> Option<Self> {
        match (refused, known) {
            (Some(refused), _) => Some(Self { granted, refused }),
            (None, Some(known)) if known.granted < granted => Some(Self { granted, ..known }),
            (None, _) => None,
        }
    }
}

/// The duration to request after STS refused `duration` with this message in a `ValidationError`.
/// Returns `None` if the message is about something else, or if no shorter duration could help.
pub(super) fn shorter(duration: SessionDuration, message: &str) -> Option<SessionDuration> {
    if !is_about_duration(message) {
        return None;
    }
    let is_shorter = |seconds: &u32| *seconds < duration.seconds();
    let named = numbers(message)
        .filter(is_shorter)
        .filter(|seconds| *seconds >= SessionDuration::HOUR.seconds())
        .max();
    let seconds = named.or_else(|| STEPS.into_iter().find(is_shorter))?;
    SessionDuration::from_seconds(seconds).ok()
}

pub(super) fn is_about_duration(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("durationseconds") || message.contains("maxsessionduration")
}

fn numbers(message: &str) -> impl Iterator<Item = u32> {
    message
        .split(|character: char| !character.is_ascii_digit())
        .filter_map(|run| run.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OVER: &str =
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";

    fn seconds(seconds: u32) -> SessionDuration {
        seconds.try_into().expect("a duration")
    }

    fn after(asked: u32, message: &str) -> Option<u32> {
        shorter(seconds(asked), message).map(SessionDuration::seconds)
    }

    #[test]
    fn durations_step_down_to_one_hour_at_most() {
        for (asked, next) in [
            (43_200, Some(28_800)),
            (28_801, Some(28_800)),
            (28_800, Some(14_400)),
            (14_400, Some(7_200)),
            (7_200, Some(3_600)),
            (3_601, Some(3_600)),
            (3_600, None),
            (900, None),
        ] {
            assert_eq!(after(asked, OVER), next, "{asked}");
        }
    }

    #[test]
    fn uses_the_maximum_that_the_message_names() {
        for message in [
            "1 validation error detected: Value '43200' at 'durationSeconds' failed to satisfy \
             constraint: Member must have value less than or equal to 10000",
            "DurationSeconds 43200 exceeds the MaxSessionDuration of 10000 set for \
             arn:aws:iam::123456789012:role/a",
        ] {
            assert_eq!(after(43_200, message), Some(10_000), "{message}");
        }
        let below_any_maximum = "DurationSeconds exceeds 1800";
        assert_eq!(after(43_200, below_any_maximum), Some(28_800));
    }

    #[test]
    fn other_validation_errors_are_not_about_the_duration() {
        assert_eq!(
            after(43_200, "Value 'x' at 'roleArn' failed: length of 10000"),
            None
        );
        assert_eq!(after(43_200, ""), None);
    }

    #[test]
    fn a_limit_caps_only_durations_that_were_refused() {
        let limit = Limit {
            granted: seconds(28_800),
            refused: seconds(40_000),
        };
        assert_eq!(limit.cap(seconds(3_600)), seconds(3_600));
        assert_eq!(limit.cap(seconds(30_000)), seconds(30_000));
        assert_eq!(limit.cap(seconds(40_000)), seconds(28_800));
        assert_eq!(limit.cap(seconds(43_200)), seconds(28_800));
    }

    #[test]
    fn only_new_limits_are_stored() {
        let known = Limit {
            granted: seconds(28_800),
            refused: seconds(43_200),
        };
        let learned = |known, granted, refused: Option<u32>| {
            Limit::learned(known, seconds(granted), refused.map(seconds))
        };
        assert_eq!(learned(None, 3_600, None), None);
        assert_eq!(learned(None, 28_800, Some(43_200)), Some(known));
        assert_eq!(learned(Some(known), 28_800, None), None);
        assert_eq!(learned(Some(known), 3_600, None), None);
        assert_eq!(
            learned(Some(known), 36_000, None),
            Some(Limit {
                granted: seconds(36_000),
                ..known
            })
        );
        assert_eq!(
            learned(Some(known), 3_600, Some(28_800)),
            Some(Limit {
                granted: seconds(3_600),
                refused: seconds(28_800)
            })
        );
    }
}
