//! Points in time and lengths of time, as people read them.

use chrono::{DateTime, SecondsFormat, Utc};

/// A point in time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Timestamp {
    /// For programs: RFC 3339, in UTC, to the second.
    pub rfc3339: String,
    /// For people, in UTC. The script replaces it by the browser's own time.
    pub text: String,
}

/// A point in time, for programs and for people.
pub fn timestamp(time: DateTime<Utc>) -> Timestamp {
    Timestamp {
        rfc3339: time.to_rfc3339_opts(SecondsFormat::Secs, true),
        text: time.format("%-d %b %Y, %H:%M UTC").to_string(),
    }
}

/// A length of time in hours and minutes, or in seconds where it has a part below the minute.
pub fn duration(seconds: u32) -> String {
    if seconds == 0 || !seconds.is_multiple_of(60) {
        return count(seconds, "second");
    }
    let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
    match (hours, minutes) {
        (hours, 0) => count(hours, "hour"),
        (0, minutes) => count(minutes, "minute"),
        _ => format!("{} {}", count(hours, "hour"), count(minutes, "minute")),
    }
}

fn count(number: u32, unit: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::{duration, timestamp};

    #[test]
    fn a_point_in_time_is_written_twice() {
        let time = "2025-03-04T05:06:07.890+01:00".parse().expect("a time");
        let timestamp = timestamp(time);
        assert_eq!(timestamp.rfc3339, "2025-03-04T04:06:07Z");
        assert_eq!(timestamp.text, "4 Mar 2025, 04:06 UTC");
    }

    #[test]
    fn a_length_of_time_is_in_words() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (900, "15 minutes"),
            (3600, "1 hour"),
            (3660, "1 hour 1 minute"),
            (5400, "1 hour 30 minutes"),
            (5401, "5401 seconds"),
            (43200, "12 hours"),
        ] {
            assert_eq!(duration(seconds), words);
        }
    }
}
